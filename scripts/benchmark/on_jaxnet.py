"""jaxnet: ``fit`` and ``fit_many``, from memory, from a file or from a loader of batches."""

import functools
import platform
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxnet
from benchmark.workloads import Workload, initial, initial_recurrent, lengths
from jaxnet import losses, metrics


class Contestant:
    """A workload in jaxnet: ``fit``, ``fit_many``, or ``fit`` for one network after another."""

    version = f"{jaxnet.__version__} (jax {jax.__version__}, Python {platform.python_version()})"

    def __init__(self, name: str, workload: Workload, data: tuple[np.ndarray, ...], device: str) -> None:
        x, y, self.xt, self.yt = data
        shape: tuple[int, ...] = x.shape[1:]
        if workload.padded:
            x, self.xt = (jaxnet.Padded(part, lengths(len(part))) for part in (x, self.xt))
        self.name, self.run, self.compiled = name, None, 0
        self.net = network(workload, name)
        self.params = initial_params(self.net, workload, shape)
        self.data: Any = (x, y) if device == "cpu" else jax.device_put((x, y))
        self.options: dict[str, Any] = {
            "loss": losses.cross_entropy,
            "optimizer": functools.partial(optax.adam, eps=1e-8),
            "learning_rate": workload.learning_rate,
            "epochs": workload.epochs,
            "batch_size": workload.batch_size,
            "compute_dtype": None if workload.dtype is None else jnp.dtype(workload.dtype),
        }
        key = jax.random.key(0)
        if name == "jaxnet-loader":
            self.data, self.x, self.y = self._batches, x, y
            self.size = self.options.pop("batch_size")
        self.keys = [key] if workload.copies == 1 else jax.random.split(key, workload.copies)
        jax.monitoring.register_event_duration_secs_listener(self._count)

    def _count(self, event: str, seconds: float, **_: Any) -> None:
        self.compiled += event == "/jax/core/compile/backend_compile_duration"

    def _batches(self, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batches of an epoch, gathered as a loader would."""
        order, size = np.random.default_rng(epoch).permutation(len(self.y)), self.size
        return ((self.x[rows], self.y[rows]) for rows in np.split(order, range(size, len(order), size)))

    def train(self) -> None:
        self.compiled = 0
        if self.name == "jaxnet-many":
            self.run = jaxnet.fit_many(self.net, self.data, keys=self.keys, **self.options)
        elif self.name == "jaxnet-sequential":
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
        score = jaxnet.evaluate(self.net, params, (self.xt, self.yt), metrics={"accuracy": metrics.accuracy})
        return float(score["accuracy"])

    def facts(self) -> dict[str, Any]:
        assert self.run is not None
        return {"plan": self.run.plan.kind, "reason": self.run.plan.reason, "compiled": self.compiled}


def network(workload: Workload, name: str = "jaxnet") -> Any:
    """The network of a workload."""
    if workload.kind == "mlp":
        return jaxnet.mlp(list(workload.sizes), activation=workload.activation)
    if workload.kind == "cnn":
        first, second, classes = workload.sizes
        return jaxnet.serial(
            jaxnet.conv(first, (3, 3)), jaxnet.relu, jaxnet.max_pool((2, 2)),
            jaxnet.conv(second, (3, 3)), jaxnet.relu, jaxnet.max_pool((2, 2)),
            jaxnet.flatten(), jaxnet.dense(classes),
        )  # fmt: skip
    options = {"method": "cudnn"} if name == "jaxnet-cudnn" else {}
    cell = jaxnet.lstm if workload.kind == "lstm" else jaxnet.gru
    return jaxnet.serial(cell(workload.sizes[1], **options), jaxnet.dense(workload.sizes[2]))


def initial_params(net: Any, workload: Workload, in_shape: tuple[int, ...]) -> Any:
    """The initial parameters, in jaxnet's structure."""
    if workload.recurrent:
        params = initial_recurrent(workload)
        cell = {name: params[name] for name in ("w", "u", "b")}
        if workload.kind == "gru":
            cell["c"] = np.zeros(workload.sizes[1], np.float32)
        return [cell, {"w": params["out_w"], "b": params["out_b"]}]
    layers = iter(initial(workload))
    shapes = jax.eval_shape(lambda key: net.init(key, in_shape), jax.random.key(0))
    return [dict(zip("wb", next(layers), strict=True)) if part else part for part in shapes]
