"""Many networks at once: over keys, over hyperparameters, over folds of the data.

Small networks leave a machine idle: each operation is too short to spread over cores. So they are trained in
groups, side by side inside one program (``vmap``), and on the CPU as many groups at once as there are cores.
The rates by which they differ are arguments of the program, so that all networks share one compilation.
"""

import copy
import functools
from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import _validation, specs
from jaxnet._arrays import html_table
from jaxnet.data import splits
from jaxnet.layers import Layer
from jaxnet.training import groups
from jaxnet.training.compiled.task import Hyper
from jaxnet.training.evaluation import predict
from jaxnet.training.feed.order import key_bits
from jaxnet.training.host import stopping
from jaxnet.training.host.stopping import EarlyStopping
from jaxnet.training.job import as_fraction, labels_of, prepare
from jaxnet.training.options import FitOptions, Options, RatedOptions
from jaxnet.training.run import Run, metric_functions


class CrossValidation(NamedTuple):
    """One network for each fold.

    Attributes:
        run: the runs, each array with a leading axis of folds.
        scores: name -> (folds,) each ``val_`` figure after the last epoch.
        folds: (rows trained on, rows held out) of each fold.
        predictions: outputs (n, ...) for each example by the network that has not seen it.
    """

    run: Run
    scores: dict[str, np.ndarray]
    folds: tuple[tuple[np.ndarray, np.ndarray], ...]
    predictions: Any = None

    def __repr__(self) -> str:
        """The mean and spread of each score in one line."""
        spread = 1 if len(self.folds) > 1 else 0
        told = (f"{name}={v.mean():.4g} ± {v.std(ddof=spread):.2g}" for name, v in self.scores.items())
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
    net: Layer,
    data: tuple[Any, Any],
    *,
    keys: Any,
    learning_rate: Any = None,
    l2: Any = 0.0,
    dropout: Any = None,
    early_stopping: EarlyStopping | int | None = None,
    **options: Unpack[FitOptions],
) -> Run:
    """Train many networks at once; entry i is what ``fit`` gives for ``keys[i]``, within rounding.

    Args:
        net: a network.
        data: ``(x, y)`` in memory, the same for all.
        keys: (n,) typed keys, ``jax.random.split(key, n)``; one key is used for all.
        learning_rate: one number for all, or (n,) numbers; or a schedule, for all.
        l2: one number, or (n,).
        dropout: None to leave the network as it is; one rate, or (n,), for all its dropout layers.
        early_stopping: as in :func:`jaxnet.fit`, for each network by itself: its history is NaN from where it
            stopped, and ``best_epoch`` holds one number per network.
        **options: as in :func:`jaxnet.fit`: loss, loss_weights, optimizer, epochs, batch_size, validation,
            metrics, sample_weights, class_weights, freeze, layer_rates, clip, average, compute_dtype,
            transform, plan.

    Returns:
        A run, each array of it with a leading axis of networks: parameters, history (n, epochs), optimizer
        state. A network that diverges has NaN in its history and does not affect the others. ``run.best()``
        and ``run.member(i)`` give one network. After Ctrl-C: what was learned so far.

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
    return train_networks(
        "fit_many", net, data, keys, (learning_rate, l2, dropout), dict(options), early_stopping
    )


def train_networks(
    caller: str,
    net: Any,
    data: Any,
    keys: Any,
    rates: tuple[Any, Any, Any],
    options: dict[str, Any],
    early_stopping: Any = None,
    pairs: Sequence[tuple[np.ndarray, np.ndarray]] | None = None,
) -> Run:
    """Train networks side by side.

    Args:
        caller: the public function.
        net: a network.
        data: ``(x, y)``.
        keys: one, or one per network.
        rates: learning rate, l2, dropout, each one number or one per network.
        options: as in ``fit``.
        early_stopping: as in ``fit``.
        pairs: for each network the rows to train on and those held out.
    """
    _validation.check_net(caller, net)
    keys, numbers = _alike(caller, keys, dict(zip(("learning_rate", "l2", "dropout"), rates, strict=True)))
    learning, penalties, drops = numbers.values()
    trained = net
    if drops is not None:
        if ((drops < 0) | (drops >= 1)).any():
            raise ValueError(f"{caller}: dropout rates must lie in [0, 1)")
        if not any(layer.spec.name == "dropout" for layer in specs.walk(net)):
            raise ValueError(f"{caller}: dropout is given, but there is no dropout layer in {net!r}")
        trained = net._replace(apply=functools.partial(_apply_with, net))
    if penalties.min() < 0 or not np.isfinite(penalties).all():
        raise ValueError(f"{caller}: l2 must be numbers of at least 0")
    rate = rates[0] if learning is None else float(learning[0])
    without = () if pairs is None else ("validation",)
    own = {"key": keys[0], "learning_rate": rate, "l2": float(penalties.max())}
    parsed = Options.parse(caller, options, without, **own)
    chosen: dict[str, Any] = {}
    if pairs is not None:
        chosen = {"rows": min((train for train, _ in pairs), key=len), "held_out": pairs[0][1]}
    job = prepare(trained, _validation.pair(caller, data), parsed, begin=False, **chosen)
    early = stopping.early_stopping(early_stopping, job.figures, metric_functions(job), caller)
    hyper = Hyper(
        _floats(learning if job.task.schedule is None else None), _floats(penalties), _floats(drops)
    )
    if job.hyper.learning_rate is not None and learning is None:  # the default of an optimizer's name
        hyper = hyper._replace(learning_rate=_floats(np.full(len(keys), job.hyper.learning_rate)))
    rows = pairs
    if (fraction := as_fraction(parsed.validation)) is not None:  # what is held out depends on the key
        labels = labels_of(job.examples[1])
        rows = [splits.stratified_split(labels, fraction, key_bits(key)) for key in keys]
    state = groups.begin(job, net, hyper, keys, parsed.params)
    return groups.train(job, hyper, keys, state, rows, early)


def cross_validate(
    net: Layer,
    data: tuple[Any, Any],
    *,
    folds: int = 5,
    key: jax.Array,
    early_stopping: EarlyStopping | int | None = None,
    preparation: Any = None,
    **options: Unpack[RatedOptions],
) -> CrossValidation:
    """Train one network per fold of the data, on the other folds, and evaluate it on that fold.

    Fold i is trained with ``jax.random.split(key, folds)[i]``. Each fold keeps the proportions of integer
    labels.

    Args:
        net: a network.
        data: ``(x, y)`` in memory.
        folds: number of folds, at least 2.
        key: a typed key.
        early_stopping: as in :func:`jaxnet.fit`, for each fold; its scores are those of its best epoch.
        preparation: what each fold learns from its training inputs and applies to all inputs: a function from
            inputs to a function of inputs, or a transformer of scikit-learn.
        **options: as in :func:`jaxnet.fit`, without validation.

    Returns:
        The runs, the scores, the folds, and the prediction for each example by the network that has not seen
        it.

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
    given: dict[str, Any] = dict(options)
    if "validation" in given:
        raise TypeError("cross_validate: the folds are the validation data; leave out validation")
    rates = tuple(given.pop(name, default) for name, default in (("learning_rate", None), ("l2", 0.0)))
    pairs = fold_pairs("cross_validate", data, folds, key)
    keys, numbers = jax.random.split(key, len(pairs)), (*rates, None)
    if preparation is None:
        found = train_networks("cross_validate", net, data, keys, numbers, given, early_stopping, pairs)
        unseen = [outputs_of_fold(net, found, i, data[0], out, given) for i, (_, out) in enumerate(pairs)]
    else:
        runs, unseen = [], []
        for i, (train, out) in enumerate(pairs):
            prepared = _prepared(preparation, data, train)
            own: Any = (keys[i : i + 1], numbers, given, early_stopping, pairs[i : i + 1])
            one = train_networks("cross_validate", net, prepared, *own)
            unseen.append(outputs_of_fold(net, one, 0, prepared[0], out, given))
            runs.append(one)
            if one.interrupted:
                pairs = pairs[: i + 1]
                break
        found = groups.concatenated(runs)
    rows = np.concatenate([out for _, out in pairs])
    count = len(labels_of(_validation.check_pair("cross_validate", data)[1]))
    predictions = jax.tree.map(lambda *parts: _placed(np.concatenate(parts), rows, count), *unseen)
    last = np.minimum(np.broadcast_to(found.best_epoch, len(pairs)), found.epochs) - 1
    scores = {
        name: values[np.arange(len(pairs)), last] if values.shape[1] else np.full(len(pairs), np.nan)
        for name, values in found.history.items()
        if name.startswith("val_")
    }
    return CrossValidation(found, scores, pairs, predictions)


def fold_pairs(caller: str, data: Any, folds: Any, key: Any) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """For each fold the rows of the others, and its own."""
    count = _validation.check_count(caller, "folds", folds, 2)
    _validation.check_run_key(caller, key)
    labels = labels_of(_validation.check_pair(caller, data)[1])
    if count > len(labels):
        raise ValueError(f"{caller}: {count} folds need at least as many examples, there are {len(labels)}")
    every = np.arange(len(labels))
    held_out = splits.folds(labels, count, key_bits(key))
    return tuple((np.setdiff1d(every, fold), fold) for fold in held_out)


def outputs_of_fold(net: Any, run: Run, i: int, x: Any, rows: np.ndarray, options: dict[str, Any]) -> Any:
    """The outputs of one network for the examples that it has not seen."""
    x = jax.tree.map(lambda part: np.asarray(part)[rows], _validation.read_tree("cross_validate", "x", x))
    further: dict[str, Any] = {name: options.get(name) for name in ("compute_dtype", "transform")}
    return jax.tree.map(np.asarray, predict(net, run.member(i), x, **further))


def _placed(values: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """The values at their rows; NaN where there are none, after an interrupt."""
    if len(rows) == count:
        return values[np.argsort(rows)]
    every = np.full((count, *values.shape[1:]), np.nan, values.dtype if values.dtype.kind == "f" else float)
    every[rows] = values
    return every


def _prepared(preparation: Any, data: Any, train: np.ndarray) -> tuple[Any, Any]:
    """The data as prepared for a fold by what is known of its training examples only."""
    x, y = _validation.check_pair("cross_validate", data)
    seen, targets = jax.tree.map(lambda part: np.asarray(part)[train], (x, y))
    if hasattr(preparation, "fit") and hasattr(preparation, "transform"):  # one of scikit-learn's
        return copy.deepcopy(preparation).fit(seen, targets).transform(x), y
    apply = preparation(seen)
    if not callable(apply):
        raise TypeError(
            "cross_validate: expected preparation as a function from the training inputs to a function of "
            f"inputs, or a transformer of scikit-learn; it returned {type(apply).__name__}"
        )
    return apply(x), y


def _apply_with(
    net: Any, params: Any, x: jax.Array, *, key: jax.Array | None = None, dropout: Any = None
) -> jax.Array:
    if key is None or dropout is None:
        return net.apply(params, x, key=key)
    return specs.replace(net, "dropout", rate=dropout).apply(params, x, key=key)


def _floats(values: Any) -> jax.Array | None:
    return None if values is None else jnp.asarray(values, jnp.result_type(float))


def _alike(caller: str, keys: Any, numbers: dict[str, Any]) -> tuple[jax.Array, dict[str, Any]]:
    """Keys and numbers, each as often as the longest of them."""
    if (
        not isinstance(keys, jax.Array)
        or not jnp.issubdtype(keys.dtype, jax.dtypes.prng_key)
        or keys.ndim > 1
    ):
        raise TypeError(f"{caller}: keys must be typed keys, such as jax.random.split(jax.random.key(0), 8)")
    found = {name: _number(caller, name, value) for name, value in numbers.items()}
    lengths = {name: len(value) for name, value in found.items() if value is not None and value.ndim}
    lengths |= {"keys": len(keys)} if keys.ndim else {}
    count = max(lengths.values(), default=1)
    if any(length != count for length in lengths.values()) or count == 0:
        told = ", ".join(f"{length} {name}" for name, length in lengths.items())
        raise ValueError(f"{caller}: expected equally many of each, got {told}")
    keys = keys if keys.ndim else jnp.broadcast_to(keys, (count,))
    return keys, {
        name: None if value is None else np.broadcast_to(value, count) for name, value in found.items()
    }


def _number(caller: str, name: str, value: Any) -> np.ndarray | None:
    if value is None or callable(value):
        return None
    try:
        return np.asarray(value, float)
    except (TypeError, ValueError):
        raise ValueError(
            f"{caller}: expected {name} as a number, or as one number per network, got {value!r}"
        ) from None
