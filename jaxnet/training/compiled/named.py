"""Losses and metrics as the user gives them: one for all, or by the name of the output that they are for."""

import functools
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import losses
from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.task import Part, entry, weighted_sum

Metric = Callable[..., Any]


def read_losses(who: str, loss: Any, weights: Mapping[str, float] | None) -> tuple[Pure, tuple[Part, ...]]:
    """The loss, and its parts where it was given by output.

    Args:
        who: the function that the user called.
        loss: a function, a name, or a mapping output -> function or name.
        weights: output -> number; outputs left out weigh 1.
    """
    weights = {} if weights is None else weights
    if not isinstance(loss, Mapping):
        if weights:
            raise TypeError(
                f"{who}: loss_weights need the losses by output, such as loss={{'reg': 'mse'}}, got {loss!r}"
            )
        function = _loss(who, "loss", loss)
        return NO_LOSS if function is None else Pure(function), ()
    if not loss:
        raise ValueError(f"{who}: expected a loss for at least one output, got an empty mapping")
    for name, weight in weights.items():
        if name not in loss:
            raise ValueError(f"{who}: loss_weights has {name!r}, but there are losses for {', '.join(loss)}")
        if not isinstance(weight, int | float | np.number) or not math.isfinite(weight) or weight < 0:
            raise ValueError(f"{who}: expected loss_weights of at least 0, got {name!r}: {weight!r}")
    parts = []
    for output, given in loss.items():
        function = _loss(who, f"loss[{output!r}]", given)
        if function is None:
            raise TypeError(f"{who}: expected a loss for {output!r}, got None; leave it out")
        parts.append(
            Part(output, f"{output}_{_name(given)}", Pure(function), float(weights.get(output, 1.0)))
        )
    return Pure(functools.partial(weighted_sum, tuple(parts))), tuple(parts)


def read_metrics(who: str, metrics: Any, parts: tuple[Part, ...]) -> tuple[tuple[str, Pure], ...]:
    """The metrics by their names in the history; those of an output have its name in front."""
    metrics = {} if metrics is None else metrics
    advice = "such as {'accuracy': jaxnet.metrics.accuracy}"
    reserved = {"loss", *(part.figure for part in parts)}
    if not isinstance(metrics, Mapping) or any(
        not isinstance(what, str) or what == "loss" or what[:4] == "val_" for what in metrics
    ):
        raise TypeError(
            f"{who}: metrics must be a mapping from names (but 'loss' and 'val_…') to functions, {advice}, "
            f"got {metrics!r}"
        )
    found: dict[str, Metric] = {}
    for name, given in metrics.items():
        inside = given if isinstance(given, Mapping) else {None: given}
        for own, function in inside.items():
            told = name if own is None else f"metrics[{name!r}][{own!r}]"
            if not callable(function):
                raise TypeError(f"{who}: {told} must be a function of (outputs, targets), got {function!r}")
            function = _foreign(function)
            full = name if own is None else f"{name}_{own}"
            if full not in reserved:  # a loss of that output has the same name, and the same values
                found[full] = function if own is None else functools.partial(of_output, name, function)
    return tuple((name, Pure(function)) for name, function in found.items())


def of_output(output: str, function: Metric, outputs: Any, targets: Any, **further: Any) -> Any:
    """A metric of one of several outputs."""
    return function(entry(outputs, output), entry(targets, output), **further)


def output_of(metric: Metric) -> tuple[str | None, Metric]:
    """The output that a metric is for, and the metric itself; None for one of all outputs."""
    if isinstance(metric, functools.partial) and metric.func is of_output:
        return metric.args[0], metric.args[1]
    return None, metric


def no_loss(outputs: Any, targets: Any) -> jax.Array:
    """Zero for each example: where no loss was asked for."""
    return jnp.zeros(jax.tree.leaves(outputs)[0].shape[0])


NO_LOSS = Pure(no_loss)  # reading the function takes longer than predicting one example


def scikit_learn(function: Metric, outputs: Any, targets: Any, **further: Any) -> Any:
    """A metric of scikit-learn, called as it wants to be: targets first, then classes or scores.

    Outputs become class numbers, or probabilities, where the metric takes these.
    """
    y, t = np.asarray(outputs), np.asarray(targets)
    y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 and t.ndim == 1 else y
    name = getattr(function, "__name__", "")
    second = [*inspect.signature(function).parameters][1]
    as_scores = (
        second in ("y_score", "y_prob", "y_proba", "pred_decision") or "log_loss" in name or "brier" in name
    )
    whole = t.dtype.kind in "biu"
    if not whole:
        return function(t, y, **further)
    several = y.ndim == 2 and t.ndim == 1
    proper = y.size and y.min() >= 0 and y.max() <= 1
    if not as_scores:
        return function(
            t, y.argmax(1) if several else (y > (0.5 if proper else 0)).astype(t.dtype), **further
        )
    if several and not (proper and np.allclose(y.sum(1), 1, atol=1e-4)):
        y = np.asarray(jax.nn.softmax(y.astype(float), axis=1))
        y = y / y.sum(1, keepdims=True)
    elif not several and not proper and second != "y_score":
        y = np.asarray(jax.nn.sigmoid(y.astype(float)))
    return function(t, y[:, 1] if several and y.shape[1] == 2 else y, **further)


def takes_weights(who: str, name: str, metric: Metric) -> str:
    """The name of the argument by which a metric of a whole set takes the weights of the examples."""
    _, inner = output_of(metric)
    inner = inner.args[0] if isinstance(inner, functools.partial) and inner.func is scikit_learn else inner
    while isinstance(inner, functools.partial):
        inner = inner.func
    known = inspect.signature(inner).parameters
    found = next((one for one in ("sample_weights", "sample_weight") if one in known), None)
    if found is None:
        raise ValueError(f"{who}: sample_weights are given, but {name} does not take any")
    return found


def _foreign(function: Metric) -> Metric:
    inner: Any = function
    while isinstance(inner, functools.partial):
        inner = inner.func
    foreign = str(getattr(inner, "__module__", "")).partition(".")[0] == "sklearn"
    return functools.partial(scikit_learn, function) if foreign else function


def _loss(who: str, what: str, loss: Any) -> Metric | None:
    try:
        function = losses.get(loss) if isinstance(loss, str) else loss
    except ValueError as error:
        raise ValueError(f"{who}: {error}") from None
    if function is not None and not callable(function):
        raise TypeError(f"{who}: {what} must be a function of (outputs, targets), got {function!r}")
    return function


def _name(loss: Any) -> str:
    while isinstance(loss, functools.partial):
        loss = loss.func
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", "loss")
    return name if name.isidentifier() else "loss"
