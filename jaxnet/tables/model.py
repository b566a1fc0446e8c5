"""A model for a table: a network together with how rows become its inputs, and its outputs answers."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from scipy.special import softmax

from jaxnet import data, losses, metrics, networks, training
from jaxnet.data import readers
from jaxnet.tables.arrays import array_names, is_arrays, own_scale, read_arrays, scaled
from jaxnet.tables.preparation import Preparation, Prepared
from jaxnet.tables.targets import CLASSIFICATION, REGRESSION, check_task, look_like_classes, read_targets
from jaxnet.training.evaluation import predict as forward


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
        preparation: what is done to the columns of a table; None for a table of numbers.
    """

    net: Any
    params: Any
    scaling: Mapping[str, np.ndarray]
    answers: Mapping[str, np.ndarray]
    features: tuple[str, ...]
    target: str
    classes: tuple[str, ...] | None
    preparation: Preparation | None = None

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
    """Read a table of numbers; for texts, dates and blanks see :func:`prepare`.

    It is a .csv, a .npz with ``x`` and ``y`` (or ``x_train``, ``y_train``), or a folder of IDX files.

    Args:
        path: the file or folder.
        target: the name of the target column of a .csv; the last one if None.
        task: ``"classification"`` or ``"regression"``; None to tell by the target: text, or at most
            :data:`MOST_CLASSES` different whole numbers, are classes.
        classes: the names of the classes in their order, from a model trained before.
        held_out: of a .npz or a folder with a separate test set, take that.

    Returns:
        The table; images are laid flat.

    Raises:
        ValueError: the file is none of these, or its content does not fit.
        OSError: it cannot be read.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "t.csv"
        >>> _ = path.write_text("a,b,y\\n1,2,0\\n3,4,1\\n5,6,0\\n7,8,1\\n")
        >>> read(path).classes, read(path, task="regression").classes
        (('0', '1'), None)
    """
    path = Path(path)
    check_task("tables.read", task)
    if is_arrays(path):
        x, cells = read_arrays("tables.read", path, held_out=held_out)
        assert cells is not None
        task = task if classes is None else task or CLASSIFICATION
        y, known = read_targets("tables.read", path, cells, task, classes)
        y = y.astype(np.float32) if known is None else y
        return readers.Table(scaled(x, own_scale(x)), y, array_names(x), "y", known)
    column = -1 if target is None else target
    if classes is not None:
        return readers.read_csv(path, column, classes=classes)
    if task is not None:
        return readers.read_csv(path, column, classes=task == CLASSIFICATION)
    table = readers.read_csv(path, column)
    if table.classes is None and table.y is not None and look_like_classes(table.y):
        return readers.read_csv(path, column, classes=True)
    return table


def train(
    table: readers.Table | Prepared,
    hidden: Sequence[int] = (64, 32),
    *,
    activation: str = "relu",
    seed: int = 0,
    validation: float = 0.0,
    **options: Any,
) -> tuple[Model, training.Run]:
    """Train a multi-layer perceptron on a table, features (and values) standardised.

    Args:
        table: from :func:`prepare` or :func:`read`, with a target.
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
    preparation = None
    if isinstance(table, Prepared):
        table, preparation = table.table, table.preparation
    if table.y is None:
        raise ValueError("tables.train: expected a table with a target, got none; name its column")
    x, scaling = data.standardise(table.x)
    if preparation is not None and preparation.columns:
        # what is 0 or 1 stays so: a rare 1 would be far from everything else
        kept = np.array([not measured for column in preparation.columns for _, measured in column.inputs()])
        scaling = data.Scaling(np.where(kept, 0, scaling.mean), np.where(kept, 1, scaling.scale))
        x[:, kept] = table.x[:, kept]
    if table.classes is None:
        y, answers = data.standardise(table.y[:, None])
        outputs, loss, figures = 1, losses.mse, {}
        mean, scale = answers.mean[0], answers.scale[0]
    else:
        y, mean, scale = table.y, np.float32(0), np.float32(1)
        outputs, loss, figures = len(table.classes), losses.cross_entropy, {"accuracy": metrics.accuracy}
    chosen: Any = activation
    net = networks.mlp([x.shape[1], *hidden, outputs], activation=chosen)
    run = training.fit(
        net,
        (x.astype(np.float32, order="C"), y.astype(np.float32) if table.classes is None else y),
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
        preparation,
    )
    return model, run


def answer(model: Model, x: Any) -> np.ndarray:
    """Return the answer of a model to each row of features: a class number, or a value.

    Args:
        model: from :func:`train` or :func:`load`.
        x: (N, n) features as they were read.

    Returns:
        (N,) class numbers (int) or values.

    Raises:
        ValueError: another number of features than the model was trained on.

    Example:
        >>> x = np.array([[0.0], [1.0]] * 8, np.float32)
        >>> table = readers.Table(x, x[:, 0].astype(np.int32), ("x",), "y", ("no", "yes"))
        >>> model, _ = train(table, (), epochs=200, learning_rate=0.1)
        >>> answer(model, [[0.0], [1.0]]).tolist()
        [0, 1]
    """
    outputs = _outputs("tables.answer", model, x)
    if model.classes is not None:
        return outputs.argmax(-1)
    return outputs[:, 0] * model.answers["scale"] + model.answers["mean"]


def probabilities(model: Model, x: Any) -> np.ndarray:
    """Return the probability of each class for each row of features.

    Args:
        model: of classes, from :func:`train` or :func:`load`.
        x: (N, n) features as they were read.

    Returns:
        (N, classes) float32; each row sums to 1.

    Raises:
        ValueError: a model of values; another number of features than the model was trained on.

    Example:
        >>> x = np.array([[0.0], [1.0]] * 8, np.float32)
        >>> table = readers.Table(x, x[:, 0].astype(np.int32), ("x",), "y", ("no", "yes"))
        >>> model, run = train(table, (), epochs=1)
        >>> probabilities(model, x).sum(1).round(4).tolist() == [1.0] * 16
        True
    """
    if model.classes is None:
        raise ValueError("tables.probabilities: expected a model of classes, got one of values")
    return softmax(_outputs("tables.probabilities", model, x), axis=-1)


def _outputs(who: str, model: Model, x: Any) -> np.ndarray:
    mean, scale = model.scaling["mean"], model.scaling["scale"]
    x = np.asarray(
        x, mean.dtype
    )  # float64 where the training table was: large numbers differ in their last digits
    if x.ndim != 2 or x.shape[1] != len(model.features):
        raise ValueError(
            f"{who}: expected rows of {len(model.features)} features, as the model was trained on, "
            f"got shape {x.shape}"
        )
    return np.asarray(forward(model.net, model.params, ((x - mean) / scale).astype(np.float32, order="C")))


def evaluate(model: Model, table: readers.Table) -> dict[str, float]:
    """Return the model's figures on a table.

    Args:
        model: from :func:`train` or :func:`load`.
        table: with a target, as :func:`apply` or :func:`read` gives it.

    Returns:
        name -> figure: ``accuracy`` for classes; for values the root mean squared error and R².

    Raises:
        ValueError: the table has no target, or other features.

    Example:
        >>> x = np.array([[0.0], [1.0]] * 8, np.float32)
        >>> table = readers.Table(x, x[:, 0].astype(np.int32), ("x",), "y", ("no", "yes"))
        >>> model, _ = train(table, (), epochs=200, learning_rate=0.1)
        >>> evaluate(model, table)
        {'accuracy': 1.0}
    """
    return _figures(model, _target("tables.evaluate", table), answer(model, table.x))


def report(model: Model, table: readers.Table) -> dict[str, Any]:
    """Return what :func:`evaluate` does; for classes the confusion matrix and the figures of each class too.

    Args:
        model: from :func:`train` or :func:`load`.
        table: with a target, as :func:`apply` or :func:`read` gives it.

    Returns:
        ``classes`` -> their names; ``confusion`` -> (classes, classes) counts, the row is the true class, the
        column the answer; ``per_class`` -> name -> ``precision``, ``recall``, ``f1`` and ``rows``. A figure
        without any row to count is NaN.

    Raises:
        ValueError: the table has no target, or other features.

    Example:
        >>> x = np.array([[0.0], [1.0]] * 8, np.float32)
        >>> table = readers.Table(x, x[:, 0].astype(np.int32), ("x",), "y", ("no", "yes"))
        >>> model, run = train(table, (), epochs=200, learning_rate=0.1)
        >>> report(model, table)["confusion"], report(model, table)["per_class"]["yes"]["recall"]
        ([[8, 0], [0, 8]], 1.0)
    """
    y, answers = _target("tables.report", table), answer(model, table.x)
    figures: dict[str, Any] = _figures(model, y, answers)
    if model.classes is None:
        return figures
    count = len(model.classes)
    confusion = np.bincount(y.astype(int) * count + answers, minlength=count * count).reshape(count, count)
    right, answered, true = np.diag(confusion), confusion.sum(0), confusion.sum(1)
    with np.errstate(invalid="ignore"):
        precision, recall, f1 = right / answered, right / true, 2 * right / (answered + true)
    per_class = {
        name: {
            "precision": float(precision[k]),
            "recall": float(recall[k]),
            "f1": float(f1[k]),
            "rows": int(true[k]),
        }
        for k, name in enumerate(model.classes)
    }
    return {**figures, "classes": [*model.classes], "confusion": confusion.tolist(), "per_class": per_class}


def _target(who: str, table: readers.Table) -> np.ndarray:
    if table.y is None:
        raise ValueError(f"{who}: expected a table with a target, got none")
    return table.y


def _figures(model: Model, y: np.ndarray, answers: np.ndarray) -> dict[str, float]:
    if model.classes is not None:
        return {"accuracy": float(np.mean(answers == y))}
    error = float(np.mean((answers - y) ** 2))
    spread = float(np.var(y))
    return {"rmse": error**0.5, "r2": 1 - error / spread if spread else float("nan")}
