"""From network, loss and metrics to a task, and a trace of it: do the shapes fit, and what does it cost?"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import _validation, losses
from jaxnet.training.compiled import plan, programs
from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.task import Data, Task

Metrics = Mapping[str, Callable[..., jax.Array]]


Transform = Callable[[jax.Array], jax.Array]


def make_task(
    net: Any,
    loss: str | Callable[..., jax.Array] | None,
    metrics: Metrics | None,
    *,
    name: str,
    compute_dtype: Any = None,
    transform: Transform | None = None,
) -> Task:
    """The part of a task that evaluation needs."""
    _validation.check_net(name, net)
    metrics = {} if metrics is None else metrics
    if not isinstance(metrics, Mapping) or any(what == "loss" or what[:4] == "val_" for what in metrics):
        raise TypeError(
            f"{name}: metrics must be a mapping from names (but 'loss' and 'val_…') to functions, such as "
            f"{{'accuracy': jaxnet.metrics.accuracy}}, got {metrics!r}"
        )
    loss = losses.get(loss) if isinstance(loss, str) else loss
    for what, function in {"loss": loss, **metrics}.items():
        if function is not None and not callable(function):
            raise TypeError(f"{name}: {what} must be a function of (outputs, targets), got {function!r}")
    try:
        narrow = None if compute_dtype is None else jnp.dtype(compute_dtype)
    except TypeError:
        narrow = jnp.dtype(int)
    if narrow is not None and not jnp.issubdtype(narrow, jnp.floating):
        raise TypeError(
            f"{name}: compute_dtype must be a float dtype such as jnp.bfloat16, got {compute_dtype!r}"
        )
    return Task(
        apply=Pure(net.apply),
        loss=Pure(_no_loss if loss is None else loss),
        metrics=tuple((metric, Pure(function)) for metric, function in metrics.items()),
        compute_dtype=None if narrow is None else narrow.name,
        transform=None if transform is None else Pure(transform),
    )


def _no_loss(outputs: jax.Array, targets: jax.Array) -> jax.Array:
    return jnp.zeros(outputs.shape[0])


def trace(name: str, task: Task, params: Any, data: Data, size: int) -> plan.Cost:
    """Trace the forward pass of one batch: do inputs, network, targets and loss fit, and what does it cost?

    Args:
        name: who asks, for error messages.
        task: network, loss and metrics.
        params: parameters, or their shapes.
        data: examples, or their shapes.
        size: examples in a batch.

    Returns:
        The cost of the forward pass.

    Raises:
        ValueError: labels outside the classes, a loss or metric that is not one value per example; and what
            the layers and losses raise.
    """
    leaves, tree = jax.tree.flatten(params)
    shapes = tuple((np.shape(leaf), jnp.result_type(leaf)) for leaf in leaves)
    x, y = ((size, *part.shape[1:]) for part in data[:2])
    cost, outputs = _trace(name, task.for_evaluation(), tree, shapes, (x, data.x.dtype), (y, data.y.dtype))
    if not isinstance(data.y, jax.ShapeDtypeStruct):
        _validation.check_labels(name, data.y, outputs)
    return cost


@lru_cache(maxsize=256)
def _trace(
    name: str, task: Task, tree: Any, shapes: Any, x: Any, y: Any
) -> tuple[plan.Cost, tuple[int, ...]]:
    params = jax.tree.unflatten(tree, [jax.ShapeDtypeStruct(*leaf) for leaf in shapes])
    of_x, of_y = jax.ShapeDtypeStruct(*x), jax.ShapeDtypeStruct(*y)
    jaxpr, outputs = jax.make_jaxpr(lambda p, x: programs.forward(task, p, x, None), return_shape=True)(
        params, of_x
    )
    if not isinstance(outputs, jax.ShapeDtypeStruct):
        raise TypeError(f"{name}: the network must give one array, got {type(outputs).__name__}")
    for what, function in (("loss", task.loss), *task.metrics):
        values = jax.eval_shape(function.function, outputs, of_y)
        if not values.shape or values.shape[0] != x[0][0]:
            raise ValueError(
                f"{name}: {what} must give one value per example, shape ({x[0][0]},), got shape "
                f"{values.shape} for outputs {outputs.shape} and targets {of_y.shape}"
            )
    return plan.cost(jaxpr.jaxpr), outputs.shape
