"""Files of examples as NumPy arrays: IDX (as MNIST comes), .npz and CSV. Nothing here runs pickled code.

Users find these functions in :mod:`jaxnet.data`.
"""

import csv
import gzip
import math
import os
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Path_ = str | os.PathLike[str]

#: type code of an IDX file -> NumPy's, most significant byte first
_IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}

_MISSING = {"", "?", "na", "n/a", "nan", "null", "none", "-"}


class Table(NamedTuple):
    """What :func:`read_csv` found.

    Attributes:
        x: the features, float32 of shape ``(N, n)``.
        y: the targets, shape ``(N,)``: class numbers (int32) or values (float32); None without a target.
        features: the names of the ``n`` features.
        target: the name of the target column, or None.
        classes: the names of the classes in the order of their numbers, or None if targets are values.
    """

    x: np.ndarray
    y: np.ndarray | None
    features: tuple[str, ...]
    target: str | None
    classes: tuple[str, ...] | None


def read_idx(path: Path_) -> np.ndarray:
    """The array in an IDX file, compressed by gzip or not.

    The format: two zero bytes, a type code, the number of axes, the length of each axis as four bytes,
    then the entries, most significant byte first.

    Args:
        path: the file.

    Returns:
        An array of the shape and the type that the file states (uint8 for MNIST), in native byte order.

    Raises:
        ValueError: if the file is no IDX file, is cut short, has bytes left over or holds no entries.
        OSError: if it cannot be read.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "labels.idx1-ubyte"
        >>> _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
        >>> read_idx(path)
        array([7, 2, 1], dtype=uint8)

    Reference:
        Yann LeCun, Corinna Cortes and Christopher Burges, The MNIST database of handwritten digits, 1998.
    """
    content = Path(path).read_bytes()
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"read_idx: {path} is a damaged gzip file ({error}); fetch it again") from None
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _IDX_TYPES or not content[3]:
        raise ValueError(
            f"read_idx: expected an IDX file, which begins 00 00, type, number of axes, in {path}, "
            f"got {content[:4].hex(' ') or 'an empty file'}"
        )
    dtype, axes = np.dtype(_IDX_TYPES[content[2]]), content[3]
    start = 4 + 4 * axes
    shape = tuple(int(n) for n in np.frombuffer(content[4:start][: (len(content) - 4) // 4 * 4], ">u4"))
    expected = start + math.prod(shape) * dtype.itemsize
    if len(shape) < axes or len(content) != expected:
        state = "cut short" if len(shape) < axes or len(content) < expected else "too long"
        raise ValueError(
            f"read_idx: {path} is {state}, {len(content)} bytes where its header states {expected}"
        )
    if not math.prod(shape):
        raise ValueError(f"read_idx: {path} holds no entries, its shape is {shape}")
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def read_npz(path: Path_) -> dict[str, np.ndarray]:
    """All arrays of a .npz file, by name.

    Args:
        path: the file, as ``numpy.savez`` writes it.

    Returns:
        One array a name, as stored.

    Raises:
        ValueError: if the file is no .npz file or is damaged, is empty, or holds arrays of Python objects
            (these would be unpickled, which can run foreign code).
        OSError: if it cannot be read.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "data.npz"
        >>> np.savez(path, x=np.eye(2), y=np.array([0, 1]))
        >>> sorted(read_npz(path))
        ['x', 'y']
    """
    with open(path, "rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError(
                f"read_npz: expected {path} to be a .npz file, got something else or one cut short"
            )
        file.seek(0)
        try:
            with np.load(file, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
        except (ValueError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            if "allow_pickle" in str(error):
                raise ValueError(
                    f"read_npz: {path} holds Python objects, which are not read since they could run "
                    "foreign code; store numbers only"
                ) from None
            raise ValueError(f"read_npz: {path} is damaged ({error})") from None
    bytes_only = [name for name, array in arrays.items() if not isinstance(array, np.ndarray)]
    if not arrays or bytes_only:
        raise ValueError(f"read_npz: expected arrays in {path}, got {bytes_only or 'none'}")
    return arrays


def read_csv(
    path: Path_,
    target: str | int | None = -1,
    *,
    header: bool | None = None,
    classes: bool | Sequence[str] | None = None,
    delimiter: str | None = None,
) -> Table:
    """A table of numbers with one column of targets.

    Args:
        path: the file, UTF-8.
        target: the target column by name or by index (negative from the end), or None if there is none.
        header: whether the first row holds names; if not given, it does when none of its cells is a number.
        classes: True if the targets are classes, False if they are values, or the names of the classes in
            their order (as a table read before had them). If not given, targets are classes when any of
            them is not a number.
        delimiter: what separates cells; if not given, the commonest of ``,`` ``;`` and tab in row one.

    Returns:
        A :class:`Table`: ``x``, ``y``, ``features``, ``target``, ``classes``. Class names are in order of
        the alphabet, or of size if all are numbers.

    Raises:
        ValueError: with row and column, if a cell is missing or is not a finite number, a row is too long
            or too short, or a class is unknown; if there is no such column, or no data.
        OSError: if the file cannot be read.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "iris.csv"
        >>> _ = path.write_text("length,width,kind\\n5.1,3.5,setosa\\n7.0,3.2,versicolor\\n4.9,3.0,setosa\\n")
        >>> table = read_csv(path, target="kind")
        >>> table.x.shape, table.y.tolist(), table.classes
        ((3, 2), [0, 1, 0], ('setosa', 'versicolor'))
    """
    rows, lines, names = _rows(Path(path), header, delimiter)
    column = _column(path, names, target)
    of_target = [row[column] for row in rows] if column is not None else []
    for line, cell in zip(lines, of_target, strict=False):
        if _missing(cell):
            raise ValueError(
                f"read_csv: {path}, row {line}, column {names[column or 0]!r}: the target is missing"
            )
    kept = [j for j in range(len(names)) if j != column]
    if not kept:
        raise ValueError(f"read_csv: expected features beside the target in {path}, got one column only")
    x = np.array(
        [
            [_number(path, line, names[j], row[j]) for j in kept]
            for row, line in zip(rows, lines, strict=True)
        ],
        np.float32,
    )
    features = tuple(names[j] for j in kept)
    if column is None:
        return Table(x, None, features, None, None)
    name = names[column]
    if classes is False or (classes is None and all(_is_number(cell) for cell in of_target)):
        values = [_number(path, line, name, cell) for line, cell in zip(lines, of_target, strict=True)]
        return Table(x, np.array(values, np.float32), features, name, None)
    if classes is None or classes is True:
        numeric = all(_is_number(cell) for cell in of_target)
        known = tuple(sorted(set(of_target), key=(lambda cell: (float(cell), cell)) if numeric else None))
    else:
        known = tuple(classes)
    place = {label: k for k, label in enumerate(known)}
    for line, cell in zip(lines, of_target, strict=True):
        if cell not in place:
            raise ValueError(
                f"read_csv: {path}, row {line}, column {name!r}: expected one of the classes "
                f"{', '.join(known)}, got {cell!r}"
            )
    return Table(x, np.array([place[cell] for cell in of_target], np.int32), features, name, known)


def _rows(
    path: Path, header: bool | None, delimiter: str | None
) -> tuple[list[list[str]], list[int], list[str]]:
    """The rows of cells, the line each ends on, and the names of the columns."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter or max(",;\t", key=first.count), strict=True)
            numbered = [([cell.strip() for cell in row], reader.line_num) for row in reader if any(row)]
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"read_csv: {path} is not a CSV file in UTF-8 ({error})") from None
    if numbered and (
        header or (header is None and not any(_is_number(c) or _missing(c) for c in numbered[0][0]))
    ):
        names = numbered.pop(0)[0]
    else:
        names = [str(j) for j in range(len(numbered[0][0]))] if numbered else []
    if not numbered:
        raise ValueError(f"read_csv: {path} holds no data")
    if len(set(names)) < len(names):
        raise ValueError(
            f"read_csv: expected different names for the columns of {path}, got {', '.join(names)}"
        )
    for row, line in numbered:
        if len(row) != len(names):
            raise ValueError(f"read_csv: {path}, row {line}: expected {len(names)} cells, got {len(row)}")
    return [row for row, _ in numbered], [line for _, line in numbered], names


def _column(path: Path_, names: list[str], target: str | int | None) -> int | None:
    if target is None:
        return None
    if not isinstance(target, (int, str)):
        raise TypeError(f"read_csv: expected target as a name, an index or None, got {target!r}")
    if isinstance(target, str):
        if target not in names:
            raise ValueError(f"read_csv: there is no column {target!r} in {path}, only {', '.join(names)}")
        return names.index(target)
    if not -len(names) <= target < len(names):
        raise ValueError(f"read_csv: there is no column {target} in {path}, which has {len(names)} columns")
    return target % len(names)


def _missing(cell: str) -> bool:
    return cell.lower() in _MISSING


def _is_number(cell: str) -> bool:
    try:
        return "_" not in cell and math.isfinite(float(cell))
    except ValueError:
        return False


def _number(path: Any, line: int, name: str, cell: str) -> float:
    if _is_number(cell):
        return float(cell)
    if _missing(cell):
        raise ValueError(
            f"read_csv: {path}, row {line}, column {name!r}: the value is missing; fill it in or drop the row"
        )
    raise ValueError(f"read_csv: {path}, row {line}, column {name!r}: expected a finite number, got {cell!r}")
