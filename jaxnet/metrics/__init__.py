"""Metrics: ``metric(outputs, targets)``, from a network's outputs and the right answers.

There are two kinds. Metrics *per example*, which ``fit`` and ``evaluate`` average: ``accuracy``, ``top_k``,
``binary_accuracy``, ``mean_absolute_error``, ``mean_squared_error``; like losses they average over all axes
after the first. Metrics of a *whole set*: ``r2``, ``confusion_matrix``, ``precision``, ``recall``, ``f1``,
``roc_auc``, ``average_precision``, ``calibration_error``. ``evaluate`` takes both kinds and any metric of
scikit-learn, ``fit`` measures those of a whole set on its validation data; or apply them to the outputs of
``predict``.

Class outputs are scores of any kind (logits, probabilities) of shape ``(N, ..., K)``. The highest score wins,
the first of equals; a single score of shape ``(N,)`` or ``(N, 1)`` means yes where it is above 0, like a
logit. Of a network that ends in a sigmoid, ``fit`` and ``evaluate`` set the threshold to 0.5; where you call
a metric yourself, give ``threshold=0.5``. Targets are class numbers ``(N, ...)`` or one-hot rows of the shape
of the outputs; ``precision``, ``recall``, ``f1``, ``roc_auc`` and ``average_precision`` take several labels
per example too, rows of 0 and 1 that need not sum to 1. NaN is refused;
under ``jit``, where it cannot be seen, it makes the metric NaN, and ``confusion_matrix``, ``precision``,
``recall`` and ``f1`` leave these examples out.

Outputs may be a ``Padded``, the targets then too or an array (batch, time, ...). Metrics per example give the
mean over the real steps of each sequence, metrics of a whole set count all real steps.

All metrics raise ValueError if the shapes do not fit, a class number lies outside the classes, or ``average``
is not one of those that the metric knows, and TypeError for anything but numbers.

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
from jaxnet.metrics.ranking import average_precision, calibration_error, roc_auc
from jaxnet.metrics.whole_set import confusion_matrix, f1, precision, r2, recall

__all__ = [
    "accuracy",
    "average_precision",
    "binary_accuracy",
    "calibration_error",
    "confusion_matrix",
    "f1",
    "mean_absolute_error",
    "mean_squared_error",
    "precision",
    "r2",
    "recall",
    "roc_auc",
    "top_k",
]
