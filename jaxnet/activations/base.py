"""What the table says of an activation."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax

from jaxnet._arrays import as_float


class Activation(NamedTuple):
    """An activation function with its derivative.

    Attributes:
        fn: a = fn(z).
        derivative: da/dz at z: of the shape of z when elementwise, else the Jacobian (..., n, n) whose
            entry [..., i, j] is da_i/dz_j.
        elementwise: whether each output depends on its own input only.
        initializer: the name of the initialiser that keeps the scale of signals through layers with this
            activation.
    """

    fn: Callable[..., jax.Array]
    derivative: Callable[..., jax.Array]
    elementwise: bool = True
    initializer: str = "glorot_uniform"


def row(
    fn: Callable[..., jax.Array],
    derivative: Callable[..., jax.Array],
    initializer: str = "glorot_uniform",
    *,
    elementwise: bool = True,
) -> tuple[str, Activation]:
    """The row of the table for a function, under its own name; ``derivative`` takes an array of floats."""

    def of_any(z: Any, **options: Any) -> jax.Array:
        return derivative(as_float(z), **options)

    return fn.__name__, Activation(fn, of_any, elementwise, initializer)


def indicator(condition: jax.Array, z: jax.Array) -> jax.Array:
    """1 where the condition holds, else 0, in the dtype of z."""
    return condition.astype(z.dtype)
