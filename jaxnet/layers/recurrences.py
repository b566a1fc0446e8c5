"""The recurrences of simple RNN, LSTM and GRU over inputs that are already multiplied with their weights.

``lstm_scan`` and ``gru_scan`` are the plain ones. ``lstm_states`` and ``gru_states`` compute the same and
have a backward pass of their own: the forward pass saves the gates, the backward recurrence hands the error
signal from step to step, and the gradient of the recurrent weights is one big product at the end, instead of
a small one added up in each step. Measured on one core against the plain ones, a step of training with 28
time steps takes 0.96 of the time (batch and units 64) or 0.86 (128) for the LSTM, 0.96 or 0.78 for the GRU.
"""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp


@functools.partial(jax.jit, static_argnums=2)
def rnn_scan(projected: jax.Array, u: jax.Array, activation: Callable[..., jax.Array]) -> jax.Array:
    """States h of a simple RNN.

    Args:
        projected: x_t w + b, (time, batch, units).
        u: (units, units).
        activation: a function.

    Returns:
        h_t, (time, batch, units).
    """

    def step(h: jax.Array, z: jax.Array) -> tuple[jax.Array, jax.Array]:
        h = activation(z + h @ u)
        return h, h

    return jax.lax.scan(step, jnp.zeros_like(projected[0]), projected)[1]


def lstm_scan(projected: jax.Array, u: jax.Array) -> jax.Array:
    """States h of an LSTM.

    Args:
        projected: x_t w + b, (time, batch, 4 units), parts i, f, g, o.
        u: (units, 4 units).

    Returns:
        h_t, (time, batch, units).
    """
    return _lstm_forward(projected, u)[0]


@jax.custom_vjp
def lstm_states(projected: jax.Array, u: jax.Array) -> jax.Array:
    """``lstm_scan`` with its own backward pass."""
    return lstm_scan(projected, u)


@jax.jit  # by itself it would be compiled anew on every call
def _lstm_forward(projected, u):
    def step(carry, z):
        h, c = carry
        i, f, g, o = jnp.split(z + h @ u, 4, axis=-1)
        i, f, g, o = jax.nn.sigmoid(i), jax.nn.sigmoid(f), jnp.tanh(g), jax.nn.sigmoid(o)
        c = f * c + i * g
        h = o * jnp.tanh(c)
        # one by one: side by side in one array they would have to be copied together and apart again
        return (h, c), (h, c, (i, f, g, o))

    zero = jnp.zeros_like(projected[0, :, : u.shape[0]])
    return jax.lax.scan(step, (zero, zero), projected)[1]


def _lstm_save(projected, u):
    h, c, gates = _lstm_forward(projected, u)
    return h, (h, c, gates, u)


@jax.jit
def _lstm_back(saved, dh):
    h, c, gates, u = saved
    before = _one_later(c)

    def step(carry, inputs):
        dh_next, dc = carry
        dh, c, c_before, (i, f, g, o) = inputs
        t = jnp.tanh(c)
        dh = dh + dh_next
        dc = dc + dh * o * (1 - t * t)
        di, df = dc * g * i * (1 - i), dc * c_before * f * (1 - f)
        dg, do = dc * i * (1 - g * g), dh * t * o * (1 - o)
        dz = jnp.concatenate([di, df, dg, do], axis=-1)
        return (dz @ u.T, dc * f), dz

    zero = jnp.zeros_like(c[0])
    _, dz = jax.lax.scan(step, (zero, zero), (dh, c, before, gates), reverse=True)
    return dz, _outer(_one_later(h), dz)


lstm_states.defvjp(_lstm_save, _lstm_back)


def gru_scan(projected: jax.Array, u: jax.Array, c: jax.Array) -> jax.Array:
    """States h of a GRU.

    Args:
        projected: x_t w + b, (time, batch, 3 units), parts r, z, n.
        u: (units, 3 units).
        c: bias inside the reset gate, (units,).

    Returns:
        h_t, (time, batch, units).
    """
    return _gru_forward(projected, u, c)[0]


@jax.custom_vjp
def gru_states(projected: jax.Array, u: jax.Array, c: jax.Array) -> jax.Array:
    """``gru_scan`` with its own backward pass."""
    return gru_scan(projected, u, c)


@jax.jit
def _gru_forward(projected, u, c):
    units = u.shape[0]

    def step(h, x):
        own = h @ u
        r, z = jnp.split(jax.nn.sigmoid(x[:, : 2 * units] + own[:, : 2 * units]), 2, axis=-1)
        q = own[:, 2 * units :] + c[None, :]
        n = jnp.tanh(x[:, 2 * units :] + r * q)
        h = (1 - z) * n + z * h
        return h, (h, (r, z, n, q))

    return jax.lax.scan(step, jnp.zeros_like(projected[0, :, :units]), projected)[1]


def _gru_save(projected, u, c):
    h, gates = _gru_forward(projected, u, c)
    return h, (h, gates, u)


@jax.jit
def _gru_back(saved, dh):
    h, gates, u = saved
    before = _one_later(h)

    def step(dh_next, inputs):
        dh, h_before, (r, z, n, q) = inputs
        dh = dh + dh_next
        dn = dh * (1 - z) * (1 - n * n)
        dr, dz = dn * q * r * (1 - r), dh * (h_before - n) * z * (1 - z)
        own = jnp.concatenate([dr, dz, dn * r], axis=-1)
        return dh * z + own @ u.T, (dn, own)

    _, (dn, own) = jax.lax.scan(step, jnp.zeros_like(h[0]), (dh, before, gates), reverse=True)
    kept, inner = own[:, :, : 2 * u.shape[0]], own[:, :, 2 * u.shape[0] :]
    return jnp.concatenate([kept, dn], axis=-1), _outer(before, own), jnp.sum(inner, axis=(0, 1))


gru_states.defvjp(_gru_save, _gru_back)


def _one_later(states: jax.Array) -> jax.Array:
    """States before each step: 0 at first, then those after the step before."""
    return jnp.concatenate([jnp.zeros_like(states[:1]), states[:-1]])


def _outer(a: jax.Array, b: jax.Array) -> jax.Array:
    """Sum over time and batch of a_t^T b_t, as one product."""
    return a.reshape(-1, a.shape[-1]).T @ b.reshape(-1, b.shape[-1])
