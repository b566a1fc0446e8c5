"""The benchmark's work done by Equinox: one compiled step with donated state."""

from typing import Any

import equinox as eqx  # pyright: ignore[reportMissingImports]
import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmark.works import Work, initial, initial_recurrent


class Recurrent(eqx.Module):
    """An LSTM or a GRU over time whose last state goes through a dense layer."""

    cell: Any
    out: Any

    def __init__(self, work: Work) -> None:
        features, units, classes = work.sizes
        keys = jax.random.split(jax.random.key(0))
        cell = (eqx.nn.LSTMCell if work.kind == "lstm" else eqx.nn.GRUCell)(features, units, key=keys[0])
        held = {name: jnp.asarray(part) for name, part in initial_recurrent(work).items()}
        own = (held["w"].T, held["u"].T, held["b"])
        self.cell = eqx.tree_at(lambda part: (part.weight_ih, part.weight_hh, part.bias), cell, own)
        if work.kind == "gru":
            self.cell = eqx.tree_at(lambda part: part.bias_n, self.cell, jnp.zeros(units))
        out = eqx.nn.Linear(units, classes, key=keys[1])
        self.out = eqx.tree_at(lambda part: (part.weight, part.bias), out, (held["out_w"].T, held["out_b"]))

    def __call__(self, x: jax.Array) -> jax.Array:
        zero = jnp.zeros(self.cell.hidden_size)
        start = (zero, zero) if isinstance(self.cell, eqx.nn.LSTMCell) else zero
        last, _ = jax.lax.scan(lambda state, now: (self.cell(now, state), None), start, x)
        return self.out(last[0] if isinstance(last, tuple) else last)


def network(work: Work) -> Any:
    """The network of a work, with the weights with which everybody begins."""
    if work.kind in ("lstm", "gru"):
        return Recurrent(work)
    key, drawn = jax.random.key(0), initial(work)
    activation = eqx.nn.Lambda(jnp.tanh if work.activation == "tanh" else jax.nn.relu)
    if work.kind == "mlp":
        layers = [part for a, b in zip(work.sizes, work.sizes[1:], strict=False)
                  for part in (eqx.nn.Linear(a, b, key=key), activation)][:-1]  # fmt: skip
        weights = [(w.T, b) for w, b in drawn]
    else:
        first, second, classes = work.sizes
        layers = [
            eqx.nn.Conv2d(1, first, 3, padding=1, key=key), activation, eqx.nn.MaxPool2d(2, 2),
            eqx.nn.Conv2d(first, second, 3, padding=1, key=key), activation, eqx.nn.MaxPool2d(2, 2),
            eqx.nn.Lambda(jnp.ravel), eqx.nn.Linear(7 * 7 * second, classes, key=key),
        ]  # fmt: skip
        dense = drawn[2][0].reshape(7, 7, second, classes).transpose(3, 2, 0, 1).reshape(classes, -1)
        weights = [(w.transpose(3, 2, 0, 1), b[:, None, None]) for w, b in drawn[:2]] + [(dense, drawn[2][1])]
    own, layers = iter(weights), list(layers)
    for i, layer in enumerate(layers):
        if hasattr(layer, "weight"):
            pair = tuple(jnp.asarray(part) for part in next(own))
            layers[i] = eqx.tree_at(lambda part: (part.weight, part.bias), layer, pair)
    return eqx.nn.Sequential(layers)


class Contestant:
    """One work by Equinox."""

    version = eqx.__version__

    def __init__(self, name: str, work: Work, data: tuple[np.ndarray, ...], device: str) -> None:
        x, self.xt = (part[..., 0][:, None] if work.kind == "cnn" else part for part in (data[0], data[2]))
        self.x, self.y, self.yt = jnp.asarray(x), jnp.asarray(data[1]), data[3]
        self.work, self.start = work, network(work)
        rule = self.rule = optax.adam(work.rate, eps=1e-8)

        @eqx.filter_jit(donate="all-except-first")
        def step(held: Any, model: Any, state: Any, index: jax.Array) -> Any:
            def loss(model: Any) -> jax.Array:
                outputs = jax.vmap(model)(held[0][index])
                return optax.softmax_cross_entropy_with_integer_labels(outputs, held[1][index]).mean()

            updates, state = rule.update(eqx.filter_grad(loss)(model), state)
            return eqx.apply_updates(model, updates), state

        self.step = step

    def train(self) -> None:
        arrays, rest = eqx.partition(self.start, eqx.is_array)
        model = eqx.combine(jax.tree.map(jnp.copy, arrays), rest)
        state, rng = self.rule.init(eqx.filter(model, eqx.is_array)), np.random.default_rng(0)
        for _ in range(self.work.epochs):
            order = rng.permutation(len(self.x)).astype(np.int32)
            for first in range(0, len(order), self.work.batch):
                model, state = self.step(
                    (self.x, self.y), model, state, order[first : first + self.work.batch]
                )
        self.model = jax.block_until_ready(model)

    def accuracy(self) -> float:
        apply = eqx.filter_jit(lambda model, x: jax.vmap(model)(x).argmax(1))
        parts = np.split(self.xt, max(1, len(self.xt) // 1000))
        return float((np.concatenate([apply(self.model, part) for part in parts]) == self.yt).mean())

    def facts(self) -> dict[str, Any]:
        return {}
