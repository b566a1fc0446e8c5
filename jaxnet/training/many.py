"""Many networks at once: over keys, over hyperparameters, over folds of the data.

Small networks leave a machine idle: each operation is too short to spread over cores. So they are trained in
groups, side by side inside one program (``vmap``), and on the CPU as many groups at once as there are cores.
The rates by which they differ are arguments of the program, so that all networks share one compilation.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import _validation, specs
from jaxnet._arrays import html_table
from jaxnet.data import splits
from jaxnet.training import groups
from jaxnet.training.compiled.task import Hyper
from jaxnet.training.feed.order import key_bits
from jaxnet.training.job import Job, as_fraction, labels_of, prepare
from jaxnet.training.options import Options
from jaxnet.training.run import Run


class CrossValidation(NamedTuple):
    """One network for each fold.

    Attributes:
        run: the runs, each array with a leading axis of folds.
        scores: name -> (folds,) each ``val_`` figure after the last epoch.
        folds: (rows trained on, rows held out) of each fold.
    """

    run: Run
    scores: dict[str, np.ndarray]
    folds: tuple[tuple[np.ndarray, np.ndarray], ...]

    def __repr__(self) -> str:
        """The mean and spread of each score in one line."""
        told = (f"{name}={v.mean():.4g} ± {v.std(ddof=1):.2g}" for name, v in self.scores.items())
        return f"CrossValidation({len(self.folds)} folds, {', '.join(told)})"

    def _repr_html_(self) -> str:
        """The scores as a table, one row per fold."""
        rows = [
            (fold + 1, *(f"{values[fold]:.4g}" for values in self.scores.values()))
            for fold in range(len(self.folds))
        ]
        mean = ("mean", *(f"{values.mean():.4g}" for values in self.scores.values()))
        return html_table(("fold", *self.scores), [*rows, mean])


def fit_many(
    net: Any,
    data: tuple[Any, Any],
    *,
    keys: Any,
    learning_rate: Any = None,
    l2: Any = 0.0,
    dropout: Any = None,
    **options: Any,
) -> Run:
    """Train many networks at once; entry i is what ``fit`` gives for ``keys[i]``, within rounding.

    Args:
        net: a network.
        data: ``(x, y)`` in memory, the same for all.
        keys: (n,) typed keys, ``jax.random.split(key, n)``; one key is used for all.
        learning_rate: one number for all, or (n,) numbers; or a schedule, for all.
        l2: one number, or (n,).
        dropout: None to leave the network as it is; one rate, or (n,), for all its dropout layers.
        **options: as in :func:`jaxnet.fit`: loss, optimizer, epochs, batch_size, validation, metrics,
            sample_weights, class_weights, compute_dtype, transform, plan.

    Returns:
        A run, each array of it with a leading axis of networks: parameters, history (n, epochs), optimizer
        state. A network that diverges has NaN in its history and does not affect the others.

    Raises:
        ValueError: numbers of different lengths; and what :func:`jaxnet.fit` raises.

    Example:
        >>> import jax, jaxnet
        >>> from jaxnet import data, losses
        >>> keys = jax.random.split(jax.random.key(0), 3)
        >>> runs = fit_many(jaxnet.mlp("2-4-1"), data.XOR, keys=keys, loss=losses.mse, epochs=5)
        >>> runs.params[0]["w"].shape, runs.history["loss"].shape
        ((3, 2, 4), (3, 5))
    """
    _validation.check_net("fit_many", net)
    keys, numbers = _alike(keys, {"learning_rate": learning_rate, "l2": l2, "dropout": dropout})
    rates, penalties, drops = numbers["learning_rate"], numbers["l2"], numbers["dropout"]
    trained = net
    if dropout is not None:
        if ((drops < 0) | (drops >= 1)).any():
            raise ValueError("fit_many: dropout rates must lie in [0, 1)")
        if not any(layer.spec.name == "dropout" for layer in specs.walk(net)):
            raise ValueError(f"fit_many: dropout is given, but there is no dropout layer in {net!r}")
        trained = net._replace(apply=functools.partial(_apply_with, net))
    if penalties.min() < 0 or not np.isfinite(penalties).all():
        raise ValueError("fit_many: l2 must be numbers of at least 0")
    rate = learning_rate if rates is None else float(rates[0])
    parsed = Options.parse("fit_many", options, key=keys[0], learning_rate=rate, l2=float(penalties.max()))
    job = _prepare(trained, data, parsed)
    hyper = Hyper(_floats(rates if job.task.schedule is None else None), _floats(penalties), _floats(drops))
    if job.hyper.learning_rate is not None and rates is None:  # the default of an optimizer's name
        hyper = hyper._replace(learning_rate=_floats(np.full(len(keys), job.hyper.learning_rate)))
    rows = None
    if (fraction := as_fraction(parsed.validation)) is not None:  # what is held out depends on the key
        labels = labels_of(job.examples[1])
        rows = [splits.stratified_split(labels, fraction, key_bits(key)) for key in keys]
    state = groups.begin(job, net, hyper, keys, parsed.params)
    return groups.train(job, hyper, keys, state, rows)


def cross_validate(
    net: Any, data: tuple[Any, Any], *, folds: int = 5, key: jax.Array, **options: Any
) -> CrossValidation:
    """Train one network per fold of the data, on the other folds, and evaluate it on that fold.

    Fold i is trained with ``jax.random.split(key, folds)[i]``. Each fold keeps the proportions of integer
    labels.

    Args:
        net: a network.
        data: ``(x, y)`` in memory.
        folds: number of folds, at least 2.
        key: a typed key.
        **options: as in :func:`jaxnet.fit`, without validation.

    Returns:
        The runs, the scores and the folds.

    Raises:
        ValueError: fewer than 2 folds, or more than examples; and what :func:`jaxnet.fit` raises.

    Example:
        >>> import jax, jaxnet, numpy as np
        >>> from jaxnet import losses
        >>> x = np.linspace(-1, 1, 30)[:, None]
        >>> found = cross_validate(jaxnet.dense(1), (x, 2 * x), folds=3, key=jax.random.key(0), epochs=30,
        ...                        loss=losses.mse, optimizer="sgd", learning_rate=0.5, batch_size=20)
        >>> found.scores["val_loss"].round(4).tolist()
        [0.0, 0.0, 0.0]
    """
    count = _validation.check_count("cross_validate", "folds", folds, 2)
    _validation.check_run_key("cross_validate", key)
    if "validation" in options:
        raise TypeError("cross_validate: the folds are the validation data; leave out validation")
    keys = jax.random.split(key, count)
    parsed = Options.parse("cross_validate", options, without=("validation",), key=keys[0])
    _, y = _validation.check_pair("cross_validate", data)
    labels = labels_of(y)
    if count > len(labels):
        raise ValueError(
            f"cross_validate: {count} folds need at least as many examples, there are {len(labels)}"
        )
    held_out = splits.folds(labels, count, key_bits(key))
    every = np.arange(len(labels))
    pairs = tuple((np.setdiff1d(every, fold), fold) for fold in held_out)
    smallest = min((train for train, _ in pairs), key=len)
    job = _prepare(net, data, parsed, rows=smallest, held_out=pairs[0][1])
    hyper = Hyper(*(None if value is None else _floats(np.full(count, value)) for value in job.hyper))
    state = groups.begin(job, net, hyper, keys, parsed.params)
    run = groups.train(job, hyper, keys, state, pairs)
    scores = {name: values[:, -1] for name, values in run.history.items() if name.startswith("val_")}
    return CrossValidation(run, scores, pairs)


def _apply_with(
    net: Any, params: Any, x: jax.Array, *, key: jax.Array | None = None, dropout: Any = None
) -> jax.Array:
    if key is None or dropout is None:
        return net.apply(params, x, key=key)
    return specs.replace(net, "dropout", rate=dropout).apply(params, x, key=key)


def _prepare(net: Any, data: Any, options: Options, **rows: Any) -> Job:
    return prepare(net, _validation.pair(options.caller, data), options, begin=False, **rows)


def _floats(values: Any) -> jax.Array | None:
    return None if values is None else jnp.asarray(values, jnp.result_type(float))


def _alike(keys: Any, numbers: dict[str, Any]) -> tuple[jax.Array, dict[str, Any]]:
    """Keys and numbers, each as often as the longest of them."""
    if (
        not isinstance(keys, jax.Array)
        or not jnp.issubdtype(keys.dtype, jax.dtypes.prng_key)
        or keys.ndim > 1
    ):
        raise TypeError("fit_many: keys must be typed keys, such as jax.random.split(jax.random.key(0), 8)")
    found = {name: _number(name, value) for name, value in numbers.items()}
    lengths = {name: len(value) for name, value in found.items() if value is not None and value.ndim}
    lengths |= {"keys": len(keys)} if keys.ndim else {}
    count = max(lengths.values(), default=1)
    if any(length != count for length in lengths.values()) or count == 0:
        told = ", ".join(f"{length} {name}" for name, length in lengths.items())
        raise ValueError(f"fit_many: expected equally many of each, got {told}")
    keys = keys if keys.ndim else jnp.broadcast_to(keys, (count,))
    return keys, {
        name: None if value is None else np.broadcast_to(value, count) for name, value in found.items()
    }


def _number(name: str, value: Any) -> np.ndarray | None:
    if value is None or callable(value):
        return None
    try:
        return np.asarray(value, float)
    except (TypeError, ValueError):
        raise ValueError(
            f"fit_many: expected {name} as a number, or as one number per network, got {value!r}"
        ) from None
