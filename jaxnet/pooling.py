"""Pooling: the largest or the mean value of each window, or of a whole image or sequence.

Images are (..., height, width, channels), sequences (..., time, channels).
"""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._expect import as_float, check_count, check_name
from jaxnet.convolution import per_axis
from jaxnet.layers import Layer, Params, Shape, Spec, no_params, shared


@shared
def max_pool(
    window: Sequence[int], *, strides: int | Sequence[int] | None = None, padding: str = "valid"
) -> Layer:
    """The largest value of each window.

    Where several values of a window are equally large and the window is as wide as the stride, the gradient
    is shared among them; otherwise the first of them gets it. Both are subgradients.

    Args:
        window: its size, (2, 2) for images, (2,) for sequences.
        strides: from window to window, one number or one an axis; None: the size of the window.
        padding: "valid" leaves out what fills no window, "same" fills it up.

    Returns:
        A layer (..., *sizes, channels) -> (..., *new sizes, channels), without parameters.

    Raises:
        ValueError: a window of other than one or two axes, or larger than the input.

    Example:
        >>> import jax
        >>> max_pool((2,)).apply({}, jax.numpy.array([[1.0], [5.0], [2.0], [3.0], [9.0]]))[:, 0].tolist()
        [5.0, 3.0]
    """
    return _pool("max_pool", window, strides, padding, jnp.max, _max_windows)


@shared
def avg_pool(
    window: Sequence[int], *, strides: int | Sequence[int] | None = None, padding: str = "valid"
) -> Layer:
    """The mean of each window; places that padding added do not count.

    Args:
        window: its size, (2, 2) for images, (2,) for sequences.
        strides: from window to window, one number or one an axis; None: the size of the window.
        padding: "valid" leaves out what fills no window, "same" fills it up.

    Returns:
        A layer (..., *sizes, channels) -> (..., *new sizes, channels), without parameters.

    Raises:
        ValueError: a window of other than one or two axes, or larger than the input.

    Example:
        >>> import jax
        >>> avg_pool((2,)).apply({}, jax.numpy.array([[1.0], [5.0], [2.0], [3.0], [9.0]]))[:, 0].tolist()
        [3.0, 2.5]
    """
    return _pool("avg_pool", window, strides, padding, jnp.mean, _mean_windows)


@shared
def global_max_pool(ndim: int = 2) -> Layer:
    """The largest value of each channel: (..., *sizes, channels) -> (..., channels).

    Args:
        ndim: number of axes between batch and channels: 2 for images, 1 for sequences.

    Returns:
        A layer without parameters.

    Example:
        >>> import jax.numpy as jnp
        >>> global_max_pool(1).apply({}, jnp.array([[1.0, 5.0], [3.0, 4.0]])).tolist()  # 2 steps, 2 channels
        [3.0, 5.0]
    """
    return _global_pool("global_max_pool", ndim, jnp.max)


@shared
def global_avg_pool(ndim: int = 2) -> Layer:
    """The mean of each channel: (..., *sizes, channels) -> (..., channels).

    Args:
        ndim: number of axes between batch and channels: 2 for images, 1 for sequences.

    Returns:
        A layer without parameters.

    Example:
        >>> import jax.numpy as jnp
        >>> global_avg_pool(1).apply({}, jnp.array([[1.0, 5.0], [3.0, 4.0]])).tolist()  # 2 steps, 2 channels
        [2.0, 4.5]

    Reference: M. Lin, Q. Chen, S. Yan, "Network in Network", 2014.
    """
    return _global_pool("global_avg_pool", ndim, jnp.mean)


def _max_windows(x: jax.Array, window: Shape, strides: Shape, pads: Sequence[tuple[int, int]]) -> jax.Array:
    low = np.array(-np.inf, x.dtype)
    return jax.lax.reduce_window(x, low, jax.lax.max, window, strides, pads)


def _mean_windows(x: jax.Array, window: Shape, strides: Shape, pads: Sequence[tuple[int, int]]) -> jax.Array:
    total = functools.partial(
        jax.lax.reduce_window, init_value=np.zeros((), x.dtype), computation=jax.lax.add,
        window_dimensions=window, window_strides=strides, padding=pads,
    )  # fmt: skip
    return total(x) / total(jnp.ones_like(x))


def _pool(
    name: str,
    window: Any,
    strides: Any,
    padding: str,
    reduce: Callable[..., jax.Array],
    windows: Callable[..., jax.Array],
) -> Layer:
    if isinstance(window, int) or len(window) not in (1, 2):
        raise ValueError(
            f"{name}: expected window as (2, 2) for images or (2,) for sequences, got {window!r}"
        )
    window = tuple(check_count(name, "every size of the window", size) for size in window)
    strides = window if strides is None else per_axis(name, strides, len(window))
    check_name(name, "padding", padding, ("same", "valid"))
    axes = len(window)

    def out_sizes(sizes: Shape) -> Shape:
        if padding == "same":
            return tuple(-(-n // s) for n, s in zip(sizes, strides, strict=True))
        out = tuple((n - k) // s + 1 for n, k, s in zip(sizes, window, strides, strict=True))
        if min(out) < 1:
            raise ValueError(
                f"{name}: the window {window} does not fit into an input of {sizes}; use a smaller one"
            )
        return out

    def out_shape(in_shape: Shape) -> Shape:
        _check_axes(name, in_shape, axes, "in_shape")
        cut = len(in_shape) - axes - 1
        return (*in_shape[:cut], *out_sizes(tuple(in_shape[cut:-1])), in_shape[-1])

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        x = as_float(x)
        _check_axes(name, x.shape, axes, "x")
        batch, sizes, channels = x.shape[: -axes - 1], x.shape[-axes - 1 : -1], x.shape[-1]
        out = out_sizes(sizes)
        if strides == window and (
            padding == "valid" or all(n % k == 0 for n, k in zip(sizes, window, strict=True))
        ):
            # side by side: cutting the axes up is far faster on the CPU than windows that may overlap
            kept = tuple(slice(o * k) for o, k in zip(out, window, strict=True))
            blocks = [size for pair in zip(out, window, strict=True) for size in pair]
            cut_up = x[(..., *kept, slice(None))].reshape(*batch, *blocks, channels)
            return reduce(cut_up, axis=tuple(len(batch) + 1 + 2 * axis for axis in range(axes)))
        pads = [(0, 0)] * axes
        if padding == "same":
            total = [
                max((o - 1) * s + k - n, 0) for o, s, k, n in zip(out, strides, window, sizes, strict=True)
            ]
            pads = [(t // 2, t - t // 2) for t in total]
        y = windows(
            x.reshape(math.prod(batch), *sizes, channels),
            (1, *window, 1),
            (1, *strides, 1),
            [(0, 0), *pads, (0, 0)],
        )
        return y.reshape(*batch, *out, channels)

    spec = Spec(name, {"window": window, "strides": strides, "padding": padding})
    return Layer(no_params, apply, spec, out_shape)


def _global_pool(name: str, ndim: int, reduce: Callable[..., jax.Array]) -> Layer:
    ndim = check_count(name, "ndim", ndim)

    def out_shape(in_shape: Shape) -> Shape:
        _check_axes(name, in_shape, ndim, "in_shape")
        return (*in_shape[: -ndim - 1], in_shape[-1])

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        x = as_float(x)
        _check_axes(name, x.shape, ndim, "x")
        return reduce(x, axis=tuple(range(x.ndim - ndim - 1, x.ndim - 1)))

    return Layer(no_params, apply, Spec(name, {"ndim": ndim}), out_shape)


def _check_axes(name: str, shape: Shape, axes: int, what: str) -> None:
    if len(shape) < axes + 1:
        wanted = {1: "time, channels", 2: "height, width, channels"}.get(axes, f"{axes} axes, channels")
        raise ValueError(f"{name}: expected {what} of shape (..., {wanted}), got {tuple(shape)}")
