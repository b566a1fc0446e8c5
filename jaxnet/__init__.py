"""Neural networks as pure functions over pytrees of parameters.

Everything public is reached from here. Modules load on first use, so that ``import jaxnet`` costs
next to nothing and does not import JAX.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

#: public name -> module that defines it; a name equal to its module is the module itself
_HOME = {
    "activations": "activations",
    "backprop": "backprop",
    "initializers": "initializers",
    "losses": "losses",
    "networks": "networks",
    "mlp": "networks",
    "cnn": "networks",
    "rnn": "networks",
    "activation": "layers",
    "layers": "layers",
    "Layer": "layers",
    "dense": "layers",
    "dropout": "layers",
    "Checkpoint": "resume",
    "Diverged": "divergence",
    "EarlyStopping": "epochs",
    "estimators": "estimators",
    "evaluate": "evaluation",
    "cross_validate": "many",
    "fit": "training",
    "find_learning_rate": "rates",
    "fit_many": "many",
    "flatten": "layers",
    "from_torch": "torch_bridge",
    "to_torch": "torch_bridge",
    "predict": "evaluation",
    "data": "data",
    "export": "deployment",
    "load_exported": "deployment",
    "metrics": "metrics",
    "perceptron": "perceptron",
    "plot": "plot",
    "serial": "combinators",
    "checkpoint": "checkpoint",
    "load": "checkpoint",
    "load_network": "checkpoint",
    "save": "checkpoint",
    "sharding": "sharding",
    "trackers": "trackers",
    "training": "training",
    "specs": "specs",
    "summary": "summaries",
    "tables": "tables",
    "global_avg_pool": "pooling",
    "global_max_pool": "pooling",
    "avg_pool": "pooling",
    "max_pool": "pooling",
    "conv_transpose": "convolution",
    "conv": "convolution",
    "gru": "recurrent",
    "lstm": "recurrent",
    "simple_rnn": "recurrent",
    "bidirectional": "recurrent",
    "time_distributed": "combinators",
    "parallel": "combinators",
    "residual": "combinators",
    "layer_norm": "normalisation",
    "embedding": "layers",
    "elu": "layers",
    "gelu": "layers",
    "hard_sigmoid": "layers",
    "hard_silu": "layers",
    "hard_tanh": "layers",
    "leaky_relu": "layers",
    "linear": "layers",
    "log_sigmoid": "layers",
    "log_softmax": "layers",
    "mish": "layers",
    "relu": "layers",
    "relu6": "layers",
    "selu": "layers",
    "sigmoid": "layers",
    "silu": "layers",
    "softmax": "layers",
    "softplus": "layers",
    "softsign": "layers",
    "step": "layers",
    "tanh": "layers",
}

if TYPE_CHECKING:
    from jaxnet import activations as activations
    from jaxnet import backprop as backprop
    from jaxnet import checkpoint as checkpoint
    from jaxnet import data as data
    from jaxnet import estimators as estimators
    from jaxnet import initializers as initializers
    from jaxnet import layers as layers
    from jaxnet import losses as losses
    from jaxnet import metrics as metrics
    from jaxnet import networks as networks
    from jaxnet import perceptron as perceptron
    from jaxnet import plot as plot
    from jaxnet import sharding as sharding
    from jaxnet import specs as specs
    from jaxnet import tables as tables
    from jaxnet import trackers as trackers
    from jaxnet import training as training
    from jaxnet.checkpoint import load as load
    from jaxnet.checkpoint import load_network as load_network
    from jaxnet.checkpoint import save as save
    from jaxnet.combinators import parallel as parallel
    from jaxnet.combinators import residual as residual
    from jaxnet.combinators import serial as serial
    from jaxnet.combinators import time_distributed as time_distributed
    from jaxnet.convolution import conv as conv
    from jaxnet.convolution import conv_transpose as conv_transpose
    from jaxnet.deployment import export as export
    from jaxnet.deployment import load_exported as load_exported
    from jaxnet.divergence import Diverged as Diverged
    from jaxnet.epochs import EarlyStopping as EarlyStopping
    from jaxnet.evaluation import evaluate as evaluate
    from jaxnet.evaluation import predict as predict
    from jaxnet.layers import Layer as Layer
    from jaxnet.layers import activation as activation
    from jaxnet.layers import dense as dense
    from jaxnet.layers import dropout as dropout
    from jaxnet.layers import elu as elu
    from jaxnet.layers import embedding as embedding
    from jaxnet.layers import flatten as flatten
    from jaxnet.layers import gelu as gelu
    from jaxnet.layers import hard_sigmoid as hard_sigmoid
    from jaxnet.layers import hard_silu as hard_silu
    from jaxnet.layers import hard_tanh as hard_tanh
    from jaxnet.layers import leaky_relu as leaky_relu
    from jaxnet.layers import linear as linear
    from jaxnet.layers import log_sigmoid as log_sigmoid
    from jaxnet.layers import log_softmax as log_softmax
    from jaxnet.layers import mish as mish
    from jaxnet.layers import relu as relu
    from jaxnet.layers import relu6 as relu6
    from jaxnet.layers import selu as selu
    from jaxnet.layers import sigmoid as sigmoid
    from jaxnet.layers import silu as silu
    from jaxnet.layers import softmax as softmax
    from jaxnet.layers import softplus as softplus
    from jaxnet.layers import softsign as softsign
    from jaxnet.layers import step as step
    from jaxnet.layers import tanh as tanh
    from jaxnet.many import cross_validate as cross_validate
    from jaxnet.many import fit_many as fit_many
    from jaxnet.networks import cnn as cnn
    from jaxnet.networks import mlp as mlp
    from jaxnet.networks import rnn as rnn
    from jaxnet.normalisation import layer_norm as layer_norm
    from jaxnet.pooling import avg_pool as avg_pool
    from jaxnet.pooling import global_avg_pool as global_avg_pool
    from jaxnet.pooling import global_max_pool as global_max_pool
    from jaxnet.pooling import max_pool as max_pool
    from jaxnet.rates import find_learning_rate as find_learning_rate
    from jaxnet.recurrent import bidirectional as bidirectional
    from jaxnet.recurrent import gru as gru
    from jaxnet.recurrent import lstm as lstm
    from jaxnet.recurrent import simple_rnn as simple_rnn
    from jaxnet.resume import Checkpoint as Checkpoint
    from jaxnet.torch_bridge import from_torch as from_torch
    from jaxnet.torch_bridge import to_torch as to_torch
    from jaxnet.training import fit as fit

# without the estimators, so that `from jaxnet import *` needs no scikit-learn
__all__ = ["__version__", *sorted(_HOME.keys() - {"estimators"})]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'jaxnet' has no attribute {name!r}")
    module = importlib.import_module(f"jaxnet.{home}")
    value = module if name == home else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
