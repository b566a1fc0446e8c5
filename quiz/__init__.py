"""A self-assessment on the foundations of neural networks, marked against what `jaxnet` computes.

An exercise has endless variants, one per seed: `generate` makes one, `grade` marks answers to it, `solution`
shows every step. Importing this package imports neither JAX nor NumPy: the public names, which are listed in
``__init__.pyi``, are loaded on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
