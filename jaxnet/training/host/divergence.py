"""When a loss turns NaN or infinite: in which epoch and step, at which learning rate, in which layer."""

import re
from collections.abc import Sequence
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from jaxnet.training.compiled import programs
from jaxnet.training.compiled.task import Data, Hyper, State, Task, empty_tally
from jaxnet.training.feed.chunks import Chunk

_ADVICE = {
    "the input": "x holds NaN or infinite values there: remove or fill them",
    "the targets": "y holds NaN or infinite values there: remove or fill them",
}


class Diverged(FloatingPointError):
    """The loss or a parameter became NaN or infinite.

    Attributes:
        params: the last parameters that were finite, or None.
        history: the figures of the epochs before, one dictionary per epoch.
        epoch: the epoch in which it happened, from 1; 0 where not known.
        step: the step of the run, from 0; -1 where not known.
        where: the layer in which it began, in words.
    """

    def __init__(
        self,
        message: str,
        params: Any,
        history: Sequence[dict[str, float]] = (),
        epoch: int = 0,
        step: int = -1,
        where: str = "",
    ):
        """Keep what is known."""
        super().__init__(message)
        self.params: Any = params
        self.history: list[dict[str, float]] = list(history)
        self.epoch: int = epoch
        self.step: int = step
        self.where: str = where

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle all that is known, as a worker process does to report the error."""
        return type(self), (str(self), self.params, self.history, self.epoch, self.step, self.where)


def all_finite(tree: Any) -> bool:
    """Whether every number in the tree is finite."""
    return all(
        bool(np.isfinite(np.asarray(leaf, np.float32)).all())
        for leaf in jax.tree.leaves(tree)
        if jnp.issubdtype(leaf.dtype, jnp.inexact) and getattr(leaf, "is_fully_addressable", True)
    )


def explain(
    task: Task, hyper: Hyper, key: jax.Array, chunk: Chunk, state: State, net: Any, history: Sequence[Any]
) -> Diverged:
    """Go through the chunk again, step by step, to the step where it happens, and look inside.

    Args:
        task: what is trained.
        hyper: its numbers.
        key: for dropout.
        chunk: the chunk that failed.
        state: before the chunk.
        net: the network, for the names of its layers.
        history: the figures of the epochs before.

    Returns:
        The error to raise.
    """
    if not getattr(chunk.order, "is_fully_addressable", True):
        return Diverged(
            f"fit: the loss is no longer finite in epoch {chunk.epoch + 1}", state.params, history
        )
    orders = np.asarray(chunk.order)
    rows = orders.reshape(-1, orders.shape[2])
    done = -1
    for row in rows:
        done += 1
        # the step gives up what it gets
        copy = programs.copy(state)
        tally = empty_tally(task)
        after, tally, _ = programs.run_step(
            task, hyper, key, chunk.data, copy, tally, row[None, None], np.int32(0)
        )
        if not np.isfinite(np.asarray(tally.loss)) or not all_finite(after.params):
            break
        state = after
    epoch = chunk.epoch + done // orders.shape[1] + 1
    step = int(state.step)
    with jax.numpy_dtype_promotion("standard"):
        rate = hyper.learning_rate if task.schedule is None else task.schedule(state.step)
    where = _locate(task, key, chunk.data, state, rows[done], net)
    message = (
        f"fit: the loss is no longer finite from epoch {epoch}, step {step}"
        f"{'' if rate is None else f', learning rate {float(rate):.3g}'}; it began in {where}; "
        f"{_ADVICE.get(where, 'try a smaller learning rate, clip the gradient, or scale the data')}"
    )
    return Diverged(message, state.params, history, epoch, step, where)


def _locate(task: Task, key: jax.Array, data: Data, state: State, row: np.ndarray, net: Any) -> str:
    """Where one step first meets a number that is not finite."""
    batch, real, _ = programs.take(data, jnp.asarray(row))
    for what, part in (("the input", batch.x), ("the targets", batch.y)):
        if not all_finite(part):
            return what
    own = programs.step_key(key, state.step)

    def losses(params: Any) -> jax.Array:
        return programs.measure(task, params, batch, real, own).loss

    outputs = jax.make_jaxpr(lambda params: programs.forward(task, params, batch.x, own))(state.params)
    leaves = jax.tree_util.tree_leaves_with_path(state.params)
    names = {
        var: jax.tree_util.keystr(path) for var, (path, _) in zip(outputs.jaxpr.invars, leaves, strict=True)
    }
    found = _first_bad(outputs, [leaf for _, leaf in leaves], names)
    if found is not None:
        return (
            f"the layer with params{found}{_layer_name(net, state.params, found)}" if found else "the input"
        )
    if not np.isfinite(np.asarray(losses(state.params))):
        return "the loss"
    grads = jax.tree_util.tree_leaves_with_path(jax.grad(losses)(state.params))
    bad = [jax.tree_util.keystr(path) for path, grad in grads if not all_finite(grad)]
    return f"the gradient of params{bad[-1]}" if bad else "the optimizer's update"


def _first_bad(closed: Any, values: list[Any], names: dict[Any, str]) -> str | None:
    """The parameter that came in last before a result was not finite; "" before any, None if all are."""
    jaxpr = closed.jaxpr
    every = [var for equation in jaxpr.eqns for var in equation.outvars if type(var).__name__ != "DropVar"]
    results = jax.core.eval_jaxpr(jaxpr.replace(outvars=every), closed.consts, *values)
    known = dict(zip([*jaxpr.invars, *jaxpr.constvars], [*values, *closed.consts], strict=True))
    known |= dict(zip(every, results, strict=True))
    latest = ""
    for equation in jaxpr.eqns:
        inside = equation.params.get("jaxpr") if equation.primitive.name in ("jit", "pjit") else None
        own = [None if hasattr(var, "val") else names.get(var) for var in equation.invars]
        if all(var not in known or all_finite(known[var]) for var in equation.outvars):
            latest = next((name for name in own if name), latest)
            continue
        if inside is not None:
            given = [var.val if hasattr(var, "val") else known[var] for var in equation.invars]
            inner = {var: name for var, name in zip(inside.jaxpr.invars, own, strict=True) if name}
            return _first_bad(inside, given, inner) or latest
        return next((name for name in own if name), latest)
    return None


def _layer_name(net: Any, params: Any, path: str) -> str:
    """The layer's description, where the network is a row of layers."""
    layers = net.spec.layers if hasattr(net, "spec") else ()
    number = re.match(r"\[(\d+)\]", path)
    if number is None or not isinstance(params, list) or len(layers) != len(params):
        return ""
    return f", {layers[int(number[1])]!r}"
