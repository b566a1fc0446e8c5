"""Plain JAX as an upper limit: training steps on one fixed batch, or one large matrix product."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmark.workloads import Workload, initial, steps

PRODUCT = {"cpu": 2048, "gpu": 16384}


class Contestant:
    """The same number of steps on a fixed batch with donated state, or one large matrix product."""

    version = jax.__version__

    def __init__(self, name: str, workload: Workload, data: tuple[np.ndarray, ...], device: str) -> None:
        x, y, *_ = data
        self.steps = steps(workload, len(x))
        self.x, self.y = (jnp.asarray(part[: workload.batch_size]) for part in (x, y))
        self.optimizer = optax.adam(workload.learning_rate, eps=1e-8)
        self.size = PRODUCT[device] if name == "product" else 0
        self.step = jax.jit(self._step, donate_argnums=(0, 1))
        self.params = jax.device_put(initial(workload))
        self.matrix = jnp.ones((self.size, self.size), workload.dtype or jnp.float32)
        self.repeats = 20 if device == "gpu" else 1
        self.product = jax.jit(lambda a: a @ a)

    def _step(self, params: Any, state: Any, x: jax.Array, y: jax.Array) -> tuple[Any, Any]:
        def loss(params: Any) -> jax.Array:
            a = x
            for w, b in params[:-1]:
                a = jax.nn.relu(a @ w + b)
            w, b = params[-1]
            return optax.softmax_cross_entropy_with_integer_labels(a @ w + b, y).mean()

        updates, state = self.optimizer.update(jax.grad(loss)(params), state)
        return optax.apply_updates(params, updates), state

    def train(self) -> None:
        if self.size:
            for _ in range(self.repeats):
                result = self.product(self.matrix)
            jax.block_until_ready(result)
            return
        params = jax.tree.map(jnp.copy, self.params)
        state = self.optimizer.init(params)
        for _ in range(self.steps):
            params, state = self.step(params, state, self.x, self.y)
        jax.block_until_ready(params)

    def accuracy(self) -> None:
        return None

    def facts(self) -> dict[str, Any]:
        return {"flops": 2.0 * self.size**3 * self.repeats} if self.size else {"batch": "fixed"}
