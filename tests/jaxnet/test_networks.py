"""Whole networks: a step worked by hand, what init gives, and what is refused."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet
from jaxnet import losses, specs


def test_mlp_by_hand():
    net = jaxnet.mlp("2-2-1", activation="relu", output="sigmoid")
    params = [
        {"w": jnp.array([[1.0, -1.0], [2.0, 1.0]]), "b": jnp.array([0.5, -3.0])},
        {"w": jnp.array([[0.5], [4.0]]), "b": jnp.array([-1.25])},
    ]
    # z1 = (1 + 4 + 0.5, -1 + 2 - 3) = (5.5, -2); a1 = (5.5, 0); z2 = 2.75 - 1.25 = 1.5
    np.testing.assert_allclose(net.apply(params, jnp.array([1.0, 2.0])), [1 / (1 + np.exp(-1.5))], rtol=1e-6)


def test_mlp_step_by_hand():
    """One step of gradient descent on a 2-2-1 network with ReLU and mean squared error."""
    net = jaxnet.mlp("2-2-1")
    params = [
        {"w": jnp.array([[1.0, -1.0], [2.0, 1.0]]), "b": jnp.array([0.5, -3.0])},
        {"w": jnp.array([[0.5], [4.0]]), "b": jnp.array([-1.25])},
    ]
    x, t = jnp.array([[1.0, 2.0]]), jnp.array([[1.0]])
    grads = jax.grad(lambda params: losses.mse(net.apply(params, x), t).mean())(params)
    # a1 = (5.5, 0), y = 1.5; dL/dy = 2 (1.5 - 1) = 1; delta1 = (1 * 0.5, 1 * 4 * 0), the second one is dead
    after = jax.tree.map(lambda w, g: w - 0.1 * g, params, grads)
    np.testing.assert_allclose(after[1]["w"][:, 0], [0.5 - 0.55, 4.0], rtol=1e-6)
    np.testing.assert_allclose(after[1]["b"], [-1.35], rtol=1e-6)
    np.testing.assert_allclose(after[0]["w"], [[0.95, -1.0], [1.9, 1.0]], rtol=1e-6)
    np.testing.assert_allclose(after[0]["b"], [0.45, -3.0], rtol=1e-6)


@pytest.mark.parametrize(
    ("activation", "variance"), [("relu", 2 / 600), ("tanh", 2 / 1100), ("selu", 1 / 600)], ids=str
)
def test_mlp_weights_have_the_variance_of_the_activation(activation, variance):
    w, last = (
        layer["w"] for layer in jaxnet.mlp([600, 500, 400], activation=activation).init(jax.random.key(1))
    )
    assert float(w.var()) == pytest.approx(variance, rel=0.02)
    assert float(last.var()) == pytest.approx(2 / 900, rel=0.02)
    assert abs(float(w.mean())) < 4 * np.sqrt(variance / w.size)


def test_mlp_init_is_the_same_under_vmap():
    net = jaxnet.mlp("3-4-2")
    keys = jax.random.split(jax.random.key(0), 3)
    many = jax.vmap(net.init)(keys)
    jax.tree.map(lambda all, one: np.testing.assert_allclose(all[1], one, rtol=1e-6), many, net.init(keys[1]))


def test_equal_calls_are_one_network():
    assert jaxnet.mlp("2-2-1") is jaxnet.mlp([2, 2, 1], activation=jaxnet.activations.relu)
    assert jaxnet.serial(jaxnet.dense(3), jaxnet.relu) is jaxnet.serial(jaxnet.dense(3), jaxnet.relu)
    assert jaxnet.mlp("2-2-1") is not jaxnet.mlp("2-2-1", activation="tanh")


def test_serial_knows_its_neighbours():
    net = jaxnet.serial(jaxnet.dense(4), jaxnet.dropout(0.1), jaxnet.selu, jaxnet.dense(2), jaxnet.softmax)
    assert [layer.spec.options.get("initializer") for layer in net.spec.layers[::3]] == [
        "lecun_normal",
        "glorot_uniform",
    ]
    kept = jaxnet.serial(jaxnet.dense(4, initializer="zeros"), jaxnet.relu)
    assert not kept.init(jax.random.key(0), (3,))[0]["w"].any()


def test_dropout_drops_the_fraction_and_keeps_the_mean():
    x = jnp.full((100, 200), 3.0)
    y = jaxnet.dropout(0.2).apply({}, x, key=jax.random.key(0))
    assert float((y == 0).mean()) == pytest.approx(0.2, abs=0.01)
    np.testing.assert_allclose(y[y != 0], 3.75, rtol=1e-6)
    assert (jaxnet.dropout(0.2).apply({}, x) == x).all()


def test_dropout_layers_differ_and_follow_the_key():
    net = jaxnet.serial(jaxnet.dropout(0.5), jaxnet.serial(jaxnet.dropout(0.5)))
    x = jnp.ones((1000,))
    y = net.apply(net.init(jax.random.key(0), (1000,)), x, key=jax.random.key(3))
    assert float((y == 4).mean()) == pytest.approx(0.25, abs=0.05)  # twice the same mask would give 0.5
    assert (y == net.apply([{}, [{}]], x, key=jax.random.key(3))).all()


def test_dropout_rate_may_be_traced():
    net = jaxnet.serial(jaxnet.dense(50, initializer="ones"), jaxnet.dropout(0.5))
    params = net.init(jax.random.key(0), (1,))

    def kept(rate, key):
        return (
            specs.replace(net, "dropout", rate=rate).apply(params, jnp.ones((40, 1)), key=key) != 0
        ).mean()

    with jax.checking_leaks():
        shares = jax.jit(jax.vmap(kept, in_axes=(0, None)))(jnp.array([0.0, 0.1, 0.9]), jax.random.key(0))
    np.testing.assert_allclose(shares, [1.0, 0.9, 0.1], atol=0.03)


def test_an_error_says_in_which_layer():
    net = jaxnet.serial(jaxnet.dense(3), jaxnet.serial(jaxnet.relu, jaxnet.max_pool((2, 2))))
    with pytest.raises(ValueError, match="max_pool: expected in_shape") as caught:
        net.init(jax.random.key(0), (5,))
    assert str(caught.value).startswith("in layer 1 (serial): in layer 1 (max_pool 2x2): max_pool: ")


def test_a_layer_without_keys_may_be_anywhere_in_training():
    double = jaxnet.Layer(lambda key, in_shape: {}, lambda params, x: 2 * x)
    x, key = jnp.ones((4, 3)), jax.random.key(0)
    for net in (jaxnet.time_distributed(double), jaxnet.parallel(double), jaxnet.serial(double)):
        params = net.init(key, (4, 3))
        assert (net.apply(params, x, key=key) == 2).all()


def test_custom_layer_goes_anywhere():
    double = jaxnet.Layer(
        lambda key, in_shape: {"c": jnp.array(2.0)}, lambda params, x: jnp.concatenate([x, x], -1)
    )
    net = jaxnet.serial(jaxnet.dense(3), double, jaxnet.dropout(0.5), jaxnet.dense(1))
    params = net.init(jax.random.key(0), (2,))
    assert params[3]["w"].shape == (6, 1)
    assert net.apply(params, jnp.ones((5, 2)), key=jax.random.key(1)).shape == (5, 1)
    with pytest.raises(ValueError, match="custom layer cannot be made from data"):
        specs.to_spec(net)


NET = jaxnet.mlp("784-4-2")
PARAMS = NET.init(jax.random.key(0))
OTHER = jaxnet.mlp("784-3-2").init(jax.random.key(0))
FLATTEN = "got (32, 28, 28); flatten it first, or put jaxnet.flatten() in front"
REFUSED = {
    "images": (lambda: NET.apply(PARAMS, np.ones((32, 28, 28))), re.escape(FLATTEN)),
    "params": (lambda: NET.apply(PARAMS[:1], np.ones(784)), "expected parameters as a list of 2 entries"),
    "other net": (
        lambda: NET.apply(OTHER, np.ones(784)),
        r"in layer 0 \(dense 4\): expected w \(784, 4\), got \(784, 3\)",
    ),
    "in_shape": (lambda: NET.init(jax.random.key(0), (28, 28)), r"784\), got \(28, 28\)"),
    "one size": (lambda: jaxnet.mlp([3]), "at least two sizes"),
    "size 0": (lambda: jaxnet.mlp([3, 0]), "at least 1, got 0"),
    "words": (lambda: jaxnet.mlp("2-x"), "sizes such as '2-2-1', got '2-x'"),
    "activation": (lambda: jaxnet.mlp("2-2", activation="rleu"), "mlp, activation: .*did you mean 'relu'"),
    "initializer": (lambda: jaxnet.mlp("2-2", initializer="hee"), "no initializer 'hee'"),
    "rate": (lambda: jaxnet.dropout(1.0), r"rate in \[0, 1\), got 1.0"),
    "width": (lambda: jaxnet.dense(2).apply({"w": np.ones((3, 2))}, np.ones((5, 4))), r"3\), got \(5, 4\)"),
    "many keys": (lambda: NET.init(jax.random.split(jax.random.key(0), 2)), "one key, got an array of keys"),
    "replace": (lambda: specs.replace(NET, "dropout", rate=0.1), "no layer 'dropout'"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refuses_value(what):
    call, words = REFUSED[what]
    with pytest.raises(ValueError, match=words):
        call()


MISTYPED = {
    "seed for key": (lambda: NET.init(0), r"such as jax.random.key\(0\), got 0"),
    "no shape": (lambda: jaxnet.serial(jaxnet.dense(2)).init(jax.random.key(0)), "needs the shape"),
    "not called": (lambda: jaxnet.serial(jaxnet.flatten), "got flatten; call it"),
    "function": (lambda: jaxnet.serial(jaxnet.activations.relu), "use jaxnet.relu"),
    "empty": (lambda: jaxnet.serial(), "at least one layer"),
    "units": (lambda: jaxnet.dense(2.5), "whole number, got 2.5"),
}


@pytest.mark.parametrize("what", MISTYPED)
def test_refuses_type(what):
    call, words = MISTYPED[what]
    with pytest.raises(TypeError, match=words):
        call()
