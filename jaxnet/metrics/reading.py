"""What the metrics share: reading outputs and targets, and the mean of each example."""

import math
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import as_dtype, first_not_finite, is_traced
from jaxnet._validation import numbers, read_alike, read_answers

#: how the figures of classes, labels or outputs become one; None: one figure for each
Average = Literal["macro", "micro"] | None


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
        if not is_traced(t):
            check_one_hot(who, np.asarray(t))
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


def check_one_hot(who: str, targets: np.ndarray) -> None:
    """Refuse rows that are not those of one class each."""
    sums = targets.astype(float).sum(-1)
    wrong = np.abs(sums - 1) > 1e-3
    if wrong.any():
        raise ValueError(
            f"metrics.{who}: expected rows of targets that sum to 1, one class each, got one that sums to "
            f"{sums[wrong][0]:g}; for several labels use binary_accuracy, precision, recall, f1, roc_auc or "
            "average_precision"
        )


def holds_labels(outputs: tuple[int, ...], targets: Any) -> bool:
    """Whether targets of the shape of the outputs are labels, several of which may be 1, as far as known."""
    if is_traced(targets) or targets.shape != outputs or len(outputs) < 2 or outputs[-1] < 2:
        return False
    known = np.asarray(targets)
    return bool(((known == 0) | (known == 1)).all() and (known.sum(-1) != 1).any())


def check_average(who: str, average: str | None, known: tuple[str, ...]) -> None:
    """Refuse an average that the metric does not know."""
    if average is not None and average not in known:
        raise ValueError(
            f"metrics.{who}: expected average {', '.join(map(repr, known))} or None, got {average!r}"
        )


def read_weights(who: str, weights: Any, count: int) -> np.ndarray:
    """One weight per example; ones where there are none."""
    if weights is None:
        return np.ones(count)
    found = np.asarray(numbers(f"metrics.{who}", "sample_weights", weights), float)
    if found.shape != (count,) or not np.isfinite(found).all() or (found < 0).any() or not found.sum():
        raise ValueError(
            f"metrics.{who}: expected sample_weights of shape ({count},), at least 0 and not all 0, "
            f"got shape {found.shape}"
        )
    return found


def host_answers(who: str, outputs: Any, targets: Any) -> tuple[np.ndarray, np.ndarray]:
    """Outputs in float64 and targets, on the host."""
    y, t = (
        np.asarray(numbers(who, what, part)) for what, part in (("outputs", outputs), ("targets", targets))
    )
    if not np.isfinite(y.astype(float)).all():
        raise ValueError(f"{who}: expected finite numbers in outputs, got NaN or infinity")
    return y.astype(float), t


def binary_columns(who: str, outputs: Any, targets: Any) -> tuple[np.ndarray, np.ndarray]:
    """Scores and 0 or 1, both (N, K): of one yes/no output, of labels, or of classes against the rest."""
    y, t = host_answers(f"metrics.{who}", outputs, targets)
    y = y[:, None] if y.ndim == 1 else y
    if y.ndim != 2 or not len(y):
        raise ValueError(f"metrics.{who}: expected outputs of shape (N,) or (N, K), got {np.shape(outputs)}")
    if t.shape == y.shape or (y.shape[1] == 1 and t.shape == y.shape[:1]):
        t = t.reshape(y.shape)
        wrong = t[(t != 0) & (t != 1)]
        if wrong.size:
            raise ValueError(f"metrics.{who}: expected targets 0 and 1, got {wrong[0]:g}")
        return y, t.astype(float)
    if t.shape != y.shape[:1] or (t != np.floor(t)).any() or t.min() < 0 or t.max() >= y.shape[1]:
        raise ValueError(
            f"metrics.{who}: expected class numbers from 0 to {y.shape[1] - 1} of shape ({len(y)},), or 0 "
            f"and 1 of shape {y.shape}, got targets of shape {t.shape}"
        )
    if y.shape[1] == 2:
        return y[:, 1:] - y[:, :1], t.astype(float)[:, None]
    given = y.min() >= 0 and np.allclose(y.sum(1), 1, atol=1e-3)
    return y if given else class_probabilities(y), np.eye(y.shape[1])[t.astype(int)]


def class_probabilities(logits: np.ndarray) -> np.ndarray:
    """Softmax along the last axis."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)
