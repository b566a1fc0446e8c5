"""The host's part of a run: it executes the chunks, and does between them what only the host can do."""

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
from jaxnet.training.host.interrupts import noted_interrupts
from jaxnet.training.host.journal import Epoch, EvaluationData, Journal, report, stops
from jaxnet.training.host.stopping import EarlyStopping


class Callbacks(NamedTuple):
    """What the host does between chunks.

    Attributes:
        epochs: epochs of the run.
        steps: steps per epoch, None where that is not known.
        validation: what is measured after each epoch.
        early: early stopping, with its monitor and mode.
        on_epoch: the user's function.
        statistics: (state, chunk) -> figures of each layer.
        checkpoints: writes the state and the journal, see :class:`CheckpointWriter`.
        bar: the progress bar, see :mod:`jaxnet.training.host.progress`.
        net: the network, for the names of its layers when a loss diverges.
        whole: parameters -> metrics of the whole validation set.
    """

    epochs: int
    steps: int | None
    validation: EvaluationData | None = None
    early: EarlyStopping | None = None
    on_epoch: Callable[[Epoch], Any] | None = None
    statistics: Callable[[State, Chunk], dict[str, np.ndarray]] | None = None
    checkpoints: "CheckpointWriter | None" = None
    bar: Any = None
    net: Any = None
    whole: Callable[[Any], dict[str, float]] | None = None


class CheckpointWriter(Protocol):
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
    callbacks: Callbacks,
) -> tuple[State, Journal, str]:
    """Run the chunks.

    Returns:
        The state after the last chunk, the journal, and why the run ended: ``"finished"``,
        ``"early stopping"``, ``"on_epoch"`` or ``"interrupted"`` (by Ctrl-C, without the
        chunk that it interrupted).

    Raises:
        Diverged: when the loss or a parameter is no longer finite.
    """
    ended = "finished"
    if journal.rows and journal.partial is None and _patience_is_over(journal, callbacks):
        return state, journal, "early stopping"
    try:
        with noted_interrupts() as pressed, closing(chunks):  # type: ignore[type-var]
            for chunk in chunks:
                after, tallies, measured = execute(task, hyper, key, chunk, state, kind, callbacks.validation)
                if not all(math.isfinite(float(tally.loss)) for tally in tallies):
                    raise divergence.explain(task, hyper, key, chunk, state, callbacks.net, [*journal.rows])
                state, journal = (
                    after,
                    _record(task, journal, state, after, chunk, tallies, measured, callbacks),
                )
                ended = _after_chunk(state, journal, chunk, callbacks)
                ended = "interrupted" if pressed() else ended
                if callbacks.checkpoints is not None:
                    callbacks.checkpoints(state, journal, ended != "finished")
                if ended != "finished":
                    break
    except KeyboardInterrupt:
        ended = "interrupted"
    except Exception as error:  # from on_epoch, the data or the machine: what was learned is kept
        if callbacks.checkpoints is not None and not isinstance(error, divergence.Diverged):
            callbacks.checkpoints(state, journal, True)
        raise
    if ended == "finished" and not divergence.all_finite(state.params):
        raise divergence.Diverged(
            f"fit: parameters are NaN or infinite after the last step, epoch {len(journal.rows)}",
            None,
            journal.rows,
        )
    if callbacks.checkpoints is not None:
        callbacks.checkpoints(state, journal, True)
    return state, journal, ended


def _record(
    task: Task,
    journal: Journal,
    before: State,
    after: State,
    chunk: Chunk,
    tallies: list[Tally],
    measured: list[Tally] | None,
    callbacks: Callbacks,
) -> Journal:
    """The journal with this chunk in it."""
    if journal.partial is not None:
        tallies = [jax.tree.map(np.add, journal.partial, tallies[0]), *tallies[1:]]
    if not chunk.ends:
        return journal._replace(partial=tallies[0])
    rows = [report(task, tally) for tally in tallies]
    for row, tally in zip(rows, measured or [], strict=False):
        row |= {f"val_{name}": value for name, value in report(task, tally).items()}
    if callbacks.whole is not None:
        rows[-1] |= {f"val_{name}": value for name, value in callbacks.whole(after.learned).items()}
    journal = journal._replace(rows=(*journal.rows, *rows), partial=None)
    if callbacks.statistics is not None:
        journal = journal._replace(statistics=(*journal.statistics, callbacks.statistics(after, chunk)))
    if callbacks.early is not None:
        value = rows[-1][str(callbacks.early.monitor)]
        gain = (
            math.inf
            if journal.best is None or math.isnan(journal.best)
            else (journal.best - value) * (1 if callbacks.early.mode == "min" else -1)
        )
        if gain > callbacks.early.min_delta:
            journal = journal._replace(best=value, best_epoch=len(journal.rows), best_params=after.learned)
    return journal


def _after_chunk(state: State, journal: Journal, chunk: Chunk, callbacks: Callbacks) -> str:
    """Show the progress and call ``on_epoch``; why to stop, or ``"finished"`` to continue."""
    done = len(journal.rows)
    figures = journal.rows[-1] if journal.rows else {}
    if callbacks.bar is not None:
        parts = 0.0
        if journal.partial is not None and callbacks.steps:
            parts = min(float(journal.partial.count) / (callbacks.steps * chunk.order.shape[2]), 1.0)
        callbacks.bar.update(done + parts, float(np.prod(chunk.order.shape)), figures)
    if not chunk.ends:
        return "finished"
    if callbacks.on_epoch is not None:
        epoch = Epoch(done, callbacks.epochs, figures, state.learned)
        if callbacks.statistics is not None:
            epoch = epoch._replace(
                layers=layer_names(callbacks.net, state.params), statistics=journal.statistics[-1]
            )
        if stops(callbacks.on_epoch(epoch)):
            return "on_epoch"
    return "early stopping" if _patience_is_over(journal, callbacks) else "finished"


def _patience_is_over(journal: Journal, callbacks: Callbacks) -> bool:
    done = len(journal.rows)
    return (
        callbacks.early is not None
        and done - journal.best_epoch >= callbacks.early.patience
        and done < callbacks.epochs
    )
