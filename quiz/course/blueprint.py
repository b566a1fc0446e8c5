"""The blueprint of a paper: its questions, their levels and number; from TOML or the command line."""

import re
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from quiz import bank
from quiz.course.folder import Course
from quiz.exercise import Exercise
from quiz.text import mark as _
from quiz.text.errors import InFile, Invalid, Refusal


@dataclass(frozen=True)
class Slot:
    """One question of the paper.

    Attributes:
        exercises: the ids to choose from, all of one question and one level.
        vary: whether students may get different ones of them; otherwise all get the same exercise, with
            different numbers.
    """

    exercises: tuple[str, ...]
    vary: bool = False

    def exercise(self, course: Course, sitting: str, place: int, student: str) -> Exercise:
        """Return the exercise that a student gets in this place."""
        who = student if self.vary else ""
        number = int.from_bytes(course.digest("exercise", sitting, place, who)[:8], "big")
        return bank.exercise(self.exercises[number % len(self.exercises)])


@dataclass(frozen=True)
class Blueprint:
    """The title and the questions of a paper."""

    title: str
    slots: tuple[Slot, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data to store."""
        return asdict(self)


def from_json(data: dict[str, Any]) -> Blueprint:
    """Return the blueprint of the data from `Blueprint.to_json`."""
    return Blueprint(
        data["title"], tuple(Slot(tuple(s["exercises"]), bool(s["vary"])) for s in data["slots"])
    )


def standard(title: str = "") -> Blueprint:
    """Return one slot of medium level, or the nearest one, for each of the lecture's questions."""
    questions = sorted({e.question for e in bank.exercises() if e.question <= 6})
    return Blueprint(title, tuple(slot for q in questions for slot in slots(q)))


def slots(question: int, level: int | None = None, count: int = 1, *, vary: bool = False) -> list[Slot]:
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
        return [Slot(ids, True)] * count
    # different exercises in different places, as far as possible
    return [Slot(ids[place::count] or ids, False) for place in range(count)]


def read(path: Path) -> Blueprint:
    """Read a blueprint.

    It is TOML: ``title`` and tables ``[[slots]]`` with ``question`` and optionally ``level``, ``count`` and
    ``vary`` (students get different exercises of the same question and level), or with ``exercises`` (ids of
    one level).

    Raises:
        Invalid: it is not a blueprint.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
        tables = data["slots"]
        made = [slot for table in tables for slot in _slots(dict(table))]
        if not made:
            raise ValueError("no [[slots]]")
        return Blueprint(str(data.get("title", "")), tuple(made))
    except Refusal as refusal:
        raise InFile(path.name, refusal) from None
    except UnicodeDecodeError as error:
        raise Invalid(_("%(file)s: not UTF-8 at byte %(byte)s"), file=path.name, byte=error.start) from None
    except tomllib.TOMLDecodeError as error:  # it has attributes for the place since Python 3.14 only
        place = re.search(r"line (\d+), column (\d+)", str(error))
        if place is None:
            raise Invalid(_("%(file)s: not TOML: it ends too early"), file=path.name) from None
        message = _("%(file)s: not TOML at line %(line)s, column %(column)s")
        raise Invalid(message, file=path.name, line=place[1], column=place[2]) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Invalid(
            _("%(file)s: not a blueprint; expected [[slots]] with question, or with exercises"),
            file=path.name,
        ) from None


def _slots(table: dict[str, Any]) -> list[Slot]:
    vary, count = bool(table.pop("vary", False)), int(table.pop("count", 1))
    if not 1 <= count <= 100:
        raise Refusal(_("expected a count from 1 to 100, got %(count)s"), count=count)
    if ids := table.pop("exercises", None):
        if table:
            raise Refusal(_("unknown names: %(names)s"), names=", ".join(table))
        for unknown in set(ids) - set(bank.ids()):
            raise Refusal(_('there is no exercise "%(name)s"'), name=str(unknown))
        if len({bank.exercise(i).level for i in ids}) > 1:
            raise Refusal(_("the exercises %(names)s are of different levels"), names=", ".join(ids))
        return [Slot(tuple(ids), vary)] * count
    made = slots(int(table.pop("question")), table.pop("level", None), count, vary=vary)
    if table:
        raise Refusal(_("unknown names: %(names)s"), names=", ".join(table))
    return made


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
