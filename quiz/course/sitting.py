"""Marks submissions, many at a time in parallel, in little memory, and goes on where it was stopped."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from quiz.course import folder
from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.course.outcomes import Outcome, digest, mark_chunk
from quiz.course.submissions.find import Entry, find
from quiz.text import mark as _

#: Submissions that travel to a worker together.
CHUNK = 64
#: From this many submissions on, other processes help.
WORTH_IT = 192


def mark(
    course: Course,
    ledger: Ledger,
    path: Path,
    *,
    sitting: str | None = None,
    jobs: int | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Iterator[Outcome]:
    """Mark every submission under a path; what was marked before and has not changed is passed over.

    Args:
        course: whose papers were answered.
        ledger: where the marks go, one transaction for some dozens of submissions.
        path: a file, a folder or an archive.
        sitting: to which files belong that name no known paper.
        jobs: processes; as many as processors if not said.
        progress: is told how many submissions have just been dealt with.

    Yields:
        The problems: ``source``, ``line`` and ``kind`` (``malformed``, ``tampered``, ``unknown``, ``gone``,
        ``twice``) with what fills its message.
    """
    fresh = _fresh(ledger, find(path), progress)
    for outcomes in spread(course, fresh, jobs):
        yield from ledger.put(outcomes, sitting)
        progress(len(outcomes))


def _fresh(ledger: Ledger, entries: Iterable[Entry], progress: Callable[[int], None]) -> Iterator[Entry]:
    for entry in entries:
        if ledger.seen(entry.source, entry.line) == digest(entry):
            progress(1)
        else:
            yield entry


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
                    yield mark_chunk(course, book, part)
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
    return mark_chunk(_worker["course"], _worker["book"], chunk)


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
