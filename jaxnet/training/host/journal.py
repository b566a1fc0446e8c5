"""What is known of a run so far: the figures of its epochs, its best parameters."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from jaxnet.training.compiled.task import Data, Tally, Task


class Epoch(NamedTuple):
    """What ``on_epoch`` gets after each epoch; training stops if it returns True.

    Attributes:
        epoch: epochs done, from 1.
        epochs: epochs of the run.
        figures: this epoch's entry of the history.
        params: the parameters; they stay valid.
        layers: with ``statistics=True`` the names of the layers that have parameters.
        statistics: name -> one number per layer, see :func:`jaxnet.backprop.layer_statistics`.
    """

    epoch: int
    epochs: int
    figures: Mapping[str, float]
    params: Any
    layers: tuple[str, ...] = ()
    statistics: Mapping[str, np.ndarray] = {}  # not a MappingProxyType, which cannot be pickled


def stops(answer: Any) -> bool:
    """Whether ``on_epoch`` returned True; a number, such as that of ``file.write()``, does not stop a run."""
    return isinstance(answer, bool | np.bool) and bool(answer)


class Journal(NamedTuple):
    """What the host knows of a run so far.

    Attributes:
        rows: the figures of each epoch.
        partial: sums over the finished part of the current epoch.
        best: best value of the monitored figure.
        best_epoch: after how many epochs.
        best_params: the parameters at that time.
        statistics: for each epoch the figures of each layer.
    """

    rows: tuple[dict[str, float], ...] = ()
    partial: Tally | None = None
    best: float | None = None
    best_epoch: int = 0
    best_params: Any = None
    statistics: tuple[dict[str, np.ndarray], ...] = ()


class EvaluationData(NamedTuple):
    """Data to evaluate, and the order of its batches, (1, steps, batch)."""

    data: Data
    order: Any


def report(task: Task, tally: Tally) -> dict[str, float]:
    """Means from a tally."""
    count = float(tally.count)
    totals = zip(task.figures, (tally.loss, *tally.metrics), strict=True)
    return {name: float(total) / count for name, total in totals}
