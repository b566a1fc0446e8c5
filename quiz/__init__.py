"""A self-assessment on the foundations of neural networks, marked against what `jaxnet` computes.

An exercise makes endless variants, each from a seed; `generate` makes one, `grade` marks answers to it,
`solution` shows every step. Importing this imports neither JAX nor NumPy: the public names, which stand in
``__init__.pyi``, are loaded when they are first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
