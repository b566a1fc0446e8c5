"""Models for a column of text, and for a table in the order of time.

A text is read by characters or words, a table in time by windows: from the last ``width`` rows the network
predicts the next ``horizon`` values of the target. Both networks are GRUs. What a model learns of a table in
time, its scales included, comes from the rows before those that it is measured on.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from scipy.special import softmax

from jaxnet import _storage, checkpoint, data, losses, metrics, networks, specs, training
from jaxnet.data.refusals import InvalidFile
from jaxnet.data.vocabulary import Vocabulary
from jaxnet.tables import sequences
from jaxnet.tables.sequences import SequenceTable, Series, Text
from jaxnet.training.evaluation import predict as forward

_FORM = "jaxnet sequence model 1"
_FEATURES = 32  # of the embedding of a character or word


class SequenceModel(NamedTuple):
    """A network with what it needs to read further tables.

    Attributes:
        net: the network.
        params: its parameters.
        source: what is read of a table.
        target: name of the target.
        classes: names of the classes; None for values.
        mean: of each column of a table in time, and of a text's target.
        scale: their standard deviations.
    """

    net: Any
    params: Any
    source: Text | Series
    target: str
    classes: tuple[str, ...] | None
    mean: np.ndarray
    scale: np.ndarray


def train(
    table: SequenceTable,
    hidden: Sequence[int] = (64,),
    *,
    seed: int = 0,
    validation: float = 0.0,
    **options: Any,
) -> tuple[SequenceModel, training.Run]:
    """Train a GRU on texts, or on the windows of a table in time.

    Args:
        table: from :func:`prepare_text` or :func:`prepare_series`.
        hidden: sizes of the layers.
        seed: of the weights and of the order of the examples.
        validation: the fraction that is held out and measured after each epoch; of a table in time its last
            rows, and neither windows nor scales of the training contain one of them.
        **options: more for :func:`jaxnet.fit`.

    Returns:
        The model and the run.
    """
    key, held = jax.random.key(seed), None
    if isinstance(table.source, Series):
        x, y, held, mean, scale = _windows(table, table.source, validation)
        net = networks.rnn(tuple(hidden), table.source.horizon, cell="gru")
        loss, figures = losses.mse, {}
        if options.get("batch_size"):
            options["batch_size"] = min(options["batch_size"], len(x))
    else:
        assert table.y is not None
        assert table.source.vocabulary is not None
        x, y, mean, scale = table.x, table.y, np.zeros(1), np.ones(1)
        outputs, loss, figures = 1, losses.mse, {}
        if table.classes is None:
            y, scaling = data.standardise(table.y[:, None])
            y, mean, scale = y.astype(np.float32), scaling.mean, scaling.scale
        else:
            outputs, loss, figures = len(table.classes), losses.cross_entropy, {"accuracy": metrics.accuracy}
        size = table.source.vocabulary.size
        net = networks.rnn(tuple(hidden), outputs, cell="gru", vocabulary=size, features=_FEATURES)
        held = validation or None
    run = training.fit(net, (x, y), loss=loss, metrics=figures, key=key, validation=held, **options)
    return SequenceModel(net, run.params, table.source, table.target, table.classes, mean, scale), run


def _windows(table: SequenceTable, source: Series, validation: float) -> Any:
    """Windows to train on, those to measure on, whose targets all come later, and the scales of the first."""
    count = len(table.x)
    cut = count - max(round(validation * count), source.horizon) if validation else count
    if cut < source.width + source.horizon:
        raise InvalidFile(
            "tables.train", "short training", expected=source.width + source.horizon, width=source.width,
            horizon=source.horizon, count=max(cut, 0), rows=count,
        )  # fmt: skip
    mean, scale = table.x[:cut].mean(0), table.x[:cut].std(0)
    scale = np.where(scale > 0, scale, 1.0)
    scaled = (table.x - mean) / scale
    make = lambda part: _pair(part, source)  # noqa: E731
    x, y = make(scaled[:cut])
    return x, y, make(scaled[cut - source.width :]) if validation else None, mean, scale


def _pair(values: np.ndarray, source: Series) -> tuple[np.ndarray, np.ndarray]:
    return data.windows(values, source.width, horizon=source.horizon, targets=0)


def apply(
    model: SequenceModel,
    path: str | os.PathLike[str],
    *,
    with_target: bool = False,
    header: bool | None = None,
) -> SequenceTable:
    """Read a further table as the model's training table was read, see `sequences.apply`."""
    return sequences.apply(
        model.source, model.target, model.classes, path, with_target=with_target, header=header
    )


def answer(model: SequenceModel, table: SequenceTable) -> np.ndarray:
    """The answers of a model.

    Args:
        model: from :func:`train` or :func:`load`.
        table: from :func:`apply`.

    Returns:
        Of texts the class number or value of each; of a table in time the ``horizon`` values after its end.
    """
    if isinstance(model.source, Series):
        scaled = (table.x[-model.source.width :] - model.mean) / model.scale
        return _values(model, scaled[None].astype(np.float32))[0]
    outputs = np.asarray(forward(model.net, model.params, table.x))
    if model.classes is not None:
        return outputs.argmax(-1)
    return outputs[:, 0] * model.scale[0] + model.mean[0]


def _values(model: SequenceModel, x: np.ndarray) -> np.ndarray:
    return np.asarray(forward(model.net, model.params, x), np.float64) * model.scale[0] + model.mean[0]


def probabilities(model: SequenceModel, table: SequenceTable) -> np.ndarray:
    """The probability of each class for each text, (n, classes)."""
    if model.classes is None:
        raise ValueError("tables.probabilities: expected a model of classes, got one of values")
    return softmax(np.asarray(forward(model.net, model.params, table.x)), axis=-1)


def report(model: SequenceModel, table: SequenceTable) -> dict[str, float]:
    """The figures of a model on a table with targets.

    Returns:
        name -> figure: ``accuracy`` for classes; for values the root mean squared error and R²; of a table in
        time over all its windows, and beside it the error of repeating the last value.
    """
    if isinstance(model.source, Series):
        source = model.source
        x, y = _pair((table.x - model.mean) / model.scale, source)
        wanted = y.reshape(len(y), -1) * model.scale[0] + model.mean[0]
        last = x[:, -1:, 0] * model.scale[0] + model.mean[0]
        return {**_errors(_values(model, x), wanted), "rmse_of_last_value": _errors(last, wanted)["rmse"]}
    found = answer(model, table)
    if model.classes is not None:
        return {"accuracy": float(np.mean(found == table.y))}
    return _errors(found, table.y)


def _errors(found: np.ndarray, wanted: Any) -> dict[str, float]:
    error, spread = float(np.mean((found - wanted) ** 2)), float(np.var(wanted))
    return {"rmse": error**0.5, "r2": 1 - error / spread if spread else float("nan")}


def size(model: SequenceModel) -> int:
    """How many parameters a model has."""
    return sum(leaf.size for leaf in jax.tree.leaves(model.params))


def save(path: str | os.PathLike[str], model: SequenceModel) -> None:
    """Write a model to one safetensors file, atomically.

    Raises:
        OSError: the file cannot be written.
    """
    kind, words = type(model.source).__name__, model.source._asdict()
    if isinstance(model.source, Text):
        assert model.source.vocabulary is not None
        words["vocabulary"] = model.source.vocabulary._asdict()
    table = {"kind": kind, "source": words, "target": model.target, "classes": model.classes}
    tree = {"params": model.params, "mean": model.mean, "scale": model.scale}
    about = {"form": _FORM, "table": json.dumps(table, ensure_ascii=False)}
    checkpoint.save(path, tree, net=model.net, about=about)


def load(path: str | os.PathLike[str]) -> SequenceModel | None:
    """Read a model written by :func:`save`; None for any other file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged.
    """
    try:
        tree, words = _storage.read(Path(path))
        about = json.loads(words.get("about", "{}"))
    except ValueError:
        return None  # tables.load says what is wrong with it
    if about.get("form") != _FORM:
        return None
    try:
        table = json.loads(about["table"])
        source = table["source"]
        if table["kind"] == "Text":
            given = source["vocabulary"]
            vocabulary = Vocabulary(**{**given, "tokens": tuple(given["tokens"])})
            read: Text | Series = Text(source["column"], vocabulary)
        else:
            read = Series(**{**source, "columns": tuple(source["columns"])})
        classes = None if table["classes"] is None else tuple(table["classes"])
        net = specs.from_spec(json.loads(words["network"]))
        return SequenceModel(
            net, tree["params"], read, table["target"], classes, np.asarray(tree["mean"]),
            np.asarray(tree["scale"]),
        )  # fmt: skip
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise InvalidFile("tables.load", "damaged model", path=path, detail=f"{error!s:.200}") from None
