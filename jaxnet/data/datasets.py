"""Data as pairs ``(x, y)`` of NumPy arrays: the gates, real digits, files, splitting and scaling.

Everything random takes a seed. Empty data and NaN are refused here, before any training. What comes from here
lies in memory as :func:`aligned` has it: on the CPU, training takes it over without a copy.
"""

import os
from pathlib import Path

import numpy as np

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
