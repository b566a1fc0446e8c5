"""How outputs and targets fit together, for :mod:`jaxnet.losses`: shapes, dtypes, labels."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxnet._arrays import as_dtype, as_float
from jaxnet._validation import is_traced


def per_example(y: jax.Array) -> int:
    """How many values an example has."""
    return math.prod(y.shape[1:])


def mean(values: jax.Array) -> jax.Array:
    """The mean over each example's values."""
    return values if values.ndim == 1 else jnp.mean(values, axis=tuple(range(1, values.ndim)))


def as_outputs(where: str, outputs: ArrayLike) -> jax.Array:
    """The outputs as floats, with a batch axis."""
    y = as_float(outputs)
    if y.ndim == 0:
        raise ValueError(
            f"{where}: expected outputs of shape (batch, ...), got one number; put it in an array"
        )
    return y


def same(where: str, outputs: ArrayLike, targets: ArrayLike) -> tuple[jax.Array, jax.Array]:
    """Outputs and targets in one shape and dtype; only a last axis of size 1 may be missing from either."""
    y, t = as_outputs(where, outputs), jnp.asarray(targets)
    if t.shape != y.shape:
        if (*t.shape, 1) != y.shape and t.shape != (*y.shape, 1):
            raise ValueError(
                f"{where}: expected targets of the shape of the outputs, {y.shape}, got {t.shape}; "
                "give one target for each output"
            )
        t = t.reshape(y.shape)
    return y, as_dtype(t, y.dtype)


def probabilities(where: str, t: jax.Array) -> jax.Array:
    """Targets, made sure to lie in [0, 1] where they can be seen."""
    if not is_traced(t) and t.size:
        values = np.asarray(t, dtype=np.float64)
        low, high = values.min(), values.max()
        if low < 0 or high > 1:
            raise ValueError(
                f"{where}: expected targets in [0, 1], got values from {low:g} to {high:g}; "
                "targets are probabilities, or the labels 0 and 1"
            )
    return t


def signs(where: str, outputs: ArrayLike, targets: ArrayLike) -> tuple[jax.Array, jax.Array]:
    """Outputs and targets in one shape, the targets -1 or +1."""
    y, t = same(where, outputs, targets)
    if not is_traced(t) and not np.all(np.abs(np.asarray(t, dtype=np.float64)) == 1):
        raise ValueError(f"{where}: expected targets -1 or +1, got others; use 2 * t - 1 for labels 0 and 1")
    return y, t


def rate(where: str, smoothing: float) -> float:
    """A rate of label smoothing, made sure to lie in [0, 1)."""
    if not 0 <= smoothing < 1:
        raise ValueError(f"{where}: expected smoothing in [0, 1), got {smoothing}")
    return smoothing


def smooth(where: str, t: jax.Array, smoothing: float, count: int) -> jax.Array:
    """Targets moved towards an even spread over the classes."""
    share = rate(where, smoothing)
    return t * (1 - share) + share / count if share else t


def classes(
    where: str, outputs: ArrayLike, targets: ArrayLike, smoothing: float
) -> tuple[jax.Array, jax.Array, bool]:
    """Logits, targets, and whether these are class numbers; probabilities come back smoothed."""
    z, t = as_outputs(where, outputs), jnp.asarray(targets)
    if z.ndim < 2:
        raise ValueError(f"{where}: expected outputs of shape (batch, ..., classes), got {z.shape}")
    count = z.shape[-1]
    if t.shape == z.shape and (jnp.issubdtype(t.dtype, jnp.floating) or z.shape[:-1] != t.shape):
        t = probabilities(where, as_dtype(t, z.dtype))
        return z, smooth(where, t, smoothing, count), False
    if t.shape == (*z.shape[:-1], 1):
        t = t[..., 0]
    if t.shape != z.shape[:-1]:
        raise ValueError(
            f"{where}: expected class numbers of shape {z.shape[:-1]} or probabilities of shape {z.shape}, "
            f"got targets of shape {t.shape}"
        )
    if not jnp.issubdtype(t.dtype, jnp.integer):
        raise TypeError(
            f"{where}: expected class numbers as integers, got {t.dtype}; convert them, e.g. y.astype(int)"
        )
    if not is_traced(t) and t.size:
        values = np.asarray(t)  # on the host: known targets stay known while an outer function is traced
        low, high = int(values.min()), int(values.max())
        if low < 0 or high >= count:
            raise ValueError(
                f"{where}: expected class numbers from 0 to {count - 1}, got values from {low} to {high}; "
                f"the network has {count} outputs"
            )
    return z, t, True
