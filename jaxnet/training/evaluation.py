"""Prediction and evaluation: compiled, batch by batch, without dropout."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import as_array, beside
from jaxnet._validation import check_count, check_finite, check_pair
from jaxnet.data import memory
from jaxnet.training.compiled import plan, programs
from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.task import Data, Task
from jaxnet.training.compiled.tracing import Metrics, Transform, check_ids, make_task, naming, trace
from jaxnet.training.feed.order import EVALUATION_BATCH, in_order
from jaxnet.training.feed.placement import Placing
from jaxnet.training.host.execution import evaluate_batches
from jaxnet.training.host.journal import EvaluationData, report


def predict(
    net: Any,
    params: Any,
    x: Any,
    *,
    batch_size: int = EVALUATION_BATCH,
    compute_dtype: Any = None,
    transform: Transform | None = None,
) -> jax.Array:
    """The network's outputs for many inputs, batch by batch, without dropout.

    Args:
        net: a network.
        params: its parameters.
        x: inputs (n, ...).
        batch_size: examples per batch; the last batch is filled up, so that one program serves all.
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
    x = beside(as_array("predict", "x", x), params)
    if x.ndim == 0:
        raise ValueError("predict: expected x with a leading axis of examples, got a single number")
    check_finite("predict", "x", x, traced=False)
    if transform is None:
        check_ids("predict", net, x)
    size = min(check_count("predict", "batch_size", batch_size), max(len(x), 1))
    parts = []
    for begin in range(0, max(len(x), 1), size):
        rows = x[begin : begin + size]
        # a copy: the batch may still be worked on when the caller reuses the memory of x
        whole = rows if isinstance(rows, jax.Array) and len(rows) == size else _filled(rows, size)
        with naming("predict"):
            outputs = programs.run_forward(task, params, whole if len(x) else x)
        parts.append(outputs if len(rows) == size or not len(x) else outputs[: len(rows)])
    return parts[0] if len(parts) == 1 else jnp.concatenate(parts)


def _filled(rows: Any, size: int) -> np.ndarray:
    """A copy of the rows, with zeros up to ``size`` of them."""
    room = memory.empty((size, *rows.shape[1:]), rows.dtype)
    room[: len(rows)], room[len(rows) :] = rows, 0
    return room


def evaluate(
    net: Any,
    params: Any,
    data: tuple[Any, Any],
    *,
    loss: str | Callable[..., jax.Array] | None = None,
    metrics: Metrics | None = None,
    batch_size: int = EVALUATION_BATCH,
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
        batch_size: examples per batch.
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
    x, y = check_pair("evaluate", data)
    x, y = beside(x, params), beside(y, params)
    task = make_task(net, loss, metrics, name="evaluate", compute_dtype=compute_dtype, transform=transform)
    size = min(check_count("evaluate", "batch_size", batch_size), len(x))
    with naming("evaluate"):
        together = [pair for pair in task.metrics if not _one_each(task, pair[1], params, x, y)]
    task = task._replace(metrics=tuple(pair for pair in task.metrics if pair not in together))
    forward = trace("evaluate", task, params, Data(x, y), size, net)
    loop = forward.convolution and plan.platform() == "cpu"
    placing = Placing()
    whole = EvaluationData(placing.whole(Data(x, y)), placing.order(in_order(len(x), None, size), len(x)))
    row = report(task, evaluate_batches(task, params, whole, "loop" if loop else "scan"))
    if together:
        outputs = predict(net, params, x, batch_size=size, compute_dtype=compute_dtype, transform=transform)
        with naming("evaluate"):
            values = {name: np.asarray(metric(outputs, jnp.asarray(y))) for name, metric in together}
        row |= {name: value.item() if value.ndim == 0 else value for name, value in values.items()}
    return {name: row[name] for name in ("loss", *(metrics or {})) if name != "loss" or loss is not None}


def _one_each(task: Task, metric: Pure, params: Any, x: Any, y: Any) -> bool:
    """Whether a metric gives one value per example, rather than one for the whole set."""
    lengths = []
    for rows in (7, 11):
        of_x, of_y = (jax.ShapeDtypeStruct((rows, *part.shape[1:]), part.dtype) for part in (x, y))
        outputs = jax.eval_shape(lambda p, x: programs.forward(task, p, x, None), params, of_x)
        lengths.append(jax.eval_shape(metric.function, outputs, of_y).shape[:1])
    return lengths == [(7,), (11,)]
