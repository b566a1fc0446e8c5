"""Prediction and evaluation: compiled, batch by batch, without dropout."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import _validation, losses
from jaxnet.sharding import Placing
from jaxnet.training.compiled import plan, programs
from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.programs import Data, Task
from jaxnet.training.feed.order import epoch_order
from jaxnet.training.host.loop import Sweep, report, sweep

Metrics = Mapping[str, Callable[..., jax.Array]]
Transform = Callable[[jax.Array], jax.Array]
SWEEP = 1024  # examples evaluated at once


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


def in_order(examples: int, rows: np.ndarray | None, batch_size: int = SWEEP) -> np.ndarray:
    """All examples (or those at ``rows``) in order, (1, steps, batch), the last batch filled up."""
    count = examples if rows is None else len(rows)
    order = epoch_order((), 0, count, min(batch_size, count), shuffle=False)[None]
    return order if rows is None else np.append(rows, examples).astype(np.int32)[order]


def predict(
    net: Any,
    params: Any,
    x: Any,
    *,
    batch_size: int = SWEEP,
    compute_dtype: Any = None,
    transform: Transform | None = None,
) -> jax.Array:
    """The network's outputs for many inputs, batch by batch, without dropout.

    Args:
        net: a network.
        params: its parameters.
        x: inputs (n, ...).
        batch_size: examples at once; the last batch is filled up, so that one program serves all.
        compute_dtype: as in :func:`jaxnet.fit`.
        transform: as in :func:`jaxnet.fit`.

    Returns:
        Outputs (n, ...).

    Example:
        >>> import jax.numpy as jnp, jaxnet
        >>> predict(jaxnet.dense(1), {"w": jnp.ones((2, 1)), "b": jnp.zeros(1)}, [[1.0, 2.0]]).tolist()
        [[3.0]]
    """
    task = make_task(net, None, None, name="predict", compute_dtype=compute_dtype, transform=transform)
    x = _validation.as_array("predict", "x", x)
    if x.ndim == 0:
        raise ValueError("predict: expected x with a leading axis of examples, got a single number")
    _validation.check_finite("predict", "x", x, traced=False)
    size = min(batch_size, max(len(x), 1))
    if len(x) <= size:
        return programs.run_forward(task, params, x)
    parts = []
    for begin in range(0, len(x), size):
        rows = x[begin : begin + size]
        missing = size - len(rows)
        if missing:
            rows = np.concatenate([np.asarray(rows), np.zeros((missing, *x.shape[1:]), x.dtype)])
        outputs = programs.run_forward(task, params, rows)
        parts.append(outputs[: size - missing] if missing else outputs)
    return jnp.concatenate(parts)


def evaluate(
    net: Any,
    params: Any,
    data: tuple[Any, Any],
    *,
    loss: str | Callable[..., jax.Array] | None = None,
    metrics: Metrics | None = None,
    batch_size: int = SWEEP,
    compute_dtype: Any = None,
    transform: Transform | None = None,
) -> dict[str, Any]:
    """Loss and metrics over all examples, without dropout.

    Args:
        net: a network.
        params: its parameters.
        data: ``(x, y)``.
        loss: as in :func:`jaxnet.fit`, or None.
        metrics: as in :func:`jaxnet.fit`; or of the whole set at once, such as ``metrics.f1``.
        batch_size: examples at once.
        compute_dtype: as in :func:`jaxnet.fit`.
        transform: as in :func:`jaxnet.fit`.

    Returns:
        name -> mean over the examples: ``loss`` where one was given, and each metric; a metric of the whole
        set gives its value, a number or an array.

    Example:
        >>> import jax.numpy as jnp, jaxnet
        >>> from jaxnet import losses
        >>> params = {"w": jnp.ones((2, 1)), "b": jnp.zeros(1)}
        >>> evaluate(jaxnet.dense(1), params, ([[1.0, 2.0]], [[1.0]]), loss=losses.mse)
        {'loss': 4.0}
    """
    x, y = _validation.check_pair("evaluate", data)
    task = make_task(net, loss, metrics, name="evaluate", compute_dtype=compute_dtype, transform=transform)
    size = min(_validation.check_count("evaluate", "batch_size", batch_size), len(x))
    together = [(name, metric) for name, metric in task.metrics if not _one_each(task, metric, params, x, y)]
    task = task._replace(metrics=tuple(pair for pair in task.metrics if pair not in together))
    forward = trace("evaluate", task, params, Data(x, y), size)
    loop = forward.convolution and plan.platform() == "cpu"
    placing = Placing()
    held = Sweep(placing.whole(Data(x, y)), placing.order(in_order(len(x), None, size), len(x)))
    row = report(task, sweep(task, params, held, "loop" if loop else "scan"))
    if together:
        outputs = predict(net, params, x, batch_size=size, compute_dtype=compute_dtype, transform=transform)
        values = {name: np.asarray(metric(outputs, jnp.asarray(y))) for name, metric in together}
        row |= {name: value.item() if value.ndim == 0 else value for name, value in values.items()}
    return {name: row[name] for name in ("loss", *(metrics or {})) if name != "loss" or loss is not None}


def _one_each(task: Task, metric: Pure, params: Any, x: Any, y: Any) -> bool:
    """Whether a metric gives one value per example, and not one for the whole set."""
    lengths = []
    for rows in (7, 11):
        of_x, of_y = (jax.ShapeDtypeStruct((rows, *part.shape[1:]), part.dtype) for part in (x, y))
        outputs = jax.eval_shape(lambda p, x: programs.forward(task, p, x, None), params, of_x)
        lengths.append(jax.eval_shape(metric.function, outputs, of_y).shape[:1])
    return lengths == [(7,), (11,)]
