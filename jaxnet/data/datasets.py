"""Data as pairs ``(x, y)`` of NumPy arrays: the gates, real digits, files, splitting and scaling.

Everything random takes a seed. Empty data and NaN are refused here, before any training. What comes from here
lies in memory as :func:`aligned` has it: on the CPU, training takes it over without a copy.
"""

import math
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jaxnet import _validation
from jaxnet.data import memory
from jaxnet.data.readers import read_idx, read_npz

#: inputs and targets, of equal length
Pair = tuple[np.ndarray, np.ndarray]


def _gate(*outputs: int) -> Pair:
    x, t = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), np.array(outputs, np.float32)
    for array in (x, t):
        array.setflags(write=False)  # everyone shares them
    return x, t


#: truth table of AND, inputs of shape (4, 2) in the order 00, 01, 10, 11, targets of shape (4,)
AND = _gate(0, 0, 0, 1)
#: truth table of OR, as :data:`AND`
OR = _gate(0, 1, 1, 1)
#: truth table of XOR, as :data:`AND`
XOR = _gate(0, 1, 1, 0)
#: truth table of NAND, as :data:`AND`
NAND = _gate(1, 1, 1, 0)


class Scaling(NamedTuple):
    """How :func:`standardise` moved and stretched each feature: ``(x - mean) / scale``.

    Attributes:
        mean: the mean of each feature, of the shape of one example.
        scale: its standard deviation, or 1 for a feature that never changes.
    """

    mean: np.ndarray
    scale: np.ndarray


def digits() -> Pair:
    """1,797 real handwritten digits, 8 by 8 pixels, from the file that scikit-learn ships.

    Returns:
        Inputs in [0, 1], float32 of shape ``(1797, 64)``, row by row from the top left pixel; and the
        digits 0 to 9, int32 of shape ``(1797,)``.

    Raises:
        ModuleNotFoundError: if scikit-learn, of the extra ``[sklearn]``, is not installed.

    Example:
        >>> from jaxnet import data
        >>> x, y = data.digits()
        >>> x.shape, y[:4].tolist(), float(x.max())
        ((1797, 64), [0, 1, 2, 3], 1.0)

    Reference:
        E. Alpaydin and C. Kaynak, Optical recognition of handwritten digits, UCI repository, 1998.
    """
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'data.digits: scikit-learn, which has the digits, is missing; pip install "jaxnet-quiz[sklearn]"'
        ) from error
    x, y = map(np.asarray, load_digits(return_X_y=True))
    return (x / 16).astype(np.float32), y.astype(np.int32)


def mnist(path: str | os.PathLike[str]) -> tuple[Pair, Pair]:
    """MNIST from your own copy: the .npz file, or the folder of its four IDX files.

    Args:
        path: a .npz file with ``x_train, y_train, x_test, y_test``; or a folder with
            ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte`` and the same with ``t10k``, or ``.gz``.

    Returns:
        ``(x, y)`` to train on and ``(x, y)`` to test on: images in [0, 1], float32 of shape
        ``(N, 28, 28)``, and digits, int32 of shape ``(N,)``.


    Raises:
        ValueError: if the file or folder lacks one of the four arrays, or they do not fit together.
        OSError: if a file cannot be read.

    Example:
        >>> (x, y), (x_test, y_test) = data.mnist("mnist.npz")  # doctest: +SKIP

    Reference:
        Yann LeCun and others, Gradient-based learning applied to document recognition, 1998.
    """
    path = Path(path)
    if path.is_dir():
        arrays = [read_idx(_idx_file(path, name)) for name in _IDX_FILES]
    else:
        stored = read_npz(path)
        missing = [name for name in _NPZ_NAMES if name not in stored]
        if missing:
            raise ValueError(
                f"data.mnist: expected {', '.join(_NPZ_NAMES)} in {path}, got no {', '.join(missing)}"
            )
        arrays = [stored[name] for name in _NPZ_NAMES]
    pairs = []
    for x, y in (arrays[:2], arrays[2:]):
        if x.ndim != 3 or y.shape != x.shape[:1] or not x.size:
            raise ValueError(
                f"data.mnist: expected images of shape (N, 28, 28) and labels of shape (N,) in {path}, "
                f"got {x.shape} and {y.shape}"
            )
        images = memory.empty(x.shape, np.float32)
        np.divide(x, np.float32(255), out=images)
        pairs.append((images, y.astype(np.int32)))
    return pairs[0], pairs[1]


_NPZ_NAMES = ("x_train", "y_train", "x_test", "y_test")
_IDX_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def _idx_file(folder: Path, name: str) -> Path:
    for candidate in (name, f"{name}.gz"):
        if (folder / candidate).is_file():
            return folder / candidate
    raise ValueError(f"data.mnist: expected a file {name} or {name}.gz in {folder}, found neither")


def split(
    data: tuple[Any, Any], test: float = 0.2, *, seed: int = 0, stratify: bool = False
) -> tuple[Pair, Pair]:
    """Shuffle, then part the examples in two.

    Args:
        data: ``(x, y)``, both with N examples along the first axis.
        test: the share of the second part, between 0 and 1; its size is rounded to the nearest.
        seed: the same seed parts the same way.
        stratify: give both parts the same shares of each class, as near as can be; ``y`` are class numbers.

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
    x, y = (np.asarray(part) for part in _validation.pair("data.split", data))
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
        order = order[np.argsort(_evenly(y[order]), kind="stable")]
    first, second = order[count:], order[:count]
    return (_at(x, first), y[first]), (_at(x, second), y[second])


def _at(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows, in memory that the device takes over."""
    if x.dtype == object:
        return x[rows]
    room = memory.empty((len(rows), *x.shape[1:]), x.dtype)
    return np.take(x, rows, axis=0, out=room, mode="clip")  # other modes copy once more


def _evenly(y: np.ndarray) -> np.ndarray:
    """A place in (0, 1) for each example so that each class is spread evenly over it."""
    place = np.empty(len(y))
    for label in np.unique(y):
        mine = np.flatnonzero(y == label)
        place[mine] = (np.arange(len(mine)) + 0.5) / len(mine)
    return place


def standardise(x: Any, scaling: Scaling | None = None) -> tuple[np.ndarray, Scaling]:
    """Move and stretch every feature to mean 0 and standard deviation 1: ``(x - mean) / scale``.

    Args:
        x: inputs with N examples along the first axis.
        scaling: the one to apply, as training data gave it; if not given, it is taken from ``x``.

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
        # a constant feature may deviate from its mean by rounding alone
        constant = deviation <= 1e-12 * np.abs(wide).max(0)
        scaling = Scaling(wide.mean(0).astype(dtype), np.where(constant, 1.0, deviation).astype(dtype))
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
    whole = y.astype(np.int64)
    if (whole != y).any():
        raise ValueError(f"data.one_hot: expected whole class numbers, got {y[whole != y].flat[0]}")
    count = int(whole.max()) + 1 if classes is None else classes
    outside = whole[(whole < 0) | (whole >= count)]
    if outside.size:
        raise ValueError(f"data.one_hot: expected classes 0 to {count - 1}, got {outside.flat[0]}")
    return (whole[..., None] == np.arange(count)).astype(np.float32)
