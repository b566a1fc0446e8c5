"""Tables that are arrays: a .npz, or a folder of IDX files; images are laid flat."""

from pathlib import Path
from typing import Any

import numpy as np

from jaxnet import data
from jaxnet.data import readers
from jaxnet.data.cells import Builder, Cells
from jaxnet.data.refusals import InvalidFile


def is_arrays(path: Path) -> bool:
    """Whether it is no CSV file."""
    return path.suffix.lower() == ".npz" or path.is_dir()


def read_arrays(
    who: str, path: Path, *, held_out: bool = False, with_target: bool = True
) -> tuple[np.ndarray, Cells | None]:
    """Return x (N, n) as stored, and the targets where they are asked for.

    Args:
        who: the function that the user called, for messages.
        path: the .npz file or the folder.
        held_out: of data with a separate test set, take that.
        with_target: whether targets are needed.
    """
    if path.is_dir():
        x, y = data.mnist(path)[int(held_out)]
        x = np.rint(x * 255).astype(np.uint8)
    else:
        stored = readers.read_npz(path)
        pairs = [("x_test", "y_test")] if held_out else []
        pairs += [("x", "y"), ("x_train", "y_train")]
        wanted = [pair if with_target else pair[:1] for pair in pairs]
        names = next((names for names in wanted if set(names) <= set(stored)), None)
        if names is None:
            expected = " / ".join(" + ".join(names) for names in wanted)
            raise InvalidFile(who, "array names", path=path, expected=expected, names=", ".join(stored))
        x, y = stored[names[0]], stored[names[-1]] if with_target else None
    for name, array in [("x", x)] if y is None else [("x", x), ("y", y)]:
        if array.dtype.kind not in ("biuf" if name == "x" else "biufUS"):
            raise InvalidFile(who, "array kind", path=path, name=name, dtype=array.dtype)
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            place = np.argwhere(~np.isfinite(array))[0]
            bad = array[tuple(place)] if array.ndim else array
            raise InvalidFile(
                who, "array value", path=path, name=name, cell=bad, row=place[0] if len(place) else 0
            )
    if y is not None and y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if x.ndim < 1 or not x.size or (y is not None and (y.ndim != 1 or len(x) != len(y))):
        raise InvalidFile(who, "array pair", path=path, x=x.shape, y=() if y is None else y.shape)
    return x.reshape(len(x), -1), None if y is None else _cells(y)


def own_scale(x: np.ndarray) -> float:
    """What images are divided by: 255 where they are bytes."""
    return 255.0 if x.dtype == np.uint8 else 1.0


def scaled(x: np.ndarray, scale: float) -> np.ndarray:
    """Float32, divided by the scale."""
    return x.astype(np.float32) / np.float32(scale)


def _cells(y: Any) -> Cells:
    if y.dtype.kind in "iuf":
        return Cells("y", y.astype(np.float64), None, [])
    builder = Builder("y")
    builder.add([value.decode() if isinstance(value, bytes) else str(value) for value in y])
    return builder.cells()


def array_names(x: np.ndarray) -> tuple[str, ...]:
    """Return the names of the numbers of an array."""
    return tuple(f"x{place}" for place in range(x.shape[1]))
