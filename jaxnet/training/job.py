"""From what the user hands to ``fit`` to a job: everything checked, placed on the devices and planned."""

import functools
import math
import numbers
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxnet import losses, optimizers
from jaxnet._arrays import beside
from jaxnet._padded import Padded
from jaxnet._validation import (
    check_count,
    check_name,
    check_pair,
    check_run_key,
    count_of,
    described,
    example_shape,
    frozen_shape,
    is_tree,
    params_of,
)
from jaxnet.data.splits import stratified_split
from jaxnet.training.compiled import programs
from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.places import free_of, leaf_factors
from jaxnet.training.compiled.plan import KINDS, Cost, Plan, choose, platform
from jaxnet.training.compiled.sequences import check_sequences
from jaxnet.training.compiled.task import Data, Hyper, Task
from jaxnet.training.compiled.tracing import make_task, naming, trace, value_check
from jaxnet.training.compiled.trial import inputs_of
from jaxnet.training.feed import chunks as feed_chunks
from jaxnet.training.feed.chunks import Chunk
from jaxnet.training.feed.lengths import by_length, grouped, has_lengths
from jaxnet.training.feed.order import EVALUATION_BATCH, in_order, key_bits
from jaxnet.training.feed.placement import Placement
from jaxnet.training.feed.source import Source, remaining_chunks
from jaxnet.training.feed.weights import check_batch_size, example_weights, label_weights
from jaxnet.training.host.journal import EvaluationData
from jaxnet.training.options import Options


class Job(NamedTuple):
    """A run that is ready to begin.

    Attributes:
        task: what shapes the compiled programs.
        hyper: numbers that do not.
        key: for dropout, on the devices.
        key_bits: the bits of the key, for the order of the examples.
        state: before the first step; None where the caller makes it.
        data: the examples, on the devices unless they are streamed.
        validation: what is measured after each epoch.
        chunks: steps done -> the remaining chunks.
        plan: where the steps run.
        cost: of the forward pass of a batch.
        epochs: epochs of the run.
        steps: steps per epoch; None where only the iterable knows.
        figures: names of the history.
        whole: metrics of the whole validation set.
        examples: (x, y) as checked.
        weight: one weight per example, or None.
        batch_size: examples per step.
        placement: where arrays lie.
    """

    task: Task
    hyper: Hyper
    key: jax.Array
    key_bits: tuple[int, ...]
    state: Any
    data: Data
    validation: EvaluationData | None
    chunks: Callable[[int], Iterator[Chunk]]
    plan: Plan
    cost: Cost
    epochs: int
    steps: int | None
    figures: tuple[str, ...]
    whole: tuple[tuple[str, Pure], ...]
    examples: tuple[Any, Any]
    weight: np.ndarray | None
    batch_size: int
    placement: Placement


def prepare(
    net: Any,
    data: Any,
    options: Options,
    *,
    host_work: bool = False,
    rows: np.ndarray | None = None,
    held_out: np.ndarray | None = None,
    begin: bool = True,
) -> Job:
    """Check, place and plan.

    Args:
        net: a network.
        data: as in :func:`jaxnet.fit`.
        options: how it is trained.
        host_work: whether the host has something to do after each epoch.
        rows: train on these examples only.
        held_out: validate on these examples of the data.
        begin: False leaves out the state, for callers that make it themselves.
    """
    caller = options.caller
    check_run_key(caller, options.key)
    options = replace(options, epochs=check_count(caller, "epochs", options.epochs))
    placement = Placement(options.mesh)
    bits = key_bits(options.key)
    source = Source.of(data, options.batch_size, options.epochs, caller)
    validation = None
    if (fraction := as_fraction(options.validation)) is not None:
        rows, held_out = _hold_out(source, fraction, bits, caller)
    elif options.validation is not None:
        validation = _validation_pair(caller, options.validation, source)
    trained = count_of(source.x) if rows is None else len(rows)
    size = (
        source.size if source.stream == "batches" else check_batch_size(caller, options.batch_size, trained)
    )
    steps = None if source.stream == "batches" else -(-trained // size)
    options = _with_schedule(_with_label_weights(options, source), steps)
    task, hyper = _task(net, options, placement)
    weight = _weights(source, options)
    params = _params(net, options, source)
    factors = leaf_factors(caller, net, params, options.freeze, options.layer_rates)
    task = task._replace(factors=factors)
    if task.optimizer is not None and not isinstance(options.optimizer, str):
        own_rate = hyper.learning_rate is None and task.schedule is None
        needed = inputs_of(caller, task.optimizer, own_rate, free_of(params, factors))
        task = task._replace(optimizer_inputs=needed)
    full = task
    check_sequences(caller, task, net, params, source.x, source.y)
    cost, _, task, whole = trace(caller, task, params, Data(source.x, source.y), size, net)
    if whole and options.validation is None and held_out is None:
        told = f"{whole[0][0]} is a metric of the whole set, which needs validation data"
        raise ValueError(f"{caller}: {told}, on which it is measured")
    if source.stream is not None:
        first = Data(source.x, source.y)
        source = source._replace(check=value_check(caller, task, params, first, size, net))
    if validation is not None:
        count = min(EVALUATION_BATCH, count_of(validation.x))
        trace(f"{caller}: validation", full, params, validation, count, net)
        check_sequences(f"{caller}: validation", full, net, params, validation.x, validation.y)
    plan = _plan(cost, steps, size, params, options, host_work or bool(whole), source)

    on_device, plan, chunks = _fed(source, weight, rows, bits, size, options, plan, placement)
    measured = _evaluation_data(on_device, validation, held_out, placement)
    params, key = placement.whole(params), placement.whole(options.key)
    state = programs.start(task, hyper, params) if begin else None
    of_validation = (*task.figures, *(name for name, _ in whole)) if measured else ()
    names = (*task.figures, *(f"val_{name}" for name in of_validation))
    return Job(
        task, hyper, key, bits, state, on_device, measured, chunks, plan, cost, options.epochs, steps, names,
        whole, (source.x, source.y), weight, size, placement,
    )  # fmt: skip


def _fed(
    source: Source,
    weight: Any,
    rows: np.ndarray | None,
    bits: tuple[int, ...],
    size: int,
    options: Options,
    plan: Plan,
    placement: Placement,
) -> tuple[Data, Plan, Callable[[int], Iterator[Chunk]]]:
    """The examples, on the devices unless they come chunk by chunk, the plan, and steps done -> chunks."""
    data, epochs = Data(source.x, source.y, weight), options.epochs
    if source.stream is None and has_lengths(source.x) and options.caller != "find_learning_rate":
        groups = grouped(data, rows, size, placement)
        kind = "loop" if plan.kind == "loop" or options.caller != "fit" else "scan"
        shapes = ", ".join(str(group.data.x.values.shape[1]) for group in groups)
        plan = plan._replace(kind=kind, reason=f"{plan.reason}; sequences padded to {shapes} steps")
        return (
            data,
            plan,
            functools.partial(by_length, groups, bits, size, epochs, plan.chunk, placement),
        )
    data = placement.whole(data) if source.stream is None else data
    return (
        data,
        plan,
        functools.partial(remaining_chunks, source, data, rows, bits, size, epochs, plan, placement),
    )


def as_fraction(validation: Any) -> float | None:
    """``validation`` as a number where it is one, of Python, NumPy or JAX; else None."""
    if isinstance(validation, np.ndarray | jax.Array) and validation.ndim == 0:
        validation = validation.item()
    return float(validation) if isinstance(validation, numbers.Real) else None


def _task(net: Any, options: Options, placement: Placement) -> tuple[Task, Hyper]:
    """What shapes the compiled programs, and the numbers that do not."""
    caller, l2 = options.caller, options.l2
    factory, rate = optimizers.resolve(options.optimizer, options.learning_rate, name=caller)
    task = make_task(
        net, options.loss, options.metrics, name=caller, compute_dtype=options.compute_dtype,
        transform=options.transform, loss_weights=options.loss_weights,
    )  # fmt: skip
    task = task._replace(
        optimizer=Pure(factory),
        schedule=Pure(rate) if callable(rate) else None,
        penalised=_penalty(caller, l2) > 0,
        rows=placement.rows,
        clip=_positive(caller, "clip", options.clip),
        average=_positive(caller, "average", options.average, below=1.0),
    )
    return task, Hyper(None if callable(rate) else rate, float(l2))


def _positive(caller: str, what: str, value: Any, below: float = math.inf) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0 < float(value) < below:
        limit = f" and below {below:g}" if below < math.inf else ""
        raise ValueError(f"{caller}: expected {what} greater than 0{limit}, got {value!r}")
    return float(value)


def _with_schedule(options: Options, steps: int | None) -> Options:
    """A schedule in epochs, in the steps of this run."""
    rate = options.learning_rate
    if not isinstance(rate, optimizers.Schedule):
        return options
    if steps is None:
        raise ValueError(
            f"{options.caller}: {rate.kind} needs the number of steps per epoch, which is not known of an "
            "iterable of batches; give a schedule of optax, step -> learning rate"
        )
    return replace(options, learning_rate=rate.in_steps(steps, options.epochs))


def _with_label_weights(options: Options, source: Source) -> Options:
    """Class weights of several labels per example, as weights of their positive targets in the loss."""
    y, given = source.y, options.class_weights
    if given is None or is_tree(y) or y.ndim != 2 or y.shape[1] < 2 or source.stream == "batches":
        return options
    if losses.get(options.loss) is not losses.binary_cross_entropy:
        raise ValueError(
            f"{options.caller}: class_weights of several labels need loss='binary_cross_entropy'; give "
            "sample_weights, or weights in a loss of your own"
        )
    weights = label_weights(options.caller, np.asarray(y), given)
    loss = functools.partial(losses.binary_cross_entropy, pos_weight=weights)
    return replace(options, loss=loss, class_weights=None)


def _params(net: Any, options: Options, source: Source) -> Any:
    if options.params is None:
        with naming(options.caller):
            return programs.draw_params(Pure(net.init), options.key, frozen_shape(example_shape(source.x)))
    given = params_of(options.caller, options.params)
    return jax.tree.map(lambda p: beside(p, source.x) if isinstance(p, jax.Array) else np.asarray(p), given)


def _hold_out(
    source: Source, fraction: float, bits: tuple[int, ...], caller: str
) -> tuple[np.ndarray, np.ndarray]:
    """Rows to train on and rows to validate on."""
    if not 0.0 < fraction < 1.0:
        raise ValueError(f"{caller}: validation as a fraction must lie between 0 and 1, got {fraction}")
    if source.stream is not None:
        raise ValueError(
            f"{caller}: a fraction can be held out of data in memory only; give validation=(x, y)"
        )
    if count_of(source.x) < 2:
        raise ValueError(f"{caller}: one example cannot be split into training and validation")
    return stratified_split(labels_of(source.y), fraction, bits)


def _validation_pair(caller: str, given: Any, source: Source) -> Data:
    """Validation data that are not part of the training data."""
    pair = check_pair(f"{caller}: validation", given)
    both = isinstance(pair[0], Padded) and isinstance(source.x, Padded)  # each may have its own longest
    if not both and example_shape(pair[0]) != example_shape(source.x):
        raise ValueError(
            f"{caller}: validation x has shape {described(pair[0])}, training x {described(source.x)}; "
            "all axes but the first must agree"
        )
    return Data(*jax.tree.map(lambda array: beside(array, source.x), pair))


def _evaluation_data(
    trained: Data, validation: Data | None, held_out: np.ndarray | None, placement: Placement
) -> EvaluationData | None:
    """What is measured after each epoch: data of its own, or rows of the training data."""
    if validation is None and held_out is None:
        return None
    data = trained._replace(weight=None) if validation is None else placement.whole(validation)
    count = count_of(data.x)
    return EvaluationData(data, placement.order(in_order(count, held_out), count))


def labels_of(y: Any) -> np.ndarray:
    """What a split keeps the proportions of: the targets, or of several the first that may be labels."""
    arrays = jax.tree.leaves(y)
    labels = [array for array in arrays if array.ndim == 1 and array.dtype.kind in "biu"]
    return np.asarray((arrays if len(arrays) == 1 else [*labels, arrays[0]])[0])


def _weights(source: Source, options: Options) -> np.ndarray | None:
    if options.sample_weights is None and options.class_weights is None:
        return None
    if source.stream == "batches":
        raise ValueError(f"{options.caller}: weights need the data as arrays, not as batches")
    return example_weights(options.caller, source.y, options.sample_weights, options.class_weights)


def _plan(
    cost: Cost, steps: int | None, size: int, params: Any, options: Options, host_work: bool, source: Source
) -> Plan:
    streams = source.stream is not None
    if options.plan is not None:
        check_name(options.caller, "plan", options.plan, KINDS)
    chosen = choose(
        cost,
        1 << 20 if steps is None else steps,
        options.epochs,
        backend=platform(),
        weights=sum(leaf.size for leaf in jax.tree.leaves(params)),
        wanted=options.plan,
        visits=host_work or streams,
    )
    if not streams:
        return chosen
    arrays = jax.tree.leaves((source.x, source.y))
    batch = size * sum(part.nbytes // max(len(part), 1) for part in arrays)
    fits = max(1, feed_chunks.STREAM_BYTES // max(batch, 1))
    return chosen._replace(chunk=min(chosen.chunk, fits), reason=f"{chosen.reason}; streamed in chunks")


def _penalty(caller: str, l2: Any) -> float:
    try:
        number = float(l2)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{caller}: l2 must be a number of at least 0, got {l2!r}")
    return number
