"""Reads answers by the grammar of their kind, and converts them to the program's numbers and back."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from quiz import bank
from quiz.exercise import Ask
from quiz.exercise.program import shapes_of, split, to_array
from quiz.marking.marks import BLANK, INVALID, WRONG
from quiz.text import mark as _
from quiz.text import numbers
from quiz.text.errors import Malformed
from quiz.text.expressions import evaluate
from quiz.text.grids import parse_partly
from quiz.text.numbers import Refused
from quiz.text.signs import plain, trimmed
from quiz.variants.variant import Variant


def to_answer(ask: Ask, value: np.ndarray) -> Any:
    """Turn a step's value into the answer as a student would give it: options count from 1."""
    if ask.kind == "choice":
        return int(value) + 1
    if ask.kind == "several":
        return [place + 1 for place, true in enumerate(value) if true > 0.5]
    if ask.kind in ("order", "blocks"):
        return [int(place) + 1 for place in value if place >= 0]
    return value.tolist()


@dataclass(frozen=True)
class Reading:
    """What was typed for an ask, and what was read: ``value`` for the program, ``exact`` as fractions."""

    text: str
    status: str
    value: np.ndarray | None = None
    exact: Any = None
    refused: Refused | None = None


def read(ask: Ask, typed: Any, variant: Variant, lang: str, *, expressions: bool = True) -> Reading:
    """Read what was typed, or record why it cannot be read.

    Args:
        ask: what is asked.
        typed: a text, a number or lists of numbers; they are read like the text that a person would type.
        variant: whose givens decide on shapes and options.
        lang: the language whose notation of numbers is read.
        expressions: whether an expression such as ``0,3-0,2`` is worked out, or refused.
    """
    text = _as_text(typed)
    if not trimmed(text):
        return Reading(text, BLANK)
    try:
        exact = read_answer(ask, text, variant, lang, expressions=expressions)
    except Refused as refused:
        return Reading(text, INVALID, refused=refused)
    return Reading(text, WRONG, _as_value(ask, exact, variant), exact)


def _as_text(typed: Any) -> str:
    """Write an answer that is a number or a list as a student would type it."""
    if typed is None:
        return ""
    if isinstance(typed, str):
        return typed
    if isinstance(typed, bytes):
        return typed.decode("utf-8", "surrogateescape")
    if isinstance(typed, np.ndarray | np.generic):
        typed = typed.tolist()
    if isinstance(typed, list | tuple):
        if typed and isinstance(typed[0], list | tuple):
            return " ".join("[" + _as_text(row) + "]" for row in typed)
        return "; ".join(_as_text(part) for part in typed) or "0"
    if isinstance(typed, int) and not isinstance(typed, bool):
        return f"{Decimal(typed):f}"  # `str` raises an error for more than 4300 digits
    return repr(typed) if isinstance(typed, float) else str(typed)


def read_answer(ask: Ask, text: str, variant: Variant, lang: str, *, expressions: bool = True) -> Any:
    """Read an answer by the grammar of its kind: exact numbers, or places of options counted from 1.

    Raises:
        Refused: it cannot be read as an answer to this ask.
    """
    number = evaluate if expressions else numbers.parse
    if ask.kind == "number":
        return number(text, lang)
    if ask.kind in ("vector", "matrix"):
        return _read_grid(text, lang, shape_of(ask, variant), number, whole=bool(ask.check))
    options = len(ask.choices(variant.givens))
    text = trimmed(text)
    numbers.check_length(text, numbers.MAX_LIST_LENGTH)
    if ask.kind == "several" and plain(text) in ("0", "-"):
        return ()
    inner = re.sub(r"^([(\[])(.*)[)\]]$", r"\2", text).replace(",", " ").replace(";", " ")
    places = tuple(_place(trimmed(part), options) for part in inner.split())
    if ask.kind == "choice":
        if len(places) != 1:
            raise Refused(_("expected one option, got %(given)d"), given=len(places))
        return places[0]
    if len(set(places)) != len(places):
        raise Refused(_("an option appears twice"))
    if ask.kind == "order" and len(places) != options:
        message = _("expected all %(size)d options in order, got %(given)d")
        raise Refused(message, size=options, given=len(places))
    return tuple(sorted(places)) if ask.kind == "several" else places


def _read_grid(text: str, lang: str, shape: tuple[int, ...], read: numbers.Reader, *, whole: bool) -> Any:
    """Read a vector or a matrix; a blank cell is ``None``, where an answer need not be ``whole``."""
    try:
        if len(shape) == 1:
            return numbers.parse_list(text, lang, shape[0], read)
        return numbers.parse_matrix(text, lang, (shape[0], shape[1]), read)
    except Refused:
        rows, columns = (1, *shape)[-2:]
        if (
            len(text) > numbers.MAX_LIST_LENGTH
            or (grid := parse_partly(text, lang, (rows, columns), read)) is None
        ):
            raise
        if whole:
            given = sum(cell is not None for row in grid for cell in row)
            message = _("expected %(size)d numbers, got %(given)d")
            raise Refused(message, size=rows * columns, given=given) from None
        return grid if len(shape) == 2 else grid[0]


def _place(text: str, options: int) -> int:
    """Read the number of an option, or its Latin letter."""
    if len(text) == 1 and "a" <= text.lower() <= "z":
        place = ord(text.lower()) - ord("a") + 1
    elif text.isascii() and text.isdigit() and len(text) < 4:
        place = int(text)
    else:
        place = 0
    if len(text) == 1 and text.isalpha() and not text.isascii():
        message = _('"%(text)s" is not a Latin letter; write the number of the option, from 1 to %(most)d')
        raise Refused(message, text=text, most=options)
    if not 1 <= place <= options:
        message = _('"%(text)s" is not an option; write a number from 1 to %(most)d')
        raise Refused(message, text=text[: numbers.MAX_LENGTH], most=options)
    return place


def shape_of(ask: Ask, variant: Variant) -> tuple[int, ...]:
    """Return how many numbers a vector has, or how many rows and columns a matrix has."""
    exercise = bank.exercise(variant.exercise)
    return shapes_of(exercise, *split(variant.givens, exercise))[ask.step][len(ask.index) :]


def _as_value(ask: Ask, exact: Any, variant: Variant) -> np.ndarray:
    """Convert an answer to the program's numbers."""
    if ask.kind == "choice":
        return np.array(exact - 1.0)
    if ask.kind == "several":
        return np.array([float(i + 1 in exact) for i in range(len(ask.choices(variant.givens)))])
    if ask.kind == "order":
        return np.array(exact, np.float64) - 1
    if ask.kind == "blocks":
        left_out = len(ask.choices(variant.givens)) - len(exact)
        return np.array([*(place - 1 for place in exact), *[-1] * left_out], np.float64)
    return to_array(_without_blanks(exact))


def _without_blanks(exact: Any) -> Any:
    """Return an answer with a number that is not one in place of blank cells, which equals no answer."""
    if isinstance(exact, tuple):
        return tuple(_without_blanks(part) for part in exact)
    return np.nan if exact is None else exact


_LINE = re.compile(r"\s*([\w.-]{1,64})\s*=(.*)")


def read_lines(place: str, body: str) -> dict[str, str]:
    """Read lines ``name = answer``; ``place`` is the question that errors name."""
    made: dict[str, str] = {}
    for line in map(trimmed, body.splitlines()):
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise Malformed(
                _("question %(place)s: expected name = answer, got %(line)s"), place=place, line=line
            )
        if match[1] in made:
            raise Malformed(_("the name %(name)s appears twice"), name=match[1])
        made[match[1]] = trimmed(match[2])
    return made
