"""A limit on the time that one submission may take."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from quiz.text import mark as _
from quiz.text.errors import Malformed

#: Seconds that reading one submission may take; the largest honest one takes a few hundredths.
SECONDS = 10.0


@contextmanager
def time_limit() -> Iterator[None]:
    """Raise `Malformed` when the block takes too long; where the system has no timers there is no limit."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: object) -> None:
        raise Malformed(_("reading it takes more than %(most)d seconds"), most=int(SECONDS))

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
