"""Sequences of different lengths: each gives what it gives alone, in every layer, loss and metric."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jaxnet
from jaxnet import Padded, data, layers, losses, metrics

j = jaxnet
FEATURES = 3

#: layers over (time, 3 features)
LAYERS = {
    "dense": lambda: j.dense(2),
    "activation": lambda: j.tanh,
    "softmax": lambda: j.softmax,
    "layer_norm": lambda: j.layer_norm(),
    "rms_norm": lambda: j.rms_norm(),
    "group_norm": lambda: j.group_norm(3, ndim=1),
    "conv, groups": lambda: j.conv(6, (3,), groups=3),
    "mlp": lambda: j.mlp("3-4-2"),
    "upsample": lambda: j.upsample(2, ndim=1),
    "time_distributed": lambda: j.time_distributed(j.serial(j.flatten(1), j.dense(2))),
    "simple_rnn": lambda: j.simple_rnn(2),
    "lstm": lambda: j.lstm(2, return_sequences=True),
    "lstm, last": lambda: j.lstm(2),
    "lstm by scan": lambda: j.lstm(2, method="scan"),
    "gru": lambda: j.gru(2, return_sequences=True),
    "gru, last": lambda: j.gru(2),
    "bidirectional": lambda: j.bidirectional(j.gru(2, return_sequences=True)),
    "bidirectional, last": lambda: j.bidirectional(j.lstm(2), merge="sum"),
    "conv": lambda: j.conv(2, (3,)),
    "conv, causal": lambda: j.conv(2, (3,), padding=((2, 0),)),
    "conv, strides": lambda: j.conv(2, (3,), strides=2),
    "conv, even": lambda: j.conv(2, (4,), strides=3, method="matmul"),
    "conv, dilation": lambda: j.conv(2, (2,), dilation=3),
    "conv_transpose": lambda: j.conv_transpose(2, (3,), strides=2),
    "conv_transpose, valid": lambda: j.conv_transpose(2, (3,), strides=2, padding="valid"),
    "max_pool, same": lambda: j.max_pool((3,), strides=2, padding="same"),
    "max_pool, half": lambda: j.max_pool((2,), padding="same"),
    "avg_pool, same": lambda: j.avg_pool((4,), strides=3, padding="same"),
    "global_max_pool": lambda: j.global_max_pool(1),
    "global_avg_pool": lambda: j.global_avg_pool(1),
    "residual": lambda: j.residual(j.dense(4), j.relu, j.conv(3, (3,))),
    "parallel": lambda: j.parallel(j.dense(2), j.conv(2, (2,))),
    "parallel, last": lambda: j.parallel(j.gru(2), j.global_max_pool(1)),
    "serial": lambda: j.serial(
        j.conv(3, (3,), strides=2), j.relu, j.max_pool((2,), padding="same"), j.gru(2, return_sequences=True),
        j.dropout(0.5), j.layer_norm(), j.dense(2),
    ),
    "classifier": lambda: j.serial(j.bidirectional(j.lstm(2, return_sequences=True)), j.lstm(3), j.dense(2)),
}  # fmt: skip
every_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
LENGTHS = (1, 7, 4, 2)


def sequences(lengths, seed=0, shape=(FEATURES,)):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(length, *shape)).astype(np.float32) for length in lengths]


def alone(y, index):
    """The entry of one sequence, without its padding."""
    return y.values[index, : y.lengths[index]] if isinstance(y, Padded) else y[index]


@functools.cache
def prepared(make):
    layer = make()
    return layer, layer.init(jax.random.key(1), (7, FEATURES)), jax.jit(layer.apply)


@every_layer
def test_each_sequence_gives_what_it_gives_alone(make):
    layer, params, apply = prepared(make)
    parts = sequences(LENGTHS)
    y = apply(params, data.pad(parts, value=np.nan))
    for index, part in enumerate(parts):
        single = layer.apply(params, part)
        np.testing.assert_allclose(alone(y, index), single, rtol=2e-5, atol=2e-6)


@every_layer
def test_padding_has_no_gradient_and_may_be_nan(make):
    layer, params, _ = prepared(make)
    x = data.pad(sequences(LENGTHS), value=np.nan)

    @jax.jit
    @functools.partial(jax.grad, argnums=(0, 1))
    def slopes(params, values):
        y = layer.apply(params, Padded(values, x.lengths))
        if isinstance(y, Padded):
            return losses.mse(y, jnp.ones_like(y.values)).sum()
        return jnp.square(y - 1).sum()

    by_params, by_values = slopes(params, x.values)
    zeros, _ = slopes(params, data.pad(sequences(LENGTHS)).values)
    for index, length in enumerate(LENGTHS):
        assert not np.any(by_values[index, length:])
        assert np.all(np.isfinite(by_values[index, :length]))
    for one, other in zip(jax.tree.leaves(by_params), jax.tree.leaves(zeros), strict=True):
        assert np.all(np.isfinite(one))
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


PARTS = (
    lambda: j.dense(3), lambda: j.tanh, lambda: j.layer_norm(), lambda: j.conv(3, (3,)),
    lambda: j.gru(3, return_sequences=True), lambda: j.simple_rnn(3, return_sequences=True),
    lambda: j.bidirectional(j.lstm(3, return_sequences=True), merge="mean"),
    lambda: j.avg_pool((2,), padding="same"), lambda: j.residual(j.conv(3, (2,), padding=((1, 0),)), j.relu),
    lambda: j.max_pool((3,), strides=2, padding="same"), lambda: j.time_distributed(j.dense(3)),
)  # fmt: skip
ENDS = (
    lambda: (),
    lambda: (j.lstm(2),),
    lambda: (j.global_avg_pool(1),),
    lambda: (j.global_max_pool(1), j.dense(2)),
)


@settings(max_examples=6)
@given(
    st.lists(st.integers(0, len(PARTS) - 1), min_size=1, max_size=3),
    st.sampled_from(ENDS),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.integers(0, 99),
)
def test_random_networks_on_random_lengths(chosen, end, lengths, seed):
    net = j.serial(*(PARTS[index]() for index in chosen), *end())
    params = net.init(jax.random.key(seed), (max(lengths), FEATURES))
    parts = sequences(lengths, seed)
    y = net.apply(params, data.pad(parts, value=np.inf))
    for index, part in enumerate(parts):
        np.testing.assert_allclose(alone(y, index), net.apply(params, part), rtol=5e-5, atol=1e-5)


def test_ids_images_and_several_batch_axes():
    ids = data.pad([[1, 2, 3], [4]], value=-1)
    net = j.rnn(3, 2, vocabulary=5, features=4)
    params = net.init(jax.random.key(0), (3,))
    np.testing.assert_allclose(net.apply(params, ids)[1], net.apply(params, [4]), rtol=1e-5)
    images = data.pad(sequences((2, 3), shape=(4, 4, 1)))
    net = j.serial(j.time_distributed(j.cnn((2,), 3)), j.gru(2))
    params = net.init(jax.random.key(0), (3, 4, 4, 1))
    single = net.apply(params, images.values[0, :2])
    np.testing.assert_allclose(net.apply(params, images)[0], single, rtol=1e-5, atol=1e-6)
    x = data.pad(sequences((2, 3)))
    nested = Padded(x.values[None], x.lengths[None])
    for layer in (j.lstm(2), j.conv(2, (3,), strides=2), j.bidirectional(j.gru(2, return_sequences=True))):
        params = layer.init(jax.random.key(0), (3, FEATURES))
        flat, deep = layer.apply(params, x), layer.apply(params, nested)
        mapped = jax.vmap(functools.partial(layer.apply, params))(jax.tree.map(jnp.asarray, x))
        for one, other in zip(jax.tree.leaves(flat), jax.tree.leaves(deep), strict=True):
            np.testing.assert_allclose(one, other[0], rtol=1e-6)
        for one, other in zip(jax.tree.leaves(flat), jax.tree.leaves(mapped), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "x", "message"),
    [
        (j.flatten(), data.pad(sequences((2, 3))), "flatten: expected an array, got a Padded"),
        (j.max_pool((2, 2)), data.pad(sequences((2, 3))), "works over 2 axes"),
        (j.global_avg_pool(), data.pad(sequences((2, 3))), "works over 2 axes"),
        (j.dense(2), data.pad([[1.0, 2.0], [3.0]]), "the time axis holds no features"),
        (j.softmax, data.pad([[1.0, 2.0], [3.0]]), "the time axis holds no features"),
        (j.tanh, Padded(np.ones((2, 3)), [0, 3]), "at least one step, got a length of 0"),
        (j.tanh, Padded(np.ones((2, 3)), [4, 3]), "a length of 4 is more than the 3 steps"),
        (j.tanh, Padded(np.ones((2, 3)), [1, 2, 3]), r"lengths \(batch,\), got \(2, 3\) and \(3,\)"),
        (j.max_pool((2,)), data.pad(sequences((1, 3))), "not fit into the shortest sequence, of 1 steps"),
        (j.conv(2, (2,), padding="valid"), data.pad(sequences((1, 3))), "does not fit into the shortest"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(layer, x, message):
    params = layer.init(jax.random.key(0), (3, 3)) if layer.spec.name in ("conv", "dense") else {}
    with pytest.raises(ValueError, match=message):
        layer.apply(params, x)


def test_branches_must_agree_about_time():
    x = data.pad(sequences((1, 3)))
    mixed = j.parallel(j.gru(2), j.time_distributed(j.dense(2)))
    params = [layer.init(jax.random.key(0), (3, FEATURES)) for layer in mixed.spec.layers]
    with pytest.raises(ValueError, match="some of the layers keep the time axis and others do not"):
        mixed.apply(params, x)
    with pytest.raises(ValueError, match="drop the time axis of a Padded"):
        j.residual(j.gru(2)).apply([params[0]], x)
    with pytest.raises(ValueError, match=r"with values \(\.\.\., time, features\)"):
        j.gru(2).apply(params[0], data.pad([[1.0, 2.0], [3.0]]))


def test_lengths_must_be_integers_and_the_lists_must_be_sequences():
    with pytest.raises(TypeError, match="lengths of a Padded to be integers"):
        j.tanh.apply({}, Padded(np.ones((2, 3)), [1.0, 2.0]))
    with pytest.raises(ValueError, match="no step in sequence 1; leave it out"):
        data.pad([[1], []])
    with pytest.raises(ValueError, match="differ in their lengths only"):
        data.pad([[[1]], [[1, 2]]])
    with pytest.raises(ValueError, match="at least one sequence, got none"):
        data.pad([])
    with pytest.raises(TypeError, match="expected a list of sequences, got str"):
        data.pad("abc")


# --- losses and metrics -------------------------------------------------------------------------------

TARGETS = {
    "cross_entropy": lambda rng, n: rng.integers(0, 3, n),
    "binary_cross_entropy": lambda rng, n: rng.integers(0, 2, (n, 3)),
    "kl_divergence": lambda rng, n: rng.dirichlet(np.ones(3), n).astype(np.float32),
    "hinge": lambda rng, n: rng.choice([-1.0, 1.0], (n, 3)),
    "squared_hinge": lambda rng, n: rng.choice([-1.0, 1.0], (n, 3)),
}


def answers(name):
    rng = np.random.default_rng(3)
    make = TARGETS.get(name, lambda rng, n: rng.normal(size=(n, 3)))
    return sequences(LENGTHS), [make(rng, length) for length in LENGTHS]


@pytest.mark.parametrize("name", losses.TABLE)
def test_losses_average_over_real_steps(name):
    outputs, targets = answers(name)
    loss = losses.get(name)
    ours = loss(data.pad(outputs, value=np.nan), data.pad(targets, value=-7))
    theirs = [loss(y[None], t[None])[0] for y, t in zip(outputs, targets, strict=True)]
    np.testing.assert_allclose(ours, theirs, rtol=2e-6)


@pytest.mark.parametrize("metric", [metrics.accuracy, metrics.top_k(2)])
def test_metrics_average_over_real_steps(metric):
    outputs, targets = answers("cross_entropy")
    ours = metric(data.pad(outputs, value=9), data.pad(targets, value=-1))
    theirs = [metric(y[None], t[None])[0] for y, t in zip(outputs, targets, strict=True)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_metrics_of_a_whole_set_count_real_steps():
    outputs, targets = answers("cross_entropy")
    y, t = data.pad(outputs, value=np.nan), data.pad(targets, value=-1)
    flat = np.concatenate(outputs), np.concatenate(targets)
    for metric in (metrics.confusion_matrix, metrics.f1, metrics.precision, metrics.recall):
        np.testing.assert_allclose(metric(y, t), metric(*flat), rtol=1e-6)
    np.testing.assert_array_equal(jax.jit(metrics.confusion_matrix)(y, t), metrics.confusion_matrix(*flat))
    outputs, targets = answers("mse")
    y, t = data.pad(outputs), data.pad(targets)
    flat = np.concatenate(outputs), np.concatenate(targets)
    np.testing.assert_allclose(metrics.r2(y, t), metrics.r2(*flat), rtol=1e-6)


def test_outputs_and_targets_must_have_the_same_lengths():
    y = data.pad(sequences((2, 3)))
    with pytest.raises(ValueError, match="have different lengths"):
        losses.mse(y, data.pad(sequences((3, 3))))
    with pytest.raises(ValueError, match=r"\(batch, time, \.\.\.\)"):
        losses.mse(y, np.ones((2, 4, 3)))
    with pytest.raises(ValueError, match="got a Padded"):
        losses.mse(np.ones((2, 3, 3)), y)


def test_every_layer_that_takes_time_is_tested():
    named = {layer.spec.name for make in LAYERS.values() for layer in _walk(make())}
    refused = {"flatten", "cnn", "reshape", "split"}  # split has several outputs: see its own tests
    assert set(j.specs.CONSTRUCTORS) - refused - {"rnn", "embedding"} <= named
    assert layers is jaxnet.layers


def _walk(layer):
    return j.specs.walk(layer)
