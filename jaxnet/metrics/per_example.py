"""Metrics with one value per example, which ``fit`` and ``evaluate`` average."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._padded import by_steps
from jaxnet._validation import check_count
from jaxnet.metrics.reading import alike, mean, read_scores, share


@by_steps
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
    scores, classes = read_scores("accuracy", outputs, targets)
    return share(jnp.argmax(scores, -1) == classes, scores)


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
        return _among_highest(outputs, targets, k=k)

    metric.__name__ = f"top_{k}"
    return metric


@by_steps
def _among_highest(outputs: Any, targets: Any, *, k: int) -> jax.Array:
    scores, classes = read_scores("top_k", outputs, targets)
    own = jnp.take_along_axis(scores, classes[..., None], -1)
    index = jnp.arange(scores.shape[-1]).reshape((1,) * classes.ndim + (-1,))
    ahead = (scores > own) | ((scores == own) & (index < classes[..., None]))
    return share(jnp.sum(ahead, -1) < k, scores)


@by_steps
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
    y, t = alike("binary_accuracy", outputs, targets)
    return share((y > threshold) == (t > 0.5), y)


@by_steps
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
    y, t = alike("mean_absolute_error", outputs, targets)
    return mean(jnp.abs(y - t))


@by_steps
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
    y, t = alike("mean_squared_error", outputs, targets)
    return mean(jnp.square(y - t))
