"""Tables as spreadsheets write them: the separator, a line ``sep=;``, lines above the header."""

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

SEPARATORS = ",;\t|"
#: Lines in which the header is looked for.
HEADER_WITHIN = 10


class Line(NamedTuple):
    """A line of a table: its number, and its cells or ``None`` if it is too long to be read."""

    number: int
    cells: list[str] | None


def decode(data: bytes) -> str:
    """Decode a table by its byte order mark, as UTF-8 if it has none.

    Raises:
        UnicodeDecodeError: it is neither UTF-8 nor UTF-16 with a byte order mark.
    """
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16" if wide else "utf-8-sig")


def read(
    lines: Iterable[str], is_header: Callable[[list[str]], bool]
) -> tuple[Line | None, list[str], Iterator[Line]]:
    """Find the header of a table.

    Args:
        lines: the lines of the file.
        is_header: whether cells are those of the header.

    Returns:
        The header, or ``None`` if none of the first lines is one; the cells of the first line, to be named
        in a message; and the lines below the header that are not empty.
    """
    source, first = iter(lines), []
    for number in range(1, HEADER_WITHIN + 1):
        line = next(source, None)
        if line is None:
            break
        if line.lower().startswith("sep=") and number == 1:
            continue
        separator = max(SEPARATORS, key=line.count)
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
        except csv.Error:
            continue
        if is_header(cells):
            return Line(number, cells), cells, _below(source, separator, number)
        first = first or [cell for cell in cells if cell]
    return None, first, iter(())


def _below(source: Iterator[str], separator: str, above: int) -> Iterator[Line]:
    """Yield the lines below the header that are not empty."""
    reader = csv.reader(source, delimiter=separator)
    while True:
        begins = reader.line_num
        try:
            cells = next(reader, [])
        except csv.Error:  # a cell beyond 128 KiB; the reader continues with the next line
            cells = None
        if reader.line_num == begins:
            return
        if cells is None or any(cell.strip() for cell in cells):
            yield Line(begins + above + 1, cells)
