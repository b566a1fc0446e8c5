"""Activations of bounded range or growth: sigmoids, the step, the identity, softmax; with their derivatives.

A new one is a function, its derivative, and a line in ``TABLE``.
"""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._arrays import as_float
from jaxnet.activations.base import Activation, indicator, row
from jaxnet.activations.rectifiers import relu6, softplus


def linear(z: Any) -> jax.Array:
    """The identity, a = z.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(linear(-2.0))
        -2.0
    """
    return as_float(z)


def step(z: Any) -> jax.Array:
    """The perceptron's step: a = 1 if z > 0, else 0; at z = 0 exactly it is 0.

    Its derivative is 0 everywhere (undefined at 0, taken as 0 there), so that nothing can be learned
    through it by gradient descent.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(step(0.5))
        1.0

    Reference: F. Rosenblatt, "The Perceptron: A Perceiving and Recognizing Automaton", 1957.
    """
    z = as_float(z)
    return (z > 0).astype(z.dtype)


def sigmoid(z: Any) -> jax.Array:
    """The logistic function, a = 1 / (1 + e^-z), between 0 and 1.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(sigmoid(0.0))
        0.5
    """
    return jax.nn.sigmoid(as_float(z))


def tanh(z: Any) -> jax.Array:
    """The hyperbolic tangent, a = (e^z - e^-z) / (e^z + e^-z), between -1 and 1.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(tanh(0.0))
        0.0
    """
    return jnp.tanh(as_float(z))


def softsign(z: Any) -> jax.Array:
    """a = z / (1 + |z|), between -1 and 1.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(softsign(3.0))
        0.75
    """
    z = as_float(z)
    return z / (1 + jnp.abs(z))


def hard_sigmoid(z: Any) -> jax.Array:
    """The sigmoid in three straight pieces: a = min(max(0, z/6 + 1/2), 1).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(hard_sigmoid(1.5))
        0.75
    """
    z = as_float(z)
    return relu6(z + 3) / 6


def hard_tanh(z: Any) -> jax.Array:
    """The tanh in three straight pieces: a = min(max(-1, z), 1).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(hard_tanh(-7.0))
        -1.0
    """
    z = as_float(z)
    return jnp.where(z >= 1, jnp.ones_like(z), jnp.where(z <= -1, -jnp.ones_like(z), z))


def log_sigmoid(z: Any) -> jax.Array:
    """The logarithm of the sigmoid, a = -ln(1 + e^-z), for z of any size.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(log_sigmoid(0.0)), 3)
        -0.693
    """
    return -softplus(-as_float(z))


def softmax(z: Any) -> jax.Array:
    """Probabilities along the last axis: a_i = e^(z_i) / sum_j e^(z_j), for z of any size.

    Args:
        z: (..., n).

    Returns:
        a, of the shape of z.

    Example:
        >>> import jax.numpy as jnp
        >>> print(softmax(jnp.array([0.0, 0.0, jnp.log(2.0)])).round(3))
        [0.25 0.25 0.5 ]
    """
    return jax.nn.softmax(as_float(z), axis=-1)


def log_softmax(z: Any) -> jax.Array:
    """The logarithm of softmax along the last axis: a_i = z_i - ln sum_j e^(z_j).

    Args:
        z: (..., n).

    Returns:
        a, of the shape of z.

    Example:
        >>> import jax.numpy as jnp
        >>> print(log_softmax(jnp.array([0.0, 0.0, jnp.log(2.0)])).round(3))
        [-1.386 -1.386 -0.693]
    """
    return jax.nn.log_softmax(as_float(z), axis=-1)


# --- derivatives that need more than one expression ---------------------------------------------------


def _d_sigmoid(z: jax.Array) -> jax.Array:
    a = jax.nn.sigmoid(z)
    return a * (1 - a)


def _eye_like(z: jax.Array) -> jax.Array:
    return jnp.broadcast_to(jnp.eye(z.shape[-1], dtype=z.dtype), (*z.shape, z.shape[-1]))


def _d_softmax(z: jax.Array) -> jax.Array:
    """The Jacobian, [..., i, j] = a_i ((i = j) - a_j)."""
    a = jax.nn.softmax(z, axis=-1)
    return a[..., :, None] * (_eye_like(z) - a[..., None, :])


def _d_log_softmax(z: jax.Array) -> jax.Array:
    """The Jacobian, [..., i, j] = (i = j) - softmax(z)_j."""
    return _eye_like(z) - jax.nn.softmax(z, axis=-1)[..., None, :]


#: name -> function, derivative, initialiser of the layer before it, whether elementwise
TABLE: Mapping[str, Activation] = dict(
    [
        row(linear, jnp.ones_like),
        row(step, jnp.zeros_like),
        row(sigmoid, _d_sigmoid),
        row(tanh, lambda z: 1 - jnp.square(jnp.tanh(z))),
        row(softsign, lambda z: 1 / jnp.square(1 + jnp.abs(z))),
        row(log_sigmoid, lambda z: jax.nn.sigmoid(-z)),
        row(hard_sigmoid, lambda z: indicator(jnp.abs(z) < 3, z) / 6),
        row(hard_tanh, lambda z: indicator(jnp.abs(z) < 1, z)),
        row(softmax, _d_softmax, elementwise=False),
        row(log_softmax, _d_log_softmax, elementwise=False),
    ]
)
__all__ = [*TABLE]
