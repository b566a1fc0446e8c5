"""Equinox: one compiled step with donated state."""

from typing import Any

import equinox as eqx  # pyright: ignore[reportMissingImports]
import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmark.workloads import Workload, batches, initial, initial_recurrent


class Recurrent(eqx.Module):
    """An LSTM or a GRU followed by a dense layer on the last state."""

    cell: Any
    out: Any

    def __init__(self, workload: Workload) -> None:
        features, units, classes = workload.sizes
        keys = jax.random.split(jax.random.key(0))
        cell = (eqx.nn.LSTMCell if workload.kind == "lstm" else eqx.nn.GRUCell)(features, units, key=keys[0])
        params = {name: jnp.asarray(part) for name, part in initial_recurrent(workload).items()}
        values = (params["w"].T, params["u"].T, params["b"])
        self.cell = eqx.tree_at(lambda part: (part.weight_ih, part.weight_hh, part.bias), cell, values)
        if workload.kind == "gru":
            self.cell = eqx.tree_at(lambda part: part.bias_n, self.cell, jnp.zeros(units))
        out = eqx.nn.Linear(units, classes, key=keys[1])
        values = (params["out_w"].T, params["out_b"])
        self.out = eqx.tree_at(lambda part: (part.weight, part.bias), out, values)

    def __call__(self, x: jax.Array) -> jax.Array:
        zero = jnp.zeros(self.cell.hidden_size)
        start = (zero, zero) if isinstance(self.cell, eqx.nn.LSTMCell) else zero
        last, _ = jax.lax.scan(lambda state, now: (self.cell(now, state), None), start, x)
        return self.out(last[0] if isinstance(last, tuple) else last)


def network(workload: Workload) -> Any:
    """The network of a workload with the initial parameters."""
    if workload.recurrent:
        return Recurrent(workload)
    key = jax.random.key(0)
    activation = eqx.nn.Lambda(jnp.tanh if workload.activation == "tanh" else jax.nn.relu)
    if workload.kind == "mlp":
        layers = [part for a, b in workload.layers
                  for part in (eqx.nn.Linear(a, b, key=key), activation)][:-1]  # fmt: skip
    else:
        first, second, classes = workload.sizes
        layers = [
            eqx.nn.Conv2d(1, first, 3, padding=1, key=key), activation, eqx.nn.MaxPool2d(2, 2),
            eqx.nn.Conv2d(first, second, 3, padding=1, key=key), activation, eqx.nn.MaxPool2d(2, 2),
            eqx.nn.Lambda(jnp.ravel), eqx.nn.Linear(7 * 7 * second, classes, key=key),
        ]  # fmt: skip
    params = iter(initial(workload, channels_first=True))
    for i, layer in enumerate(layers):
        if hasattr(layer, "weight"):
            w, b = next(params)
            values = (jnp.asarray(w), jnp.asarray(b.reshape(layer.bias.shape)))
            layers[i] = eqx.tree_at(lambda part: (part.weight, part.bias), layer, values)
    return eqx.nn.Sequential(layers)


class Contestant:
    """A workload in Equinox."""

    version = eqx.__version__

    def __init__(self, name: str, workload: Workload, data: tuple[np.ndarray, ...], device: str) -> None:
        x, self.xt = (
            part[..., 0][:, None] if workload.kind == "cnn" else part for part in (data[0], data[2])
        )
        self.x, self.y, self.yt = jnp.asarray(x), jnp.asarray(data[1]), data[3]
        self.workload, self.start = workload, network(workload)
        optimizer = self.optimizer = optax.adam(workload.learning_rate, eps=1e-8)

        @eqx.filter_jit(donate="all-except-first")
        def step(data: Any, model: Any, state: Any, indices: jax.Array) -> Any:
            def loss(model: Any) -> jax.Array:
                outputs = jax.vmap(model)(data[0][indices])
                return optax.softmax_cross_entropy_with_integer_labels(outputs, data[1][indices]).mean()

            updates, state = optimizer.update(eqx.filter_grad(loss)(model), state)
            return eqx.apply_updates(model, updates), state

        self.step = step

    def train(self) -> None:
        arrays, rest = eqx.partition(self.start, eqx.is_array)
        model = eqx.combine(jax.tree.map(jnp.copy, arrays), rest)
        state = self.optimizer.init(eqx.filter(model, eqx.is_array))
        for indices in batches(self.workload, len(self.x)):
            model, state = self.step((self.x, self.y), model, state, indices)
        self.model = jax.block_until_ready(model)

    def accuracy(self) -> float:
        predict = eqx.filter_jit(lambda model, x: jax.vmap(model)(x).argmax(1))
        parts = np.split(self.xt, max(1, len(self.xt) // 1000))
        return float((np.concatenate([predict(self.model, part) for part in parts]) == self.yt).mean())

    def facts(self) -> dict[str, Any]:
        return {}
