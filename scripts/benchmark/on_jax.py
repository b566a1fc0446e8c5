"""What the hardware gives to plain JAX: a step on one batch that stays where it is, a large product."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmark.works import Work, initial, steps

PRODUCT = {"cpu": 2048, "gpu": 16384}


class Contestant:
    """As many steps as the others make, on a fixed batch with donated state; or one large product."""

    version = jax.__version__

    def __init__(self, name: str, work: Work, data: tuple[np.ndarray, ...], device: str) -> None:
        x, y, *_ = data
        self.count = steps(work, len(x))
        self.x, self.y = jnp.asarray(x[: work.batch]), jnp.asarray(y[: work.batch])
        self.rule = optax.adam(work.rate, eps=1e-8)
        self.size = PRODUCT[device] if name == "product" else 0
        self.step = jax.jit(self._step, donate_argnums=(0, 1))
        self.params = jax.device_put(initial(work))
        self.square = jnp.ones((self.size, self.size), work.dtype or jnp.float32)
        self.times = 20 if device == "gpu" else 1
        self.product = jax.jit(lambda a: a @ a)

    def _step(self, params: Any, state: Any, x: jax.Array, y: jax.Array) -> tuple[Any, Any]:
        def loss(params: Any) -> jax.Array:
            a = x
            for w, b in params[:-1]:
                a = jax.nn.relu(a @ w + b)
            w, b = params[-1]
            return optax.softmax_cross_entropy_with_integer_labels(a @ w + b, y).mean()

        updates, state = self.rule.update(jax.grad(loss)(params), state)
        return optax.apply_updates(params, updates), state

    def train(self) -> None:
        if self.size:
            for _ in range(self.times):
                result = self.product(self.square)
            jax.block_until_ready(result)
            return
        params = jax.tree.map(jnp.copy, self.params)
        state = self.rule.init(params)
        for _ in range(self.count):
            params, state = self.step(params, state, self.x, self.y)
        jax.block_until_ready(params)

    def accuracy(self) -> None:
        return None

    def facts(self) -> dict[str, Any]:
        return {"flops": 2.0 * self.size**3 * self.times} if self.size else {"batch": "fixed"}
