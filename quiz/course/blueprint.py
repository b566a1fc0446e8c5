"""The blueprint of a paper: its questions, their levels and number; from TOML or the command line."""

import re
import tomllib
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from quiz import bank
from quiz.course.folder import Course
from quiz.exercise import Exercise
from quiz.text import mark as _
from quiz.text.errors import InFile, Invalid, Refusal, one_line
from quiz.variants.variant import find


@dataclass(frozen=True)
class Slot:
    """One question of the paper.

    Attributes:
        exercises: the ids to choose from, all of one question and one level.
        vary: whether students may get different ones of them; otherwise all get the same exercise, with
            different numbers.
        points: how much the question counts beside the others.
    """

    exercises: tuple[str, ...]
    vary: bool = False
    points: float = 1

    def exercise(self, course: Course, sitting: str, place: int, student: str) -> Exercise:
        """Return the exercise that a student gets in this place."""
        who = student if self.vary else ""
        number = int.from_bytes(course.digest("exercise", sitting, place, who)[:8], "big")
        return bank.exercise(self.exercises[number % len(self.exercises)])


@dataclass(frozen=True)
class Blueprint:
    """The title and the questions of a paper.

    Attributes:
        title: the title of the paper.
        slots: its questions.
        expressions: whether an expression of numbers such as ``0,3-0,2`` is worked out, or not an answer.
    """

    title: str
    slots: tuple[Slot, ...]
    expressions: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return plain data to store; points are left out where every question has one."""
        made = asdict(self)
        for slot in made["slots"]:
            slot["exercises"] = list(slot["exercises"])
            if slot["points"] == 1:
                del slot["points"]
        if self.expressions:
            del made["expressions"]
        return made | {"slots": list(made["slots"])}


def from_json(data: dict[str, Any]) -> Blueprint:
    """Return the blueprint of the data from `Blueprint.to_json`."""
    return Blueprint(
        data["title"],
        tuple(Slot(tuple(s["exercises"]), bool(s["vary"]), s.get("points", 1)) for s in data["slots"]),
        data.get("expressions", True),
    )


def standard(title: str = "") -> Blueprint:
    """Return one slot of medium level, or the nearest one, for each of the lecture's questions."""
    questions = sorted({e.question for e in bank.exercises() if e.question <= 6})
    return Blueprint(title, tuple(slot for q in questions for slot in slots(q)))


def slots(
    question: int, level: int | None = None, count: int = 1, *, vary: bool = False, points: float = 1
) -> list[Slot]:
    """Return slots for a question; a slot has exercises of one level, so that no student has a harder one.

    Raises:
        Refusal: the bank has no such exercise.
    """
    found = [e for e in bank.exercises() if e.question == question]
    if not found:
        raise Refusal(_("there are no exercises of question %(question)s"), question=question)
    if level is None:
        level = min({e.level for e in found}, key=lambda own: (abs(own - 2), own))
    ids = tuple(e.id for e in found if e.level == level)
    if not ids:
        levels = ", ".join(str(own) for own in sorted({e.level for e in found}))
        raise Refusal(
            _("question %(question)s has no exercises of level %(level)s, only of %(levels)s"),
            question=question, level=level, levels=levels,
        )  # fmt: skip
    if vary:
        return [Slot(ids, True, points)] * count
    # different exercises in different places, as far as possible
    return [Slot(ids[place::count] or ids, False, points) for place in range(count)]


def read(path: Path) -> Blueprint:
    """Read a blueprint.

    It is TOML: ``title``, ``expressions = false`` if expressions of numbers are no answers, and tables
    ``[[slots]]`` with ``question`` and optionally ``level``, ``count``,
    ``points`` and ``vary`` (students get different exercises of the same question and level), or with
    ``exercises`` (ids of one level).

    Raises:
        Invalid: it is not a blueprint; the sentence names the place.
    """
    try:
        return _blueprint(tomllib.loads(path.read_text("utf-8-sig")))
    except tomllib.TOMLDecodeError as error:  # it has attributes for the place since Python 3.14 only
        place = re.search(r"line (\d+), column (\d+)", str(error))
        if place is None:
            raise Invalid(_("%(file)s: not TOML: it ends too early"), file=path.name) from None
        message = _("%(file)s: not TOML at line %(line)s, column %(column)s")
        raise Invalid(message, file=path.name, line=place[1], column=place[2]) from None
    except UnicodeDecodeError as error:
        raise Invalid(_("%(file)s: not UTF-8 at byte %(byte)s"), file=path.name, byte=error.start) from None
    except Refusal as refusal:
        raise InFile(path.name, refusal) from None


_BLUEPRINT = {"title": str, "slots": list, "expressions": bool}
_SLOT = {"question": int, "level": int, "count": int, "points": (int, float), "vary": bool, "exercises": list}
#: How a value of each type is written, for messages.
_TYPES = {
    str: _("a text in quotes"), int: _("a whole number without quotes"),
    (int, float): _("a number without quotes"), bool: _("true or false"),
    list: _("a list in brackets, such as [\"q2.update\"]"),
}  # fmt: skip


def _blueprint(data: dict[str, Any]) -> Blueprint:
    """Check and convert a blueprint."""
    if isinstance(data.get("slots"), dict):
        raise Refusal(_("write [[slots]] with two brackets on each side, one for each slot, not [slots]"))
    _check(data, _BLUEPRINT, "")
    tables = data.get("slots", [])
    if not tables or not all(isinstance(table, dict) for table in tables):
        raise Refusal(_("not a blueprint; expected [[slots]] with question, or with exercises"))
    made = [slot for number, table in enumerate(tables, 1) for slot in _slots(table, f"slots[{number}]")]
    return Blueprint(str(data.get("title", "")), tuple(made), data.get("expressions", True))


def _check(data: dict[str, Any], known: dict[str, Any], place: str) -> None:
    """Refuse names that are not known and values of another type; ``place`` is named."""
    for name, value in data.items():
        where = one_line(f"{place}.{name}" if place else name)
        if name not in known:
            near = get_close_matches(name, known, 1) or list(known)
            raise Refusal(
                _("%(place)s: unknown name; expected %(known)s"), place=where, known=", ".join(near)
            )
        wanted = known[name]
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise Refusal(
                _("%(place)s: expected %(reason)s, got %(given)s"),
                place=where, reason=_TYPES[wanted], given=one_line(repr(value)),
            )  # fmt: skip


def _slots(table: dict[str, Any], place: str) -> list[Slot]:
    _check(table, _SLOT, place)
    vary, count, points = table.get("vary", False), table.get("count", 1), table.get("points", 1)
    if not 1 <= count <= 100:
        raise Refusal(_("expected a count from 1 to 100, got %(count)s"), count=count)
    if not 0 < points <= 1000:
        raise Refusal(
            _("%(place)s: expected points above 0 and up to 1000, got %(points)s"), place=place, points=points
        )
    if "exercises" not in table:
        if "question" not in table:
            raise Refusal(_("%(place)s: expected question, or exercises"), place=place)
        return slots(table["question"], table.get("level"), count, vary=vary, points=points)
    if clash := [name for name in ("question", "level") if name in table]:
        raise Refusal(
            _("%(place)s: exercises already determine the question and level; remove %(names)s"),
            place=place, names=", ".join(clash),
        )  # fmt: skip
    ids = table["exercises"]
    if not ids or not all(isinstance(name, str) for name in ids):
        raise Refusal(
            _("%(place)s: expected %(reason)s, got %(given)s"),
            place=f"{place}.exercises", reason=_TYPES[list], given=one_line(repr(ids)),
        )  # fmt: skip
    levels = {find(name).level for name in ids}
    if len(levels) > 1:
        raise Refusal(_("the exercises %(names)s are of different levels"), names=", ".join(ids))
    return [Slot(tuple(ids), vary, points)] * count


def shorthand(text: str) -> list[Slot]:
    """Read ``QUESTION[:LEVEL[:COUNT]]``, as in ``2:1:3``.

    Example:
        >>> len(shorthand("2:1:3"))
        3
    """
    parts = text.split(":")
    if not 1 <= len(parts) <= 3 or not all(p.isascii() and p.isdigit() and len(p) < 4 for p in parts):
        raise Refusal(_('expected QUESTION[:LEVEL[:COUNT]] such as 2:1:3, got "%(given)s"'), given=text[:64])
    question, level, count = [int(p) for p in parts] + [None, 1][len(parts) - 1 :]  # type: ignore[operator]
    if not 1 <= count <= 100:  # type: ignore[operator]
        raise Refusal(_("expected a count from 1 to 100, got %(count)s"), count=count)
    return slots(question, level, count)  # type: ignore[arg-type]
