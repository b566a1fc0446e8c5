"""What a network ends in: are its outputs logits, or has a sigmoid or softmax made probabilities of them?

Found in the traced program, so that networks and layers of the user's own count too.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from jaxnet import losses

#: operations that leave each number as it is
_MOVES = {
    "broadcast_in_dim", "convert_element_type", "copy", "copy_p", "expand_dims", "reshape", "rev", "slice",
    "squeeze", "stop_gradient", "transpose", "sharding_constraint",
}  # fmt: skip
_LOGITS = (
    losses.binary_cross_entropy, losses.cross_entropy, losses.kl_divergence, losses.hinge,
    losses.squared_hinge,
)  # fmt: skip
#: the name of a loss that takes logits -> why it does not take probabilities
LOGITS = {
    one.__name__: "takes scores of either sign"
    if "hinge" in one.__name__
    else "takes logits and applies its own"
    for one in _LOGITS
}


def endings(jaxpr: Any) -> tuple[str, ...]:
    """For each output of a traced function what it ends in: "sigmoid", "softmax" or "".

    Example:
        >>> import jax, jax.numpy as jnp
        >>> endings(jax.make_jaxpr(lambda x: (jax.nn.sigmoid(x)[:, None], x))(jnp.ones(2)).jaxpr)
        ('sigmoid', '')
    """
    makers = {var: equation for equation in jaxpr.eqns for var in equation.outvars}
    return tuple(_ending(makers, var) for var in jaxpr.outvars)


def takes_logits(loss: Callable[..., Any]) -> str | None:
    """The name of the loss where it is one of the library's that does not take probabilities."""
    while isinstance(loss, functools.partial):
        loss = loss.func
    known: Any = inspect.unwrap(loss)
    return next((one.__name__ for one in _LOGITS if inspect.unwrap(one) is known), None)


def probabilities(metric: Callable[..., Any], ending: str) -> Callable[..., Any]:
    """The metric for outputs that are probabilities: a threshold that was left open becomes one half."""
    inner: Any = metric
    while isinstance(inner, functools.partial):
        if {"threshold", "probabilities"} & {*inner.keywords}:
            return metric
        inner = inner.func
    if not ending or not str(getattr(inner, "__module__", "")).startswith("jaxnet.metrics"):
        return metric
    known = inspect.signature(inner).parameters
    if "probabilities" in known:
        return functools.partial(metric, probabilities=True)
    return (
        functools.partial(metric, threshold=0.5) if ending == "sigmoid" and "threshold" in known else metric
    )


def _ending(makers: dict[Any, Any], var: Any) -> str:
    equation = None if hasattr(var, "val") else makers.get(var)
    if equation is None:
        return ""
    name, inputs = equation.primitive.name, equation.invars
    if name in _MOVES:
        return _ending(makers, inputs[0])
    if name == "logistic":
        return "sigmoid"
    inner = next((equation.params[p] for p in ("jaxpr", "call_jaxpr") if p in equation.params), None)
    if inner is not None and name not in ("scan", "while", "cond"):
        inner = getattr(inner, "jaxpr", inner)
        own = {made: one for one in inner.eqns for made in one.outvars}
        return _ending(own, inner.outvars[equation.outvars.index(var)])
    if name == "div":
        if _is_one(inputs[0]):  # 1 / (1 + exp(-z)), written out
            below = makers.get(inputs[1]) if not hasattr(inputs[1], "val") else None
            if below is not None and below.primitive.name == "add":
                made = [makers.get(part) for part in below.invars if not hasattr(part, "val")]
                return (
                    "sigmoid" if any(one is not None and one.primitive.name == "exp" for one in made) else ""
                )
        return "softmax" if _sum_of(makers, inputs[1], inputs[0]) else ""
    return ""


def _is_one(var: Any) -> bool:
    value = getattr(var, "val", None)
    return value is not None and getattr(value, "size", 1) == 1 and float(value) == 1.0


def _sum_of(makers: dict[Any, Any], below: Any, above: Any) -> bool:
    """Whether ``below`` is the sum of ``above``."""
    equation = None if hasattr(below, "val") else makers.get(below)
    while equation is not None and equation.primitive.name in _MOVES:
        equation = None if hasattr(equation.invars[0], "val") else makers.get(equation.invars[0])
    return equation is not None and equation.primitive.name == "reduce_sum" and equation.invars[0] is above
