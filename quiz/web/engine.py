"""Questions and marks for the pages, remembered for a while; JAX is loaded and compiled in the background."""

import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from quiz.marking.marks import Marks
from quiz.variants.variant import Variant, generate

#: Marks that are worked out at once.
_AT_ONCE = threading.BoundedSemaphore(os.cpu_count() or 1)
_compiled: set[str] = set()


@lru_cache(maxsize=512)
def question(name: str, lang: str) -> dict[str, Any]:
    """Return the question of a variant as plain data, without its key."""
    from quiz.render import sheet  # loads NumPy, which the start page does not need

    return sheet.question(variant(name), lang, 1)


@lru_cache(maxsize=512)
def variant(name: str) -> Variant:
    """Return a variant by its name."""
    exercise, _at, seed = name.partition("@")
    return generate(exercise, int(seed))


def marks(name: str, answers: Mapping[str, str], lang: str) -> Marks:
    """Mark answers to a variant."""
    return _marks(name, tuple(sorted(answers.items())), lang)


@lru_cache(maxsize=2048)
def _marks(name: str, answers: tuple[tuple[str, str], ...], lang: str) -> Marks:
    from quiz.marking.grading import grade  # loads NumPy, as above

    with _AT_ONCE:
        return grade(variant(name), dict(answers), lang)


class Warm:
    """Loads JAX once the first page is on its way, then compiles exercises that people look at.

    Attributes:
        first: set when the first page was sent.
    """

    first: threading.Event

    def __init__(self) -> None:
        """Start the thread, which waits for the first page."""
        self.first = threading.Event()
        self._queue = ThreadPoolExecutor(1, thread_name_prefix="quiz-web")
        self._lock, self._closed = threading.Lock(), False
        threading.Thread(target=self._begin, name="quiz-warm", daemon=True).start()

    def _begin(self) -> None:
        self.first.wait(3)
        self.exercise("q2.update@7")

    def exercise(self, name: str) -> None:
        """Compile an exercise in the background, unless that was done before."""
        exercise = name.partition("@")[0]
        with self._lock:  # the server may be closing
            if not self._closed and exercise not in _compiled:
                _compiled.add(exercise)
                self._queue.submit(_compile, name)

    def close(self) -> None:
        """Forget what waits, and take nothing more."""
        with self._lock:
            self._closed = True
        self.first.set()
        self._queue.shutdown(wait=False, cancel_futures=True)


def _compile(name: str) -> None:
    """Mark wrong answers, one, half of them and all: each number of runs is a program of its own."""
    from quiz.marking.grading import grade  # loads NumPy, as above

    made = variant(name)
    asks = [ask.name for ask in made.asks if ask.kind == "number"]
    for count in sorted({min(1, len(asks)), len(asks) // 2, len(asks)}):
        grade(made, dict.fromkeys(asks[:count], "0.123"), "en")
