"""What a network takes, found out for its export: the shape of one example and the dtype."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._validation import check_count
from jaxnet.layers import Layer


def given_shape(in_shape: Any) -> tuple[int | None, ...]:
    """Return the shape of one example as it was given, checked."""
    if isinstance(in_shape, Mapping):
        raise TypeError(
            "export: expected a network with one input, got the shapes of several; export its parts"
        )
    sizes = (in_shape,) if isinstance(in_shape, int) else tuple(in_shape)
    return tuple(
        None if size is None else check_count("export", "every size of in_shape", size) for size in sizes
    )


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


def found_dtype(net: Layer, params: Any) -> Any:
    """int32 for things to be looked up, else what the network computes in."""
    first = net
    while first.spec.layers:
        first = first.spec.layers[0]
    if first.spec.name == "embedding":
        return jnp.int32
    floats = [leaf.dtype for leaf in jax.tree.leaves(params) if jnp.issubdtype(leaf.dtype, jnp.inexact)]
    return floats[0] if floats else jnp.result_type(float)
