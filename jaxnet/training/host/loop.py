"""The host's part of a run: chunk after chunk, and at their borders what only the host can do."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any, NamedTuple, Protocol

import jax
import numpy as np

from jaxnet.backprop.statistics import layer_names
from jaxnet.training.compiled import programs
from jaxnet.training.compiled.programs import Data, Hyper, State, Tally, Task
from jaxnet.training.feed.chunks import Chunk
from jaxnet.training.host import divergence

_FALL = ("loss", "error", "mae", "mse", "rmse")  # figures that are good when they are small


class EarlyStopping(NamedTuple):
    """When to stop because nothing gets better; the best parameters are given back.

    Attributes:
        patience: epochs without an improvement.
        min_delta: what counts as an improvement.
        monitor: a figure of the history; None for ``val_loss``, or ``loss`` without validation data.
        mode: ``"min"`` or ``"max"``; None for "min" where the figure's name ends in loss, error, mae, mse or
            rmse, and "max" elsewhere.
    """

    patience: int = 5
    min_delta: float = 0.0
    monitor: str | None = None
    mode: str | None = None


class Epoch(NamedTuple):
    """What ``on_epoch`` gets after each epoch; if it returns something true, training stops.

    Attributes:
        epoch: epochs done, from 1.
        epochs: epochs asked for.
        figures: this epoch's entry of the history.
        params: the parameters; keep them, they are not given up.
        layers: with ``statistics=True`` the names of the layers that have parameters.
        statistics: name -> one number a layer, see :func:`jaxnet.backprop.layer_statistics`.
    """

    epoch: int
    epochs: int
    figures: Mapping[str, float]
    params: Any
    layers: tuple[str, ...] = ()
    statistics: Mapping[str, np.ndarray] = {}  # not a MappingProxyType, which cannot be pickled


class Journal(NamedTuple):
    """What the host knows of a run so far.

    Attributes:
        rows: the figures of each epoch.
        partial: sums over the part of the next epoch that is done.
        best: best value of the monitored figure.
        best_epoch: epochs done then.
        best_params: the parameters then.
        statistics: figures of each layer, for each epoch.
    """

    rows: tuple[dict[str, float], ...] = ()
    partial: Tally | None = None
    best: float | None = None
    best_epoch: int = 0
    best_params: Any = None
    statistics: tuple[dict[str, np.ndarray], ...] = ()


class Sweep(NamedTuple):
    """Data to be measured after each epoch, and the batches it is taken in, (1, steps, batch)."""

    data: Data
    order: Any


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


def execute(
    task: Task, hyper: Hyper, key: jax.Array, chunk: Chunk, state: State, kind: str, held: Sweep | None
) -> tuple[State, list[Tally], list[Tally] | None]:
    """One chunk; the state handed in stays whole.

    Returns:
        The new state; for each epoch of the chunk the tally of training and, when the chunk ends an epoch and
        there are validation data, of these.
    """
    if kind == "run":
        inside = None if held is None else (held.data, held.order[0])
        state, tallies, measured = programs.run_epochs(
            task, hyper, key, chunk.data, state, chunk.order, inside
        )
        return state, _apart(tallies), None if measured is None else _apart(measured)
    if kind == "scan":
        state, tallies, _ = programs.run_epochs(task, hyper, key, chunk.data, state, chunk.order)
        tally = _apart(tallies)[0]
    else:
        # given up step by step: a copy, so that the state handed in can be gone back to
        state = programs.copy(state)
        sums, order, place = programs.empty_tally(task), jax.device_put(chunk.order), np.int32(0)
        for _ in range(chunk.order.shape[1]):
            state, sums, place = programs.run_step(task, hyper, key, chunk.data, state, sums, order, place)
        tally = _host(sums)
    if held is None or not chunk.ends:
        return state, [tally], None
    return state, [tally], [_host(sweep(task, state.params, held, kind))]


def sweep(task: Task, params: Any, held: Sweep, kind: str) -> Tally:
    """The tally of all examples without dropout, by a compiled loop or batch by batch."""
    task = task.for_evaluation()
    if kind != "loop":
        return programs.run_sweep(task, params, held.data, held.order[0])
    tally, order, place = programs.empty_tally(task), jax.device_put(held.order), np.int32(0)
    for _ in range(held.order.shape[1]):
        tally, place = programs.run_measure(task, params, held.data, tally, order, place)
    return tally


def _host(tally: Tally) -> Tally:
    return jax.tree.map(np.asarray, tally)


def _apart(tallies: Tally) -> list[Tally]:
    tallies = _host(tallies)
    return [jax.tree.map(lambda part, e=epoch: part[e], tallies) for epoch in range(len(tallies.count))]


def report(task: Task, tally: Tally) -> dict[str, float]:
    """Means from a tally."""
    count = float(tally.count)
    totals = zip(task.metrics, tally.metrics, strict=True)
    return {"loss": float(tally.loss) / count} | {name: float(total) / count for (name, _), total in totals}


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


def early_stopping(given: EarlyStopping | int | None, figures: list[str]) -> EarlyStopping | None:
    """What the user gave, with the blanks filled in.

    Raises:
        ValueError: for a figure that the history will not have, or an unknown mode.

    Example:
        >>> early_stopping(3, ["loss", "val_loss"])
        EarlyStopping(patience=3, min_delta=0.0, monitor='val_loss', mode='min')
    """
    if given is None:
        return None
    early = given if isinstance(given, EarlyStopping) else EarlyStopping(given)
    if isinstance(early.patience, bool) or not isinstance(early.patience, int) or early.patience < 1:
        raise ValueError(f"fit: early_stopping needs a patience of at least 1 epoch, got {early.patience!r}")
    monitor = early.monitor or ("val_loss" if "val_loss" in figures else "loss")
    if monitor not in figures:
        raise ValueError(
            f"fit: early stopping watches {monitor!r}, but the history will hold {', '.join(figures)}"
        )
    mode = early.mode or ("min" if monitor.endswith(_FALL) else "max")
    if mode not in ("min", "max"):
        raise ValueError(f"fit: the mode of early stopping must be 'min' or 'max', got {mode!r}")
    return early._replace(monitor=monitor, mode=mode)
