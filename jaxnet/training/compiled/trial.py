"""A trial of an optimizer on a linear function: what does it need, and does it go downhill?"""

import inspect
import math
import types
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.programs import optimizer_inputs

_STEPS = 12  # more than the period of optimizers that work in rounds, such as sharpness-aware ones
_UPHILL = "its updates go uphill, along the gradient; end the chain with optax.scale(-learning_rate)"
_STILL = "its updates do not follow the gradient"
_INPUTS = ((), ("value",), ("value", "grad", "value_fn"), ("obj_fn",), ("grad_fn",))


def inputs_of(caller: str, factory: Pure, own_rate: bool, params: Any) -> tuple[str, ...]:
    """What the optimizer's update needs beside gradient, state and parameters.

    Args:
        caller: the public function, for error messages.
        factory: learning rate -> optax transformation.
        own_rate: whether the transformation has its own learning rate.
        params: the parameters.

    Returns:
        Names of arguments, see :func:`jaxnet.training.compiled.programs.optimizer_inputs`.

    Raises:
        ValueError: for something that cannot train: it needs other arguments or other parameters, its state
            changes its form, or its updates follow the gradient uphill.
    """
    leaves, tree = jax.tree.flatten(params)
    if not leaves:
        return ()
    shapes = tuple((np.shape(leaf), jnp.result_type(leaf)) for leaf in leaves)
    names, problem = _try(factory, own_rate, tree, shapes)
    if problem:
        raise ValueError(f"{caller}: the optimizer cannot train here: {problem}")
    return names


@lru_cache(maxsize=256)
def _try(factory: Pure, own_rate: bool, tree: Any, shapes: Any) -> tuple[tuple[str, ...], str]:
    params = jax.tree.unflatten(tree, [jax.ShapeDtypeStruct(*leaf) for leaf in shapes])
    problem = ""
    # the learning rate is traced, as in the run
    rate = None if own_rate else np.asarray(0.1, shapes[0][1])
    for names in _INPUTS:
        run = partial(_descend, factory, names)
        try:
            jax.eval_shape(run, rate, params)
        except AttributeError as error:
            return (), f"it expects parameters of another kind: {error}"
        except Exception as error:
            # what it says when it gets nothing more says most, unless it asks for an argument
            first = str(error).strip().partition("\n")[0] or type(error).__name__
            problem = problem if problem and "argument" not in problem else first
            continue
        if not names and _follows_a_rate(factory(None if own_rate else 0.1).update):
            return names, ""
        # a program of its own: element by element, however many parameters there are
        cosine = float(jax.jit(run)(rate, jax.tree.map(lambda leaf: np.ones(leaf.shape, leaf.dtype), params)))
        if cosine > 0.1:
            return names, _UPHILL
        stateless = not jax.tree.leaves(jax.eval_shape(lambda p: factory(rate).init(p), params))
        return names, _STILL if math.isnan(cosine) and (stateless or names == ("obj_fn",)) else ""
    return (), problem


def _follows_a_rate(update: Any) -> bool:
    """Whether an update visibly ends in a step down, as that of ``optax.adam(1e-3)``."""
    if not isinstance(update, types.FunctionType):
        return False
    inside = inspect.getclosurevars(update).nonlocals
    match update.__qualname__.partition(".")[0]:
        case "chain":
            return _follows_a_rate(inside.get("update_fns", (None,))[-1])
        case "with_extra_args_support":
            return _follows_a_rate(getattr(inside.get("tx"), "update", None))
        case "scale":
            size = inside.get("step_size")
            return isinstance(size, float | int) and size <= 0
    return False


def _descend(factory: Callable[..., Any], names: tuple[str, ...], rate: Any, params: Any) -> jax.Array:
    """The cosine between the way of some steps down a linear function and its gradient."""
    gradient = jax.tree.map(
        lambda p: jnp.where(jnp.arange(p.size).reshape(p.shape) % 3 == 0, 1, -1).astype(p.dtype), params
    )
    begin = params

    def value_of(params: Any) -> jax.Array:  # far above zero, where Polyak's step expects the minimum
        return _dot(gradient, jax.tree.map(jnp.subtract, params, begin)) + 1000 * _dot(gradient, gradient)

    def step(carry: Any, _: Any) -> tuple[Any, None]:
        params, state = carry
        further = optimizer_inputs(names, value_of, value_of(params), gradient)
        with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
            updates, state = rule.update(gradient, state, params, **further)
        return (jax.tree.map(lambda w, change: w + change.astype(w.dtype), params, updates), state), None

    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        rule = factory(rate)
        state = rule.init(params)
    after, _ = jax.eval_shape(step, (params, state), None)
    if _form(after) != _form((params, state)):
        raise ValueError("its state changes its form in a step")
    (params, _), _ = jax.lax.scan(step, (params, state), length=_STEPS)
    way = jax.tree.map(jnp.subtract, params, begin)
    return _dot(way, gradient) / jnp.sqrt(_dot(way, way) * _dot(gradient, gradient))


def _form(tree: Any) -> Any:
    leaves, structure = jax.tree.flatten(tree)
    return structure, [(leaf.shape, leaf.dtype) for leaf in leaves]


def _dot(a: Any, b: Any) -> jax.Array:
    parts = jax.tree.map(lambda x, y: jnp.vdot(x.astype(jnp.float32), y.astype(jnp.float32)), a, b)
    return jax.tree.reduce(jnp.add, parts)
