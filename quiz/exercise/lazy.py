"""Modules that are imported on first use, so that the quiz starts without JAX."""

import importlib
from typing import Any


class Lazy:
    """A proxy of a module, which is imported on first use.

    Example:
        >>> math = Lazy("math")
        >>> math.floor(2.5)
        2
    """

    def __init__(self, name: str):
        """Take the name of the module."""
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


#: `jax.numpy`
jnp: Any = Lazy("jax.numpy")
#: `jax`
jax: Any = Lazy("jax")
#: `optax`
optax: Any = Lazy("optax")
