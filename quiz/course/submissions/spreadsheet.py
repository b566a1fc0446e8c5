"""Reads submissions from a CSV table: one per line with columns ``1.w1``, or one answer per line."""

import csv
import io
import json
from collections.abc import Iterator
from typing import IO, Any

from quiz.course.submissions.parse import MAX_ANSWERS, MAX_SUBMISSION
from quiz.text import mark as _

#: The columns of a table with one answer per line, besides ``paper`` and ``mac``.
LONG = {"question", "ask", "answer"}


def read(file: IO[bytes]) -> Iterator[tuple[int, bytes | str]]:
    """Yield each submission of a table with its line: JSON, or a message if it is malformed."""
    text = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
    try:
        first = text.readline(MAX_SUBMISSION)
        mark = max(",;\t", key=first.count)
        header = [_column(cell) for cell in next(csv.reader([first], delimiter=mark), [])]
        if not {"paper", "mac"} <= set(header) or len(set(header)) != len(header):
            yield 1, _("the first line must name the columns paper, mac and the answers, each once")
            return
        lines = _lines(text, mark)
        yield from _long(lines, header) if set(header) >= LONG else _wide(lines, header)
    except csv.Error:
        yield 1, _("not a table")
    finally:
        text.detach()  # the caller closes the file


def _column(cell: str) -> str:
    """Normalise a column's name; names of asks are case-sensitive."""
    plain = cell.strip()
    return plain.casefold() if plain.casefold() in ("paper", "mac", *LONG) else plain


def _lines(text: io.TextIOWrapper, mark: str) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the lines below the header that are not empty, numbered; ``None`` for one that cannot be read."""

    def bounded() -> Iterator[str]:
        while line := text.readline(MAX_SUBMISSION):
            yield line

    reader = csv.reader(bounded(), delimiter=mark)
    number = 2
    while True:
        try:
            cells = next(reader, [])
        except csv.Error:  # a cell beyond 128 KiB; the reader continues with the next line
            cells = None
        if reader.line_num + 2 == number:
            return
        if cells is None or any(cell.strip() for cell in cells):
            yield number, cells
        number = reader.line_num + 2


def _wide(
    lines: Iterator[tuple[int, list[str] | None]], header: list[str]
) -> Iterator[tuple[int, bytes | str]]:
    for number, cells in lines:
        if cells is None:
            yield number, _("not a table")
            continue
        if len(cells) > len(header):
            yield number, _("more cells than columns")
            continue
        row = dict(zip(header, cells, strict=False))
        answers: dict[str, dict[str, str]] = {}
        for column, cell in row.items():
            place, dot, ask = column.partition(".")
            if dot and cell.strip():
                answers.setdefault(place, {})[ask] = cell
        yield number, _json(row, answers)


def _long(
    lines: Iterator[tuple[int, list[str] | None]], header: list[str]
) -> Iterator[tuple[int, bytes | str]]:
    """Consecutive lines of the same paper are one submission."""
    begun, paper, answers, count = 0, {}, {}, 0
    for number, cells in lines:
        if cells is None:
            yield number, _("not a table")
            continue
        if len(cells) > len(header):  # a decimal comma would split an answer into two cells
            yield number, _("more cells than columns")
            continue
        row = dict(zip(header, cells, strict=False))
        same = (row.get("paper"), row.get("mac")) == (paper.get("paper"), paper.get("mac"))
        if not same or count > MAX_ANSWERS:
            if begun:
                yield begun, _json(paper, answers)
            begun, paper, answers, count = number, row, {}, 0
        place, ask = row.get("question", "").strip(), row.get("ask", "").strip()
        if ask in answers.get(place, {}):
            yield number, _("this answer is given twice")  # the first one counts
            continue
        answers.setdefault(place, {})[ask] = row.get("answer", "")
        count += 1
    if begun:
        yield begun, _json(paper, answers)


def _json(row: dict[str, str], answers: dict[str, Any]) -> bytes:
    made = {"paper": row.get("paper", ""), "mac": row.get("mac", ""), "answers": answers}
    return json.dumps(made, ensure_ascii=False).encode("utf-8", "surrogateescape")
