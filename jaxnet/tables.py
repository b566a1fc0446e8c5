"""A model for a table: a network together with how rows become its inputs, and its outputs answers."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxnet import _storage, checkpoint, data, losses, metrics, networks, specs, training
from jaxnet.data import readers
from jaxnet.training.evaluation import predict as forward

CLASSIFICATION, REGRESSION = TASKS = ("classification", "regression")

#: A whole-number target with at most this many different values is taken for classes.
MOST_CLASSES = 20

_FORM = "jaxnet table model 1"


class Model(NamedTuple):
    """What :func:`train` gives back, and a file holds.

    Attributes:
        net: the network.
        params: its parameters.
        scaling: how features are standardised; ``{"mean": (n,), "scale": (n,)}``.
        answers: how values are; ``{"mean": (), "scale": ()}`` for regression, ones and zeros otherwise.
        features: the names of the features.
        target: the name of the target.
        classes: the names of the classes; None for regression.
    """

    net: Any
    params: Any
    scaling: Mapping[str, np.ndarray]
    answers: Mapping[str, np.ndarray]
    features: tuple[str, ...]
    target: str
    classes: tuple[str, ...] | None

    @property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return REGRESSION if self.classes is None else CLASSIFICATION


def read(
    path: str | os.PathLike[str],
    target: str | None = None,
    task: str | None = None,
    classes: Sequence[str] | None = None,
    *,
    held_out: bool = False,
) -> readers.Table:
    """Read a table: a .csv, a .npz with ``x`` and ``y`` (or ``x_train``, ``y_train``), a folder of IDX files.

    Args:
        path: the file or folder.
        target: the name of the target column of a .csv; the last one if None.
        task: ``"classification"`` or ``"regression"``; None to tell by the target: text, or at most
            :data:`MOST_CLASSES` different whole numbers, are classes.
        classes: the names of the classes in their order, from a model trained before.
        held_out: of a .npz or a folder with a part to test on, take that part.

    Returns:
        The table; images are laid flat.

    Raises:
        ValueError: the file is none of these, or its content does not fit.
        OSError: it can't be read.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "t.csv"
        >>> _ = path.write_text("a,b,y\\n1,2,0\\n3,4,1\\n5,6,0\\n7,8,1\\n")
        >>> read(path).classes, read(path, task="regression").classes
        (('0', '1'), None)
    """
    path = Path(path)
    if task is not None and task not in TASKS:
        raise ValueError(f"tables.read: expected a task of {', '.join(TASKS)}, got {task!r}")
    if path.suffix == ".npz" or path.is_dir():
        return _arrays(path, task, classes, held_out)
    column = -1 if target is None else target
    if classes is not None:
        return readers.read_csv(path, column, classes=classes)
    if task is not None:
        return readers.read_csv(path, column, classes=task == CLASSIFICATION)
    table = readers.read_csv(path, column)
    if table.classes is None and _look_like_classes(table.y):
        return readers.read_csv(path, column, classes=True)
    return table


def _arrays(path: Path, task: str | None, classes: Sequence[str] | None, held_out: bool) -> readers.Table:
    if path.is_dir():
        x, y = data.mnist(path)[int(held_out)]
    else:
        stored = readers.read_npz(path)
        parts = [("x", "y"), ("x_train", "y_train")]
        if held_out:
            parts.insert(0, ("x_test", "y_test"))
        names = next((pair for pair in parts if set(pair) <= set(stored)), None)
        if names is None:
            raise ValueError(
                f"tables.read: expected arrays x and y (or x_train and y_train) in {path}, "
                f"got {', '.join(stored) or 'none'}"
            )
        x, y = (stored[name] for name in names)
    if y.ndim != 1 or len(x) != len(y):
        raise ValueError(
            f"tables.read: expected one target for each row in {path}, "
            f"got x of shape {x.shape} and y of shape {y.shape}"
        )
    scale = np.float32(255) if x.dtype == np.uint8 else np.float32(1)
    x = x.reshape(len(x), -1).astype(np.float32) / scale
    features = tuple(f"x{number}" for number in range(x.shape[1]))
    if task == REGRESSION or (task is None and classes is None and not _look_like_classes(y)):
        return readers.Table(x, y.astype(np.float32), features, "y", None)
    values, places = np.unique(y, return_inverse=True)
    known = tuple(str(value) for value in values)
    if classes is not None:
        if unknown := set(known) - set(classes):
            raise ValueError(
                f"tables.read: expected the classes {', '.join(classes)} in {path}, got {min(unknown)!r} too"
            )
        places = np.array([list(classes).index(name) for name in known])[places]
    return readers.Table(x, places.astype(np.int32), features, "y", tuple(classes or known))


def _look_like_classes(y: Any) -> bool:
    values, counts = np.unique(np.asarray(y), return_counts=True)
    whole = bool(np.all(values == np.round(values.astype(np.float64))))
    return whole and len(values) <= MOST_CLASSES and bool(np.all(counts > 1))


def train(
    table: readers.Table,
    hidden: Sequence[int] = (64, 32),
    *,
    activation: str = "relu",
    seed: int = 0,
    validation: float = 0.0,
    **options: Any,
) -> tuple[Model, training.Run]:
    """Train a multi-layer perceptron on a table, features (and values) standardised.

    Args:
        table: from :func:`read`, with a target.
        hidden: the sizes of the hidden layers.
        activation: of the hidden layers.
        seed: of the weights and of the order of the examples.
        validation: the fraction held out and measured after each epoch.
        **options: more for :func:`jaxnet.fit`.

    Returns:
        The model and the run, whose history has ``accuracy`` for classes; :func:`evaluate` measures more.

    Example:
        >>> x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
        >>> table = readers.Table(x, 3 * x[:, 0] + 2, ("x",), "y", None)
        >>> model, run = train(table, (), epochs=100, learning_rate=0.05)
        >>> answer(model, np.array([[0.5]], np.float32)).round(1).tolist()
        [3.5]
    """
    if table.y is None:
        raise ValueError("tables.train: expected a table with a target, got none; name its column")
    x, scaling = data.standardise(table.x)
    if table.classes is None:
        y, answers = data.standardise(table.y[:, None])
        outputs, loss, figures = 1, losses.mse, {}
        mean, scale = answers.mean[0], answers.scale[0]
    else:
        y, mean, scale = table.y, np.float32(0), np.float32(1)
        outputs, loss, figures = len(table.classes), losses.cross_entropy, {"accuracy": metrics.accuracy}
    net = networks.mlp([x.shape[1], *hidden, outputs], activation=activation)
    run = training.fit(
        net,
        (x, y),
        loss=loss,
        metrics=figures,
        key=jax.random.key(seed),
        validation=validation or None,
        **options,
    )
    model = Model(
        net,
        run.params,
        {"mean": scaling.mean, "scale": scaling.scale},
        {"mean": np.asarray(mean), "scale": np.asarray(scale)},
        table.features,
        table.target or "y",
        table.classes,
    )
    return model, run


def answer(model: Model, x: Any) -> np.ndarray:
    """Return what the model says to rows of features: class numbers, or values.

    Args:
        model: from :func:`train` or :func:`load`.
        x: (N, n) features as they were read.

    Returns:
        (N,) class numbers (int) or values (float32).

    Raises:
        ValueError: another number of features than the model was trained on.
    """
    x = np.asarray(x, np.float32)
    if x.ndim != 2 or x.shape[1] != len(model.features):
        raise ValueError(
            f"tables.answer: expected rows of {len(model.features)} features, as the model was trained on, "
            f"got shape {x.shape}"
        )
    outputs = np.asarray(
        forward(model.net, model.params, (x - model.scaling["mean"]) / model.scaling["scale"])
    )
    if model.classes is not None:
        return outputs.argmax(-1)
    return outputs[:, 0] * model.answers["scale"] + model.answers["mean"]


def evaluate(model: Model, table: readers.Table) -> dict[str, float]:
    """Return the model's figures on a table: accuracy, or root mean squared error and R².

    Raises:
        ValueError: the table has no target, or other features.
    """
    if table.y is None:
        raise ValueError("tables.evaluate: expected a table with a target, got none")
    said = answer(model, table.x)
    if model.classes is not None:
        return {"accuracy": float(np.mean(said == table.y))}
    error = float(np.mean((said - table.y) ** 2))
    spread = float(np.var(table.y))
    return {"rmse": error**0.5, "r2": 1 - error / spread if spread else float("nan")}


def save(path: str | os.PathLike[str], model: Model) -> None:
    """Write a model, its architecture and its preprocessing to one safetensors file, atomically."""
    tree = {"params": model.params, "scaling": dict(model.scaling), "answers": dict(model.answers)}
    about = {
        "form": _FORM,
        "table": json.dumps(
            {"features": model.features, "target": model.target, "classes": model.classes}, ensure_ascii=False
        ),
    }
    checkpoint.save(path, tree, net=model.net, about=about)


def load(path: str | os.PathLike[str]) -> Model:
    """Read a model written by :func:`save`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, foreign, or no model of a table.
    """
    tree, words = _storage.read(Path(path))
    about = json.loads(words.get("about", "{}"))
    if about.get("form") != _FORM or "network" not in words:
        raise ValueError(f"tables.load: {path} holds no model of a table; 'jaxnet train' makes one")
    table = json.loads(about["table"])
    return Model(
        specs.from_spec(json.loads(words["network"])),
        tree["params"],
        tree["scaling"],
        tree["answers"],
        tuple(table["features"]),
        table["target"],
        None if table["classes"] is None else tuple(table["classes"]),
    )
