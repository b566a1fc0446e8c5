"""The benchmark's work done by Flax NNX as its performance guide has it: one step, cached arguments."""

from typing import Any

import flax  # pyright: ignore[reportMissingImports]
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx  # pyright: ignore[reportMissingImports]

from benchmark.works import Work, initial, initial_recurrent


class Net(nnx.Module):
    """The network of a work, with the weights with which everybody begins."""

    def __init__(self, work: Work) -> None:
        rngs = nnx.Rngs(0)
        self.kind, self.activation = work.kind, jnp.tanh if work.activation == "tanh" else jax.nn.relu
        if work.kind == "mlp":
            layers = [nnx.Linear(a, b, rngs=rngs) for a, b in zip(work.sizes, work.sizes[1:], strict=False)]
        elif work.kind == "cnn":
            first, second, classes = work.sizes
            layers = [
                nnx.Conv(1, first, (3, 3), rngs=rngs), nnx.Conv(first, second, (3, 3), rngs=rngs),
                nnx.Linear(7 * 7 * second, classes, rngs=rngs),
            ]  # fmt: skip
        else:
            cell = nnx.OptimizedLSTMCell if work.kind == "lstm" else nnx.GRUCell
            layers = [nnx.Linear(work.sizes[1], work.sizes[2], rngs=rngs)]
            own, held = cell(work.sizes[0], work.sizes[1], rngs=rngs), initial_recurrent(work)
            own.dense_i.kernel[...], own.dense_h.kernel[...] = jnp.asarray(held["w"]), jnp.asarray(held["u"])
            (own.dense_h if work.kind == "lstm" else own.dense_i).bias[...] = jnp.asarray(held["b"])
            self.cell = nnx.RNN(own)
        pairs = initial(work) if work.kind in ("mlp", "cnn") else [(held["out_w"], held["out_b"])]
        for layer, (w, b) in zip(layers, pairs, strict=True):
            layer.kernel[...], layer.bias[...] = jnp.asarray(w), jnp.asarray(b)
        self.layers = nnx.List(layers)

    def __call__(self, x: jax.Array) -> jax.Array:
        if self.kind in ("lstm", "gru"):
            return self.layers[0](self.cell(x)[:, -1])
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
            if self.kind == "cnn":
                x = nnx.max_pool(x, (2, 2), (2, 2))
        return self.layers[-1](x.reshape(len(x), -1))


@nnx.jit
def step(model: Any, optimizer: Any, x: jax.Array, y: jax.Array, index: jax.Array) -> None:
    """One step on the examples at ``index``."""

    def loss(model: Any) -> jax.Array:
        return optax.softmax_cross_entropy_with_integer_labels(model(x[index]), y[index]).mean()

    optimizer.update(model, nnx.grad(loss)(model))


class Contestant:
    """One work by Flax."""

    version = flax.__version__

    def __init__(self, name: str, work: Work, data: tuple[np.ndarray, ...], device: str) -> None:
        self.x, self.y = jnp.asarray(data[0]), jnp.asarray(data[1])
        self.xt, self.yt = data[2:]
        self.work, self.model = work, Net(work)
        self.optimizer = nnx.Optimizer(self.model, optax.adam(work.rate, eps=1e-8), wrt=nnx.Param)
        self.start = jax.tree.map(jnp.copy, nnx.state((self.model, self.optimizer)))
        self.step = nnx.cached_partial(step, self.model, self.optimizer)

    def train(self) -> None:
        nnx.update((self.model, self.optimizer), jax.tree.map(jnp.copy, self.start))
        rng = np.random.default_rng(0)
        for _ in range(self.work.epochs):
            order = rng.permutation(len(self.x)).astype(np.int32)
            for first in range(0, len(order), self.work.batch):
                self.step(self.x, self.y, order[first : first + self.work.batch])
        jax.block_until_ready(nnx.state(self.model))

    def accuracy(self) -> float:
        apply = nnx.jit(lambda model, x: model(x).argmax(1))
        parts = np.split(self.xt, max(1, len(self.xt) // 1000))
        return float((np.concatenate([apply(self.model, part) for part in parts]) == self.yt).mean())

    def facts(self) -> dict[str, Any]:
        return {}
