"""Windows that move over axes, in convolution and pooling: strides, padding, sequences with lengths."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import as_float
from jaxnet._padded import Padded, filled, is_traced, shifted
from jaxnet._validation import check_count
from jaxnet.layers.base import Shape


def per_axis(name: str, setting: Any, axes: int) -> tuple[int, ...]:
    """One number for all axes, or one for each."""
    values = (setting,) * axes if isinstance(setting, int) else tuple(setting)
    if len(values) != axes:
        raise ValueError(f"{name}: expected one number, or {axes}, one per axis, got {setting!r}")
    return tuple(check_count(name, "strides and dilation", value) for value in values)


def checked_padding(name: str, padding: Any, axes: int) -> Any:
    """Padding as "same", "valid" or one pair (before, after) per axis."""
    if isinstance(padding, str):
        if padding.lower() not in ("same", "valid"):
            raise ValueError(f"{name}: expected padding 'same', 'valid' or numbers, got {padding!r}")
        return padding.lower()
    sides = (padding,) * axes if isinstance(padding, int) else tuple(padding)
    pairs = tuple((side, side) if isinstance(side, int) else tuple(side) for side in sides)
    if len(pairs) != axes or any(len(pair) != 2 or min(pair) < 0 for pair in pairs):
        raise ValueError(
            f"{name}: expected padding as {axes} numbers or pairs (before, after), got {padding!r}"
        )
    return pairs


def pads_around(
    padding: Any, sizes: Shape, reach: Sequence[int], strides: Sequence[int]
) -> list[tuple[int, int]]:
    """Zeros before and after each axis."""
    if padding == "valid":
        return [(0, 0)] * len(sizes)
    if padding != "same":
        return list(padding)
    total = [max((-(-n // s) - 1) * s + r - n, 0) for n, r, s in zip(sizes, reach, strides, strict=True)]
    return [(t // 2, t - t // 2) for t in total]


def over_one_axis(name: str, axes: int) -> None:
    """Refuse a Padded where a layer works over several axes."""
    if axes != 1:
        raise ValueError(
            f"{name}: expected an array, got a Padded, which has one axis of time; this layer works over "
            f"{axes} axes; use time_distributed for images at each step"
        )


def padded_windows(
    name: str, x: Padded, reach: int, stride: int, padding: Any, fill: float
) -> tuple[jax.Array, jax.Array]:
    """Sequences laid out so that windows without any padding give what each sequence gives alone.

    Args:
        name: the function that the user called.
        x: sequences (..., time, features).
        reach: steps from the first to the last of a window, both included.
        stride: from window to window.
        padding: "same", "valid" or a pair (before, after).
        fill: what stands around a sequence.

    Returns:
        The values with as many steps as the windows need, and how many windows each sequence has.
    """
    x = Padded(as_float(x.values), jnp.asarray(x.lengths))
    time, lengths = x.values.shape[-2], x.lengths
    low = (reach - 1) // 2
    if padding == "same":
        out, windows = -(-lengths // stride), -(-time // stride)
        before = jnp.maximum((out - 1) * stride + reach - lengths, 0) // 2
    else:
        low, high = (0, 0) if padding == "valid" else padding
        out = (lengths + (low + high - reach)) // stride + 1
        windows = (time + low + high - reach) // stride + 1
        before = jnp.full_like(lengths, low)
        shortest = 1 if is_traced(out) or not out.size else int(np.asarray(out).min())
        if shortest < 1:
            raise ValueError(
                f"{name}: the window of {reach} steps does not fit into the shortest sequence, of "
                f"{int(np.asarray(lengths).min())} steps; use padding='same'"
            )
    wanted = max((windows - 1) * stride + reach, 1)
    if padding == "same" and stride > 1:
        return shifted(x, before, wanted, fill), out
    ends = [(0, 0, 0)] * (x.values.ndim - 2) + [(low, wanted - time - low, 0), (0, 0, 0)]
    return jax.lax.pad(filled(x, fill), jnp.asarray(fill, x.values.dtype), ends), out
