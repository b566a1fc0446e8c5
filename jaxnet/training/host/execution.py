"""Running the compiled programs chunk by chunk."""

from typing import Any

import jax
import numpy as np

from jaxnet.training.compiled import programs
from jaxnet.training.compiled.task import Hyper, State, Tally, Task, empty_tally
from jaxnet.training.feed.chunks import Chunk
from jaxnet.training.host.journal import EvaluationData


def execute(
    task: Task,
    hyper: Hyper,
    key: jax.Array,
    chunk: Chunk,
    state: State,
    kind: str,
    validation: EvaluationData | None,
) -> tuple[State, list[Tally], list[Tally] | None]:
    """Run one chunk; the given state stays valid.

    Returns:
        The new state; for each epoch of the chunk the tally of training and, when the chunk ends an epoch and
        there are validation data, of these.
    """
    if kind == "run":
        inside = None if validation is None else (validation.data, validation.order[0])
        state, tallies, measured = programs.run_epochs(
            task, hyper, key, chunk.data, state, chunk.order, inside
        )
        return state, _apart(tallies), None if measured is None else _apart(measured)
    if kind == "scan":
        state, tallies, _ = programs.run_epochs(task, hyper, key, chunk.data, state, chunk.order)
        tally = _apart(tallies)[0]
    else:
        # each step donates its state: a copy, so that the given state stays valid
        state = programs.copy(state)
        sums, order, place = empty_tally(task), jax.device_put(chunk.order), np.int32(0)
        for _ in range(chunk.order.shape[1]):
            state, sums, place = programs.run_step(task, hyper, key, chunk.data, state, sums, order, place)
        tally = _host(sums)
    if validation is None or not chunk.ends:
        return state, [tally], None
    return state, [tally], [_host(evaluate_batches(task, state.learned, validation, kind))]


def evaluate_batches(task: Task, params: Any, validation: EvaluationData, kind: str) -> Tally:
    """The tally of all examples without dropout, in a compiled loop or batch by batch."""
    task = task.for_evaluation()
    if kind != "loop":
        return programs.run_evaluation(task, params, validation.data, validation.order[0])
    tally, order, place = empty_tally(task), jax.device_put(validation.order), np.int32(0)
    for _ in range(validation.order.shape[1]):
        tally, place = programs.run_evaluation_step(task, params, validation.data, tally, order, place)
    return tally


def _host(tally: Tally) -> Tally:
    return jax.tree.map(np.asarray, tally)


def _apart(tallies: Tally) -> list[Tally]:
    tallies = _host(tallies)
    return [jax.tree.map(lambda part, e=epoch: part[e], tallies) for epoch in range(len(tallies.count))]
