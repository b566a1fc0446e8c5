"""Metrics of a whole set, for the outputs of ``predict``."""

from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._padded import over_steps
from jaxnet._validation import read_answers
from jaxnet.metrics.reading import alike, read_scores


@over_steps
def r2(outputs: Any, targets: Any) -> jax.Array:
    """The coefficient of determination, ``1 - sum (t - y)^2 / sum (t - mean t)^2``, of a whole set.

    1 is perfect, 0 is as good as always predicting the mean, and there is no lower bound. Several outputs
    are averaged. Where all targets of an output are equal, it is 1 if every prediction is exact, else 0.

    Args:
        outputs: shape ``(N,)`` or ``(N, m)``.
        targets: the same shape (a last axis of size 1 may be left out).

    Returns:
        One number, shape ``()``.

    Raises:
        ValueError: if the shapes do not fit or there are no examples.

    Example:
        >>> float(r2([1.0, 2.0, 4.0], [1.0, 2.0, 3.0]))
        0.5

    Reference: Sewall Wright, "Correlation and causation", 1921.
    """
    y, t = alike("r2", outputs, targets)
    if not y.size:
        raise ValueError(f"metrics.r2: expected at least one example, got outputs of shape {y.shape}")
    y, t = y.reshape(len(y), -1), t.reshape(len(t), -1)
    left = jnp.sum(jnp.square(t - y), 0)
    whole = jnp.sum(jnp.square(t - jnp.broadcast_to(jnp.mean(t, 0, keepdims=True), t.shape)), 0)
    flat = whole == 0
    ratio = left / jnp.where(flat, jnp.ones_like(whole), whole)
    return jnp.mean(jnp.where(flat, (left == 0).astype(y.dtype), 1 - ratio))


@over_steps
def confusion_matrix(outputs: Any, targets: Any) -> jax.Array:
    """How often each class was predicted for each: row = right class, column = prediction.

    Args:
        outputs: scores of shape ``(N, ..., K)``; or single scores of shape ``(N,)`` or ``(N, 1)``, which mean
            class 1 where they are above 0 and class 0 elsewhere.
        targets: class numbers ``(N, ...)`` or one-hot rows ``(N, ..., K)``.

    Returns:
        Counts, int32 of shape ``(K, K)``.

    Example:
        >>> confusion_matrix([-1.0, 2.0, 3.0], [0, 0, 1]).tolist()
        [[1, 1], [0, 1]]
    """
    return _confusion("confusion_matrix", outputs, targets)


@over_steps
def precision(outputs: Any, targets: Any, *, average: str | None = "macro") -> jax.Array:
    """Of the examples predicted as a class, the share that belong to it: ``TP / (TP + FP)``.

    Args:
        outputs: as :func:`confusion_matrix`.
        targets: as :func:`confusion_matrix`.
        average: "macro", the mean over the classes that occur among targets or predictions; or None, one
            value for each class. A class that was never predicted has precision 0.

    Returns:
        Shape ``()``, or ``(K,)`` without averaging.

    Example:
        >>> precision([-1.0, 2.0, 3.0], [0, 0, 1], average=None).tolist()
        [1.0, 0.5]
    """
    hits, answered, actual = _counts("precision", outputs, targets, average)
    return _average(hits / jnp.maximum(answered, 1), answered + actual, average)


@over_steps
def recall(outputs: Any, targets: Any, *, average: str | None = "macro") -> jax.Array:
    """Of the examples of a class, the share that were predicted as such: ``TP / (TP + FN)``.

    Args:
        outputs: as :func:`confusion_matrix`.
        targets: as :func:`confusion_matrix`.
        average: as :func:`precision`. A class without examples has recall 0.

    Returns:
        Shape ``()``, or ``(K,)`` without averaging.

    Example:
        >>> recall([-1.0, 2.0, 3.0], [0, 0, 1], average=None).tolist()
        [0.5, 1.0]
    """
    hits, answered, actual = _counts("recall", outputs, targets, average)
    return _average(hits / jnp.maximum(actual, 1), answered + actual, average)


@over_steps
def f1(outputs: Any, targets: Any, *, average: str | None = "macro") -> jax.Array:
    """The harmonic mean of precision and recall: ``2 TP / (2 TP + FP + FN)``.

    Args:
        outputs: as :func:`confusion_matrix`.
        targets: as :func:`confusion_matrix`.
        average: as :func:`precision`.

    Returns:
        Shape ``()``, or ``(K,)`` without averaging.

    Example:
        >>> [round(v, 4) for v in f1([-1.0, 2.0, 3.0], [0, 0, 1], average=None).tolist()]
        [0.6667, 0.6667]

    Reference: C. J. van Rijsbergen, "Information Retrieval", 1979.
    """
    hits, answered, actual = _counts("f1", outputs, targets, average)
    return _average(2 * hits / jnp.maximum(answered + actual, 1), answered + actual, average)


def _counts(
    who: str, outputs: Any, targets: Any, average: str | None
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """For each class: answered rightly, answered, actual."""
    if average not in ("macro", None):
        raise ValueError(f"metrics.{who}: expected average 'macro' or None, got {average!r}")
    table, dtype = _confusion(who, outputs, targets), jnp.result_type(float)
    return jnp.diagonal(table).astype(dtype), jnp.sum(table, 0).astype(dtype), jnp.sum(table, 1).astype(dtype)


def _average(values: jax.Array, occurs: jax.Array, average: str | None) -> jax.Array:
    if average is None:
        return values
    counted = (occurs > 0).astype(values.dtype)
    return jnp.sum(values * counted) / jnp.sum(counted)


def _confusion(who: str, outputs: Any, targets: Any) -> jax.Array:
    scores, targets = read_answers(f"metrics.{who}", outputs, targets)
    scores = scores[:, None] if scores.ndim == 1 else scores
    if scores.ndim == 2 and scores.shape[1] == 1:
        targets = targets.reshape(-1) if targets.shape == scores.shape else targets
        scores = jnp.concatenate([jnp.zeros_like(scores), scores], 1)
    scores, classes = read_scores(who, scores, targets)
    count = scores.shape[-1]
    answers = jnp.argmax(scores, -1)
    seen = ~jnp.isnan(scores).any(-1).reshape(-1)  # only under jit: NaN is no answer
    table = jnp.zeros((count, count), jnp.int32)
    return table.at[classes.reshape(-1), answers.reshape(-1)].add(seen.astype(jnp.int32))
