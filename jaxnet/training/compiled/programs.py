"""The compiled programs of training: one step, many steps, evaluation.

Everything that shapes a program is in :class:`Task`, compared by value, so that the same task finds the
program it compiled before. Everything else (parameters, data, learning rate, order of the examples) is an
argument and never a constant of the program.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._validation import count_of, thawed_shape
from jaxnet.training.compiled.inputs import prepare
from jaxnet.training.compiled.places import free_of, scaled, whole_of
from jaxnet.training.compiled.task import (
    Data,
    Hyper,
    Params,
    State,
    Tally,
    Task,
    empty_tally,
    entry,
)


def add(a: Tally, b: Tally) -> Tally:
    """Both tallies together."""
    return jax.tree.map(jnp.add, a, b)


def per_example(values: jax.Array) -> jax.Array:
    """One number per example, in JAX's default float type: further axes (time steps, say) are averaged."""
    return values.astype(jnp.result_type(float)).reshape(values.shape[0], -1).mean(axis=1)


def forward(
    task: Task, params: Params, x: jax.Array, key: jax.Array | None, dropout: Any = None
) -> jax.Array:
    """The network's outputs for a batch; in float32 where the compute dtype is narrower."""
    x = prepare(task, x, key)
    further = {} if dropout is None else {"dropout": dropout}
    if task.compute_dtype is None:
        return task.apply(params, x, key=key, **further)

    def cast(tree: Any, dtype: Any) -> Any:
        floats = lambda leaf: leaf.astype(dtype) if jnp.issubdtype(leaf.dtype, jnp.floating) else leaf  # noqa: E731
        return jax.tree.map(floats, tree)

    return cast(task.apply(cast(params, task.compute_dtype), x, key=key, **further), jnp.float32)


def take(data: Data, index: jax.Array, sharding: Any = None) -> tuple[Data, jax.Array, jax.Array]:
    """The examples at ``index``; an index past the end is no example.

    Returns:
        The batch (with its weights, 0 for no example), which of the rows are real (1.0 or 0.0), how many.
    """
    real = (index < count_of(data.x)).astype(jnp.result_type(float))
    rows = jax.tree.map(lambda part: jnp.take(part, index, axis=0, mode="clip"), data)
    if sharding is not None:
        rows = jax.tree.map(lambda row: jax.lax.with_sharding_constraint(row, sharding), rows)
    weight = jax.tree.map(lambda row: real * row.astype(real.dtype), rows.weight)
    return Data(rows.x, rows.y, real if weight is None else weight), real, real.sum()


def measure(
    task: Task, params: Params, batch: Data, real: jax.Array, key: jax.Array | None, dropout: Any = None
) -> Tally:
    """The tally of one batch."""
    outputs = forward(task, params, batch.x, key, dropout)
    # rows that stand for no example hold a copy of another one: their values are finite, their weight is 0
    counted = batch.weight if task.weighted_metrics else real
    metrics = [jnp.sum(per_example(metric(outputs, batch.y)) * counted) for _, metric in task.metrics]
    if not task.parts:
        losses = per_example(task.loss(outputs, batch.y))
        return Tally(jnp.sum(losses * batch.weight), tuple(metrics), jnp.sum(real))
    parts = []
    for part in task.parts:
        weight = batch.weight.get(part.output, real) if isinstance(batch.weight, dict) else batch.weight
        losses = per_example(part.loss(entry(outputs, part.output), entry(batch.y, part.output)))
        parts.append(jnp.sum(losses * weight))
    total = sum(as_dtype(part.weight, value) * value for part, value in zip(task.parts, parts, strict=True))
    return Tally(total, (*parts, *metrics), jnp.sum(real))


def one_step(
    task: Task, hyper: Hyper, key: jax.Array, data: Data, state: State, index: jax.Array
) -> tuple[State, Tally]:
    """One update of the parameters on the examples at ``index``.

    The batch loss is the weighted sum of the losses over the number of real examples; its gradient gets
    ``l2 * w`` for weights (leaves of two or more axes) and is handed to the optimizer.
    """
    batch, real, count = take(data, index, task.rows)

    def objective(free: Params) -> tuple[jax.Array, Tally]:
        own = step_key(key, state.step)
        params = whole_of(free, state.params, task.factors)
        tally = measure(task, params, batch, real, own, hyper.dropout)
        return tally.loss / count, tally

    def whole_objective(free: Params) -> jax.Array:
        return objective(free)[0] + _penalty(task, hyper, free)

    free = free_of(state.params, task.factors)
    grads, tally = jax.grad(objective, has_aux=True)(free)
    if task.penalised:
        grads = jax.tree.map(lambda g, w: g + as_dtype(hyper.l2, w) * w if w.ndim >= 2 else g, grads, free)
    if task.clip is not None:
        grads = _clipped(grads, task.clip)
    with jax.numpy_dtype_promotion("standard"):  # optax mixes dtypes: 0.9 ** step, say
        rule = optimizer_at(task, hyper, free, state.step)
        further = {}
        if task.optimizer_inputs:
            value = tally.loss / count + _penalty(task, hyper, free)
            further = optimizer_inputs(task.optimizer_inputs, whole_objective, value, grads)
        updates, opt_state = rule.update(grads, state.opt_state, free, **further)
        updates = scaled(updates, task.factors)
    free = jax.tree.map(lambda w, change: w + change.astype(w.dtype), free, updates)
    params = whole_of(free, state.params, task.factors)
    average = None if task.average is None else _averaged(task.average, state, params)
    return State(params, opt_state, state.step + 1, average), tally


def _clipped(grads: Params, norm: float) -> Params:
    """The gradient, shortened to this norm where it is longer."""
    squares = [jnp.sum(jnp.square(g.astype(jnp.float32))) for g in jax.tree.leaves(grads)]
    length = jnp.sqrt(sum(squares[1:], squares[0]))
    factor = jnp.minimum(jnp.float32(1), jnp.float32(norm) / jnp.maximum(length, jnp.float32(1e-30)))
    return jax.tree.map(lambda g: g * factor.astype(g.dtype), grads)


def _averaged(decay: float, state: State, params: Params) -> Params:
    """The moving average of the parameters; it forgets the first ones faster, as they are far off."""
    step = state.step.astype(jnp.float32)
    share = 1 - jnp.minimum(jnp.float32(decay), (1 + step) / (10 + step))
    return jax.tree.map(lambda a, w: a + share.astype(w.dtype) * (w - a), state.average, params)


def _penalty(task: Task, hyper: Hyper, params: Params) -> Any:
    """The L2 term, ``l2/2 * sum w^2``."""
    weights = [w for w in jax.tree.leaves(params) if w.ndim >= 2 and task.penalised]
    return sum(as_dtype(hyper.l2, w) / 2 * jnp.sum(w * w) for w in weights)


def optimizer_inputs(
    names: tuple[str, ...], objective: Callable[[Params], jax.Array], value: jax.Array, grads: Params
) -> dict[str, Any]:
    """What some of optax's transformations need beside gradient, state and parameters, by name."""
    known = {
        "value": value,
        "grad": grads,
        "value_fn": objective,
        "obj_fn": objective,
        "grad_fn": lambda params, *_: jax.grad(objective)(params),
    }
    return {name: known[name] for name in names}


def optimizer_at(task: Task, hyper: Hyper, params: Params, step: Any) -> Any:
    """The optax transformation with the learning rate of this step."""
    rate = hyper.learning_rate if task.schedule is None else task.schedule(step)
    if rate is not None:
        rate = as_dtype(rate, jax.tree.leaves(params)[0])
    return task.optimizer(rate)  # type: ignore[misc]


def step_key(key: jax.Array, step: Any) -> jax.Array:
    """The key of a step, for dropout: a function of (key, step) alone.

    It is derived from an intermediate key, because ``fold_in(key, i)`` is ``split(key, n)[i]``, from which
    ``init`` has drawn weights.
    """
    return jax.random.fold_in(jax.random.fold_in(key, 0x57E9_0000), step)


def as_dtype(number: Any, like: jax.Array) -> jax.Array:
    """The number in the dtype of ``like``."""
    return jnp.asarray(number).astype(like.dtype)


@partial(jax.jit, static_argnames="task")
def start(task: Task, hyper: Hyper, params: Params) -> State:
    """The state before the first step; a copy, so that the given parameters are never donated."""
    step = jnp.zeros((), jnp.int32)
    with jax.numpy_dtype_promotion("standard"):
        free = free_of(params, task.factors)
        opt_state = optimizer_at(task, hyper, free, step).init(free)
    average = None if task.average is None else jax.tree.map(jnp.copy, params)
    return State(jax.tree.map(jnp.copy, params), opt_state, step, average)


@jax.jit
def copy(state: State) -> State:
    """A copy of the state, to be donated."""
    return jax.tree.map(jnp.copy, state)


@partial(jax.jit, static_argnames=("init", "in_shape"))
def draw_params(init: Callable[..., Params], key: jax.Array, in_shape: Any) -> Params:
    """The network's initial parameters, in one compiled program; the shape is frozen, to be hashable."""
    return init(key, thawed_shape(in_shape))


@partial(jax.jit, static_argnames="task")
def run_epochs(
    task: Task,
    hyper: Hyper,
    key: jax.Array,
    data: Data,
    state: State,
    order: jax.Array,
    validation: Any = None,
) -> tuple[State, Tally, Tally | None]:
    """Many steps in one program.

    Args:
        task: what is trained.
        hyper: the numbers of this run.
        key: for dropout; the key of a step is :func:`step_key`.
        data: the examples.
        state: where to begin. Not donated: a run returns to it when this chunk diverges or is interrupted,
            and a chunk of many steps gains nothing from donating it.
        order: (epochs, steps, batch) indices into the data.
        validation: ``(data, order)`` to be measured after each epoch, or None.

    Returns:
        The new state and, with a leading axis of epochs, the tallies of training and of validation.
    """

    def step(carry: tuple[State, Tally], index: jax.Array) -> tuple[tuple[State, Tally], None]:
        state, tally = carry
        state, more = one_step(task, hyper, key, data, state, index)
        return (state, add(tally, more)), None

    def epoch(state: State, order: jax.Array) -> tuple[State, tuple[Tally, Tally | None]]:
        (state, tally), _ = jax.lax.scan(step, (state, empty_tally(task)), order)
        held = None if validation is None else evaluate(task, state.learned, *validation)
        return state, (tally, held)

    state, (tallies, held) = jax.lax.scan(epoch, state, order)
    return state, tallies, held


@partial(jax.jit, static_argnames="task")
def run_many(
    task: Task,
    hyper: Hyper,
    keys: jax.Array,
    data: Data,
    state: State,
    order: jax.Array,
    validation: Any = None,
) -> tuple[State, Tally, Tally | None]:
    """:func:`run_epochs` for many networks side by side: all but the data have a leading axis more.

    ``validation`` is ``(data, order)``, the order with the leading axis.
    """

    def one(hyper: Hyper, key: jax.Array, state: State, order: jax.Array, held: jax.Array | None) -> Any:
        inside = None if validation is None else (validation[0], held)
        return run_epochs(task, hyper, key, data, state, order, inside)

    return jax.vmap(one)(hyper, keys, state, order, None if validation is None else validation[1])


@partial(jax.jit, static_argnames=("task", "init", "in_shape"))
def start_many(
    task: Task, init: Callable[..., Params], in_shape: Any, hyper: Hyper, keys: jax.Array
) -> State:
    """The states of many networks before the first step."""
    shape = thawed_shape(in_shape)
    return jax.vmap(lambda hyper, key: start(task, hyper, init(key, shape)))(hyper, keys)


@partial(jax.jit, static_argnames="task", donate_argnames=("state", "tally", "place"))
def run_step(
    task: Task,
    hyper: Hyper,
    key: jax.Array,
    data: Data,
    state: State,
    tally: Tally,
    order: jax.Array,
    place: Any,
) -> tuple[State, Tally, jax.Array]:
    """One step, row ``place`` of the order (1, steps, batch); state, tally and place are donated."""
    state, more = one_step(task, hyper, key, data, state, order[0, place])
    return state, add(tally, more), place + 1


@partial(jax.jit, static_argnames=("task", "look"))
def run_statistics(
    task: Task,
    look: Callable[..., Any],
    hyper: Hyper,
    key: jax.Array,
    data: Data,
    state: State,
    index: jax.Array,
) -> Any:
    """``look(params, x, y, updates=...)`` on one batch, with the updates that a step on it would make."""
    after, _ = one_step(task, hyper, key, data, state, index)
    updates = jax.tree.map(jnp.subtract, after.params, state.params)
    batch, _, _ = take(data, index, task.rows)
    return look(state.params, prepare(task._replace(compute_dtype=None), batch.x), batch.y, updates=updates)


def evaluate(task: Task, params: Params, data: Data, order: jax.Array) -> Tally:
    """The tally of all examples in the order, without dropout."""

    def body(tally: Tally, index: jax.Array) -> tuple[Tally, None]:
        batch, real, _ = take(data, index, task.rows)
        return add(tally, measure(task, params, batch, real, None)), None

    return jax.lax.scan(body, empty_tally(task), order)[0]


run_evaluation: Any = jax.jit(evaluate, static_argnames="task")


@partial(jax.jit, static_argnames="task", donate_argnames=("tally", "place"))
def run_evaluation_step(
    task: Task, params: Params, data: Data, tally: Tally, order: jax.Array, place: Any
) -> tuple[Tally, jax.Array]:
    """One batch of an evaluation, row ``place`` of the order (1, steps, batch), added to the tally."""
    batch, real, _ = take(data, order[0, place], task.rows)
    return add(tally, measure(task, params, batch, real, None)), place + 1


@partial(jax.jit, static_argnames="task")
def run_forward(task: Task, params: Params, x: jax.Array) -> jax.Array:
    """The outputs for a batch, without dropout."""
    return forward(task, params, x, None)
