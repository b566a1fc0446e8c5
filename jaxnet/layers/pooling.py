"""Pooling: the largest or the mean value of each window, or of a whole image or sequence.

Images are (..., height, width, channels), sequences (..., time, channels).
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import as_float
from jaxnet._padded import Padded, check_padded, filled
from jaxnet._validation import check_count, check_name
from jaxnet.layers.base import AS_AFTER, Facts, Layer, Params, Shape, Spec, interned, no_params
from jaxnet.layers.windows import over_one_axis, padded_windows, per_axis


@interned
def max_pool(
    window: Sequence[int], *, strides: int | Sequence[int] | None = None, padding: str = "valid"
) -> Layer:
    """The largest value of each window.

    Where several values of a window are the largest, the first of them gets the gradient.

    Args:
        window: its size, (2, 2) for images, (2,) for sequences.
        strides: from window to window, one number or one per axis; None: the size of the window.
        padding: "valid" drops what does not fill a window, "same" pads it.

    Returns:
        A layer (..., *sizes, channels) -> (..., *new sizes, channels), without parameters.

    Raises:
        ValueError: the window does not have one to three axes, or is larger than the input.

    Example:
        >>> import jax
        >>> max_pool((2,)).apply({}, jax.numpy.array([[1.0], [5.0], [2.0], [3.0], [9.0]]))[:, 0].tolist()
        [5.0, 3.0]
    """
    return _pool("max_pool", window, strides, padding, _larger, -np.inf)


@interned
def avg_pool(
    window: Sequence[int], *, strides: int | Sequence[int] | None = None, padding: str = "valid"
) -> Layer:
    """The mean of each window, without the positions that padding added.

    Args:
        window: its size, (2, 2) for images, (2,) for sequences.
        strides: from window to window, one number or one per axis; None: the size of the window.
        padding: "valid" drops what does not fill a window, "same" pads it.

    Returns:
        A layer (..., *sizes, channels) -> (..., *new sizes, channels), without parameters.

    Raises:
        ValueError: the window does not have one to three axes, or is larger than the input.

    Example:
        >>> import jax
        >>> avg_pool((2,)).apply({}, jax.numpy.array([[1.0], [5.0], [2.0], [3.0], [9.0]]))[:, 0].tolist()
        [3.0, 2.5]
    """
    return _pool("avg_pool", window, strides, padding, jnp.add, 0.0)


@interned
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
    return _global_pool("global_max_pool", ndim, jnp.max, -np.inf)


@interned
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
    return _global_pool("global_avg_pool", ndim, jnp.mean, 0.0)


def _larger(a: jax.Array, b: jax.Array) -> jax.Array:
    """The larger of two, the first where they are equal, NaN where either is."""
    return jnp.where((b > a) | (b != b), b, a)


def _pool(
    name: str,
    window: Any,
    strides: Any,
    padding: str,
    combine: Callable[[jax.Array, jax.Array], jax.Array],
    fill: float,
) -> Layer:
    """Pooling by an operation on two arrays; ``fill`` is its neutral element."""
    if isinstance(window, int) or len(window) not in (1, 2, 3):
        raise ValueError(
            f"{name}: expected window as (2, 2) for images, (2,) for sequences or (2, 2, 2) for video, got "
            f"{window!r}"
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
        if isinstance(x, Padded):
            over_one_axis(name, axes)
            x = check_padded(name, x, 1)
            run = functools.partial(_along, size=window[0], stride=strides[0], combine=combine, fill=fill)
            values, lengths = padded_windows(name, x, window[0], strides[0], padding, fill)
            time = out_sizes(x.values.shape[-2:-1])[0]
            y = run(values, values.ndim - 2, out=time)
            if not fill:  # the mean of what is real
                ones = Padded(jnp.ones((*x.values.shape[:-1], 1), y.dtype), x.lengths)
                counts, _ = padded_windows(name, ones, window[0], strides[0], padding, fill)
                y = y / jnp.maximum(run(counts, values.ndim - 2, out=time), 1 / window[0])
            return Padded(y, lengths)  # type: ignore[return-value]
        x = as_float(x)
        _check_axes(name, x.shape, axes, "x")
        out = out_sizes(x.shape[-axes - 1 : -1])
        # axis by axis, from the last, one strided slice for each position in the window: on the CPU several
        # times faster than the compiler's own windows, and its gradient even more
        for axis in range(x.ndim - 2, x.ndim - 2 - axes, -1):
            place = axis - (x.ndim - 1 - axes)
            x = _along(x, axis, window[place], strides[place], out[place], combine, fill)
        return x

    spec = Spec(name, {"window": window, "strides": strides, "padding": padding})
    facts = Facts(
        axes=lambda before: axes + 1,
        initializer=AS_AFTER,
        image_axes=axes + 1,
        label=f"{name} {'x'.join(map(str, window))}",
    )
    return Layer(no_params, apply, spec, out_shape, facts)


def _along(
    x: jax.Array, axis: int, size: int, stride: int, out: int, combine: Callable[..., jax.Array], fill: float
) -> jax.Array:
    """Pool along one axis; sums become means over what is not padding."""
    n = x.shape[axis]
    total = max((out - 1) * stride + size - n, 0)
    before = total // 2
    if total:
        pads = [(0, 0)] * x.ndim
        pads[axis] = (before, total - before)
        x = jnp.pad(x, pads, constant_values=fill)
    stop = (out - 1) * stride + 1
    parts = [jax.lax.slice_in_dim(x, start, start + stop, stride, axis) for start in range(size)]
    y = functools.reduce(combine, parts)
    if (
        fill
    ):  # not `combine is jnp.add`: converters replace jnp.add by a function of their own while they trace
        return y
    first = np.arange(out) * stride - before
    count = np.minimum(first + size, n) - np.maximum(first, 0)
    return y / count.astype(y.dtype).reshape(*(1,) * axis, -1, *(1,) * (x.ndim - 1 - axis))


def _global_pool(name: str, ndim: int, reduce: Callable[..., jax.Array], fill: float) -> Layer:
    """The largest value or the mean of each channel; ``fill`` is what does not change it."""
    ndim = check_count(name, "ndim", ndim)

    def out_shape(in_shape: Shape) -> Shape:
        _check_axes(name, in_shape, ndim, "in_shape")
        return (*in_shape[: -ndim - 1], in_shape[-1])

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        if isinstance(x, Padded):
            over_one_axis(name, ndim)
            x = check_padded(name, x, 1)
            y = filled(Padded(as_float(x.values), x.lengths), fill)
            if fill:
                return reduce(y, axis=-2)
            return jnp.sum(y, axis=-2) / jnp.asarray(x.lengths)[..., None].astype(y.dtype)
        x = as_float(x)
        _check_axes(name, x.shape, ndim, "x")
        return reduce(x, axis=tuple(range(x.ndim - ndim - 1, x.ndim - 1)))

    return Layer(no_params, apply, Spec(name, {"ndim": ndim}), out_shape, Facts(axes=lambda before: 1))


def _check_axes(name: str, shape: Shape, axes: int, what: str) -> None:
    if len(shape) < axes + 1:
        wanted = {1: "time, channels", 2: "height, width, channels"}.get(axes, f"{axes} axes, channels")
        raise ValueError(f"{name}: expected {what} of shape (..., {wanted}), got {tuple(shape)}")
