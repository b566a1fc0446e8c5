"""What a layer is: a pair of pure functions and what is known about them, and how equal layers are shared."""

import functools
import inspect
import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, ParamSpec, Self, SupportsIndex, overload

import jax

from jaxnet import initializers
from jaxnet._arrays import as_float
from jaxnet.layers import calls
from jaxnet.layers.calls import apply_one, split_for
from jaxnet.layers.pair import Pair

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


class Operations(NamedTuple):
    """Floating-point operations of a layer for one example.

    Attributes:
        input: of products with the input: 2 for each multiplication and addition.
        state: of products with the state of a recurrence.
        bias: additions of biases.
    """

    input: int = 0
    state: int = 0
    bias: int = 0


class Inside(NamedTuple):
    """The layers inside a layer, and how it runs them.

    Attributes:
        layers: in order.
        order: "sequence": one after another, and nothing else; "residual": one after another, with the input
            added; "parallel": each on the same input.
        params: parameters of the layer -> parameters of each layer inside.
        in_shape: shape of one example -> its shape for the layers inside.
        times: shape of one example -> how many times each layer inside runs.
        names: those of layers in parallel; of several inputs each gets the one of its name.
    """

    layers: "tuple[Layer, ...]" = ()
    order: Literal["sequence", "residual", "parallel"] = "parallel"
    params: Callable[[Params], list[Params]] = list
    in_shape: Callable[[Any], Any] = lambda in_shape: in_shape
    times: Callable[[Shape], int] = lambda in_shape: 1
    names: tuple[str, ...] = ()


#: the initialiser of the layer after it suits the layer before it too
AS_AFTER = "as after"


class Facts(NamedTuple):
    """What the rest of the library needs to know about a layer; its constructor sets what is not the default.

    Attributes:
        draws: whether it draws random numbers in training, so that it needs a key.
        in_shape: shape of one example where the layer itself determines it, as ``mlp`` does.
        axes: number of axes of one example -> number of axes of its output; None stands for unknown.
        open: the option that ``serial`` fills in from the layers around it: "initializer" or "ndim".
        initializer: name of the initialiser that suits the layer before it, or ``AS_AFTER``.
        image_axes: for convolution and pooling, the axes of an image or a sequence, channels included.
        label: what a summary calls it; None: its name.
        operations: (in_shape, out_shape) -> operations of its own, without those of the layers inside.
        inside: the layers inside it.
        steps: how it runs step by step, for a layer with a state: ``Steps``.
        params: name -> shape of each of its own parameters, None for a size that the input determines; None
            where they are those of the layers inside.
        trees: whether it takes several arrays at once, a mapping from names to arrays.
    """

    draws: bool = False
    in_shape: Shape | None = None
    axes: Callable[[int | None], int | None] = lambda before: None
    open: str | None = None
    initializer: str | None = None
    image_axes: int = 0
    label: str | None = None
    operations: Callable[[Shape, Shape], Operations] = lambda in_shape, out_shape: Operations()
    inside: Inside = Inside()
    steps: Any = None
    params: Mapping[str, tuple[int | None, ...]] | None = None
    trees: bool = False


class Layer(Pair):
    """A network or a part of one: ``init`` makes parameters, ``apply`` uses them.

    Attributes:
        init: ``init(key, in_shape) -> params``, ``in_shape`` without the batch axes. Layers made by a
            function that is told the input size (``mlp``) take ``init(key)`` too.
        apply: ``apply(params, x, *, key=None) -> y`` with x of shape ``(..., *in_shape)``. A key means
            training.
        spec: what the layer is, as data, see :class:`Spec`.
        out_shape: ``out_shape(in_shape)`` is the shape of y without the batch axes.
        facts: what ``serial``, ``summary`` and other parts of the library need to know about it.
        constructor: the public function that made the layer; None for a custom one.
    """

    spec: Spec
    facts: Facts
    constructor: "Callable[..., Layer] | None"
    out_shape: Callable[[Shape], Shape]

    def __new__(
        cls,
        init: Callable[..., Params],
        apply: Callable[..., jax.Array],
        spec: Spec | None = None,
        out_shape: Callable[[Shape], Shape] | None = None,
        facts: Facts | None = None,
        *,
        name: str | None = None,
    ) -> Self:
        """Pair ``init`` with ``apply``.

        Args:
            init: (key, in_shape) -> params.
            apply: (params, x, *, key=None) -> y; a layer that draws nothing may do without ``key``.
            spec: what they are, for summaries and saved models; None: a custom layer.
            out_shape: in_shape -> shape of the output; None: found by tracing both functions.
            facts: what else is known about them; None: that it draws random numbers if it takes a ``key``.
            name: what summaries, errors and saved networks call a layer of your own.

        Example:
            >>> def init(key, in_shape): return {"a": jax.numpy.ones(in_shape)}
            >>> def apply(params, x): return params["a"] * x
            >>> Layer(init, apply, name="scale")
            scale
        """
        draws = _takes_key(apply)
        if spec is None:
            init, apply = calls.params_only(init), apply if draws else calls.without_key(apply)
        self = super().__new__(cls, init, apply)
        self.spec = Spec("custom", {} if name is None else {"name": name}) if spec is None else spec
        self.facts = Facts(draws, label=name, trees=True) if facts is None else facts
        self.constructor = None
        self.out_shape = functools.partial(calls.traced_shape, self) if out_shape is None else out_shape
        return self

    def _replace(self, **changes: Any) -> "Layer":
        """Another ``init`` or ``apply`` for the same layer; the NamedTuple's own would lose the spec."""
        init, apply = changes.get("init", self.init), changes.get("apply", self.apply)
        changed = Layer(init, apply, self.spec, self.out_shape, self.facts)
        changed.constructor = self.constructor
        return changed

    @overload
    def __getitem__(self, index: slice) -> "Layer": ...

    @overload
    def __getitem__(self, index: SupportsIndex) -> Callable[..., Any]: ...

    def __getitem__(self, index: Any) -> Any:
        """``init``, ``apply`` by number; a slice of layers in a row, such as ``net[:-1]``, is a network."""
        if not isinstance(index, slice) or self.spec.name != "serial" or self.constructor is None:
            return super().__getitem__(index)
        layers = self.spec.layers[index]
        if layers:
            return self.constructor(*layers)
        raise ValueError(f"serial: expected a slice with at least one of the layers, got {index}")

    def activations(self, params: Params, x: Any, *, key: jax.Array | None = None) -> list[Any]:
        """The output of each layer of a row: of ``serial``, and of ``mlp`` with its activations.

        Args:
            params: the parameters.
            x: as for ``apply``.
            key: as for ``apply``.

        Returns:
            One output per layer, the last one being that of ``apply``; any other layer has one.

        Example:
            >>> import jaxnet
            >>> net = jaxnet.serial(jaxnet.dense(2, initializer="ones"), jaxnet.relu)
            >>> params = net.init(jax.random.key(0), (1,))
            >>> [a.tolist() for a in net.activations(params, [-3.0])]
            [[-3.0, -3.0], [0.0, 0.0]]
        """
        inside = self.facts.inside
        if inside.order != "sequence":
            return [self.apply(params, x) if key is None else self.apply(params, x, key=key)]
        calls.check_params(self, params)
        drawing = [layer.facts.draws for layer in inside.layers]
        outputs = []
        for index, (layer, own, use) in enumerate(
            zip(inside.layers, inside.params(params), split_for(key, drawing), strict=True)
        ):
            with calls.noting(index, layer):
                x = apply_one(layer, own, x, use)
            outputs.append(x)
        return outputs

    def __repr__(self) -> str:
        """The call that makes this layer, without the arguments that have their default."""
        name, options, layers = self.spec
        if name == "custom" and options.get("name"):
            return options["name"]
        shown = options_chosen(self.constructor, options)
        return f"{name}({', '.join([*map(repr, layers), *(f'{key}={value!r}' for key, value in shown)])})"


def options_chosen(
    constructor: Callable[..., Layer] | None, options: Mapping[str, Any]
) -> list[tuple[str, Any]]:
    """The options of a layer that differ from their default, in order; all where there is no constructor."""
    known = inspect.signature(constructor).parameters if constructor else {}

    def is_default(key: str, value: Any) -> bool:
        if key not in known or not isinstance(value, (*_PLAIN, tuple)):
            return False  # a traced value cannot be compared
        default = known[key].default
        return value == default or (isinstance(value, tuple) and value == (default,) * len(value))

    return [(key, value) for key, value in options.items() if not is_default(key, value)]


def interned(make: Callable[_P, Layer]) -> Callable[_P, Layer]:
    """Return the layer made first whenever one of the same spec is asked for, and record its constructor.

    Compiled programs are found by the identity of functions, so equal layers share them.
    """

    @functools.wraps(make)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> Layer:
        layer = _guarded(make(*args, **kwargs))
        layer.constructor = call
        if not _is_plain(layer):
            return layer
        key = (layer.spec.name, tuple(layer.spec.options.items()), layer.spec.layers)
        with _LOCK:
            if key not in _INTERNED and len(_INTERNED) >= _MOST_INTERNED:
                del _INTERNED[next(iter(_INTERNED))]
            layer.apply.__dict__["__interned__"] = True  # its identity says what it computes
            return _INTERNED.setdefault(key, layer)

    return call


def _guarded(layer: Layer) -> Layer:
    """The layer, which refuses parameters of another layer, and several arrays where it takes one."""
    apply, wanted, one = layer.apply, layer.facts.params, not layer.facts.trees
    if wanted is None and not one:
        return layer

    def guarded(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        if one:
            calls.check_one(layer, x)
        if wanted is not None:
            calls.check_shapes(layer, wanted, params)
        return apply(params, x, key=key)

    guarded.__dict__["__guards__"] = apply

    @functools.wraps(layer.out_shape)
    def out_shape(in_shape: Shape) -> Shape:
        if one:
            calls.check_one(layer, in_shape)
        return layer.out_shape(in_shape)

    return Layer(layer.init, guarded, layer.spec, out_shape, layer.facts)


_INTERNED: dict[Any, Layer] = {}
_MOST_INTERNED = 1024  # the oldest goes first
_LOCK = threading.Lock()
_PLAIN = (int, float, str, type(None))


def _is_plain(value: Any) -> bool:
    """Whether it may be remembered: arrays cannot be compared, and tracers must not live on."""
    if isinstance(value, Layer):
        return value.spec.name != "custom" and _is_plain((*value.spec.options.values(), *value.spec.layers))
    return all(map(_is_plain, value)) if isinstance(value, tuple) else isinstance(value, _PLAIN)


def _takes_key(apply: Callable[..., Any]) -> bool:
    """Whether the function has an argument ``key``, or cannot tell."""
    code = getattr(apply, "__code__", None)
    return code is None or "key" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


# --- what constructors share --------------------------------------------------------------------------


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
    """``out_shape`` of a layer that does not change the shape."""
    return in_shape


def same_axes(before: int | None) -> int | None:
    """``Facts.axes`` of a layer that does not change the number of axes."""
    return before


def float_params(params: Mapping[str, Any]) -> dict[str, jax.Array]:
    """A layer's parameters as arrays of floating point, in whose dtype it computes."""
    return {name: as_float(value) for name, value in params.items()}
