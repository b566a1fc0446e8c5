"""What the metrics share: reading outputs and targets, and the mean of each example."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import as_dtype, first_not_finite, is_traced
from jaxnet._validation import read_alike, read_answers


def _without_nan(who: str, answers: tuple[jax.Array, Any]) -> tuple[jax.Array, Any]:
    for what, array in zip(("outputs", "targets"), answers, strict=True):
        if not is_traced(array) and first_not_finite(array) and np.isnan(np.asarray(array)).any():
            raise ValueError(
                f"metrics.{who}: expected numbers in {what}, got nan; leave these examples out, or find out "
                "where the outputs become NaN"
            )
    return answers


def alike(who: str, outputs: Any, targets: Any) -> tuple[jax.Array, jax.Array]:
    """Outputs and targets of one shape and dtype."""
    y, t = _without_nan(who, read_alike(f"metrics.{who}", outputs, targets))
    return y, as_dtype(t, y.dtype)


def read_scores(who: str, outputs: Any, targets: Any) -> tuple[jax.Array, jax.Array]:
    """Scores ``(N, ..., K)`` and class numbers ``(N, ...)``, checked where their values are known."""
    y, t = _without_nan(who, read_answers(f"metrics.{who}", outputs, targets))
    if y.ndim < 2 or y.shape[-1] < 2:
        raise ValueError(
            f"metrics.{who}: expected outputs of shape (N, ..., classes), got {y.shape}; "
            "use metrics.binary_accuracy for a single yes/no output"
        )
    if t.shape == y.shape:
        return y, jnp.argmax(jnp.asarray(t), -1)
    t = t[..., 0] if t.shape == (*y.shape[:-1], 1) else t
    if t.shape != y.shape[:-1]:
        raise ValueError(
            f"metrics.{who}: expected class numbers of shape {y.shape[:-1]} or one-hot rows, {y.shape}, "
            f"got targets of shape {t.shape}"
        )
    if not is_traced(t):
        known = np.asarray(t)
        wrong = known[~((known >= 0) & (known < y.shape[-1]) & (known == np.floor(known)))]
        if wrong.size:
            raise ValueError(
                f"metrics.{who}: expected classes 0 to {y.shape[-1] - 1}, got {wrong[0]}; the outputs have "
                f"{y.shape[-1]} scores for each example"
            )
    return y, as_dtype(t, jnp.int32)


def share(right: jax.Array, scores: jax.Array) -> jax.Array:
    """The share of right answers of each example; NaN where a score is NaN, which only happens under jit."""
    unknown = jnp.isnan(scores) if scores.ndim == right.ndim else jnp.isnan(scores).any(-1)
    return mean(jnp.where(unknown, jnp.full_like(right, jnp.nan, scores.dtype), right.astype(scores.dtype)))


def mean(values: jax.Array) -> jax.Array:
    """One value per example: the mean over all axes after the first."""
    size = math.prod(values.shape[1:])
    return values if values.ndim == 1 else jnp.mean(values.reshape(len(values), size), 1)
