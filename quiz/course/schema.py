"""The tables of the ledger, and how a ledger of an earlier version is brought up to date."""

import hashlib
import json
import sqlite3
from typing import Any

#: The number of the layout, kept in the file.
VERSION = 2

_TABLES = """
CREATE TABLE IF NOT EXISTS sittings (sitting TEXT PRIMARY KEY, blueprint TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS papers (
  paper TEXT PRIMARY KEY, sitting TEXT NOT NULL, student TEXT NOT NULL, record TEXT NOT NULL,
  UNIQUE (sitting, student));
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, time TEXT NOT NULL, sitting TEXT NOT NULL, kind TEXT NOT NULL,
  reason TEXT NOT NULL, version TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS decisions (
  event INTEGER NOT NULL, sitting TEXT NOT NULL, name TEXT NOT NULL, who TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS submissions (
  id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, paper TEXT NOT NULL, answers TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS submissions_paper ON submissions (paper);
CREATE TABLE IF NOT EXISTS places (
  raw BLOB NOT NULL, source TEXT NOT NULL, line INTEGER NOT NULL, event INTEGER NOT NULL,
  submission INTEGER NOT NULL, handed TEXT, notes TEXT NOT NULL,
  PRIMARY KEY (raw, source, line, event)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS places_submission ON places (submission);
CREATE TABLE IF NOT EXISTS results (
  submission INTEGER NOT NULL, event INTEGER NOT NULL, score REAL NOT NULL, filled INTEGER NOT NULL,
  invalid INTEGER NOT NULL, result TEXT NOT NULL, PRIMARY KEY (submission, event));
CREATE TABLE IF NOT EXISTS marks (
  paper TEXT PRIMARY KEY, submission INTEGER, result INTEGER, source TEXT NOT NULL, line INTEGER NOT NULL,
  score REAL NOT NULL, handed TEXT, about TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS trail (
  time TEXT NOT NULL, paper TEXT NOT NULL, old REAL, new REAL, kept REAL, version TEXT NOT NULL,
  reason TEXT NOT NULL, before TEXT, after TEXT, event INTEGER);
CREATE TABLE IF NOT EXISTS written (file TEXT PRIMARY KEY, digest BLOB NOT NULL);
"""


def prepare(db: sqlite3.Connection) -> None:
    """Make the tables, or convert those of an earlier version, in one transaction.

    Raises:
        sqlite3.DatabaseError: the file is damaged, or not a database.
    """
    (layout,) = db.execute("PRAGMA user_version").fetchone()
    # a kill loses nothing; a power cut may lose the last marks, which can be made again
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    if (found := db.execute("PRAGMA quick_check(1)").fetchone()) != ("ok",):
        raise sqlite3.DatabaseError(f"damaged: {found}")
    if layout == VERSION:
        return
    if layout > VERSION:
        raise sqlite3.NotSupportedError("made by a later version")
    with db:
        db.execute("BEGIN IMMEDIATE")
        if db.execute("PRAGMA user_version").fetchone() == (VERSION,):
            return  # another process was faster
        old = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in old & {"marks", "trail"}:
            db.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
        for statement in filter(str.strip, _TABLES.split(";")):
            db.execute(statement)
        if "marks" in old:
            _convert(db)
            for table in ("old_marks", "old_trail", "entries"):
                db.execute(f"DROP TABLE IF EXISTS {table}")
        db.execute(f"PRAGMA user_version = {VERSION}")


def _convert(db: sqlite3.Connection) -> None:
    """Turn the marks of the first layout into submissions with results, one event for each sitting."""
    query = "INSERT INTO events (time, sitting, kind, reason, version) SELECT ?, sitting, 'mark', '', '' "
    db.execute(query + "FROM sittings", ("1970-01-01T00:00:00+00:00",))
    events = dict(db.execute("SELECT sitting, id FROM events").fetchall())
    rows = db.execute(
        """
        SELECT p.paper, p.sitting, o.source, o.line, o.answers, o.score, o.result
        FROM old_marks o JOIN papers p USING (paper) ORDER BY p.rowid
        """
    ).fetchall()
    for paper, sitting, source, line, answers, score, result in rows:
        event = events[sitting]
        digest = content_digest(paper, json.loads(answers))
        made = db.execute(
            "INSERT INTO submissions (digest, paper, answers) VALUES (?, ?, ?)", (digest, paper, answers)
        ).lastrowid
        db.execute(
            "INSERT INTO places VALUES (?, ?, ?, ?, ?, NULL, '[]')", (digest, source, line, event, made)
        )
        filled, invalid = counts(json.loads(result))
        db.execute(
            "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?)", (made, event, score, filled, invalid, result)
        )
        db.execute(
            "INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?, NULL, '{}')",
            (paper, made, event, source, line, score),
        )
    db.execute(
        """
        INSERT INTO trail SELECT time, paper, old, new, kept, version, reason, before, after, NULL
        FROM old_trail ORDER BY rowid
        """
    )


def counts(result: dict[str, Any]) -> tuple[int, int]:
    """Return how many answers of a result are not blank, and how many cannot be read."""
    statuses = [part["status"] for question in result["questions"] for part in question["parts"]]
    return len(statuses) - statuses.count("blank"), statuses.count("invalid")


def content_digest(paper: str, answers: dict[str, dict[str, Any]]) -> bytes:
    """Return the digest of what was handed in; a blank answer and a missing one are the same.

    Example:
        >>> content_digest("A", {"1": {"z": " 5", "y": ""}}) == content_digest("A", {"1": {"z": 5}, "2": {}})
        True
    """
    given = sorted(
        (place, name, text)
        for place, named in answers.items()
        for name, value in named.items()
        if (text := "" if value is None else value.strip() if isinstance(value, str) else json.dumps(value))
    )
    return hashlib.blake2b(json.dumps([paper, given]).encode(), digest_size=16).digest()
