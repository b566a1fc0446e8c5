"""What layers take from the outside: integers of every size, byte orders, refilled arrays, sharded arrays."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import table
from jax.sharding import AxisType, NamedSharding, PartitionSpec

import jaxnet
from jaxnet import activations, backprop, losses

ONE = {"w": jnp.ones((1, 1)), "b": jnp.zeros(1)}
WITH_INTEGERS = {
    "mlp": (jaxnet.mlp("2-1"), [{"w": np.array([[2], [3]]), "b": np.array([1])}], [0.5, 0.5], [3.5]),
    "dense, lists": (jaxnet.dense(1), {"w": [[2], [3]], "b": [1]}, [0.5, 0.5], [3.5]),
    "integer bias": (jaxnet.dense(1), {"w": jnp.ones((2, 1)), "b": np.array([1])}, [0.5, 0.25], [1.75]),
    "conv": (jaxnet.conv(1, (1,)), {"w": np.array([[[4]]]), "b": np.array([1])}, [[0.5]], [[3.0]]),
    "conv_transpose": (
        jaxnet.conv_transpose(1, (1,), use_bias=False), {"w": np.array([[[4]]])}, [[0.25]], [[1.0]],
    ),
    "layer_norm": (
        jaxnet.layer_norm(0.0), {"scale": np.array([2, 2]), "b": np.array([0, 1])}, [0.5, 1.0], [-2.0, 3.0],
    ),
    "simple_rnn": (
        jaxnet.simple_rnn(1, activation="linear"),
        {"w": np.array([[1]]), "u": np.array([[1]]), "b": np.array([0])}, [[0.25], [0.5]], [0.75],
    ),
    "embedding": (jaxnet.embedding(2, 1), {"w": np.array([[7], [8]])}, [1], [[8.0]]),
}  # fmt: skip


@pytest.mark.parametrize("what", WITH_INTEGERS)
def test_integer_parameters_do_not_round_the_inputs(what):
    layer, params, x, expected = WITH_INTEGERS[what]
    got = layer.apply(params, x)
    assert jnp.issubdtype(got.dtype, jnp.floating)
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_a_trace_takes_integer_parameters_too():
    t = backprop.trace(jaxnet.mlp("1-1"), [{"w": np.array([[2]]), "b": np.array([1])}], [0.5], [1.0])
    assert (t.layers[0].z.tolist(), float(t.loss), t.grads[0]["w"].tolist()) == ([2.0], 1.0, [[1.0]])
    params = {"w": np.eye(4, dtype=int)[:1], "u": np.zeros((1, 4), int), "b": np.zeros(4, int)}
    step = backprop.lstm_step(params, [0.5], [0.0], [0.5])
    assert float(step.i[0]) == pytest.approx(1 / (1 + np.exp(-0.5)))


BIG = 3_000_000_000
LARGE = {
    "int64": np.array([[BIG]]),
    "uint64": np.array([[2**63 + 2**62]], np.uint64),
    "uint32": np.array([[BIG]], np.uint32),
    "negative": np.array([[-BIG]]),
    "list": [[BIG]],
    "big-endian floats": np.array([[0.25]], ">f4"),
    "big-endian integers": np.array([[BIG]], ">i8"),
    "big-endian doubles": np.array([[-2.5]], ">f8"),
    "bfloat16": np.array([[0.5]], jnp.bfloat16),
}
THROUGH = {
    "dense": (jaxnet.dense(1), ONE),
    "flatten": (jaxnet.serial(jaxnet.flatten(), jaxnet.dense(1)), [{}, ONE]),
    "residual": (jaxnet.residual(jaxnet.dense(1)), [{"w": jnp.zeros((1, 1)), "b": jnp.zeros(1)}]),
    "mlp": (jaxnet.mlp("1-1"), [ONE]),
    "linear": (jaxnet.linear, {}),
    "dropout": (jaxnet.dropout(0.5), {}),
}


@pytest.mark.parametrize("what", LARGE)
@pytest.mark.parametrize("name", THROUGH)
def test_numbers_arrive_as_they_are(name, what):
    layer, params = THROUGH[name]
    x = LARGE[what]
    expected = np.asarray(x).astype(np.float64)
    np.testing.assert_allclose(np.asarray(layer.apply(params, x), np.float64), expected, rtol=1e-6)


def test_activations_and_losses_take_them_too():
    assert float(activations.relu(BIG)) == 3e9
    assert activations.derivative("relu")(np.array([-BIG, BIG])).tolist() == [0.0, 1.0]
    assert losses.mae(np.array([[0.5]], ">f4"), [[0.0]]).tolist() == [0.5]


def test_an_array_that_is_filled_anew_is_not_looked_at_later():
    net, buffer = jaxnet.dense(256), np.empty((1000, 256), np.float32)
    params = net.init(jax.random.key(0), (256,))
    outputs = []
    for value in range(6):
        buffer[:] = value
        outputs.append(net.apply(params, buffer))
    for value, output in enumerate(outputs):
        fresh = net.apply(params, np.full((1000, 256), value, np.float32))
        np.testing.assert_array_equal(output, fresh)


IDS = {
    "wraps to 1": np.array([2**32 + 1]),
    "unsigned": np.array([2**64 - 1], np.uint64),
    "big-endian": np.array([3], ">i8"),
    "list": [0, BIG],
    "array of JAX": jnp.array([0, 3]),
    "negative": np.array([-1], np.int8),
}


@pytest.mark.parametrize("what", IDS)
def test_ids_outside_the_vocabulary_are_refused(what):
    layer, params = jaxnet.embedding(3, 2), {"w": jnp.ones((3, 2))}
    said = "embedding: expected ids from 0 to 2, got"
    with pytest.raises(ValueError, match=said):
        layer.apply(params, IDS[what])
    with pytest.raises(ValueError, match=said):  # known numbers inside a traced function
        jax.jit(lambda p: layer.apply(p, IDS[what]))(params)
    with pytest.raises(ValueError, match=said):
        jax.grad(lambda p: layer.apply(p, IDS[what]).sum())(params)


def test_ids_of_every_integer_type_are_the_same_ids():
    layer, params = jaxnet.embedding(3, 2), {"w": jnp.arange(6.0).reshape(3, 2)}
    for dtype in (">i8", "u8", "i1", "i4"):
        assert layer.apply(params, np.array([2, 0], dtype)).tolist() == [[4.0, 5.0], [0.0, 1.0]]
    traced = jax.jit(lambda a: layer.apply(params, [a, 0]))(2)
    assert traced.tolist() == [[4.0, 5.0], [0.0, 1.0]]
    assert layer.apply(params, np.zeros((0,), int)).shape == (0, 2)


@pytest.mark.parametrize("name", [n for n in table.LAYERS if n not in ("activations", "conv by products")])
def test_arrays_sharded_over_an_explicit_axis(name):
    """``apply`` and its gradient: equal to those of one device, and the output stays sharded."""
    case = table.LAYERS[name]
    layer, key = case.make(), jax.random.key(3) if case.draws else None
    params, x = layer.init(jax.random.key(0), case.in_shape), jnp.asarray(case.inputs(4))

    @functools.partial(jax.value_and_grad, has_aux=True)
    def value(params, x):
        y = layer.apply(params, x, key=key)
        return jnp.sum(jnp.sin(y)), y

    (_, plain), slope = jax.jit(value)(params, x)
    mesh = jax.make_mesh((2,), ("data",), axis_types=(AxisType.Explicit,))
    with jax.set_mesh(mesh):
        sharded = jax.device_put(x, NamedSharding(mesh, PartitionSpec("data")))
        copies = jax.device_put(params, NamedSharding(mesh, PartitionSpec()))
        (_, got), found = jax.jit(value)(copies, sharded)
    assert jax.typeof(got).sharding.spec[0] == "data"
    for a, b in zip(jax.tree.leaves((got, found)), jax.tree.leaves((plain, slope)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("net", [jaxnet.lstm(3), jaxnet.gru(3, return_sequences=True)], ids=["lstm", "gru"])
def test_a_recurrence_on_an_explicit_axis_without_jit(net):
    params, x = net.init(jax.random.key(0), (5, 2)), jax.random.normal(jax.random.key(1), (4, 5, 2))
    slope = jax.grad(lambda p, x: jnp.sum(net.apply(p, x) ** 2))
    mesh = jax.make_mesh((2,), ("data",), axis_types=(AxisType.Explicit,))
    with jax.set_mesh(mesh):
        sharded = jax.device_put(x, NamedSharding(mesh, PartitionSpec("data")))
        got = slope(jax.device_put(params, NamedSharding(mesh, PartitionSpec())), sharded)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), got, slope(params, x))
