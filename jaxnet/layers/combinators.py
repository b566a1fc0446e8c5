"""Layers made of layers: one after another, side by side, around, along the time axis."""

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet import activations
from jaxnet._validation import check_count, check_key, check_name
from jaxnet.layers.base import Layer, Params, Shape, Spec, interned
from jaxnet.layers.basic import flatten


@interned
def serial(*layers: Layer) -> Layer:
    """Layers one after another; their shapes follow from the shape of the input.

    A dense or convolution layer whose initialiser was not chosen takes the right one for the activation
    after it, and ``flatten()`` learns how many axes to flatten (``net.spec.layers`` shows both).

    Args:
        *layers: at least one layer or network.

    Returns:
        A layer whose parameters are a list, one entry for each layer in order ({} where there are none).

    Raises:
        TypeError: something that is no layer.

    Example:
        >>> import jax, jaxnet
        >>> net = serial(jaxnet.dense(16), jaxnet.tanh, jaxnet.dropout(0.1), jaxnet.dense(3))
        >>> params = net.init(jax.random.key(0), (4,))
        >>> net.apply(params, jax.numpy.ones((2, 4))).shape
        (2, 3)
    """
    check_layers("serial", layers)
    layers = _complete(layers)
    drawing = [uses_key(layer) for layer in layers]

    def out_shape(in_shape: Shape) -> Shape:
        for index, layer in enumerate(layers):
            with _noting(index, layer):
                in_shape = layer.out_shape(in_shape)
        return in_shape

    @functools.partial(jax.jit, static_argnums=1)  # one program; by itself each draw would compile its own
    def compiled(key: jax.Array, in_shape: Shape) -> Params:
        params = []
        for layer, own in zip(layers, jax.random.split(key, len(layers)), strict=True):
            params.append(layer.init(own, in_shape))
            in_shape = layer.out_shape(in_shape)
        return params

    def init(key: jax.Array, in_shape: Shape | None = None) -> Params:
        check_key("serial", key)
        in_shape = known_size(layers[0]) if in_shape is None else as_shape("serial", in_shape)
        if in_shape is None:
            raise TypeError("serial: init needs the shape of one example, e.g. init(key, (28, 28, 1))")
        out_shape(in_shape)
        return compiled(key, in_shape)

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        check_params("serial", params, len(layers))
        keys = split_for(key, drawing)
        for index, (layer, own, use) in enumerate(zip(layers, params, keys, strict=True)):
            with _noting(index, layer):
                x = apply_one(layer, own, x, use)
        return x

    return Layer(init, apply, Spec("serial", {}, layers), out_shape)


#: how outputs of equal shape are put together
MERGES = {
    "concat": lambda parts: jnp.concatenate(parts, axis=-1),
    "sum": lambda parts: functools.reduce(jnp.add, parts),
    "mean": lambda parts: functools.reduce(jnp.add, parts) / len(parts),
    "product": lambda parts: functools.reduce(jnp.multiply, parts),
}


def merged_shape(where: str, merge: str, shapes: list[Shape]) -> Shape:
    """The shape of merged outputs; refuses outputs that do not fit together."""
    first = shapes[0]
    fits = all(len(shape) == len(first) and shape[:-1] == first[:-1] for shape in shapes)
    if not fits or (merge != "concat" and any(shape != first for shape in shapes)) or not first:
        raise ValueError(
            f"{where}: outputs of shapes {', '.join(map(str, shapes))} cannot be merged by {merge!r}"
        )
    return (*first[:-1], sum(shape[-1] for shape in shapes)) if merge == "concat" else first


@interned
def parallel(*layers: Layer, merge: str = "concat") -> Layer:
    """Layers side by side: each gets the same input, and their outputs are merged.

    Args:
        *layers: at least one layer.
        merge: "concat" (along the last axis), "sum", "mean" or "product".

    Returns:
        A layer whose parameters are a list, one entry for each layer in order.

    Raises:
        ValueError: outputs that do not fit together, or an unknown merge.

    Example:
        >>> import jax, jaxnet
        >>> net = parallel(jaxnet.tanh, jaxnet.relu)
        >>> net.apply(net.init(jax.random.key(0), (2,)), jax.numpy.array([0.0, 2.0])).round(2).tolist()[2:]
        [0.0, 2.0]
    """
    check_layers("parallel", layers)
    check_name("parallel", "merge", merge, MERGES)
    drawing = [uses_key(layer) for layer in layers]

    def out_shape(in_shape: Shape) -> Shape:
        return merged_shape("parallel", merge, [layer.out_shape(in_shape) for layer in layers])

    def init(key: jax.Array, in_shape: Shape) -> Params:
        in_shape = as_shape("parallel", in_shape)
        out_shape(in_shape)
        keys = jax.random.split(check_key("parallel", key), len(layers))
        return [layer.init(own, in_shape) for layer, own in zip(layers, keys, strict=True)]

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        check_params("parallel", params, len(layers))
        parts = [
            apply_one(layer, own, x, use)
            for layer, own, use in zip(layers, params, split_for(key, drawing), strict=True)
        ]
        merged_shape("parallel", merge, [part.shape for part in parts])
        return MERGES[merge](parts)

    return Layer(init, apply, Spec("parallel", {"merge": merge}, layers), out_shape)


@interned
def residual(*layers: Layer) -> Layer:
    """What the layers make of x, added to x: y = x + f(x), with f the layers one after another.

    Args:
        *layers: the layers of f.

    Returns:
        A layer whose parameters are those of ``serial(*layers)``; the output has the shape of the input.

    Raises:
        ValueError: f changes the shape.

    Example:
        >>> import jax, jaxnet
        >>> net = residual(jaxnet.dense(2, initializer="zeros"), jaxnet.tanh)
        >>> net.apply(net.init(jax.random.key(0), (2,)), jax.numpy.array([1.0, 3.0])).tolist()
        [1.0, 3.0]

    Reference: K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", 2016.
    """
    check_layers("residual", layers)
    inner = serial(*layers)

    def out_shape(in_shape: Shape) -> Shape:
        check(in_shape, inner.out_shape(in_shape))
        return in_shape

    def check(before: Shape, after: Shape) -> None:
        if before != after:
            raise ValueError(
                f"residual: the layers turn shape {before} into {after}; it must stay the same to be added"
            )

    def init(key: jax.Array, in_shape: Shape) -> Params:
        out_shape(as_shape("residual", in_shape))
        return inner.init(key, in_shape)

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        x = jnp.asarray(x)
        y = inner.apply(params, x, key=key)
        check(x.shape, y.shape)
        return x.astype(y.dtype) + y

    return Layer(init, apply, Spec("residual", {}, inner.spec.layers), out_shape)


@interned
def time_distributed(layer: Layer) -> Layer:
    """A layer at each time step, with the same parameters for all: (..., time, a) -> (..., time, b).

    Every layer takes any number of batch axes, so the time axis is one more of them; what this adds is the
    shape that ``init`` sees. Put ``flatten(ndim)`` with its number inside.

    Args:
        layer: what is done at each step.

    Returns:
        A layer with the parameters of the one inside.

    Example:
        >>> import jax, jaxnet
        >>> layer = time_distributed(jaxnet.dense(3))
        >>> layer.init(jax.random.key(0), (7, 5))["w"].shape  # 7 steps of 5 features
        (5, 3)
    """
    check_layers("time_distributed", (layer,))

    def step_shape(in_shape: Shape) -> Shape:
        if not in_shape:
            raise ValueError("time_distributed: expected in_shape (time, ...), got ()")
        return tuple(in_shape[1:])

    def init(key: jax.Array, in_shape: Shape) -> Params:
        return layer.init(key, step_shape(in_shape))

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        return apply_one(layer, params, x, key)

    def out_shape(in_shape: Shape) -> Shape:
        return (in_shape[0], *layer.out_shape(step_shape(in_shape)))

    return Layer(init, apply, Spec("time_distributed", {}, (layer,)), out_shape)


# --- what combinators share --------------------------------------------------------------------------


def apply_one(layer: Layer, params: Params, x: Any, key: jax.Array | None) -> jax.Array:
    """The layer's output; a custom layer that draws nothing need not know of keys."""
    return layer.apply(params, x, key=key) if key is not None and uses_key(layer) else layer.apply(params, x)


@contextlib.contextmanager
def _noting(index: int, layer: Layer) -> Iterator[None]:
    """Say in which layer an error came up."""
    try:
        yield
    except (TypeError, ValueError) as error:
        error.add_note(f"in layer {index} of serial, {layer!r}")
        raise


def check_layers(where: str, layers: tuple[Any, ...]) -> None:
    """Refuse an empty list, and anything that is not a layer."""
    if not layers:
        raise TypeError(f"{where}: expected at least one layer")
    for layer in layers:
        if not isinstance(layer, Layer):
            name = getattr(layer, "__name__", repr(layer))
            raise TypeError(
                f"{where}: expected layers, got {name}; "
                + (
                    f"call it, or use jaxnet.{name}"
                    if callable(layer)
                    else "make one with Layer(init, apply)"
                )
            )


def check_params(where: str, params: Params, count: int) -> None:
    """Refuse parameters that are not one entry for each layer."""
    if not isinstance(params, (list, tuple)) or len(params) != count:
        got = f"{len(params)} entries" if isinstance(params, (list, tuple)) else type(params).__name__
        raise ValueError(f"{where}: expected parameters as a list of {count} entries, one a layer, got {got}")


def as_shape(where: str, in_shape: Any) -> Shape:
    """``in_shape`` as a tuple of ints; one number stands for a shape with one axis."""
    sizes = (in_shape,) if isinstance(in_shape, int) else tuple(in_shape)
    return tuple(check_count(where, "every size of in_shape", size) for size in sizes)


def known_size(layer: Layer) -> Shape | None:
    """The shape of one example where the layer itself says it (``mlp``)."""
    if layer.spec.name == "mlp":
        return (layer.spec.options["sizes"][0],)
    return known_size(layer.spec.layers[0]) if layer.spec.name == "serial" else None


def uses_key(layer: Layer) -> bool:
    """Whether the layer may draw random numbers in training."""
    if layer.spec.name == "custom":
        return takes_key(layer)
    return layer.spec.name == "dropout" or any(uses_key(part) for part in layer.spec.layers)


def takes_key(layer: Layer) -> bool:
    """Whether the layer's apply has an argument ``key``."""
    code = getattr(layer.apply, "__code__", None)
    return code is None or "key" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def split_for(key: jax.Array | None, drawing: list[bool]) -> list[jax.Array | None]:
    """A key for each layer that draws, and None for the others; one key alone is handed on as it is."""
    count = sum(drawing)
    if key is None or count == 0:
        return [None] * len(drawing)
    keys = iter([key] if count == 1 else jax.random.split(key, count))
    return [next(keys) if draws else None for draws in drawing]


def _complete(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Fill in what follows from the neighbours: initialisers, and the number of axes to flatten."""
    done: list[Layer] = []
    axes: int | None = None
    for index, layer in enumerate(layers):
        name, options = layer.spec.name, layer.spec.options
        if name == "flatten" and options.get("ndim") is None and axes is not None:
            layer = flatten(axes)
        if name in ("dense", "conv", "conv_transpose") and options.get("initializer") is None:
            wanted = _initializer_before(layers[index + 1 :])
            if wanted is not None and layer.constructor is not None:
                layer = layer.constructor(**{**options, "initializer": wanted})
        axes = axes_after(layer, axes)
        done.append(layer)
    return tuple(done)


def _initializer_before(following: tuple[Layer, ...]) -> str | None:
    for layer in following:
        if layer.spec.name == "activation":
            return activations.get(layer.spec.options["name"]).initializer
        if layer.spec.name not in ("dropout", "layer_norm", "flatten", "max_pool", "avg_pool"):
            return None
    return None


def axes_after(layer: Layer, before: int | None) -> int | None:
    """How many axes one example has behind the layer, where that can be known without its input."""
    name, options, inside = layer.spec
    if name in ("conv", "conv_transpose"):
        return len(options["kernel"]) + 1
    if name in ("max_pool", "avg_pool"):
        return len(options["window"]) + 1
    if name in ("simple_rnn", "lstm", "gru"):
        return 2 if options.get("return_sequences") else 1
    if name in ("global_max_pool", "global_avg_pool", "mlp"):
        return 1
    if name in ("dense", "activation", "dropout", "layer_norm"):
        return before
    if name == "flatten":
        ndim = options.get("ndim")
        return 1 if ndim is None else None if before is None else before - ndim + 1
    if name == "embedding":
        return None if before is None else before + 1
    if name == "time_distributed":
        after = axes_after(inside[0], None if before is None else before - 1)
        return None if after is None else after + 1
    if name in ("serial", "residual"):
        return functools.reduce(lambda axes, part: axes_after(part, axes), inside, before)
    if name in ("bidirectional", "parallel"):
        return axes_after(inside[0], before)
    return None
