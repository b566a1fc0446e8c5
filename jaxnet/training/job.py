"""From what the user hands to ``fit`` to a job: everything checked, placed on the devices and planned."""

import functools
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxnet import optimizers
from jaxnet._validation import check_count, check_pair, check_run_key
from jaxnet.data.splits import stratified_split
from jaxnet.training.compiled import programs
from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.plan import Cost, Plan, choose, platform
from jaxnet.training.compiled.task import Data, Hyper, Task
from jaxnet.training.compiled.tracing import make_task, trace
from jaxnet.training.feed import chunks as feed_chunks
from jaxnet.training.feed.chunks import Chunk
from jaxnet.training.feed.order import SWEEP, in_order, key_words
from jaxnet.training.feed.placement import Placing
from jaxnet.training.feed.source import Source, remaining_chunks
from jaxnet.training.feed.weights import check_batch_size, example_weights
from jaxnet.training.host.journal import Sweep


class Job(NamedTuple):
    """A run that is ready to begin.

    Attributes:
        task: what shapes the compiled programs.
        hyper: numbers that do not.
        key: for dropout, on the devices.
        words: the bits of the key, for the order of the examples.
        state: before the first step; None where it was not asked for.
        data: the examples, on the devices unless they are streamed.
        held: validation data.
        chunks: steps done -> the chunks that are left.
        plan: where the steps run.
        cost: of the forward pass of a batch.
        steps: steps of an epoch; None where only the iterable knows.
        figures: names of the history.
        examples: (x, y) as checked, for those who need some of them.
        weight: one weight for each example, or None.
        size: examples a step.
        placing: where arrays lie.
    """

    task: Task
    hyper: Hyper
    key: jax.Array
    words: tuple[int, ...]
    state: Any
    data: Data
    held: Sweep | None
    chunks: Callable[[int], Iterator[Chunk]]
    plan: Plan
    cost: Cost
    steps: int | None
    figures: tuple[str, ...]
    examples: tuple[Any, Any]
    weight: np.ndarray | None
    size: int
    placing: Placing


def prepare(
    net: Any,
    data: Any,
    *,
    loss: Any,
    optimizer: Any,
    learning_rate: Any,
    epochs: int,
    batch_size: int | None,
    key: jax.Array,
    params: Any,
    validation: Any,
    metrics: Any,
    l2: float,
    sample_weights: Any,
    class_weights: Any,
    compute_dtype: Any,
    transform: Any,
    mesh: Any,
    plan: str | None,
    visits: bool,
    rows: np.ndarray | None = None,
    begin: bool = True,
) -> Job:
    """Check, place and plan; the arguments are those of :func:`jaxnet.fit`.

    Args:
        visits: whether the host has something to do after each epoch.
        rows: train on these examples only; then ``validation`` may be an array of rows too.
        begin: False leaves the state out, for those who make it themselves.
        Rest: see :func:`jaxnet.fit`.
    """
    check_run_key("fit", key)
    epochs = check_count("fit", "epochs", epochs)
    factory, rate = optimizers.resolve(optimizer, learning_rate)
    placing = Placing(mesh)
    task = make_task(net, loss, metrics, name="fit", compute_dtype=compute_dtype, transform=transform)
    task = task._replace(
        optimizer=Pure(factory),
        schedule=Pure(rate) if callable(rate) else None,
        penalised=_number(l2) > 0,
        rows=placing.rows,
    )
    hyper = Hyper(None if callable(rate) else rate, float(l2))
    words = key_words(key)

    source = Source.of(data, batch_size, epochs)
    held: tuple[Any, Any, np.ndarray | None] | None = None
    if isinstance(validation, np.ndarray) and rows is not None:
        held = (source.x, source.y, validation)
    elif isinstance(validation, float | int):
        rows, out = _hold_out(source, validation, words)
        held = (source.x, source.y, out)
    elif validation is not None:
        held = (*check_pair("fit: validation", validation), None)
        if held[0].shape[1:] != source.x.shape[1:]:
            raise ValueError(
                f"fit: validation x has shape {held[0].shape}, training x {source.x.shape}; "
                "all axes but the first must agree"
            )
    trained = len(source.x) if rows is None else len(rows)
    size = source.size if source.stream == "batches" else check_batch_size("fit", batch_size, trained)
    weight = _weights(source, sample_weights, class_weights)

    if params is None:
        params = programs.draw_params(Pure(net.init), key, tuple(source.x.shape[1:]))
    else:
        params = jax.tree.map(lambda leaf: leaf if isinstance(leaf, jax.Array) else np.asarray(leaf), params)
    cost = trace("fit", task, params, Data(source.x, source.y), size)
    if held is not None:
        trace("fit: validation", task, params, Data(*held[:2]), min(SWEEP, len(held[0])))
    steps = None if source.stream == "batches" else -(-trained // size)
    chosen = _plan(cost, steps, epochs, size, params, plan, visits, source)

    on_device = Data(source.x, source.y, weight)
    if source.stream is None:
        on_device = placing.whole(on_device)
    sweep = None
    if held is not None:
        x, y, out = held
        inside = placing.whole(Data(x, y)) if x is not source.x else on_device._replace(weight=None)
        sweep = Sweep(inside, placing.order(in_order(len(x), out), len(x)))
    params, hyper, key = placing.whole(params), hyper, placing.whole(key)
    figures = ["loss", *(name for name, _ in task.metrics)]
    return Job(
        task,
        hyper,
        key,
        words,
        programs.start(task, hyper, params) if begin else None,
        on_device,
        sweep,
        functools.partial(remaining_chunks, source, on_device, rows, words, size, epochs, chosen, placing),
        chosen,
        cost,
        steps,
        tuple(figures + [f"val_{name}" for name in figures] if held else figures),
        (source.x, source.y),
        weight,
        size,
        placing,
    )


def _hold_out(source: Source, fraction: float, words: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Rows to train on and rows to validate on."""
    if not 0.0 < fraction < 1.0:
        raise ValueError(f"fit: validation as a fraction must lie between 0 and 1, got {fraction}")
    if source.stream is not None:
        raise ValueError("fit: a fraction can be held out of data in memory only; give validation=(x, y)")
    if len(source.x) < 2:
        raise ValueError("fit: one example cannot be split into training and validation")
    return stratified_split(np.asarray(source.y), fraction, words)


def _weights(source: Source, sample: Any, classes: Any) -> np.ndarray | None:
    if sample is None and classes is None:
        return None
    if source.stream == "batches":
        raise ValueError("fit: weights need the data as arrays, they cannot be given with batches")
    return example_weights("fit", source.y, sample, classes)


def _plan(
    cost: Cost,
    steps: int | None,
    epochs: int,
    size: int,
    params: Any,
    wanted: str | None,
    visits: bool,
    source: Source,
) -> Plan:
    weights = sum(leaf.size for leaf in jax.tree.leaves(params))
    streams = source.stream is not None
    chosen = choose(
        cost,
        1 << 20 if steps is None else steps,
        epochs,
        backend=platform(),
        weights=weights,
        wanted=wanted,
        visits=visits or streams,
    )
    if not streams:
        return chosen
    batch = size * sum(part.nbytes // max(len(part), 1) for part in (source.x, source.y))
    fits = max(1, feed_chunks.STREAM_BYTES // max(batch, 1))
    return chosen._replace(chunk=min(chosen.chunk, fits), reason=f"{chosen.reason}; streamed in chunks")


def _number(l2: Any) -> float:
    try:
        number = float(l2)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"fit: l2 must be a number of at least 0, got {l2!r}")
    return number
