"""Checks of what a user hands over: done on the host, before tracing, one sentence each."""

from typing import Any

import jax
import jax.core
import numpy as np


def is_traced(*values: Any) -> bool:
    """Whether any value is only known under ``jit``, ``vmap`` or ``grad``, so that it cannot be looked at."""
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(values))


def numbers(who: str, what: str, value: Any) -> Any:
    """``value`` as an array of numbers (a traced one as it is); refuses text, objects and ragged lists."""
    if isinstance(value, jax.Array):
        return value
    if is_traced(value):  # a list or tuple with traced numbers in it
        return jax.numpy.stack([jax.numpy.asarray(part) for part in value])
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{who}: expected {what} as an array of numbers, got rows of different lengths"
        ) from None
    if array.dtype.kind not in "biuf" and not jax.numpy.issubdtype(array.dtype, jax.numpy.floating):
        raise TypeError(f"{who}: expected {what} as an array of numbers, got {_kind(value, array)}")
    return array


def _kind(value: Any, array: np.ndarray) -> str:
    return f"an array of dtype {array.dtype}" if isinstance(value, np.ndarray) else f"{type(value).__name__}"


def finite(who: str, what: str, array: Any) -> None:
    """Refuse NaN and infinity, naming the first place; traced values pass unseen."""
    if is_traced(array):
        return
    host = np.asarray(array)
    if host.dtype.kind in "biu":
        return
    bad = ~np.isfinite(host)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        place = f" at index {where[0] if len(where) == 1 else where}" if where else ""
        raise ValueError(
            f"{who}: expected finite numbers in {what}, got {host[where]}{place}; remove or replace it"
        )


def pair(who: str, data: Any) -> tuple[Any, Any]:
    """``data`` as (inputs, targets); refuses anything but two things."""
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        got = f"{len(data)} things" if isinstance(data, (tuple, list)) else type(data).__name__
        raise TypeError(f"{who}: expected data as a pair (x, y), got {got}")
    return data[0], data[1]


def labels(who: str, t: Any) -> None:
    """Refuse targets other than 0 and 1; traced ones pass unseen."""
    if is_traced(t):
        return
    finite(who, "t", t)
    host = np.asarray(t)
    wrong = host[(host != 0) & (host != 1)]
    if wrong.size:
        raise ValueError(f"{who}: expected labels 0 and 1, got {wrong.flat[0]}")
