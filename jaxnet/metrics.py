"""Metrics: ``metric(outputs, targets)``, from a network's outputs and the right answers.

There are two kinds. Metrics *per example*, which ``fit`` and ``evaluate`` average: ``accuracy``, ``top_k``,
``binary_accuracy``, ``mean_absolute_error``, ``mean_squared_error``; like losses they average over all axes
after the first. Metrics of a *whole set*: ``r2``, ``confusion_matrix``, ``precision``, ``recall``, ``f1``;
apply them to the outputs of ``predict``.

Class outputs are scores of any kind (logits, probabilities) of shape ``(N, ..., K)``. The highest score wins,
the first of equals; a single score of shape ``(N,)`` or ``(N, 1)`` means yes where it is above 0, like a
logit. Targets are class numbers ``(N, ...)`` or one-hot rows of the shape of the outputs. NaN is refused;
under ``jit``, where it cannot be seen, it makes the metric NaN, and ``confusion_matrix``, ``precision``,
``recall`` and ``f1`` leave these examples out.

All metrics raise ValueError if the shapes do not fit, a class number lies outside the classes, or ``average``
is neither "macro" nor None, and TypeError for anything but numbers.

Example:
    >>> from jaxnet import metrics
    >>> outputs = [[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [1.0, 2.0, 0.0]]
    >>> metrics.accuracy(outputs, [0, 1, 2]).tolist()
    [1.0, 1.0, 0.0]
    >>> metrics.confusion_matrix(outputs, [0, 1, 2]).tolist()
    [[1, 0, 0], [0, 1, 0], [0, 1, 0]]
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import as_dtype, first_not_finite, is_traced
from jaxnet._validation import check_count, read_alike, read_answers

__all__ = [
    "accuracy",
    "binary_accuracy",
    "confusion_matrix",
    "f1",
    "mean_absolute_error",
    "mean_squared_error",
    "precision",
    "r2",
    "recall",
    "top_k",
]


def accuracy(outputs: Any, targets: Any) -> jax.Array:
    """Whether the highest score is that of the right class, per example.

    Args:
        outputs: scores of shape ``(N, ..., K)``.
        targets: class numbers ``(N, ...)`` or one-hot rows ``(N, ..., K)``.

    Returns:
        1 or 0 for each example, shape ``(N,)``; with further axes the share of right answers.

    Example:
        >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1]).tolist()
        [1.0, 0.0]
    """
    scores, classes = _scores("accuracy", outputs, targets)
    return _share(jnp.argmax(scores, -1) == classes, scores)


@functools.cache
def top_k(k: int) -> Callable[[Any, Any], jax.Array]:
    """The metric: whether the right class is among the ``k`` highest scores.

    Args:
        k: how many of the highest scores count, at least 1. ``top_k(1)`` is ``accuracy``.

    Returns:
        A metric ``(outputs, targets) -> (N,)``, with shapes as in :func:`accuracy`; the same ``k`` gives the
        same function.

    Raises:
        ValueError: if ``k`` is below 1; and as :func:`accuracy`.

    Example:
        >>> top_k(2)([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]], [1, 2]).tolist()
        [1.0, 0.0]
    """
    k = check_count("metrics.top_k", "k", k)

    def metric(outputs: Any, targets: Any) -> jax.Array:
        scores, classes = _scores("top_k", outputs, targets)
        own = jnp.take_along_axis(scores, classes[..., None], -1)
        index = jnp.arange(scores.shape[-1]).reshape((1,) * classes.ndim + (-1,))
        ahead = (scores > own) | ((scores == own) & (index < classes[..., None]))
        return _share(jnp.sum(ahead, -1) < k, scores)

    metric.__name__ = f"top_{k}"
    return metric


def binary_accuracy(outputs: Any, targets: Any, *, threshold: float = 0.0) -> jax.Array:
    """Whether yes/no answers are right, per example: yes where the output is above the threshold.

    Args:
        outputs: logits of shape ``(N, ...)``.
        targets: 0 or 1, of the same shape (a last axis of size 1 may be left out).
        threshold: 0 for logits; 0.5 for probabilities.

    Returns:
        1 or 0 for each example, shape ``(N,)``; with several outputs the share of right answers.

    Example:
        >>> binary_accuracy([2.0, -1.0, 0.0], [1, 1, 0]).tolist()
        [1.0, 0.0, 1.0]
    """
    y, t = _alike("binary_accuracy", outputs, targets)
    return _share((y > threshold) == (t > 0.5), y)


def mean_absolute_error(outputs: Any, targets: Any) -> jax.Array:
    """The mean of ``|target - output|`` over the outputs of each example.

    Args:
        outputs: shape ``(N, ...)``.
        targets: the same shape (a last axis of size 1 may be left out).

    Returns:
        One value per example, shape ``(N,)``.

    Example:
        >>> mean_absolute_error([[1.0, 2.0]], [[0.0, 4.0]]).tolist()
        [1.5]
    """
    y, t = _alike("mean_absolute_error", outputs, targets)
    return _mean(jnp.abs(y - t))


def mean_squared_error(outputs: Any, targets: Any) -> jax.Array:
    """The mean of ``(target - output)^2`` over the outputs of each example, as ``losses.mse``.

    Args:
        outputs: shape ``(N, ...)``.
        targets: the same shape (a last axis of size 1 may be left out).

    Returns:
        One value per example, shape ``(N,)``.

    Example:
        >>> mean_squared_error([[1.0, 2.0]], [[0.0, 4.0]]).tolist()
        [2.5]
    """
    y, t = _alike("mean_squared_error", outputs, targets)
    return _mean(jnp.square(y - t))


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
    y, t = _alike("r2", outputs, targets)
    if not y.size:
        raise ValueError(f"metrics.r2: expected at least one example, got outputs of shape {y.shape}")
    y, t = y.reshape(len(y), -1), t.reshape(len(t), -1)
    left = jnp.sum(jnp.square(t - y), 0)
    whole = jnp.sum(jnp.square(t - jnp.broadcast_to(jnp.mean(t, 0, keepdims=True), t.shape)), 0)
    flat = whole == 0
    ratio = left / jnp.where(flat, jnp.ones_like(whole), whole)
    return jnp.mean(jnp.where(flat, (left == 0).astype(y.dtype), 1 - ratio))


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
    scores, classes = _scores(who, scores, targets)
    count = scores.shape[-1]
    answers = jnp.argmax(scores, -1)
    seen = ~jnp.isnan(scores).any(-1).reshape(-1)  # only under jit: NaN is no answer
    table = jnp.zeros((count, count), jnp.int32)
    return table.at[classes.reshape(-1), answers.reshape(-1)].add(seen.astype(jnp.int32))


def _without_nan(who: str, answers: tuple[jax.Array, Any]) -> tuple[jax.Array, Any]:
    for what, array in zip(("outputs", "targets"), answers, strict=True):
        if not is_traced(array) and first_not_finite(array) and np.isnan(np.asarray(array)).any():
            raise ValueError(
                f"metrics.{who}: expected numbers in {what}, got nan; leave these examples out, or find out "
                "where the outputs become NaN"
            )
    return answers


def _alike(who: str, outputs: Any, targets: Any) -> tuple[jax.Array, jax.Array]:
    """Outputs and targets of one shape and dtype."""
    y, t = _without_nan(who, read_alike(f"metrics.{who}", outputs, targets))
    return y, as_dtype(t, y.dtype)


def _scores(who: str, outputs: Any, targets: Any) -> tuple[jax.Array, jax.Array]:
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


def _share(right: jax.Array, scores: jax.Array) -> jax.Array:
    """The share of right answers of each example; NaN where a score is NaN, which only happens under jit."""
    unknown = jnp.isnan(scores) if scores.ndim == right.ndim else jnp.isnan(scores).any(-1)
    return _mean(jnp.where(unknown, jnp.full_like(right, jnp.nan, scores.dtype), right.astype(scores.dtype)))


def _mean(values: jax.Array) -> jax.Array:
    """One value per example: the mean over all axes after the first."""
    size = math.prod(values.shape[1:])
    return values if values.ndim == 1 else jnp.mean(values.reshape(len(values), size), 1)
