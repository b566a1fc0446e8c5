"""Marks submissions in chunks, in this process or, if there are many, in several."""

import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import connection, get_context, parent_process
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from quiz.course import folder
from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.course.outcomes import Outcome, mark_chunk
from quiz.course.submissions.find import Entry
from quiz.text import mark as _
from quiz.text.errors import Machine

#: Submissions sent to a worker at once.
CHUNK = 64
#: The number of submissions from which several processes are used.
PARALLEL_FROM = 192


def mark_all(
    course: Course, ledger: Ledger, entries: Iterable[Entry], jobs: int | None
) -> Generator[list[Outcome]]:
    """Mark in chunks, in order; only a few chunks are in memory at a time.

    Raises:
        Machine: a worker was ended by somebody else, or nothing can be marked on this machine.
    """
    entries = iter(entries)
    first = list(islice(entries, PARALLEL_FROM))
    jobs = jobs or os.cpu_count() or 1
    if len(first) < PARALLEL_FROM or jobs == 1:
        for chunk in _chunks(first, entries):
            yield mark_chunk(course, ledger, chunk)
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
        except BrokenProcessPool:
            raise Machine(
                _(
                    "a worker process was ended from outside, perhaps for lack of memory; what is marked is "
                    "saved, and the same command with -j 1 continues")
            ) from None  # fmt: skip
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
    """Initialise a worker: the parent handles Ctrl-C, and a GPU is left to other programs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["JAX_PLATFORMS"] = "cpu"
    _worker["course"] = course = folder.open_course(path)
    _worker["ledger"] = ledger = Ledger(course.database, readonly=True)
    Finalize(None, ledger.close, exitpriority=0)  # workers exit without atexit


def _work(chunk: list[Entry]) -> list[Outcome]:
    return mark_chunk(_worker["course"], _worker["ledger"], chunk)


def _end_with_parent() -> None:
    """End this process when its parent has ended, however that happened."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
