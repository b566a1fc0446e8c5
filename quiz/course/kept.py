"""What was handed in: stored once, by its content, and never changed; where it came from; its results.

A submission is withdrawn while every event that brought it is undone; handed over again, it is back.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from quiz.course.ledger import Ledger, dump
from quiz.course.schema import content_digest, counts


class Known(NamedTuple):
    """A file or line that was read before: the submission in it, its paper, whether the place is the same."""

    submission: int
    paper: str
    same_place: bool
    sitting: str
    student: str


def known(ledger: Ledger, raw: bytes, source: str, line: int) -> Known | None:
    """Return the submission that is in a file or line of this content, if it was kept."""
    query = """
    SELECT l.submission, s.paper, l.source = ? AND l.line = ?, p.sitting, p.student FROM places l
    JOIN events e ON e.id = l.event AND NOT e.undone JOIN submissions s ON s.id = l.submission
    JOIN papers p ON p.paper = s.paper WHERE l.raw = ? ORDER BY 3 DESC LIMIT 1
    """
    row = ledger.db.execute(query, (source, line, raw)).fetchone()
    return Known(row[0], row[1], bool(row[2]), row[3], row[4]) if row else None


def keep(ledger: Ledger, outcomes: Iterable[dict[str, Any]], event: int) -> None:
    """Store submissions, where they were found and their results, in the transaction that is open.

    Args:
        ledger: where.
        outcomes: from `mark_chunk`, those with ``answers``.
        event: the number of the event that brings them.
    """
    for outcome in outcomes:
        digest = content_digest(outcome["paper"], outcome["answers"])
        row = ledger.db.execute("SELECT id FROM submissions WHERE digest = ?", (digest,)).fetchone()
        submission = row[0] if row else _insert(ledger, digest, outcome["paper"], outcome["answers"])
        outcome["submission"] = submission
        ledger.db.execute(
            "INSERT OR IGNORE INTO places VALUES (?, ?, ?, ?, ?, ?, ?)",
            (outcome["raw"], outcome["source"], outcome["line"], event, submission, outcome["handed"],
             dump(outcome["notes"])),
        )  # fmt: skip
        if outcome.get("result") and current(ledger, submission) is None:
            put_result(ledger, submission, event, outcome["result"])


def _insert(ledger: Ledger, digest: bytes, paper: str, answers: dict[str, Any]) -> int:
    query = "INSERT INTO submissions (digest, paper, answers) VALUES (?, ?, ?)"
    made = ledger.db.execute(query, (digest, paper, dump(answers))).lastrowid
    assert made is not None
    return made


def keep_place(ledger: Ledger, found: Known, place: dict[str, Any], event: int) -> None:
    """Store that a known submission is in one more place."""
    query = """
    INSERT OR IGNORE INTO places SELECT raw, ?, ?, ?, submission, ?, notes FROM places
    WHERE raw = ? AND submission = ? LIMIT 1
    """
    row = (place["source"], place["line"], event, place["handed"], place["raw"], found.submission)
    ledger.db.execute(query, row)


def put_result(ledger: Ledger, submission: int, event: int, result: dict[str, Any]) -> None:
    """Store the marks of a submission."""
    filled, invalid = counts(result)
    ledger.db.execute(
        "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?)",
        (submission, event, result["score"], filled, invalid, dump(result)),
    )


def current(ledger: Ledger, submission: int) -> dict[str, Any] | None:
    """Return the newest marks of a submission that are not undone."""
    query = """
    SELECT r.result FROM results r JOIN events e ON e.id = r.event AND NOT e.undone
    WHERE r.submission = ? ORDER BY r.event DESC LIMIT 1
    """
    row = ledger.db.execute(query, (submission,)).fetchone()
    return json.loads(row[0]) if row else None


class Stored(NamedTuple):
    """A submission that is not withdrawn: its number, paper and answers, and whether it has marks."""

    submission: int
    paper: str
    answers: str
    marked: bool


def stored(ledger: Ledger, sitting: str) -> Iterator[Stored]:
    """Yield the submissions of a sitting that are not withdrawn."""
    query = """
    SELECT s.id, s.paper, s.answers, EXISTS (
      SELECT 1 FROM results r JOIN events e ON e.id = r.event AND NOT e.undone WHERE r.submission = s.id)
    FROM submissions s JOIN papers p USING (paper) WHERE s.id > ? AND p.sitting = ? AND EXISTS (
      SELECT 1 FROM places l JOIN events e ON e.id = l.event AND NOT e.undone WHERE l.submission = s.id)
    ORDER BY s.id LIMIT 500
    """
    last = 0
    while rows := ledger.db.execute(query, (last, sitting)).fetchall():
        for row in rows:
            yield Stored(row[0], row[1], row[2], bool(row[3]))
        last = rows[-1][0]


def place(ledger: Ledger, submission: int) -> dict[str, Any]:
    """Return a place where a submission was found."""
    query = "SELECT source, line FROM places WHERE submission = ? ORDER BY event DESC, source, line LIMIT 1"
    source, line = ledger.db.execute(query, (submission,)).fetchone()
    return {"source": source, "line": line}


def notes(ledger: Ledger, submission: int) -> list[dict[str, Any]]:
    """Return what could not be read beside the answers, unless it was corrected somewhere."""
    query = (
        "SELECT p.source, p.line, p.notes FROM places p JOIN events e ON e.id = p.event AND NOT e.undone "
        "WHERE p.submission = ? ORDER BY p.notes <> '[]', p.source, p.line LIMIT 1"
    )
    row = ledger.db.execute(query, (submission,)).fetchone()
    return [{"source": row[0], "line": row[1]} | note for note in json.loads(row[2])] if row else []
