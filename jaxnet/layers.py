"""A layer is a pair of pure functions, ``init`` and ``apply``; so is a whole network."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax

Params = Any
Shape = tuple[int, ...]


class Spec(NamedTuple):
    """What a layer is, as data: its name, its options and the layers inside it.

    Attributes:
        name: the public function that makes it, e.g. ``"dense"``; ``"custom"`` for a layer of your own.
        options: that function's arguments, JSON-like values only.
        layers: the sub-layers, in order, for combinators such as ``serial``.
    """

    name: str
    options: Mapping[str, Any] = {}
    layers: "tuple[Layer, ...]" = ()


class _Pair(NamedTuple):
    init: Callable[..., Params]
    apply: Callable[..., jax.Array]


class Layer(_Pair):
    """A network or a part of one: ``init`` makes parameters, ``apply`` uses them.

    ``init(key, in_shape) -> params`` (``in_shape`` without the batch axes) and
    ``apply(params, x, *, key=None) -> y`` with x of shape ``(..., *in_shape)``. A key means training.
    Layers made by a function that is told the input size (``mlp``) take ``init(key)`` too.
    """

    spec: Spec

    def __new__(cls, init: Callable[..., Params], apply: Callable[..., jax.Array], spec: Spec | None = None):
        """Pair ``init`` with ``apply``; ``spec`` says what they are, for summaries and saved models."""
        self = super().__new__(cls, init, apply)
        self.spec = Spec("custom") if spec is None else spec
        return self

    def __repr__(self) -> str:
        inside = ", ".join(repr(layer) for layer in self.spec.layers)
        options = ", ".join(f"{name}={value!r}" for name, value in self.spec.options.items())
        return f"{self.spec.name}({', '.join(part for part in (inside, options) if part)})"
