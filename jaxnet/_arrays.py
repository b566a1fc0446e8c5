"""Small operations on arrays that layers, losses and activations share."""

from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import AxisType


def as_float(x: Any) -> jax.Array:
    """``x`` as an array of floating point; integers and booleans take JAX's default float type."""
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(jnp.result_type(float))


def as_dtype(x: Any, dtype: Any) -> jax.Array:
    """``x`` as an array of the given type."""
    x = jnp.asarray(x)
    return x if x.dtype == dtype else x.astype(dtype)


def product(x: jax.Array, w: jax.Array) -> jax.Array:
    """x w over the last axis of x; on the CPU as one product of matrices, however many axes x has.

    The gradient by w takes a third of the time then: 0.4 ms in place of 1.2 for (28, 64, 28) by (28, 256).
    Elsewhere not, nor with axes spread over devices by name: they would have to be brought together.
    """
    named = any(kind == AxisType.Explicit for kind in jax.typeof(x).sharding.mesh.axis_types)
    if x.ndim <= 2 or x.size == 0 or named or jax.default_backend() != "cpu":
        return x @ w
    return (x.reshape(-1, w.shape[0]) @ w).reshape(*x.shape[:-1], w.shape[1])


def add_bias(y: jax.Array, b: jax.Array) -> jax.Array:
    """y + b along the last axis, with the broadcast written out."""
    return y + b.reshape((1,) * (y.ndim - 1) + b.shape)
