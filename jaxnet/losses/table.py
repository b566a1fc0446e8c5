"""The losses by name, each with its derivative."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxnet._arrays import as_float
from jaxnet._validation import check_name
from jaxnet.losses import derivatives
from jaxnet.losses.functions import (
    binary_cross_entropy,
    cross_entropy,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mae,
    mse,
    squared_hinge,
)


class Loss(NamedTuple):
    """A loss with its derivative.

    Attributes:
        fn: loss(outputs, targets), one value per example, shape (batch,).
        derivative: the gradient of each example's loss with respect to its outputs, of their shape.
    """

    fn: Callable[..., jax.Array]
    derivative: Callable[..., jax.Array]


#: name -> loss and derivative
TABLE: Mapping[str, Loss] = {
    "mse": Loss(mse, derivatives.mse),
    "mae": Loss(mae, derivatives.mae),
    "huber": Loss(huber, derivatives.huber),
    "log_cosh": Loss(log_cosh, derivatives.log_cosh),
    "binary_cross_entropy": Loss(binary_cross_entropy, derivatives.binary_cross_entropy),
    "cross_entropy": Loss(cross_entropy, derivatives.cross_entropy),
    "kl_divergence": Loss(kl_divergence, derivatives.kl_divergence),
    "hinge": Loss(hinge, derivatives.hinge),
    "squared_hinge": Loss(squared_hinge, derivatives.squared_hinge),
}


#: what other libraries call it, in lower case -> the name here
_ELSEWHERE = {
    "bce": "binary_cross_entropy", "bceloss": "binary_cross_entropy",
    "categorical_crossentropy": "cross_entropy", "bcewithlogitsloss": "binary_cross_entropy",
    "binary_crossentropy": "binary_cross_entropy",
    "sparse_categorical_crossentropy": "cross_entropy", "nll": "cross_entropy", "nllloss": "cross_entropy",
    "log_loss": "cross_entropy", "l1": "mae", "l1loss": "mae", "l2": "mse", "squared_error": "mse",
    "smoothl1loss": "huber", "kldivloss": "kl_divergence",
}  # fmt: skip


def get(loss: str | Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """The loss of that name; a function is returned as it is.

    Args:
        loss: a name from ``TABLE``, or a function.

    Returns:
        The function loss(outputs, targets).

    Raises:
        ValueError: the name is not known.

    Example:
        >>> get("mse") is mse
        True
    """
    if callable(loss):
        return loss
    check_name("losses", "loss", loss, TABLE, _ELSEWHERE)
    return TABLE[loss].fn


def derivative(loss: str | Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """The gradient of each example's loss with respect to its outputs, as a function (outputs, targets).

    The formulas are written out for the losses of this module, ``functools.partial`` of them included; a
    function of your own is differentiated automatically.

    Args:
        loss: a name from ``TABLE``, or a function.

    Returns:
        A function of (outputs, targets) whose values have the shape of the outputs.

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

    def by_grad(outputs: Any, targets: Any) -> jax.Array:
        return jax.grad(lambda y: jnp.sum(fn(y, targets, **options)))(as_float(outputs))

    return by_grad
