"""How targets fit the outputs of a network: shapes, dtypes, ranges and labels.

Values are checked wherever they are known, also while the outputs are traced: that is how ``fit`` lets a loss
check all targets before the first step.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import is_traced
from jaxnet._validation import forgotten_flatten, read_alike, read_answers

_ROUNDING = 0.02  # of probabilities of 16 bits, in the sum of a row


def size_of_example(y: jax.Array) -> int:
    """How many values an example has."""
    return math.prod(y.shape[1:])


def mean(values: jax.Array) -> jax.Array:
    """The mean over each example's values."""
    return values if values.ndim == 1 else jnp.mean(values, axis=tuple(range(1, values.ndim)))


def _range(t: Any) -> tuple[Any, Any]:
    """The least and the greatest target; nothing is known of traced ones, nor of none."""
    if is_traced(t) or not t.size:
        return 0, 0
    known = np.asarray(t)
    return known.min().item(), known.max().item()


def _of_dtype(t: Any, y: jax.Array) -> jax.Array:
    """The targets in the dtype of the outputs; not copied, since they are the caller's no longer."""
    t = jnp.asarray(t)
    return t if t.dtype == y.dtype else t.astype(y.dtype)


def values(where: str, outputs: Any, targets: Any) -> tuple[jax.Array, jax.Array]:
    """Outputs and targets in one shape and dtype."""
    y, t = read_alike(where, outputs, targets)
    return y, _of_dtype(t, y)


def probabilities(
    where: str, outputs: Any, targets: Any, smoothing: float = 0.0, count: int = 2
) -> tuple[jax.Array, jax.Array]:
    """Outputs, and targets in [0, 1] of the same shape and dtype, smoothed over ``count`` classes."""
    y, t = read_alike(where, outputs, targets)
    low, high = _range(t)
    if not (low >= 0 and high <= 1):
        raise ValueError(
            f"{where}: expected targets in [0, 1], got values from {low:g} to {high:g}; "
            "targets are probabilities, or the labels 0 and 1"
        )
    share = rate(where, smoothing)
    t = _of_dtype(t, y)
    return y, t * (1 - share) + share / count if share else t


def check_rows(where: str, t: Any) -> None:
    """Refuse targets of several classes at once, where these are known."""
    if is_traced(t) or not np.size(t):
        return
    sums = np.asarray(t).astype(float).sum(-1)
    wrong = np.abs(sums - 1) > _ROUNDING
    if wrong.any():
        raise ValueError(
            f"{where}: expected rows of targets that sum to 1, one class each, got one that sums to "
            f"{sums[wrong][0]:.3g}; for several labels per example use binary_cross_entropy"
        )


def signs(where: str, outputs: Any, targets: Any) -> tuple[jax.Array, jax.Array]:
    """Outputs and targets in one shape and dtype, the targets -1 or +1."""
    y, t = read_alike(where, outputs, targets)
    if not is_traced(t):
        known = np.asarray(t)
        wrong = known[(known != 1) & (known != -1)]
        if wrong.size:
            raise ValueError(
                f"{where}: expected targets -1 or +1, got {wrong[0]}; use 2 * t - 1 for labels 0 and 1"
            )
    return y, _of_dtype(t, y)


def positive_weight(where: str, z: jax.Array, given: Any) -> jax.Array:
    """The weight of positive targets, of the shape of the outputs."""
    weight = np.asarray(given, float)
    fits = weight.ndim == 0 or (weight.ndim == 1 and z.ndim > 1 and weight.shape == z.shape[-1:])
    if not fits or not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError(
            f"{where}: expected pos_weight of at least 0, a number or one per output, got {given!r:.60} for "
            f"outputs of shape {z.shape}"
        )
    return jnp.broadcast_to(jnp.asarray(weight, z.dtype), z.shape)


def rate(where: str, smoothing: float) -> float:
    """A rate of label smoothing in [0, 1)."""
    if not 0 <= smoothing < 1:
        raise ValueError(f"{where}: expected smoothing in [0, 1), got {smoothing}")
    return smoothing


def classes(where: str, outputs: Any, targets: Any, smoothing: float) -> tuple[jax.Array, jax.Array, bool]:
    """Logits, targets, and whether these are class numbers; probabilities are already smoothed."""
    z, t = read_answers(where, outputs, targets)
    if z.ndim < 2:
        raise ValueError(f"{where}: expected outputs of shape (batch, ..., classes), got {z.shape}")
    count = z.shape[-1]
    if count == 1:
        raise ValueError(
            f"{where}: expected at least two classes, got outputs of shape {z.shape}; use "
            "binary_cross_entropy for one output"
        )
    if t.shape == z.shape and (jnp.issubdtype(t.dtype, jnp.floating) or z.shape[:-1] != t.shape):
        check_rows(where, t)
        return *probabilities(where, z, t, smoothing, count), False
    if t.shape == (*z.shape[:-1], 1):
        t = t[..., 0]
    if t.shape != z.shape[:-1]:
        raise ValueError(
            f"{where}: expected class numbers of shape {z.shape[:-1]} or probabilities of shape {z.shape}, "
            f"got targets of shape {t.shape}{forgotten_flatten(z.shape, t.shape)}"
        )
    if not jnp.issubdtype(t.dtype, jnp.integer):
        raise TypeError(
            f"{where}: expected class numbers as integers, got {t.dtype}; convert them, e.g. y.astype(int)"
        )
    low, high = _range(t)
    if low < 0 or high >= count:
        raise ValueError(
            f"{where}: expected class numbers from 0 to {count - 1}, got values from {low} to {high}; "
            f"the network has {count} outputs"
        )
    return z, jnp.asarray(t), True
