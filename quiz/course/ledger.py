"""The course's ledger, an SQLite file: papers, all submissions ever kept, decisions, marks, the audit trail.

Submissions, events and decisions are only ever added; an event can be declared undone. Marks are derived from
them (`quiz.course.derive`) and can be made again at any time.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from quiz.course import schema


class Mark(NamedTuple):
    """One marked paper.

    Attributes:
        paper: the paper's identifier.
        source: the name of the file that the counting submission was read from; empty if there is none.
        line: its line there.
        answers: number of the question to ask name to answer.
        score: what counts, 0 to 1: after late work and a mark given by hand.
        result: the marks of the questions, as the answers alone give them.
        about: what was taken into account: ``late`` (minutes), ``several`` (submissions), ``by_hand``.
        handed: when it was handed in, in UTC, if that is known.
        submission: the number of the submission that counts.
    """

    paper: str
    source: str
    line: int
    answers: dict[str, dict[str, Any]]
    score: float
    result: dict[str, Any]
    about: Mapping[str, Any] = MappingProxyType({})
    handed: str | None = None
    submission: int | None = None


class Ledger:
    """The ledger; every change is one transaction, so that a kill cannot damage it.

    Attributes:
        db: the database.
    """

    db: sqlite3.Connection

    def __init__(self, path: Path, *, readonly: bool = False):
        """Open the ledger, or create it; a ledger of an earlier version is brought up to date."""
        if readonly:
            self.db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
            return
        if not path.exists():  # marks are nobody else's business, whatever the umask
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        self.db = sqlite3.connect(path)
        try:
            schema.prepare(self.db)
        except BaseException:
            self.db.close()
            raise

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    # -- papers

    def blueprint(self, sitting: str) -> dict[str, Any] | None:
        """Return the blueprint of a sitting, or ``None``."""
        row = self.db.execute("SELECT blueprint FROM sittings WHERE sitting = ?", (sitting,)).fetchone()
        return json.loads(row[0]) if row else None

    def sittings(self) -> list[str]:
        """Return the names of all sittings."""
        return [row[0] for row in self.db.execute("SELECT sitting FROM sittings ORDER BY sitting")]

    def in_time(self) -> list[str]:
        """Return the names of all sittings, in the order in which they were made."""
        return [row[0] for row in self.db.execute("SELECT sitting FROM sittings ORDER BY rowid")]

    def set_blueprint(self, sitting: str, blueprint: dict[str, Any]) -> None:
        """Store the blueprint of a sitting."""
        with self.db:
            self.db.execute("INSERT INTO sittings VALUES (?, ?)", (sitting, dump(blueprint)))

    def record(self, paper: str) -> dict[str, Any] | None:
        """Return the record of a paper, or ``None``."""
        row = self.db.execute("SELECT record FROM papers WHERE paper = ?", (paper,)).fetchone()
        return json.loads(row[0]) if row else None

    def record_of(self, sitting: str, student: str) -> dict[str, Any] | None:
        """Return the record of a student's paper in a sitting, or ``None``."""
        query = "SELECT record FROM papers WHERE sitting = ? AND student = ?"
        row = self.db.execute(query, (sitting, student)).fetchone()
        return json.loads(row[0]) if row else None

    def put_records(self, records: Iterable[dict[str, Any]]) -> None:
        """Store records of papers; one that is there already keeps its place in the order."""
        with self.db:
            self.db.executemany(
                _PUT_RECORD,
                ((r["paper"], r["sitting"], r["student"], dump(r)) for r in records),
            )

    def records(self, sitting: str) -> Iterator[dict[str, Any]]:
        """Yield the records of a sitting, in the order of the roster."""
        query = "SELECT record FROM papers WHERE sitting = ? ORDER BY rowid"
        with closing(self.db.execute(query, (sitting,))) as rows:
            for (record,) in rows:
                yield json.loads(record)

    def papers(self, sitting: str) -> int:
        """Return the number of papers issued for a sitting."""
        return self.db.execute("SELECT count(*) FROM papers WHERE sitting = ?", (sitting,)).fetchone()[0]

    # -- marks

    def marks(self, sitting: str, group: str = "") -> Iterator[tuple[dict[str, Any], Mark | None]]:
        """Yield the papers of a sitting, or of a group in it, in the order of the roster.

        Each comes with its mark, or ``None``.
        """
        query = _MARKS + "WHERE p.sitting = ? ORDER BY p.rowid"
        with closing(self.db.execute(query, (sitting,))) as rows:
            for record, mark in map(_record_and_mark, rows):
                if not group or record.get("group", "") == group:
                    yield record, mark

    def mark(self, paper: str) -> tuple[dict[str, Any], Mark | None]:
        """Return a paper and its mark."""
        return _record_and_mark(self.db.execute(_MARKS + "WHERE p.paper = ?", (paper,)).fetchone())

    def count(self, sitting: str) -> int:
        """Return the number of papers of a sitting that have a mark."""
        query = "SELECT count(*) FROM papers JOIN marks USING (paper) WHERE sitting = ?"
        return self.db.execute(query, (sitting,)).fetchone()[0]

    def trail(self, sitting: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield every change of a mark, in order: of one sitting, or of all."""
        columns = ("time", "paper", "old", "new", "kept", "version", "reason", "event")
        query = (
            f"SELECT {', '.join(f't.{name}' for name in columns)} FROM trail t JOIN papers p USING (paper)"
        )
        query += " WHERE ? IS NULL OR p.sitting = ? ORDER BY t.rowid"
        with closing(self.db.execute(query, (sitting, sitting))) as rows:
            for row in rows:
                yield dict(zip(columns, row, strict=True))

    # -- events

    def event(self, sitting: str, kind: str, reason: str = "") -> int:
        """Record that something is done, in the transaction that is open; return its number."""
        query = "INSERT INTO events (time, sitting, kind, reason, version) VALUES (?, ?, ?, ?, ?)"
        made = self.db.execute(query, (now(), sitting, kind, reason, own_version())).lastrowid
        assert made is not None
        return made

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield what was done, in order, with the decisions that were made."""
        columns = ("event", "time", "sitting", "kind", "reason", "version", "undone")
        query = "SELECT id, time, sitting, kind, reason, version, undone FROM events ORDER BY id"
        for row in self.db.execute(query).fetchall():
            about = self.db.execute(
                "SELECT name, who, value FROM decisions WHERE event = ? ORDER BY rowid", (row[0],)
            ).fetchall()
            decided = [dict(zip(("name", "who", "value"), each, strict=True)) for each in about]
            yield dict(zip(columns, row, strict=True)) | {"undone": bool(row[-1]), "decisions": decided}


_PUT_RECORD = """
INSERT INTO papers VALUES (?, ?, ?, ?) ON CONFLICT (paper) DO UPDATE SET record = excluded.record
"""
_MARKS = """
SELECT p.record, m.paper, m.source, m.line, s.answers, m.score, r.result, m.about, m.handed, m.submission
FROM papers p LEFT JOIN marks m ON m.paper = p.paper LEFT JOIN submissions s ON s.id = m.submission
LEFT JOIN results r ON r.submission = m.submission AND r.event = m.result
"""


def _record_and_mark(row: Any) -> tuple[dict[str, Any], Mark | None]:
    record = json.loads(row[0])
    if row[1] is None:
        return record, None
    answers, result = (json.loads(text) if text else None for text in (row[4], row[6]))
    mark = Mark(
        row[1], row[2], row[3], answers or {}, row[5], result or {"score": row[5], "questions": []},
        json.loads(row[7]), row[8], row[9],
    )  # fmt: skip
    return record, mark


def dump(value: Any) -> str:
    """Write a value as compact JSON."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def own_version() -> str:
    """Return the version of the program."""
    try:
        return version("jaxnet-quiz")
    except PackageNotFoundError:
        return "unknown"
