"""Layers, and how they are put together to a network.

Everything here is a ``Layer``, a pair of pure functions: the basic layers, convolution, pooling, recurrence,
normalisation, the combinators that make one layer of several, and summaries.
"""

from jaxnet.layers.base import Layer, Spec
from jaxnet.layers.basic import (
    activation,
    dense,
    dropout,
    elu,
    embedding,
    flatten,
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
from jaxnet.layers.combinators import parallel, residual, serial, time_distributed
from jaxnet.layers.convolution import conv, conv_transpose
from jaxnet.layers.normalisation import layer_norm
from jaxnet.layers.pooling import avg_pool, global_avg_pool, global_max_pool, max_pool
from jaxnet.layers.recurrent import bidirectional, gru, lstm, simple_rnn
from jaxnet.layers.summaries import summary

__all__ = [
    "Layer",
    "Spec",
    "activation",
    "avg_pool",
    "bidirectional",
    "conv",
    "conv_transpose",
    "dense",
    "dropout",
    "elu",
    "embedding",
    "flatten",
    "gelu",
    "global_avg_pool",
    "global_max_pool",
    "gru",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "lstm",
    "max_pool",
    "mish",
    "parallel",
    "relu",
    "relu6",
    "residual",
    "selu",
    "serial",
    "sigmoid",
    "silu",
    "simple_rnn",
    "softmax",
    "softplus",
    "softsign",
    "step",
    "summary",
    "tanh",
    "time_distributed",
]
