"""Small operations on arrays that layers, losses and activations share."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType


def as_jax(x: Any) -> jax.Array:
    """``x`` as an array of JAX that holds the same numbers, and keeps them when ``x`` is filled anew.

    JAX by itself reads another byte order as it would its own, cuts integers of 64 bits to 32, and may go on
    using the memory of a NumPy array. Integers that do not fit 32 bits become floats.
    """
    if isinstance(x, (jax.Array, bool, float, complex)):
        return jnp.asarray(x)
    try:
        host = np.asarray(x)
    except jax.errors.TracerArrayConversionError:  # a list with traced numbers in it
        return jnp.asarray(x)
    if not host.dtype.isnative:
        host = host.astype(host.dtype.newbyteorder("="))
    if host.dtype.kind in "iu" and host.size:
        limits = np.iinfo(jax.dtypes.canonicalize_dtype(host.dtype))
        if host.min() < limits.min or host.max() > limits.max:
            host = host.astype(float)
    return jnp.array(host, copy=True)


def as_float(x: Any) -> jax.Array:
    """``x`` as an array of floating point; integers and booleans take JAX's default float type."""
    x = as_jax(x)
    return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(jnp.result_type(float))


def as_dtype(x: Any, dtype: Any) -> jax.Array:
    """``x`` as an array of the given type."""
    x = as_jax(x)
    return x if x.dtype == dtype else x.astype(dtype)


def is_explicit(x: jax.Array) -> bool:
    """Whether the array lies on a mesh with explicit axes, so that its sharding is part of its type."""
    return any(kind == AxisType.Explicit for kind in jax.typeof(x).sharding.mesh.axis_types)


def product(x: jax.Array, w: jax.Array) -> jax.Array:
    """x w over the last axis of x; on the CPU as one product of matrices, however many axes x has.

    The gradient with respect to w then takes a third of the time: 0.4 ms instead of 1.2 ms for (28, 64, 28)
    by (28, 256). Elsewhere it does not, and explicitly sharded axes cannot be flattened into one.
    """
    if x.ndim <= 2 or x.size == 0 or is_explicit(x) or jax.default_backend() != "cpu":
        return x @ w
    return (x.reshape(-1, w.shape[0]) @ w).reshape(*x.shape[:-1], w.shape[1])


def add_bias(y: jax.Array, b: jax.Array) -> jax.Array:
    """y + b along the last axis, with the broadcast written out (rank promotion may be an error)."""
    return y + b.reshape((1,) * (y.ndim - 1) + b.shape)
