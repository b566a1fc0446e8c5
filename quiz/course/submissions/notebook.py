"""Reads a filled notebook as text; nothing is executed.

What counts is what Python would make of the cells: other quotes, another indentation or a closing quote on
the line of the last answer change nothing. A cell that is no Python any more is read line by line.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from quiz.course.submissions.notes import Note, note
from quiz.text import mark as _
from quiz.text.errors import Malformed

#: Characters of a cell that are read; a cell for answers has far fewer.
MAX_CELL = 65_536
_ANSWERS = re.compile(r"""answers[ \t]*\[[ \t]*["']?([0-9]{1,4})["']?[ \t]*\][ \t]*=[ \t]*""")
_QUOTES = re.compile(r"""[rRbBuU]?('{3}|"{3}|'|")""")
_PAPER = re.compile(
    r"""paper[ \t]*,[ \t]*mac[ \t]*=[ \t]*["']([^"'\\\n]{1,64})["'][ \t]*,[ \t]*["']([^"'\\\n]{1,64})["']"""
)
_LINE = re.compile(r"""[ \t]*([\w.-]{1,64})[ \t]*[=:](.*)""")


@dataclass
class Cells:
    """What the cells of a notebook hold: the paper's codes, the answers, what should be known."""

    codes: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def read(found: dict[str, Any]) -> Cells:
    """Read the cells.

    Raises:
        Malformed: it is not a notebook.
    """
    cells = found.get("cells")
    if not isinstance(cells, list):
        raise Malformed(_("a notebook without cells"))
    made = Cells()
    for cell in cells:
        source = cell.get("source", "") if isinstance(cell, dict) else ""
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if "answers" not in text and "paper" not in text:
            continue
        if len(text) > MAX_CELL:
            made.notes.append(note(_("a cell of more than %(most)d characters is not read"), most=MAX_CELL))
            text = text[:MAX_CELL]
        text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        for name, value in _assignments(text):
            if name in ("paper", "mac"):
                made.codes[name] = str(value)[:65]
            else:
                _put(made, name, value)
    return made


def _put(made: Cells, place: str, value: Any) -> None:
    """Add the answers of a cell; of two cells for a question the last one counts, as in Python."""
    before = {name: old for name, old in made.answers.get(place, {}).items() if old not in ("", None)}
    if not isinstance(value, str):  # answers[1] = {...} or answers[1]["w1"] = ...
        made.answers[place] = before | value
        return
    given = _read_lines(made, place, value)
    if before and before != given:
        if not any(new not in ("", None) for new in given.values()):
            return
        made.notes.append(
            note(_("question %(place)s is answered in two cells; the last one counts"), place=place)
        )
    made.answers[place] = given


def _read_lines(made: Cells, place: str, body: str) -> dict[str, str]:
    """Read lines ``name = answer``; any other line is noted, and the others are read."""
    given: dict[str, str] = {}
    for line in body.splitlines():
        plain = line.strip()
        match = _LINE.fullmatch(line)
        if match is None or plain.startswith("#"):
            if plain:
                message = _("question %(place)s: expected name = answer, got %(text)s")
                made.notes.append(note(message, place=place, text=plain))
            continue
        name, value = match[1], match[2].strip()
        if given.get(name) and value and given[name] != value:
            message = _("question %(place)s: %(name)s is given twice; the first one counts")
            made.notes.append(note(message, place=place, name=name))
        given[name] = given.get(name) or value
    return given


def _assignments(text: str) -> Iterator[tuple[str, Any]]:
    """Yield what a cell assigns: ``paper``, ``mac``, or the number of a question with its answers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a backslash in an answer
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield from _without_python(text)
        return
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _assigned(node.target, node.value)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _assigned(target, node.value)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, Any]]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for one, other in zip(target.elts, value.elts, strict=False):
            yield from _assigned(one, other)
    elif isinstance(target, ast.Name) and target.id in ("paper", "mac"):
        if isinstance(found := _constant(value), str):
            yield target.id, found
    elif isinstance(target, ast.Name) and target.id == "answers" and isinstance(value, ast.Dict):
        for key, each in zip(value.keys, value.values, strict=True):
            place = None if key is None else _constant(key)
            if isinstance(place, int | str):
                yield from _answers(str(place), each)
    elif (
        isinstance(target, ast.Subscript)
        and isinstance(target.value, ast.Name)
        and target.value.id == "answers"
    ):
        place = _constant(target.slice)
        if isinstance(place, int | str):
            yield from _answers(str(place).strip(), value)
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Subscript):
        outer, name = target.value, _constant(target.slice)
        place = _constant(outer.slice)
        named = isinstance(outer.value, ast.Name) and outer.value.id == "answers" and isinstance(name, str)
        if named and isinstance(place, int | str):
            yield str(place).strip(), {name: _constant(value)}


def _answers(place: str, value: ast.expr) -> Iterator[tuple[str, Any]]:
    """Yield the answers to a question: a text, or a dict of names and values."""
    found = _constant(value)
    if isinstance(found, str):
        yield place, found
    elif isinstance(found, dict):
        yield place, {str(name): each for name, each in found.items()}


def _constant(value: ast.expr) -> Any:
    """Return the value of an expression that is written out, otherwise ``None``."""
    if isinstance(value, ast.JoinedStr):  # f"..." into which nothing is put
        pieces = [part.value for part in value.values if isinstance(part, ast.Constant)]
        return "".join(map(str, pieces)) if len(pieces) == len(value.values) else None
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _without_python(text: str) -> Iterator[tuple[str, Any]]:
    """Find the same in a text that is not Python, in one pass; a closing quote may be missing."""
    if about := _PAPER.search(text):
        yield "paper", about[1]
        yield "mac", about[2]
    starts = list(_ANSWERS.finditer(text))
    for match, following in zip(starts, [*starts[1:], None], strict=False):
        body = text[match.end() : following.start() if following else len(text)]
        if opening := _QUOTES.match(body):
            inner, _closing, _rest = body[opening.end() :].partition(opening[1])
            yield match[1], inner
