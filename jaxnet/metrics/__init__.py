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

Outputs may be a ``Padded``, the targets then too or an array (batch, time, ...). Metrics per example give the
mean over the real steps of each sequence, metrics of a whole set count all real steps.

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

from jaxnet.metrics.per_example import (
    accuracy,
    binary_accuracy,
    mean_absolute_error,
    mean_squared_error,
    top_k,
)
from jaxnet.metrics.whole_set import confusion_matrix, f1, precision, r2, recall

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
