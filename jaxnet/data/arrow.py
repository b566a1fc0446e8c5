"""CSV files read by pyarrow (extra ``tables``), in parallel, in a third of the time."""

import ctypes
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxnet.data.cells import LARGEST, MISSING, Builder, Cells, is_missing, number


def read_with_arrow(
    path: Path, names: Sequence[str], skipped: int, delimiter: str, sample: Sequence[Sequence[str]]
) -> list[Cells] | None:
    """Read the columns of a CSV file.

    Args:
        path: the file.
        names: the names of the columns.
        skipped: lines of the header.
        delimiter: what separates cells.
        sample: some rows, which show which columns are numbers.

    Returns:
        The columns; None without pyarrow, or where the standard library can say more about the file.
    """
    try:
        import pyarrow
        import pyarrow.csv
    except ModuleNotFoundError:
        return None
    width = len(names)
    text = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    plain = [
        all(is_missing(row[place]) or number(row[place]) is not None for row in sample if len(row) == width)
        for place in range(width)
    ]
    kinds = {
        name: pyarrow.float64() if is_plain else text for name, is_plain in zip(names, plain, strict=True)
    }
    with open(path, "rb") as file:
        quoted = any(b'"' in block for block in iter(lambda: file.read(1 << 20), b""))
    pool = pyarrow.system_memory_pool()
    while True:
        try:
            table = pyarrow.csv.read_csv(
                path,
                pyarrow.csv.ReadOptions(column_names=list(names), skip_rows=skipped, block_size=1 << 22),
                pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=quoted),
                pyarrow.csv.ConvertOptions(
                    column_types=kinds,
                    null_values=sorted({form for word in MISSING for form in _forms(word)}),
                    strings_can_be_null=False,
                ),
                memory_pool=pool,
            )
        except pyarrow.ArrowInvalid as error:
            place = re.match(r"In CSV column #(\d+)", str(error))
            if place is None or kinds[names[int(place[1])]] == text:
                return None
            kinds[names[int(place[1])]] = text
            continue
        cells, failed, columns = [], None, table.columns
        del table
        for place, name in enumerate(names):
            column = _from_arrow(name, columns.pop(0))
            if place % 8 == 7:
                _give_back_memory()  # of the columns that are converted; otherwise both copies stay
            if column is None:
                failed = name
                break
            cells.append(column)
        if failed is None:
            break
        kinds[failed] = text
    empty = np.logical_and.reduce([column.blank() for column in cells])
    return None if empty.any() else cells  # an empty row is passed over, one of NA is not


def _give_back_memory() -> None:
    """Return freed memory to the system: pyarrow's threads leave it in arenas that nothing else uses."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):  # another C library than glibc
        return


def _forms(word: str) -> tuple[str, ...]:
    return word, word.upper(), word.title(), "N/a", "NaN"


def _from_arrow(name: str, column: Any) -> Cells | None:
    """A column of pyarrow's; None if it holds infinities or numbers that are too large."""
    import pyarrow

    if not pyarrow.types.is_dictionary(column.type):
        # from the buffers, because to_numpy() imports pandas where it is installed: a third of a second
        numbers = np.empty(len(column))
        codes = np.zeros(len(column), np.int32) if column.null_count else None
        start = 0
        for chunk in column.chunks:
            valid, values = chunk.buffers()
            part = slice(start, start := start + len(chunk))
            numbers[part] = np.frombuffer(values, np.float64, len(chunk), 8 * chunk.offset)
            if codes is not None and chunk.null_count:
                bits = np.unpackbits(np.frombuffer(valid, np.uint8), bitorder="little")
                codes[part] = bits[chunk.offset : chunk.offset + len(chunk)] == 0
                numbers[part][codes[part] == 1] = np.nan
        if np.fmax.reduce(numbers) > LARGEST or np.fmin.reduce(numbers) < -LARGEST:
            return None
        return Cells(name, numbers, codes, [""] if codes is not None else [])
    column = column.combine_chunks()
    column = column.chunk(0) if isinstance(column, pyarrow.ChunkedArray) else column
    builder = Builder(name)
    different = [word.strip() for word in column.dictionary.to_pylist()]
    builder.add(different or [""])
    entries = builder.cells()
    places = column.indices.to_numpy()
    codes = None if entries.codes is None else entries.codes[places]
    return Cells(name, entries.numbers[places], codes, entries.words)
