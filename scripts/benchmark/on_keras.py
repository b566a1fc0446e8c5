"""The benchmark's work done by Keras on JAX."""

import os
from typing import Any

import numpy as np

os.environ["KERAS_BACKEND"] = "jax"

import keras  # pyright: ignore[reportMissingImports]

from benchmark.works import Work, initial, initial_recurrent


class Contestant:
    """One work by Keras."""

    version = keras.__version__

    def __init__(self, name: str, work: Work, data: tuple[np.ndarray, ...], device: str) -> None:
        self.x, self.y, self.xt, self.yt = data
        self.work = work
        keras.utils.set_random_seed(0)
        self.model = network(work, self.x.shape[1:])
        self.model.compile(
            keras.optimizers.Adam(work.rate, epsilon=1e-8),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        self.start = [np.asarray(value) for value in self.model.get_weights()]

    def train(self) -> None:
        self.model.set_weights(self.start)
        for variable in self.model.optimizer.variables[2:]:  # all but the count of steps and the rate
            variable.assign(np.zeros(variable.shape, np.float32))
        self.model.optimizer.iterations.assign(0)
        self.model.fit(self.x, self.y, batch_size=self.work.batch, epochs=self.work.epochs, verbose=0)

    def accuracy(self) -> float:
        guesses = self.model.predict(self.xt, batch_size=1000, verbose=0).argmax(1)
        return float((guesses == self.yt).mean())

    def facts(self) -> dict[str, Any]:
        return {}


def network(work: Work, in_shape: tuple[int, ...]) -> Any:
    """The network of a work, with the weights with which everybody begins."""
    layers = keras.layers
    if work.kind == "mlp":
        inside = [layers.Dense(size, work.activation) for size in work.sizes[1:-1]]
    elif work.kind == "cnn":
        inside = [
            layers.Conv2D(work.sizes[0], 3, padding="same", activation="relu"), layers.MaxPooling2D(),
            layers.Conv2D(work.sizes[1], 3, padding="same", activation="relu"), layers.MaxPooling2D(),
            layers.Flatten(),
        ]  # fmt: skip
    else:
        inside = [(layers.LSTM if work.kind == "lstm" else layers.GRU)(work.sizes[1])]
    model = keras.Sequential([keras.Input(in_shape), *inside, layers.Dense(work.sizes[-1])])
    if work.kind in ("mlp", "cnn"):
        model.set_weights([part for pair in initial(work) for part in pair])
        return model
    held = initial_recurrent(work)
    cell = [held["w"], held["u"], held["b"]]
    if work.kind == "gru":  # gates z, r, n, and a bias for the inputs and one for the state
        order = [1, 0, 2]
        cell = [
            np.concatenate([np.split(part, 3, axis=-1)[gate] for gate in order], axis=-1) for part in cell
        ]
        cell[2] = np.stack([cell[2], np.zeros_like(cell[2])])
    model.set_weights([*cell, held["out_w"], held["out_b"]])
    return model
