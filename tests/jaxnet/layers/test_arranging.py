"""Layers with several inputs and outputs: split, reshape, upsample, parallel by name, slices, activations."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet
from jaxnet import specs

KEY = jax.random.key(0)
NET = jaxnet.serial(
    jaxnet.parallel({"a": jaxnet.dense(8), "b": jaxnet.dense(4)}, merge="concat"),
    jaxnet.relu,
    jaxnet.parallel({"cls": jaxnet.dense(2), "reg": jaxnet.dense(1)}),
)
SHAPE = {"a": (3,), "b": (2,)}


def test_a_network_of_several_inputs_and_outputs_equals_its_parts():
    params = NET.init(KEY, SHAPE)
    a, b = np.ones((5, 3), np.float32), np.full((5, 2), 2.0, np.float32)
    found = NET.apply(params, {"a": a, "b": b})
    (pa, pb), _, (pc, pr) = params
    hidden = jax.nn.relu(jnp.concatenate([a @ pa["w"] + pa["b"][None], b @ pb["w"] + pb["b"][None]], 1))
    np.testing.assert_allclose(found["cls"], hidden @ pc["w"] + pc["b"][None], rtol=1e-5)
    np.testing.assert_allclose(found["reg"], hidden @ pr["w"] + pr["b"][None], rtol=1e-5)
    assert NET.out_shape(SHAPE) == {"cls": (2,), "reg": (1,)}
    assert specs.from_spec(specs.to_spec(NET)) is NET


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ({"a": np.ones((1, 3))}, r"in layer 0 \(parallel\): expected the inputs a, b, got a"),
        ({"a": np.ones((1, 3)), "c": np.ones((1, 2))}, "expected the inputs a, b, got a, c"),
        ({"a": np.ones((1, 3)), "b": np.ones((1, 9))}, r"in layer b \(dense 4\): dense: expected x of shape"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(x, words):
    with pytest.raises(ValueError, match=words):
        NET.apply(NET.init(KEY, SHAPE), x)


def test_one_array_is_expected_where_a_layer_takes_one():
    net = jaxnet.serial(jaxnet.dense(2))
    with pytest.raises(TypeError, match=r"in layer 0 \(dense 2\): expected one array, got the arrays a, b"):
        net.init(KEY, SHAPE)


def test_split_reshape_upsample():
    x = jnp.arange(12.0).reshape(2, 6)
    parts = jaxnet.split({"mean": 4, "rest": 2}).apply({}, x)
    np.testing.assert_array_equal(jnp.concatenate([parts["mean"], parts["rest"]], 1), x)
    assert jaxnet.reshape((2, 3)).apply({}, x)[1].tolist() == x[1].reshape(2, 3).tolist()
    image = jnp.arange(4.0).reshape(1, 2, 2, 1)
    expected = np.kron(np.arange(4.0).reshape(2, 2), np.ones((2, 2)))
    np.testing.assert_array_equal(jaxnet.upsample(2).apply({}, image)[0, :, :, 0], expected)
    assert jaxnet.upsample((1, 3)).out_shape((2, 2, 1)) == (2, 6, 1)
    for layer in (jaxnet.split({"a": 1, "b": 2}), jaxnet.reshape((2, -1)), jaxnet.upsample((1, 3))):
        assert specs.from_spec(specs.to_spec(layer)) is layer


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: jaxnet.split({"a": 1}).apply({}, jnp.ones((2, 3))),
            r"split: expected x of shape \(..., 1\)",
        ),
        (lambda: jaxnet.split([("a", 1), ("a", 2)]), "different names"),
        (lambda: jaxnet.reshape((4, -1)).out_shape((6,)), "has 6 numbers, which do not fit"),
        (lambda: jaxnet.reshape((-1, -1)), "at most one size of -1"),
        (lambda: jaxnet.upsample((2, 2, 2)), "one for each of 2 axes"),
        (lambda: jaxnet.upsample(2).out_shape((4,)), "at least 3 axes"),
    ],
)
def test_arranging_refuses(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_slice_of_a_row_is_a_row_and_activations_are_those_of_each_layer():
    net = jaxnet.serial(jaxnet.dense(4), jaxnet.tanh, jaxnet.dense(2))
    params, x = net.init(KEY, (3,)), np.ones((5, 3), np.float32)
    body = net[:-1]
    assert body is jaxnet.serial(net.spec.layers[0], jaxnet.tanh)
    np.testing.assert_array_equal(body.apply(params[:-1], x), net.activations(params, x)[1])
    np.testing.assert_array_equal(net.activations(params, x)[-1], net.apply(params, x))
    perceptron = jaxnet.mlp("3-4-2", activation="tanh")
    own = perceptron.init(KEY)
    np.testing.assert_array_equal(perceptron.activations(own, x)[-1], perceptron.apply(own, x))
    assert net[0] is net.init
    with pytest.raises(ValueError, match="at least one of the layers"):
        net[3:]


def test_sequences_of_different_lengths_are_split_at_each_step():
    x = jaxnet.data.pad([[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]])
    parts = jaxnet.split({"a": 1, "b": 2}).apply({}, x)
    assert parts["a"].values[1].tolist() == [[4.0], [7.0]]
    assert parts["b"].lengths.tolist() == [1, 2]
    with pytest.raises(ValueError, match="reshape: expected an array, got a Padded"):
        jaxnet.reshape((3,)).apply({}, x)


def test_reshape_takes_a_batch_of_unknown_size():
    (batch,) = jax.export.symbolic_shape("batch")
    x = jax.ShapeDtypeStruct((batch, 6), "float32")
    assert jax.eval_shape(lambda x: jaxnet.reshape((2, -1)).apply({}, x), x).shape == (batch, 2, 3)
