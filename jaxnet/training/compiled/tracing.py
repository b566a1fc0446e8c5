"""From network, loss and metrics to a task, and what tracing it shows: shapes, values, cost."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import _validation
from jaxnet._arrays import jax_dtype
from jaxnet._padded import Padded
from jaxnet._validation import count_of, described, is_tree
from jaxnet.layers import Layer
from jaxnet.training.compiled import named, programs
from jaxnet.training.compiled.endings import LOGITS, endings, probabilities, takes_logits
from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.plan import Cost, cost
from jaxnet.training.compiled.task import Data, Task, entry

Metric = Callable[..., Any]
Metrics = Mapping[str, Metric | Mapping[str, Metric]]

Transform = Callable[[Any], Any]


def make_task(
    net: Any,
    loss: Any,
    metrics: Metrics | None,
    *,
    name: str,
    compute_dtype: Any = None,
    transform: Transform | None = None,
    loss_weights: Mapping[str, float] | None = None,
) -> Task:
    """The part of a task that evaluation needs; its metrics are all that were asked for."""
    _validation.check_net(name, net)
    whole, parts = named.read_losses(name, loss, loss_weights)
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
        loss=whole,
        metrics=named.read_metrics(name, metrics, parts),
        compute_dtype=None if narrow is None else narrow.name,
        transform=None if transform is None else Pure(transform),
        parts=parts,
    )


class Traced(NamedTuple):
    """What tracing the forward pass of a batch shows.

    Attributes:
        cost: of the forward pass.
        outputs: their shapes.
        task: the task, with the metrics that give one value per example.
        whole: the metrics of a whole set.
    """

    cost: Cost
    outputs: Any
    task: Task
    whole: tuple[tuple[str, Pure], ...]


def trace(name: str, task: Task, params: Any, data: Data, size: int, net: Any = None) -> Traced:
    """Trace the forward pass of one batch: do inputs, network, targets and loss fit, and what does it cost?

    Args:
        name: the function that the user called.
        task: network, loss and metrics.
        params: parameters, or their shapes.
        data: examples, or their shapes.
        size: examples in a batch.
        net: the network, for the check of ids.

    Raises:
        ValueError: values that network, loss or metrics refuse, a loss that takes logits for a network that
            gives probabilities, or a loss that is not one value per example; and what the layers and losses
            raise.
    """
    found = _trace(name, task, params, data, size)
    if not isinstance(jax.tree.leaves(data.y)[0], jax.ShapeDtypeStruct):
        _check_values(name, found, net, data.x, data.y)
    return found


def value_check(
    name: str, task: Task, params: Any, data: Data, size: int, net: Any
) -> Callable[[Any, Any], None]:
    """A function of (x, y) that refuses values which network, loss or metrics refuse outside ``jit``."""
    return partial(_check_values, name, _trace(name, task, params, data, size), net)


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
    first, x = net, x.values if isinstance(x, Padded) else x
    given: Any = x
    while isinstance(first, Layer) and first.spec.layers:
        if isinstance(given, Mapping) and first.spec.options.get("names"):
            for branch, layer in zip(first.spec.options["names"], first.spec.layers, strict=True):
                check_ids(name, layer, given.get(branch, given))
            return
        first = next((layer for layer in first.spec.layers if layer.spec.name != "flatten"), None)
    if is_tree(x):
        return
    ids: Any = x
    whole = jnp.issubdtype(ids.dtype, jnp.integer) and ids.size > 0
    if not whole or not isinstance(first, Layer) or first.spec.name != "embedding":
        return
    known, vocabulary = np.asarray(ids), first.spec.options["vocabulary"]
    low, high = int(known.min()), int(known.max())
    if low < 0 or high >= vocabulary:
        raise ValueError(
            f"{name}: expected ids from 0 to {vocabulary - 1} in x, the vocabulary of the embedding, got ids "
            f"from {low} to {high}"
        )


def _check_values(name: str, found: Traced, net: Any, x: Any, y: Any) -> None:
    """Let loss and metrics check all targets; the outputs are unknown, so that nothing is computed."""
    task, outputs = found.task, found.outputs
    if task.transform is None:
        check_ids(name, net, x)
    pairs = [(entry(outputs, part.output), entry(y, part.output)) for part in task.parts]
    if not task.parts and not is_tree(outputs) and not is_tree(y):
        pairs = [(outputs, y)]
    for of_outputs, of_y in pairs:
        if not is_tree(of_outputs) and not is_tree(of_y):
            _validation.check_labels(name, of_y, of_outputs.shape)
    count = count_of(y)
    every = jax.tree.map(lambda a: jax.ShapeDtypeStruct((count, *a.shape[1:]), a.dtype), outputs)
    for _, output, function in _functions(task):
        if function is named.no_loss:
            continue
        own = (every, y) if output is None else (entry(every, output), entry(y, output))
        with naming(name), _naming_output(output):
            jax.eval_shape(lambda outputs, f=function, t=own[1]: f(outputs, t), own[0])


def _is_loss(what: str) -> bool:
    return what == "loss" or what.startswith("loss[")


def _functions(task: Task) -> list[tuple[str, str | None, Callable[..., Any]]]:
    """Losses and metrics: what they are called, the output that they are for, the function."""
    found: list[tuple[str, str | None, Callable[..., Any]]] = [
        (f"loss[{part.output!r}]", part.output, part.loss.function) for part in task.parts
    ] or [("loss", None, task.loss.function)]
    return found + [(what, *named.output_of(metric.function)) for what, metric in task.metrics]


@contextmanager
def _naming_output(output: str | None) -> Iterator[None]:
    try:
        yield
    except (TypeError, ValueError) as error:
        if output is None or isinstance(error, jax.errors.JAXTypeError):
            raise
        kind = ValueError if isinstance(error, ValueError) else TypeError
        raise kind(f"output {output!r}: {str(error).partition(chr(10))[0]}") from error


def _trace(name: str, task: Task, params: Any, data: Data, size: int) -> Traced:
    def shapes(tree: Any, rows: int | None = None) -> Any:
        leaves, structure = jax.tree.flatten(tree)
        cut = 0 if rows is None else 1
        lead = () if rows is None else (rows,)
        kinds = (getattr(a, "dtype", None) or jnp.result_type(a) for a in leaves)
        sizes = ((*lead, *np.shape(a)[cut:]) for a in leaves)
        return structure, tuple((size, jax_dtype(kind)) for size, kind in zip(sizes, kinds, strict=True))

    of_data = shapes(data.x, size), shapes(data.y, size)
    with naming(name):
        found = _traced(name, task.for_evaluation(), shapes(params), *of_data)
    return found._replace(task=task._replace(metrics=found.task.metrics))


@lru_cache(maxsize=256)
def _traced(name: str, task: Task, params: Any, x: Any, y: Any) -> Traced:
    of_params, of_x, of_y = (
        jax.tree.unflatten(tree, [jax.ShapeDtypeStruct(*leaf) for leaf in leaves])
        for tree, leaves in (params, x, y)
    )
    jaxpr, outputs = jax.make_jaxpr(lambda p, x: programs.forward(task, p, x, None), return_shape=True)(
        of_params, of_x
    )
    _check_outputs(name, task, outputs, of_y)
    ends = jax.tree.unflatten(jax.tree.structure(outputs), endings(jaxpr.jaxpr))
    ends = ends.values if isinstance(ends, Padded) else ends
    task = _for_ending(name, task, ends)
    each, whole = [], []
    for what, output, function in _functions(task):
        own = (outputs, of_y) if output is None else (entry(outputs, output), entry(of_y, output))
        with _naming_output(output):
            per_example = _is_per_example(name, what, function, *own, must=_is_loss(what))
        (each if per_example else whole).append(what)
    return Traced(
        cost(jaxpr.jaxpr), outputs, task._replace(metrics=tuple(m for m in task.metrics if m[0] in each)),
        tuple(m for m in task.metrics if m[0] in whole),
    )  # fmt: skip


def _check_outputs(name: str, task: Task, outputs: Any, y: Any) -> None:
    """Refuse losses that do not go with the names of the outputs or of the targets."""
    leaves = jax.tree.leaves(outputs)
    if not leaves or not all(isinstance(leaf, jax.ShapeDtypeStruct) for leaf in leaves):
        raise TypeError(f"{name}: the network must give one array or several, got {type(outputs).__name__}")
    library = str(getattr(task.loss.function, "__module__", "")).startswith("jaxnet.losses")
    if library and type(outputs) in (tuple, list):
        raise TypeError(
            f"{name}: expected the network to give one array, or several by name, got a "
            f"{type(outputs).__name__} of {len(outputs)}; give a mapping from names to arrays"
        )
    names = _names(outputs)
    for part in task.parts:
        if part.output not in names:
            has = f"the outputs {', '.join(names)}" if names else "one output without a name"
            raise ValueError(f"{name}: there is a loss for {part.output!r}, but the network has {has}")
        if part.output not in _names(y):
            raise ValueError(
                f"{name}: there is a loss for {part.output!r}, but y has "
                f"{', '.join(_names(y)) or 'one array'}; give y={{{part.output!r}: targets, ...}}"
            )
    if task.parts and set(_names(y)) - {part.output for part in task.parts}:
        extra = ", ".join(sorted(set(_names(y)) - {part.output for part in task.parts}))
        raise ValueError(f"{name}: y has {extra}, for which there is no loss; leave it out, or give its loss")
    if not task.parts and names and isinstance(outputs, dict) and library:
        example = ", ".join(f"{one!r}: ..." for one in names)
        raise ValueError(
            f"{name}: the network has the outputs {', '.join(names)}; give a loss for each, "
            f"loss={{{example}}}"
        )


def _names(tree: Any) -> list[str]:
    return [*map(str, tree)] if isinstance(tree, Mapping) else list(getattr(tree, "_fields", ()))


def _for_ending(name: str, task: Task, ends: Any) -> Task:
    """The task for what the network ends in; refuses a loss that would apply a sigmoid a second time."""

    def ending(output: str | None) -> str:
        own = ends if output is None else entry(ends, output) if _names(ends) else ""
        return own if isinstance(own, str) else ""

    for what, output, function in _functions(task):
        known, end = takes_logits(function), ending(output)
        if known and end and _is_loss(what):
            of = f"output {output!r} of the network" if output is not None else "the network"
            raise ValueError(
                f"{name}: {of} ends in {end}, but {known} {LOGITS[known]}; leave out the last {end}"
            )
    metrics = []
    for what, metric in task.metrics:
        output, function = named.output_of(metric.function)
        adapted = probabilities(function, ending(output))
        if adapted is not function:
            metric = Pure(adapted if output is None else partial(named.of_output, output, adapted))
        metrics.append((what, metric))
    return task._replace(metrics=tuple(metrics))


def _is_per_example(
    name: str, what: str, function: Callable[..., Any], outputs: Any, y: Any, *, must: bool
) -> bool:
    """Whether there is one value per example; a loss must be so, a metric may be one of a whole set."""
    found = []
    for more in (0, 1):  # two batch sizes: does another axis grow with the batch?
        of_outputs, of_y = jax.tree.map(
            lambda a, more=more: jax.ShapeDtypeStruct((a.shape[0] + more, *a.shape[1:]), a.dtype),
            (outputs, y),
        )
        try:
            shape = jax.eval_shape(function, of_outputs, of_y).shape
        except (jax.errors.TracerArrayConversionError, jax.errors.ConcretizationTypeError):
            if must:
                raise
            return False  # a function of NumPy or scikit-learn
        found.append((shape, count_of(of_outputs)))
    same = all(shape[:1] == (count,) and shape[1:] == found[0][0][1:] for shape, count in found)
    grows = found[0][0] != found[1][0]
    if not same and (must or grows):
        raise ValueError(
            f"{name}: {what} must give one value per example, shape ({count_of(outputs)},), got shape "
            f"{found[0][0]} for outputs {described(outputs)} and targets {described(y)}; give both the "
            "same shape"
        )
    return same
