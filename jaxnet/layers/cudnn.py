"""The LSTM of NVIDIA's cuDNN, through ``jax.experimental.rnn``; it needs a GPU."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


def lstm_states(
    x: jax.Array, w: jax.Array, u: jax.Array, b: jax.Array, run: Callable[..., Any] | None = None
) -> jax.Array:
    """The states h of an LSTM, all time steps computed by one call of cuDNN.

    cuDNN's LSTM computes in float32 only; narrower types are converted to float32 and back.

    Args:
        x: (batch, time, features).
        w: (features, 4 units), the gates in the order i, f, g, o.
        u: (units, 4 units).
        b: (4 units,).
        run: called instead of ``jax.experimental.rnn.lstm``, with the same arguments.

    Returns:
        h_t, (batch, time, units).

    Raises:
        ValueError: JAX's default device is not a GPU, or x is float64.
    """
    given = x.dtype
    if given == jnp.float64:
        raise ValueError(
            "lstm: method 'cudnn' computes in float32 and would lose the precision of float64; "
            "leave method at 'auto', or give float32"
        )
    library: Any = run
    if library is None:
        if jax.default_backend() != "gpu":
            raise ValueError(
                f"lstm: method 'cudnn' needs an NVIDIA GPU, and JAX runs on {jax.default_backend()!r} here; "
                "leave method at 'auto'"
            )
        from jax.experimental import rnn

        library = rnn.lstm
    x, w, u, b = (array.astype(jnp.float32) for array in (x, w, u, b))
    (batch, time, features), units = x.shape, u.shape[0]
    # cuDNN's layout: the weights (4 units, inputs) for x, those for h, then a bias for each
    weights = jnp.concatenate([w.T.reshape(-1), u.T.reshape(-1), b, jnp.zeros_like(b)])
    zero = jnp.zeros((1, batch, units), x.dtype)
    lengths = jnp.full(batch, time, jnp.int32)
    return library(x, zero, zero, weights, lengths, features, units, 1, 0.0, False)[0].astype(given)
