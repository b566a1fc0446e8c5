"""Normalisation of signals inside a network.

There is no batch normalisation: its running statistics change from batch to batch, which does not fit a pair
of pure functions, and it makes the output for an example depend on the rest of its batch. Use ``layer_norm``,
or for images ``group_norm``, which need no batch and work the same in training and in use; or ``jaxnet.selu``
with its initialiser, which keeps signals normalised by itself.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import add_bias, as_dtype
from jaxnet._padded import Padded, check_padded, filled, on_steps, real_steps
from jaxnet._validation import check_count, check_ending, check_key
from jaxnet.layers.base import (
    AS_AFTER,
    Facts,
    Layer,
    Params,
    Shape,
    Spec,
    float_params,
    interned,
    same_axes,
    same_shape,
)
from jaxnet.layers.windows import over_one_axis


@interned
def layer_norm(epsilon: float = 1e-5) -> Layer:
    """Normalise the last axis, then scale and shift: y = scale (x - mean) / sqrt(var + epsilon) + b.

    Mean and variance (divided by n) are those of the example itself, so it works the same in training and in
    use, and with a batch of one. It takes the place of batch normalisation, which this library does not have.

    Args:
        epsilon: keeps the root away from zero.

    Returns:
        A layer (..., n) -> (..., n) with parameters {"scale": (n,), "b": (n,)}, initially 1 and 0.

    Example:
        >>> import jax
        >>> layer = layer_norm()
        >>> print(layer.apply(layer.init(jax.random.key(0), (2,)), jax.numpy.array([3.0, 5.0])).round(3))
        [-1.  1.]

    Reference: J. L. Ba, J. R. Kiros, G. Hinton, "Layer Normalization", 2016.
    """

    def init(key: jax.Array, in_shape: Shape) -> Params:
        check_key("layer_norm", key)
        check_ending("layer_norm", np.broadcast_to(0, in_shape), ("features",))
        dtype = jnp.result_type(float)
        return {"scale": jnp.ones(in_shape[-1], dtype), "b": jnp.zeros(in_shape[-1], dtype)}

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        run = functools.partial(_by_features, epsilon, params)
        return on_steps("layer_norm", run, x, features=True)

    facts = Facts(axes=same_axes, initializer=AS_AFTER, params={"scale": (None,), "b": (None,)})
    return Layer(init, apply, Spec("layer_norm", {"epsilon": epsilon}), same_shape, facts)


def _by_features(epsilon: float, params: Params, x: Any) -> jax.Array:
    params = float_params(params)
    scale = params["scale"]
    check_ending("layer_norm", x, scale.shape)
    x = as_dtype(x, scale.dtype)
    # bf16 and f16 are too narrow for sums of squares
    wide = x.astype(jnp.float32) if x.dtype.itemsize < 4 else x
    centred = wide - jnp.mean(wide, axis=-1, keepdims=True)
    variance = jnp.mean(jnp.square(centred), axis=-1, keepdims=True)
    y = (centred * jax.lax.rsqrt(variance + epsilon)).astype(x.dtype)
    return add_bias(y * scale.reshape((1,) * (y.ndim - 1) + scale.shape), params["b"])


@interned
def rms_norm(epsilon: float = 1e-6) -> Layer:
    """Divide the last axis by its root mean square, then scale: y = scale x / sqrt(mean(x^2) + epsilon).

    Like ``layer_norm`` without the mean and the shift, so it costs less.

    Args:
        epsilon: keeps the root away from zero.

    Returns:
        A layer (..., n) -> (..., n) with parameters {"scale": (n,)}, initially 1.

    Example:
        >>> import jax
        >>> layer = rms_norm()
        >>> print(layer.apply(layer.init(jax.random.key(0), (2,)), jax.numpy.array([1.0, 7.0])).round(1))
        [0.2 1.4]

    Reference: B. Zhang and R. Sennrich, "Root Mean Square Layer Normalization", 2019.
    """

    def init(key: jax.Array, in_shape: Shape) -> Params:
        check_key("rms_norm", key)
        check_ending("rms_norm", np.broadcast_to(0, in_shape), ("features",))
        return {"scale": jnp.ones(in_shape[-1], jnp.result_type(float))}

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        return on_steps("rms_norm", functools.partial(_by_root, epsilon, params), x, features=True)

    facts = Facts(axes=same_axes, initializer=AS_AFTER, params={"scale": (None,)})
    return Layer(init, apply, Spec("rms_norm", {"epsilon": epsilon}), same_shape, facts)


def _by_root(epsilon: float, params: Params, x: Any) -> jax.Array:
    scale = float_params(params)["scale"]
    check_ending("rms_norm", x, scale.shape)
    x = as_dtype(x, scale.dtype)
    wide = x.astype(jnp.float32) if x.dtype.itemsize < 4 else x
    y = wide * jax.lax.rsqrt(jnp.mean(jnp.square(wide), axis=-1, keepdims=True) + epsilon)
    return y.astype(x.dtype) * scale.reshape((1,) * (x.ndim - 1) + scale.shape)


@interned
def group_norm(groups: int, *, ndim: int = 2, epsilon: float = 1e-5) -> Layer:
    """Normalise the channels of an image or a sequence in groups, then scale and shift each channel.

    y = scale (x - mean) / sqrt(var + epsilon) + b, with mean and variance over all positions and the channels
    of a group. It is the stateless answer to batch normalisation: it needs no batch and no running
    statistics, works the same in training and in use, and with a batch of one.

    Args:
        groups: how many groups of neighbouring channels; 1 takes all channels together, their number takes
            each by itself (instance normalisation).
        ndim: number of axes between batch and channels: 2 for images, 1 for sequences, 3 for video.
        epsilon: keeps the root away from zero.

    Returns:
        A layer (..., *sizes, channels) of the same shape with parameters {"scale": (channels,), "b":
        (channels,)}, initially 1 and 0.

    Raises:
        ValueError: channels that are no multiple of the groups.

    Example:
        >>> import jax
        >>> layer = group_norm(2, ndim=1)
        >>> x = jax.numpy.array([[1.0, 10.0], [3.0, 30.0]])  # 2 steps, 2 channels
        >>> print(layer.apply(layer.init(jax.random.key(0), (2, 2)), x).round(2).tolist())
        [[-1.0, -1.0], [1.0, 1.0]]

    Reference: Y. Wu and K. He, "Group Normalization", 2018.
    """
    groups = check_count("group_norm", "groups", groups)
    ndim = check_count("group_norm", "ndim", ndim)
    ending = (*("size",) * ndim, "channels")

    def out_shape(in_shape: Shape) -> Shape:
        check_ending("group_norm", jax.ShapeDtypeStruct(in_shape, np.float32), ending)
        if in_shape[-1] % groups:
            raise ValueError(
                f"group_norm: expected channels in {groups} equal groups, got {in_shape[-1]} channels"
            )
        return in_shape

    def init(key: jax.Array, in_shape: Shape) -> Params:
        check_key("group_norm", key)
        channels, dtype = out_shape(in_shape)[-1], jnp.result_type(float)
        return {"scale": jnp.ones(channels, dtype), "b": jnp.zeros(channels, dtype)}

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        params = float_params(params)
        scale, mask, lengths = params["scale"], None, None
        if isinstance(x, Padded):
            over_one_axis("group_norm", ndim)
            padded = check_padded("group_norm", x, 1)
            x, lengths, mask = filled(padded), padded.lengths, jnp.asarray(real_steps(padded))
        check_ending("group_norm", x, (*ending[:-1], scale.shape[0]))
        x = as_dtype(x, scale.dtype)
        out_shape(x.shape)
        wide = x.astype(jnp.float32) if x.dtype.itemsize < 4 else x
        parts = wide.reshape(*x.shape[:-1], groups, x.shape[-1] // groups)
        over = (*range(x.ndim - 1 - ndim, x.ndim - 1), x.ndim)
        where = None if mask is None else mask[..., None, None]
        centred = parts - jnp.mean(parts, axis=over, keepdims=True, where=where)
        variance = jnp.mean(jnp.square(centred), axis=over, keepdims=True, where=where)
        y = (centred * jax.lax.rsqrt(variance + epsilon)).reshape(x.shape).astype(x.dtype)
        y = add_bias(y * scale.reshape((1,) * (y.ndim - 1) + scale.shape), params["b"])
        return y if lengths is None else Padded(y, lengths)  # type: ignore[return-value]

    options = {"groups": groups, "ndim": ndim, "epsilon": epsilon}
    facts = Facts(axes=lambda before: ndim + 1, initializer=AS_AFTER, params={"scale": (None,), "b": (None,)})
    return Layer(init, apply, Spec("group_norm", options), out_shape, facts)
