"""Attempts and open sittings, in one SQLite file in the user's data directory.

Every change is one transaction: two terminals may work at once, and a process that is killed leaves the last
finished change. The folder is ``QUIZ_DATA_DIR``, or the system's folder for user data.
"""

import json
import os
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jaxnet import __version__
from quiz import bank
from quiz.marking.marks import Marks
from quiz.practice.database import changing, now, reading, version_of
from quiz.text import mark as _
from quiz.text.errors import Locked

_COLUMNS = "time, variant, revision, version, lang, answers, parts, score, seconds"


@dataclass(frozen=True)
class Attempt:
    """One marked set of answers, as it was stored.

    Attributes:
        time: when it was marked, UTC.
        variant: ``EXERCISE@SEED``.
        revision: the exercise's revision at that time.
        version: the program's version at that time.
        lang: the language it was asked in.
        answers: ask name to what was typed.
        parts: ask name to ``{"status", "credit", "slips"}``, and what it took: ``"tries"`` that were wrong,
            ``"hints"`` that were shown, ``"given_up"``; none of them is there if it took nothing.
        score: 0 to 1.
        seconds: from the question to the mark, or ``None``.
    """

    time: datetime
    variant: str
    revision: int
    version: str
    lang: str
    answers: Mapping[str, str]
    parts: Mapping[str, Mapping[str, Any]]
    score: float
    seconds: float | None

    @property
    def exercise(self) -> str:
        """The exercise's id."""
        return self.variant.partition("@")[0]

    @property
    def slips(self) -> set[str]:
        """The slips that explain the answers."""
        groups = (group for part in self.parts.values() for group in part["slips"])
        return {slip for group in groups for slip in group.split("+")}

    @property
    def hints(self) -> int:
        """How many hints were shown."""
        return sum(part.get("hints", 0) for part in self.parts.values())

    @property
    def given_up(self) -> bool:
        """Whether the solution was shown before everything was answered."""
        return any(part.get("given_up") for part in self.parts.values())

    @property
    def wrong_tries(self) -> int:
        """How many answers were wrong before the last ones."""
        return sum(part.get("tries", 0) for part in self.parts.values())


@dataclass(frozen=True)
class Open:
    """An open sitting, as one terminal holds it.

    Attributes:
        id: its number.
        owner: marks this terminal; another one that resumes the sitting takes it over.
    """

    id: int
    owner: str


def folder() -> Path:
    """Return the folder of the user's data."""
    if given := os.environ.get("QUIZ_DATA_DIR"):
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_data_dir("jaxnet-quiz", appauthor=False))


class Store:
    """The user's attempts; opens and closes the file for each call.

    Attributes:
        path: the file.
    """

    path: Path

    def __init__(self, path: Path | None = None):
        """Use the file at ``path``, or the user's own."""
        self.path = path or folder() / "quiz.sqlite3"

    def add(
        self,
        marks: Marks,
        lang: str,
        seconds: float | None = None,
        *,
        effort: Mapping[str, Mapping[str, Any]] | None = None,
        held: Open | None = None,
        left: Mapping[str, Any] | None = None,
    ) -> None:
        """Store a marked set of answers and, in the same transaction, what is left of the sitting.

        Args:
            marks: the marks.
            lang: the language of the question.
            seconds: how long the answer took.
            effort: ask name to what it took, as in `Attempt.parts`.
            held: the sitting that the answers belong to.
            left: its state; ``None`` closes it.
        """
        variant, effort = marks.variant, effort or {}
        answers = {name: part.given for name, part in marks.parts.items() if part.given}
        parts = {
            name: {"status": part.status, "credit": part.credit, "slips": list(part.slips)}
            | dict(effort.get(name, {}))
            for name, part in marks.parts.items()
        }
        with changing(self.path) as db:
            db.execute(
                f"INSERT INTO attempt ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    now(), variant.name, bank.exercise(variant.exercise).revision,
                    __version__, lang, _dump(answers), _dump(parts), marks.score, seconds,
                ),
            )  # fmt: skip
            if held is not None:
                _put(db, held, left)

    def attempts(self) -> list[Attempt]:
        """Return all attempts, the oldest first."""
        if not self.path.exists():
            return []
        with reading(self.path) as db:
            if not version_of(db):
                return []
            rows = db.execute(f"SELECT {_COLUMNS} FROM attempt ORDER BY id").fetchall()
        return [
            Attempt(
                datetime.fromisoformat(time),
                variant,
                revision,
                version,
                lang,
                json.loads(answers),
                json.loads(parts),
                score,
                seconds,
            )
            for time, variant, revision, version, lang, answers, parts, score, seconds in rows
        ]

    def answered(self) -> set[str]:
        """Return the names of all variants that were answered."""
        return {attempt.variant for attempt in self.attempts()}

    def sittings(self) -> dict[int, dict[str, Any]]:
        """Return the states of the open sittings by their numbers, the last changed first."""
        if not self.path.exists():
            return {}
        with reading(self.path) as db:
            version = version_of(db)
            if not version:
                return {}
            old, new = "SELECT id, state FROM session", "SELECT id, state FROM sitting ORDER BY changed DESC"
            rows = db.execute(old if version == 1 else new).fetchall()
        return {number: json.loads(state) for number, state in rows}

    def open_sitting(self, state: Mapping[str, Any]) -> Open:
        """Store a new open sitting."""
        owner = secrets.token_hex(8)
        with changing(self.path) as db:
            new = db.execute(
                "INSERT INTO sitting (changed, owner, state) VALUES (?, ?, ?)", (now(), owner, _dump(state))
            )
        return Open(new.lastrowid or 0, owner)

    def take_over(self, number: int) -> Open:
        """Hold an open sitting; a terminal that held it can no longer change it."""
        held = Open(number, secrets.token_hex(8))
        with changing(self.path) as db:
            db.execute("UPDATE sitting SET owner = ? WHERE id = ?", (held.owner, number))
        return held

    def save_sitting(self, held: Open, state: Mapping[str, Any] | None) -> None:
        """Store the state of an open sitting; ``None`` closes it.

        Raises:
            Locked: another terminal has resumed it.
        """
        with changing(self.path) as db:
            _put(db, held, state)

    def forget_sitting(self, number: int) -> None:
        """Delete an open sitting, whoever holds it."""
        with changing(self.path) as db:
            db.execute("DELETE FROM sitting WHERE id = ?", (number,))

    def reset(self) -> int:
        """Delete everything; return how many attempts there were."""
        with changing(self.path) as db:
            count = db.execute("DELETE FROM attempt").rowcount
            db.execute("DELETE FROM sitting")
        return count


def _put(db: sqlite3.Connection, held: Open, state: Mapping[str, Any] | None) -> None:
    mine = (held.id, held.owner)
    if state is None:
        changed = db.execute("DELETE FROM sitting WHERE id = ? AND owner = ?", mine)
    else:
        changed = db.execute(
            "UPDATE sitting SET changed = ?, state = ? WHERE id = ? AND owner = ?",
            (now(), _dump(state), *mine),
        )
    if not changed.rowcount:
        raise Locked(_("this session was resumed or deleted in another terminal; go on there"))


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
