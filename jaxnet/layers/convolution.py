"""Convolution over one axis (sequences) or two (images), and its transpose.

Images are (..., height, width, channels), sequences (..., time, channels).
"""

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import initializers
from jaxnet._arrays import add_bias, as_dtype
from jaxnet._validation import check_count, check_ending, check_key, check_name
from jaxnet.layers.base import (
    Facts,
    Layer,
    Operations,
    Params,
    Shape,
    Spec,
    float_params,
    interned,
    options_of,
)

METHODS = ("auto", "lax", "matmul")
_MOST_PARTS, _LEAST_EXAMPLES = 8, 8  # parts of a batch, and examples in each
_LAYOUTS = {1: ("NHC", "HIO", "NHC"), 2: ("NHWC", "HWIO", "NHWC")}
_EXAMPLES = {1: "(..., time, channels)", 2: "(..., height, width, channels)"}


@interned
def conv(
    filters: int,
    kernel: Sequence[int],
    *,
    strides: int | Sequence[int] = 1,
    padding: Any = "same",
    dilation: int | Sequence[int] = 1,
    use_bias: bool = True,
    initializer: Any = None,
    method: str = "auto",
) -> Layer:
    """A convolution: y[i, j, f] = b[f] + sum over m, n, c of x[s i + d m, s j + d n, c] w[m, n, c, f].

    As in every such library the kernel is not flipped, so strictly it is a cross-correlation.

    Args:
        filters: number of output channels.
        kernel: its size, (3, 3) for images, (3,) for sequences.
        strides: s, one number or one per axis.
        padding: zeros around x: "same" (output size = input size / stride, rounded up), "valid" (none), a
            number for every side, or one pair (before, after) per axis.
        dilation: d, one number or one per axis.
        use_bias: whether there is a b.
        initializer: of w; None: the one that suits the activation after it in ``serial``.
        method: "lax" is the compiler's own convolution. "matmul" gathers the patches and multiplies once,
            far faster inside a compiled loop (``scan``, ``while``) on the CPU, where the compiler's own has
            no fast path. "auto" is the compiler's own, on the CPU with the gradient with respect to w summed
            over parts of the batch.

    Returns:
        A layer (..., *sizes, channels) -> (..., *new sizes, filters) with parameters
        {"w": (*kernel, channels, filters), "b": (filters,)}.

    Raises:
        ValueError: the kernel does not have one or two axes, or is larger than the padded input.

    Example:
        >>> import jax
        >>> layer = conv(8, (3, 3), strides=2)
        >>> params = layer.init(jax.random.key(0), (28, 28, 1))
        >>> params["w"].shape, layer.apply(params, jax.numpy.ones((5, 28, 28, 1))).shape
        ((3, 3, 1, 8), (5, 14, 14, 8))

    Reference: Y. LeCun and others, "Gradient-Based Learning Applied to Document Recognition", 1998.
    """
    options = _checked("conv", filters, kernel, strides, padding, dilation)
    _, kernel, steps, padding, spacing = options.values()  # one number per axis
    check_name("conv", "method", method, METHODS)
    run = {"auto": _by_parts, "lax": _by_lax, "matmul": _by_products}[method]

    def geometry(sizes: Shape) -> tuple[list[tuple[int, int]], Shape]:
        reach = [d * (k - 1) + 1 for d, k in zip(spacing, kernel, strict=True)]
        pads = _pads(padding, sizes, reach, steps)
        out = [
            (n + low + high - r) // s + 1
            for n, (low, high), r, s in zip(sizes, pads, reach, steps, strict=True)
        ]
        if min(out) < 1:
            raise ValueError(
                f"conv: the kernel {kernel} does not fit into an input of {sizes}; use padding='same'"
            )
        return pads, tuple(out)

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        def one_batch(x: jax.Array, w: jax.Array) -> jax.Array:
            pads, _ = geometry(x.shape[1:-1])
            return run(x, w, steps, tuple(pads), spacing)

        return _apply("conv", len(kernel), params, x, one_batch)

    return _layer(
        "conv", options, use_bias, initializer, {"method": method}, lambda sizes: geometry(sizes)[1], apply
    )


@interned
def conv_transpose(
    filters: int,
    kernel: Sequence[int],
    *,
    strides: int | Sequence[int] = 1,
    padding: Any = "same",
    dilation: int | Sequence[int] = 1,
    use_bias: bool = True,
    initializer: Any = None,
) -> Layer:
    """The transpose of a convolution, which makes images larger: each input adds a kernel weighted by it.

    y[s i + d m, s j + d n, f] sums x[i, j, c] w[m, n, c, f]; it is the gradient of ``conv`` with the same
    strides, padding and dilation.

    Args:
        filters: number of output channels.
        kernel: its size, (3, 3) for images, (3,) for sequences.
        strides: s, how many times larger the output is.
        padding: what is cut off: "same" (output size = input size * stride), "valid" (nothing), a number for
            every side, or one pair (before, after) per axis.
        dilation: d, one number or one per axis.
        use_bias: whether there is a b.
        initializer: of w; None: the one that suits the activation after it in ``serial``.

    Returns:
        A layer (..., *sizes, channels) -> (..., *new sizes, filters) with parameters
        {"w": (*kernel, channels, filters), "b": (filters,)}.

    Raises:
        ValueError: the kernel does not have one or two axes, or the padding cuts off everything.

    Example:
        >>> import jax
        >>> layer = conv_transpose(1, (2,), strides=2)
        >>> x = jax.numpy.array([[1.0], [3.0]])
        >>> layer.apply({"w": jax.numpy.array([[[1.0]], [[10.0]]])}, x)[:, 0].tolist()
        [1.0, 10.0, 3.0, 30.0]

    Reference: M. Zeiler and others, "Deconvolutional Networks", 2010.
    """
    options = _checked("conv_transpose", filters, kernel, strides, padding, dilation)
    _, kernel, steps, padding, spacing = options.values()  # one number per axis

    def geometry(sizes: Shape) -> tuple[list[tuple[int, int]], Shape]:
        reach = [d * (k - 1) + 1 for d, k in zip(spacing, kernel, strict=True)]
        full = [(n - 1) * s + r for n, s, r in zip(sizes, steps, reach, strict=True)]
        if padding == "same":
            out = [n * s for n, s in zip(sizes, steps, strict=True)]
            cut = [(max(f - o, 0) // 2, f - o - max(f - o, 0) // 2) for f, o in zip(full, out, strict=True)]
        else:
            cut = [(0, 0)] * len(kernel) if padding == "valid" else list(padding)
            out = [f - low - high for f, (low, high) in zip(full, cut, strict=True)]
        if min(out) < 1:
            raise ValueError(
                f"conv_transpose: padding {padding!r} cuts off more than the {tuple(full)} there is"
            )
        return [(r - 1 - low, r - 1 - high) for r, (low, high) in zip(reach, cut, strict=True)], tuple(out)

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        def one_batch(x: jax.Array, w: jax.Array) -> jax.Array:
            pads, _ = geometry(x.shape[1:-1])
            w = jnp.flip(w, tuple(range(len(kernel))))
            return jax.lax.conv_general_dilated(
                x, w, (1,) * len(kernel), pads, steps, spacing, dimension_numbers=_LAYOUTS[len(kernel)]
            )

        return _apply("conv_transpose", len(kernel), params, x, one_batch)

    return _layer(
        "conv_transpose", options, use_bias, initializer, {}, lambda sizes: geometry(sizes)[1], apply
    )


_Pads = tuple[tuple[int, int], ...]


def _by_lax(x: jax.Array, w: jax.Array, strides: Shape, pads: _Pads, dilation: Shape) -> jax.Array:
    """The compiler's own convolution."""
    layout = _LAYOUTS[w.ndim - 2]
    return jax.lax.conv_general_dilated(x, w, strides, pads, None, dilation, dimension_numbers=layout)


def _by_products(x: jax.Array, w: jax.Array, strides: Shape, pads: _Pads, dilation: Shape) -> jax.Array:
    """Patches side by side, then one product with the kernel as a matrix."""
    x = jnp.pad(x, ((0, 0), *pads, (0, 0)))
    kernel, channels = w.shape[:-2], w.shape[-2]
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    out = [(n - r) // s + 1 for n, r, s in zip(x.shape[1:-1], reach, strides, strict=True)]
    patches = []
    for place in itertools.product(*map(range, kernel)):
        start = [d * p for d, p in zip(dilation, place, strict=True)]
        stop = [b + (o - 1) * s + 1 for b, o, s in zip(start, out, strides, strict=True)]
        patches.append(jax.lax.slice(x, (0, *start, 0), (x.shape[0], *stop, channels), (1, *strides, 1)))
    return jnp.concatenate(patches, axis=-1) @ w.reshape(-1, w.shape[-1])


@functools.partial(jax.custom_jvp, nondiff_argnums=(2, 3, 4))
def _by_parts(x: jax.Array, w: jax.Array, strides: Shape, pads: _Pads, dilation: Shape) -> jax.Array:
    """The compiler's own convolution; on the CPU the gradient of w is summed over parts of a batch.

    The compiler's routine is slow where it sums over many positions. With 64 images of 14 x 14 x 32, 64
    filters and two cores: 13 ms at once, 4.6 ms in eight parts; the forward pass and the gradient with
    respect to x take 3.5 ms each. A product with the patches takes longer, and nine times the memory of x.
    Over several CPU devices the parts move between them; ``method="lax"`` moves nothing.
    """
    return _by_lax(x, w, strides, pads, dilation)


@_by_parts.defjvp
def _by_parts_jvp(strides, pads, dilation, primals, tangents):
    (x, w), (dx, dw) = primals, tangents
    run = functools.partial(_by_lax, strides=strides, pads=pads, dilation=dilation)

    def in_parts(x, dw):
        # at once: a batch of unknown size, and half precision, in which the sum over parts would be rounded
        known = isinstance(x.shape[0], int) and x.dtype.itemsize >= 4
        count = max(1, min(_MOST_PARTS, x.shape[0] // _LEAST_EXAMPLES)) if known else 1
        return jnp.concatenate([run(part, dw) for part in jnp.array_split(x, count)])

    by_w = jax.lax.platform_dependent(x, dw, cpu=in_parts, default=run)
    return _by_parts(x, w, strides, pads, dilation), run(dx, w) + by_w


# --- what both share ---------------------------------------------------------------------------------


def _layer(
    name: str,
    options: dict[str, Any],
    use_bias: bool,
    initializer: Any,
    extra: dict[str, Any],
    out_sizes: Callable[[Shape], Shape],
    apply: Callable[..., jax.Array],
) -> Layer:
    """The layer around ``apply``: parameters, shapes, spec, facts."""
    draw = initializers.get("glorot_uniform" if initializer is None else initializer)
    kernel, filters = options["kernel"], options["filters"]
    axes = len(kernel) + 1

    def out_shape(in_shape: Shape) -> Shape:
        if len(in_shape) < axes:
            raise ValueError(f"{name}: expected in_shape {_EXAMPLES[len(kernel)]}, got {tuple(in_shape)}")
        cut = len(in_shape) - axes
        return (*in_shape[:cut], *out_sizes(tuple(in_shape[cut:-1])), filters)

    def init(key: jax.Array, in_shape: Shape) -> Params:
        out_shape(in_shape)
        shape = (*kernel, in_shape[-1], filters)
        w = draw(check_key(name, key), shape, jnp.result_type(float))
        return {"w": w, "b": jnp.zeros(filters, w.dtype)} if use_bias else {"w": w}

    def operations(in_shape: Shape, out_shape: Shape) -> Operations:
        # a kernel for each output; transposed, a kernel for each input
        kernels = math.prod(out_shape) if name == "conv" else math.prod(in_shape[:-1]) * filters
        products = 2 * math.prod(kernel) * in_shape[-1] * kernels
        return Operations(input=products, bias=math.prod(out_shape) * use_bias)

    options |= options_of(use_bias=use_bias, initializer=initializer) | extra
    shapes = {"w": (*kernel, None, filters)} | ({"b": (filters,)} if use_bias else {})
    facts = Facts(
        axes=lambda before: axes, open="initializer" if initializer is None else None, image_axes=axes,
        label=f"{name} {'x'.join(map(str, kernel))}", operations=operations, params=shapes,
    )  # fmt: skip
    return Layer(init, apply, Spec(name, options), out_shape, facts)


def _apply(
    name: str, axes: int, params: Params, x: Any, one_batch: Callable[[jax.Array, jax.Array], jax.Array]
) -> jax.Array:
    """Any number of batch axes flattened into one, the convolution with w, and the bias."""
    params = float_params(params)
    w = params["w"]
    shape = np.shape(x)
    if len(shape) < axes + 1:
        raise ValueError(
            f"{name}: expected x of shape {_EXAMPLES[axes]}, got {shape}; is the channel axis missing?"
        )
    check_ending(name, x, (*("size",) * axes, w.shape[-2]), "the last axis holds the channels")
    batch = shape[: -axes - 1]
    y = one_batch(as_dtype(x, w.dtype).reshape(math.prod(batch), *shape[-axes - 1 :]), w)
    y = y.reshape(*batch, *y.shape[1:])
    return add_bias(y, params["b"]) if "b" in params else y


def _checked(
    name: str, filters: int, kernel: Any, strides: Any, padding: Any, dilation: Any
) -> dict[str, Any]:
    """The options by name, with one number per axis where one stands for all."""
    if isinstance(kernel, int) or len(kernel) not in _LAYOUTS:
        raise ValueError(
            f"{name}: expected kernel as (3, 3) for images or (3,) for sequences, got {kernel!r}"
        )
    axes = len(kernel)
    return {
        "filters": check_count(name, "filters", filters),
        "kernel": tuple(check_count(name, "every size of the kernel", size) for size in kernel),
        "strides": per_axis(name, strides, axes),
        "padding": _padding(name, padding, axes),
        "dilation": per_axis(name, dilation, axes),
    }


def per_axis(name: str, setting: Any, axes: int) -> tuple[int, ...]:
    """One number for all axes, or one for each."""
    values = (setting,) * axes if isinstance(setting, int) else tuple(setting)
    if len(values) != axes:
        raise ValueError(f"{name}: expected one number, or {axes}, one per axis, got {setting!r}")
    return tuple(check_count(name, "strides and dilation", value) for value in values)


def _padding(name: str, padding: Any, axes: int) -> Any:
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


def _pads(padding: Any, sizes: Shape, reach: Sequence[int], strides: Sequence[int]) -> list[tuple[int, int]]:
    """Zeros before and after each axis."""
    if padding == "valid":
        return [(0, 0)] * len(sizes)
    if padding != "same":
        return list(padding)
    total = [max((-(-n // s) - 1) * s + r - n, 0) for n, r, s in zip(sizes, reach, strides, strict=True)]
    return [(t // 2, t - t // 2) for t in total]
