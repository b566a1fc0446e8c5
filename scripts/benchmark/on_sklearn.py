"""scikit-learn, which draws its own initial weights."""

import warnings
from typing import Any

import joblib
import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmark.workloads import Workload

MAX_NETWORKS = 16  # the time of more networks is extrapolated


class Contestant:
    """A workload in scikit-learn."""

    version = sklearn.__version__

    def __init__(self, name: str, workload: Workload, data: tuple[np.ndarray, ...], device: str) -> None:
        self.x, self.y, self.xt, self.yt = data
        self.workload, self.model = workload, None
        self.jobs = joblib.cpu_count() if name == "sklearn-jobs" else 1

    def train(self) -> None:
        seeds = range(min(self.workload.copies, MAX_NETWORKS))
        self.model = joblib.Parallel(n_jobs=self.jobs)(joblib.delayed(self._fit)(seed) for seed in seeds)[-1]

    def _fit(self, seed: int) -> Any:
        workload = self.workload
        model = MLPClassifier(
            workload.sizes[1:-1], activation=workload.activation, solver="adam", alpha=0.0,
            batch_size=min(workload.batch_size, len(self.x)), learning_rate_init=workload.learning_rate,
            max_iter=workload.epochs, tol=0.0, n_iter_no_change=workload.epochs + 1, random_state=seed,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(self.x, self.y)

    def accuracy(self) -> float:
        assert self.model is not None
        return float(self.model.score(self.xt, self.yt))

    def facts(self) -> dict[str, Any]:
        return {"scale": max(1.0, self.workload.copies / MAX_NETWORKS)}
