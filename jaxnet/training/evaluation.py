"""Prediction and evaluation: compiled, batch by batch, without dropout."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import beside
from jaxnet._padded import Padded, is_traced
from jaxnet._validation import (
    check_count,
    check_finite,
    check_pair,
    count_of,
    described,
    named_arrays,
    params_of,
    read_tree,
)
from jaxnet.data import memory
from jaxnet.layers import Layer
from jaxnet.training.compiled import named, plan, programs
from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.named import takes_weights
from jaxnet.training.compiled.sequences import check_sequences
from jaxnet.training.compiled.task import Data, Task
from jaxnet.training.compiled.tracing import Metrics, Transform, check_ids, make_task, naming, trace
from jaxnet.training.feed.lengths import ends
from jaxnet.training.feed.order import EVALUATION_BATCH, in_order
from jaxnet.training.feed.placement import Placement
from jaxnet.training.feed.weights import example_weights
from jaxnet.training.host.execution import evaluate_batches
from jaxnet.training.host.journal import EvaluationData, report


def predict(
    net: Layer,
    params: Any,
    x: Any,
    *,
    batch_size: int = EVALUATION_BATCH,
    compute_dtype: Any = None,
    transform: Transform | None = None,
    ensemble: bool = False,
) -> Any:
    """The network's outputs for many inputs, batch by batch, without dropout.

    Args:
        net: a network.
        params: its parameters, or the run that found them.
        x: inputs (n, ...), an array or several by name.
        batch_size: examples per batch; the last batch is filled up, so that one program serves all. Of
            sequences of different lengths those of similar length form a batch, in at most four shapes.
        compute_dtype: as in :func:`jaxnet.fit`.
        transform: as in :func:`jaxnet.fit`.
        ensemble: whether ``params`` are a run of many networks (of ``fit_many``), all of which shall predict.

    Returns:
        Outputs (n, ...), several where the network has several; of an ensemble an :class:`Ensemble`.

    Example:
        >>> import jax.numpy as jnp, jaxnet
        >>> predict(jaxnet.dense(1), {"w": jnp.ones((2, 1)), "b": jnp.zeros(1)}, [[1.0, 2.0]]).tolist()
        [[3.0]]
    """
    if not (ensemble or compute_dtype or transform):
        found = _at_once(net, params, x, batch_size)
        if found is not None:
            return found
    if ensemble:
        options = {"batch_size": batch_size, "compute_dtype": compute_dtype, "transform": transform}
        return _ensemble(net, params, x, options)
    params = params_of("predict", params)
    task = make_task(net, None, None, name="predict", compute_dtype=compute_dtype, transform=transform)
    if type(x) is tuple and len(x) == 2 and all(np.ndim(part) for part in x if hasattr(part, "shape")):
        first, second = (getattr(part, "shape", None) for part in x)
        if first and second and first != second and first[0] == second[0]:
            raise TypeError(
                "predict: expected inputs x only, got a pair of inputs and targets; give its first"
            )
    x = read_tree("predict", "x", x)
    for what, array in named_arrays("x", x):
        if array.ndim == 0:
            raise ValueError(f"predict: expected {what} with a leading axis of examples, got a single number")
        check_finite("predict", what, array, traced=False)
    lengths = {len(array) for _, array in named_arrays("x", x)}
    if len(lengths) > 1:
        raise ValueError(f"predict: expected equally many examples in all arrays of x, got {described(x)}")
    x = jax.tree.map(lambda array: beside(array, params), x)
    if transform is None:
        check_ids("predict", net, x)
    check_sequences("predict", task, net, params, x)
    size = check_count("predict", "batch_size", batch_size)
    if isinstance(x, Padded) and count_of(x) > size and not is_traced(x.lengths):
        return _by_length(task, params, x, size)
    return outputs_of("predict", task, params, x, size)


def _by_length(task: Task, params: Any, x: Padded, size: int) -> Any:
    """The outputs for sequences of different lengths, in at most four shapes, as they are trained."""
    lengths = np.asarray(x.lengths)
    ranked = np.argsort(lengths, kind="stable")
    cuts = ends(lengths[ranked], size)
    groups = [ranked[begin:end] for begin, end in zip((0, *cuts), cuts, strict=False)]
    parts = [
        outputs_of(
            "predict", task, params, Padded(x.values[rows, : lengths[rows].max()], lengths[rows]), size
        )
        for rows in groups
    ]
    given = jax.tree.map(lambda array: jax.ShapeDtypeStruct(array.shape, array.dtype), x)
    whole = jax.eval_shape(lambda p, x: programs.forward(task, p, x, None), params, given)

    def together(shape: Any, *leaves: Any) -> jax.Array:
        room = np.zeros(shape.shape, shape.dtype)
        for rows, leaf in zip(groups, leaves, strict=True):
            place = (rows, slice(leaf.shape[1])) if leaf.ndim > 1 else rows
            room[place] = leaf
        return jnp.asarray(room)

    return jax.tree.map(together, whole, *parts)


def _at_once(net: Any, params: Any, x: Any, batch_size: Any) -> Any:
    """The outputs for a few examples of plain numbers, where nothing needs to be converted or explained.

    The checks of the data are those of the long way, to which all else goes. Between two calls the caches are
    cold: each function that Python enters costs several times what it costs in a loop.
    """
    if type(x) is not np.ndarray or x.dtype.char != "f" or not x.flags.c_contiguous or not x.dtype.isnative:
        return None
    if not 0 < x.size < _SMALL or x.ndim == 0 or type(batch_size) is not int or len(x) > batch_size:
        return None
    apply = getattr(net, "apply", None)
    if type(params) not in (list, dict) or "__interned__" not in getattr(apply, "__dict__", ()):
        return None
    flat = x.reshape(-1)
    if not math.isfinite(np.vdot(flat, flat)):
        return None
    try:
        return programs.run_forward(_task_of(apply), params, x.copy())
    except (TypeError, ValueError):  # said by the long way
        return None


@lru_cache(maxsize=256)
def _task_of(apply: Any) -> Task:
    """The task of a layer that exists once for its options, and whose identity says what it computes."""
    return Task(Pure(apply), named.NO_LOSS)


class Ensemble(NamedTuple):
    """What many networks predict.

    Attributes:
        mean: of their outputs, (n, ...).
        spread: the standard deviation of their outputs, (n, ...): how far they disagree.
        members: the outputs of each, (networks, n, ...).
    """

    mean: Any
    spread: Any
    members: Any

    def __repr__(self) -> str:
        """How many there are, and the shape of their outputs."""
        return f"Ensemble(members: {described(self.members)})"


def _ensemble(net: Any, run: Any, x: Any, options: dict[str, Any]) -> Ensemble:
    if not hasattr(run, "member") or run.members < 2:
        raise ValueError("predict: expected a run of at least two networks, of fit_many, with ensemble=True")
    found = [predict(net, run.member(i), x, **options) for i in range(run.members)]
    members = jax.tree.map(lambda *parts: jnp.stack(parts), *found)
    mean, spread = (
        jax.tree.map(lambda part, of=of: of(part.astype(jnp.result_type(float)), axis=0), members)
        for of in (jnp.mean, jnp.std)
    )
    return Ensemble(mean, spread, members)


def outputs_of(who: str, task: Task, params: Any, x: Any, batch_size: int = EVALUATION_BATCH) -> Any:
    """The outputs for all examples, batch by batch."""
    count = count_of(x)
    size = min(batch_size, max(count, 1))
    parts = []
    for begin in range(0, max(count, 1), size):
        real = min(size, count - begin)

        def whole(array: Any, begin: int = begin, real: int = real) -> Any:
            rows = array if size == count else array[begin : begin + size]
            # a copy: the batch may still be worked on when the caller reuses the memory of x
            return rows if not real or (isinstance(rows, jax.Array) and real == size) else _filled(rows, size)

        with naming(who), _of_all(task, params, x):
            outputs = programs.run_forward(task, params, jax.tree.map(whole, x))
        cut = real not in (size, 0)
        parts.append(jax.tree.map(lambda part, n=real: part[:n], outputs) if cut else outputs)
    return parts[0] if len(parts) == 1 else jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *parts)


_SMALL = 1 << 16  # numbers: copied twice in less time than aligned memory takes to find


@contextmanager
def _of_all(task: Task, params: Any, x: Any) -> Iterator[None]:
    """Let an error speak of the shape of x, and not of that of a batch."""
    try:
        yield
    except (TypeError, ValueError):
        shapes = jax.tree.map(lambda array: jax.ShapeDtypeStruct(array.shape, array.dtype), x)
        jax.eval_shape(lambda p, x: programs.forward(task, p, x, None), params, shapes)
        raise


def _filled(rows: Any, size: int) -> np.ndarray:
    """A copy of the rows, with zeros up to ``size`` of them; of whole numbers, with copies of the first."""
    if len(rows) == size and rows.size < _SMALL:
        return np.array(rows)
    room = memory.empty((size, *rows.shape[1:]), rows.dtype)
    room[: len(rows)] = rows
    room[len(rows) :] = 0 if jnp.issubdtype(rows.dtype, jnp.floating) else rows[:1]
    return room


def evaluate(
    net: Layer,
    params: Any,
    data: tuple[Any, Any],
    *,
    loss: Any = None,
    metrics: Metrics | None = None,
    batch_size: int = EVALUATION_BATCH,
    compute_dtype: Any = None,
    transform: Transform | None = None,
    loss_weights: Mapping[str, float] | None = None,
    sample_weights: Any = None,
) -> dict[str, Any]:
    """Loss and metrics over all examples, without dropout.

    Args:
        net: a network.
        params: its parameters, or the run that found them.
        data: ``(x, y)``.
        loss: as in :func:`jaxnet.fit`, or None.
        metrics: as in :func:`jaxnet.fit`; or of the whole set at once, such as ``metrics.f1``, or any metric
            function of scikit-learn, such as ``sklearn.metrics.matthews_corrcoef``.
        loss_weights: as in :func:`jaxnet.fit`.
        sample_weights: (n,) weights of the examples in every mean; metrics of the whole set get them too.
        batch_size: examples per batch.
        compute_dtype: as in :func:`jaxnet.fit`.
        transform: as in :func:`jaxnet.fit`.

    Returns:
        name -> mean over the examples: ``loss`` where one was given (and ``{output}_{loss}`` where there are
        several), and each metric; a metric of the whole set gives its value, a number or an array.

    Example:
        >>> import jax.numpy as jnp, jaxnet
        >>> from jaxnet import losses
        >>> params = {"w": jnp.ones((2, 1)), "b": jnp.zeros(1)}
        >>> evaluate(jaxnet.dense(1), params, ([[1.0, 2.0]], [[1.0]]), loss=losses.mse)
        {'loss': 4.0}
    """
    params = params_of("evaluate", params)
    x, y = check_pair("evaluate", data)
    x, y = jax.tree.map(lambda array: beside(array, params), (x, y))
    count = count_of(x)
    weight = None
    if sample_weights is not None:
        weight = example_weights("evaluate", y, sample_weights, None)
    task = make_task(
        net, loss, metrics, name="evaluate", compute_dtype=compute_dtype, transform=transform,
        loss_weights=loss_weights,
    )  # fmt: skip
    asked = task.figures
    size = min(check_count("evaluate", "batch_size", batch_size), count)
    check_sequences("evaluate", task, net, params, x, y)
    forward, _, task, together = trace("evaluate", task, params, Data(x, y), size, net)
    task = task._replace(weighted_metrics=weight is not None)
    loop = forward.convolution and plan.platform() == "cpu"
    placement = Placement()
    order = placement.order(in_order(count, None, size), count)
    whole = EvaluationData(placement.whole(Data(x, y, weight)), order)
    row = report(task, evaluate_batches(task, params, whole, "loop" if loop else "scan"))
    if together:
        row |= whole_figures("evaluate", task, together, params, x, y, weight, size)
    return {name: row[name] for name in asked if name != "loss" or loss is not None}


def whole_figures(
    who: str,
    task: Task,
    metrics: Any,
    params: Any,
    x: Any,
    y: Any,
    weight: Any = None,
    size: int = EVALUATION_BATCH,
) -> dict[str, Any]:
    """The metrics of a whole set: numbers, or arrays."""
    outputs = outputs_of(who, task, params, x, size)
    found = {}
    for name, metric in metrics:
        further: dict[str, Any] = {}
        if weight is not None:
            further = {takes_weights(who, name, metric.function): weight}
        with naming(who):
            value = np.asarray(metric.function(outputs, jax.tree.map(jnp.asarray, y), **further))
        found[name] = value.item() if value.ndim == 0 else value
    return found
