"""What a network takes, found out for its export: shapes and dtypes of one input, or of several by name."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import as_own
from jaxnet._validation import check_count, check_ending
from jaxnet.layers import Layer


def given_shape(in_shape: Any) -> Any:
    """Return the shape of one example as it was given, checked; of several inputs a mapping of shapes."""
    if isinstance(in_shape, Mapping):
        if not in_shape:
            raise TypeError("export: expected in_shape to name at least one input, got an empty mapping")
        return {str(name): given_shape(shape) for name, shape in in_shape.items()}
    sizes = (in_shape,) if isinstance(in_shape, int) else tuple(in_shape)
    return tuple(
        None if size is None else check_count("export", "every size of in_shape", size) for size in sizes
    )


def given_dtype(dtype: Any, shape: Any) -> Any:
    """Return the dtype as it was given: one for all inputs, or a mapping like the shapes."""
    if not isinstance(dtype, Mapping):
        if isinstance(shape, Mapping):
            return {name: given_dtype(dtype, inside) for name, inside in shape.items()}
        return jax.dtypes.canonicalize_dtype(dtype)
    if not isinstance(shape, Mapping) or set(dtype) != set(shape):
        names = f"the inputs {', '.join(shape)}" if isinstance(shape, Mapping) else "one input"
        raise TypeError(f"export: expected dtypes for {names}, got some for {', '.join(map(str, dtype))}")
    return {name: given_dtype(dtype[name], shape[name]) for name in shape}


def is_shape(shape: Any) -> bool:
    """Whether it is one shape, and not a mapping of shapes."""
    return isinstance(shape, tuple)


def by_name(outputs: Any) -> Any:
    """Outputs with those of a NamedTuple as a mapping, which every program can hold."""
    if isinstance(outputs, tuple) and (names := getattr(outputs, "_fields", None)):
        return {name: by_name(part) for name, part in zip(names, outputs, strict=True)}
    return (
        {name: by_name(part) for name, part in outputs.items()} if isinstance(outputs, Mapping) else outputs
    )


def named_inputs(x: Any, shape: Any, dtype: Any, name: str = "x") -> list[tuple[str, tuple[Any, Any, Any]]]:
    """Each input with its shape and dtype, in the order of the program, and what it is called."""
    if not isinstance(shape, Mapping):
        return [(name, (x, shape, dtype))]
    if not isinstance(x, Mapping) or set(x) != set(shape):
        got = f"those of {', '.join(map(str, x))}" if isinstance(x, Mapping) else f"a {type(x).__name__}"
        raise ValueError(
            f"load_exported: expected in {name} the inputs {', '.join(shape)} by name, got {got}"
        )
    parts = (named_inputs(x[key], shape[key], dtype[key], f"{name}[{key!r}]") for key in sorted(shape))
    return [one for part in parts for one in part]


def read_input(
    name: str, x: Any, shape: tuple[int | None, ...], dtype: Any
) -> tuple[jax.Array, tuple[int, ...]]:
    """An input with one batch axis, and the batch axes that it had."""
    x = as_own("load_exported", name, x)
    where = "load_exported" if name == "x" else f"load_exported: {name}"
    check_ending(where, x, tuple("any" if size is None else size for size in shape))
    if not jnp.issubdtype(dtype, jnp.inexact) and jnp.issubdtype(x.dtype, jnp.inexact):
        raise TypeError(f"load_exported: expected {name} of {dtype.name}, got {x.dtype}; give whole numbers")
    cut = x.ndim - len(shape)
    batch, rest = x.shape[:cut], x.shape[cut:]
    count = int(np.prod(batch))
    if count == 0:
        raise ValueError(f"load_exported: expected at least one example, got {name} of shape {x.shape}")
    return x.astype(dtype).reshape(count, *rest), batch


def found_shape(net: Layer, params: Any) -> tuple[int | None, ...]:
    """The shape of one example, where the first layer that cares says it."""
    name, _, inside = net.spec
    if name == "serial" or name == "residual":
        for layer, own in zip(inside, params, strict=True):
            if layer.spec.name not in ("activation", "dropout"):
                return found_shape(layer, own)
    if name == "mlp":
        return (net.spec.options["sizes"][0],)
    if name == "dense":
        return (params["w"].shape[0],)
    if name == "layer_norm":
        return params["scale"].shape
    if name in ("simple_rnn", "lstm", "gru"):
        return (None, params["w"].shape[0])
    if name == "bidirectional":
        return found_shape(inside[0], params[0])
    raise TypeError("export: the shape of one example is needed, e.g. in_shape=(28, 28, 1)")


def found_dtype(net: Layer, params: Any, shape: Any) -> Any:
    """int32 for things to be looked up, else what the network computes in; of several inputs by name."""
    first = net
    while first.spec.layers and not (isinstance(shape, Mapping) and first.spec.options.get("names")):
        first = first.spec.layers[0]
    if isinstance(shape, Mapping):
        inside = dict(zip(first.spec.options.get("names") or (), first.spec.layers, strict=True))
        return {name: found_dtype(inside.get(name, net), params, part) for name, part in shape.items()}
    if first.spec.name == "embedding":
        return jnp.int32
    floats = [leaf.dtype for leaf in jax.tree.leaves(params) if jnp.issubdtype(leaf.dtype, jnp.inexact)]
    return floats[0] if floats else jnp.result_type(float)
