"""Loss functions: ``loss(outputs, targets)`` gives one value per example; training minimises their mean.

Shapes: outputs are (batch, ...). A loss averages over all axes after the first, so that with several
outputs (or time steps) each example still has one value. Targets have the shape of the outputs (a last axis
of size 1 may be left out); ``cross_entropy`` takes class numbers too. Losses whose outputs are called logits
take the last layer without its sigmoid or softmax: that is stable for logits of any size.

Example:
    >>> import jax.numpy as jnp
    >>> from jaxnet import losses
    >>> losses.mse(jnp.array([[1.0, 2.0], [0.0, 0.0]]), jnp.array([[1.0, 0.0], [0.0, 1.0]])).tolist()
    [2.0, 0.5]
"""

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxnet._checks import is_traced
from jaxnet._expect import as_dtype, as_float, check_name
from jaxnet.activations import log_softmax, sigmoid, softmax, softplus


class Loss(NamedTuple):
    """A loss with its derivative.

    Attributes:
        fn: loss(outputs, targets), one value per example, shape (batch,).
        derivative: the gradient of each example's loss by its outputs, of the shape of the outputs.
    """

    fn: Callable[..., jax.Array]
    derivative: Callable[..., jax.Array]


def mse(outputs: ArrayLike, targets: ArrayLike) -> jax.Array:
    """Mean squared error: the mean over an example's outputs of (target - output)^2.

    Args:
        outputs: (batch, ...).
        targets: the same shape.

    Returns:
        One value per example, shape (batch,). Their mean is the lecture's (1/N) sum (y_true - y_pred)^2.

    Raises:
        ValueError: the shapes do not fit.
    """
    y, t = _same("mse", outputs, targets)
    return _mean(jnp.square(y - t))


def mae(outputs: ArrayLike, targets: ArrayLike) -> jax.Array:
    """Mean absolute error: the mean over an example's outputs of |target - output|.

    Shapes as ``mse``. The derivative where output and target are equal is taken as 0.
    """
    y, t = _same("mae", outputs, targets)
    return _mean(jnp.abs(y - t))


def huber(outputs: ArrayLike, targets: ArrayLike, *, delta: float = 1.0) -> jax.Array:
    """Huber's loss: e^2/2 for |e| <= delta, else delta (|e| - delta/2), with e = output - target.

    Shapes as ``mse``.

    Reference: P. Huber, "Robust Estimation of a Location Parameter", 1964.
    """
    y, t = _same("huber", outputs, targets)
    size = jnp.abs(y - t)
    inside = jnp.minimum(size, delta)
    return _mean(inside * (size - 0.5 * inside))


def log_cosh(outputs: ArrayLike, targets: ArrayLike) -> jax.Array:
    """The logarithm of the hyperbolic cosine of the error, ln cosh e, with e = output - target.

    Shapes as ``mse``; like ``huber`` quadratic for small errors and linear for large ones, but smooth.
    """
    y, t = _same("log_cosh", outputs, targets)
    e = y - t
    return _mean(e + softplus(-2 * e) - math.log(2))


def binary_cross_entropy(outputs: ArrayLike, targets: ArrayLike, *, smoothing: float = 0.0) -> jax.Array:
    """Cross-entropy of yes/no targets from logits: -t ln s(z) - (1 - t) ln(1 - s(z)), s the sigmoid.

    Args:
        outputs: logits z, (batch, ...).
        targets: probabilities of "yes" in [0, 1], most often 0 or 1, of the same shape.
        smoothing: label smoothing: t is moved to t (1 - smoothing) + smoothing / 2.

    Raises:
        ValueError: the shapes do not fit, or a target lies outside [0, 1].
    """
    z, t = _same("binary_cross_entropy", outputs, targets)
    t = _smooth("binary_cross_entropy", _probabilities("binary_cross_entropy", t), smoothing, 2)
    return _mean(softplus(z) - z * t)


def cross_entropy(outputs: ArrayLike, targets: ArrayLike, *, smoothing: float = 0.0) -> jax.Array:
    """Cross-entropy of classes from logits: -sum_k t_k ln softmax(z)_k.

    Args:
        outputs: logits z, (batch, ..., classes).
        targets: class numbers, integers (batch, ...) from 0; or probabilities (one-hot rows), of the
            shape of the outputs.
        smoothing: label smoothing: t_k is moved to t_k (1 - smoothing) + smoothing / classes.

    Raises:
        ValueError: the shapes do not fit, or a class number lies outside the classes.
        TypeError: class numbers that are not integers.

    Example:
        >>> import jax.numpy as jnp
        >>> print(cross_entropy(jnp.zeros((1, 4)), jnp.array([2])).round(4))  # ln 4
        [1.3863]

    Reference: C. Szegedy and others, "Rethinking the Inception Architecture", 2016 (label smoothing).
    """
    z, t, numbers = _classes("cross_entropy", outputs, targets, smoothing)
    logs = log_softmax(z)
    if not numbers:
        return _mean(-jnp.sum(t * logs, axis=-1))
    rate = _rate("cross_entropy", smoothing)
    # a class outside gives NaN, and not some other class, where it cannot be seen beforehand
    picked = jnp.take_along_axis(logs, t[..., None], axis=-1, mode="fill", fill_value=jnp.nan)[..., 0]
    return _mean(-((1 - rate) * picked + rate * jnp.mean(logs, axis=-1)) if rate else -picked)


def kl_divergence(outputs: ArrayLike, targets: ArrayLike) -> jax.Array:
    """Kullback-Leibler divergence from logits: sum_k t_k (ln t_k - ln softmax(z)_k).

    Args:
        outputs: logits z, (batch, ..., classes).
        targets: probabilities of the same shape; an entry 0 adds nothing.

    Reference: S. Kullback and R. Leibler, "On Information and Sufficiency", 1951.
    """
    z, t = _same("kl_divergence", outputs, targets)
    t = _probabilities("kl_divergence", t)
    own = jnp.where(t > 0, t * jnp.log(jnp.where(t > 0, t, jnp.ones_like(t))), jnp.zeros_like(t))
    return _mean(jnp.sum(own - t * log_softmax(z), axis=-1))


def hinge(outputs: ArrayLike, targets: ArrayLike) -> jax.Array:
    """The hinge loss of the support vector machine: max(0, 1 - t y), with targets t = -1 or +1.

    Shapes as ``mse``.

    Raises:
        ValueError: the shapes do not fit, or a target is neither -1 nor +1.

    Reference: C. Cortes and V. Vapnik, "Support-Vector Networks", 1995.
    """
    y, t = _signs("hinge", outputs, targets)
    gap = 1 - t * y
    return _mean(jnp.where(gap <= 0, jnp.zeros_like(gap), gap))


def squared_hinge(outputs: ArrayLike, targets: ArrayLike) -> jax.Array:
    """The squared hinge loss: max(0, 1 - t y)^2, with targets t = -1 or +1. Shapes as ``mse``."""
    y, t = _signs("squared_hinge", outputs, targets)
    gap = 1 - t * y
    return _mean(jnp.square(jnp.where(gap <= 0, jnp.zeros_like(gap), gap)))


# --- derivatives: d loss_i / d outputs_i -------------------------------------------------------------


def _d_mse(outputs, targets):
    y, t = _same("mse", outputs, targets)
    return 2 * (y - t) / _per_example(y)


def _d_mae(outputs, targets):
    y, t = _same("mae", outputs, targets)
    return jnp.sign(y - t) / _per_example(y)


def _d_huber(outputs, targets, *, delta=1.0):
    y, t = _same("huber", outputs, targets)
    return jnp.clip(y - t, -delta, delta) / _per_example(y)


def _d_log_cosh(outputs, targets):
    y, t = _same("log_cosh", outputs, targets)
    return jnp.tanh(y - t) / _per_example(y)


def _d_binary_cross_entropy(outputs, targets, *, smoothing=0.0):
    z, t = _same("binary_cross_entropy", outputs, targets)
    t = _smooth("binary_cross_entropy", _probabilities("binary_cross_entropy", t), smoothing, 2)
    return (sigmoid(z) - t) / _per_example(z)


def _d_cross_entropy(outputs, targets, *, smoothing=0.0):
    z, t, numbers = _classes("cross_entropy", outputs, targets, smoothing)
    if numbers:
        hot = jax.nn.one_hot(t, z.shape[-1], dtype=z.dtype)
        t = _smooth("cross_entropy", hot, smoothing, z.shape[-1])
    # probabilities that do not add up to one are allowed, hence the sum
    total = jnp.broadcast_to(jnp.sum(t, axis=-1, keepdims=True), t.shape)
    return (total * softmax(z) - t) / _per_example(z[..., 0])


def _d_kl_divergence(outputs, targets):
    return _d_cross_entropy(outputs, as_float(targets))


def _d_hinge(outputs, targets):
    y, t = _signs("hinge", outputs, targets)
    return jnp.where(t * y < 1, -t, jnp.zeros_like(t)) / _per_example(y)


def _d_squared_hinge(outputs, targets):
    y, t = _signs("squared_hinge", outputs, targets)
    gap = 1 - t * y
    return jnp.where(gap > 0, -2 * gap * t, jnp.zeros_like(t)) / _per_example(y)


#: name -> loss and derivative
TABLE: Mapping[str, Loss] = {
    "mse": Loss(mse, _d_mse),
    "mae": Loss(mae, _d_mae),
    "huber": Loss(huber, _d_huber),
    "log_cosh": Loss(log_cosh, _d_log_cosh),
    "binary_cross_entropy": Loss(binary_cross_entropy, _d_binary_cross_entropy),
    "cross_entropy": Loss(cross_entropy, _d_cross_entropy),
    "kl_divergence": Loss(kl_divergence, _d_kl_divergence),
    "hinge": Loss(hinge, _d_hinge),
    "squared_hinge": Loss(squared_hinge, _d_squared_hinge),
}


def get(loss: str | Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """The loss of that name; a function is given back as it is.

    Raises:
        ValueError: the name is not known.

    Example:
        >>> get("mse") is mse
        True
    """
    if callable(loss):
        return loss
    check_name("losses", "loss", loss, TABLE)
    return TABLE[loss].fn


def derivative(loss: str | Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """The gradient of each example's loss by that example's outputs, as a function (outputs, targets).

    The formulas are written out for the losses of this module, ``functools.partial`` of them included; a
    function of your own is differentiated automatically.

    Example:
        >>> import jax.numpy as jnp
        >>> derivative(mse)(jnp.array([[0.75]]), jnp.array([[1.0]])).tolist()  # 2 (y - t)
        [[-0.5]]
    """
    fn = get(loss)
    options: dict[str, Any] = {}
    while isinstance(fn, functools.partial) and not fn.args:
        options = {**fn.keywords, **options}
        fn = fn.func
    for known in TABLE.values():
        if known.fn is fn:
            return functools.partial(known.derivative, **options) if options else known.derivative

    def by_grad(outputs: ArrayLike, targets: ArrayLike) -> jax.Array:
        return jax.grad(lambda y: jnp.sum(fn(y, targets, **options)))(as_float(outputs))

    return by_grad


@functools.lru_cache(maxsize=64)
def smoothed(rate: float, loss: Callable[..., jax.Array] = cross_entropy) -> Callable[..., jax.Array]:
    """``loss`` with label smoothing; the same arguments give the same function, so nothing recompiles.

    Args:
        rate: share of the target that is spread evenly over all classes, in [0, 1).
        loss: ``cross_entropy`` or ``binary_cross_entropy``.

    Raises:
        ValueError: the rate lies outside [0, 1).

    Example:
        >>> import jax.numpy as jnp
        >>> print(smoothed(0.1)(jnp.array([[2.0, 0.0]]), jnp.array([0])).round(4))
        [0.2269]
    """
    return functools.partial(loss, smoothing=_rate("smoothed", rate))


# --- shapes and checks -------------------------------------------------------------------------------


def _per_example(y: jax.Array) -> int:
    return math.prod(y.shape[1:])


def _mean(values: jax.Array) -> jax.Array:
    return values if values.ndim == 1 else jnp.mean(values, axis=tuple(range(1, values.ndim)))


def _outputs(where: str, outputs: ArrayLike) -> jax.Array:
    y = as_float(outputs)
    if y.ndim == 0:
        raise ValueError(
            f"{where}: expected outputs of shape (batch, ...), got one number; put it in an array"
        )
    return y


def _same(where: str, outputs: ArrayLike, targets: ArrayLike) -> tuple[jax.Array, jax.Array]:
    """Outputs and targets in one shape and dtype; only a last axis of size 1 may be missing from either."""
    y, t = _outputs(where, outputs), jnp.asarray(targets)
    if t.shape != y.shape:
        if (*t.shape, 1) != y.shape and t.shape != (*y.shape, 1):
            raise ValueError(
                f"{where}: expected targets of the shape of the outputs, {y.shape}, got {t.shape}; "
                "give one target for each output"
            )
        t = t.reshape(y.shape)
    return y, as_dtype(t, y.dtype)


def _probabilities(where: str, t: jax.Array) -> jax.Array:
    if not is_traced(t) and t.size:
        values = np.asarray(t, dtype=np.float64)
        low, high = values.min(), values.max()
        if low < 0 or high > 1:
            raise ValueError(
                f"{where}: expected targets in [0, 1], got values from {low:g} to {high:g}; "
                "targets are probabilities, or the labels 0 and 1"
            )
    return t


def _signs(where: str, outputs: ArrayLike, targets: ArrayLike) -> tuple[jax.Array, jax.Array]:
    y, t = _same(where, outputs, targets)
    if not is_traced(t) and not np.all(np.abs(np.asarray(t, dtype=np.float64)) == 1):
        raise ValueError(f"{where}: expected targets -1 or +1, got others; use 2 * t - 1 for labels 0 and 1")
    return y, t


def _rate(where: str, smoothing: float) -> float:
    if not 0 <= smoothing < 1:
        raise ValueError(f"{where}: expected smoothing in [0, 1), got {smoothing}")
    return smoothing


def _smooth(where: str, t: jax.Array, smoothing: float, classes: int) -> jax.Array:
    rate = _rate(where, smoothing)
    return t * (1 - rate) + rate / classes if rate else t


def _classes(
    where: str, outputs: ArrayLike, targets: ArrayLike, smoothing: float
) -> tuple[jax.Array, jax.Array, bool]:
    """Logits, targets, and whether these are class numbers; probabilities come back smoothed."""
    z, t = _outputs(where, outputs), jnp.asarray(targets)
    if z.ndim < 2:
        raise ValueError(f"{where}: expected outputs of shape (batch, ..., classes), got {z.shape}")
    count = z.shape[-1]
    if t.shape == z.shape and (jnp.issubdtype(t.dtype, jnp.floating) or z.shape[:-1] != t.shape):
        t = _probabilities(where, as_dtype(t, z.dtype))
        return z, _smooth(where, t, smoothing, count), False
    if t.shape == (*z.shape[:-1], 1):
        t = t[..., 0]
    if t.shape != z.shape[:-1]:
        raise ValueError(
            f"{where}: expected class numbers of shape {z.shape[:-1]} or probabilities of shape {z.shape}, "
            f"got targets of shape {t.shape}"
        )
    if not jnp.issubdtype(t.dtype, jnp.integer):
        raise TypeError(
            f"{where}: expected class numbers as integers, got {t.dtype}; convert them, e.g. y.astype(int)"
        )
    if not is_traced(t) and t.size:
        low, high = int(np.min(t)), int(np.max(t))
        if low < 0 or high >= count:
            raise ValueError(
                f"{where}: expected class numbers from 0 to {count - 1}, got values from {low} to {high}; "
                f"the network has {count} outputs"
            )
    return z, t, True
