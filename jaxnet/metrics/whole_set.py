"""Metrics of a whole set, for the outputs of ``predict``."""

from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._padded import over_steps
from jaxnet._validation import read_answers
from jaxnet.metrics.reading import Average, alike, check_average, holds_labels, read_scores, read_weights


@over_steps
def r2(outputs: Any, targets: Any, *, average: Average = "macro", sample_weights: Any = None) -> jax.Array:
    """The coefficient of determination, ``1 - sum (t - y)^2 / sum (t - mean t)^2``, of a whole set.

    1 is perfect, 0 is as good as always predicting the mean, and there is no lower bound. Several outputs
    are averaged. Where all targets of an output are equal, it is 1 if every prediction is exact, else 0.

    Args:
        outputs: shape ``(N,)`` or ``(N, m)``.
        targets: the same shape (a last axis of size 1 may be left out).
        average: "macro", the mean over the outputs; None: one value for each.
        sample_weights: (N,), or None.

    Returns:
        One number, shape ``()``, or ``(m,)`` without averaging.

    Raises:
        ValueError: if the shapes do not fit or there are no examples.

    Example:
        >>> float(r2([1.0, 2.0, 4.0], [1.0, 2.0, 3.0]))
        0.5

    Reference: Sewall Wright, "Correlation and causation", 1921.
    """
    check_average("r2", average, ("macro",))
    y, t = alike("r2", outputs, targets)
    if not y.size:
        raise ValueError(f"metrics.r2: expected at least one example, got outputs of shape {y.shape}")
    y, t = y.reshape(len(y), -1), t.reshape(len(t), -1)
    weight = jnp.asarray(read_weights("r2", sample_weights, len(y))).astype(y.dtype)[:, None]
    mean = jnp.sum(weight * t, 0, keepdims=True) / jnp.sum(weight)
    left = jnp.sum(weight * jnp.square(t - y), 0)
    whole = jnp.sum(weight * jnp.square(t - jnp.broadcast_to(mean, t.shape)), 0)
    flat = whole == 0
    ratio = left / jnp.where(flat, jnp.ones_like(whole), whole)
    each = jnp.where(flat, (left == 0).astype(y.dtype), 1 - ratio)
    return each if average is None else jnp.mean(each)


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
def precision(
    outputs: Any,
    targets: Any,
    *,
    average: Average = "macro",
    threshold: float = 0.0,
    multilabel: bool | None = None,
    sample_weights: Any = None,
) -> jax.Array:
    """Of the examples predicted as a class, the share that belong to it: ``TP / (TP + FP)``.

    Args:
        outputs: as :func:`confusion_matrix`.
        targets: as :func:`confusion_matrix`.
        average: "macro", the mean over the classes that occur among targets or predictions (of labels: over
            all); "micro", of all answers together; or None, one value for each. A class that was never
            predicted has precision 0.
        threshold: above which a score means yes, for a single score and for labels: 0 for logits, 0.5 for
            probabilities. ``fit`` and ``evaluate`` take 0.5 where the network ends in a sigmoid.
        multilabel: whether targets of the shape of the outputs are labels, of which several may be 1, and not
            one-hot rows. None: where there are rows that do not sum to 1.
        sample_weights: (N,), or None.

    Returns:
        Shape ``()``, or ``(K,)`` without averaging.

    Example:
        >>> precision([-1.0, 2.0, 3.0], [0, 0, 1], average=None).tolist()
        [1.0, 0.5]
    """
    hits, answered, _actual, occurs = _counts(
        "precision", outputs, targets, average, threshold, multilabel, sample_weights
    )
    return _average(hits, answered, occurs, average)


@over_steps
def recall(
    outputs: Any,
    targets: Any,
    *,
    average: Average = "macro",
    threshold: float = 0.0,
    multilabel: bool | None = None,
    sample_weights: Any = None,
) -> jax.Array:
    """Of the examples of a class, the share that were predicted as such: ``TP / (TP + FN)``.

    Args:
        outputs: as :func:`confusion_matrix`.
        targets: as :func:`confusion_matrix`.
        average: as :func:`precision`. A class without examples has recall 0.
        threshold: as :func:`precision`.
        multilabel: as :func:`precision`.
        sample_weights: (N,), or None.

    Returns:
        Shape ``()``, or ``(K,)`` without averaging.

    Example:
        >>> recall([-1.0, 2.0, 3.0], [0, 0, 1], average=None).tolist()
        [0.5, 1.0]
    """
    hits, _answered, actual, occurs = _counts(
        "recall", outputs, targets, average, threshold, multilabel, sample_weights
    )
    return _average(hits, actual, occurs, average)


@over_steps
def f1(
    outputs: Any,
    targets: Any,
    *,
    average: Average = "macro",
    threshold: float = 0.0,
    multilabel: bool | None = None,
    sample_weights: Any = None,
) -> jax.Array:
    """The harmonic mean of precision and recall: ``2 TP / (2 TP + FP + FN)``.

    Args:
        outputs: as :func:`confusion_matrix`.
        targets: as :func:`confusion_matrix`.
        average: as :func:`precision`.
        threshold: as :func:`precision`.
        multilabel: as :func:`precision`.
        sample_weights: (N,), or None.

    Returns:
        Shape ``()``, or ``(K,)`` without averaging.

    Example:
        >>> [round(v, 4) for v in f1([-1.0, 2.0, 3.0], [0, 0, 1], average=None).tolist()]
        [0.6667, 0.6667]

    Reference: C. J. van Rijsbergen, "Information Retrieval", 1979.
    """
    hits, answered, actual, occurs = _counts(
        "f1", outputs, targets, average, threshold, multilabel, sample_weights
    )
    return _average(2 * hits, answered + actual, occurs, average)


def _counts(
    who: str,
    outputs: Any,
    targets: Any,
    average: Average,
    threshold: float,
    labels: bool | None,
    weights: Any,
) -> tuple[jax.Array, ...]:
    """For each class or label: answered rightly, answered, actual; and whether each counts in the mean."""
    check_average(who, average, ("macro", "micro"))
    y, t = read_answers(f"metrics.{who}", outputs, targets)
    if (labels is None and holds_labels(y.shape, t)) or labels:
        return _label_counts(who, y, t, threshold, weights)
    table, dtype = _confusion(who, y, t, threshold, weights), jnp.result_type(float)
    table = table.astype(dtype)
    answered, actual = jnp.sum(table, 0), jnp.sum(table, 1)
    return jnp.diagonal(table), answered, actual, answered + actual


def _label_counts(who: str, y: jax.Array, t: Any, threshold: float, weights: Any) -> tuple[jax.Array, ...]:
    if t.shape != y.shape or y.ndim < 2:
        raise ValueError(
            f"metrics.{who}: expected labels of the shape of the outputs, {y.shape}, got targets of {t.shape}"
        )
    y, t = alike(who, y, t)
    count = y.shape[-1]
    right, yes = (t > 0.5).reshape(-1, count), (y > threshold).reshape(-1, count)
    weight = jnp.asarray(read_weights(who, weights, len(y))).astype(y.dtype)
    weight = jnp.repeat(weight, len(yes) // max(len(y), 1))[:, None]
    parts = (right & yes, yes, right)
    hits, answered, actual = (jnp.sum(part.astype(y.dtype) * weight, 0) for part in parts)
    return hits, answered, actual, jnp.ones_like(hits)  # as in scikit-learn labels that do not occur count


def _average(above: jax.Array, below: jax.Array, occurs: jax.Array, average: Average) -> jax.Array:
    one = jnp.ones_like(below)
    if average == "micro":
        total = jnp.sum(below)
        return jnp.sum(above) / jnp.where(total > 0, total, jnp.ones_like(total))
    values = above / jnp.where(below > 0, below, one)
    if average is None:
        return values
    counted = (occurs > 0).astype(values.dtype)
    return jnp.sum(values * counted) / jnp.sum(counted)


def _confusion(
    who: str, outputs: Any, targets: Any, threshold: float = 0.0, weights: Any = None
) -> jax.Array:
    scores, targets = read_answers(f"metrics.{who}", outputs, targets)
    scores = scores[:, None] if scores.ndim == 1 else scores
    if scores.ndim == 2 and scores.shape[1] == 1:
        targets = targets.reshape(-1) if targets.shape == scores.shape else targets
        scores = jnp.concatenate([jnp.full_like(scores, threshold), scores], 1)
    scores, classes = read_scores(who, scores, targets)
    count = scores.shape[-1]
    answers = jnp.argmax(scores, -1)
    seen = ~jnp.isnan(scores).any(-1).reshape(-1)  # only under jit: NaN is no answer
    table = jnp.zeros((count, count), jnp.int32)
    if weights is not None:
        own = jnp.asarray(read_weights(who, weights, len(scores))).astype(scores.dtype)
        own = jnp.repeat(own, len(seen) // max(len(scores), 1))
        table, seen = table.astype(scores.dtype), seen.astype(scores.dtype) * own
    return table.at[classes.reshape(-1), answers.reshape(-1)].add(seen.astype(table.dtype))
