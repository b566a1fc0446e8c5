"""Files of examples as NumPy arrays: IDX (as MNIST comes), .npz and CSV. Nothing here runs pickled code.

Users find these functions in :mod:`jaxnet.data`.
"""

import gzip
import lzma
import math
import os
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from jaxnet.data.cells import Cells, is_missing, label, number, with_decimal_commas
from jaxnet.data.delimited import Sheet, read_sheet
from jaxnet.data.refusals import InvalidFile

Path_ = str | os.PathLike[str]

#: type code of an IDX file -> NumPy's, most significant byte first
_IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


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
    """Read the array of an IDX file, compressed by gzip or not.

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
    with open(path, "rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        try:
            with gzip.open(raw) if packed else raw as file:
                head = file.read(4)
                if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _IDX_TYPES or not head[3]:
                    file.read(1 << 20)  # a damaged gzip file is reported as such
                    raise ValueError(
                        f"read_idx: expected an IDX file, which begins 00 00, type, number of axes, "
                        f"in {path}, got {head.hex(' ') or 'an empty file'}"
                    )
                dtype, axes = np.dtype(_IDX_TYPES[head[2]]), head[3]
                lengths = file.read(4 * axes)
                shape = tuple(int(n) for n in np.frombuffer(lengths[: len(lengths) // 4 * 4], ">u4"))
                size = math.prod(shape) * dtype.itemsize
                content = _at_most(file, size + 1)  # what follows is not unpacked
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"read_idx: {path} is a damaged gzip file ({error}); fetch it again") from None
    if len(shape) < axes or len(content) != size:
        short = len(shape) < axes or len(content) < size
        raise ValueError(
            f"read_idx: {path} is cut short, {4 + len(lengths) + len(content)} bytes where its header states "
            f"{4 + 4 * axes + size}"
            if short
            else f"read_idx: {path} is too long: its header states {4 + 4 * axes + size} bytes"
        )
    if not math.prod(shape):
        raise ValueError(f"read_idx: {path} holds no entries, its shape is {shape}")
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _at_most(file: IO[bytes] | gzip.GzipFile, size: int) -> bytes:
    """Read so many bytes if they are there, and take no memory for those that are not."""
    parts = []
    while size > 0 and (part := file.read(min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read_npz(path: Path_) -> dict[str, np.ndarray]:
    """Read all arrays of a .npz file, by name.

    Args:
        path: the file, as ``numpy.savez`` writes it.

    Returns:
        One array per name, as stored.

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
        try:
            with zipfile.ZipFile(file) as archive:
                for member in archive.infolist():
                    _check_size(archive, member)
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
        except _DAMAGE as error:
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


#: what zipfile and NumPy raise for a file that was changed
_DAMAGE = (
    ValueError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, SyntaxError,
    TypeError, KeyError, OSError, OverflowError, MemoryError, tokenize.TokenError, lzma.LZMAError,
)  # fmt: skip


def _check_size(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse an array that claims more bytes than its file can hold, before memory is taken for it."""
    # deflate, the best that numpy.savez_compressed uses, packs at most 1032 bytes into one
    if member.file_size > 1100 * member.compress_size + 1000:
        raise ValueError(f"{member.filename} claims {member.file_size} bytes")
    with archive.open(member) as file:
        if file.read(6) != b"\x93NUMPY":
            return
        major = file.read(2)[0]
        read = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(file)
        claimed = math.prod(shape) * dtype.itemsize
        if not dtype.hasobject and claimed != member.file_size - file.tell():
            raise ValueError(f"{member.filename} claims {claimed} bytes in {member.file_size}")


def read_csv(
    path: Path_,
    target: str | int | None = -1,
    *,
    header: bool | None = None,
    classes: bool | Sequence[str] | None = None,
    delimiter: str | None = None,
) -> Table:
    """Read a table of numbers with one column of targets.

    Args:
        path: the file, UTF-8.
        target: the target column by name or by index (negative from the end), or None if there is none.
        header: whether the first row holds names; if not given, it does when it differs in kind from the rows
            below it: a text above numbers, say.
        classes: True if the targets are classes, False if they are values, or the names of the classes in
            their order (as a table read before had them). If not given, targets are classes when any of
            them is not a number.
        delimiter: what separates cells; if not given, the tab, semicolon or comma of the first lines. Beside
            other separators than the comma, ``378,1`` is a number too.

    Returns:
        A :class:`Table`: ``x``, ``y``, ``features``, ``target``, ``classes``. Class names are in order:
        numbers by size (``1`` and ``1.0`` are one class), then texts by alphabet.

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
    sheet = read_sheet("read_csv", Path(path), header, delimiter)
    if sheet.uneven:
        line, count = sheet.uneven[0]
        raise InvalidFile(
            "read_csv", "row length", path=path, line=line, expected=len(sheet.columns), count=count
        )
    column = column_at("read_csv", sheet, target)
    columns = [with_decimal_commas(c) if sheet.delimiter != "," else c for c in sheet.columns]
    goal = None if column is None else columns.pop(column)
    if goal is not None and (blank := goal.blank()).any():
        line = sheet.line(int(blank.argmax()))
        raise InvalidFile("read_csv", "no target", path=path, line=line, column=goal.name)
    if not columns:
        raise InvalidFile("read_csv", "one column", path=path)
    check_numbers("read_csv", sheet, columns)
    x = np.stack([cells.numbers for cells in columns], axis=1, dtype=np.float32, casting="same_kind")
    features = tuple(cells.name for cells in columns)
    if goal is None:
        return Table(x, None, features, None, None)
    if classes is False or (classes is None and goal.codes is None):
        check_numbers("read_csv", sheet, [goal])
        return Table(x, goal.numbers.astype(np.float32), features, goal.name, None)
    known = class_names(goal) if classes is None or classes is True else tuple(classes)
    y = class_numbers(goal, known)
    if (y < 0).any():
        row = int((y < 0).argmax())
        raise InvalidFile(
            "read_csv", "class", path=path, line=sheet.line(row), column=goal.name,
            classes=", ".join(known), cell=goal.text(row),
        )  # fmt: skip
    return Table(x, y, features, goal.name, known)


def column_at(who: str, sheet: Sheet, target: str | int | None) -> int | None:
    """Return the place of a column given by name or index."""
    names, path = sheet.names, sheet.path
    if target is None:
        return None
    if not isinstance(target, (int, str)):
        raise TypeError(f"{who}: expected target as a name, an index or None, got {target!r}")
    if isinstance(target, str):
        if target not in names:
            raise InvalidFile(who, "no column", path=path, name=target, names=", ".join(names))
        return names.index(target)
    if not -len(names) <= target < len(names):
        raise InvalidFile(who, "no index", path=path, name=target, count=len(names))
    return target % len(names)


def check_numbers(who: str, sheet: Sheet, columns: Sequence[Cells]) -> None:
    """Refuse the first row with a cell that is no number."""
    bad = [
        (int(np.isnan(c.numbers).argmax()), place) for place, c in enumerate(columns) if c.codes is not None
    ]
    if bad:
        row, place = min(bad)
        cell, line = columns[place].text(row), sheet.line(row)
        name = "missing" if is_missing(cell) else "number"
        raise InvalidFile(who, name, path=sheet.path, line=line, column=columns[place].name, cell=cell)


def class_names(cells: Cells) -> tuple[str, ...]:
    """Return the labels: numbers by size, then texts by alphabet; ``1`` and ``1.0`` are the same."""
    numbers = np.unique(cells.numbers[~np.isnan(cells.numbers)])
    return (*map(label, numbers), *sorted(word for word in cells.words if not is_missing(word)))


def class_numbers(cells: Cells, known: Sequence[str]) -> np.ndarray:
    """Return the place of each label among the known classes, int32; -1 for another one."""
    places = {name: place for place, name in enumerate(known)}
    values = {value: place for name, place in places.items() if (value := number(name)) is not None}
    found, inverse = np.unique(cells.numbers, return_inverse=True)
    y = np.array([values.get(float(value), -1) for value in found], np.int32)[inverse]
    if cells.codes is not None:
        of_words = np.array([-1, *(places.get(word, -1) for word in cells.words)], np.int32)
        y = np.where(cells.codes > 0, of_words[cells.codes], y)
    return y
