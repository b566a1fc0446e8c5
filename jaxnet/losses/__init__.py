"""Loss functions by name, each with one value per example and with its derivative.

``targets`` decides how targets fit the outputs of a network.
"""

from jaxnet._padded import by_steps
from jaxnet.losses.functions import (
    binary_cross_entropy,
    cross_entropy,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mae,
    mse,
    smoothed,
    squared_hinge,
)
from jaxnet.losses.table import TABLE, Loss, derivative, get

__all__ = [
    "TABLE",
    "Loss",
    "binary_cross_entropy",
    "by_steps",
    "cross_entropy",
    "derivative",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mae",
    "mse",
    "smoothed",
    "squared_hinge",
]
