"""From network, loss and metrics to a task, and what tracing it shows: shapes, values, cost."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import _validation, losses
from jaxnet._arrays import jax_dtype
from jaxnet.layers import Layer
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


def trace(name: str, task: Task, params: Any, data: Data, size: int, net: Any = None) -> plan.Cost:
    """Trace the forward pass of one batch: do inputs, network, targets and loss fit, and what does it cost?

    Args:
        name: the function that the user called.
        task: network, loss and metrics.
        params: parameters, or their shapes.
        data: examples, or their shapes.
        size: examples in a batch.
        net: the network, for the check of ids.

    Returns:
        The cost of the forward pass.

    Raises:
        ValueError: values that network, loss or metrics refuse, or a loss or metric that is not one value per
            example; and what the layers and losses raise.
    """
    cost, outputs = _trace(name, task, params, data, size)
    if not isinstance(data.y, jax.ShapeDtypeStruct):
        _check_values(name, task, net, outputs, data.x, data.y)
    return cost


def value_check(
    name: str, task: Task, params: Any, data: Data, size: int, net: Any
) -> Callable[[Any, Any], None]:
    """A function of (x, y) that refuses values which network, loss or metrics refuse outside ``jit``."""
    return partial(_check_values, name, task, net, _trace(name, task, params, data, size)[1])


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Put the function that the user called in front of what layers and losses raise while it runs."""
    try:
        yield
    except jax.errors.JAXTypeError:  # explains a mistake in a function of the user's own, at length
        raise
    except (TypeError, ValueError) as error:
        if str(error).startswith(name):
            raise
        kind = ValueError if isinstance(error, ValueError) else TypeError
        raise kind(f"{name}: {str(error).partition(chr(10))[0]}") from error


def check_ids(name: str, net: Any, x: Any) -> None:
    """Refuse ids outside the vocabulary of the embedding with which a network begins."""
    first = net
    while isinstance(first, Layer) and first.spec.layers:
        first = next((layer for layer in first.spec.layers if layer.spec.name != "flatten"), None)
    whole = jnp.issubdtype(x.dtype, jnp.integer) and x.size > 0
    if not whole or not isinstance(first, Layer) or first.spec.name != "embedding":
        return
    known, vocabulary = np.asarray(x), first.spec.options["vocabulary"]
    low, high = int(known.min()), int(known.max())
    if low < 0 or high >= vocabulary:
        raise ValueError(
            f"{name}: expected ids from 0 to {vocabulary - 1} in x, the vocabulary of the embedding, got ids "
            f"from {low} to {high}"
        )


def _check_values(name: str, task: Task, net: Any, outputs: jax.ShapeDtypeStruct, x: Any, y: Any) -> None:
    """Let loss and metrics check all targets; the outputs are unknown, so that nothing is computed."""
    if task.transform is None:
        check_ids(name, net, x)
    _validation.check_labels(name, y, outputs.shape)
    every = jax.ShapeDtypeStruct((len(y), *outputs.shape[1:]), outputs.dtype)
    for function in (task.loss, *(metric for _, metric in task.metrics)):
        if function.function is not _no_loss:
            with naming(name):
                jax.eval_shape(lambda outputs, function=function: function.function(outputs, y), every)


def _trace(
    name: str, task: Task, params: Any, data: Data, size: int
) -> tuple[plan.Cost, jax.ShapeDtypeStruct]:
    leaves, tree = jax.tree.flatten(params)
    shapes = tuple((np.shape(leaf), jnp.result_type(leaf)) for leaf in leaves)
    x, y = (((size, *part.shape[1:]), jax_dtype(part.dtype)) for part in data[:2])
    with naming(name):
        return _traced(name, task.for_evaluation(), tree, shapes, x, y)


@lru_cache(maxsize=256)
def _traced(
    name: str, task: Task, tree: Any, shapes: Any, x: Any, y: Any
) -> tuple[plan.Cost, jax.ShapeDtypeStruct]:
    params = jax.tree.unflatten(tree, [jax.ShapeDtypeStruct(*leaf) for leaf in shapes])
    jaxpr, outputs = jax.make_jaxpr(lambda p, x: programs.forward(task, p, x, None), return_shape=True)(
        params, jax.ShapeDtypeStruct(*x)
    )
    if not isinstance(outputs, jax.ShapeDtypeStruct):
        raise TypeError(f"{name}: the network must give one array, got {type(outputs).__name__}")
    for what, function in (("loss", task.loss), *task.metrics):
        found = []
        for more in (0, 1):  # two batch sizes: does another axis grow with the batch?
            of_outputs, of_y = (
                jax.ShapeDtypeStruct((shape[0] + more, *shape[1:]), dtype)
                for shape, dtype in ((outputs.shape, outputs.dtype), y)
            )
            found.append((jax.eval_shape(function.function, of_outputs, of_y).shape, of_outputs.shape[0]))
        if any(shape[:1] != (count,) or shape[1:] != found[0][0][1:] for shape, count in found):
            raise ValueError(
                f"{name}: {what} must give one value per example, shape ({x[0][0]},), got shape "
                f"{found[0][0]} for outputs {outputs.shape} and targets {y[0]}; give both the same shape"
            )
    return plan.cost(jaxpr.jaxpr), outputs
