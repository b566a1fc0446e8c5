"""How layers are called: which key each gets, what they refuse, and where an error occurred."""

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def apply_one(layer: Any, params: Any, x: Any, key: jax.Array | None) -> jax.Array:
    """The layer's output; a custom layer that draws nothing need not have an argument ``key``."""
    return (
        layer.apply(params, x, key=key) if key is not None and layer.facts.draws else layer.apply(params, x)
    )


def split_for(key: jax.Array | None, drawing: list[bool]) -> list[jax.Array | None]:
    """A key for each layer that draws, and None for the others; a single such layer gets the key itself."""
    count = sum(drawing)
    if key is None or count == 0:
        return [None] * len(drawing)
    keys = iter([key] if count == 1 else jax.random.split(key, count))
    return [next(keys) if draws else None for draws in drawing]


def describe(layer: Any) -> str:
    """A layer in a word or two, for messages: ``dense 5``, ``relu``, ``custom``."""
    name, options, _ = layer.spec
    if layer.facts.label:
        return layer.facts.label
    size = next(iter(options.values()), None)
    return f"{name} {size}" if isinstance(size, int) and not isinstance(size, bool) else name


@contextlib.contextmanager
def noting(place: int | str, layer: Any) -> Iterator[None]:
    """Put the layer in which it occurred in front of an error's message."""
    try:
        yield
    except jax.errors.JAXTypeError as error:  # explains a mistake in a function of the user's own, at length
        error.add_note(f"in layer {place} ({describe(layer)})")
        raise
    except (TypeError, ValueError) as error:
        kind = ValueError if isinstance(error, ValueError) else TypeError
        message = str(error).partition("\n")[0].removeprefix(f"{describe(layer)}: ")
        raise kind(f"in layer {place} ({describe(layer)}): {message}") from error
    except Exception as error:  # of another kind, whose constructor is not known
        error.add_note(f"in layer {place} ({describe(layer)})")
        raise


def check_shapes(layer: Any, wanted: Mapping[str, Sequence[int | None]], params: Any) -> None:
    """Refuse parameters that are those of another layer.

    Args:
        layer: the layer.
        wanted: name -> shape; None stands for any size.
        params: its parameters.

    Raises:
        ValueError: names or shapes differ.
    """
    if not isinstance(params, Mapping) or set(params) - {"b"} != set(wanted) - {"b"}:
        held = f"{{{', '.join(map(str, params))}}}" if isinstance(params, Mapping) else type(params).__name__
        raise ValueError(
            f"{describe(layer)}: expected parameters {{{', '.join(wanted)}}}, got {held}{run_advice(params)}"
        )
    if "b" in params and "b" not in wanted:
        raise ValueError(f"{describe(layer)}: expected no parameter b, since use_bias is False, got one")
    for name, want in wanted.items():
        if name not in params:  # b may be left out
            continue
        shape = np.shape(params[name])
        if len(shape) == len(want) and all(w in (None, s) for w, s in zip(want, shape, strict=True)):
            continue
        like = shape if len(shape) == len(want) else ["any"] * len(want)
        filled = [str(s if w is None else w) for w, s in zip(want, like, strict=True)]
        told = f"({', '.join(filled)}{',' * (len(filled) == 1)})"
        raise ValueError(f"{describe(layer)}: expected {name} {told}, got {shape}")


def check_params(layer: Any, params: Any) -> None:
    """Refuse parameters that are not those of this network, layer by layer, without applying it.

    Raises:
        ValueError: names or shapes differ; says in which layer.
    """
    if layer.facts.params is not None:
        check_shapes(layer, layer.facts.params, params)
    inside = layer.facts.inside
    if not inside.layers:
        return
    try:
        parts = inside.params(params)
    except (TypeError, KeyError, AttributeError):
        parts = ()
    layers = inside.layers * (2 if layer.spec.name == "bidirectional" else 1)  # forwards and backwards
    if len(parts) != len(layers):
        check_entries(layer.spec.name, params, len(layers))
    for index, (part, own) in enumerate(zip(layers, parts, strict=True)):
        with noting(index, part):
            check_params(part, own)


def check_entries(where: str, params: Any, count: int) -> None:
    """Raise ValueError unless the parameters are a list with one entry per layer."""
    if not isinstance(params, (list, tuple)) or hasattr(params, "_fields") or len(params) != count:
        alike = isinstance(params, (list, tuple)) and not hasattr(params, "_fields")
        got = f"{len(params)} entries" if alike else type(params).__name__
        raise ValueError(
            f"{where}: expected parameters as a list of {count} entries, one per layer, got {got}"
            f"{run_advice(params)}"
        )


def run_advice(params: Any) -> str:
    """What to do with a run in the place of parameters."""
    return "; pass run.params" if hasattr(params, "params") and hasattr(params, "history") else ""


def check_one(layer: Any, value: Any) -> None:
    """Refuse several arrays where a layer takes one."""
    if isinstance(value, Mapping):
        raise TypeError(
            f"{describe(layer)}: expected one array, got the arrays {', '.join(map(str, value))}; put "
            "parallel({name: layer, ...}, merge='concat') in front, which makes one array of them"
        )
    if value is None:
        raise TypeError(f"{describe(layer)}: expected one array, got None; return one in the layer before")


def params_only(init: Callable[..., Any]) -> Callable[..., Any]:
    """``init`` of a custom layer, which must not return the shape of the output as stax does."""

    @functools.wraps(init)
    def checked(key: jax.Array, *in_shape: Any, **named: Any) -> Any:
        params = init(key, *in_shape, **named)
        first = params[0] if isinstance(params, tuple) and params else None
        if isinstance(first, tuple) and all(isinstance(size, int) for size in first):
            raise TypeError(
                f"Layer: init must return parameters only, got a tuple that begins with the shape {first}; "
                "the shape of the output is found by tracing, or give out_shape"
            )
        return params

    checked.__dict__["__guards__"] = init
    return checked


def without_key(apply: Callable[..., Any]) -> Callable[..., Any]:
    """``apply`` of a custom layer that draws nothing, so that it can be called like any other."""

    @functools.wraps(apply)
    def called(params: Any, x: Any, *, key: jax.Array | None = None) -> Any:
        return apply(params, x)

    called.__dict__["__guards__"] = apply
    return called


def traced_shape(layer: Any, in_shape: Any) -> Any:
    """Shape of a custom layer's output, by tracing it with one batch axis, of floats or else of integers."""

    def one(dtype: Any) -> Any:
        params = jax.eval_shape(lambda: layer.init(jax.random.key(0), in_shape))
        x = jax.tree.map(
            lambda shape: jax.ShapeDtypeStruct((1, *shape), dtype),
            in_shape,
            is_leaf=lambda s: type(s) is tuple,
        )
        y = jax.eval_shape(lambda params, x: layer.apply(params, x), params, x)
        if y is None or type(y) in (tuple, list):
            raise TypeError(
                "Layer: apply must return an array, or several in a mapping from names to arrays, got "
                f"{'None' if y is None else f'a {type(y).__name__} of {len(y)}'}"
            )
        return jax.tree.map(lambda part: part.shape[1:], y)

    try:
        return one(jnp.result_type(float))
    except TypeError:
        return one(jnp.result_type(int))
