"""The host's part of a run: chunk after chunk, and at their borders what only the host can do."""

import math
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NamedTuple, Protocol

import jax
import numpy as np

from jaxnet.backprop.statistics import layer_names
from jaxnet.training.compiled.task import Hyper, State, Tally, Task
from jaxnet.training.feed.chunks import Chunk
from jaxnet.training.host import divergence
from jaxnet.training.host.execution import execute
from jaxnet.training.host.journal import Epoch, Journal, Sweep, report
from jaxnet.training.host.stopping import EarlyStopping


class Watch(NamedTuple):
    """What the host does at the borders.

    Attributes:
        epochs: epochs asked for.
        steps: steps of an epoch, None where that is not known.
        held: validation data.
        early: early stopping, with monitor and mode filled in.
        on_epoch: the user's function.
        statistics: (state, chunk) -> figures of each layer.
        saver: ``saver(state, journal, last)``.
        bar: see :mod:`jaxnet.training.host.progress`.
        net: the network, for the names of its layers when a loss diverges.
    """

    epochs: int
    steps: int | None
    held: Sweep | None = None
    early: EarlyStopping | None = None
    on_epoch: Callable[[Epoch], Any] | None = None
    statistics: Callable[[State, Chunk], dict[str, np.ndarray]] | None = None
    saver: "Saver | None" = None
    bar: Any = None
    net: Any = None


class Saver(Protocol):
    """Writes checkpoints."""

    def __call__(self, state: State, journal: Journal, last: bool) -> None:
        """Write one, if it is time."""
        ...


def train(
    task: Task,
    hyper: Hyper,
    key: jax.Array,
    chunks: Iterator[Chunk],
    state: State,
    journal: Journal,
    kind: str,
    watch: Watch,
) -> tuple[State, Journal, str]:
    """Go through the chunks.

    Returns:
        The state at the last border, the journal, and why it ended: ``"finished"``, ``"early stopping"``,
        ``"on_epoch"`` or ``"interrupted"`` (by Ctrl-C; state and journal are those of the last border).

    Raises:
        Diverged: when the loss or a parameter is no longer finite.
    """
    ended = "finished"
    if journal.rows and journal.partial is None and _patience_is_over(journal, watch):
        return state, journal, "early stopping"
    try:
        with closing(chunks):  # type: ignore[type-var]
            for chunk in chunks:
                after, tallies, measured = execute(task, hyper, key, chunk, state, kind, watch.held)
                if not all(math.isfinite(float(tally.loss)) for tally in tallies):
                    raise divergence.explain(task, hyper, key, chunk, state, watch.net, [*journal.rows])
                state, journal = after, _enter(task, journal, state, after, chunk, tallies, measured, watch)
                ended = _border(state, journal, chunk, watch)
                if watch.saver is not None:
                    watch.saver(state, journal, ended != "finished")
                if ended != "finished":
                    break
    except KeyboardInterrupt:
        ended = "interrupted"
    if ended == "finished" and not divergence.all_finite(state.params):
        raise divergence.Diverged(
            f"fit: parameters are NaN or infinite after the last step, epoch {len(journal.rows)}",
            None,
            journal.rows,
        )
    if watch.saver is not None:
        watch.saver(state, journal, True)
    return state, journal, ended


def _enter(
    task: Task,
    journal: Journal,
    before: State,
    after: State,
    chunk: Chunk,
    tallies: list[Tally],
    measured: list[Tally] | None,
    watch: Watch,
) -> Journal:
    """The journal with this chunk in it."""
    if journal.partial is not None:
        tallies = [jax.tree.map(np.add, journal.partial, tallies[0]), *tallies[1:]]
    if not chunk.ends:
        return journal._replace(partial=tallies[0])
    rows = [report(task, tally) for tally in tallies]
    for row, tally in zip(rows, measured or [], strict=False):
        row |= {f"val_{name}": value for name, value in report(task, tally).items()}
    journal = journal._replace(rows=(*journal.rows, *rows), partial=None)
    if watch.statistics is not None:
        journal = journal._replace(statistics=(*journal.statistics, watch.statistics(after, chunk)))
    if watch.early is not None:
        value = rows[-1][str(watch.early.monitor)]
        gain = (
            math.inf
            if journal.best is None or math.isnan(journal.best)
            else (journal.best - value) * (1 if watch.early.mode == "min" else -1)
        )
        if gain > watch.early.min_delta:
            journal = journal._replace(best=value, best_epoch=len(journal.rows), best_params=after.params)
    return journal


def _border(state: State, journal: Journal, chunk: Chunk, watch: Watch) -> str:
    """Show where we are; say whether to go on."""
    done = len(journal.rows)
    figures = journal.rows[-1] if journal.rows else {}
    if watch.bar is not None:
        parts = 0.0
        if journal.partial is not None and watch.steps:
            parts = min(float(journal.partial.count) / (watch.steps * chunk.order.shape[2]), 1.0)
        watch.bar.update(done + parts, float(np.prod(chunk.order.shape)), figures)
    if not chunk.ends:
        return "finished"
    if watch.on_epoch is not None:
        epoch = Epoch(done, watch.epochs, figures, state.params)
        if watch.statistics is not None:
            epoch = epoch._replace(
                layers=layer_names(watch.net, state.params), statistics=journal.statistics[-1]
            )
        if watch.on_epoch(epoch):
            return "on_epoch"
    return "early stopping" if _patience_is_over(journal, watch) else "finished"


def _patience_is_over(journal: Journal, watch: Watch) -> bool:
    done = len(journal.rows)
    return (
        watch.early is not None and done - journal.best_epoch >= watch.early.patience and done < watch.epochs
    )
