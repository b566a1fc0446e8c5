"""Layers made of layers: one after another, in parallel, with a residual, at each time step."""

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._arrays import as_jax
from jaxnet._padded import Padded, check_padded, on_steps
from jaxnet._validation import check_count, check_key, check_name
from jaxnet.layers.base import AS_AFTER, Facts, Inside, Layer, Params, Shape, Spec, interned


@interned
def serial(*layers: Layer) -> Layer:
    """Layers one after another; their shapes follow from the shape of the input.

    A dense or convolution layer whose initialiser was not chosen takes the one that suits the activation
    after it, and ``flatten()`` gets the number of axes to flatten (``net.spec.layers`` shows both).

    Args:
        *layers: at least one layer or network.

    Returns:
        A layer whose parameters are a list with one entry per layer, in order ({} where there are none).

    Raises:
        TypeError: an argument is not a layer.

    Example:
        >>> import jax, jaxnet
        >>> net = serial(jaxnet.dense(16), jaxnet.tanh, jaxnet.dropout(0.1), jaxnet.dense(3))
        >>> params = net.init(jax.random.key(0), (4,))
        >>> net.apply(params, jax.numpy.ones((2, 4))).shape
        (2, 3)
    """
    check_layers("serial", layers)
    if any(layer.spec.options.get("return_state") for layer in layers[:-1]):
        raise ValueError(
            "serial: a layer with return_state gives two things and can only be the last; for the states of "
            "a whole network use jaxnet.stepwise(net).run"
        )
    layers = _complete(layers)
    drawing = [layer.facts.draws for layer in layers]

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
        in_shape = layers[0].facts.in_shape if in_shape is None else as_shape("serial", in_shape)
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

    facts = Facts(
        any(drawing), layers[0].facts.in_shape, _axes_through(layers), inside=Inside(layers, "sequence")
    )
    return Layer(init, apply, Spec("serial", {}, layers), out_shape, facts)


#: how outputs of equal shape are merged
MERGES: Mapping[str, Callable[[list[jax.Array]], jax.Array]] = {
    "concat": lambda parts: jnp.concatenate(parts, axis=-1),
    "sum": lambda parts: functools.reduce(jnp.add, parts),
    "mean": lambda parts: functools.reduce(jnp.add, parts) / len(parts),
    "product": lambda parts: functools.reduce(jnp.multiply, parts),
}


def merged_shape(where: str, merge: str, shapes: list[Shape]) -> Shape:
    """The shape of merged outputs; raises ValueError for outputs that cannot be merged."""
    first = shapes[0]
    fits = all(len(shape) == len(first) and shape[:-1] == first[:-1] for shape in shapes)
    if not fits or (merge != "concat" and any(shape != first for shape in shapes)) or not first:
        raise ValueError(
            f"{where}: outputs of shapes {', '.join(map(str, shapes))} cannot be merged by {merge!r}"
        )
    return (*first[:-1], sum(shape[-1] for shape in shapes)) if merge == "concat" else first


def merged(where: str, merge: str, parts: list[Any]) -> Any:
    """The outputs of layers for one input, merged; all of them are arrays, or all have lengths."""
    padded = [isinstance(part, Padded) for part in parts]
    if any(padded) != all(padded):
        raise ValueError(
            f"{where}: some of the layers keep the time axis and others do not; their outputs cannot be "
            "merged"
        )
    values = [part.values if isinstance(part, Padded) else part for part in parts]
    merged_shape(where, merge, [part.shape for part in values])
    y = MERGES[merge](values)
    return Padded(y, parts[0].lengths) if padded[0] else y


@interned
def parallel(*layers: Layer, merge: str = "concat") -> Layer:
    """Layers in parallel: each gets the same input, and their outputs are merged.

    Args:
        *layers: at least one layer.
        merge: "concat" (along the last axis), "sum", "mean" or "product".

    Returns:
        A layer whose parameters are a list with one entry per layer, in order.

    Raises:
        ValueError: the outputs cannot be merged, or the merge is unknown.

    Example:
        >>> import jax, jaxnet
        >>> net = parallel(jaxnet.tanh, jaxnet.relu)
        >>> net.apply(net.init(jax.random.key(0), (2,)), jax.numpy.array([0.0, 2.0])).round(2).tolist()[2:]
        [0.0, 2.0]
    """
    check_layers("parallel", layers)
    check_name("parallel", "merge", merge, MERGES)
    drawing = [layer.facts.draws for layer in layers]

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
        return merged("parallel", merge, parts)

    facts = Facts(any(drawing), axes=layers[0].facts.axes, inside=Inside(layers))
    return Layer(init, apply, Spec("parallel", {"merge": merge}, layers), out_shape, facts)


@interned
def residual(*layers: Layer) -> Layer:
    """Add the input to the output of the layers: y = x + f(x), with f the layers one after another.

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
                f"residual: the layers turn shape {before} into {after}; to be added, they must be equal"
            )

    def init(key: jax.Array, in_shape: Shape) -> Params:
        out_shape(as_shape("residual", in_shape))
        return inner.init(key, in_shape)

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        x = check_padded("residual", x) if isinstance(x, Padded) else as_jax(x)
        y: Any = inner.apply(params, x, key=key)
        if not isinstance(x, Padded):
            check(x.shape, y.shape)
            return x.astype(y.dtype) + y
        if not isinstance(y, Padded):
            raise ValueError(f"residual: the layers drop the time axis of a Padded, in {layers!r:.200}")
        check(x.values.shape, y.values.shape)
        return Padded(as_jax(x.values).astype(y.values.dtype) + y.values, y.lengths)  # type: ignore[return-value]

    layers = inner.spec.layers
    facts = Facts(inner.facts.draws, axes=inner.facts.axes, inside=Inside(layers, "residual"))
    return Layer(init, apply, Spec("residual", {}, layers), out_shape, facts)


@interned
def time_distributed(layer: Layer) -> Layer:
    """A layer at each time step, with the same parameters: (..., time, a) -> (..., time, b).

    Every layer takes any number of batch axes, and the time axis is treated as one of them; ``init`` sees the
    shape without it. Give a ``flatten`` inside its ``ndim``.

    Args:
        layer: the layer to apply at each step.

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
        run = functools.partial(apply_one, layer, params, key=key)
        return on_steps("time_distributed", run, x)

    def out_shape(in_shape: Shape) -> Shape:
        return (in_shape[0], *layer.out_shape(step_shape(in_shape)))

    def axes(before: int | None) -> int | None:
        after = layer.facts.axes(None if before is None else before - 1)
        return None if after is None else after + 1

    inside = Inside(
        (layer,), params=lambda params: [params], in_shape=step_shape, times=lambda shape: shape[0]
    )
    facts = Facts(layer.facts.draws, axes=axes, inside=inside)
    return Layer(init, apply, Spec("time_distributed", {}, (layer,)), out_shape, facts)


# --- what combinators share --------------------------------------------------------------------------


def apply_one(layer: Layer, params: Params, x: Any, key: jax.Array | None) -> jax.Array:
    """The layer's output; a custom layer that draws nothing need not have an argument ``key``."""
    return (
        layer.apply(params, x, key=key) if key is not None and layer.facts.draws else layer.apply(params, x)
    )


@contextlib.contextmanager
def _noting(index: int, layer: Layer) -> Iterator[None]:
    """Add to an error the layer in which it occurred."""
    try:
        yield
    except (TypeError, ValueError) as error:
        error.add_note(f"in layer {index} of serial, {layer!r}")
        raise


def check_layers(where: str, layers: tuple[Any, ...]) -> None:
    """Raise TypeError for an empty list and for anything that is not a layer."""
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
    """Raise ValueError unless the parameters are a list with one entry per layer."""
    if not isinstance(params, (list, tuple)) or len(params) != count:
        got = f"{len(params)} entries" if isinstance(params, (list, tuple)) else type(params).__name__
        raise ValueError(
            f"{where}: expected parameters as a list of {count} entries, one per layer, got {got}"
        )


def as_shape(where: str, in_shape: Any) -> Shape:
    """``in_shape`` as a tuple of ints; one number stands for a shape with one axis."""
    sizes = (in_shape,) if isinstance(in_shape, int) else tuple(in_shape)
    return tuple(check_count(where, "every size of in_shape", size) for size in sizes)


def split_for(key: jax.Array | None, drawing: list[bool]) -> list[jax.Array | None]:
    """A key for each layer that draws, and None for the others; a single such layer gets the key itself."""
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
        option = layer.facts.open
        if option is not None and layer.constructor is not None:
            value = axes if option == "ndim" else _initializer_before(layers[index + 1 :])
            if value is not None:
                layer = layer.constructor(**{**layer.spec.options, option: value})
        axes = layer.facts.axes(axes)
        done.append(layer)
    return tuple(done)


def _initializer_before(following: tuple[Layer, ...]) -> str | None:
    """The initialiser that suits the layer before these."""
    suiting = (layer.facts.initializer for layer in following)
    return next((name for name in suiting if name != AS_AFTER), None)


def _axes_through(layers: tuple[Layer, ...]) -> Callable[[int | None], int | None]:
    """``Facts.axes`` of layers one after another."""
    return lambda before: functools.reduce(lambda axes, layer: layer.facts.axes(axes), layers, before)
