"""A CSV file as columns of cells: its separator, whether the first row holds names, which cells are numbers.

Two readers give the same columns: the standard library's, block by block, and pyarrow's where the extra
``tables`` is installed. pyarrow's is several times as fast; whatever it refuses is left to the other one,
which can say where the fault is.
"""

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jaxnet.data.arrow import read_with_arrow
from jaxnet.data.cells import Builder, Cells, is_missing, number
from jaxnet.data.refusals import InvalidFile

#: rows that are looked at to find separator and header, at the start and at the end of the file
_SAMPLE = 200

_BLOCK = 10_000
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


class Sheet(NamedTuple):
    """A CSV file as columns.

    Attributes:
        path: of the file.
        columns: in the order of the file.
        rows: how many rows there are, without the header and without the uneven ones.
        header: whether the first row holds names.
        delimiter: what separates cells.
        uneven: row number in the file and number of cells of each row that is too long or too short.
    """

    path: Path
    columns: list[Cells]
    rows: int
    header: bool
    delimiter: str
    uneven: list[tuple[int, int]]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    def emptied(self) -> "Sheet":
        """Return the sheet without its cells, so that their memory is free once they are converted."""
        none = Cells("", np.zeros(0), None, [])
        return self._replace(columns=[none._replace(name=name) for name in self.names])

    def line(self, row: int) -> int:
        """Return the line of the file on which a row ends, by going through the file again."""
        good = (line for cells, line in _rows(self.path, self.delimiter) if len(cells) == len(self.columns))
        return next(itertools.islice(good, row + self.header, None))


def read_sheet(
    who: str,
    path: Path,
    header: bool | None = None,
    delimiter: str | None = None,
    known: Sequence[str] = (),
) -> Sheet:
    """Read all columns of a CSV file.

    Args:
        who: the function that the user called, for messages.
        path: the file, UTF-8.
        header: whether the first row holds names; None: found out, see :func:`has_header`.
        delimiter: what separates cells; None: found out.
        known: names of columns; a first row that has them all is a header.

    Raises:
        InvalidFile: it is not a CSV file, or holds no data, or two columns have one name.
        OSError: it cannot be read.
    """
    try:
        delimiter = delimiter or _delimiter(path)
        rows = _rows(path, delimiter)
        sample = [cells for cells, _ in itertools.islice(rows, _SAMPLE)]
        if not sample:
            raise InvalidFile(who, "no data", path=path)
        sample += _last_rows(path, delimiter, len(sample[0])) if len(sample) == _SAMPLE else []
        if header is None:
            header = (bool(known) and set(known) <= set(sample[0])) or has_header(sample)
        names = _names(sample[0]) if header else [str(place) for place in range(len(sample[0]))]
        if len(set(names)) < len(names):
            doubled = Counter(names).most_common(1)[0][0]
            raise InvalidFile(who, "same names", path=path, name=doubled)
        if len(sample) == int(header):
            raise InvalidFile(who, "no data", path=path)
        first = next(_rows(path, delimiter))[1] if header else 0
        found = read_with_arrow(path, names, first, delimiter, sample[header:])
        columns, uneven = (found, []) if found else _by_standard_library(path, names, header, delimiter)
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidFile(who, "not utf-8", path=path, detail=error) from None
    if not columns or not len(columns[0].numbers):
        if uneven:
            line, count = uneven[0]
            raise InvalidFile(who, "row length", path=path, line=line, expected=len(names), count=count)
        raise InvalidFile(who, "no data", path=path)
    return Sheet(path, columns, len(columns[0].numbers), header, delimiter, uneven)


# --- separator and header -------------------------------------------------------------------------------


def raw_rows(path: Path, delimiter: str) -> Iterator[list[str]]:
    """Go through the rows that are not empty, the header first; cells are as they stand in the file."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        yield from (row for row in csv.reader(file, delimiter=delimiter, strict=True) if any(row))


def _rows(path: Path, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """Each row that is not empty, and the line on which it ends."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        for row in reader:
            if any(row):
                yield [cell.strip() for cell in row], reader.line_num


def _delimiter(path: Path) -> str:
    """Tab or semicolon if each of the first lines has equally many; otherwise the commonest in the first.

    The comma comes last: in a table of decimal commas there are more commas than semicolons.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = [_QUOTED.sub("", line) for line in itertools.islice(file, 20)]
    lines = [line for line in lines if line.strip()] or [""]
    for delimiter in "\t;":
        counts = {line.count(delimiter) for line in lines}
        if len(counts) == 1 and counts != {0}:
            return delimiter
    return max(",;\t", key=lines[0].count)


def _last_rows(path: Path, delimiter: str, width: int) -> list[list[str]]:
    """Rows from the end of a large file; those that are cut do not have the width."""
    with open(path, "rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 100_000))
        lines = file.read().decode("utf-8", errors="replace").splitlines()[1:]
    rows = csv.reader(lines[-_SAMPLE:], delimiter=delimiter)
    try:
        return [[cell.strip() for cell in row] for row in rows if len(row) == width]
    except csv.Error:
        return []


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row holds names: whether it differs in kind from the rows below it.

    It does if a text stands above numbers; or if it has no number, and not all its cells are found again
    below; or if its numbers count up by 1 (as the names of pandas' columns, or years) and those below do not;
    or if a text stands above few different texts that are found again and again, without being one of them.

    Example:
        >>> has_header([["0", "1", "kind"], ["5.1", "2", "a"], ["4.9", "3", "a"]])
        True
        >>> has_header([["5.1", "2", "a"], ["4.9", "3", "a"]])
        False
    """
    first, *below = [[_as_number(cell) for cell in row] for row in rows if len(row) == len(rows[0])]
    named = [number(cell) is None for cell in first]
    if not below:
        return all(named) and not any(map(is_missing, first))
    columns = [[cell for cell in column if not is_missing(cell)] for column in zip(*below, strict=True)]
    numeric = [bool(c) and sum(number(cell) is not None for cell in c) > 0.8 * len(c) for c in columns]
    texts = [text and not is_missing(cell) for cell, text in zip(first, named, strict=True)]
    if any(text and values for text, values in zip(texts, numeric, strict=True)):
        return True
    if all(named) and any(texts):
        return any(cell not in column for cell, column in zip(first, columns, strict=True))
    if _counts_up(first) and not all(map(_counts_up, below[:20])):
        return True
    return any(
        text and cell not in column and 2 * len(set(column)) <= len(column)
        for cell, text, column in zip(first, texts, columns, strict=True)
    )


def _as_number(cell: str) -> str:
    """Dates, decimal commas, percentages: whatever has digits and no letter is no name."""
    is_value = any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell)) and number(cell) is None
    return "0.5" if is_value else cell


def _counts_up(cells: Sequence[str]) -> bool:
    found = [value for cell in cells if (value := number(cell)) is not None]
    return len(found) > 2 and all(b - a == 1 for a, b in itertools.pairwise(found)) and found[0] % 1 == 0


def _names(first: Sequence[str]) -> list[str]:
    """The names; a column without one, as pandas writes its index, is called by its place."""
    return [name or f"column {place + 1}" for place, name in enumerate(first)]


# --- the readers ------------------------------------------------------------------------------------------


def _by_standard_library(
    path: Path, names: Sequence[str], header: bool, delimiter: str
) -> tuple[list[Cells], list[tuple[int, int]]]:
    builders, width, even = [Builder(name) for name in names], len(names), True
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        rows = (row for row in reader if any(row))
        if header:
            next(rows)
        while block := list(itertools.islice(rows, _BLOCK)):
            if set(map(len, block)) != {width}:
                block = [row for row in block if len(row) == width]
                even = False
            for builder, cells in zip(builders, zip(*block, strict=True), strict=bool(block)):
                builder.add(cells)
    numbered = () if even else _rows(path, delimiter)  # their lines are needed only now
    uneven = [(line, len(cells)) for cells, line in numbered if len(cells) != width]
    return [builder.cells() for builder in builders], uneven
