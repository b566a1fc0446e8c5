"""What ``fit`` takes besides data and network: weights, dtypes, transforms, schedules, optimizers."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxnet
from jaxnet import losses
from jaxnet.layers import Layer


def linear(inputs, outputs):
    def init(key, in_shape=None):
        return {"w": jax.random.normal(key, (inputs, outputs)), "b": jnp.zeros(outputs)}

    def apply(params, x, *, key=None):
        return x @ params["w"] + params["b"][None, :]

    return Layer(init, apply)


def squared(outputs, targets):
    return ((outputs - targets) ** 2).mean(axis=1)


def regression(n=50, seed=0):
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, 3)).astype(np.float32)
    y = (x @ np.array([[1.0, -1.0], [2.0, 0.5], [0.0, 3.0]]) + [0.5, -0.25]).astype(np.float32)
    return x, y + 0.1 * draw.normal(size=y.shape).astype(np.float32)


def assert_same(a, b):
    assert jax.tree.structure(a) == jax.tree.structure(b)
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_array_equal(np.asarray(left), np.asarray(right))


def assert_close(a, b, rtol=1e-5, atol=1e-6):
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_allclose(np.asarray(left), np.asarray(right), rtol=rtol, atol=atol)


def test_sample_weights_are_repetitions():
    # an integer weight in a full batch is the example that many times
    x, y = regression(12)
    counts = np.array([1, 2, 3] * 4)
    options = dict(loss=squared, optimizer="sgd", learning_rate=0.1, epochs=5, key=jax.random.key(0))
    net, params = linear(3, 2), linear(3, 2).init(jax.random.key(1))
    weighted = jaxnet.fit(net, (x, y), batch_size=12, sample_weights=counts, params=params, **options)
    rows = np.repeat(np.arange(12), counts)
    repeated = jaxnet.fit(net, (x[rows], y[rows]), batch_size=24, params=params, **options)
    assert_close(weighted.params, repeated.params)
    np.testing.assert_allclose(weighted.history["loss"], repeated.history["loss"], rtol=1e-5)


@pytest.mark.parametrize(
    "given", ["balanced", {0: 2.0, 1: 0.5}, np.array([2.0, 0.5])], ids=["balanced", "dict", "array"]
)
def test_class_weights_are_sample_weights(given):
    x, _ = regression(20)
    y = np.array([0] * 5 + [1] * 15)
    table = [20 / (2 * 5), 20 / (2 * 15)] if isinstance(given, str) else [2.0, 0.5]
    options = dict(loss=losses.cross_entropy, epochs=2, batch_size=8, key=jax.random.key(0))
    by_class = jaxnet.fit(linear(3, 2), (x, y), class_weights=given, **options)
    by_sample = jaxnet.fit(linear(3, 2), (x, y), sample_weights=np.array(table)[y], **options)
    assert_same(by_class.params, by_sample.params)


@pytest.mark.parametrize("given", ["balanced", {-1: 2.0}], ids=["labels", "classes"])
def test_class_weights_of_negative_labels_are_refused(given):
    y = np.array([-1, 1] * 10) if given == "balanced" else np.array([0, 1] * 10)
    with pytest.raises(ValueError, match="fit: class_weights need labels from 0 on, got -1"):
        jaxnet.fit(
            linear(3, 2), (regression(20)[0], y), loss="cross_entropy", class_weights=given,
            key=jax.random.key(0),
        )  # fmt: skip


def test_bytes_are_transformed_inside_the_program():
    draw = np.random.default_rng(0)
    x = draw.integers(0, 256, (30, 3), np.uint8)
    y = draw.normal(size=(30, 2)).astype(np.float32)
    options = dict(loss=squared, epochs=2, batch_size=8, key=jax.random.key(0), validation=0.2)
    bytewise = jaxnet.fit(linear(3, 2), (x, y), transform=lambda x: x.astype(jnp.float32) / 255, **options)
    floating = jaxnet.fit(linear(3, 2), ((x / 255).astype(np.float32), y), **options)
    assert_close((bytewise.params, bytewise.history), (floating.params, floating.history))
    plain = jaxnet.fit(linear(3, 2), (x, y), **options)  # without a transform: as float32
    assert_same(plain.params, jaxnet.fit(linear(3, 2), (x.astype(np.float32), y), **options).params)


def test_bf16_computes_narrow_and_keeps_wide_parameters():
    seen = []

    def looking(params, x, *, key=None):
        seen.append((params["w"].dtype, x.dtype))
        return x @ params["w"] + params["b"][None, :]

    net, data = Layer(linear(3, 2).init, looking), regression(64)
    options = dict(
        loss=squared, optimizer="sgd", learning_rate=0.1, epochs=20, batch_size=16, key=jax.random.key(0)
    )
    narrow = jaxnet.fit(net, data, compute_dtype=jnp.bfloat16, **options)
    assert set(seen) == {(jnp.dtype("bfloat16"), jnp.dtype("bfloat16"))}
    assert narrow.params["w"].dtype == jnp.float32
    wide = jaxnet.fit(net, data, **options)
    assert_close(narrow.params, wide.params, rtol=0.03, atol=0.03)
    assert not np.array_equal(narrow.params["w"], wide.params["w"])
    outputs = jaxnet.predict(net, narrow.params, data[0], compute_dtype=jnp.bfloat16)
    assert outputs.dtype == jnp.float32


def test_a_schedule_counts_steps():
    # rates 1, 0.5, 0 in steps 0, 1, 2; target 0, input 1: L = z^2 with z = w + b
    schedule = optax.piecewise_constant_schedule(1.0, {1: 0.5, 2: 0.0})
    seen = []
    run = jaxnet.fit(
        linear(1, 1), ([[1.0]], [[0.0]]), loss=squared, optimizer="sgd", learning_rate=schedule, epochs=3,
        params={"w": jnp.array([[0.25]]), "b": jnp.zeros(1)}, key=jax.random.key(0),
        on_epoch=lambda epoch: seen.append(epoch.params["w"].item() + epoch.params["b"].item()),
    )  # fmt: skip
    # w and b move alike, dz = -rate * 4 z: 0.25 - 1.0 = -0.75; -0.75 + 1.5 = 0.75; then it stays
    assert seen == [-0.75, 0.75, 0.75]
    assert run.history["loss"].tolist() == [0.0625, 0.5625, 0.5625]


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam", "adamw", "rmsprop"])
def test_names_are_optax_rules_with_traced_rates(name):
    rules = {
        "sgd": optax.sgd(0.02), "momentum": optax.sgd(0.02, momentum=0.9), "adam": optax.adam(0.02),
        "adamw": optax.adamw(0.02), "rmsprop": optax.rmsprop(0.02),
    }  # fmt: skip
    options = dict(loss=squared, epochs=2, batch_size=10, key=jax.random.key(0))
    named = jaxnet.fit(linear(3, 2), regression(), optimizer=name, learning_rate=0.02, **options)
    assert_close(
        named.params, jaxnet.fit(linear(3, 2), regression(), optimizer=rules[name], **options).params
    )


def test_clipping_and_accumulation_by_optax():
    x, y = regression(32)
    options = dict(loss=squared, epochs=1, key=jax.random.key(0))
    params = linear(3, 2).init(jax.random.key(1))
    rule = optax.chain(optax.clip_by_global_norm(0.01), optax.sgd(1.0))
    clipped = jaxnet.fit(linear(3, 2), (x, y), optimizer=rule, batch_size=32, params=params, **options)
    moved = optax.tree.norm(jax.tree.map(jnp.subtract, clipped.params, params))
    np.testing.assert_allclose(moved, 0.01, rtol=1e-4)
    # four batches of eight put together are one batch of all
    gathered = optax.MultiSteps(optax.sgd(0.1), every_k_schedule=4)
    small = jaxnet.fit(linear(3, 2), (x, y), optimizer=gathered, batch_size=8, params=params, **options)
    large = jaxnet.fit(
        linear(3, 2), (x, y), optimizer=optax.sgd(0.1), batch_size=32, params=params, **options
    )
    assert_close(small.params, large.params)


def test_l2_may_be_an_array_of_one_number():
    options = dict(loss=squared, epochs=1, key=jax.random.key(0))
    plain = jaxnet.fit(linear(3, 2), regression(20), l2=0.5, **options)
    assert_same(plain.params, jaxnet.fit(linear(3, 2), regression(20), l2=jnp.array(0.5), **options).params)
    with pytest.raises(ValueError, match="fit: l2 must be a number of at least 0, got 'much'"):
        jaxnet.fit(linear(3, 2), regression(20), l2="much", **options)


def test_fit_and_predict_say_that_they_cannot_be_traced():
    x, y = regression(20)

    def train(key):
        return jaxnet.fit(linear(3, 2), (x, y), loss=squared, epochs=1, key=key).params

    for transformed in (jax.jit(train), lambda key: jax.vmap(train)(jax.random.split(key, 2))):
        with pytest.raises(TypeError, match=r"fit: .* cannot be called inside jit or vmap; .* fit_many"):
            transformed(jax.random.key(0))
    with pytest.raises(TypeError, match=r"predict: x is traced, .* net.apply"):
        jax.jit(lambda x: jaxnet.predict(linear(3, 2), {"w": jnp.ones((3, 2)), "b": jnp.ones(2)}, x))(x)


def test_doubles_may_be_weighted():
    x = regression(20)[0].astype(float)
    y = np.array([0] * 5 + [1] * 15)
    params = {"w": np.zeros((3, 2)), "b": np.zeros(2)}
    options = dict(loss="cross_entropy", epochs=1, batch_size=20, params=params, key=jax.random.key(0))
    with jax.enable_x64(True):
        run = jaxnet.fit(linear(3, 2), (x, y), class_weights="balanced", **options)
    np.testing.assert_allclose(run.history["loss"], np.log(2.0), rtol=1e-7)


def test_doubles_are_trained_as_doubles():
    x, y = regression(20)
    with jax.enable_x64(True):
        params = {"w": np.zeros((3, 2)), "b": np.zeros(2)}
        run = jaxnet.fit(
            linear(3, 2), (x.astype(float), y.astype(float)), loss=squared, optimizer="sgd",
            learning_rate=0.2, epochs=400, batch_size=20, params=params, key=jax.random.key(0),
        )  # fmt: skip
        assert run.params["w"].dtype == np.float64
        best = np.linalg.lstsq(np.c_[x.astype(float), np.ones(20)], y.astype(float), rcond=None)[0]
        np.testing.assert_allclose(run.params["w"], best[:3], atol=1e-10)


def test_keys_are_used_once_and_tracers_do_not_leak():
    net = jaxnet.serial(jaxnet.dense(4), jaxnet.dropout(0.5), jaxnet.dense(2), jaxnet.dropout(0.1))
    with jax.debug_key_reuse(True), jax.checking_leaks():
        run = jaxnet.fit(net, regression(16), loss=squared, epochs=2, batch_size=8, key=jax.random.key(0))
    assert np.isfinite(run.history["loss"]).all()


def test_softmax_regression_is_that_of_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    x, _ = regression(90)
    y = (x[:, 0] > 0.3).astype(int) + (x[:, 1] > 0.5)
    run = jaxnet.fit(
        linear(3, 3), (x, y), loss=losses.cross_entropy, optimizer="sgd", learning_rate=0.5, epochs=2000,
        batch_size=90, l2=0.1, key=jax.random.key(0),
    )  # fmt: skip
    # its objective is the sum of the losses and w^2 / (2 C): C = 1 / (n l2)
    peer = linear_model.LogisticRegression(C=1 / (90 * 0.1), tol=1e-10, max_iter=10_000).fit(x, y)
    np.testing.assert_allclose(run.params["w"], peer.coef_.T, atol=1e-4)
    np.testing.assert_allclose(
        run.params["b"] - run.params["b"].mean(), peer.intercept_ - peer.intercept_.mean(), atol=1e-4
    )
