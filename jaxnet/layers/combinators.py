"""Layers made of layers: one after another, in parallel, with a residual, at each time step."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import jax

from jaxnet import activations
from jaxnet._arrays import as_jax
from jaxnet._padded import Padded, check_padded, on_steps
from jaxnet._validation import check_count, check_key, check_name, frozen_shape, thawed_shape
from jaxnet.layers.base import AS_AFTER, Facts, Inside, Layer, Params, Shape, Spec, interned
from jaxnet.layers.calls import apply_one, check_entries, noting, split_for
from jaxnet.layers.merging import MERGES, merged, merged_shape


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
            with noting(index, layer):
                in_shape = layer.out_shape(in_shape)
        return in_shape

    @functools.partial(jax.jit, static_argnums=1)  # one program; by itself each draw would compile its own
    def compiled(key: jax.Array, frozen: Any) -> Params:
        params, in_shape = [], thawed_shape(frozen)
        for layer, own in zip(layers, jax.random.split(key, len(layers)), strict=True):
            with noting(len(params), layer):
                params.append(layer.init(own, in_shape))
            in_shape = layer.out_shape(in_shape)
        return params

    def init(key: jax.Array, in_shape: Shape | None = None) -> Params:
        check_key("serial", key)
        in_shape = layers[0].facts.in_shape if in_shape is None else as_shape("serial", in_shape)
        if in_shape is None:
            raise TypeError("serial: init needs the shape of one example, e.g. init(key, (28, 28, 1))")
        out_shape(in_shape)
        return compiled(key, frozen_shape(in_shape))

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        check_entries("serial", params, len(layers))
        keys = split_for(key, drawing)
        for index, (layer, own, use) in enumerate(zip(layers, params, keys, strict=True)):
            with noting(index, layer):
                x = apply_one(layer, own, x, use)
        return x

    facts = Facts(
        any(drawing), layers[0].facts.in_shape, _axes_through(layers), inside=Inside(layers, "sequence"),
        trees=True,
    )  # fmt: skip
    return Layer(init, apply, Spec("serial", {}, layers), out_shape, facts)


@interned
def parallel(
    *layers: Layer | Mapping[str, Layer],
    merge: Literal["concat", "sum", "mean", "product"] | None = None,
    names: Sequence[str] | None = None,
) -> Layer:
    """Layers in parallel: each gets the same input, or its own by name; outputs are merged, or have names.

    Args:
        *layers: at least one layer; or one mapping from names to layers. Of an input that is a mapping, each
            of these gets the entry of its name, so that a network can have several inputs.
        merge: "concat" (along the last axis), "sum", "mean" or "product". None: "concat"; for layers with
            names, no merging: the output is a mapping, so that a network can have several outputs.
        names: the names, where the layers are given one by one.

    Returns:
        A layer whose parameters are a list with one entry per layer, in order.

    Raises:
        ValueError: the outputs cannot be merged, the merge is unknown, or inputs are missing.

    Example:
        >>> import jax, jaxnet
        >>> net = parallel(jaxnet.tanh, jaxnet.relu)
        >>> net.apply(net.init(jax.random.key(0), (2,)), jax.numpy.array([0.0, 2.0])).round(2).tolist()[2:]
        [0.0, 2.0]
        >>> net = jaxnet.serial(
        ...     parallel({"image": jaxnet.flatten(), "age": jaxnet.dense(4)}, merge="concat"),
        ...     parallel({"class": jaxnet.dense(3), "weight": jaxnet.dense(1)}))
        >>> net.out_shape({"image": (8, 8), "age": (1,)})
        {'class': (3,), 'weight': (1,)}
    """
    if len(layers) == 1 and isinstance(layers[0], Mapping):
        names, layers = tuple(map(str, layers[0])), tuple(layers[0].values())
    parts: tuple[Any, ...] = layers
    check_layers("parallel", parts)
    own = None if names is None else tuple(names)
    if own is not None and len(set(own)) != len(parts):
        raise ValueError(f"parallel: expected {len(parts)} different names, got {', '.join(own)}")
    if merge is not None:
        check_name("parallel", "merge", merge, MERGES)
    merging = merge or (None if own else "concat")
    merge = None if merging == "concat" and own is None else merge
    drawing = [layer.facts.draws for layer in parts]

    def inputs(x: Any) -> list[Any]:
        if own is None or not isinstance(x, Mapping):
            return [x] * len(parts)
        if set(x) != set(own):
            raise ValueError(f"parallel: expected the inputs {', '.join(own)}, got {', '.join(map(str, x))}")
        return [x[name] for name in own]

    def each(run: Callable[..., Any], x: Any, *others: Any) -> list[Any]:
        results = []
        for index, (layer, *given) in enumerate(zip(parts, inputs(x), *others, strict=True)):
            with noting(own[index] if own else index, layer):
                results.append(run(layer, *given))
        return results

    def out_shape(in_shape: Any) -> Any:
        shapes = each(lambda layer, given: layer.out_shape(given), in_shape)
        if merging is None:
            return dict(zip(own or (), shapes, strict=True))
        return merged_shape("parallel", merging, shapes)

    def init(key: jax.Array, in_shape: Any) -> Params:
        in_shape = as_shape("parallel", in_shape)
        out_shape(in_shape)
        keys = jax.random.split(check_key("parallel", key), len(parts))
        return each(lambda layer, given, use: layer.init(use, given), in_shape, keys)

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> Any:
        check_entries("parallel", params, len(parts))
        keys = split_for(key, drawing)
        outputs = each(lambda layer, x, own, use: apply_one(layer, own, x, use), x, params, keys)
        if merging is None:
            return dict(zip(own or (), outputs, strict=True))
        return merged("parallel", merging, outputs)

    options = {"merge": merge} if own is None else {"merge": merge, "names": own}
    axes = parts[0].facts.axes if merging is not None else None
    inside = Inside(parts, names=own or ())
    facts = (
        Facts(any(drawing), inside=inside, trees=True)
        if axes is None
        else Facts(any(drawing), axes=axes, inside=inside, trees=True)
    )
    return Layer(init, apply, Spec("parallel", options, parts), out_shape, facts)


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


def check_layers(where: str, layers: tuple[Any, ...]) -> None:
    """Raise TypeError for an empty list and for anything that is not a layer."""
    if not layers:
        raise TypeError(f"{where}: expected at least one layer")
    for layer in layers:
        if not isinstance(layer, Layer):
            name = getattr(layer, "__name__", repr(layer)[:60])
            advice = "make one with Layer(init, apply)"
            if isinstance(layer, list | tuple):
                advice = f"give them one by one, {where}(*layers)"
            elif name in activations.TABLE or layer in activations.TABLE:
                name = layer if isinstance(layer, str) else name
                advice = f"use jaxnet.{name}"
            elif hasattr(layer, "__wrapped__") and "Layer" in str(inspect.signature(layer).return_annotation):
                advice = f"call it, such as {name}(...)"
            elif callable(layer):
                advice = f"make a layer of it by jaxnet.activation({name}), or call it if it makes layers"
            raise TypeError(f"{where}: expected layers, got {name}; {advice}")


def as_shape(where: str, in_shape: Any) -> Any:
    """``in_shape`` as a tuple of ints; one number stands for a shape with one axis. Or several by name."""
    if isinstance(in_shape, Mapping):
        return {str(name): as_shape(where, shape) for name, shape in in_shape.items()}
    sizes = (in_shape,) if isinstance(in_shape, int) else tuple(in_shape)
    return tuple(check_count(where, "every size of in_shape", size) for size in sizes)


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
