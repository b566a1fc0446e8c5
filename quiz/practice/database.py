"""The SQLite file of a student: its tables, opening it to change or to read, and what can go wrong."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from quiz.text import mark as _
from quiz.text.errors import Invalid, Locked, Machine

#: The version of the tables; a file of a later version cannot be opened.
VERSION = 2

_TABLES = (
    """
CREATE TABLE IF NOT EXISTS attempt (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,          -- ISO 8601, UTC
    variant TEXT NOT NULL,       -- EXERCISE@SEED
    revision INTEGER NOT NULL,   -- of the exercise
    version TEXT NOT NULL,       -- of the program
    lang TEXT NOT NULL,
    answers TEXT NOT NULL,       -- JSON: ask -> what was typed
    parts TEXT NOT NULL,         -- JSON: ask -> {status, credit, slips, and tries, hints, given_up if any}
    score REAL NOT NULL,
    seconds REAL                 -- from the question to the mark
)""",
    "CREATE INDEX IF NOT EXISTS attempt_variant ON attempt (variant)",
    """
CREATE TABLE IF NOT EXISTS sitting (
    id INTEGER PRIMARY KEY,
    changed TEXT NOT NULL,       -- ISO 8601, UTC
    owner TEXT NOT NULL,         -- of the terminal that resumed it last, the only one that may change it
    state TEXT NOT NULL          -- JSON: what is left to ask and what was answered
)""",
)
#: Version 1 kept one open sitting, in a table of its own.
_FROM_VERSION_1 = (
    "INSERT INTO sitting (changed, owner, state) SELECT ?, '', state FROM session",
    "DROP TABLE session",
)

_REASONS = {
    "readonly": _(
        "%(path)s may not be written here, so that nothing can be saved; the file itself is all right"
    ),
    "full": _("the disk with %(path)s is full; make room, then go on: what was saved before is kept"),
    "disk I/O": _("the disk with %(path)s does not work now; what was saved before is kept"),
    "unable": _(
        "%(path)s cannot be opened or made; look at the permissions of its folder, or set QUIZ_DATA_DIR"
    ),
}


@contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file for a change, which is one transaction."""
    with _errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=20)) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            if _checked(db, path) < VERSION:
                with db:
                    _bring_up_to_date(db, path)
            with db:
                yield db


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file without changing anything, also where nothing may be written."""
    with _errors(path):
        # a folder that is read-only has no place for the files that SQLite puts beside a file in use
        writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        address = f"{path.resolve().as_uri()}?mode=ro{'' if writable else '&immutable=1'}"
        with closing(sqlite3.connect(address, timeout=20, uri=True)) as db:
            _checked(db, path)
            yield db


def version_of(db: sqlite3.Connection) -> int:
    """Return the version of the tables; 0 if there are none yet."""
    return db.execute("PRAGMA user_version").fetchone()[0]


def now() -> str:
    """Return the present time as the tables hold it."""
    return datetime.now(UTC).isoformat()


def _checked(db: sqlite3.Connection, path: Path) -> int:
    version = version_of(db)
    if version > VERSION:
        message = _("%(path)s was written by a later version of the quiz; update the quiz")
        raise Invalid(message, path=str(path))
    return version


def _bring_up_to_date(db: sqlite3.Connection, path: Path) -> None:
    db.execute("BEGIN IMMEDIATE")
    version = _checked(db, path)  # another terminal may have done it meanwhile
    if version < VERSION:
        for statement in _TABLES:
            db.execute(statement)
        if version == 1:
            insert, drop = _FROM_VERSION_1
            db.execute(insert, (now(),))
            db.execute(drop)
        db.execute(f"PRAGMA user_version={VERSION}")


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Say in a sentence what is wrong with the file or with the disk."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            message = _("%(path)s has been in use for 20 seconds; close the other program")
            raise Locked(message, path=str(path)) from None
        message = _REASONS[next((key for key in _REASONS if key in str(error)), "unable")]
        raise Machine(message, path=str(path)) from None
    except sqlite3.DatabaseError:
        message = _(
            "%(path)s is damaged or not a file of attempts; keep it, it may be repaired, and choose another "
            "folder with QUIZ_DATA_DIR to begin anew"
        )
        raise Invalid(message, path=str(path)) from None
