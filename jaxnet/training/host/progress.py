"""A progress bar with rate and remaining time, on the terminal only."""

import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any


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
        rate = self._examples / max(passed, 1e-9)
        shown = "  ".join(
            [*(f"{name} {value:.4g}" for name, value in figures.items()), f"{rate:,.0f} examples/s"]
        )
        self._progress.update(self._task, completed=epochs, epoch=int(epochs), figures=shown)


class _Silent:
    def update(self, epochs: float, examples: float, figures: Mapping[str, float]) -> None:
        """Show nothing."""


def progress_bar(wanted: bool, epochs: int, done: int = 0, after: float = 1.0) -> AbstractContextManager[Any]:
    """A bar if it is wanted and standard error is a terminal; else something silent."""
    if wanted and sys.stderr is not None and sys.stderr.isatty():
        return Bar(epochs, done, after)
    return nullcontext(_Silent())
