"""Backpropagation as data: the numbers of each step of the chain rule, to be looked at and checked.

``mlp`` traces a whole multilayer perceptron, ``steps`` one step of an LSTM, a GRU or a convolution, and
``statistics`` measures the layers of a network in training.
"""

from jaxnet.backprop.mlp import LayerTrace, Trace, trace
from jaxnet.backprop.statistics import layer_names, layer_statistics
from jaxnet.backprop.steps import ConvTrace, GRUStep, LSTMStep, conv, gru_step, lstm_step

__all__ = [
    "ConvTrace",
    "GRUStep",
    "LSTMStep",
    "LayerTrace",
    "Trace",
    "conv",
    "gru_step",
    "layer_names",
    "layer_statistics",
    "lstm_step",
    "trace",
]
