"""A batch of inputs as the network sees it."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from jaxnet._padded import Padded
from jaxnet.training.compiled.task import Task


def prepare(task: Task, x: jax.Array, key: jax.Array | None = None) -> jax.Array:
    """A batch as the network sees it: transformed; bytes and booleans as float32; in the compute dtype."""
    if task.transform is not None:
        change: Any = task.transform
        if key is not None and takes_key(task.transform.function):
            # a key of its own, so that the masks of dropout stay what they are without it
            change = partial(task.transform, key=jax.random.fold_in(key, 0xA063))
        x = x._replace(values=change(x.values)) if isinstance(x, Padded) else change(x)

    def as_numbers(x: jax.Array) -> jax.Array:
        if x.dtype in (jnp.uint8, jnp.bool):
            x = x.astype(jnp.float32)
        if task.compute_dtype is not None and jnp.issubdtype(x.dtype, jnp.floating):
            x = x.astype(task.compute_dtype)
        return x

    return jax.tree.map(as_numbers, x)


def takes_key(function: Callable[..., Any]) -> bool:
    """Whether a transform has an argument ``key``: it then gets one in training."""
    try:
        return "key" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
