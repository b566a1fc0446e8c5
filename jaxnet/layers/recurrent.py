"""Recurrent layers: simple RNN, LSTM and GRU over (..., time, features).

The inputs of all time steps are multiplied by their weights at once, before the recurrence, and the gates lie
side by side in one weight, so that a step is one product. The state before the first step is 0.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import activations, initializers
from jaxnet._arrays import add_bias, as_dtype, product
from jaxnet._padded import Padded, check_padded, filled, last_step
from jaxnet._validation import check_count, check_ending, check_key, check_name
from jaxnet.layers import cudnn
from jaxnet.layers.base import (
    Facts,
    Layer,
    Operations,
    Params,
    Shape,
    Spec,
    float_params,
    interned,
    options_of,
)
from jaxnet.layers.recurrences import (
    gru_scan,
    gru_states,
    gru_step,
    lstm_scan,
    lstm_states,
    lstm_step,
    rnn_scan,
    rnn_step,
)
from jaxnet.layers.scan import Steps, scan_steps

METHODS = ("auto", "scan", "saved")
LSTM_METHODS = (*METHODS, "cudnn")


@interned
def simple_rnn(
    units: int,
    *,
    activation: Any = "tanh",
    return_sequences: bool = False,
    return_state: bool = False,
    initializer: Any = "glorot_uniform",
    recurrent_initializer: Any = "orthogonal",
) -> Layer:
    """A plain recurrent layer: h_t = f(x_t w + h_(t-1) u + b).

    Args:
        units: size of the state h.
        activation: f, a name or function.
        return_sequences: whether to return h of all time steps, (..., time, units), or of the last one,
            (..., units).
        return_state: whether to return the final state too, as ``(y, state)``, and to take ``(x, state)`` in
            place of x, so that a long series can be read in pieces.
        initializer: of w.
        recurrent_initializer: of u.

    Returns:
        A layer with parameters {"w": (features, units), "u": (units, units), "b": (units,)}.

    Raises:
        ValueError: units below 1, or an unknown name.

    Example:
        >>> import jax
        >>> layer = simple_rnn(4, return_sequences=True)
        >>> layer.apply(layer.init(jax.random.key(0), (7, 3)), jax.numpy.ones((2, 7, 3))).shape
        (2, 7, 4)

    Reference: J. Elman, "Finding Structure in Time", 1990.
    """
    units = check_count("simple_rnn", "units", units)
    fn = activations.get(activation).fn
    named = activations.name_of(activation) or activation

    def states(params: Params, projected: jax.Array) -> jax.Array:
        return rnn_scan(projected, params["u"], fn)

    options = options_of(
        units=units, activation=named, return_sequences=return_sequences, return_state=return_state,
        initializer=initializer, recurrent_initializer=recurrent_initializer,
    )  # fmt: skip
    step = functools.partial(rnn_step, fn)
    return _recurrent("simple_rnn", options, 1, lambda bias: {"b": bias}, states, step)


@interned
def lstm(
    units: int,
    *,
    return_sequences: bool = False,
    return_state: bool = False,
    initializer: Any = "glorot_uniform",
    recurrent_initializer: Any = "orthogonal",
    method: str = "auto",
) -> Layer:
    """Long short-term memory: a cell c behind gates, and a state h computed from it.

    z = x_t w + h_(t-1) u + b holds the four parts i, f, g, o side by side; with s the sigmoid
    c_t = s(f) c_(t-1) + s(i) tanh(g) and h_t = s(o) tanh(c_t).

    Args:
        units: size of c and h.
        return_sequences: whether to return h of all time steps, (..., time, units), or of the last one,
            (..., units).
        return_state: whether to return the final state too, as ``(y, state)``, and to take ``(x, state)`` in
            place of x, so that a long series can be read in pieces.
        initializer: of w, gate by gate.
        recurrent_initializer: of u, gate by gate.
        method: how gradients are computed. "saved" keeps the gates of the forward pass and computes the
            gradient of u in one product after the backward recurrence, faster on the CPU; it allows
            ``jax.grad`` but not forward-mode derivatives (``jax.jvp``, ``jax.hessian``). "scan" leaves it to
            JAX. "cudnn" passes all time steps to NVIDIA's library in one call, on a GPU only; it computes in
            float32 (float64 raises), and works neither under ``jax.vmap`` nor in ``fit_many``. "auto" is
            "saved" on the CPU, else "scan".

    Returns:
        A layer with parameters {"w": (features, 4 units), "u": (units, 4 units), "b": (4 units,)}; b starts
        at 1 for f and 0 otherwise.

    Raises:
        ValueError: units below 1, or an unknown name; at the call, "cudnn" without a GPU or with float64.

    Example:
        >>> import jax
        >>> layer = lstm(4)
        >>> layer.apply(layer.init(jax.random.key(0), (7, 3)), jax.numpy.ones((2, 7, 3))).shape
        (2, 4)

    References: S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", 1997; F. Gers and others,
    "Learning to Forget", 2000; R. Jozefowicz and others, "An Empirical Exploration of Recurrent Network
    Architectures", 2015 (the 1 in b).
    """
    units = check_count("lstm", "units", units)
    check_name("lstm", "method", method, LSTM_METHODS)

    def bias(zeros: jax.Array) -> Params:
        return {"b": zeros.at[units : 2 * units].set(1)}

    def states(params: Params, projected: jax.Array) -> jax.Array:
        return (lstm_states if _saves(method) else lstm_scan)(projected, params["u"])

    options = options_of(
        units=units, return_sequences=return_sequences, return_state=return_state,
        initializer=initializer, recurrent_initializer=recurrent_initializer, method=method,
    )  # fmt: skip

    def whole(params: Params, x: jax.Array) -> jax.Array:
        return cudnn.lstm_states(x, params["w"], params["u"], params["b"])

    return _recurrent("lstm", options, 4, bias, states, lstm_step, whole if method == "cudnn" else None)


@interned
def gru(
    units: int,
    *,
    return_sequences: bool = False,
    return_state: bool = False,
    initializer: Any = "glorot_uniform",
    recurrent_initializer: Any = "orthogonal",
    method: str = "auto",
) -> Layer:
    """Gated recurrent unit: the state h, a gate r that forgets and a gate z that keeps.

    x_t w + b and h_(t-1) u hold three parts each for r, z, n, side by side; with s the sigmoid
    r = s(x_r + h_r), z = s(x_z + h_z), n = tanh(x_n + r (h_n + c)), h_t = (1 - z) n + z h_(t-1).

    Args:
        units: size of h.
        return_sequences: whether to return h of all time steps, (..., time, units), or of the last one,
            (..., units).
        return_state: whether to return the final state too, as ``(y, state)``, and to take ``(x, state)`` in
            place of x, so that a long series can be read in pieces.
        initializer: of w, gate by gate.
        recurrent_initializer: of u, gate by gate.
        method: how gradients are computed, as in ``lstm``.

    Returns:
        A layer with parameters {"w": (features, 3 units), "u": (units, 3 units), "b": (3 units,), "c":
        (units,)}.

    Raises:
        ValueError: units below 1, or an unknown name.

    Example:
        >>> import jax
        >>> layer = gru(4)
        >>> layer.apply(layer.init(jax.random.key(0), (7, 3)), jax.numpy.ones((2, 7, 3))).shape
        (2, 4)

    Reference: K. Cho and others, "Learning Phrase Representations using RNN Encoder-Decoder", 2014; the reset
    gate stands after the product, as in cuDNN.
    """
    units = check_count("gru", "units", units)
    check_name("gru", "method", method, METHODS)

    def bias(zeros: jax.Array) -> Params:
        return {"b": zeros, "c": zeros[:units]}

    def states(params: Params, projected: jax.Array) -> jax.Array:
        return (gru_states if _saves(method) else gru_scan)(projected, params["u"], params["c"])

    options = options_of(
        units=units, return_sequences=return_sequences, return_state=return_state,
        initializer=initializer, recurrent_initializer=recurrent_initializer, method=method,
    )  # fmt: skip
    return _recurrent("gru", options, 3, bias, states, gru_step)


def _saves(method: str) -> bool:
    return method == "saved" or (method == "auto" and jax.default_backend() == "cpu")


def _recurrent(
    name: str,
    options: dict[str, Any],
    gates: int,
    biases: Callable[[jax.Array], Params],
    states: Callable[[Params, jax.Array], jax.Array],
    cell: Callable[[Params, Any, jax.Array], tuple[Any, jax.Array]],
    whole: Callable[[Params, jax.Array], jax.Array] | None = None,
) -> Layer:
    """The layer around a recurrence over x_t w + b, (time, batch, gates * units) -> (time, batch, units).

    ``cell`` is one step of it, (params, state, x_t w + b) -> (state, h_t).
    ``whole``, where it is given, takes x itself, (batch, time, features) -> (batch, time, units).
    """
    units, sequences = options["units"], options["return_sequences"]
    draw = initializers.get(options["initializer"])
    draw_recurrent = initializers.get(options["recurrent_initializer"])

    def out_shape(in_shape: Shape) -> Shape:
        check_ending(
            name, np.broadcast_to(0, in_shape), ("time", "features"), "one row of features a time step"
        )
        return (*in_shape[:-1], units) if sequences else (*in_shape[:-2], units)

    def init(key: jax.Array, in_shape: Shape) -> Params:
        out_shape(in_shape)
        dtype = jnp.result_type(float)
        for_w, for_u = jax.random.split(check_key(name, key))
        # each gate is drawn by itself, so that its spread does not depend on how many lie side by side
        w = [draw(own, (in_shape[-1], units), dtype) for own in jax.random.split(for_w, gates)]
        u = [draw_recurrent(own, (units, units), dtype) for own in jax.random.split(for_u, gates)]
        weights = {"w": jnp.concatenate(w, axis=1), "u": jnp.concatenate(u, axis=1)}
        return weights | biases(jnp.zeros(gates * units, dtype))

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        params = float_params(params)
        w = params["w"]
        lengths = None
        if isinstance(x, Padded):
            x = check_padded(name, x, 1)
            x, lengths = filled(x), x.lengths
        check_ending(name, x, ("time", w.shape[0]))
        x = as_dtype(x, w.dtype)
        *batch, time, features = x.shape
        if time == 0:
            raise ValueError(f"{name}: expected at least one time step, got x of shape {x.shape}")
        x = x.reshape(math.prod(batch), time, features)
        if whole is not None:
            h = whole(params, x)
        else:
            projected = add_bias(product(jnp.swapaxes(x, 0, 1), w), params["b"])
            h = jnp.swapaxes(states(params, projected), 0, 1)
        if lengths is not None:
            padded: Any = Padded(h.reshape(*batch, time, units), lengths)
            return padded if sequences else last_step(padded)
        return h.reshape(*batch, time, units) if sequences else h[:, -1].reshape(*batch, units)

    def operations(in_shape: Shape, out_shape: Shape) -> Operations:
        outputs = math.prod(in_shape[:-1]) * gates * units
        return Operations(2 * in_shape[-1] * outputs, 2 * units * outputs, outputs)

    shapes = {"w": (None, gates * units), "u": (units, gates * units), "b": (gates * units,)}
    shapes |= {"c": (units,)} if name == "gru" else {}
    steps = _steps(name, units, cell)
    facts = Facts(
        axes=lambda before: 2 if sequences else 1, operations=operations, params=shapes, steps=steps
    )
    run = functools.partial(_with_state, steps, sequences) if options["return_state"] else apply
    return Layer(init, run, Spec(name, options), out_shape, facts)


def _steps(name: str, units: int, cell: Callable[[Params, Any, jax.Array], tuple[Any, jax.Array]]) -> Steps:
    """The layer step by step; an LSTM has the states h and c."""

    def start(params: Params, batch: Shape) -> Any:
        zero = jnp.zeros((*batch, units), float_params(params)["u"].dtype)
        return (zero, zero) if name == "lstm" else zero

    def step(params: Params, state: Any, x: Any) -> tuple[Any, jax.Array]:
        params = float_params(params)
        check_ending(name, x, params["w"].shape[:1])
        x = as_dtype(x, params["w"].dtype)
        batch = x.shape[:-1]
        flat = jax.tree.map(lambda leaf: leaf.reshape(-1, units), state)
        projected = add_bias(product(x.reshape(-1, x.shape[-1]), params["w"]), params["b"])
        after, h = cell(params, flat, projected)
        return jax.tree.map(lambda leaf: leaf.reshape(*batch, units), (after, h))

    return Steps(start, step)


def _with_state(steps: Steps, sequences: bool, params: Params, x: Any, *, key: Any = None) -> Any:
    """(y, final state) from x, or from (x, state before the first step)."""
    handed = isinstance(x, tuple) and not isinstance(x, Padded)
    x, state = x if handed else (x, None)
    batch = np.shape(x.lengths) if isinstance(x, Padded) else np.shape(x)[:-2]
    state = steps.start(params, batch) if state is None else state
    state, h = scan_steps(steps.step, params, state, x, len(batch))
    if sequences:
        return h, state
    return (last_step(h) if isinstance(h, Padded) else h[..., -1, :]), state
