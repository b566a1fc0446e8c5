"""The benchmark's work done by scikit-learn; it draws its own weights."""

import warnings
from typing import Any

import joblib
import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmark.works import Work

SOME = 16  # of many networks this many are trained, and the time is scaled


class Contestant:
    """One work by scikit-learn."""

    version = sklearn.__version__

    def __init__(self, name: str, work: Work, data: tuple[np.ndarray, ...], device: str) -> None:
        self.x, self.y, self.xt, self.yt = data
        self.work, self.model = work, None
        self.jobs = joblib.cpu_count() if name == "sklearn-jobs" else 1

    def train(self) -> None:
        seeds = range(min(self.work.copies, SOME))
        self.model = joblib.Parallel(n_jobs=self.jobs)(joblib.delayed(self._one)(seed) for seed in seeds)[-1]

    def _one(self, seed: int) -> Any:
        work = self.work
        model = MLPClassifier(
            work.sizes[1:-1], activation="tanh" if work.activation == "tanh" else "relu", solver="adam",
            alpha=0.0, batch_size=min(work.batch, len(self.x)), learning_rate_init=work.rate,
            max_iter=work.epochs, tol=0.0, n_iter_no_change=work.epochs + 1, random_state=seed,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(self.x, self.y)

    def accuracy(self) -> float:
        assert self.model is not None
        return float(self.model.score(self.xt, self.yt))

    def facts(self) -> dict[str, Any]:
        return {"scale": max(1.0, self.work.copies / SOME)}
