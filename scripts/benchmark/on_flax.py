"""Flax NNX, used as its performance guide recommends: one compiled step with cached arguments."""

from typing import Any

import flax  # pyright: ignore[reportMissingImports]
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx  # pyright: ignore[reportMissingImports]

from benchmark.workloads import Workload, batches, initial, initial_recurrent


class Net(nnx.Module):
    """The network of a workload with the initial parameters."""

    def __init__(self, workload: Workload) -> None:
        rngs = nnx.Rngs(0)
        self.kind, self.recurrent = workload.kind, workload.recurrent
        self.activation = jnp.tanh if workload.activation == "tanh" else jax.nn.relu
        if workload.kind == "mlp":
            layers = [nnx.Linear(a, b, rngs=rngs) for a, b in workload.layers]
        elif workload.kind == "cnn":
            first, second, classes = workload.sizes
            layers = [
                nnx.Conv(1, first, (3, 3), rngs=rngs), nnx.Conv(first, second, (3, 3), rngs=rngs),
                nnx.Linear(7 * 7 * second, classes, rngs=rngs),
            ]  # fmt: skip
        else:
            features, units, classes = workload.sizes
            layers = [nnx.Linear(units, classes, rngs=rngs)]
            lstm = workload.kind == "lstm"
            cell = (nnx.OptimizedLSTMCell if lstm else nnx.GRUCell)(features, units, rngs=rngs)
            start = initial_recurrent(workload)
            cell.dense_i.kernel[...], cell.dense_h.kernel[...] = map(jnp.asarray, (start["w"], start["u"]))
            (cell.dense_h if lstm else cell.dense_i).bias[...] = jnp.asarray(start["b"])
            self.cell = nnx.RNN(cell)
        params = [(start["out_w"], start["out_b"])] if self.recurrent else initial(workload)
        for layer, (w, b) in zip(layers, params, strict=True):
            layer.kernel[...], layer.bias[...] = jnp.asarray(w), jnp.asarray(b)
        self.layers = nnx.List(layers)

    def __call__(self, x: jax.Array) -> jax.Array:
        if self.recurrent:
            return self.layers[0](self.cell(x)[:, -1])
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
            if self.kind == "cnn":
                x = nnx.max_pool(x, (2, 2), (2, 2))
        return self.layers[-1](x.reshape(len(x), -1))


@nnx.jit
def step(model: Any, optimizer: Any, x: jax.Array, y: jax.Array, indices: jax.Array) -> None:
    """One step on the examples at ``indices``."""

    def loss(model: Any) -> jax.Array:
        return optax.softmax_cross_entropy_with_integer_labels(model(x[indices]), y[indices]).mean()

    optimizer.update(model, nnx.grad(loss)(model))


class Contestant:
    """A workload in Flax."""

    version = flax.__version__

    def __init__(self, name: str, workload: Workload, data: tuple[np.ndarray, ...], device: str) -> None:
        self.x, self.y = jnp.asarray(data[0]), jnp.asarray(data[1])
        self.xt, self.yt = data[2:]
        self.workload, self.model = workload, Net(workload)
        adam = optax.adam(workload.learning_rate, eps=1e-8)
        self.optimizer = nnx.Optimizer(self.model, adam, wrt=nnx.Param)
        self.start = jax.tree.map(jnp.copy, nnx.state((self.model, self.optimizer)))
        self.step = nnx.cached_partial(step, self.model, self.optimizer)

    def train(self) -> None:
        nnx.update((self.model, self.optimizer), jax.tree.map(jnp.copy, self.start))
        for indices in batches(self.workload, len(self.x)):
            self.step(self.x, self.y, indices)
        jax.block_until_ready(nnx.state(self.model))

    def accuracy(self) -> float:
        predict = nnx.jit(lambda model, x: model(x).argmax(1))
        parts = np.split(self.xt, max(1, len(self.xt) // 1000))
        return float((np.concatenate([predict(self.model, part) for part in parts]) == self.yt).mean())

    def facts(self) -> dict[str, Any]:
        return {}
