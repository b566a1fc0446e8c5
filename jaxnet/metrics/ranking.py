"""Metrics of how scores rank or predict the examples of a whole set; computed on the host in float64."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._padded import over_steps
from jaxnet._validation import check_count
from jaxnet.metrics.reading import (
    Average,
    binary_columns,
    check_average,
    class_probabilities,
    host_answers,
    read_weights,
)


@over_steps
def roc_auc(
    outputs: Any, targets: Any, *, average: Average = "macro", sample_weights: Any = None
) -> jax.Array:
    """The area under the ROC curve: how likely a random "yes" has a higher score than a random "no".

    AUC = (1/(P N)) sum over pairs (yes, no) of [s_yes > s_no] + [s_yes = s_no]/2. Several classes are each
    taken against the rest.

    Args:
        outputs: scores (N,) or (N, 1); or (N, K), logits or probabilities of K classes, or scores of
            K labels.
        targets: 0 and 1 of the shape of the outputs (labels); or class numbers (N,).
        average: "macro", the mean over classes or labels; "micro", all labels in one; None: one value each.
        sample_weights: (N,), or None.

    Returns:
        Shape ``()``, or ``(K,)`` without averaging. As scikit-learn's ``roc_auc_score``.

    Raises:
        ValueError: shapes that do not fit, or a class or label that all examples have, or none.

    Example:
        >>> float(roc_auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]))
        0.75

    Reference: J. Hanley and B. McNeil, "The Meaning and Use of the Area under a ROC Curve", 1982.
    """
    return _averaged("roc_auc", _auc, outputs, targets, average, sample_weights)


@over_steps
def average_precision(
    outputs: Any, targets: Any, *, average: Average = "macro", sample_weights: Any = None
) -> jax.Array:
    """The average precision, AP = sum_n (R_n - R_(n-1)) P_n, over the thresholds in descending order.

    Args:
        outputs: as :func:`roc_auc`.
        targets: as :func:`roc_auc`.
        average: as :func:`roc_auc`.
        sample_weights: (N,), or None.

    Returns:
        Shape ``()``, or ``(K,)`` without averaging. As scikit-learn's ``average_precision_score``.

    Example:
        >>> round(float(average_precision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])), 4)
        0.8333

    Reference: M. Zhu, "Recall, Precision and Average Precision", 2004.
    """
    return _averaged("average_precision", _precision, outputs, targets, average, sample_weights)


@over_steps
def calibration_error(
    outputs: Any, targets: Any, *, bins: int = 10, probabilities: bool = False, sample_weights: Any = None
) -> jax.Array:
    """The expected calibration error: sum over bins of (n_b / N) |share that was right - mean probability|.

    Of a single yes/no output the probability of "yes" is compared with the share of "yes", of several classes
    the probability of the predicted class with the share of right predictions. ``fit`` and ``evaluate`` see
    whether a network ends in a sigmoid or softmax.

    Args:
        outputs: logits (N,), (N, 1) or (N, K).
        targets: 0 and 1 of the shape of a single output; or class numbers (N,).
        bins: number of bins of equal width in [0, 1].
        probabilities: whether the outputs are probabilities already.
        sample_weights: (N,), or None.

    Returns:
        A number in [0, 1], shape ``()``; 0 is perfect.

    Example:
        >>> round(float(calibration_error([0.9, 0.9, 0.1, 0.1], [1, 0, 0, 0], probabilities=True)), 4)
        0.25

    Reference: M. Naeini and others, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", 2015.
    """
    bins = check_count("metrics.calibration_error", "bins", bins)
    confidence, right = confidences("metrics.calibration_error", outputs, targets, probabilities)
    weight = read_weights("calibration_error", sample_weights, len(right))
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    total = np.zeros(bins)
    np.add.at(total, place, weight * (right - confidence))
    return jnp.asarray(np.abs(total).sum() / weight.sum())


def confidences(who: str, outputs: Any, targets: Any, probabilities: bool) -> tuple[np.ndarray, np.ndarray]:
    """The probability that each answer claims, and whether it was right."""
    y, t = host_answers(who, outputs, targets)
    if y.ndim == 2 and y.shape[1] == 1:
        y, t = y[:, 0], t.reshape(-1)
    if t.shape != y.shape[:1] or y.ndim > 2 or not len(y):
        raise ValueError(
            f"{who}: expected outputs of shape (N,) or (N, classes) and class numbers of shape (N,), got "
            f"{y.shape} and {t.shape}"
        )
    if probabilities and (y.min() < 0 or y.max() > 1):
        raise ValueError(f"{who}: expected probabilities in [0, 1], got {y.min():g} to {y.max():g}")
    if y.ndim == 1:
        return (y if probabilities else 1 / (1 + np.exp(-y))), (t > 0).astype(float)
    sure = y if probabilities else class_probabilities(y)
    return sure.max(1), (sure.argmax(1) == t).astype(float)


def curve(scores: np.ndarray, labels: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of true and false positives when everything from a score on counts as yes, highest first."""
    order = np.argsort(-scores, kind="stable")
    scores, labels, weight = scores[order], labels[order], weight[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)  # of equal scores the last one
    hits, misses = np.cumsum(weight * labels)[last], np.cumsum(weight * (1 - labels))[last]
    return hits, misses


def _auc(who: str, scores: np.ndarray, labels: np.ndarray, weight: np.ndarray) -> float:
    hits, misses = (np.append(0.0, part) for part in curve(scores, labels, weight))
    if not hits[-1] or not misses[-1]:
        raise ValueError(
            f"metrics.{who}: expected examples of both kinds, got only one; the area is undefined"
        )
    return float(np.trapezoid(hits, misses) / (hits[-1] * misses[-1]))


def _precision(who: str, scores: np.ndarray, labels: np.ndarray, weight: np.ndarray) -> float:
    hits, misses = curve(scores, labels, weight)
    if not hits[-1]:
        return 0.0
    precision = hits / np.maximum(hits + misses, 1e-300)
    return float(np.sum(np.diff(hits, prepend=0.0) * precision) / hits[-1])


def _averaged(
    who: str, measure: Callable[..., float], outputs: Any, targets: Any, average: Average, weights: Any
) -> jax.Array:
    check_average(who, average, ("macro", "micro"))
    scores, labels = binary_columns(who, outputs, targets)
    weight = read_weights(who, weights, len(labels))
    if scores.shape[1] == 1:
        return jnp.asarray(measure(who, scores[:, 0], labels[:, 0], weight))
    if average == "micro":
        repeated = np.repeat(weight, scores.shape[1])
        return jnp.asarray(measure(who, scores.reshape(-1), labels.reshape(-1), repeated))
    each = np.array([measure(who, s, t, weight) for s, t in zip(scores.T, labels.T, strict=True)])
    return jnp.asarray(each if average is None else each.mean())
