"""Loss functions: ``loss(outputs, targets)`` gives one value per example; training minimises their mean.

Shapes: outputs are (batch, ...). A loss averages over all axes after the first, so that with several
outputs (or time steps) each example still has one value. Targets have the shape of the outputs (a last axis
of size 1 may be left out); ``cross_entropy`` takes class numbers too. Losses whose outputs are called logits
take the last layer without its sigmoid or softmax: that is stable for logits of any size.

Outputs may be a ``Padded`` (batch, time, ...), the targets then too or an array: each sequence counts with
the mean over its real steps.

Example:
    >>> import jax.numpy as jnp
    >>> from jaxnet import losses
    >>> losses.mse(jnp.array([[1.0, 2.0], [0.0, 0.0]]), jnp.array([[1.0, 0.0], [0.0, 1.0]])).tolist()
    [2.0, 0.5]
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._padded import by_steps
from jaxnet.activations import log_softmax, softplus
from jaxnet.losses.targets import check_rows, classes, mean, positive_weight, probabilities, signs, values
from jaxnet.losses.targets import rate as check_rate


@by_steps
def mse(outputs: Any, targets: Any) -> jax.Array:
    """Mean squared error: the mean over an example's outputs of (target - output)^2.

    Args:
        outputs: (batch, ...).
        targets: the same shape.

    Returns:
        One value per example, shape (batch,). Their mean is the lecture's (1/N) sum (y_true - y_pred)^2.

    Example:
        >>> print(mse([[1.0, 2.0], [0.0, 3.0]], [[1.0, 0.0], [0.5, 3.0]]).round(4))
        [2.    0.125]

    Raises:
        ValueError: the shapes do not fit.
    """
    y, t = values("mse", outputs, targets)
    return mean(jnp.square(y - t))


@by_steps
def mae(outputs: Any, targets: Any) -> jax.Array:
    """Mean absolute error: the mean over an example's outputs of |target - output|.

    The derivative where output and target are equal is taken as 0.

    Args:
        outputs: (batch, ...).
        targets: the same shape.

    Returns:
        One value per example, shape (batch,).

    Example:
        >>> print(mae([[1.0, 2.0], [0.0, 3.0]], [[1.0, 0.0], [0.5, 3.0]]).round(4))
        [1.   0.25]
    """
    y, t = values("mae", outputs, targets)
    return mean(jnp.abs(y - t))


@by_steps
def huber(outputs: Any, targets: Any, *, delta: float = 1.0) -> jax.Array:
    """Huber's loss: e^2/2 for |e| <= delta, else delta (|e| - delta/2), with e = output - target.

    Args:
        outputs: (batch, ...).
        targets: the same shape.
        delta: where the square gives way to the straight line.

    Returns:
        One value per example, shape (batch,).

    Example:
        >>> print(huber([[1.0, 2.0], [0.0, 3.0]], [[1.0, 0.0], [0.5, 3.0]]).round(4))
        [0.75   0.0625]

    Reference: P. Huber, "Robust Estimation of a Location Parameter", 1964.
    """
    y, t = values("huber", outputs, targets)
    size = jnp.abs(y - t)
    inside = jnp.minimum(size, delta)
    return mean(inside * (size - 0.5 * inside))


@by_steps
def log_cosh(outputs: Any, targets: Any) -> jax.Array:
    """The logarithm of the hyperbolic cosine of the error, ln cosh e, with e = output - target.

    Like ``huber`` quadratic for small errors and linear for large ones, but smooth.

    Args:
        outputs: (batch, ...).
        targets: the same shape.

    Returns:
        One value per example, shape (batch,).

    Example:
        >>> print(log_cosh([[1.0, 2.0], [0.0, 3.0]], [[1.0, 0.0], [0.5, 3.0]]).round(4))
        [0.66249996 0.0601    ]
    """
    y, t = values("log_cosh", outputs, targets)
    e = y - t
    return mean(e + softplus(-2 * e) - math.log(2))


@by_steps
def binary_cross_entropy(
    outputs: Any, targets: Any, *, smoothing: float = 0.0, pos_weight: Any = None
) -> jax.Array:
    """Cross-entropy of yes/no targets from logits: -t ln s(z) - (1 - t) ln(1 - s(z)), s the sigmoid.

    Args:
        outputs: logits z, (batch, ...).
        targets: probabilities of "yes" in [0, 1], most often 0 or 1, of the same shape.
        smoothing: label smoothing: t is moved to t (1 - smoothing) + smoothing / 2.
        pos_weight: what the first term is multiplied by, for rare positives: a number, or one per output
            (functools.partial makes a loss of it).

    Returns:
        One value per example, shape (batch,).

    Example:
        >>> print(binary_cross_entropy([[0.0], [2.0]], [[1.0], [1.0]]).round(4))  # ln 2, ln(1 + e^-2)
        [0.6931 0.1269]

    Raises:
        ValueError: the shapes do not fit, or a target lies outside [0, 1].
    """
    z, t = probabilities("binary_cross_entropy", outputs, targets, smoothing)
    if pos_weight is None:
        return mean(softplus(z) - z * t)
    extra = positive_weight("binary_cross_entropy", z, pos_weight) - 1
    return mean(softplus(z) - z * t + extra * t * softplus(-z))


@by_steps
def cross_entropy(outputs: Any, targets: Any, *, smoothing: float = 0.0) -> jax.Array:
    """Cross-entropy of classes from logits: -sum_k t_k ln softmax(z)_k.

    Args:
        outputs: logits z, (batch, ..., classes).
        targets: class numbers, integers (batch, ...) from 0; or probabilities (one-hot rows), of the
            shape of the outputs.
        smoothing: label smoothing: t_k is moved to t_k (1 - smoothing) + smoothing / classes.

    Returns:
        One value per example, shape (batch,).

    Raises:
        ValueError: the shapes do not fit, or a class number lies outside the classes.
        TypeError: class numbers that are not integers.

    Example:
        >>> import jax.numpy as jnp
        >>> print(cross_entropy(jnp.zeros((1, 4)), jnp.array([2])).round(4))  # ln 4
        [1.3863]

    Reference: C. Szegedy and others, "Rethinking the Inception Architecture", 2016 (label smoothing).
    """
    z, t, numbers = classes("cross_entropy", outputs, targets, smoothing)
    logs = log_softmax(z)
    if not numbers:
        return mean(-jnp.sum(t * logs, axis=-1))
    share = check_rate("cross_entropy", smoothing)
    # a traced class number outside the classes gives NaN, not the loss of another class
    picked = jnp.take_along_axis(logs, t[..., None], axis=-1, mode="fill", fill_value=jnp.nan)[..., 0]
    return mean(-((1 - share) * picked + share * jnp.mean(logs, axis=-1)) if share else -picked)


@by_steps
def kl_divergence(outputs: Any, targets: Any) -> jax.Array:
    """Kullback-Leibler divergence from logits: sum_k t_k (ln t_k - ln softmax(z)_k).

    Args:
        outputs: logits z, (batch, ..., classes).
        targets: probabilities of the same shape; an entry 0 adds nothing.

    Returns:
        One value per example, shape (batch,).

    Example:
        >>> print(kl_divergence([[0.0, 0.0]], [[1.0, 0.0]]).round(4))  # ln 2
        [0.6931]

    Reference: S. Kullback and R. Leibler, "On Information and Sufficiency", 1951.
    """
    z, t = probabilities("kl_divergence", outputs, targets)
    check_rows("kl_divergence", targets)
    own = jnp.where(t > 0, t * jnp.log(jnp.where(t > 0, t, jnp.ones_like(t))), jnp.zeros_like(t))
    return mean(jnp.sum(own - t * log_softmax(z), axis=-1))


@by_steps
def hinge(outputs: Any, targets: Any) -> jax.Array:
    """The hinge loss of the support vector machine: max(0, 1 - t y), with targets t = -1 or +1.

    Args:
        outputs: (batch, ...).
        targets: -1 or +1, of the same shape.

    Returns:
        One value per example, shape (batch,).

    Example:
        >>> print(hinge([[0.5], [0.5]], [[1.0], [-1.0]]).round(4))
        [0.5 1.5]

    Raises:
        ValueError: the shapes do not fit, or a target is neither -1 nor +1.

    Reference: C. Cortes and V. Vapnik, "Support-Vector Networks", 1995.
    """
    y, t = signs("hinge", outputs, targets)
    gap = 1 - t * y
    return mean(jnp.where(gap <= 0, jnp.zeros_like(gap), gap))


@by_steps
def squared_hinge(outputs: Any, targets: Any) -> jax.Array:
    """The squared hinge loss: max(0, 1 - t y)^2, with targets t = -1 or +1.

    Args:
        outputs: (batch, ...).
        targets: -1 or +1, of the same shape.

    Returns:
        One value per example, shape (batch,).

    Example:
        >>> print(squared_hinge([[0.5], [0.5]], [[1.0], [-1.0]]).round(4))
        [0.25 2.25]
    """
    y, t = signs("squared_hinge", outputs, targets)
    gap = 1 - t * y
    return mean(jnp.square(jnp.where(gap <= 0, jnp.zeros_like(gap), gap)))


@functools.lru_cache(maxsize=64)
def smoothed(rate: float, loss: Callable[..., jax.Array] = cross_entropy) -> Callable[..., jax.Array]:
    """``loss`` with label smoothing; the same arguments give the same function, so nothing recompiles.

    Args:
        rate: share of the target that is spread evenly over all classes, in [0, 1).
        loss: ``cross_entropy`` or ``binary_cross_entropy``.

    Returns:
        A function loss(outputs, targets).

    Raises:
        ValueError: the rate lies outside [0, 1).

    Example:
        >>> import jax.numpy as jnp
        >>> print(smoothed(0.1)(jnp.array([[2.0, 0.0]]), jnp.array([0])).round(4))
        [0.2269]
    """
    return functools.partial(loss, smoothing=check_rate("smoothed", rate))
