"""Prediction and evaluation: compiled, batch by batch, without dropout."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import _validation
from jaxnet.training.compiled import plan, programs
from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.task import Data, Task
from jaxnet.training.compiled.tracing import Metrics, Transform, make_task, trace
from jaxnet.training.feed.order import SWEEP, in_order
from jaxnet.training.feed.placement import Placing
from jaxnet.training.host.execution import sweep
from jaxnet.training.host.journal import Sweep, report


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
