"""Neural networks as pure functions over pytrees of parameters.

Everything public is reached from here; the names stand in ``__init__.pyi``. Modules load on first use, so
that ``import jaxnet`` costs next to nothing and does not import JAX.
"""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # the stub is read on first use as well: reading it takes longer than all the rest of `import jaxnet`
    import lazy_loader

    get, names, listed = lazy_loader.attach_stub(__name__, __file__)
    # without the estimators, so that `from jaxnet import *` needs no scikit-learn
    everything = ["__version__", *(name for name in listed if name != "estimators")]
    globals().update(__getattr__=get, __dir__=names, __all__=everything)
    return everything if name == "__all__" else get(name)


def __dir__() -> list[str]:
    __getattr__("__all__")
    return globals()["__dir__"]()
