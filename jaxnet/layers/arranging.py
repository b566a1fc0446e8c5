"""Layers that arrange numbers anew: split along the features, another shape, more pixels or steps."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._arrays import as_jax
from jaxnet._padded import Padded, check_padded, filled, on_steps, refuse
from jaxnet._validation import check_count
from jaxnet.layers.base import AS_AFTER, Facts, Layer, Params, Shape, Spec, interned, no_params


@interned
def split(sizes: Mapping[str, int] | Sequence[tuple[str, int]]) -> Layer:
    """Cut the last axis into parts with names: (..., n) -> {name: (..., size)}, the sizes adding up to n.

    Args:
        sizes: name -> size, in order.

    Returns:
        A layer without parameters.

    Raises:
        ValueError: the sizes do not add up to those of the input.

    Example:
        >>> import jax
        >>> layer = split({"mean": 2, "log_variance": 1})
        >>> {name: part.tolist() for name, part in layer.apply({}, jax.numpy.array([1.0, 2.0, 3.0])).items()}
        {'mean': [1.0, 2.0], 'log_variance': [3.0]}
    """
    pairs = tuple(sizes.items()) if isinstance(sizes, Mapping) else tuple(map(tuple, sizes))
    pairs = tuple((str(name), check_count("split", f"the size of {name}", size)) for name, size in pairs)
    if len({name for name, _ in pairs}) < max(len(pairs), 1):
        raise ValueError(f"split: expected parts with different names, got {sizes!r}")
    ends = [sum(size for _, size in pairs[: index + 1]) for index in range(len(pairs))]

    def check(shape: Shape) -> None:
        if not shape or shape[-1] != ends[-1]:
            raise ValueError(
                f"split: expected x of shape (..., {ends[-1]}), the sum of the sizes, got {tuple(shape)}"
            )

    def out_shape(in_shape: Shape) -> Any:
        check(in_shape)
        return {name: (*in_shape[:-1], size) for name, size in pairs}

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> Any:
        def part(begin: int, end: int) -> Any:
            def cut(x: Any) -> jax.Array:
                x = as_jax(x)
                check(x.shape)
                return x[..., begin:end]

            return on_steps("split", cut, x, features=True)

        return {name: part(end - size, end) for (name, size), end in zip(pairs, ends, strict=True)}

    return Layer(no_params, apply, Spec("split", {"sizes": pairs}), out_shape, Facts())


@interned
def reshape(shape: int | Sequence[int]) -> Layer:
    """Give each example another shape: (batch, ...) -> (batch, *shape); the first axis is that of the batch.

    Args:
        shape: of one example; one size may be -1: what is left.

    Returns:
        A layer without parameters.

    Raises:
        ValueError: the shape does not hold as many numbers as an example.

    Example:
        >>> import jax
        >>> reshape((2, -1)).apply({}, jax.numpy.ones((5, 6))).shape
        (5, 2, 3)
    """
    wanted = (shape,) if isinstance(shape, int) else tuple(shape)
    for size in wanted:
        if size != -1:
            check_count("reshape", "every size", size)
    if wanted.count(-1) > 1:
        raise ValueError(f"reshape: expected at most one size of -1, got {wanted}")

    def out_shape(in_shape: Shape) -> Shape:
        count, known = math.prod(in_shape), math.prod(size for size in wanted if size != -1)
        filled = tuple(count // known if size == -1 else size for size in wanted)
        if math.prod(filled) != count:
            raise ValueError(
                f"reshape: an example of shape {tuple(in_shape)} has {count} numbers, which do not fit into "
                f"{wanted}"
            )
        return filled

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        refuse("reshape", x, "use time_distributed for a shape at each step")
        x = as_jax(x)
        if x.ndim == 0:
            raise ValueError("reshape: expected x with an axis of examples, got a single number")
        return x.reshape(x.shape[0], *out_shape(x.shape[1:]))

    facts = Facts(axes=lambda before: len(wanted), initializer=AS_AFTER)
    return Layer(no_params, apply, Spec("reshape", {"shape": wanted}), out_shape, facts)


@interned
def upsample(factor: int | Sequence[int] = 2, *, ndim: int = 2) -> Layer:
    """Repeat each pixel or time step: (..., *sizes, channels) -> (..., *(factor sizes), channels).

    The counterpart of pooling in a decoder: nearest-neighbour interpolation.

    Args:
        factor: how many times, one number or one per axis.
        ndim: axes between batch and channels: 2 for images, 1 for sequences.

    Returns:
        A layer without parameters.

    Example:
        >>> import jax.numpy as jnp
        >>> upsample(2, ndim=1).apply({}, jnp.array([[1.0], [5.0]]))[:, 0].tolist()
        [1.0, 1.0, 5.0, 5.0]
    """
    ndim = check_count("upsample", "ndim", ndim)
    given = (factor,) * ndim if isinstance(factor, int) else tuple(factor)
    factors = tuple(check_count("upsample", "factor", size) for size in given)
    if len(factors) != ndim:
        raise ValueError(f"upsample: expected one factor, or one for each of {ndim} axes, got {factor!r}")

    def check(shape: Shape) -> None:
        if len(shape) < ndim + 1:
            raise ValueError(f"upsample: expected x of at least {ndim + 1} axes, got {tuple(shape)}")

    def out_shape(in_shape: Shape) -> Shape:
        check(in_shape)
        sizes = zip(in_shape[-ndim - 1 : -1], factors, strict=True)
        return (*in_shape[: -ndim - 1], *(size * by for size, by in sizes), in_shape[-1])

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> Any:
        if isinstance(x, Padded):
            if ndim != 1:
                refuse("upsample", x, "give ndim=1 for sequences")
            x = check_padded("upsample", x, features=1)
            return Padded(apply(params, filled(x)), x.lengths * factors[0])
        x = as_jax(x)
        check(x.shape)
        for axis, by in enumerate(factors):
            x = jnp.repeat(x, by, axis=x.ndim - ndim - 1 + axis) if by > 1 else x
        return x

    facts = Facts(axes=lambda before: ndim + 1, initializer=AS_AFTER, image_axes=ndim + 1)
    options = {"factor": factors[0] if len(set(factors)) == 1 else factors, "ndim": ndim}
    return Layer(no_params, apply, Spec("upsample", options), out_shape, facts)
