"""Convolution over one axis (sequences), two (images) or three (video, volumes), and its transpose.

Images are (..., height, width, channels), sequences (..., time, channels).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import initializers
from jaxnet._arrays import add_bias, as_dtype
from jaxnet._padded import Padded, check_padded, filled
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
from jaxnet.layers.kernels import LAYOUTS, by_lax, by_parts, by_products
from jaxnet.layers.scan import Steps
from jaxnet.layers.windows import checked_padding, over_one_axis, padded_windows, pads_around, per_axis

METHODS = ("auto", "lax", "matmul")
_EXAMPLES = {
    1: "(..., time, channels)",
    2: "(..., height, width, channels)",
    3: "(..., depth, height, width, channels)",
}


@interned
def conv(
    filters: int,
    kernel: Sequence[int],
    *,
    strides: int | Sequence[int] = 1,
    padding: Any = "same",
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    use_bias: bool = True,
    initializer: Any = None,
    method: str = "auto",
) -> Layer:
    """A convolution: y[i, j, f] = b[f] + sum over m, n, c of x[s i + d m, s j + d n, c] w[m, n, c, f].

    As in every such library the kernel is not flipped, so strictly it is a cross-correlation.

    Args:
        filters: number of output channels.
        kernel: its size, (3, 3) for images, (3,) for sequences, (3, 3, 3) for video and volumes.
        strides: s, one number or one per axis.
        padding: zeros around x: "same" (output size = input size / stride, rounded up), "valid" (none), a
            number for every side, or one pair (before, after) per axis.
        dilation: d, one number or one per axis.
        groups: the channels and the filters are divided into so many groups, each convolved by itself; as
            many groups as channels is a depthwise convolution.
        use_bias: whether there is a b.
        initializer: of w; None: the one that suits the activation after it in ``serial``.
        method: "lax" is the compiler's own convolution. "matmul" gathers the patches and multiplies once,
            far faster inside a compiled loop (``scan``, ``while``) on the CPU, where the compiler's own has
            no fast path. "auto" is the compiler's own, on the CPU with the gradient with respect to w summed
            over parts of the batch.

    Returns:
        A layer (..., *sizes, channels) -> (..., *new sizes, filters) with parameters
        {"w": (*kernel, channels / groups, filters), "b": (filters,)}.

    Raises:
        ValueError: the kernel does not have one to three axes, or is larger than the padded input; or
            channels or filters are no multiple of the groups.

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
    groups = _checked_groups(groups, filters, method)
    run = {"auto": by_parts, "lax": by_lax, "matmul": by_products}[method]

    def geometry(sizes: Shape) -> tuple[list[tuple[int, int]], Shape]:
        reach = [d * (k - 1) + 1 for d, k in zip(spacing, kernel, strict=True)]
        pads = pads_around(padding, sizes, reach, steps)
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

        if isinstance(x, Padded):
            over_one_axis("conv", len(kernel))
            x = check_padded("conv", x, 1)
            reach = spacing[0] * (kernel[0] - 1) + 1
            geometry(x.values.shape[-2:-1])
            around = padding if isinstance(padding, str) else padding[0]
            values, lengths = padded_windows("conv", x, reach, steps[0], around, 0.0)
            inside: Any = lambda x, w: run(x, w, steps, ((0, 0),), spacing)  # noqa: E731
            return Padded(_apply("conv", 1, params, values, inside, groups), lengths)  # type: ignore[return-value]
        return _apply("conv", len(kernel), params, x, one_batch, groups)

    back = spacing[0] * (kernel[0] - 1)

    def start(params: Params, batch: Shape) -> jax.Array:
        w = float_params(params)["w"]
        return jnp.zeros((*batch, back, w.shape[1] * groups), w.dtype)

    def step(params: Params, state: jax.Array, x: Any) -> tuple[jax.Array, jax.Array]:
        seen = jnp.concatenate([state, as_dtype(x, state.dtype)[..., None, :]], axis=-2)
        y = _apply("conv", 1, params, seen, lambda x, w: run(x, w, steps, ((0, 0),), spacing), groups)
        return seen[..., 1:, :], y[..., 0, :]

    extra = {"method": method} | ({"groups": groups} if groups > 1 else {})
    looks_back = len(kernel) == 1 and steps == (1,) and (padding == ((back, 0),) or kernel == (1,))
    return _layer(
        "conv", options, use_bias, initializer, extra, lambda sizes: geometry(sizes)[1], apply,
        Steps(start, step) if looks_back else None,
    )  # fmt: skip


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
        ValueError: the kernel does not have one to three axes, or the padding cuts off everything.

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
                x, w, (1,) * len(kernel), pads, steps, spacing, dimension_numbers=LAYOUTS[len(kernel)]
            )

        if isinstance(x, Padded):
            over_one_axis("conv_transpose", len(kernel))
            x = check_padded("conv_transpose", x, 1)
            # the padding is 0 and adds nothing; the output grows by the stride with each step
            longer = geometry(x.values.shape[-2:-1])[1][0] - steps[0] * x.values.shape[-2]
            y = _apply("conv_transpose", 1, params, filled(x, 0), one_batch)
            return Padded(y, steps[0] * jnp.asarray(x.lengths) + longer)  # type: ignore[return-value]
        return _apply("conv_transpose", len(kernel), params, x, one_batch)

    return _layer(
        "conv_transpose", options, use_bias, initializer, {}, lambda sizes: geometry(sizes)[1], apply
    )


# --- what both share ---------------------------------------------------------------------------------


def _layer(
    name: str,
    options: dict[str, Any],
    use_bias: bool,
    initializer: Any,
    extra: dict[str, Any],
    out_sizes: Callable[[Shape], Shape],
    apply: Callable[..., jax.Array],
    steps: Steps | None = None,
) -> Layer:
    """The layer around ``apply``: parameters, shapes, spec, facts."""
    draw = initializers.get("glorot_uniform" if initializer is None else initializer)
    kernel, filters, groups = options["kernel"], options["filters"], extra.get("groups", 1)
    axes = len(kernel) + 1

    def out_shape(in_shape: Shape) -> Shape:
        if len(in_shape) < axes:
            raise ValueError(f"{name}: expected in_shape {_EXAMPLES[len(kernel)]}, got {tuple(in_shape)}")
        if in_shape[-1] % groups:
            raise ValueError(
                f"{name}: expected channels in {groups} equal groups, got {in_shape[-1]} channels"
            )
        cut = len(in_shape) - axes
        return (*in_shape[:cut], *out_sizes(tuple(in_shape[cut:-1])), filters)

    def init(key: jax.Array, in_shape: Shape) -> Params:
        out_shape(in_shape)
        shape = (*kernel, in_shape[-1] // groups, filters)
        w = draw(check_key(name, key), shape, jnp.result_type(float))
        return {"w": w, "b": jnp.zeros(filters, w.dtype)} if use_bias else {"w": w}

    def operations(in_shape: Shape, out_shape: Shape) -> Operations:
        # a kernel for each output; transposed, a kernel for each input
        kernels = math.prod(out_shape) if name == "conv" else math.prod(in_shape[:-1]) * filters
        products = 2 * math.prod(kernel) * in_shape[-1] // groups * kernels
        return Operations(input=products, bias=math.prod(out_shape) * use_bias)

    options |= options_of(use_bias=use_bias, initializer=initializer) | extra
    shapes = {"w": (*kernel, None, filters)} | ({"b": (filters,)} if use_bias else {})
    facts = Facts(
        axes=lambda before: axes, open="initializer" if initializer is None else None, image_axes=axes,
        label=f"{name} {'x'.join(map(str, kernel))}", operations=operations, params=shapes,
        steps=steps,
    )  # fmt: skip
    return Layer(init, apply, Spec(name, options), out_shape, facts)


def _apply(
    name: str,
    axes: int,
    params: Params,
    x: Any,
    one_batch: Callable[[jax.Array, jax.Array], jax.Array],
    groups: int = 1,
) -> jax.Array:
    """Any number of batch axes flattened into one, the convolution with w, and the bias."""
    params = float_params(params)
    w = params["w"]
    shape = np.shape(x)
    if len(shape) < axes + 1:
        raise ValueError(
            f"{name}: expected x of shape {_EXAMPLES[axes]}, got {shape}; is the channel axis missing?"
        )
    check_ending(name, x, (*("size",) * axes, w.shape[-2] * groups), "the last axis holds the channels")
    batch = shape[: -axes - 1]
    y = one_batch(as_dtype(x, w.dtype).reshape(math.prod(batch), *shape[-axes - 1 :]), w)
    y = y.reshape(*batch, *y.shape[1:])
    return add_bias(y, params["b"]) if "b" in params else y


def _checked_groups(groups: int, filters: int, method: str) -> int:
    groups = check_count("conv", "groups", groups)
    if filters % groups:
        raise ValueError(f"conv: expected filters in {groups} equal groups, got {filters} filters")
    if groups > 1 and method == "matmul":
        raise ValueError("conv: method 'matmul' has no groups; leave method at 'auto'")
    return groups


def _checked(
    name: str, filters: int, kernel: Any, strides: Any, padding: Any, dilation: Any
) -> dict[str, Any]:
    """The options by name, with one number per axis where one stands for all."""
    if isinstance(kernel, int) or len(kernel) not in LAYOUTS:
        raise ValueError(
            f"{name}: expected kernel as (3, 3) for images, (3,) for sequences or (3, 3, 3) for video, got "
            f"{kernel!r}"
        )
    axes = len(kernel)
    return {
        "filters": check_count(name, "filters", filters),
        "kernel": tuple(check_count(name, "every size of the kernel", size) for size in kernel),
        "strides": per_axis(name, strides, axes),
        "padding": checked_padding(name, padding, axes),
        "dilation": per_axis(name, dilation, axes),
    }
