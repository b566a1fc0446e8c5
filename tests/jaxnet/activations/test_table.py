"""Activations: values worked by hand, and derivatives against automatic differentiation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxnet import activations

POINTS = np.array([-60.0, -3.5, -1.25, -0.5, -1e-3, 0.0, 1e-3, 0.5, 1.25, 3.5, 7.0, 60.0])

BY_HAND = {
    "linear": (-2.0, -2.0),
    "step": (0.0, 0.0),
    "sigmoid": (np.log(3.0), 0.75),
    "tanh": (np.log(2.0), 0.6),
    "relu": (-2.0, 0.0),
    "relu6": (8.0, 6.0),
    "leaky_relu": (-2.0, -0.02),
    "elu": (-np.log(4.0), -0.75),
    "selu": (1.0, 1.0507009873554805),
    "gelu": (1.0, 0.8413447460685429),
    "silu": (np.log(3.0), 0.75 * np.log(3.0)),
    "mish": (0.0, 0.0),
    "softplus": (0.0, np.log(2.0)),
    "softsign": (3.0, 0.75),
    "log_sigmoid": (0.0, -np.log(2.0)),
    "hard_sigmoid": (1.5, 0.75),
    "hard_tanh": (-2.0, -1.0),
    "hard_silu": (1.5, 1.125),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_value_by_hand(name):
    z, a = BY_HAND[name]
    assert float(activations.TABLE[name].fn(z)) == pytest.approx(a, rel=1e-6, abs=1e-7)


def test_softmax_by_hand():
    z = jnp.log(jnp.array([[1.0, 2.0, 5.0]]))
    np.testing.assert_allclose(activations.softmax(z), [[0.125, 0.25, 0.625]], rtol=1e-6)
    np.testing.assert_allclose(activations.log_softmax(z), np.log([[0.125, 0.25, 0.625]]), rtol=1e-5)


@pytest.mark.parametrize("name", [n for n, entry in activations.TABLE.items() if entry.elementwise])
def test_derivative_equals_grad(name):
    entry = activations.TABLE[name]
    with jax.enable_x64(True):
        z = jnp.array(POINTS)
        by_grad = jax.jit(jax.vmap(jax.grad(entry.fn)))(z)
        np.testing.assert_allclose(entry.derivative(z), by_grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_jacobian_equals_jacrev(name):
    entry = activations.TABLE[name]
    with jax.enable_x64(True):
        z = jnp.array([[0.3, -1.0, 2.0], [40.0, 0.0, -40.0]])
        np.testing.assert_allclose(entry.derivative(z), jax.vmap(jax.jacrev(entry.fn))(z), atol=1e-12)


@pytest.mark.parametrize("name", activations.TABLE)
@pytest.mark.parametrize("z", [-3e4, 3e4])
def test_far_out_is_finite(name, z):
    pair = jnp.array([z, 0.0])
    assert np.isfinite(activations.TABLE[name].fn(pair)).all()
    assert np.isfinite(jax.grad(lambda z: activations.TABLE[name].fn(z).sum())(pair)).all()


def test_step_is_zero_at_zero():
    assert activations.step([-1e-30, 0.0, 1e-30]).tolist() == [0.0, 0.0, 1.0]
    assert activations.derivative("step")([-1.0, 0.0, 1.0]).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "hard_tanh", "relu6"])
def test_nan_stays_nan(name):
    assert np.isnan(activations.TABLE[name].fn(np.nan))


def test_unknown_name_says_the_nearest():
    with pytest.raises(ValueError, match="no activation 'rleu'; did you mean 'relu'"):
        activations.get("rleu")


def test_own_function_has_a_derivative():
    assert activations.derivative(jnp.sin)(0.0).tolist() == 1.0
    assert activations.get(activations.relu) is activations.TABLE["relu"]
