"""Marks the submissions of a sitting, and marks them again after a correction of the bank."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from quiz.course.folder import Course
from quiz.course.ledger import Ledger, Mark
from quiz.course.outcomes import Outcome, digest
from quiz.course.submissions.find import Entry, find
from quiz.course.workers import mark_all
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import sentence


def mark(
    course: Course,
    ledger: Ledger,
    path: Path,
    *,
    sitting: str | None = None,
    jobs: int | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Iterator[Outcome]:
    """Mark every submission under a path; unchanged ones that were marked before are skipped.

    Args:
        course: whose papers were answered.
        ledger: where the marks are stored, one transaction per chunk.
        path: a file, a folder or an archive.
        sitting: the sitting of files that name no known paper.
        jobs: the number of processes; by default one per processor.
        progress: called with the number of submissions just handled.

    Yields:
        The problems: ``source``, ``line`` and ``kind`` (``malformed``, ``tampered``, ``unknown``, ``gone``,
        ``twice``) with the values of its message.
    """
    fresh = _new_entries(ledger, find(path), progress)
    with closing(mark_all(course, ledger, fresh, jobs)) as chunks:
        for outcomes in chunks:
            yield from ledger.put(outcomes, sitting)
            progress(len(outcomes))


def _new_entries(
    ledger: Ledger, entries: Iterable[Entry], progress: Callable[[int], None]
) -> Iterator[Entry]:
    for entry in entries:
        if ledger.seen(entry.source, entry.line) == digest(entry):
            progress(1)
        else:
            yield entry


def describe(problem: Outcome, lang: str) -> str:
    """Return a problem as one line: file, line, what is wrong."""
    line = problem["line"] or problem["given"].get("line", 0)
    where = translate(
        _("%(source)s, line %(line)s") if line and problem["kind"] != "twice" else "%(source)s", lang
    )
    if problem["kind"] == "twice":
        template = _("a second submission for the same paper; the first, %(source)s, counts")
    else:
        template = problem["template"]
    return (
        where % {"source": problem["source"], "line": line}
        + ": "
        + sentence(template, problem["given"], lang)
    )


#: Scores that differ by less are equal.
NEGLIGIBLE = 1e-9
#: Changes stored in one transaction.
BATCH = 500


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
        ledger: the answers and marks.
        sitting: the name of the sitting.
        keep_better: whether the old mark counts if the new one is lower; the trail has both.
        dry: whether to change nothing.
        reason: the reason to record in the audit trail.
        jobs: the number of processes; by default one per processor.
        progress: called with the number of papers just handled.

    Yields:
        For each paper whose mark or feedback changes: ``paper, student, old, new, kept, questions``, and a
        ``problem`` if this version can no longer make the paper; its mark does not change.
    """
    about = (datetime.now(UTC).isoformat(timespec="seconds"), _version(), reason)
    changes: list[tuple[Mark, float, dict[str, Any], bool]] = []
    # no mark changes before all were read: changes are stored in batches that lag behind
    for record, mark, outcome in _remarked(course, ledger, sitting, jobs):
        progress(1)
        row = {"paper": mark.paper, "student": record["student"], "old": mark.score}
        if problem := outcome.get("problem"):
            yield row | {"new": mark.score, "kept": mark.score, "questions": [], "problem": problem}
            continue
        if outcome["result"] == mark.result:
            continue
        counts = not keep_better or outcome["score"] > mark.score - NEGLIGIBLE
        yield row | {
            "new": outcome["score"],
            "kept": outcome["score"] if counts else mark.score,
            "questions": _differences(mark.result, outcome["result"]),
        }
        if not dry:
            changes.append((mark, outcome["score"], outcome["result"], counts))
            if len(changes) >= BATCH:
                ledger.change(changes, about)
                changes.clear()
    if changes:
        ledger.change(changes, about)


def _remarked(
    course: Course, ledger: Ledger, sitting: str, jobs: int | None
) -> Iterator[tuple[dict[str, Any], Mark, dict[str, Any]]]:
    """Yield every marked paper with its new outcome."""
    entries = (_entry(m) for _r, m in ledger.marks(sitting) if m is not None)
    with closing(mark_all(course, ledger, entries, jobs)) as chunks:
        for outcomes in chunks:
            for outcome in outcomes:
                record, mark = ledger.mark(outcome["source"])
                yield record, mark, outcome


def _entry(mark: Mark) -> Entry:
    return Entry(mark.paper, 0, "stored", json.dumps(mark.answers).encode())


def _differences(old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the questions whose score changes."""
    pairs = enumerate(zip(old["questions"], new["questions"], strict=True), 1)
    return [
        {"question": place, "exercise": b["exercise"], "old": a["score"], "new": b["score"]}
        for place, (a, b) in pairs
        if abs(a["score"] - b["score"]) > NEGLIGIBLE
    ]


def _version() -> str:
    try:
        return version("jaxnet-quiz")
    except PackageNotFoundError:
        return "unknown"
