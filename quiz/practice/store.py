"""Attempts and open sessions, in one SQLite file in the user's data directory.

Every change is one transaction: two terminals may work at once, and a process that is killed leaves the last
finished change. The folder is ``QUIZ_DATA_DIR``, or the system's folder for user data.
"""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import EllipsisType
from typing import Any

from jaxnet import __version__
from quiz import bank
from quiz.marking.marks import Marks
from quiz.text import mark as _
from quiz.text.errors import Invalid

#: The version of the tables; a file of a later version cannot be opened.
VERSION = 1

_TABLES = """
CREATE TABLE IF NOT EXISTS attempt (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,          -- ISO 8601, UTC
    variant TEXT NOT NULL,       -- EXERCISE@SEED
    revision INTEGER NOT NULL,   -- of the exercise
    version TEXT NOT NULL,       -- of the program
    lang TEXT NOT NULL,
    answers TEXT NOT NULL,       -- JSON: ask -> what was typed
    parts TEXT NOT NULL,         -- JSON: ask -> {status, credit, slips}
    score REAL NOT NULL,
    seconds REAL                 -- from the question to the mark
);
CREATE INDEX IF NOT EXISTS attempt_variant ON attempt (variant);
CREATE TABLE IF NOT EXISTS session (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    state TEXT NOT NULL          -- JSON: what is left to ask and what was answered
);
"""


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
        parts: ask name to ``{"status", "credit", "slips"}``.
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

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(sqlite3.connect(self.path, timeout=20)) as db:
                db.execute("PRAGMA journal_mode=WAL")
                db.execute("PRAGMA synchronous=FULL")
                version = db.execute("PRAGMA user_version").fetchone()[0]
                if version > VERSION:
                    raise Invalid(
                        _("%(path)s was written by a later version of the quiz; update the quiz"),
                        path=str(self.path),
                    )
                if version < VERSION:
                    db.executescript(_TABLES + f"PRAGMA user_version={VERSION};")
                with db:
                    yield db
        except sqlite3.DatabaseError as error:
            busy = isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
            if busy:
                message = _("%(path)s has been in use for 20 seconds; close the other program")
            else:
                message = _(
                    "%(path)s is damaged or not a file of attempts; move it away, and a new one is made"
                )
            raise Invalid(message, path=str(self.path)) from None

    def add(
        self,
        marks: Marks,
        lang: str,
        seconds: float | None = None,
        *,
        session: Mapping[str, Any] | EllipsisType | None = ...,
    ) -> None:
        """Store a marked set of answers and, in the same transaction, what is left of the session.

        Args:
            marks: the marks.
            lang: the language of the question.
            seconds: how long the answer took.
            session: as `save_session` takes it; by default it does not change.
        """
        variant = marks.variant
        answers = {name: part.given for name, part in marks.parts.items() if part.given}
        parts = {
            name: {"status": part.status, "credit": part.credit, "slips": list(part.slips)}
            for name, part in marks.parts.items()
        }
        with self._open() as db:
            db.execute(
                f"INSERT INTO attempt ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    datetime.now(UTC).isoformat(), variant.name, bank.exercise(variant.exercise).revision,
                    __version__, lang, _dump(answers), _dump(parts), marks.score, seconds,
                ),
            )  # fmt: skip
            if not isinstance(session, EllipsisType):
                _put_session(db, session)

    def attempts(self) -> list[Attempt]:
        """Return all attempts, the oldest first."""
        if not self.path.exists():
            return []
        with self._open() as db:
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

    def session(self) -> dict[str, Any] | None:
        """Return the unfinished session, or ``None``."""
        if not self.path.exists():
            return None
        with self._open() as db:
            row = db.execute("SELECT state FROM session").fetchone()
        return json.loads(row[0]) if row else None

    def save_session(self, state: Mapping[str, Any] | None) -> None:
        """Store the unfinished session; ``None`` deletes it."""
        with self._open() as db:
            _put_session(db, state)

    def reset(self) -> int:
        """Delete everything; return how many attempts there were."""
        with self._open() as db:
            count = db.execute("DELETE FROM attempt").rowcount
            db.execute("DELETE FROM session")
        return count


def _put_session(db: sqlite3.Connection, state: Mapping[str, Any] | None) -> None:
    if state is None:
        db.execute("DELETE FROM session")
    else:
        db.execute("INSERT OR REPLACE INTO session (id, state) VALUES (1, ?)", (_dump(state),))


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
