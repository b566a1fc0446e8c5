"""The trace against numbers worked by hand, and against jax.grad for each activation and loss."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet
from jaxnet import activations, backprop, losses


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def test_one_pass_of_2_2_1_by_hand():
    """Every number computed here with scalars only, from the lecture's formulas."""
    x1, x2, target = 1.0, 0.5, 1.0
    (w11, w12), (w21, w22), (b1, b2) = (0.4, -0.6), (0.2, 0.8), (0.1, -0.1)
    v1, v2, c = 0.7, -0.3, 0.05
    z1, z2 = w11 * x1 + w21 * x2 + b1, w12 * x1 + w22 * x2 + b2
    h1, h2 = sigmoid(z1), sigmoid(z2)
    z = v1 * h1 + v2 * h2 + c
    y = sigmoid(z)
    d = 2 * (y - target) * y * (1 - y)
    d1, d2 = d * v1 * h1 * (1 - h1), d * v2 * h2 * (1 - h2)
    assert (round(z1, 6), round(z2, 6), round(y, 4), round(d, 4)) == (0.6, -0.3, 0.5925, -0.1968)

    net = jaxnet.mlp("2-2-1", activation="sigmoid", output="sigmoid")
    params = [
        {"w": jnp.array([[w11, w12], [w21, w22]]), "b": jnp.array([b1, b2])},
        {"w": jnp.array([[v1], [v2]]), "b": jnp.array([c])},
    ]
    t = backprop.trace(net, params, [x1, x2], [target])
    hidden, out = t.layers
    close = {"rtol": 2e-6}
    np.testing.assert_allclose(t.loss, (target - y) ** 2, **close)
    np.testing.assert_allclose(hidden.z, [z1, z2], **close)
    np.testing.assert_allclose(hidden.a, [h1, h2], **close)
    np.testing.assert_allclose(out.z, [z], **close)
    np.testing.assert_allclose(out.a, [y], **close)
    np.testing.assert_allclose(out.da, [2 * (y - target)], **close)
    np.testing.assert_allclose(out.delta, [d], **close)
    np.testing.assert_allclose(out.dw, [[d * h1], [d * h2]], **close)
    np.testing.assert_allclose(out.db, [d], **close)
    np.testing.assert_allclose(hidden.da, [d * v1, d * v2], **close)
    np.testing.assert_allclose(hidden.delta, [d1, d2], **close)
    np.testing.assert_allclose(hidden.dw, [[d1 * x1, d2 * x1], [d1 * x2, d2 * x2]], **close)
    np.testing.assert_allclose(hidden.db, [d1, d2], **close)


CLASSES = {"cross_entropy", "kl_divergence"}
SIGNED = {"hinge", "squared_hinge"}


def targets_for(loss, rng, count, outputs, dtype):
    if loss == "cross_entropy":
        return jnp.asarray(rng.integers(0, outputs, count), jnp.int32)
    if loss in CLASSES:
        return jnp.asarray(rng.dirichlet(np.ones(outputs), count), dtype)
    if loss in SIGNED:
        return jnp.asarray(rng.choice([-1.0, 1.0], (count, outputs)), dtype)
    return jnp.asarray(rng.uniform(0, 1, (count, outputs)), dtype)


def assert_equals_grad(net, params, x, y, loss, tolerance):
    def mean_loss(params):
        return jnp.mean(losses.get(loss)(net.apply(params, x), y))

    value, grads = jax.value_and_grad(mean_loss)(params)
    t = backprop.trace(net, params, x, y, loss=loss)
    np.testing.assert_allclose(t.loss, value, rtol=tolerance, atol=tolerance)
    assert jax.tree.structure(t.grads) == jax.tree.structure(grads)
    for ours, theirs in zip(jax.tree.leaves(t.grads), jax.tree.leaves(grads), strict=True):
        assert ours.dtype == theirs.dtype
        scale = max(1.0, float(jnp.abs(theirs).max()))
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * scale)
    return t


# every pair in double precision; in single precision every activation and every loss once
PAIRS = [(activation, loss, "f64") for activation in activations.TABLE for loss in losses.TABLE]
PAIRS += [(activation, "mse", "f32") for activation in activations.TABLE]
PAIRS += [("tanh", loss, "f32") for loss in losses.TABLE if loss != "mse"]


@pytest.mark.parametrize(("activation", "loss", "precision"), PAIRS)
def test_gradients_equal_jax_grad(activation, loss, precision):
    dtype = jnp.float64 if precision == "f64" else jnp.float32
    with jax.enable_x64(dtype == jnp.float64):
        rng = np.random.default_rng(0)
        net = jaxnet.mlp("3-4-3", activation=activation, output=activation)
        params = [
            {"w": jnp.asarray(rng.normal(size=(i, o)), dtype), "b": jnp.asarray(rng.normal(size=o), dtype)}
            for i, o in ((3, 4), (4, 3))
        ]
        x, y = jnp.asarray(rng.normal(size=(5, 3)), dtype), targets_for(loss, rng, 5, 3, dtype)
        assert_equals_grad(net, params, x, y, loss, 1e-13 if dtype == jnp.float64 else 3e-6)


@pytest.mark.parametrize("sizes", ["4-1", "4-3", "4-3-2", "4-5-5-5-3"])
def test_other_depths_and_no_bias(sizes):
    rng = np.random.default_rng(1)
    x = jnp.asarray(rng.normal(size=(6, 4)), jnp.float32)
    y = jnp.asarray(rng.normal(size=(6, int(sizes[-1]))), jnp.float32)
    for use_bias in (True, False):
        net = jaxnet.mlp(sizes, activation="tanh", output="softplus", use_bias=use_bias)
        t = assert_equals_grad(net, net.init(jax.random.key(0)), x, y, losses.mse, 3e-6)
        assert (t.layers[0].db is None) is (not use_bias)


def test_a_single_example_equals_a_batch_of_one():
    net = jaxnet.mlp("3-4-2", activation="tanh", output="softmax")
    params = net.init(jax.random.key(0))
    x, y = jnp.array([1.0, -2.0, 0.5]), jnp.array([0.2, 0.9])
    one, batch = backprop.trace(net, params, x, y), backprop.trace(net, params, x[None], y[None])
    assert one.x.shape == (3,)
    for a, b in zip(one.layers, batch.layers, strict=True):
        for name in ("z", "a", "da", "delta"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name)[0])
        np.testing.assert_array_equal(a.dw, b.dw)
        np.testing.assert_array_equal(a.db, b.db)
    np.testing.assert_array_equal(one.loss, batch.loss)


def test_a_class_number_as_single_target():
    net = jaxnet.mlp("2-3")
    params = [{"w": jnp.zeros((2, 3)), "b": jnp.zeros(3)}]
    t = backprop.trace(net, params, [1.0, 2.0], 1, loss=losses.cross_entropy)
    np.testing.assert_allclose(t.loss, math.log(3), rtol=1e-6)
    np.testing.assert_allclose(t.layers[0].delta, [1 / 3, -2 / 3, 1 / 3], rtol=1e-6)


def test_serial_of_dense_layers_and_activations():
    net = jaxnet.serial(
        jaxnet.dense(5),
        jaxnet.activation("leaky_relu", slope=0.3),
        jaxnet.dense(4),
        jaxnet.dense(3),
        jaxnet.softmax,
    )
    rng = np.random.default_rng(2)
    x, y = (
        jnp.asarray(rng.normal(size=(7, 4)), jnp.float32),
        jnp.asarray(rng.uniform(size=(7, 3)), jnp.float32),
    )
    t = assert_equals_grad(net, net.init(jax.random.key(0), (4,)), x, y, losses.mse, 3e-6)
    assert len(t.layers) == 3


def test_own_activation_and_loss():
    net = jaxnet.mlp("3-4-2", activation=lambda z: z**3)

    def quartic(outputs, targets):
        return jnp.mean((outputs - targets) ** 4, -1)

    x, y = jnp.array([[1.0, 0.5, -1.0]]), jnp.array([[0.5, 2.0]])
    assert_equals_grad(net, net.init(jax.random.key(3)), x, y, quartic, 3e-6)


def test_under_jit_and_vmap():
    net = jaxnet.mlp("2-3-1", activation="sigmoid", output="sigmoid")
    params = net.init(jax.random.key(0))
    X, Y = jax.random.normal(jax.random.key(1), (5, 2)), jnp.ones((5, 1))
    many = jax.jit(jax.vmap(lambda x, y: backprop.trace(net, params, x, y)))(X, Y)
    for i in range(5):
        one = backprop.trace(net, params, X[i], Y[i])
        for a, b in zip(jax.tree.leaves(many), jax.tree.leaves(one), strict=True):
            np.testing.assert_allclose(a[i], b, rtol=1e-5, atol=1e-7)


NET = jaxnet.mlp("2-2-1")
PARAMS = [{"w": jnp.ones((2, 2)), "b": jnp.zeros(2)}, {"w": jnp.ones((2, 1)), "b": jnp.zeros(1)}]
CUSTOM = jaxnet.Layer(NET.init, NET.apply)
BAD = {
    "custom": (lambda: backprop.trace(CUSTOM, PARAMS, [1.0, 1.0], [1.0]), TypeError, "use jax.grad"),
    "no layer": (lambda: backprop.trace("2-2-1", PARAMS, [1.0, 1.0], [1.0]), TypeError, "got '2-2-1'"),
    "other layers": (
        lambda: backprop.trace(jaxnet.serial(jaxnet.dropout(0.5)), [{}], [1.0], [1.0]),
        TypeError,
        "use jax.grad",
    ),
    "params": (lambda: backprop.trace(NET, PARAMS[:1], [1.0, 1.0], [1.0]), ValueError, "a list of 2 entries"),
    "no w": (lambda: backprop.trace(NET, [{}, {}], [1.0, 1.0], [1.0]), ValueError, "for each dense layer"),
    "chain": (
        lambda: backprop.trace(
            NET, [PARAMS[0], {"w": jnp.ones((3, 1)), "b": jnp.zeros(1)}], [1.0, 1.0], [1.0]
        ),
        ValueError,
        r"got \(3, 1\) and \(1,\) in layer 2",
    ),
    "bias": (
        lambda: backprop.trace(NET, [{**PARAMS[0], "b": jnp.zeros(3)}, PARAMS[1]], [1.0, 1.0], [1.0]),
        ValueError,
        r"got \(2, 2\) and \(3,\) in layer 1",
    ),
    "width": (
        lambda: backprop.trace(NET, PARAMS, [1.0], [1.0]),
        ValueError,
        r"x of shape \(2,\) or \(N, 2\)",
    ),
    "axes": (lambda: backprop.trace(NET, PARAMS, np.ones((1, 1, 2)), [1.0]), ValueError, r"got \(1, 1, 2\)"),
    "empty": (
        lambda: backprop.trace(NET, PARAMS, np.ones((0, 2)), np.ones((0, 1))),
        ValueError,
        "not empty",
    ),
    "nan": (lambda: backprop.trace(NET, PARAMS, [np.nan, 1.0], [1.0]), ValueError, "finite numbers in x"),
    "lengths": (
        lambda: backprop.trace(NET, PARAMS, np.ones((3, 2)), np.ones((2, 1))),
        ValueError,
        "one target for each",
    ),
    "target": (
        lambda: backprop.trace(NET, PARAMS, [1.0, 1.0], [1.0, 2.0]),
        ValueError,
        "mse: expected targets",
    ),
    "loss": (
        lambda: backprop.trace(NET, PARAMS, [1.0, 1.0], [1.0], loss="msee"),
        ValueError,
        "did you mean 'mse'",
    ),
}


@pytest.mark.parametrize(("call", "kind", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_one_sentence(call, kind, message):
    with pytest.raises(kind, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
