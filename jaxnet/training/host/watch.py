"""Early stopping of networks that train side by side."""

from typing import Any

import jax
import numpy as np

from jaxnet.training.compiled.task import State, Tally, Task
from jaxnet.training.host.stopping import EarlyStopping


def means(task: Task, tally: Tally, prefix: str) -> dict[str, np.ndarray]:
    """The figures of tallies with leading axes of networks and epochs."""
    totals = dict(zip(task.figures, (tally.loss, *tally.metrics), strict=True))
    return {prefix + name: total.astype(float) / tally.count for name, total in totals.items()}


class Watch:
    """Early stopping of networks side by side: when each was best, and its parameters then."""

    def __init__(self, task: Task, early: EarlyStopping, count: int):
        """Nothing was seen yet."""
        self.task: Task = task
        self.early: EarlyStopping = early
        self.best: np.ndarray = np.full(count, np.nan)
        self.best_epoch: np.ndarray = np.zeros(count, int)
        self.length: np.ndarray = np.zeros(count, int)
        self.alive: np.ndarray = np.ones(count, bool)
        self.params: Any = None

    def look(self, tally: Tally, measured: Tally | None, whole: dict[str, np.ndarray], learned: Any) -> bool:
        """Take note of an epoch; whether any network goes on."""
        row = means(self.task, tally, "") | ({} if measured is None else means(self.task, measured, "val_"))
        row |= whole
        values = row[str(self.early.monitor)].reshape(-1)
        self.length[self.alive] += 1
        gain = (self.best - values) * (1 if self.early.mode == "min" else -1)
        better = self.alive & (np.isnan(self.best) | (gain > self.early.min_delta))
        self.best[better], self.best_epoch[better] = values[better], self.length[better]

        def chosen(new: Any, old: Any) -> Any:
            return np.where(better.reshape(-1, *(1,) * (new.ndim - 1)), new, old)

        self.params = learned if self.params is None else jax.tree.map(chosen, learned, self.params)
        self.alive = self.alive & (self.length - self.best_epoch < self.early.patience)
        return bool(self.alive.any())

    def ended(self, state: State, figures: Any) -> tuple[State, Any, np.ndarray]:
        """The best parameters, the figures of each network until it stopped, and its best epoch."""
        if self.params is None:
            return state, figures, self.best_epoch
        late = np.arange(jax.tree.leaves(figures)[0].shape[1]) >= self.length[:, None]
        figures = jax.tree.map(lambda part: np.where(late, np.nan, part), figures)
        average = None if state.average is None else self.params
        return state._replace(params=self.params, average=average), figures, self.best_epoch
