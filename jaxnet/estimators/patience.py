"""Scikit-learn's rule for when training stops."""

import math
from collections.abc import Callable
from typing import Any

from jaxnet.training.host.journal import Epoch


class Patience:
    """Stop after more than ``most`` epochs without an improvement of at least ``tol``.

    Args:
        tol: the smallest change that counts as an improvement.
        most: the number of epochs without an improvement that are tolerated.
        score: parameters -> the score to maximise; None to minimise the training loss.
    """

    def __init__(self, tol: float, most: float, score: Callable[[Any], float] | None):
        self.tol: float = tol
        self.most: float = most
        self.score: Callable[[Any], float] | None = score
        self.scores: list[float] = []
        self.best: float = -math.inf
        self.best_params: Any = None
        self.waited: int = 0

    def __call__(self, epoch: Epoch) -> bool:
        """Whether to stop after this epoch."""
        value = -epoch.figures["loss"] if self.score is None else self.score(epoch.params)
        self.scores.append(value)
        self.waited = self.waited + 1 if value < self.best + self.tol else 0
        if value > self.best:
            self.best, self.best_params = value, epoch.params
        return self.waited > self.most
