"""Ctrl-C: nothing half done, no traceback, exit code 130.

An exception that is raised from a signal inside JAX can leave the process by a segmentation fault, so none is
raised. While there is nothing to lose the process ends at once, without the interpreter's own farewell (its
threads may still be compiling). Training ends after its epoch, and a file is written to its end.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130

_AT_ONCE, _ON_REQUEST, _LATER = "at once", "on request", "later"


class Interrupts:
    """How Ctrl-C is answered now.

    Attributes:
        asked: whether it was pressed.
    """

    asked: bool

    def __init__(self) -> None:
        self.asked = False
        self._mode, self._note = _AT_ONCE, ""

    @contextmanager
    def watched(self, *, restore: bool) -> Iterator["Interrupts"]:
        """Answer Ctrl-C inside the block, and after it unless restored; where it is ignored, it stays so."""
        before = signal.getsignal(signal.SIGINT)
        if before == signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
            yield self
            return
        signal.signal(signal.SIGINT, self._answer)
        try:
            yield self
        finally:
            if restore:
                signal.signal(signal.SIGINT, before)

    @contextmanager
    def on_request(self, note: str) -> Iterator[None]:
        """Only note the first Ctrl-C inside the block, and say so; a second one ends the process."""
        self._mode, self._note = _ON_REQUEST, note
        try:
            yield
        finally:
            self._mode = _AT_ONCE

    @contextmanager
    def later(self) -> Iterator[None]:
        """End the process after the block, not inside it."""
        self._mode = _LATER
        try:
            yield
        finally:
            self._mode = _AT_ONCE
        if self.asked:
            leave(INTERRUPTED)

    def _answer(self, _number: int, _frame: FrameType | None) -> None:
        first, self.asked = not self.asked, True
        if self._mode == _AT_ONCE or (self._mode == _ON_REQUEST and not first):
            os._exit(INTERRUPTED)
        if self._mode == _ON_REQUEST:
            os.write(2, f"\n{self._note}\n".encode())


def leave(code: int) -> NoReturn:
    """End the process at once with what was said so far."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue
    os._exit(code)
