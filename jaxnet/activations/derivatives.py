"""The derivatives of the activations, written out by hand; ``activations.derivative`` gives them out.

Every function takes and gives an array of floats.
"""

import math

import jax
import jax.numpy as jnp


def below(z: jax.Array) -> jax.Array:
    """min(z, 0), so that the branch of a ``where`` that is not taken cannot overflow."""
    return jnp.where(z > 0, jnp.zeros_like(z), z)


def phi(z: jax.Array) -> jax.Array:
    """The normal distribution function."""
    return 0.5 * jax.scipy.special.erfc(-z * math.sqrt(0.5))


def flag(condition: jax.Array, z: jax.Array) -> jax.Array:
    """1 where the condition holds, else 0, in the dtype of z."""
    return condition.astype(z.dtype)


def sigmoid(z: jax.Array) -> jax.Array:
    """The derivative of sigmoid."""
    a = jax.nn.sigmoid(z)
    return a * (1 - a)


def tanh(z: jax.Array) -> jax.Array:
    """The derivative of tanh."""
    a = jnp.tanh(z)
    return 1 - a * a


def leaky_relu(z: jax.Array, slope: float = 0.01) -> jax.Array:
    """The derivative of leaky_relu."""
    return jnp.where(z > 0, jnp.ones_like(z), jnp.full_like(z, slope))


def elu(z: jax.Array, alpha: float = 1.0) -> jax.Array:
    """The derivative of elu."""
    return jnp.where(z > 0, jnp.ones_like(z), alpha * jnp.exp(below(z)))


def gelu(z: jax.Array) -> jax.Array:
    """The derivative of gelu."""
    return phi(z) + z * jnp.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def silu(z: jax.Array) -> jax.Array:
    """The derivative of silu."""
    s = jax.nn.sigmoid(z)
    return s * (1 + z * (1 - s))


def mish(z: jax.Array) -> jax.Array:
    """The derivative of mish."""
    t = jnp.tanh(jnp.logaddexp(z, jnp.zeros_like(z)))
    return t + z * (1 - t * t) * jax.nn.sigmoid(z)


def hard_silu(z: jax.Array) -> jax.Array:
    """The derivative of hard_silu."""
    return jnp.clip(z / 6 + 0.5, 0, 1) + z * flag(jnp.abs(z) < 3, z) / 6


def softmax(z: jax.Array) -> jax.Array:
    """The Jacobian of softmax, [..., i, j] = a_i ((i = j) - a_j)."""
    a = jax.nn.softmax(z, axis=-1)
    eye = jnp.broadcast_to(jnp.eye(z.shape[-1], dtype=z.dtype), (*z.shape, z.shape[-1]))
    return a[..., :, None] * (eye - a[..., None, :])


def log_softmax(z: jax.Array) -> jax.Array:
    """The Jacobian of log_softmax, [..., i, j] = (i = j) - softmax(z)_j."""
    eye = jnp.broadcast_to(jnp.eye(z.shape[-1], dtype=z.dtype), (*z.shape, z.shape[-1]))
    return eye - jax.nn.softmax(z, axis=-1)[..., None, :]
