"""Neural networks as pure functions over pytrees of parameters.

Everything public is reached from here; the names stand in ``__init__.pyi``. Modules load on first use, so
that ``import jaxnet`` costs next to nothing and does not import JAX.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, _names = lazy_loader.attach_stub(__name__, __file__)
# without the estimators, so that `from jaxnet import *` needs no scikit-learn
__all__ = ["__version__", *(name for name in _names if name != "estimators")]
