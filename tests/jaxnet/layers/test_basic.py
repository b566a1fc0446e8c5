"""One step of convolution, pooling and recurrence worked by hand; methods against each other; bad input."""

import functools
import math
from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.experimental import rnn
from jax.sharding import AxisType, NamedSharding, PartitionSpec

import jaxnet
from jaxnet import specs
from jaxnet.layers import base, recurrences
from jaxnet.layers.cudnn import lstm_states


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def test_conv_by_hand():
    x = jnp.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])[..., None]
    params = {"w": jnp.array([[1.0, 0.0], [0.0, -2.0]])[..., None, None], "b": jnp.array([0.5])}
    # each output: x[i, j] - 2 x[i+1, j+1] + 0.5
    y = jaxnet.conv(1, (2, 2), padding="valid").apply(params, x)[..., 0]
    assert y.tolist() == [[-8.5, -9.5], [-11.5, -12.5]]
    # the gradient of the sum of the outputs by w[m, n] is the sum of the inputs under w[m, n]
    grads = jax.grad(lambda p: jaxnet.conv(1, (2, 2), padding="valid").apply(p, x).sum())(params)
    assert grads["w"][..., 0, 0].tolist() == [[12.0, 16.0], [24.0, 28.0]]
    assert grads["b"].tolist() == [4.0]


def test_conv_strides_and_dilation_by_hand():
    x = jnp.arange(1.0, 8.0)[:, None]
    params = {"w": jnp.array([1.0, 10.0])[:, None, None]}
    layer = jaxnet.conv(1, (2,), strides=2, dilation=3, padding="valid", use_bias=False)
    assert layer.apply(params, x)[:, 0].tolist() == [41.0, 63.0]  # 1 + 10*4, 3 + 10*6
    padded = jaxnet.conv(1, (2,), padding=((1, 0),), use_bias=False)
    assert padded.apply(params, x)[:, 0].tolist() == [10.0, 21.0, 32.0, 43.0, 54.0, 65.0, 76.0]


def test_pooling_by_hand():
    x = jnp.array([[1.0, 2.0, 9.0], [3.0, 4.0, 9.0], [9.0, 9.0, 9.0]])[..., None]
    assert jaxnet.max_pool((2, 2)).apply({}, x)[..., 0].tolist() == [[4.0]]
    assert jaxnet.avg_pool((2, 2)).apply({}, x)[..., 0].tolist() == [[2.5]]
    assert jaxnet.max_pool((2, 2), strides=1).apply({}, x)[..., 0].tolist() == [[4.0, 9.0], [9.0, 9.0]]
    same = jaxnet.avg_pool((2, 2), padding="same").apply({}, x)[..., 0]
    assert same.tolist() == [[2.5, 9.0], [9.0, 9.0]]  # padding does not count
    assert jaxnet.global_avg_pool().apply({}, x).tolist() == [pytest.approx(55 / 9)]
    assert jaxnet.global_max_pool().apply({}, -x).tolist() == [-1.0]


def test_max_pool_gives_the_gradient_of_a_draw_to_the_first():
    x = jnp.array([[3.0, 3.0], [3.0, 3.0]])[..., None]
    slope = jax.grad(lambda x: jaxnet.max_pool((2, 2)).apply({}, x).sum())(x)
    assert slope[..., 0].tolist() == [[1.0, 0.0], [0.0, 0.0]]
    slope = jax.grad(lambda x: jaxnet.max_pool((2, 2)).apply({}, x).sum())(x.at[0, 0].set(0.0))
    assert slope[..., 0].tolist() == [[0.0, 1.0], [0.0, 0.0]]


def test_max_pool_shows_nan():
    for place in range(4):
        x = jnp.zeros(4).at[place].set(jnp.nan).reshape(2, 2, 1)
        assert np.isnan(jaxnet.max_pool((2, 2)).apply({}, x)).all()


def test_lstm_step_by_hand():
    params = {
        "w": jnp.array([[0.5, -1.0, 2.0, 1.0]]),
        "u": jnp.array([[1.0, 0.5, -1.0, 0.25]]),
        "b": jnp.array([0.1, 1.0, 0.0, -0.5]),
    }
    x = [1.0, -2.0]
    c1 = sigmoid(0.6) * math.tanh(2.0)
    h1 = sigmoid(0.5) * math.tanh(c1)
    c2 = sigmoid(3.0 + 0.5 * h1) * c1 + sigmoid(-0.9 + h1) * math.tanh(-4.0 - h1)
    h2 = sigmoid(-2.5 + 0.25 * h1) * math.tanh(c2)
    got = jaxnet.lstm(1, return_sequences=True).apply(params, jnp.array(x)[:, None])
    np.testing.assert_allclose(got[:, 0], [h1, h2], rtol=1e-6)


def test_gru_step_by_hand():
    params = {
        "w": jnp.array([[0.5, -1.0, 2.0]]),
        "u": jnp.array([[1.0, 0.5, -1.0]]),
        "b": jnp.array([0.1, 0.2, 0.3]),
        "c": jnp.array([0.4]),
    }
    x = [1.0, -2.0]
    r, z = sigmoid(0.6), sigmoid(-0.8)
    h1 = (1 - z) * math.tanh(2.3 + r * 0.4)
    r, z = sigmoid(-0.9 + h1), sigmoid(2.2 + 0.5 * h1)
    h2 = (1 - z) * math.tanh(-3.7 + r * (-h1 + 0.4)) + z * h1
    got = jaxnet.gru(1, return_sequences=True).apply(params, jnp.array(x)[:, None])
    np.testing.assert_allclose(got[:, 0], [h1, h2], rtol=1e-6)


def test_simple_rnn_by_hand():
    params = {"w": jnp.array([[2.0]]), "u": jnp.array([[-1.0]]), "b": jnp.array([0.5])}
    layer = jaxnet.simple_rnn(1, activation="relu", return_sequences=True)
    assert layer.apply(params, jnp.array([[1.0], [2.0], [0.0]]))[:, 0].tolist() == [2.5, 2.0, 0.0]


def test_layer_norm_by_hand():
    params = {"scale": jnp.array([1.0, 2.0, 1.0]), "b": jnp.array([0.0, 0.0, 10.0])}
    got = jaxnet.layer_norm(epsilon=0.0).apply(params, jnp.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(got, [-math.sqrt(1.5), 0.0, 10 + math.sqrt(1.5)], rtol=1e-6)


def test_bidirectional_reads_backwards():
    params = {"w": jnp.array([[1.0]]), "u": jnp.array([[1.0]]), "b": jnp.array([0.0])}
    x = jnp.array([[1.0], [2.0], [3.0]])
    sums = jaxnet.simple_rnn(1, activation="linear", return_sequences=True)
    got = jaxnet.bidirectional(sums).apply([params, params], x)
    assert got.tolist() == [[1.0, 6.0], [3.0, 5.0], [6.0, 3.0]]
    ends = jaxnet.bidirectional(jaxnet.simple_rnn(1, activation="linear"), merge="product")
    assert ends.apply([params, params], x).tolist() == [36.0]


def test_lstm_starts_with_an_open_forget_gate():
    params = jaxnet.lstm(3).init(jax.random.key(0), (5, 2))
    assert params["b"].tolist() == [0.0] * 3 + [1.0] * 3 + [0.0] * 6
    u = params["u"].reshape(3, 4, 3)
    for gate in range(4):
        np.testing.assert_allclose(u[:, gate].T @ u[:, gate], np.eye(3), atol=1e-6)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_own_backward_pass_equals_the_plain_one(cell):
    """Under vmap and in double precision, with a second derivative by reverse over reverse."""
    count = {"lstm": 4, "gru": 3}[cell]
    plain, saved = getattr(recurrences, f"{cell}_scan"), getattr(recurrences, f"{cell}_states")
    rng = np.random.default_rng(0)
    with jax.enable_x64(True):
        extra = (jnp.asarray(rng.normal(size=2)),) if cell == "gru" else ()
        arguments = (
            jnp.asarray(rng.normal(size=(3, 5, 4, 2 * count))),
            jnp.asarray(rng.normal(size=(3, 2, 2 * count))),
            *(jnp.broadcast_to(array, (3, *array.shape)) for array in extra),
        )

        def total(states):
            value = lambda *args: jnp.sum(jnp.sin(states(*args)))  # noqa: E731
            slope = jax.grad(value, argnums=tuple(range(len(arguments))))
            second = jax.grad(lambda *args: sum(jnp.sum(part**2) for part in slope(*args)))
            return jax.jit(jax.vmap(lambda *args: (slope(*args), second(*args))))(*arguments)

        jax.tree.map(
            lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12), total(plain), total(saved)
        )


def test_a_gradient_through_a_convolution_is_exported_for_any_batch():
    layer = jaxnet.conv(3, (3, 3))
    params = layer.init(jax.random.key(0), (5, 5, 1))
    slope = jax.jit(jax.grad(lambda params, x: jnp.sum(layer.apply(params, x) ** 2)))
    shape = jax.ShapeDtypeStruct(export.symbolic_shape("n, 5, 5, 1"), jnp.float32)
    shapes = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), params)
    x = jax.random.normal(jax.random.key(1), (20, 5, 5, 1))
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4),
        export.export(slope)(shapes, shape).call(params, x), slope(params, x),
    )  # fmt: skip


@pytest.mark.parametrize("layer", [jaxnet.dense(4), jaxnet.lstm(4), jaxnet.gru(4)], ids=lambda l: l.spec.name)
def test_batches_spread_over_devices_by_name_stay_spread(layer):
    mesh = jax.make_mesh((2,), ("data",), axis_types=(AxisType.Explicit,))
    params, x = layer.init(jax.random.key(0), (6, 3)), jax.random.normal(jax.random.key(1), (8, 6, 3))
    with jax.set_mesh(mesh):
        spread = jax.device_put(x, NamedSharding(mesh, PartitionSpec("data")))
        got = jax.jit(layer.apply)(jax.device_put(params, NamedSharding(mesh, PartitionSpec())), spread)
    assert jax.typeof(got).sharding.spec[0] == "data"
    np.testing.assert_allclose(got, layer.apply(params, x), rtol=1e-5, atol=1e-6)


def test_no_features_give_the_bias_alone():
    layer = jaxnet.dense(2)
    params = {"w": jnp.zeros((0, 2)), "b": jnp.array([1.0, 2.0])}
    assert layer.apply(params, jnp.zeros((3, 1, 0))).tolist() == [[[1.0, 2.0]]] * 3


def test_weights_for_nvidias_library_are_laid_out_as_it_wants_them():
    """Through JAX's own reference for that library, which takes the same arguments apart."""

    def reference(x, h, c, weights, lengths, features, units, layers, dropout, both):
        assert {array.dtype for array in (x, h, c, weights)} == {jnp.dtype(jnp.float32)}  # all it knows
        parts = rnn.unpack_lstm_weights(weights, features, units, layers, both)
        return rnn.lstm_ref(x, h, c, *parts, lengths, features, units, layers, dropout, both)

    layer = jaxnet.lstm(4, return_sequences=True)
    params = layer.init(jax.random.key(0), (6, 3))
    params["b"] = jax.random.normal(jax.random.key(2), (16,))
    x = jax.random.normal(jax.random.key(1), (5, 6, 3))
    got = lstm_states(x, params["w"], params["u"], params["b"], run=reference)
    np.testing.assert_allclose(got, layer.apply(params, x), rtol=1e-5, atol=1e-6)
    half = [array.astype(jnp.bfloat16) for array in (x, params["w"], params["u"], params["b"])]
    narrow = lstm_states(*half, run=reference)
    assert narrow.dtype == jnp.bfloat16
    np.testing.assert_allclose(narrow.astype(np.float32), got, atol=0.03)
    with jax.enable_x64(True), pytest.raises(ValueError, match="'cudnn' computes in float32 and would lose"):
        lstm_states(*(array.astype(jnp.float64) for array in half), run=reference)


@pytest.mark.parametrize("batch", [1, 16, 50])  # one part, two parts, six of unequal length
def test_a_gradient_added_up_over_parts_of_the_batch_is_the_whole_one(batch):
    """The derivative by w of ``method="auto"`` against the compiler's own; forwards and twice, too."""
    with jax.enable_x64(True):
        _compare_methods(batch)


def _compare_methods(batch):
    x = jax.random.normal(jax.random.key(0), (batch, 7, 6, 2), jnp.float64)
    plain, parts = (
        jaxnet.conv(3, (3, 2), strides=2, dilation=(1, 2), padding=((1, 0), (2, 1)), method=method)
        for method in ("lax", "auto")
    )
    params = jax.tree.map(lambda leaf: leaf.astype(jnp.float64), plain.init(jax.random.key(1), x.shape[1:]))

    def derivatives(layer):
        value = lambda params, x: jnp.sum(jnp.sin(layer.apply(params, x)))  # noqa: E731
        slope = jax.grad(value, argnums=(0, 1))
        forwards = jax.jvp(layer.apply, (params, x), (params, x))
        twice = jax.grad(lambda *args: sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(slope(*args))))
        each = jax.vmap(jax.grad(value), in_axes=(None, 0))(params, x[:, None])
        return slope(params, x), forwards, twice(params, x), each

    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11),
        *(jax.jit(functools.partial(derivatives, layer))() for layer in (plain, parts)),
    )


@pytest.mark.parametrize("layer", [
    jaxnet.conv(4, (3,)), jaxnet.conv(4, (3,), method="matmul"), jaxnet.layer_norm(), jaxnet.gru(4),
    jaxnet.lstm(4), jaxnet.avg_pool((3,)), jaxnet.serial(jaxnet.dense(4), jaxnet.gelu),
], ids=lambda layer: layer.spec.name)  # fmt: skip
def test_half_precision_is_close(layer):
    """bf16 has 8 bits: parameters and data cast to it give the same within its rounding."""
    params, x = layer.init(jax.random.key(0), (6, 8)), jax.random.normal(jax.random.key(1), (5, 6, 8))
    half = lambda tree: jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), tree)  # noqa: E731
    wide, narrow = jax.jit(lambda *a: (layer.apply(*a), layer.apply(*half(a))))(params, x)
    assert narrow.dtype == jnp.bfloat16
    np.testing.assert_allclose(narrow.astype(jnp.float32), wide, atol=0.06)


def test_a_layer_reads_as_the_call_that_makes_it():
    net = jaxnet.serial(jaxnet.conv(4, (3, 3), strides=(1, 1)), jaxnet.dropout(0.25), jaxnet.mlp([8, 2]))
    assert repr(net) == "serial(conv(filters=4, kernel=(3, 3)), dropout(rate=0.25), mlp(sizes=(8, 2)))"
    jax.eval_shape(lambda rate: (repr(jaxnet.dropout(rate)), rate)[1], 0.5)  # traced: it cannot be compared


def test_a_changed_layer_keeps_its_spec():
    layer = jaxnet.dense(3)
    other = layer._replace(apply=lambda params, x, *, key=None: -layer.apply(params, x))
    assert other.spec == layer.spec
    assert other.out_shape((2,)) == (3,)


def test_embedding_outside_is_nan_where_it_cannot_be_refused():
    layer = jaxnet.embedding(3, 2)
    params = layer.init(jax.random.key(0), ())
    got = jax.jit(layer.apply)(params, jnp.array([2, 3, -1]))
    assert np.isnan(got).tolist() == [[False] * 2, [True] * 2, [True] * 2]


def test_flatten_in_serial_takes_any_number_of_batch_axes():
    net = jaxnet.serial(jaxnet.conv(2, (3, 3)), jaxnet.max_pool((2, 2)), jaxnet.flatten(), jaxnet.dense(3))
    params = net.init(jax.random.key(0), (4, 6, 1))
    x = jax.random.normal(jax.random.key(1), (2, 5, 4, 6, 1))
    np.testing.assert_allclose(net.apply(params, x)[1, 2], net.apply(params, x[1, 2]), rtol=1e-4, atol=1e-6)
    assert net.spec.layers[0].spec.options["initializer"] is None
    assert jaxnet.cnn((4,), 2).spec.layers[0].spec.options["initializer"] == "he_normal"


@pytest.mark.parametrize("data", [
    {"name": "dens"}, {"name": "dense"}, {"name": "dense", "options": {"unit": 3}}, {"options": {}}, [],
    {"name": "dense", "options": 3}, {"name": "dense", "extra": 1}, {"name": "serial", "layers": 5},
    {"name": "custom"}, {"name": "to_spec"},
], ids=str)  # fmt: skip
def test_foreign_data_is_no_network(data):
    with pytest.raises(ValueError, match=r"specs: |from_spec: "):
        specs.from_spec(data)


def test_functions_of_ones_own_are_no_data():
    net = jaxnet.mlp("2-2-1", activation=jnp.sin)
    with pytest.raises(ValueError, match=r"to_spec: mlp, activation: .* cannot be written"):
        specs.to_spec(net)


ONES = np.ones
CONV = {"w": ONES((3, 3, 2, 4), np.float32), "b": ONES(4, np.float32)}
RNN = jaxnet.lstm(2).init(jax.random.key(0), (3, 5))
REFUSED = {
    "cudnn": (
        lambda: jaxnet.lstm(2, method="cudnn").apply(RNN, ONES((1, 3, 5), np.float32)),
        "needs an NVIDIA GPU",
    ),
    "kernel 3": (lambda: jaxnet.conv(4, 3), r"kernel as \(3, 3\) for images, \(3,\) for .* video, got 3"),
    "4-D kernel": (lambda: jaxnet.conv(4, (3, 3, 3, 3)), r"for video, got \(3, 3, 3, 3\)"),
    "strides": (lambda: jaxnet.conv(4, (3, 3), strides=(1, 2, 3)), "one number, or 2, one per axis"),
    "padding": (lambda: jaxnet.conv(4, (3, 3), padding="some"), "'same', 'valid' or numbers, got 'some'"),
    "pairs": (lambda: jaxnet.conv(4, (3, 3), padding=(1, 1, 1)), "2 numbers or pairs"),
    "method": (lambda: jaxnet.conv(4, (3,), method="fft"), "no method 'fft'"),
    "channels": (lambda: jaxnet.conv(4, (3, 3)).apply(CONV, ONES((5, 5, 1))), r"\(..., size, size, 2\), got"),
    "no channels": (lambda: jaxnet.conv(4, (3, 3)).apply(CONV, ONES((5, 5))), "is the channel axis missing"),
    "too small": (lambda: jaxnet.conv(4, (3, 3), padding="valid").out_shape((2, 2, 1)), "does not fit"),
    "cut": (lambda: jaxnet.conv_transpose(4, (2,), padding=2).out_shape((2, 1)), "cuts off more"),
    "window": (lambda: jaxnet.max_pool(2), r"window as \(2, 2\)"),
    "large window": (lambda: jaxnet.avg_pool((4, 4)).apply({}, ONES((3, 3, 1))), "does not fit"),
    "pool axes": (lambda: jaxnet.max_pool((2, 2)).apply({}, ONES((3, 3))), "height, width, channels"),
    "global axes": (lambda: jaxnet.global_avg_pool().apply({}, ONES(3)), "got \\(3,\\)"),
    "no time": (lambda: jaxnet.lstm(2).apply(RNN, ONES(5)), r"\(..., time, 5\), got \(5,\)"),
    "no steps": (lambda: jaxnet.lstm(2).apply(RNN, ONES((0, 5))), "at least one time step"),
    "features": (lambda: jaxnet.lstm(2).apply(RNN, ONES((3, 4))), r"\(..., time, 5\), got \(3, 4\)"),
    "cell": (lambda: jaxnet.rnn(4, 2, cell="ltsm"), "no cell 'ltsm'; did you mean 'lstm'"),
    "vocabulary": (lambda: jaxnet.embedding(3, 1).apply({"w": ONES((3, 1))}, [3]), "from 0 to 2, got 3 to 3"),
    "residual": (lambda: jaxnet.residual(jaxnet.dense(3)).out_shape((2,)), r"\(2,\) into \(3,\)"),
    "merge": (lambda: jaxnet.parallel(jaxnet.tanh, merge="max"), "no merge 'max'"),
    "shapes": (
        lambda: jaxnet.parallel(jaxnet.dense(2), jaxnet.dense(3), merge="sum").out_shape((4,)),
        r"\(2,\), \(3,\) cannot be merged by 'sum'",
    ),
    "flatten": (lambda: jaxnet.flatten(3).apply({}, ONES((2, 2))), "at least 3 axes"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refuses(what):
    call, words = REFUSED[what]
    with pytest.raises(ValueError, match=words):
        call()


def test_refuses_other_kinds():
    with pytest.raises(TypeError, match="embedding: expected x of integers, got float32"):
        jaxnet.embedding(3, 1).apply({"w": ONES((3, 1))}, ONES(2, np.float32))
    with pytest.raises(TypeError, match="bidirectional: expected simple_rnn"):
        jaxnet.bidirectional(jaxnet.dense(2))


def test_equal_layers_are_one_object_whichever_thread_makes_them():
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: jaxnet.dense(12345), range(64)))
    assert len({id(layer) for layer in made}) == 1
    assert jaxnet.relu is jaxnet.layers.relu is jaxnet.activation("relu")


def test_a_layer_asked_for_again_is_kept_when_the_table_is_full(monkeypatch):
    monkeypatch.setattr(base, "_INTERNED", {})
    monkeypatch.setattr(base, "_MOST_INTERNED", 2)
    first, second = jaxnet.dense(1), jaxnet.dense(2)
    assert jaxnet.dense(1) is first  # a full table, but nothing new
    assert jaxnet.dense(2) is second
    third = jaxnet.dense(3)  # in place of the oldest
    assert (jaxnet.dense(3) is third, jaxnet.dense(2) is second) == (True, True)
    assert jaxnet.dense(1) is not first


def test_there_is_no_layer_of_any_name():
    with pytest.raises(AttributeError, match="no attribute 'reluu'"):
        jaxnet.layers.reluu  # noqa: B018


FACTS = {
    "dropout": (jaxnet.dropout(0.5), (True, 3, "dropout 0.5")),
    "serial with dropout": (jaxnet.serial(jaxnet.dense(2), jaxnet.dropout(0.1)), (True, 3, None)),
    "conv": (jaxnet.conv(4, (3, 5)), (False, 3, "conv 3x5")),
    "flatten": (jaxnet.flatten(2), (False, 2, None)),
    "embedding": (jaxnet.embedding(3, 2), (False, 4, None)),
    "lstm": (jaxnet.lstm(2), (False, 1, None)),
    "sequences": (jaxnet.bidirectional(jaxnet.gru(2, return_sequences=True)), (False, 2, None)),
    "each step": (jaxnet.time_distributed(jaxnet.flatten(2)), (False, 2, None)),
    "own": (jaxnet.Layer(dict, lambda params, x: x), (False, None, None)),
    "own with a key": (jaxnet.Layer(dict, lambda params, x, *, key=None: x), (True, None, None)),
}  # fmt: skip


@pytest.mark.parametrize("what", FACTS)
def test_facts_of_a_layer(what):
    """Whether it draws; how many axes come out of three; its label."""
    layer, expected = FACTS[what]
    assert (layer.facts.draws, layer.facts.axes(3), layer.facts.label) == expected


def test_the_layers_inside_an_mlp_compute_what_it_computes():
    net = jaxnet.mlp("3-4-2", activation="silu", output="sigmoid")
    params, x = net.init(jax.random.key(0)), jnp.array([0.5, -1.0, 2.0])
    y = x
    for layer, own in zip(net.facts.inside.layers, net.facts.inside.params(params), strict=True):
        y = layer.apply(own, y)
    np.testing.assert_allclose(y, net.apply(params, x), rtol=1e-6)
    assert (net.facts.in_shape, net.facts.inside.order) == ((3,), "sequence")
