"""Training, prediction, evaluation: compiled functions of (key, parameters, data, numbers)."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import batches, inputs, optimizers, programs
from jaxnet import plan as planning
from jaxnet.identity import Pure
from jaxnet.programs import Data, Hyper, State, Tally, Task

Metrics = Mapping[str, Callable[..., jax.Array]]
_SWEEP = 1024  # examples evaluated at once


class Run(NamedTuple):
    """What a training run gives back.

    Attributes:
        params: the parameters (with early stopping: the best ones).
        history: name -> array with one number an epoch: ``loss``, each metric, and with validation data
            ``val_loss`` and ``val_`` + each metric. Training figures are measured while training goes on
            (dropout on, parameters moving), without the L2 term.
        plan: where the steps ran, and why.
        opt_state: the optimizer's state at the end.
        epochs: how many epochs were finished.
        interrupted: whether Ctrl-C ended the run.
    """

    params: Any
    history: dict[str, np.ndarray]
    plan: planning.Plan
    opt_state: Any
    epochs: int
    interrupted: bool = False


def make_task(
    net: Any,
    loss: Callable[..., jax.Array] | None,
    metrics: Metrics | None,
    *,
    name: str,
    compute_dtype: Any = None,
    transform: Callable[[jax.Array], jax.Array] | None = None,
) -> Task:
    """The part of a task that evaluation needs too."""
    inputs.check_net(name, net)
    metrics = {} if metrics is None else metrics
    for what, function in {"loss": loss, **metrics}.items():
        if function is not None and not callable(function):
            raise TypeError(f"{name}: {what} must be a function of (outputs, targets), got {function!r}")
    return Task(
        apply=Pure(net.apply),
        loss=Pure(_no_loss if loss is None else loss),
        metrics=tuple((metric, Pure(function)) for metric, function in metrics.items()),
        compute_dtype=None if compute_dtype is None else jnp.dtype(compute_dtype).name,
        transform=None if transform is None else Pure(transform),
    )


def _no_loss(outputs: jax.Array, targets: jax.Array) -> jax.Array:
    return jnp.zeros(outputs.shape[0])


def fit(
    net: Any,
    data: tuple[Any, Any],
    *,
    loss: Callable[..., jax.Array],
    optimizer: Any = "adam",
    learning_rate: Any = None,
    epochs: int = 10,
    batch_size: int | None = None,
    key: jax.Array,
    params: Any = None,
    validation: tuple[Any, Any] | float | None = None,
    metrics: Metrics | None = None,
    l2: float = 0.0,
    sample_weights: Any = None,
    class_weights: Any = None,
    compute_dtype: Any = None,
    transform: Callable[[jax.Array], jax.Array] | None = None,
    plan: str | None = None,
) -> Run:
    """Train a network by gradient descent on batches.

    Each step takes the next batch of the epoch's order and does ``w <- w + update(grad L + l2 w)`` with
    ``L = (1/B) sum_i weight_i loss(net(x_i), y_i)``. The order of the examples and the dropout masks are
    functions of (key, epoch) and of (key, step) alone: the same key gives the same result, on the CPU bit
    for bit.

    Args:
        net: a network, (init, apply).
        data: ``(x, y)``, x (n, ...) and y (n, ...).
        loss: ``loss(outputs, targets)`` -> one value per example, from :mod:`jaxnet.losses`, say.
        optimizer: a name ("sgd", "momentum", "adam", "adamw", "rmsprop"), an optax transformation, or a
            factory such as ``optax.lion``.
        learning_rate: for an optimizer by name or factory: a number or a schedule (step -> number).
        epochs: passes over the data.
        batch_size: examples a step; None: 32, or all where there are fewer. A last batch that is not full is
            used as it is: each example counts once an epoch.
        key: a typed key.
        params: where to begin; None: ``net.init(key, x.shape[1:])``.
        validation: ``(x, y)`` to be measured after each epoch, or the fraction of the data to hold out for it
            (keeping the shares of integer labels), or None.
        metrics: name -> ``metric(outputs, targets)`` -> one value per example.
        l2: adds ``l2/2 * sum w^2`` to what is minimised, over the weights (leaves with two or more axes),
            not over the biases.
        sample_weights: (n,) weights of the examples; scaled to mean 1.
        class_weights: class -> weight, or "balanced"; multiplied with the sample weights.
        compute_dtype: dtype for the forward and backward pass, such as ``jnp.bfloat16``; parameters and
            losses stay as they are.
        transform: applied to each batch of x inside the program, ``lambda x: x / 255.0`` for bytes, say.
        plan: "run", "scan" or "loop" to override :func:`jaxnet.plan.choose`.

    Returns:
        The parameters, the history and the plan, see :class:`Run`.

    Raises:
        ValueError: shapes that do not fit, labels outside the classes, empty data, NaN in the data, a batch
            larger than the data, an unknown optimizer.
        TypeError: a key that is no typed key, a loss that is no function.

    Example:
        >>> import jax, jaxnet, numpy as np
        >>> from jaxnet import losses
        >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
        >>> run = fit(jaxnet.dense(1), (x, 2 * x + 1), loss=losses.mse, optimizer="sgd", learning_rate=0.1,
        ...           epochs=200, batch_size=4, key=jax.random.key(0))
        >>> run.params["w"].round(2).tolist(), run.params["b"].round(2).tolist()
        ([[2.0]], [1.0])
    """
    x, y = inputs.check_pair("fit", data)
    inputs.check_key("fit", key)
    epochs = inputs.check_count("fit", "epochs", epochs)
    factory, rate = optimizers.resolve(optimizer, learning_rate)
    task = make_task(net, loss, metrics, name="fit", compute_dtype=compute_dtype, transform=transform)
    task = task._replace(
        optimizer=Pure(factory), schedule=Pure(rate) if callable(rate) else None, penalised=_positive(l2)
    )
    hyper = Hyper(None if callable(rate) else rate, float(l2))
    words = batches.key_words(key)
    weight = inputs.example_weights("fit", y, sample_weights, class_weights)
    held: Data | None = None
    if isinstance(validation, float):
        if not 0.0 < validation < 1.0 or len(x) < 2:
            raise ValueError(f"fit: validation as a fraction must lie between 0 and 1, got {validation}")
        keep, out = batches.stratified_split(np.asarray(y), validation, words)
        held = Data(x[out], y[out])
        x, y, weight = x[keep], y[keep], None if weight is None else weight[keep]
    elif validation is not None:
        held = Data(*inputs.check_pair("fit: validation", validation))
        if held.x.shape[1:] != x.shape[1:]:
            raise ValueError(
                f"fit: validation x has shape {held.x.shape}, training x {x.shape}; they must agree"
            )
    size = inputs.check_batch_size("fit", batch_size, len(x))
    if params is None:
        params = initial_params(net, key, x.shape[1:])
    forward = trace_forward("fit", task, params, Data(x, y, weight), size)
    steps = -(-len(x) // size)
    chosen = planning.choose(
        forward,
        steps,
        epochs,
        backend=jax.default_backend(),
        weights=sum(leaf.size for leaf in jax.tree.leaves(params)),
        wanted=plan,
    )
    data_on = inputs.to_device(Data(x, y, weight))
    held_on = None if held is None else inputs.to_device(held)
    state = programs.start(task, hyper, params)
    rows: list[dict[str, float]] = []
    interrupted = False
    try:
        if chosen.kind == "run":
            order = np.stack([batches.epoch_order(words, epoch, len(x), size) for epoch in range(epochs)])
            inside = None if held_on is None else (held_on, sweep_order(len(held_on.x)))
            state, tallies, measured = programs.run_epochs(task, hyper, key, data_on, state, order, inside)
            rows = [
                report(task, jax.tree.map(lambda t, e=epoch: t[e], tallies))
                | (
                    {}
                    if measured is None
                    else prefixed(report(task, jax.tree.map(lambda t, e=epoch: t[e], measured)))
                )
                for epoch in range(epochs)
            ]
        else:
            for epoch in range(epochs):
                order = batches.epoch_order(words, epoch, len(x), size)
                after, tally = run_epoch(task, hyper, key, data_on, state, order, chosen)
                row = report(task, tally)
                if held_on is not None:
                    row |= prefixed(report(task, sweep(task, after.params, held_on, chosen.kind)))
                state = after
                rows.append(row)
    except KeyboardInterrupt:
        interrupted = True
    history = {name: np.array([row[name] for row in rows]) for name in (rows[0] if rows else {})}
    return Run(state.params, history, chosen, state.opt_state, len(rows), interrupted)


def run_epoch(
    task: Task, hyper: Hyper, key: jax.Array, data: Data, state: State, order: np.ndarray, plan: planning.Plan
) -> tuple[State, Tally]:
    """One epoch by compiled parts of it, or step by step."""
    if plan.kind == "loop":
        # the state that was handed in stays whole; the copy is given up step by step
        state = jax.tree.map(lambda leaf: jax.device_put(leaf, may_alias=False), state)
        tally = programs.empty_tally(task)
        on_device = jax.device_put(order)
        for place in range(len(order)):
            state, tally = programs.run_step(task, hyper, key, data, state, tally, on_device, np.int32(place))
        return state, tally
    total = None
    for begin in range(0, len(order), plan.chunk):
        state, tallies, _ = programs.run_epochs(
            task, hyper, key, data, state, order[None, begin : begin + plan.chunk]
        )
        tally = jax.tree.map(lambda t: np.asarray(t)[0], tallies)
        total = tally if total is None else jax.tree.map(np.add, total, tally)
    return state, total  # type: ignore[return-value]


def initial_params(net: Any, key: jax.Array, in_shape: tuple[int, ...]) -> Any:
    """The network's initial parameters, drawn in one compiled program."""
    return programs.draw_params(Pure(net.init), key, tuple(in_shape))


def trace_forward(name: str, task: Task, params: Any, data: Data, size: int) -> planning.Cost:
    """Trace the forward pass of one batch: its cost, and whether inputs, network, targets and loss fit."""
    shapes = Data(*(None if part is None else _shape(part, size) for part in data))
    abstract = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(np.shape(leaf), jnp.result_type(leaf)), params)
    jaxpr, outputs = jax.make_jaxpr(lambda p, x: programs.forward(task, p, x, None), return_shape=True)(
        abstract, shapes.x
    )
    inputs.check_labels(name, data.y, outputs.shape)
    for what, function in (("loss", task.loss), *task.metrics):
        values = jax.eval_shape(function.function, outputs, shapes.y)
        if not values.shape or values.shape[0] != size:
            raise ValueError(
                f"{name}: {what} must give one value per example, shape ({size},), got shape {values.shape} "
                f"for outputs {outputs.shape} and targets {shapes.y.shape}"
            )
    return planning.cost(jaxpr.jaxpr)


def _shape(array: Any, size: int) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct((size, *array.shape[1:]), array.dtype)


def _positive(l2: float) -> bool:
    if not math.isfinite(l2) or l2 < 0:
        raise ValueError(f"fit: l2 must be a number of at least 0, got {l2}")
    return l2 > 0


def sweep_order(examples: int, batch_size: int = _SWEEP) -> np.ndarray:
    """All examples in order, in batches, the last one filled up."""
    return batches.epoch_order((), 0, examples, min(batch_size, examples), shuffle=False)


def sweep(task: Task, params: Any, data: Data, kind: str, batch_size: int = _SWEEP) -> Tally:
    """The tally of all examples, by a compiled loop or batch by batch."""
    order = sweep_order(len(data.x), batch_size)
    task = task._replace(optimizer=None, schedule=None, penalised=False)
    if kind != "loop":
        return programs.run_sweep(task, params, data, order)
    tally, on_device = programs.empty_tally(task), jax.device_put(order)
    for place in range(len(order)):
        tally = programs.run_measure(task, params, data, tally, on_device, np.int32(place))
    return tally


def report(task: Task, tally: Tally) -> dict[str, float]:
    """Means from a tally."""
    count = float(tally.count)
    means = {"loss": float(tally.loss) / count}
    return means | {
        name: float(total) / count for (name, _), total in zip(task.metrics, tally.metrics, strict=True)
    }


def prefixed(row: dict[str, float]) -> dict[str, float]:
    """The same figures, of the validation data."""
    return {f"val_{name}": value for name, value in row.items()}


def predict(
    net: Any,
    params: Any,
    x: Any,
    *,
    batch_size: int = _SWEEP,
    compute_dtype: Any = None,
    transform: Callable[[jax.Array], jax.Array] | None = None,
) -> jax.Array:
    """The network's outputs for many inputs, batch by batch, without dropout.

    Args:
        net: a network.
        params: its parameters.
        x: inputs (n, ...).
        batch_size: examples at once; the last batch is filled up, so that one program serves all.
        compute_dtype: as in :func:`fit`.
        transform: as in :func:`fit`.

    Returns:
        Outputs (n, ...).

    Example:
        >>> import jax.numpy as jnp, jaxnet
        >>> predict(jaxnet.dense(1), {"w": jnp.ones((2, 1)), "b": jnp.zeros(1)}, [[1.0, 2.0]]).tolist()
        [[3.0]]
    """
    task = make_task(net, None, None, name="predict", compute_dtype=compute_dtype, transform=transform)
    x = inputs.as_array("predict", "x", x)
    if x.ndim == 0:
        raise ValueError("predict: expected x with a leading axis of examples, got a single number")
    inputs.check_finite("predict", "x", x)
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
    loss: Callable[..., jax.Array] | None = None,
    metrics: Metrics | None = None,
    batch_size: int = _SWEEP,
    compute_dtype: Any = None,
    transform: Callable[[jax.Array], jax.Array] | None = None,
) -> dict[str, float]:
    """Loss and metrics over all examples, without dropout.

    Args:
        net: a network.
        params: its parameters.
        data: ``(x, y)``.
        loss: as in :func:`fit`, or None.
        metrics: as in :func:`fit`.
        batch_size: examples at once.
        compute_dtype: as in :func:`fit`.
        transform: as in :func:`fit`.

    Returns:
        name -> mean over the examples: ``loss`` where one was given, and each metric.

    Example:
        >>> import jax.numpy as jnp, jaxnet
        >>> from jaxnet import losses
        >>> params = {"w": jnp.ones((2, 1)), "b": jnp.zeros(1)}
        >>> evaluate(jaxnet.dense(1), params, ([[1.0, 2.0]], [[1.0]]), loss=losses.mse)
        {'loss': 4.0}
    """
    x, y = inputs.check_pair("evaluate", data)
    task = make_task(net, loss, metrics, name="evaluate", compute_dtype=compute_dtype, transform=transform)
    size = min(inputs.check_count("evaluate", "batch_size", batch_size), len(x))
    forward = trace_forward("evaluate", task, params, Data(x, y), size)
    loop = forward.convolution and jax.default_backend() == "cpu"
    row = report(task, sweep(task, params, inputs.to_device(Data(x, y)), "loop" if loop else "scan", size))
    return row if loss is not None else {name: value for name, value in row.items() if name != "loss"}
