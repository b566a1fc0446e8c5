"""What a layer is: a pair of pure functions, and how equal layers are shared."""

import functools
import inspect
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, ParamSpec

import jax
import jax.numpy as jnp

from jaxnet import initializers

Params = Any


Shape = tuple[int, ...]


_P = ParamSpec("_P")


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

    Attributes:
        init: ``init(key, in_shape) -> params``, ``in_shape`` without the batch axes. Layers made by a
            function that is told the input size (``mlp``) take ``init(key)`` too.
        apply: ``apply(params, x, *, key=None) -> y`` with x of shape ``(..., *in_shape)``. A key means
            training.
        spec: what the layer is, as data, see :class:`Spec`.
        out_shape: ``out_shape(in_shape)`` is the shape of y without the batch axes.
        constructor: the public function that made the layer; None for a custom one.
    """

    spec: Spec
    constructor: "Callable[..., Layer] | None"
    out_shape: Callable[[Shape], Shape]

    def __new__(
        cls,
        init: Callable[..., Params],
        apply: Callable[..., jax.Array],
        spec: Spec | None = None,
        out_shape: Callable[[Shape], Shape] | None = None,
    ):
        """Pair ``init`` with ``apply``.

        Args:
            init: (key, in_shape) -> params.
            apply: (params, x, *, key=None) -> y; a layer that draws nothing may do without ``key``.
            spec: what they are, for summaries and saved models; None: a custom layer.
            out_shape: in_shape -> shape of the output; None: found by tracing both functions.
        """
        self = super().__new__(cls, init, apply)
        self.spec = Spec("custom") if spec is None else spec
        self.constructor = None
        self.out_shape = functools.partial(_traced_shape, self) if out_shape is None else out_shape
        return self

    def _replace(self, **changes: Any) -> "Layer":  # pyright: ignore[reportIncompatibleMethodOverride]
        """Another ``init`` or ``apply`` for the same layer; the NamedTuple's own would lose the spec."""
        init, apply = changes.get("init", self.init), changes.get("apply", self.apply)
        changed = Layer(init, apply, self.spec, self.out_shape)
        changed.constructor = self.constructor
        return changed

    def __repr__(self) -> str:
        """The call that makes this layer, without the arguments that have their default."""
        name, options, layers = self.spec
        shown = options_chosen(self.constructor, options)
        return f"{name}({', '.join([*map(repr, layers), *(f'{key}={value!r}' for key, value in shown)])})"


def options_chosen(
    constructor: Callable[..., Layer] | None, options: Mapping[str, Any]
) -> list[tuple[str, Any]]:
    """The options of a layer that differ from their default, in order; all where there is no constructor."""
    known = inspect.signature(constructor).parameters if constructor else {}

    def is_default(key: str, value: Any) -> bool:
        if key not in known or not isinstance(value, (int, float, str, tuple, type(None))):
            return False  # a traced value cannot be compared
        default = known[key].default
        return value == default or (isinstance(value, tuple) and value == (default,) * len(value))

    return [(key, value) for key, value in options.items() if not is_default(key, value)]


def interned(make: Callable[_P, Layer]) -> Callable[_P, Layer]:
    """Return the layer made first whenever one of the same spec is asked for, and record its constructor.

    Compiled code is found by the identity of functions, so equal layers share it.
    """

    @functools.wraps(make)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> Layer:
        layer = make(*args, **kwargs)
        layer.constructor = call
        if not _is_plain(layer):
            return layer
        name, options, layers = layer.spec
        key = (name, tuple(options.items()), layers)
        with _LOCK:
            if key not in _INTERNED and len(_INTERNED) >= _MOST_INTERNED:
                del _INTERNED[next(iter(_INTERNED))]
            return _INTERNED.setdefault(key, layer)

    return call


_INTERNED: dict[Any, Layer] = {}


_MOST_INTERNED = 1024  # the oldest goes first


_LOCK = threading.Lock()


def _is_plain(value: Any) -> bool:
    """Whether it may be remembered: arrays cannot be compared, and tracers must not live on."""
    if isinstance(value, Layer):
        inside = (*value.spec.options.values(), *value.spec.layers)
        return value.spec.name != "custom" and all(map(_is_plain, inside))
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    return isinstance(value, (int, float, str, type(None)))


def _traced_shape(layer: Layer, in_shape: Shape) -> Shape:
    """Shape of a custom layer's output, by tracing it with one batch axis, of floats or else of integers."""

    def one(dtype: Any) -> Shape:
        params = jax.eval_shape(lambda: layer.init(jax.random.key(0), in_shape))
        x = jax.ShapeDtypeStruct((1, *in_shape), dtype)
        return jax.eval_shape(lambda params, x: layer.apply(params, x), params, x).shape[1:]

    try:
        return one(jnp.result_type(float))
    except TypeError:
        return one(jnp.result_type(int))


def options_of(**options: Any) -> dict[str, Any]:
    """Options as data: functions of the initialiser table by their names."""
    chosen = options.get("initializer")
    if callable(chosen):
        named = (name for name, known in initializers.TABLE.items() if known is chosen)
        options["initializer"] = next(named, chosen)
    return options


def no_params(key: jax.Array, in_shape: Shape) -> Params:
    """``init`` of a layer without parameters."""
    return {}


def same_shape(in_shape: Shape) -> Shape:
    """``out_shape`` of a layer that changes none."""
    return in_shape
