"""Networks over time, run step by step: for online prediction, for generation, for long series in pieces."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxnet._arrays import as_jax
from jaxnet._padded import Padded
from jaxnet._validation import check_count, check_key, params_of
from jaxnet.layers.base import Layer, Params
from jaxnet.layers.calls import check_params
from jaxnet.layers.combinators import as_shape
from jaxnet.layers.merging import merged
from jaxnet.layers.scan import Steps, scan_steps

#: layers that do the same at each step
_STATELESS = {
    "activation", "dense", "dropout", "embedding", "layer_norm", "linear", "mlp", "rms_norm",
}  # fmt: skip


class Stepwise(NamedTuple):
    """A network over time as a machine with a state.

    Attributes:
        start: ``start(params, batch) -> state``: the state before the first step, of ``batch`` sequences (a
            number, or a shape).
        step: ``step(params, state, x_t) -> (state, y_t)`` with x_t of shape (batch, features), or (batch,)
            for ids. Where the network gives one output per sequence, y_t is the output for the steps so far.
        run: ``run(params, state, x) -> (state, y)``: all steps of x (batch, time, ...), an array or a
            ``Padded``, in one compiled loop; y has the outputs of all steps.
    """

    start: Callable[[Params, Any], Any]
    step: Callable[[Params, Any, Any], tuple[Any, Any]]
    run: Callable[[Params, Any, Any], tuple[Any, Any]]


@functools.lru_cache(maxsize=256)
def stepwise(net: Layer) -> Stepwise:
    """A network over time as two pure functions: the first state, and one step.

    The outputs are those of ``net.apply`` on the whole sequence. Everything is pure: a state is a pytree that
    can be kept, copied, saved and differentiated. ``run`` takes a long series in pieces; to cut the gradient
    between them (truncated backpropagation through time), pass on ``jax.lax.stop_gradient(state)``.

    Args:
        net: recurrent layers, convolutions that look back only (``padding=((d * (k - 1), 0),)``), layers that
            do the same at each step, and ``serial``, ``residual``, ``parallel`` and ``time_distributed`` of
            these.

    Returns:
        ``start``, ``step`` and ``run``, see :class:`Stepwise`; without dropout.

    Raises:
        ValueError: a layer needs later steps (``bidirectional``, other convolutions), or all of them
            (pooling).

    Example:
        >>> import jax, jaxnet, numpy as np
        >>> net = jaxnet.rnn(4, 2, cell="gru", return_sequences=True)
        >>> params, x = net.init(jax.random.key(0), (3, 1)), np.ones((5, 3, 1), np.float32)
        >>> s = stepwise(net)
        >>> state = s.start(params, 5)
        >>> for t in range(3):
        ...     state, y = s.step(params, state, x[:, t])
        >>> bool(np.allclose(y, net.apply(params, x)[:, -1], atol=1e-6))
        True

    Reference: R. Williams and J. Peng, "An Efficient Gradient-Based Algorithm for On-Line Training of
    Recurrent Network Trajectories", 1990.
    """
    if not isinstance(net, Layer):
        raise TypeError(f"stepwise: expected a network such as jaxnet.rnn(8, 2), got {type(net).__name__}")
    inner = _steps(net)

    def start(params: Params, batch: int | Sequence[int]) -> Any:
        params = params_of("stepwise", params)
        try:
            check_params(net, params)
        except ValueError as error:
            raise ValueError(f"stepwise: {error}") from None
        return inner.start(params, as_shape("stepwise", batch))

    def step(params: Params, state: Any, x: Any) -> tuple[Any, Any]:
        return inner.step(params_of("stepwise", params), state, x)

    def run(params: Params, state: Any, x: Any) -> tuple[Any, Any]:
        return scan_steps(inner.step, params_of("stepwise", params), state, x)

    return Stepwise(start, step, run)


def _steps(layer: Layer) -> Steps:
    """How a layer runs step by step."""
    name, options, layers = layer.spec
    if layer.facts.steps is not None:
        return layer.facts.steps
    if name in _STATELESS:
        return Steps(lambda params, batch: (), lambda params, state, x: (state, layer.apply(params, x)))
    if name == "time_distributed":
        inner = layers[0]
        return Steps(lambda params, batch: (), lambda params, state, x: (state, inner.apply(params, x)))
    if name not in ("serial", "residual", "parallel") or options.get("names"):
        why = {
            "bidirectional": "it reads from the end of a sequence",
            "custom": "what it does with time is not known; put it in time_distributed if it does the same "
            "at each step",
        }
        raise ValueError(
            f"stepwise: {layer!r:.60} cannot run step by step: "
            f"{why.get(name, 'it needs more than the steps so far; a convolution must look back only')}"
        )
    parts = [_steps(inner) for inner in layers]

    def start(params: Params, batch: tuple[int, ...]) -> Any:
        own = params if len(params) else [{}] * len(parts)
        return tuple(part.start(inside, batch) for part, inside in zip(parts, own, strict=True))

    def step(params: Params, state: Any, x: Any) -> tuple[Any, Any]:
        states, outputs, y = [], [], x
        for part, own, before in zip(parts, params, state, strict=True):
            after, found = part.step(own, before, x if name == "parallel" else y)
            y = found
            states.append(after)
            outputs.append(found)
        if name == "parallel":
            y = merged("parallel", options["merge"] or "concat", outputs)
        if name == "residual":
            y = as_jax(x).astype(y.dtype) + y
        return tuple(states), y

    return Steps(start, step)


def generate(
    net: Layer, params: Params, prompt: Any, steps: int, *, key: jax.Array, temperature: float = 1.0
) -> jax.Array:
    """Continue sequences of ids: each next id is drawn from softmax(logits / temperature).

    Args:
        net: a network from ids (batch, time) to logits of the next id, for each step or for the last one; it
            must run step by step, see :func:`stepwise`.
        params: its parameters.
        prompt: ids (batch, time) or (time,), at least one step.
        steps: how many ids to add.
        key: a typed key; the same key gives the same ids.
        temperature: below 1 likely ids are drawn more often, above 1 less often; 0 takes the likeliest.

    Returns:
        The new ids, (batch, steps) or (steps,), integers.

    Raises:
        TypeError: the prompt does not hold integers.
        ValueError: a prompt without a step, steps below 1, a negative temperature, or a network that cannot
            run step by step.

    Example:
        >>> import jax, jaxnet
        >>> net = jaxnet.rnn(8, 5, vocabulary=5, return_sequences=True)
        >>> params = net.init(jax.random.key(0), (4,))
        >>> generate(net, params, [[0, 1], [2, 3]], 6, key=jax.random.key(1)).shape
        (2, 6)
    """
    count = check_count("generate", "steps", steps)
    check_key("generate", key)
    params = params_of("generate", params)
    stepwise(net)
    if isinstance(prompt, Padded):
        raise ValueError("generate: expected prompts of one length, got a Padded; generate for each length")
    ids = as_jax(prompt)
    if not jnp.issubdtype(ids.dtype, jnp.integer):
        raise TypeError(f"generate: expected a prompt of integers, got {ids.dtype}; give ids")
    if ids.ndim not in (1, 2) or ids.shape[-1] == 0:
        raise ValueError(
            f"generate: expected a prompt of shape (batch, time) or (time,) with at least one step, got "
            f"{ids.shape}"
        )
    heat = float(temperature)
    if not 0 <= heat < float("inf"):
        raise ValueError(f"generate: expected a temperature of at least 0, got {temperature!r}")
    found = _generated(net, count, heat == 0, params, ids.reshape(-1, ids.shape[-1]), key, heat or 1.0)
    return found.reshape(*ids.shape[:-1], count)


@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _generated(
    net: Layer, count: int, greedy: bool, params: Params, ids: jax.Array, key: jax.Array, temperature: Any
) -> jax.Array:
    machine = stepwise(net)
    state, logits = machine.run(params, machine.start(params, len(ids)), ids)

    def chosen(logits: jax.Array, own: jax.Array) -> jax.Array:
        if greedy:
            return jnp.argmax(logits, axis=-1).astype(ids.dtype)
        scaled = logits / jnp.asarray(temperature, logits.dtype)
        return jax.random.categorical(own, scaled, axis=-1).astype(ids.dtype)

    def step(carry: Any, own: jax.Array) -> Any:
        state, logits = carry
        found = chosen(logits, own)
        return machine.step(params, state, found), found

    keys = jax.random.split(key, count)
    _, new = jax.lax.scan(step, (state, logits[:, -1]), keys)
    return jnp.swapaxes(new, 0, 1)
