"""Activation functions and their derivatives, in one table.

Every function takes an array of any shape, keeps its dtype (integers become floats) and is elementwise;
``softmax`` and ``log_softmax`` work along the last axis. The derivatives are written out by hand, for
backpropagation as the lecture teaches it, and agree with ``jax.grad``.

Example:
    >>> from jaxnet import activations
    >>> float(activations.relu(-3.0)), float(activations.sigmoid(0.0)), float(activations.step(0.0))
    (0.0, 0.5, 0.0)
    >>> float(activations.derivative("tanh")(0.0))
    1.0
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._arrays import as_float
from jaxnet._validation import check_name
from jaxnet.activations import rectifiers, squashing
from jaxnet.activations.base import Activation

#: name -> activation
TABLE: Mapping[str, Activation] = {**squashing.TABLE, **rectifiers.TABLE}

#: other names in use -> the name in the table
ALIASES: Mapping[str, str] = {
    "identity": "linear",
    "logistic": "sigmoid",
    "swish": "silu",
    "hard_swish": "hard_silu",
}


def get(activation: str | Callable[..., jax.Array]) -> Activation:
    """The activation of that name, or the one made from a function.

    A function of your own is taken to be elementwise; its derivative comes from automatic differentiation.

    Args:
        activation: a name from ``TABLE`` or ``ALIASES``, or a function z -> a.

    Returns:
        The function with its derivative, and more: see :class:`Activation`.

    Raises:
        ValueError: the name is not known.

    Example:
        >>> get("relu").initializer
        'he_normal'
        >>> float(get(lambda z: z**3).derivative(2.0))
        12.0
    """
    if isinstance(activation, Activation):
        return activation
    if callable(activation):
        return _of_function(activation)
    name = ALIASES.get(activation, activation) if isinstance(activation, str) else activation
    check_name("activations", "activation", name, TABLE, {**ALIASES, "none": "linear"})
    return TABLE[name]


@functools.lru_cache(maxsize=256)
def _of_function(fn: Callable[..., jax.Array]) -> Activation:
    for known in TABLE.values():
        if known.fn is fn:
            return known

    def derivative(z: Any) -> jax.Array:
        z = as_float(z)
        return jax.jvp(fn, (z,), (jnp.ones_like(z),))[1]

    return Activation(fn, derivative)


def derivative(activation: str | Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """The derivative of an activation, as a function of the net input z.

    For elementwise activations it has the shape of z; for ``softmax`` and ``log_softmax`` it is the Jacobian
    (..., n, n) with entry [..., i, j] = da_i/dz_j.

    Args:
        activation: a name, or a function z -> a.

    Returns:
        A function of z.

    Raises:
        ValueError: the name is not known.

    Example:
        >>> float(derivative("sigmoid")(0.0)), float(derivative("step")(0.3)), float(derivative("relu")(0.0))
        (0.25, 0.0, 0.0)
        >>> derivative("softmax")([0.0, 0.0]).tolist()
        [[0.25, -0.25], [-0.25, 0.25]]
    """
    return get(activation).derivative


def name_of(activation: str | Callable[..., Any]) -> str | None:
    """The table's name of an activation given by name or by function; None for a function of your own.

    Args:
        activation: a name, or a function z -> a.

    Returns:
        The name, or None.

    Example:
        >>> name_of(jnp.sin), name_of(squashing.tanh), name_of("swish")
        (None, 'tanh', 'silu')
    """
    found = get(activation)
    return next((name for name, known in TABLE.items() if known is found), None)
