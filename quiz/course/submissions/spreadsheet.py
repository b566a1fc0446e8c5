"""Reads submissions from a CSV table: one per line with columns such as ``1.w1``, or one answer per line."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import IO, Any

from quiz import bank
from quiz.course import tables
from quiz.course.decisions import moment
from quiz.course.submissions.parse import MAX_ANSWERS, MAX_SUBMISSION
from quiz.text import mark as _
from quiz.text.errors import Refusal

#: The columns of a table with one answer per line, besides ``paper`` and ``mac``.
LONG = {"question", "ask", "answer"}
#: Names of the columns in which a form or a learning system writes when something was handed in.
TIME = {"time", "timestamp", "handed in", "submitted", "уақыт", "уақыты", "время", "отметка времени"}
_ANSWER = re.compile(r"(?:q(?:uestion)?\s*)?([0-9]{1,4})\s*[.:_/ -]\s*(\w{1,64})", re.IGNORECASE)


@dataclass
class Row:
    """A submission in a table, or what is wrong with a line.

    Attributes:
        line: where it begins.
        data: the submission as JSON; ``None`` for a problem, empty for what should be known.
        handed: when it was handed in, if the table says so.
        template: what is wrong, or what should be known about the table.
        given: the values of its placeholders.
    """

    line: int
    data: bytes | None
    handed: str | None = None
    template: str = ""
    given: dict[str, Any] = field(default_factory=dict)


@cache
def asked() -> frozenset[str]:
    """Return the names of everything that the bank asks for."""
    return frozenset(ask.name for exercise in bank.exercises() for ask in exercise.asks)


def read(file: IO[bytes]) -> Iterator[Row]:
    """Yield the submissions of a table, and what is wrong with it or should be known."""
    header, first, lines = tables.read(_lines(file), _is_header)
    if header is None:
        yield Row(1, None, template=_NO_HEADER, given={"found": ", ".join(first)[:100] or "-"})
        return
    names = [_column(cell) for cell in header.cells or ()]
    if len(set(filter(None, names))) != len(list(filter(None, names))):
        twice = next(name for name in names if name and names.count(name) > 1)
        yield Row(header.number, None, template=_("the column %(name)s appears twice"), given={"name": twice})
        return
    if set(names) >= LONG:
        yield from _long(lines, names)
        return
    answers = [name for name in names if _is_answer(name)]
    foreign = [name for name in names if name not in ("paper", "mac", "", *TIME) and not _is_answer(name)]
    if not answers:
        given = {"found": ", ".join(names)[:100]}
        yield Row(header.number, None, template=_NO_ANSWERS, given=given)
        return
    if foreign:
        note = _("these columns are no answers and are ignored: %(names)s")
        yield Row(header.number, b"", template=note, given={"names": ", ".join(foreign)[:100]})
    yield from _wide(lines, names)


_NO_HEADER = _("the first line must name the columns paper, mac and the answers; found: %(found)s")
_NO_ANSWERS = _(
    "no column is an answer; expected names such as 1.w1, or question, ask and answer; found: %(found)s"
)


def _lines(file: IO[bytes]) -> Iterator[str]:
    """Decode the lines one by one; what is not UTF-8 is refused later, with the submission it is in."""
    start = file.read(2)
    if start in (b"\xff\xfe", b"\xfe\xff"):  # the "Unicode text" of spreadsheets
        data = start + file.read(MAX_SUBMISSION)
        yield from data.decode("utf-16", "replace").splitlines(keepends=True)
        return
    first = True
    head = start + file.readline(MAX_SUBMISSION)
    for line in chain(head.splitlines(keepends=True), iter(lambda: file.readline(MAX_SUBMISSION), b"")):
        text = line.decode("utf-8-sig" if first else "utf-8", "surrogateescape")
        first = False
        # a carriage return alone ends a line as well, as old spreadsheets write it
        yield from text.splitlines(keepends=True) if "\r" in text.rstrip("\r\n") else [text]


def _is_header(cells: list[str]) -> bool:
    return {"paper", "mac"} <= {_column(cell) for cell in cells}


def _column(cell: str) -> str:
    """Normalise a column's name: ``Q1: w1`` is ``1.w1``; names of asks are case-sensitive."""
    plain = " ".join(cell.split())
    if plain.casefold() in ("paper", "mac", *LONG, *TIME):
        return plain.casefold()
    match = _ANSWER.fullmatch(plain)
    return f"{int(match[1])}.{match[2]}" if match and plain not in asked() else plain


def _is_answer(name: str) -> bool:
    return (name.partition(".")[2] != "" and name.partition(".")[0].isdigit()) or name in asked()


def _wide(lines: Iterator[tables.Line], header: list[str]) -> Iterator[Row]:
    for number, cells in lines:
        if problem := _wrong(number, cells, header):
            yield problem
            continue
        row = dict(zip(header, cells or (), strict=False))
        answers: dict[str, dict[str, str]] = {}
        for column, cell in row.items():
            if _is_answer(column) and cell.strip():
                place, dot, ask = column.partition(".")
                answers.setdefault(place if dot else "", {})[ask if dot else column] = cell
        yield from _submission(number, row, answers)


def _wrong(number: int, cells: list[str] | None, header: list[str]) -> Row | None:
    """Return what is wrong with a line."""
    if cells is None:
        return Row(number, None, template=_("not a table"))
    # a decimal comma would split an answer into two cells
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        return Row(number, None, template=_("more cells than columns"))
    return None


def _long(lines: Iterator[tables.Line], header: list[str]) -> Iterator[Row]:
    """Consecutive lines of the same paper are one submission."""
    begun, paper, answers, count = 0, {}, {}, 0
    for number, cells in lines:
        if problem := _wrong(number, cells, header):
            yield problem
            continue
        row = dict(zip(header, cells or (), strict=False))
        same = (row.get("paper"), row.get("mac")) == (paper.get("paper"), paper.get("mac"))
        if not same or count > MAX_ANSWERS:
            if begun:
                yield from _submission(begun, paper, answers)
            begun, paper, answers, count = number, row, {}, 0
        place, ask = row.get("question", "").strip(), row.get("ask", "").strip()
        if ask in answers.get(place, {}):
            yield Row(number, None, template=_("this answer is given twice"))  # the first one counts
            continue
        answers.setdefault(place, {})[ask] = row.get("answer", "")
        count += 1
    if begun:
        yield from _submission(begun, paper, answers)


def _submission(line: int, row: dict[str, str], answers: dict[str, Any]) -> Iterator[Row]:
    made = {"paper": row.get("paper", ""), "mac": row.get("mac", ""), "answers": answers}
    data = json.dumps(made, ensure_ascii=False).encode("utf-8", "surrogateescape")
    handed, when = None, next((row[name] for name in row if name in TIME and row[name].strip()), None)
    if when:
        try:
            handed = moment(when)
        except Refusal as refusal:
            yield Row(line, b"", template=refusal.template, given=refusal.given)
    yield Row(line, data, handed)
