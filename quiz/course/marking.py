"""Marks submissions, many at a time in parallel, in little memory, and goes on where it was stopped."""

import hashlib
import json
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from quiz.course import folder, papers
from quiz.course.folder import Course
from quiz.course.intake import Entry, find
from quiz.course.ledger import Ledger
from quiz.course.submissions import Malformed, Submission, normal, parse
from quiz.refusal import Gone
from quiz.text import mark as _

Outcome = dict[str, Any]

#: Submissions that travel to a worker together.
CHUNK = 64
#: From this many submissions on, other processes help.
WORTH_IT = 192


def mark(
    course: Course,
    ledger: Ledger,
    path: Path,
    *,
    jobs: int | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Iterator[Outcome]:
    """Mark every submission under a path; what was marked before and has not changed is passed over.

    Args:
        course: whose papers were answered.
        ledger: where the marks go, one transaction for some dozens of submissions.
        path: a file, a folder or an archive.
        jobs: processes; as many as processors if not said.
        progress: is told how many submissions have just been dealt with.

    Yields:
        The problems: ``source``, ``line`` and ``kind`` (``malformed``, ``tampered``, ``unknown``, ``gone``,
        ``twice``) with what fills its message.
    """
    fresh = _fresh(ledger, find(path), progress)
    for outcomes in spread(course, fresh, jobs):
        yield from ledger.put(outcomes)
        progress(len(outcomes))


def _fresh(ledger: Ledger, entries: Iterable[Entry], progress: Callable[[int], None]) -> Iterator[Entry]:
    for entry in entries:
        if ledger.seen(entry.source, entry.line) == _digest(entry):
            progress(1)
        else:
            yield entry


def _digest(entry: Entry) -> bytes:
    return hashlib.blake2b(entry.data, digest_size=16).digest()


def spread(course: Course, entries: Iterable[Entry], jobs: int | None) -> Iterator[list[Outcome]]:
    """Mark in chunks, in order; a few chunks are under way at any time, however many there are."""
    entries = iter(entries)
    first = list(islice(entries, WORTH_IT))
    jobs = jobs or os.cpu_count() or 1
    if len(first) < WORTH_IT or jobs == 1:
        with Ledger(course.database, readonly=True) as book:
            chunk = first
            while chunk:
                for part in (chunk[i : i + CHUNK] for i in range(0, len(chunk), CHUNK)):
                    yield [mark_one(course, book, entry) for entry in part]
                chunk = list(islice(entries, WORTH_IT))
        return
    chunks = _chunks(first, entries)
    with ProcessPoolExecutor(jobs, get_context("spawn"), _start, (course.path,)) as pool:
        waiting: deque[Future[list[Outcome]]] = deque()
        try:
            for chunk in chunks:
                waiting.append(pool.submit(_work, chunk))
                if len(waiting) > 2 * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _chunks(first: list[Entry], rest: Iterator[Entry]) -> Iterator[list[Entry]]:
    for i in range(0, len(first), CHUNK):
        yield first[i : i + CHUNK]
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


_worker: dict[str, Any] = {}


def _start(path: Path) -> None:
    """What a worker does first. Ctrl-C is the parent's business; the quiz leaves a GPU to others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["JAX_PLATFORMS"] = "cpu"
    _worker["course"] = course = folder.open_course(path)
    _worker["book"] = Ledger(course.database, readonly=True)


def _work(chunk: list[Entry]) -> list[Outcome]:
    return [mark_one(_worker["course"], _worker["book"], entry) for entry in chunk]


def mark_one(course: Course, book: Ledger, entry: Entry) -> Outcome:
    """Mark one submission, or say what is wrong with it; never an exception, whatever it holds."""
    outcome: Outcome = {"source": entry.source, "line": entry.line, "digest": _digest(entry)}
    if entry.kind == "problem":
        return outcome | {"problem": json.loads(entry.data)}
    try:
        if entry.kind == "stored":  # answers that were accepted before, under their paper's name
            record = book.record(entry.source)
            assert record is not None
            return outcome | grade(course, record, json.loads(entry.data))
        submission = parse(entry.kind, entry.data)
        record = book.record(submission.paper)
        if record is None:
            return outcome | _problem(
                "unknown", _("no paper %(paper)s was handed out"), paper=submission.paper
            )
        outcome["paper"] = submission.paper
        if not is_genuine(course, record, submission):
            return outcome | _problem(
                "tampered", _("paper %(paper)s was tampered with"), paper=submission.paper
            )
        return outcome | grade(course, record, submission.answers)
    except Malformed as error:
        return (
            outcome
            | {"line": max(entry.line, 0)}
            | _problem("malformed", error.template, line=error.line, **error.given)
        )
    except Gone as error:
        return outcome | _problem("gone", error.template, **error.given)
    except Exception as error:  # one submission must never stop the others, and its name must be known
        return outcome | _problem(
            "malformed", _("can't be marked: %(reason)s"), reason=f"{type(error).__name__}: {error}"
        )


def _problem(kind: str, template: str, **given: object) -> Outcome:
    return {
        "problem": {"kind": kind, "template": template, "given": {k: _plain(v) for k, v in given.items()}}
    }


def _plain(value: object) -> object:
    return value if isinstance(value, int) else folder.one_line(value)


def is_genuine(course: Course, record: dict[str, Any], submission: Submission) -> bool:
    """Whether the MAC was handed out with this paper, and fits the paper where all of it came back."""
    if not any([folder.same(mac, submission.mac) for mac in record["macs"]]):
        return False
    return submission.sheet is None or folder.same(
        normal(papers.mac(course, submission.sheet)), submission.mac
    )


def grade(course: Course, record: dict[str, Any], answers: dict[str, dict[str, Any]]) -> Outcome:
    """Mark the answers to a paper: each question counts alike.

    Returns:
        ``answers``, ``score`` from 0 to 1 and ``result``: plain data, messages in the paper's language.

    Raises:
        Malformed: an answer to what was not asked.
        Gone: this version can no longer make one of the paper's variants.
    """
    from quiz import marking

    drawn = papers.variants(course, record)
    for place in answers:
        if not (
            place.isascii() and place.isdigit() and place == str(int(place)) and 1 <= int(place) <= len(drawn)
        ):
            raise Malformed(
                _("there is no question %(place)s; the paper has %(most)s"), place=place, most=len(drawn)
            )
    lang, questions = record["lang"], []
    for place, variant in enumerate(drawn, 1):
        given = answers.get(str(place), {})
        names = [ask.name for ask in variant.asks]
        for name in given:
            if name not in names:
                raise Malformed(
                    _("question %(place)s: there is no %(name)s to answer; asked are %(names)s"),
                    place=place, name=name, names=", ".join(names),
                )  # fmt: skip
        marks = marking.grade(variant, given, lang)
        parts = [
            {"name": p.name, "given": folder.one_line(p.given, 1100), "status": p.status, "credit": p.credit,
             "slip": p.slip, "message": p.message(lang)}
            for p in marks.parts.values()
        ]  # fmt: skip
        questions.append({"exercise": variant.exercise, "score": marks.score, "parts": parts})
    score = sum(q["score"] for q in questions) / len(questions)
    return {"answers": answers, "score": score, "result": {"score": score, "questions": questions}}


def describe(problem: Outcome, lang: str) -> str:
    """A problem as one line: file, line, what is wrong."""
    from quiz.text import translate

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
        + translate(template, lang) % problem["given"]
    )
