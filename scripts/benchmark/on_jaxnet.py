"""The benchmark's work done by jaxnet."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxnet
from benchmark.works import Work, initial, initial_recurrent
from jaxnet import losses, metrics


class Contestant:
    """One work by jaxnet: ``fit``, ``fit_many``, or ``fit`` for one network after another."""

    version = jaxnet.__version__

    def __init__(self, name: str, work: Work, data: tuple[np.ndarray, ...], device: str) -> None:
        x, y, self.xt, self.yt = data
        self.name, self.work, self.run = name, work, None
        self.compiled = 0
        self.net = network(work, name)
        self.params = begin(self.net, work, x.shape[1:])
        self.data = (x, y) if device == "cpu" else jax.device_put((x, y))
        self.options: dict[str, Any] = {
            "loss": losses.cross_entropy,
            "optimizer": functools.partial(optax.adam, eps=1e-8),
            "learning_rate": work.rate,
            "epochs": work.epochs,
            "batch_size": work.batch,
            "compute_dtype": None if work.dtype is None else jnp.dtype(work.dtype),
        }
        key = jax.random.key(0)
        self.keys = [key] if work.copies == 1 else jax.random.split(key, work.copies)
        jax.monitoring.register_event_duration_secs_listener(self._count)

    def _count(self, event: str, seconds: float, **_: Any) -> None:
        self.compiled += event == "/jax/core/compile/backend_compile_duration"

    def train(self) -> None:
        self.compiled = 0
        if self.name == "jaxnet-many":
            self.run = jaxnet.fit_many(self.net, self.data, keys=self.keys, **self.options)
        elif self.name == "jaxnet-turn":
            for key in self.keys:
                self.run = jaxnet.fit(self.net, self.data, key=key, progress=False, **self.options)
        else:
            self.run = jaxnet.fit(
                self.net, self.data, key=self.keys[0], params=self.params, progress=False, **self.options
            )
        jax.block_until_ready(self.run.params)

    def accuracy(self) -> float:
        assert self.run is not None
        params = self.run.params
        if self.name == "jaxnet-many":
            params = jax.tree.map(lambda leaf: leaf[0], params)
        found = jaxnet.evaluate(self.net, params, (self.xt, self.yt), metrics={"accuracy": metrics.accuracy})
        return float(found["accuracy"])

    def facts(self) -> dict[str, Any]:
        assert self.run is not None
        return {"plan": self.run.plan.kind, "why": self.run.plan.reason, "compiled": self.compiled}


def network(work: Work, name: str = "jaxnet") -> Any:
    """The network of a work."""
    if work.kind == "mlp":
        return jaxnet.mlp(list(work.sizes), activation=work.activation)
    if work.kind == "cnn":
        first, second, classes = work.sizes
        return jaxnet.serial(
            jaxnet.conv(first, (3, 3)), jaxnet.relu, jaxnet.max_pool((2, 2)),
            jaxnet.conv(second, (3, 3)), jaxnet.relu, jaxnet.max_pool((2, 2)),
            jaxnet.flatten(), jaxnet.dense(classes),
        )  # fmt: skip
    if name == "jaxnet-cudnn":
        return jaxnet.serial(jaxnet.lstm(work.sizes[1], method="cudnn"), jaxnet.dense(work.sizes[2]))
    cell = jaxnet.lstm if work.kind == "lstm" else jaxnet.gru
    return jaxnet.serial(cell(work.sizes[1]), jaxnet.dense(work.sizes[2]))


def begin(net: Any, work: Work, in_shape: tuple[int, ...]) -> Any:
    """The parameters with which everybody begins."""
    if work.kind in ("lstm", "gru"):
        held = initial_recurrent(work)
        cell = {name: held[name] for name in ("w", "u", "b")}
        if work.kind == "gru":
            cell["c"] = np.zeros(work.sizes[1], np.float32)
        return [cell, {"w": held["out_w"], "b": held["out_b"]}]
    drawn = iter(initial(work))
    if work.kind == "mlp":
        return [{"w": w, "b": b} for w, b in drawn]
    empty = jax.eval_shape(lambda key: net.init(key, in_shape), jax.random.key(0))
    return [dict(zip("wb", next(drawn), strict=True)) if part else part for part in empty]
