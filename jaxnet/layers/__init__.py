"""Layers, and how they are combined into a network.

Everything here is a ``Layer``, a pair of pure functions: the basic layers, convolution, pooling, recurrence,
normalisation, the combinators that make one layer of several, and summaries. The activations of
``jaxnet.activations`` are layers here under the same names, each made by ``activation(name)``.
"""

from jaxnet import activations as _activations
from jaxnet.layers.arranging import reshape, split, upsample
from jaxnet.layers.base import Layer, Spec
from jaxnet.layers.basic import activation, dense, dropout, embedding, flatten
from jaxnet.layers.both_ways import bidirectional
from jaxnet.layers.combinators import parallel, residual, serial, time_distributed
from jaxnet.layers.convolution import conv, conv_transpose
from jaxnet.layers.normalisation import group_norm, layer_norm, rms_norm
from jaxnet.layers.pooling import avg_pool, global_avg_pool, global_max_pool, max_pool
from jaxnet.layers.recurrent import gru, lstm, simple_rnn
from jaxnet.layers.steps import generate, stepwise
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
    "embedding",
    "flatten",
    "global_avg_pool",
    "global_max_pool",
    "generate",
    "group_norm",
    "gru",
    "layer_norm",
    "lstm",
    "max_pool",
    "parallel",
    "reshape",
    "residual",
    "rms_norm",
    "serial",
    "simple_rnn",
    "split",
    "stepwise",
    "summary",
    "time_distributed",
    "upsample",
    *_activations.TABLE,
]


def __getattr__(name: str) -> Layer:
    """An activation as a layer, made on first use."""
    if name in _activations.TABLE:
        return globals().setdefault(name, activation(name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
