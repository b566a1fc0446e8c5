"""The derivative of each loss with respect to the outputs, by hand."""

from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._arrays import as_float
from jaxnet.activations import sigmoid, softmax
from jaxnet.losses.targets import classes, positive_weight, probabilities, signs, size_of_example, values


def mse(outputs: Any, targets: Any) -> jax.Array:
    """The derivative of :func:`jaxnet.losses.mse`."""
    y, t = values("mse", outputs, targets)
    return 2 * (y - t) / size_of_example(y)


def mae(outputs: Any, targets: Any) -> jax.Array:
    """The derivative of :func:`jaxnet.losses.mae`."""
    y, t = values("mae", outputs, targets)
    return jnp.sign(y - t) / size_of_example(y)


def huber(outputs: Any, targets: Any, *, delta: float = 1.0) -> jax.Array:
    """The derivative of :func:`jaxnet.losses.huber`."""
    y, t = values("huber", outputs, targets)
    return jnp.clip(y - t, -delta, delta) / size_of_example(y)


def log_cosh(outputs: Any, targets: Any) -> jax.Array:
    """The derivative of :func:`jaxnet.losses.log_cosh`."""
    y, t = values("log_cosh", outputs, targets)
    return jnp.tanh(y - t) / size_of_example(y)


def binary_cross_entropy(
    outputs: Any, targets: Any, *, smoothing: float = 0.0, pos_weight: Any = None
) -> jax.Array:
    """The derivative of :func:`jaxnet.losses.binary_cross_entropy`."""
    z, t = probabilities("binary_cross_entropy", outputs, targets, smoothing)
    if pos_weight is None:
        return (sigmoid(z) - t) / size_of_example(z)
    extra = positive_weight("binary_cross_entropy", z, pos_weight) - 1
    return (sigmoid(z) - t - extra * t * sigmoid(-z)) / size_of_example(z)


def cross_entropy(outputs: Any, targets: Any, *, smoothing: float = 0.0) -> jax.Array:
    """The derivative of :func:`jaxnet.losses.cross_entropy`."""
    z, t, numbers = classes("cross_entropy", outputs, targets, smoothing)
    if numbers:
        hot = jax.nn.one_hot(t, z.shape[-1], dtype=z.dtype)
        t = probabilities("cross_entropy", z, hot, smoothing, z.shape[-1])[1]
    # the sum, because probabilities need not add up to one
    total = jnp.broadcast_to(jnp.sum(t, axis=-1, keepdims=True), t.shape)
    return (total * softmax(z) - t) / size_of_example(z[..., 0])


def kl_divergence(outputs: Any, targets: Any) -> jax.Array:
    """The derivative of :func:`jaxnet.losses.kl_divergence`."""
    return cross_entropy(outputs, as_float(targets))


def hinge(outputs: Any, targets: Any) -> jax.Array:
    """The derivative of :func:`jaxnet.losses.hinge`."""
    y, t = signs("hinge", outputs, targets)
    return jnp.where(t * y < 1, -t, jnp.zeros_like(t)) / size_of_example(y)


def squared_hinge(outputs: Any, targets: Any) -> jax.Array:
    """The derivative of :func:`jaxnet.losses.squared_hinge`."""
    y, t = signs("squared_hinge", outputs, targets)
    gap = 1 - t * y
    return jnp.where(gap > 0, -2 * gap * t, jnp.zeros_like(t)) / size_of_example(y)
