"""Activation functions, their derivatives by hand, and the one table that holds both by name.

``functions`` and ``derivatives`` are the mathematics; ``table`` says of each activation what other packages
need to know: its derivative, whether it works on each entry by itself, and the initialiser that suits it.
"""

from jaxnet.activations.functions import (
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
from jaxnet.activations.table import ALIASES, TABLE, Activation, derivative, get, name_of

__all__ = [
    "ALIASES",
    "TABLE",
    "Activation",
    "derivative",
    "elu",
    "gelu",
    "get",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "name_of",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "step",
    "tanh",
]
