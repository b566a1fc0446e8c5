"""Keras with the JAX backend: ``fit``."""

import os
from typing import Any

import numpy as np

os.environ["KERAS_BACKEND"] = "jax"

import keras  # pyright: ignore[reportMissingImports]

from benchmark.workloads import Workload, initial, initial_recurrent


class Contestant:
    """A workload in Keras."""

    version = keras.__version__

    def __init__(self, name: str, workload: Workload, data: tuple[np.ndarray, ...], device: str) -> None:
        self.x, self.y, self.xt, self.yt = data
        self.workload = workload
        keras.utils.set_random_seed(0)
        self.model = network(workload, self.x.shape[1:])
        self.model.compile(
            keras.optimizers.Adam(workload.learning_rate, epsilon=1e-8),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        self.start = [np.asarray(value) for value in self.model.get_weights()]

    def train(self) -> None:
        self.model.set_weights(self.start)
        for variable in self.model.optimizer.variables[2:]:  # all except the iterations and the learning rate
            variable.assign(np.zeros(variable.shape, np.float32))
        self.model.optimizer.iterations.assign(0)
        sizes = {"batch_size": self.workload.batch_size, "epochs": self.workload.epochs}
        self.model.fit(self.x, self.y, verbose=0, **sizes)

    def accuracy(self) -> float:
        predictions = self.model.predict(self.xt, batch_size=1000, verbose=0).argmax(1)
        return float((predictions == self.yt).mean())

    def facts(self) -> dict[str, Any]:
        return {}


def network(workload: Workload, in_shape: tuple[int, ...]) -> Any:
    """The network of a workload with the initial parameters."""
    layers = keras.layers
    if workload.kind == "mlp":
        hidden = [layers.Dense(size, workload.activation) for size in workload.sizes[1:-1]]
    elif workload.kind == "cnn":
        hidden = [
            layers.Conv2D(workload.sizes[0], 3, padding="same", activation="relu"), layers.MaxPooling2D(),
            layers.Conv2D(workload.sizes[1], 3, padding="same", activation="relu"), layers.MaxPooling2D(),
            layers.Flatten(),
        ]  # fmt: skip
    else:
        hidden = [(layers.LSTM if workload.kind == "lstm" else layers.GRU)(workload.sizes[1])]
    model = keras.Sequential([keras.Input(in_shape), *hidden, layers.Dense(workload.sizes[-1])])
    if not workload.recurrent:
        model.set_weights([part for pair in initial(workload) for part in pair])
        return model
    params = initial_recurrent(workload)
    cell = [params["w"], params["u"], params["b"]]
    if workload.kind == "gru":  # gates z, r, n; separate biases for the inputs and for the state
        order = [1, 0, 2]
        cell = [
            np.concatenate([np.split(part, 3, axis=-1)[gate] for gate in order], axis=-1) for part in cell
        ]
        cell[2] = np.stack([cell[2], np.zeros_like(cell[2])])
    model.set_weights([*cell, params["out_w"], params["out_b"]])
    return model
