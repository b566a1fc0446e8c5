"""Search for hyperparameters: every combination is a network of one compiled program."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, Unpack

import jax
import numpy as np

from jaxnet import _validation
from jaxnet._arrays import html_table
from jaxnet.data.splits import stratified_split
from jaxnet.layers import Layer
from jaxnet.training.feed.order import key_bits
from jaxnet.training.host import stopping
from jaxnet.training.job import as_fraction, labels_of
from jaxnet.training.many import fold_pairs, train_networks
from jaxnet.training.options import RatedOptions
from jaxnet.training.run import Run

_TRACED = ("learning_rate", "l2", "dropout")


class Search(NamedTuple):
    """What a search found.

    Attributes:
        table: name -> (combinations,) its values, and the score of each combination under the name of the
            figure.
        by: the figure that was compared.
        best: the best combination, name -> value.
        best_run: the network of the best combination, the first of its folds.
        run: all networks, (combinations x folds).
    """

    table: dict[str, np.ndarray]
    by: str
    best: dict[str, float]
    best_run: Run
    run: Run

    def __repr__(self) -> str:
        """The best combination in one line."""
        told = ", ".join(f"{name}={value:.4g}" for name, value in self.best.items())
        return f"Search({len(self.table[self.by])} combinations, best: {told})"

    def _repr_html_(self) -> str:
        """The combinations as a table, as a notebook shows it."""
        rows = zip(*self.table.values(), strict=True)
        return html_table((*self.table,), [[f"{value:.4g}" for value in row] for row in rows])


def search(
    net: Layer,
    data: tuple[Any, Any],
    space: Mapping[str, Sequence[float]],
    *,
    key: jax.Array,
    samples: int | None = None,
    folds: int | None = None,
    by: str = "val_loss",
    mode: Literal["min", "max"] | None = None,
    early_stopping: Any = None,
    **options: Unpack[RatedOptions],
) -> Search:
    """Train a network for each combination of hyperparameters, side by side in one compiled program.

    All combinations see the same initial parameters, batches and held-out examples, so that only the
    hyperparameters differ.

    Args:
        net: a network.
        data: ``(x, y)`` in memory.
        space: "learning_rate", "l2" or "dropout" -> the values to try; with ``samples`` a pair (low, high)
            from which they are drawn, on a logarithmic scale where low is above 0.
        key: a typed key.
        samples: how many combinations to draw at random; None: a grid of all values.
        folds: number of folds, whose mean score is compared; None: one split by ``validation``.
        by: the figure to compare, of the last epoch (with early stopping: the best).
        mode: "min" or "max"; None: known for losses and the library's metrics.
        early_stopping: as in :func:`jaxnet.fit`, for each network.
        **options: as in :func:`jaxnet.fit_many`; ``validation`` is needed unless ``folds`` are given.

    Returns:
        The combinations with their scores, and the best one.

    Raises:
        ValueError: an unknown hyperparameter, no values, no validation data, an unknown figure; and what
            :func:`jaxnet.fit_many` raises.

    Example:
        >>> import jaxnet, numpy as np
        >>> x = np.linspace(-1, 1, 40)[:, None]
        >>> found = search(jaxnet.dense(1), (x, 2 * x), {"learning_rate": [1e-4, 0.1], "l2": [0.0, 1.0]},
        ...                key=jax.random.key(0), folds=2, loss="mse", optimizer="sgd", epochs=20)
        >>> found.best, found.table["val_loss"].shape
        ({'learning_rate': 0.1, 'l2': 0.0}, (4,))

    Reference: J. Bergstra and Y. Bengio, "Random Search for Hyper-Parameter Optimization", 2012.
    """
    given: dict[str, Any] = dict(options)
    _validation.check_run_key("search", key)
    table = _combinations(space, samples, key)
    count = len(next(iter(table.values())))
    if folds is not None:
        if given.pop("validation", None) is not None:
            raise ValueError("search: give either folds or validation, not both")
        pairs = fold_pairs("search", data, folds, key)
    elif (fraction := as_fraction(given.get("validation"))) is not None:
        labels = labels_of(_validation.check_pair("search", data)[1])
        given.pop("validation")
        pairs = (stratified_split(labels, fraction, key_bits(key)),)
    elif given.get("validation") is None:
        raise ValueError("search: expected validation data to compare on; give folds=5, or validation=0.2")
    else:
        pairs = None
    parts = 1 if pairs is None else len(pairs)
    keys = jax.random.split(key, parts)[np.tile(np.arange(parts), count)]
    own = {name: np.repeat(values, parts) for name, values in table.items()}
    defaults = dict(zip(_TRACED, (None, 0.0, None), strict=True))
    rate, l2, dropout = (own.get(name, given.pop(name, default)) for name, default in defaults.items())
    rows = None if pairs is None else list(pairs) * count
    run = train_networks("search", net, data, keys, (rate, l2, dropout), given, early_stopping, rows)
    if by not in run.history:
        raise ValueError(f"search: there is no figure {by!r}; the history has {', '.join(run.history)}")
    mode = mode or stopping.direction(by.removeprefix("val_"), None)
    if mode not in ("min", "max"):
        raise ValueError(f"search: whether a small or a large {by!r} is good is not known; give mode='min'")
    last = np.maximum(np.broadcast_to(run.best_epoch, count * parts), 1) - 1
    scores = run.history[by][np.arange(count * parts), last].reshape(count, parts).mean(1)
    signed = np.where(np.isnan(scores), np.inf, scores if mode == "min" else -scores)
    place = int(np.argmin(signed))
    best = {name: float(values[place]) for name, values in table.items()}
    return Search({**table, by: scores}, by, best, run.member(place * parts), run)


def _combinations(space: Any, samples: int | None, key: jax.Array) -> dict[str, np.ndarray]:
    """Name -> the values of all combinations."""
    if not isinstance(space, Mapping) or not space:
        raise ValueError(
            f"search: expected a space such as {{'learning_rate': [1e-3, 1e-2]}}, got {space!r:.60}"
        )
    for name in space:
        _validation.check_name("search", "hyperparameter", name, _TRACED)
    values = {
        name: np.asarray(_validation.numbers("search", name, given), float) for name, given in space.items()
    }
    for name, given in values.items():
        if given.ndim != 1 or not given.size or not np.isfinite(given).all():
            raise ValueError(f"search: expected finite numbers to try for {name}, got {space[name]!r:.60}")
    if samples is None:
        grid = np.array(list(itertools.product(*values.values())))
        return {name: grid[:, i] for i, name in enumerate(values)}
    count = _validation.check_count("search", "samples", samples)
    draw = np.random.default_rng([*key_bits(key), 0x5EA2C4])
    drawn = {}
    for name, given in values.items():
        if len(given) != 2 or not given[0] < given[1]:
            raise ValueError(
                f"search: expected {name} as (low, high), low below high, got {space[name]!r:.60}"
            )
        low, high = np.log(given) if given[0] > 0 else given
        found = draw.uniform(low, high, count)
        drawn[name] = np.exp(found) if given[0] > 0 else found
    return drawn
