"""Marks again after a correction of the bank: what changes for whom, and a trail of every change."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from quiz.course.folder import Course
from quiz.course.ledger import Ledger, Mark
from quiz.course.sitting import spread
from quiz.course.submissions.find import Entry

#: Marks that differ by less are the same.
SAME = 1e-9
#: Changes that are written down together.
CHUNK = 500


def remark(
    course: Course,
    ledger: Ledger,
    sitting: str,
    *,
    keep_better: bool = False,
    dry: bool = False,
    reason: str = "",
    jobs: int | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Iterator[dict[str, Any]]:
    """Mark the stored answers of a sitting again, with this version of the bank.

    Args:
        course: whose papers they are.
        ledger: where answers and marks are.
        sitting: which papers.
        keep_better: where the new mark is worse, the old one counts; the trail has both.
        dry: change nothing, only tell.
        reason: what the trail gives as the reason.
        jobs: processes; as many as processors if not said.
        progress: is told how many papers have just been dealt with.

    Yields:
        For each paper whose mark or feedback changes: ``paper, student, old, new, kept, questions``, and a
        ``problem`` where this version can no longer make the paper; its mark stays.
    """
    about = (datetime.now(UTC).isoformat(timespec="seconds"), _version(), reason)
    changes: list[tuple[Mark, float, dict[str, Any], bool]] = []
    # all marks are read before the first one is changed, in steps
    for record, mark, outcome in _again(course, ledger, sitting, jobs):
        progress(1)
        told = {"paper": mark.paper, "student": record["student"], "old": mark.score}
        if problem := outcome.get("problem"):
            yield told | {"new": mark.score, "kept": mark.score, "questions": [], "problem": problem}
            continue
        if outcome["result"] == mark.result:
            continue
        counts = not keep_better or outcome["score"] > mark.score - SAME
        yield told | {
            "new": outcome["score"],
            "kept": outcome["score"] if counts else mark.score,
            "questions": _differences(mark.result, outcome["result"]),
        }
        if not dry:
            changes.append((mark, outcome["score"], outcome["result"], counts))
            if len(changes) >= CHUNK:
                ledger.change(changes, about)
                changes.clear()
    if changes:
        ledger.change(changes, about)


def _again(
    course: Course, ledger: Ledger, sitting: str, jobs: int | None
) -> Iterator[tuple[dict[str, Any], Mark, dict[str, Any]]]:
    """Every marked paper with what its answers are worth now."""
    for outcomes in spread(course, (_entry(m) for _r, m in ledger.marks(sitting) if m is not None), jobs):
        for outcome in outcomes:
            record, mark = ledger.mark(outcome["source"])
            yield record, mark, outcome


def _entry(mark: Mark) -> Entry:
    return Entry(mark.paper, 0, "stored", json.dumps(mark.answers).encode())


def _differences(old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]]:
    """The questions whose share changes."""
    pairs = enumerate(zip(old["questions"], new["questions"], strict=True), 1)
    return [
        {"question": place, "exercise": b["exercise"], "old": a["score"], "new": b["score"]}
        for place, (a, b) in pairs
        if abs(a["score"] - b["score"]) > SAME
    ]


def _version() -> str:
    try:
        return version("jaxnet-quiz")
    except PackageNotFoundError:
        return "unknown"
