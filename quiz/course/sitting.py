"""Marks the submissions of a sitting, and marks them again after a correction of the bank."""

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quiz.course import kept
from quiz.course.decisions import decide, rules
from quiz.course.derive import NEGLIGIBLE, derive, several
from quiz.course.folder import Course
from quiz.course.ledger import Ledger, now, own_version
from quiz.course.outcomes import Outcome, digest
from quiz.course.submissions.find import Caps, Entry, find
from quiz.course.workers import mark_all
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Refusal, one_line, sentence


@dataclass
class _Run:
    """What one call of `mark` has done so far.

    Attributes:
        event: its number, once something was stored.
        touched: the sittings whose papers were handed over.
        wanted: student to the part of a file name, for those whose submission of this run is to count.
        met: paper to the submissions of this run, with their files, of these students.
        elsewhere: where papers of other sittings were found, with the paper and its sitting.
        failed: submissions that could not be marked, which was reported.
    """

    sitting: str
    event: int | None = None
    touched: set[str] = field(default_factory=set)
    wanted: Mapping[str, str] = field(default_factory=dict)
    met: dict[str, dict[int, str]] = field(default_factory=dict)
    elsewhere: list[tuple[dict[str, Any], str, str]] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)

    def meet(self, place: dict[str, Any], found: Mapping[str, Any]) -> None:
        """Note a submission of this run, read now or before."""
        self.touched.add(found["sitting"])
        if found["sitting"] != self.sitting:
            self.elsewhere.append((place, found["paper"], found["sitting"]))
        elif found["student"] in self.wanted:
            self.met.setdefault(found["paper"], {})[found["submission"]] = place["source"]

    def number(self, ledger: Ledger) -> int:
        """Return the number of the event, in the transaction that is open."""
        if self.event is None:
            self.event = ledger.event(self.sitting, "mark")
        return self.event


def mark(
    course: Course,
    ledger: Ledger,
    path: Path,
    *,
    sitting: str,
    jobs: int | None = None,
    replace: Mapping[str, str] | None = None,
    handed: str | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Iterator[Outcome]:
    """Keep every submission under a path, mark those without marks, and derive the marks of the sitting.

    What was kept before stays, whether it is handed over again or not. The result does not depend on the
    order of files, lines and runs.

    Args:
        course: whose papers were answered.
        ledger: where everything is stored, one transaction per chunk.
        path: a file, a folder or an archive.
        sitting: the sitting that is marked; papers of others are kept and reported.
        jobs: the number of processes; by default one per processor.
        replace: students whose submission in this path is to count from now on, each with a part of the name
            of its file, or "".
        handed: when all of it was handed in, in UTC, where the files do not say it.
        progress: called with the number of submissions just handled.

    Yields:
        The problems: ``source``, ``line`` and ``kind`` (``malformed``, ``mistyped``, ``tampered``,
        ``unknown``, ``gone``, ``elsewhere``, ``note``) with the values of its message.
    """
    run, caps = _Run(sitting, wanted=replace or {}), Caps()
    entries = _new_entries(ledger, find(path), run, caps, progress)
    with closing(mark_all(course, ledger, entries, jobs)) as chunks:
        for outcomes in chunks:
            yield from _keep(ledger, outcomes, run, caps, handed)
            progress(len(outcomes))
    for source, more, stopped in caps.problems():
        message = _("%(count)d more lines cannot be read") if not stopped else _STOPPED
        yield {
            "source": source,
            "line": 0,
            "kind": "malformed",
            "template": message,
            "given": {"count": more},
        }
    for place, paper, other in run.elsewhere:
        message = _ELSEWHERE if rules(ledger, other).closed is None else _CLOSED
        given = {"paper": paper, "sitting": one_line(other)}
        yield place | {"kind": "elsewhere", "template": message, "given": given}
    for own in sorted({sitting, *run.touched}):
        yield from _mark_stored(course, ledger, own, run, jobs)
        with ledger.db:
            if own == sitting:
                _replace(ledger, run)
            derive(ledger, own, run.event, _("submissions were handed over"))


_ELSEWHERE = _("paper %(paper)s belongs to sitting %(sitting)s and counts there")
_CLOSED = _("paper %(paper)s belongs to sitting %(sitting)s, which is closed: what is new does not count")
_STOPPED = _("%(count)d more lines cannot be read; the rest of the file was not read")


def _new_entries(
    ledger: Ledger, entries: Iterable[Entry], run: _Run, caps: Caps, progress: Callable[[int], None]
) -> Iterator[Entry]:
    """Yield what was not read before; of the rest only the place is stored."""
    for entry in entries:
        if entry.line and caps.stopped(entry.source):
            continue
        raw = digest(entry)
        found = kept.known(ledger, raw, entry.source, entry.line)
        if found is None:
            yield entry
            continue
        place = {"source": entry.source, "line": entry.line}
        if not found.same_place:
            with ledger.db:
                where = place | {"handed": entry.handed, "raw": raw}
                kept.keep_place(ledger, found, where, run.number(ledger))
        run.meet(place, found._asdict())
        progress(1)


def _keep(
    ledger: Ledger, outcomes: list[Outcome], run: _Run, caps: Caps, handed: str | None
) -> Iterator[Outcome]:
    """Store a chunk of outcomes, all or none; yield the problems among them."""
    whole = [outcome for outcome in outcomes if "answers" in outcome]
    for outcome in whole:
        outcome["handed"] = handed or outcome["handed"]
    if whole:
        with ledger.db:
            kept.keep(ledger, whole, run.number(ledger))
    for outcome in outcomes:
        place = {"source": outcome["source"], "line": outcome["line"]}
        if "answers" in outcome:
            run.meet(place, outcome)
            if "problem" in outcome:
                run.failed.add(outcome["submission"])
        problem = outcome.get("problem")
        if (not outcome["line"] or caps.count(outcome["source"], refused=bool(problem))) and problem:
            yield place | problem


def _mark_stored(
    course: Course, ledger: Ledger, sitting: str, run: _Run, jobs: int | None
) -> Iterator[Outcome]:
    """Mark what is kept but has no marks: it could not be marked before, or its marks are undone."""
    waiting = (
        _entry(one)
        for one in kept.stored(ledger, sitting)
        if not one.marked and one.submission not in run.failed
    )
    with closing(mark_all(course, ledger, waiting, jobs)) as chunks:
        for outcomes in chunks:
            with ledger.db:
                for outcome in outcomes:
                    if "result" in outcome:
                        kept.put_result(ledger, int(outcome["source"]), run.number(ledger), outcome["result"])
            for outcome in outcomes:
                if problem := outcome.get("problem"):
                    yield kept.place(ledger, int(outcome["source"])) | problem


def _replace(ledger: Ledger, run: _Run) -> None:
    """Decide that the submissions of this run count, for the students who were named."""
    made = {}
    for student, name in run.wanted.items():
        record = ledger.record_of(run.sitting, student)
        if record is None:
            raise Refusal(_("there is no paper of %(student)s in this sitting"), student=one_line(student))
        found = {number for number, source in run.met.get(record["paper"], {}).items() if name in source}
        chosen = [c for c in several(ledger, record["paper"], run.sitting) if c.submission in found]
        if len(chosen) != 1:
            raise Refusal(
                _("expected one submission of %(student)s here, found %(count)d; name its file, as in "
                  "--replace %(student)s=FILE"),
                student=one_line(student), count=len(chosen),
            )  # fmt: skip
        made["choice", student] = chosen[0].digest
    if made:
        decide(ledger, run.sitting, made, run.number(ledger))


def _entry(one: kept.Stored) -> Entry:
    data = f'{{"paper": {json.dumps(one.paper)}, "answers": {one.answers}}}'
    return Entry(str(one.submission), 0, "stored", data.encode())


def describe(problem: Mapping[str, Any], lang: str) -> str:
    """Return a problem as one line: file, line, what is wrong."""
    line = problem["line"] or problem.get("at", 0)
    where = translate(_("%(source)s, line %(line)s") if line else "%(source)s", lang)
    where %= {"source": problem["source"], "line": line}
    return where + ": " + sentence(problem["template"], problem["given"], lang)


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
    """Mark the stored submissions of a sitting again, with this version of the bank, all or none.

    Args:
        course: whose papers they are.
        ledger: the answers and marks.
        sitting: the name of the sitting.
        keep_better: whether the old marks count if the new ones are lower; the trail has both.
        dry: whether to change nothing.
        reason: the reason to record in the audit trail.
        jobs: the number of processes; by default one per processor.
        progress: called with the number of submissions just handled.

    Yields:
        For each paper whose mark or feedback changes: ``paper, student, old, new, kept, questions``, and a
        ``problem`` if this version can no longer make the paper; its mark does not change.
    """
    ledger.db.execute("BEGIN IMMEDIATE")
    try:
        event = ledger.event(sitting, "remark", reason)
        yield from _remarked(course, ledger, sitting, event, keep_better, jobs, progress)
        derive(ledger, sitting, event, reason)
        query = "SELECT paper, old, new, kept, before, after FROM trail WHERE event = ? ORDER BY rowid"
        empty = True
        for paper, old, new, counts, before, after in ledger.db.execute(query, (event,)):
            empty = False
            record = ledger.record(paper)
            yield {
                "paper": paper, "student": record["student"] if record else "", "old": old, "new": new,
                "kept": counts, "questions": _differences(before, after),
            }  # fmt: skip
        query = "SELECT 1 FROM results WHERE event = ? LIMIT 1"
        if not dry and not (empty and ledger.db.execute(query, (event,)).fetchone() is None):
            ledger.db.commit()
    finally:
        ledger.db.rollback()  # nothing is left to roll back after a commit


def _remarked(
    course: Course, ledger: Ledger, sitting: str, event: int, keep_better: bool, jobs: int | None,
    progress: Callable[[int], None],
) -> Generator[dict[str, Any]]:  # fmt: skip
    """Store new marks that differ; yield the papers that cannot be made any more."""
    entries = (_entry(one) for one in kept.stored(ledger, sitting) if one.marked)
    with closing(mark_all(course, ledger, entries, jobs)) as chunks:
        for outcome in (one for outcomes in chunks for one in outcomes):
            progress(1)
            submission = int(outcome["source"])
            if problem := outcome.get("problem"):
                record, old = ledger.mark(outcome["paper"]) if "paper" in outcome else ({}, None)
                if old is not None:
                    yield {
                        "paper": old.paper, "student": record["student"], "old": old.score, "new": old.score,
                        "kept": old.score, "questions": [], "problem": problem,
                    }  # fmt: skip
                continue
            before = kept.current(ledger, submission)
            if before == outcome["result"] or before is None:
                continue
            if not keep_better or outcome["score"] > before["score"] - NEGLIGIBLE:
                kept.put_result(ledger, submission, event, outcome["result"])
            else:
                _not_counting(ledger, submission, event, before, outcome["result"])


def _not_counting(
    ledger: Ledger, submission: int, event: int, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Record in the trail that new marks of a submission that counts are lower and therefore do not count."""
    ledger.db.execute(
        """
        INSERT INTO trail SELECT ?, m.paper, m.score, ?, m.score, ?, e.reason, ?, ?, e.id
        FROM marks m, events e WHERE m.submission = ? AND e.id = ?
        """,
        (now(), after["score"], own_version(), json.dumps(before), json.dumps(after), submission, event),
    )


def _differences(before: str | None, after: str | None) -> list[dict[str, Any]]:
    """Return the questions whose score changes."""
    old, new = (json.loads(text)["questions"] if text else [] for text in (before, after))
    return [
        {"question": place, "exercise": b["exercise"], "old": a["score"], "new": b["score"]}
        for place, (a, b) in enumerate(zip(old, new, strict=False), 1)
        if abs(a["score"] - b["score"]) > NEGLIGIBLE
    ]
