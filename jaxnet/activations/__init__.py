"""Activation functions, their derivatives, and the one table that holds both by name.

``rectifiers`` and ``squashing`` hold the functions; what other packages need to know of each (its derivative,
whether it is elementwise, the initialiser that suits it) is a row of the table at the end of its file.
"""

from jaxnet.activations.base import Activation
from jaxnet.activations.rectifiers import *  # noqa: F403
from jaxnet.activations.squashing import *  # noqa: F403
from jaxnet.activations.table import ALIASES, TABLE, derivative, get, name_of

__all__ = ["ALIASES", "TABLE", "Activation", "derivative", "get", "name_of", *TABLE]
