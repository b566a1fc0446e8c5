"""Preparing examples before training: splitting, scaling, one-hot encoding."""

import math
from typing import Any, NamedTuple

import numpy as np

from jaxnet import _validation
from jaxnet.data import memory
from jaxnet.data.datasets import Pair
from jaxnet.data.splits import evenly


class Scaling(NamedTuple):
    """How :func:`standardise` shifts and scales each feature: ``(x - mean) / scale``.

    Attributes:
        mean: the mean of each feature, float64 of the shape of one example; in float32 the mean of times in
            milliseconds, say, would be off by a minute.
        scale: its standard deviation, or 1 for a constant feature.
    """

    mean: np.ndarray
    scale: np.ndarray


def split(
    data: tuple[Any, Any], test: float = 0.2, *, seed: int = 0, stratify: bool = False
) -> tuple[Pair, Pair]:
    """Shuffle the examples, then split them in two.

    Args:
        data: ``(x, y)``, both with N examples along the first axis.
        test: the share of the second part, between 0 and 1; its size is rounded to the nearest integer.
        seed: the same seed gives the same split.
        stratify: keep the share of each class in both parts, as nearly as possible; ``y`` are class numbers.

    Returns:
        ``(x, y)`` of the first part and ``(x, y)`` of the second.

    Raises:
        ValueError: if the lengths differ, there are no data, a part would be empty, or ``stratify`` is asked
            for without class numbers.

    Example:
        >>> from jaxnet import data
        >>> (x, y), (x_test, y_test) = data.split(data.digits(), test=0.25, seed=0, stratify=True)
        >>> len(x), len(x_test)
        (1348, 449)
    """
    x, y = map(_read, _validation.pair("data.split", data))
    if not x.ndim or not y.ndim or len(x) != len(y):
        raise ValueError(
            f"data.split: expected as many inputs as targets, got shapes {x.shape} and {y.shape}"
        )
    if not 0 < test < 1:
        raise ValueError(f"data.split: expected a share between 0 and 1 for test, got {test}")
    count = math.floor(test * len(x) + 0.5)
    if not 0 < count < len(x):
        raise ValueError(
            f"data.split: a share of {test} of {len(x)} examples leaves a part empty; give more examples"
        )
    order = np.random.default_rng(seed).permutation(len(x))
    if stratify:
        if y.ndim != 1 or y.dtype.kind not in "biu":
            raise ValueError(
                f"data.split: stratify needs class numbers of shape (N,), got {y.dtype} of shape {y.shape}"
            )
        order = evenly(y, order)
    first, second = order[count:], order[:count]
    return (_at(x, first), y[first]), (_at(x, second), y[second])


def _read(part: Any) -> np.ndarray:
    """Inputs or targets; text and objects are split as well, masked values would be lost."""
    if isinstance(part, np.ndarray) and not isinstance(part, np.ma.MaskedArray):
        return part
    try:
        return np.asarray(_validation.numbers("data.split", "data", part))
    except TypeError:
        return np.asarray(part)


def _at(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows, in memory that the device takes over."""
    if x.dtype.hasobject:
        return x[rows]
    room = memory.empty((len(rows), *x.shape[1:]), x.dtype)
    return np.take(x, rows, axis=0, out=room, mode="clip")  # other modes copy once more


def standardise(x: Any, scaling: Scaling | None = None) -> tuple[np.ndarray, Scaling]:
    """Shift and scale every feature to mean 0 and standard deviation 1: ``(x - mean) / scale``.

    Args:
        x: inputs with N examples along the first axis.
        scaling: the scaling of the training data, to apply it to further data; None: computed from ``x``.

    Returns:
        The new inputs (float32, or float64 for float64), and the :class:`Scaling` to apply to further data
        and to store with the network.

    Raises:
        ValueError: if there are no data, anything is NaN or infinite, or the features do not fit ``scaling``.

    Example:
        >>> from jaxnet import data
        >>> train, scaling = data.standardise([[1.0, 5.0], [3.0, 5.0]])
        >>> train.tolist()
        [[-1.0, 0.0], [1.0, 0.0]]
        >>> data.standardise([[4.0, 6.0]], scaling)[0].tolist()
        [[2.0, 1.0]]
    """
    x = np.asarray(_validation.numbers("data.standardise", "x", x))
    if not x.ndim or not x.size:
        raise ValueError(f"data.standardise: expected at least one example, got shape {x.shape}")
    _validation.check_finite("data.standardise", "x", x)
    dtype = np.float64 if x.dtype == np.float64 else np.float32
    wide = x.astype(np.float64)
    if scaling is None:
        deviation = wide.std(0)
        # the mean of equal numbers is rounded, and a constant feature then deviates from it
        constant = deviation <= 1e-12 * np.abs(wide).max(0)
        scaling = Scaling(wide.mean(0), np.where(constant, 1.0, deviation))
    if np.shape(scaling.mean) != x.shape[1:] or np.shape(scaling.scale) != x.shape[1:]:
        raise ValueError(
            f"data.standardise: expected features of shape {np.shape(scaling.mean)} as the scaling has them, "
            f"got {x.shape[1:]}"
        )
    return ((wide - scaling.mean) / scaling.scale).astype(dtype), scaling


def one_hot(y: Any, classes: int | None = None) -> np.ndarray:
    """Class numbers as rows with a 1 at the class and 0 elsewhere.

    Args:
        y: class numbers of shape ``(...)``, from 0.
        classes: how many classes there are; if not given, one more than the largest number.

    Returns:
        float32 of shape ``(..., classes)``.

    Raises:
        ValueError: if a number is no whole number or lies outside the classes, or there are no data.

    Example:
        >>> from jaxnet import data
        >>> data.one_hot([0, 2, 1]).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    y = np.asarray(_validation.numbers("data.one_hot", "y", y))
    _validation.check_finite("data.one_hot", "y", y)
    if not y.size:
        raise ValueError("data.one_hot: expected at least one class number, got none")
    broken = y[y != np.floor(y)]
    if broken.size:
        raise ValueError(f"data.one_hot: expected whole class numbers, got {broken[0]}; round them first")
    count = (
        int(y.max()) + 1 if classes is None else _validation.check_count("data.one_hot", "classes", classes)
    )
    outside = y[(y < 0) | (y >= count)]
    if outside.size:
        raise ValueError(
            f"data.one_hot: expected classes 0 to {count - 1}, got {outside[0]}; number the classes from 0"
        )
    return (y[..., None] == np.arange(count)).astype(np.float32)
