"""Activations that grow with z: the ReLU and its smooth relatives, with their derivatives.

A new one is a function, its derivative, and a line in ``TABLE``.
"""

import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._arrays import as_float
from jaxnet.activations.base import Activation, indicator, row

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


def relu(z: Any) -> jax.Array:
    """The rectified linear unit, a = max(0, z); its derivative at 0 is taken as 0.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(relu(-3.0))
        0.0

    Reference: V. Nair and G. Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", 2010.
    """
    z = as_float(z)
    return jnp.where(z <= 0, jnp.zeros_like(z), z)  # this way round a NaN stays a NaN


def relu6(z: Any) -> jax.Array:
    """ReLU with a ceiling, a = min(max(0, z), 6).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(relu6(7.0))
        6.0
    """
    z = relu(z)
    return jnp.where(z >= 6, jnp.full_like(z, 6), z)


def leaky_relu(z: Any, slope: float = 0.01) -> jax.Array:
    """ReLU that leaks: a = z for z > 0, else slope * z.

    Args:
        z: of any shape.
        slope: of the part where z <= 0.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(leaky_relu(-2.0)), 3)
        -0.02

    Reference: A. Maas, A. Hannun, A. Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic
    Models", 2013.
    """
    z = as_float(z)
    return jnp.where(z > 0, z, slope * z)


def elu(z: Any, alpha: float = 1.0) -> jax.Array:
    """The exponential linear unit: a = z for z > 0, else alpha (e^z - 1).

    Args:
        z: of any shape.
        alpha: the limit for very negative z is -alpha.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(elu(-1.0)), 3)
        -0.632

    Reference: D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and Accurate Deep Network Learning by
    Exponential Linear Units", 2016.
    """
    z = as_float(z)
    return jnp.where(z > 0, z, alpha * jnp.expm1(_min_0(z)))


def selu(z: Any) -> jax.Array:
    """The self-normalising unit: 1.0507 elu(z, alpha=1.6733).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(selu(1.0)), 3)
        1.051

    Reference: G. Klambauer and others, "Self-Normalizing Neural Networks", 2017.
    """
    return SELU_SCALE * elu(z, SELU_ALPHA)


def gelu(z: Any) -> jax.Array:
    """The Gaussian error linear unit, a = z Phi(z), with Phi the normal distribution function.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(gelu(1.0)), 3)
        0.841

    Reference: D. Hendrycks and K. Gimpel, "Gaussian Error Linear Units", 2016.
    """
    z = as_float(z)
    return z * _phi(z)


def silu(z: Any) -> jax.Array:
    """The sigmoid linear unit, also called swish: a = z sigmoid(z).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(silu(1.0)), 3)
        0.731

    Reference: P. Ramachandran, B. Zoph, Q. Le, "Searching for Activation Functions", 2017.
    """
    z = as_float(z)
    return z * jax.nn.sigmoid(z)


def mish(z: Any) -> jax.Array:
    """Mish: a = z tanh(softplus(z)).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(mish(1.0)), 3)
        0.865

    Reference: D. Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019.
    """
    z = as_float(z)
    return z * jnp.tanh(softplus(z))


def softplus(z: Any) -> jax.Array:
    """The smooth ReLU, a = ln(1 + e^z), for z of any size.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(softplus(0.0)), 3)
        0.693
    """
    z = as_float(z)
    return jnp.logaddexp(z, jnp.zeros_like(z))


def hard_silu(z: Any) -> jax.Array:
    """The swish in pieces: a = z hard_sigmoid(z).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(hard_silu(-1.5)), 3)
        -0.375

    Reference: A. Howard and others, "Searching for MobileNetV3", 2019.
    """
    z = as_float(z)
    return z * (relu6(z + 3) / 6)


# --- derivatives that need more than one expression ---------------------------------------------------


def _min_0(z: jax.Array) -> jax.Array:
    """min(z, 0), so that the branch of a ``where`` that is not taken cannot overflow."""
    return jnp.where(z > 0, jnp.zeros_like(z), z)


def _phi(z: jax.Array) -> jax.Array:
    """The normal distribution function."""
    return 0.5 * jax.scipy.special.erfc(-z * math.sqrt(0.5))


def _d_elu(z: jax.Array, alpha: float = 1.0) -> jax.Array:
    return jnp.where(z > 0, jnp.ones_like(z), alpha * jnp.exp(_min_0(z)))


def _d_gelu(z: jax.Array) -> jax.Array:
    return _phi(z) + z * jnp.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def _d_silu(z: jax.Array) -> jax.Array:
    s = jax.nn.sigmoid(z)
    return s * (1 + z * (1 - s))


def _d_mish(z: jax.Array) -> jax.Array:
    t = jnp.tanh(jnp.logaddexp(z, jnp.zeros_like(z)))
    return t + z * (1 - t * t) * jax.nn.sigmoid(z)


def _d_leaky_relu(z: jax.Array, slope: float = 0.01) -> jax.Array:
    return jnp.where(z > 0, jnp.ones_like(z), jnp.full_like(z, slope))


#: name -> function, derivative, initialiser of the layer before it
TABLE: Mapping[str, Activation] = dict(
    [
        row(relu, lambda z: indicator(z > 0, z), "he_normal"),
        row(relu6, lambda z: indicator((z > 0) & (z < 6), z), "he_normal"),
        row(leaky_relu, _d_leaky_relu, "he_normal"),
        row(elu, _d_elu, "he_normal"),
        row(selu, lambda z: SELU_SCALE * _d_elu(z, SELU_ALPHA), "lecun_normal"),
        row(gelu, _d_gelu, "he_normal"),
        row(silu, _d_silu, "he_normal"),
        row(mish, _d_mish, "he_normal"),
        row(softplus, jax.nn.sigmoid, "he_normal"),
        row(
            hard_silu,
            lambda z: jnp.clip(z / 6 + 0.5, 0, 1) + z * indicator(jnp.abs(z) < 3, z) / 6,
            "he_normal",
        ),
    ]
)
__all__ = [*TABLE]
