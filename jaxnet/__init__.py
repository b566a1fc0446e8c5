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
    "layers": "layers",
    "Layer": "layers",
    "dense": "layers",
    "dropout": "layers",
    "evaluate": "training",
    "fit": "training",
    "flatten": "layers",
    "predict": "training",
    "data": "data",
    "perceptron": "perceptron",
    "serial": "layers",
    "training": "training",
}

if TYPE_CHECKING:
    from jaxnet import activations as activations
    from jaxnet import data as data
    from jaxnet import layers as layers
    from jaxnet import perceptron as perceptron
    from jaxnet import training as training
    from jaxnet.layers import Layer as Layer
    from jaxnet.layers import dense as dense
    from jaxnet.layers import dropout as dropout
    from jaxnet.layers import flatten as flatten
    from jaxnet.layers import serial as serial
    from jaxnet.training import evaluate as evaluate
    from jaxnet.training import fit as fit
    from jaxnet.training import predict as predict

__all__ = ["__version__", *sorted(_HOME)]


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
