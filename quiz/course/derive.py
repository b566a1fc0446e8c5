"""Derives the marks of a sitting from what is stored, in whatever order it was handed over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from quiz.course.decisions import Rules, rules
from quiz.course.ledger import Ledger, dump, now, own_version

#: Scores that differ by less are equal.
NEGLIGIBLE = 1e-9
#: Papers handled at once.
PAGE = 500


@dataclass(frozen=True)
class Candidate:
    """A submission for a paper that is not withdrawn.

    Attributes:
        submission: its number.
        digest: the digest of its content.
        event: the first event that brought it.
        handed: the earliest time at which it is known to have been handed in.
        source: a file it is in.
        line: its line there.
        result: the event of its newest marks.
        score: its marks.
        filled: the number of its answers that are not blank.
    """

    submission: int
    digest: str
    event: int
    handed: str | None
    source: str
    line: int
    result: int
    score: float
    filled: int


class Choice(NamedTuple):
    """Which submission counts for a paper, the mark, and what was taken into account."""

    candidate: Candidate | None
    score: float
    about: dict[str, Any]


def choose(candidates: Sequence[Candidate], found: Rules, student: str) -> Choice | None:
    """Apply the rules to the submissions for a paper; ``None`` if there is no mark.

    A blank submission never counts while there is another one, and one without a known time never beats one
    with a time. Among equals the one with more answers counts, then the digest decides.
    """
    late = {c.submission: found.minutes_late(student, c.handed) for c in candidates}
    marks = {c.submission: c.score * found.share(late[c.submission]) for c in candidates}
    counting = [c for c in candidates if found.closed is None or c.event <= found.closed]
    about: dict[str, Any] = {"closed": True} if len(counting) < len(candidates) else {}
    if found.refuses_late:
        on_time = [c for c in counting if not late[c.submission]]
        about |= {"refused": True} if len(on_time) < len(counting) else {}
        counting = on_time
    if filled := [c for c in counting if c.filled]:
        counting = filled
    if (chosen := found.choice(student)) and (wanted := [c for c in candidates if c.digest == chosen]):
        best, about = wanted[0], about | {"chosen": True}
    else:
        best = max(counting, key=lambda c: _rank(c, found.keep, marks[c.submission]), default=None)
        about |= {"several": len(counting)} if len(counting) > 1 else {}
    score = None if best is None else marks[best.submission]
    if best is not None:
        about |= {"blank": True} if not best.filled else {}
        about |= {"late": round(late[best.submission], 1)} if late[best.submission] else {}
    if (by_hand := found.by_hand(student)) is not None:
        about |= {"by_hand": True, "derived": score}
        score = by_hand
    return None if score is None else Choice(best, score, about)


def _rank(c: Candidate, keep: str, mark: float) -> tuple[Any, ...]:
    """Return what is greatest for the submission that counts."""
    if keep == "first":  # earliest first: times are texts, so the order of each character is turned
        return (c.handed is not None, [-ord(sign) for sign in c.handed or ""], c.filled, c.digest)
    if keep == "best":
        return (round(mark, 9), c.handed or "", c.filled, c.digest)
    return (c.handed or "", c.filled, c.digest)


def derive(ledger: Ledger, sitting: str, event: int | None, reason: str) -> int:
    """Derive all marks of a sitting, in the transaction that is open; return how many changed.

    A mark that differs from the one before enters the audit trail with the reason.
    """
    found, changed, last = rules(ledger, sitting), 0, 0
    while page := ledger.db.execute(
        "SELECT rowid, paper, student FROM papers WHERE sitting = ? AND rowid > ? ORDER BY rowid LIMIT ?",
        (sitting, last, PAGE),
    ).fetchall():
        span = (sitting, last, page[-1][0])
        candidates = _candidates(ledger, span)
        old = {row[0]: row[1:] for row in ledger.db.execute(_OLD, span)}
        for _row, paper, student in page:
            choice = choose(candidates.get(paper, ()), found, student)
            new = None if choice is None else _row_of(choice)
            if new != old.get(paper):
                changed += 1
                _replace(ledger, paper, old.get(paper), new, (event, reason))
        last = page[-1][0]
    return changed


_OLD = """
SELECT m.paper, m.submission, m.result, m.source, m.line, m.score, m.handed, m.about
FROM papers p CROSS JOIN marks m ON m.paper = p.paper WHERE p.sitting = ? AND p.rowid > ? AND p.rowid <= ?
"""
_FOUND = """
FROM papers p CROSS JOIN submissions s ON s.paper = p.paper CROSS JOIN {table} t ON t.submission = s.id
CROSS JOIN events e ON e.id = t.event AND NOT e.undone WHERE p.sitting = ? AND p.rowid > ? AND p.rowid <= ?
"""


def _candidates(ledger: Ledger, span: tuple[str, int, int]) -> dict[str, list[Candidate]]:
    """Return the submissions of some papers that have marks and are not withdrawn, by paper."""
    results: dict[int, tuple[int, float, int]] = {}
    query = "SELECT s.id, t.event, t.score, t.filled" + _FOUND.format(table="results") + " ORDER BY t.event"
    for submission, *result in ledger.db.execute(query, span):
        results[submission] = (result[0], result[1], result[2])
    places: dict[int, list[Any]] = {}
    query = "SELECT s.id, s.paper, hex(s.digest), t.event, t.handed, t.source, t.line" + _FOUND.format(
        table="places"
    )
    for submission, *place in ledger.db.execute(query, span):
        places.setdefault(submission, []).append(place)
    made: dict[str, list[Candidate]] = {}
    for submission, found in places.items():
        if submission not in results:
            continue
        paper, digest = found[0][:2]
        handed = min((place[3] for place in found if place[3]), default=None)
        source, line = min((place[3] or "~", place[4], place[5]) for place in found)[1:]
        event = min(place[2] for place in found)
        made.setdefault(paper, []).append(
            Candidate(submission, digest, event, handed, source, line, *results[submission])
        )
    return made


def _row_of(choice: Choice) -> tuple[Any, ...]:
    c = choice.candidate
    where = (None, None, "", 0) if c is None else (c.submission, c.result, c.source, c.line)
    return (*where, choice.score, c.handed if c else None, dump(choice.about))


def _replace(
    ledger: Ledger, paper: str, old: tuple[Any, ...] | None, new: tuple[Any, ...] | None, why: tuple[Any, str]
) -> None:
    """Replace a mark; a change of the score, the submission or its marks enters the trail."""
    if old and (new is None or abs(old[4] - new[4]) > NEGLIGIBLE or old[:2] != new[:2]):
        scores = [row and row[4] for row in (old, new)]
        before, after = (_result(ledger, row) for row in (old, new))
        ledger.db.execute(
            "INSERT INTO trail VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (now(), paper, *scores, scores[1], own_version(), why[1], before, after, why[0]),
        )
    if new is None:
        ledger.db.execute("DELETE FROM marks WHERE paper = ?", (paper,))
    else:
        ledger.db.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (paper, *new))


def _result(ledger: Ledger, row: tuple[Any, ...] | None) -> str | None:
    if row is None or row[0] is None:
        return None
    query = "SELECT result FROM results WHERE submission = ? AND event = ?"
    found = ledger.db.execute(query, row[:2]).fetchone()
    return found[0] if found else None


def several(ledger: Ledger, paper: str, sitting: str) -> Iterator[Candidate]:
    """Yield all submissions for a paper, the earliest first."""
    (row,) = ledger.db.execute("SELECT rowid FROM papers WHERE paper = ?", (paper,)).fetchone()
    found = _candidates(ledger, (sitting, row - 1, row)).get(paper, [])
    yield from sorted(found, key=lambda c: (c.handed or "", c.digest))
