"""Activation functions and their derivatives, in one table.

Every function takes an array of any shape, keeps its dtype (integers become floats) and works along
each entry; ``softmax`` and ``log_softmax`` work along the last axis. The derivatives are written out by
hand, for use in backpropagation as the lecture teaches it, and agree with ``jax.grad``.

Example:
    >>> from jaxnet import activations
    >>> float(activations.relu(-3.0)), float(activations.sigmoid(0.0)), float(activations.step(0.0))
    (0.0, 0.5, 0.0)
    >>> float(activations.derivative("tanh")(0.0))
    1.0
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxnet._arrays import as_float
from jaxnet._validation import check_name
from jaxnet.activations import derivatives
from jaxnet.activations.functions import (
    SELU_ALPHA,
    SELU_SCALE,
    elu,
    gelu,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    linear,
    log_sigmoid,
    log_softmax,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
    step,
    tanh,
)


class Activation(NamedTuple):
    """An activation function with its derivative.

    Attributes:
        fn: a = fn(z).
        derivative: da/dz at z: of the shape of z when elementwise, else the Jacobian (..., n, n) whose
            entry [..., i, j] is da_i/dz_j.
        elementwise: whether each output depends on its own input only.
        initializer: the name of the initialiser that keeps signals level through layers with this activation.
    """

    fn: Callable[..., jax.Array]
    derivative: Callable[..., jax.Array]
    elementwise: bool = True
    initializer: str = "glorot_uniform"


def _of_float(derivative: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    return lambda z, **options: derivative(as_float(z), **options)


#: name -> function, derivative, whether elementwise, default initialiser of the layer before it
TABLE: Mapping[str, Activation] = {
    name: Activation(fn, _of_float(derivative), elementwise, initializer)
    for name, fn, derivative, elementwise, initializer in (
        ("linear", linear, jnp.ones_like, True, "glorot_uniform"),
        ("step", step, jnp.zeros_like, True, "glorot_uniform"),
        ("sigmoid", sigmoid, derivatives.sigmoid, True, "glorot_uniform"),
        ("tanh", tanh, derivatives.tanh, True, "glorot_uniform"),
        ("relu", relu, lambda z: derivatives.flag(z > 0, z), True, "he_normal"),
        ("relu6", relu6, lambda z: derivatives.flag((z > 0) & (z < 6), z), True, "he_normal"),
        ("leaky_relu", leaky_relu, derivatives.leaky_relu, True, "he_normal"),
        ("elu", elu, derivatives.elu, True, "he_normal"),
        ("selu", selu, lambda z: SELU_SCALE * derivatives.elu(z, SELU_ALPHA), True, "lecun_normal"),
        ("gelu", gelu, derivatives.gelu, True, "he_normal"),
        ("silu", silu, derivatives.silu, True, "he_normal"),
        ("mish", mish, derivatives.mish, True, "he_normal"),
        ("softplus", softplus, sigmoid, True, "he_normal"),
        ("softsign", softsign, lambda z: 1 / jnp.square(1 + jnp.abs(z)), True, "glorot_uniform"),
        ("log_sigmoid", log_sigmoid, lambda z: sigmoid(-z), True, "glorot_uniform"),
        (
            "hard_sigmoid",
            hard_sigmoid,
            lambda z: derivatives.flag(jnp.abs(z) < 3, z) / 6,
            True,
            "glorot_uniform",
        ),
        ("hard_tanh", hard_tanh, lambda z: derivatives.flag(jnp.abs(z) < 1, z), True, "glorot_uniform"),
        ("hard_silu", hard_silu, derivatives.hard_silu, True, "he_normal"),
        ("softmax", softmax, derivatives.softmax, False, "glorot_uniform"),
        ("log_softmax", log_softmax, derivatives.log_softmax, False, "glorot_uniform"),
    )
}

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
    check_name("activations", "activation", name, TABLE)
    return TABLE[name]


@functools.lru_cache(maxsize=256)
def _of_function(fn: Callable[..., jax.Array]) -> Activation:
    for known in TABLE.values():
        if known.fn is fn:
            return known

    def derivative(z: ArrayLike) -> jax.Array:
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
        >>> name_of(jnp.sin), name_of(tanh), name_of("swish")
        (None, 'tanh', 'silu')
    """
    found = get(activation)
    return next((name for name, known in TABLE.items() if known is found), None)
