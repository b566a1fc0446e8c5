"""An LSTM by NVIDIA's library of such layers, through ``jax.experimental.rnn``; on a GPU alone."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


def lstm_states(
    x: jax.Array, w: jax.Array, u: jax.Array, b: jax.Array, run: Callable[..., Any] | None = None
) -> jax.Array:
    """States h of an LSTM, all time steps by one call of the library.

    Args:
        x: (batch, time, features).
        w: (features, 4 units), parts i, f, g, o.
        u: (units, 4 units).
        b: (4 units,).
        run: in place of ``jax.experimental.rnn.lstm``: a function of the same arguments.

    Returns:
        h_t, (batch, time, units).

    Raises:
        ValueError: where JAX's default device is no GPU.
    """
    library: Any = run
    if library is None:
        if jax.default_backend() != "gpu":
            raise ValueError(
                f"lstm: method 'cudnn' needs an NVIDIA GPU, and JAX runs on {jax.default_backend()!r} here; "
                "leave method at 'auto'"
            )
        from jax.experimental import rnn

        library = rnn.lstm
    (batch, time, features), units = x.shape, u.shape[0]
    # the library's layout: weights (4 units, inputs) for x and for h, then a bias for each
    weights = jnp.concatenate([w.T.reshape(-1), u.T.reshape(-1), b, jnp.zeros_like(b)])
    zero = jnp.zeros((1, batch, units), x.dtype)
    lengths = jnp.full(batch, time, jnp.int32)
    return library(x, zero, zero, weights, lengths, features, units, 1, 0.0, False)[0]
