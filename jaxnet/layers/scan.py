"""A step, again and again over the time axis of an array or of sequences of different lengths."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import as_jax
from jaxnet._padded import Padded, check_padded, filled


class Steps(NamedTuple):
    """How a layer over time runs step by step.

    Attributes:
        start: (params, batch axes) -> state before the first step.
        step: (params, state, x_t) -> (state, y_t).
    """

    start: Callable[[Any, tuple[int, ...]], Any]
    step: Callable[[Any, Any, Any], tuple[Any, Any]]


def scan_steps(
    step: Callable[[Any, Any, Any], tuple[Any, Any]], params: Any, state: Any, x: Any, axes: int = 1
) -> tuple[Any, Any]:
    """Run a step over all time steps, in one compiled loop.

    Args:
        step: (params, state, x_t) -> (state, y_t).
        params: its parameters.
        state: before the first step.
        x: (batch, time, ...), or a Padded, whose states stop at the end of each sequence.
        axes: number of batch axes of an array.

    Returns:
        The state after the last step of each sequence, and the outputs of all steps.
    """
    padded = check_padded("stepwise", x) if isinstance(x, Padded) else None
    values = as_jax(x if padded is None else filled(padded))
    axes = axes if padded is None else padded.lengths.ndim
    if values.ndim <= axes or values.shape[axes] == 0:
        raise ValueError(
            f"stepwise: expected x of shape (batch, time, ...) with at least one step, got {values.shape}"
        )
    times = np.arange(values.shape[axes], dtype=np.int32)

    def body(state: Any, inputs: Any) -> Any:
        x, time = inputs
        after, y = step(params, state, x)
        if padded is not None:
            going = time < jnp.asarray(padded.lengths)
            after = jax.tree.map(lambda new, old: jnp.where(_beside(going, new), new, old), after, state)
        return after, y

    state, y = jax.lax.scan(body, state, (jnp.moveaxis(values, axes, 0), times))
    y = jnp.moveaxis(y, 0, axes)
    return state, y if padded is None else Padded(y, padded.lengths)


def _beside(mask: jax.Array, array: jax.Array) -> jax.Array:
    return mask.reshape(mask.shape + (1,) * (array.ndim - mask.ndim))
