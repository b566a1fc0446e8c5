"""Floating-point operations of a traced function: products by their shapes, additions of biases."""

import math
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet.layers.base import Layer, Operations

_MOVES = {"broadcast_in_dim", "convert_element_type", "reshape", "squeeze", "expand_dims", "transpose"}


def product_flops(equation: Any) -> float:
    """Operations of a product of matrices or a convolution: 2 per term; 0 of anything else.

    Example:
        >>> jaxpr = jax.make_jaxpr(lambda x: x @ x)(jnp.ones((4, 4))).jaxpr
        >>> product_flops(jaxpr.eqns[0])
        128.0
    """
    name = equation.primitive.name
    if name == "dot_general":
        (contracted, _), _ = equation.params["dimension_numbers"]
        shape = equation.invars[0].aval.shape
        return 2.0 * equation.outvars[0].aval.size * math.prod(shape[axis] for axis in contracted)
    if name == "conv_general_dilated":
        kernel = equation.invars[1].aval
        features = kernel.shape[equation.params["dimension_numbers"].rhs_spec[0]]
        return 2.0 * equation.outvars[0].aval.size * kernel.size / features
    return 0.0


def inner_jaxprs(equation: Any) -> Iterator[Any]:
    """The programs inside an operation, such as the body of a loop."""
    for value in equation.params.values():
        yield from _jaxprs(value)


def _jaxprs(value: Any) -> Iterator[Any]:
    # told by what they have: importing their classes from jax.extend.core takes 20 ms
    if hasattr(value, "eqns"):
        yield value.jaxpr if hasattr(value, "jaxpr") else value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _jaxprs(part)


def operations_of(layer: Layer, in_shape: Any) -> Operations:
    """Operations of a layer of the user's own for one example, counted in its traced program.

    Products with parameters count as those of the input, all others (attention, say) as those of a state.
    """
    params = jax.eval_shape(lambda: layer.init(jax.random.key(0), in_shape))
    is_shape = lambda shape: isinstance(shape, tuple | list)  # noqa: E731
    closed: Any = None
    x: Any = None
    for dtype in (float, int):
        x = jax.tree.map(
            lambda shape, kind=dtype: jax.ShapeDtypeStruct((1, *shape), jnp.result_type(kind)),
            in_shape, is_leaf=is_shape,
        )  # fmt: skip
        try:
            closed = jax.make_jaxpr(lambda params, x: layer.apply(params, x))(params, x)
            break
        except TypeError:
            if dtype is int:
                raise
    own = [True] * len(jax.tree.leaves(params)) + [False] * len(jax.tree.leaves(x))
    found = [0.0, 0.0, 0.0]
    _count(closed.jaxpr, own, found, 1)
    return Operations(*map(int, found))


def _count(jaxpr: Any, own: list[bool], found: list[float], rounds: int) -> None:
    """Add up the operations; ``own`` says which inputs are parameters."""
    known = {var for var, mine in zip(jaxpr.invars, own, strict=False) if mine}

    def mine(var: Any) -> bool:
        return not hasattr(var, "val") and var in known

    for equation in jaxpr.eqns:
        inputs = list(map(mine, equation.invars))
        name, (first, *_) = equation.primitive.name, [*equation.outvars, None]
        flops = product_flops(equation)
        found[0 if any(inputs) else 1] += rounds * flops
        if name in ("add", "add_any") and any(inputs) and not all(inputs):
            found[2] += rounds * first.aval.size
        if name in _MOVES and inputs[0]:
            known.add(first)
        times = rounds * (equation.params["length"] if name == "scan" else 1)
        for inner in inner_jaxprs(equation):
            count = len(inner.invars)
            _count(
                inner, (inputs + [False] * count)[-count:] if len(inputs) > count else inputs, found, times
            )


def shapes_as_text(shape: Any) -> str:
    """``28x28x1``; of several by name ``a 4, b 2``."""
    if isinstance(shape, dict):
        return ", ".join(f"{name} {shapes_as_text(part)}" for name, part in shape.items())
    return "x".join(map(str, shape)) or "()"
