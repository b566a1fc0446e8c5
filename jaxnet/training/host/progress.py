"""The progress of a run: a bar on a terminal, a line that is rewritten in a notebook, lines in a log file."""

import importlib.util
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

_LOG_SECONDS = 30.0  # between two lines in a log file


class Bar:
    """A bar for one run; a context manager. Runs shorter than ``after`` seconds show none.

    Args:
        epochs: epochs of the run.
        done: epochs done in an earlier call.
        after: seconds until the bar appears.
    """

    def __init__(self, epochs: int, done: int = 0, after: float = 1.0):
        """Lay out the columns; nothing is shown yet."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("epoch {task.fields[epoch]}/{task.total:.0f}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._progress.add_task("fit", total=epochs, completed=done, epoch=done, figures="")
        self._begun, self._examples = time.monotonic(), 0.0
        self._epochs, self._after = epochs, after

    def __enter__(self) -> "Bar":
        """Nothing is shown before the first update."""
        return self

    def __exit__(self, *error: Any) -> None:
        """Leave the last state on the screen."""
        self._progress.stop()

    def update(self, epochs: float, examples: float, figures: Mapping[str, float]) -> None:
        """Show where the run is.

        Args:
            epochs: epochs done, in fractions.
            examples: examples trained on since the last call.
            figures: what to show beside the bar.
        """
        self._examples += examples
        passed = time.monotonic() - self._begun
        if passed < self._after or (epochs >= self._epochs and not self._progress.live.is_started):
            return
        self._progress.start()
        shown = _figures(figures, self._examples / max(passed, 1e-9))
        self._progress.update(self._task, completed=epochs, epoch=int(epochs), figures=shown)


class Lines:
    """The same as text: one line that is rewritten, or a line from time to time.

    Args:
        epochs: epochs of the run.
        done: epochs done in an earlier call.
        after: seconds until the first line appears.
        every: seconds between two lines; 0: one line, which is rewritten.
    """

    def __init__(self, epochs: int, done: int = 0, after: float = 1.0, every: float = 0.0):
        """Note the time; nothing is shown yet."""
        self._epochs, self._done, self._every = epochs, done, every
        self._begun, self._next, self._examples, self._width = time.monotonic(), after, 0.0, 0

    def __enter__(self) -> "Lines":
        """Nothing is shown before the first update."""
        return self

    def __exit__(self, *error: Any) -> None:
        """End the line."""
        if self._width and not self._every:
            print(file=sys.stderr, flush=True)

    def update(self, epochs: float, examples: float, figures: Mapping[str, float]) -> None:
        """Show where the run is; arguments as for :class:`Bar`."""
        self._examples += examples
        passed = time.monotonic() - self._begun
        last = epochs >= self._epochs
        if passed < self._next and not (last and self._width):
            return
        self._next = passed + (self._every or 0.2)
        share = (epochs - self._done) / max(self._epochs - self._done, 1e-9)
        left = passed * (1 - share) / share if share > 0 else 0.0
        told = _figures(figures, self._examples / max(passed, 1e-9))
        filled = round(20 * epochs / max(self._epochs, 1))
        bar = "" if self._every else f" [{'#' * filled}{'.' * (20 - filled)}]"
        line = f"epoch {int(epochs)}/{self._epochs}{bar}  {told}  {_clock(passed)} left {_clock(left)}"
        begin, end = ("", "\n") if self._every else ("\r", "")
        print(f"{begin}{line.ljust(self._width)}", end=end, file=sys.stderr, flush=True)
        self._width = 1 if self._every else len(line)


class _Silent:
    def update(self, epochs: float, examples: float, figures: Mapping[str, float]) -> None:
        """Show nothing."""


def progress_bar(wanted: bool, epochs: int, done: int = 0, after: float = 1.0) -> AbstractContextManager[Any]:
    """A bar, where it is wanted: on a terminal by rich; in a notebook and elsewhere as text."""
    stream = sys.stderr
    if not wanted or stream is None:
        return nullcontext(_Silent())
    if stream.isatty():
        rich = importlib.util.find_spec("rich") is not None
        return Bar(epochs, done, after) if rich else Lines(epochs, done, after)
    if type(stream).__module__.partition(".")[0] == "ipykernel":
        return Lines(epochs, done, after)
    return Lines(epochs, done, max(after, _LOG_SECONDS), _LOG_SECONDS)


def _figures(figures: Mapping[str, float], rate: float) -> str:
    return "  ".join([*(f"{name} {value:.4g}" for name, value in figures.items()), f"{rate:,.0f} examples/s"])


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
