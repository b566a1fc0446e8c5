"""Normalisation of signals inside a network.

There is no batch normalisation: its running statistics change from batch to batch, which does not fit a pair
of pure functions, and it makes the output for an example depend on the rest of its batch. Use ``layer_norm``,
which needs no batch and works the same in training and in use; or ``jaxnet.selu`` with its initialiser, which
keeps signals normalised by itself.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import add_bias, as_dtype
from jaxnet._padded import on_steps
from jaxnet._validation import check_ending, check_key
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
