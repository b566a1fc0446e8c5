"""How the outputs of several layers for one input become one output."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._padded import Padded
from jaxnet.layers.base import Shape

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
