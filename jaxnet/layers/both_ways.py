"""Sequences read forwards and backwards."""

from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._arrays import as_jax
from jaxnet._padded import Padded, check_padded, turned
from jaxnet._validation import check_ending, check_key, check_name
from jaxnet.layers.base import Facts, Inside, Layer, Params, Shape, Spec, interned
from jaxnet.layers.calls import check_entries
from jaxnet.layers.merging import MERGES, merged, merged_shape


@interned
def bidirectional(layer: Layer, *, merge: str = "concat") -> Layer:
    """A recurrent layer that reads forwards and a second one that reads backwards, with merged outputs.

    Args:
        layer: ``simple_rnn``, ``lstm`` or ``gru``.
        merge: "concat" (along the last axis), "sum", "mean" or "product". Without ``return_sequences`` the
            last state of each direction is merged.

    Returns:
        A layer whose parameters are a list of two, forwards and backwards.

    Raises:
        TypeError: the layer is not recurrent.

    Example:
        >>> import jax
        >>> from jaxnet.layers import lstm
        >>> layer = bidirectional(lstm(4))
        >>> layer.apply(layer.init(jax.random.key(0), (7, 3)), jax.numpy.ones((2, 7, 3))).shape
        (2, 8)

    Reference: M. Schuster and K. Paliwal, "Bidirectional Recurrent Neural Networks", 1997.
    """
    if not isinstance(layer, Layer) or "return_sequences" not in layer.spec.options:
        raise TypeError(f"bidirectional: expected simple_rnn(...), lstm(...) or gru(...), got {layer!r:.60}")
    if layer.spec.options["return_state"]:
        raise ValueError(
            "bidirectional: what reads backwards has no state to go on from; leave out return_state"
        )
    check_name("bidirectional", "merge", merge, MERGES)
    sequences = layer.spec.options["return_sequences"]

    def out_shape(in_shape: Shape) -> Shape:
        return merged_shape("bidirectional", merge, [layer.out_shape(in_shape)] * 2)

    def init(key: jax.Array, in_shape: Shape) -> Params:
        return [layer.init(own, in_shape) for own in jax.random.split(check_key("bidirectional", key))]

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        check_entries("bidirectional", params, 2)
        if isinstance(x, Padded):
            x = check_padded("bidirectional", x, 1)
            backwards: Any = layer.apply(params[1], turned(x))
            backwards = turned(backwards) if sequences else backwards
            return merged("bidirectional", merge, [layer.apply(params[0], x), backwards])
        check_ending("bidirectional", x, ("time", "features"))
        forwards = layer.apply(params[0], x)
        backwards = layer.apply(params[1], jnp.flip(as_jax(x), axis=-2))
        return MERGES[merge]([forwards, jnp.flip(backwards, axis=-2) if sequences else backwards])

    facts = Facts(axes=layer.facts.axes, inside=Inside((layer,), times=lambda in_shape: 2))
    return Layer(init, apply, Spec("bidirectional", {"merge": merge}, (layer,)), out_shape, facts)
