"""Modules that load when they are first used, so that the quiz starts without JAX."""

import importlib
from typing import Any


class Lazy:
    """Stands for a module and imports it on first use.

    Example:
        >>> math = Lazy("math")
        >>> math.floor(2.5)
        2
    """

    def __init__(self, name: str):
        """Remember the module's name."""
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


#: `jax.numpy`
jnp: Any = Lazy("jax.numpy")
#: `jax`
jax: Any = Lazy("jax")
#: `optax`
optax: Any = Lazy("optax")
