"""Backpropagation as data: forward values and backward errors of every layer, by the chain rule.

``jax.grad`` returns the gradients only; a trace shows how they are computed, and agrees with it within
rounding. Nothing here is differentiated automatically, except a loss or an activation of your own.

For a layer ``z = a_prev w + b``, ``a = f(z)``, with L the mean loss of the examples::

    delta = dL/dz = dL/da * f'(z)      (softmax: the Jacobian in place of the product)
    dw    = a_prev^T delta             db = sum of delta over the examples
    dL/da of the layer before = delta w^T

Reference: David Rumelhart, Geoffrey Hinton and Ronald Williams, Learning representations by
back-propagating errors, Nature 323, 1986.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxnet import _validation, activations, losses
from jaxnet._arrays import as_dtype, as_float
from jaxnet.layers import Layer
from jaxnet.layers.calls import check_params


class LayerTrace(NamedTuple):
    """One layer of a trace; shapes are for a batch of N, a single example has no first axis.

    Attributes:
        z: net inputs ``a_prev w + b``, of shape ``(N, out)``.
        a: outputs ``f(z)``, of shape ``(N, out)``.
        da: ``dL/da``, the error signal from the layer after it, of shape ``(N, out)``.
        delta: ``dL/dz``, of shape ``(N, out)``.
        dw: ``dL/dw``, of shape ``(in, out)``.
        db: ``dL/db``, of shape ``(out,)``; None for a layer without bias.
    """

    z: jax.Array
    a: jax.Array
    da: jax.Array
    delta: jax.Array
    dw: jax.Array
    db: jax.Array | None


class Trace(NamedTuple):
    """A forward and a backward pass.

    Attributes:
        x: the input, of shape ``(N, in)``, or ``(in,)`` for a single example.
        layers: one :class:`LayerTrace` per dense layer, from the input to the output.
        loss: the mean loss L of the examples, of shape ``()``.
        grads: ``dL/dparams`` in the structure of the parameters, as ``jax.grad`` gives it.
    """

    x: jax.Array
    layers: tuple[LayerTrace, ...]
    loss: jax.Array
    grads: Any


def trace(net: Layer, params: Any, x: Any, y: Any, loss: str | Callable[..., Any] = losses.mse) -> Trace:
    """The forward pass of an MLP, its loss, and the backward pass, layer by layer.

    Args:
        net: from ``jaxnet.mlp``; or ``jaxnet.serial`` of dense layers and activations.
        params: its parameters.
        x: one example of shape ``(in,)`` or a batch of shape ``(N, in)``.
        y: the target or targets, as the loss wants them: for a single example without the batch axis.
        loss: ``loss(outputs, targets)`` with one value per example, or its name. With N examples L is the
            mean, so every delta carries a factor 1/N.

    Returns:
        A :class:`Trace`: ``loss``, ``layers[i].z, .a, .da, .delta, .dw, .db``, ``grads``, ``x``.

    Raises:
        TypeError: if the network contains other layers.
        ValueError: if the shapes do not fit, the batch is empty, or ``x`` holds NaN or infinity.

    Example:
        >>> import jax.numpy as jnp, jaxnet
        >>> from jaxnet import backprop
        >>> net = jaxnet.mlp("2-1", output="sigmoid")
        >>> params = [{"w": jnp.array([[0.5], [-0.5]]), "b": jnp.array([0.0])}]
        >>> t = backprop.trace(net, params, [1.0, 1.0], [1.0])
        >>> print(t.loss, t.layers[0].delta, t.layers[0].dw.ravel())  # 2 (0.5 - 1) 0.5 (1 - 0.5) = -0.25
        0.25 [-0.25] [-0.25 -0.25]
    """
    params = _validation.params_of("backprop.trace", params)
    steps = _steps(net, params)
    _check_chain(steps)
    try:
        check_params(net, params)
    except ValueError as error:
        raise ValueError(f"backprop.trace: {error}") from None
    loss = losses.get(loss)
    x, single = _input(steps, x)
    y = jnp.asarray(_validation.numbers("backprop.trace", "y", y))
    if single:
        y = y[None]
    elif y.shape[:1] != x.shape[:1]:
        raise ValueError(
            f"backprop.trace: expected one target for each example, got x {x.shape} and y {y.shape}"
        )

    forward = []
    a = x
    for step in steps:
        z = a @ step.w if step.b is None else a @ step.w + step.b[None, :]
        forward.append((a, z))
        a = step.activation(z)
    outputs = a
    value = jnp.mean(loss(outputs, y))

    da = losses.derivative(loss)(outputs, y) / len(x)
    layers: list[LayerTrace] = []
    for step, (before, z) in zip(reversed(steps), reversed(forward), strict=True):
        delta = step.pull_back(z, da)
        db = None if step.b is None else jnp.sum(delta, 0)
        layers.append(LayerTrace(z, step.activation(z), da, delta, before.T @ delta, db))
        da = delta @ step.w.T
    layers.reverse()
    grads = _like(params, layers)
    if single:
        x = x[0]
        layers = [
            layer._replace(**{k: getattr(layer, k)[0] for k in ("z", "a", "da", "delta")}) for layer in layers
        ]
    return Trace(x, tuple(layers), value, grads)


class _Step(NamedTuple):
    """A dense layer together with the activation after it."""

    w: jax.Array
    b: jax.Array | None
    name: Any = "linear"
    options: Mapping[str, Any] = {}

    def activation(self, z: jax.Array) -> jax.Array:
        return activations.get(self.name).fn(z, **self.options)

    def pull_back(self, z: jax.Array, da: jax.Array) -> jax.Array:
        """``dL/dz`` from ``dL/da``."""
        entry = activations.get(self.name)
        derivative = entry.derivative(z, **self.options)
        return da * derivative if entry.elementwise else jnp.einsum("nij,ni->nj", derivative, da)


def _steps(net: Layer, params: Any) -> list[_Step]:
    """The network as dense layers, each with its activation."""
    refusal = TypeError(
        "backprop.trace: expected a network from jaxnet.mlp, or jaxnet.serial of dense layers with at most "
        f"one activation after each, got {net!r}; use jax.grad for any other network"
    )
    if not isinstance(net, Layer) or net.facts.inside.order != "sequence":
        raise refusal
    layers = net.facts.inside.layers
    count = len(net.spec.layers) or len(layers) // 2  # an mlp has entries for its dense layers alone
    if not isinstance(params, (list, tuple)) or len(params) != count:
        raise ValueError(
            f"backprop.trace: expected parameters as a list of {count} entries, one per layer, as the "
            "network's init makes them"
        )
    steps: list[_Step] = []
    before = ""
    for layer, own in zip(layers, net.facts.inside.params(params), strict=True):
        name, options, _ = layer.spec
        if name == "dense":
            steps.append(_dense(own))
        elif name == "activation" and before == "dense":
            options = {**options}
            steps[-1] = steps[-1]._replace(name=options.pop("name"), options=options)
        else:
            raise refusal
        before = name
    return steps


def _check_chain(steps: list[_Step]) -> None:
    """Raise ValueError for weights that do not fit one another."""
    sizes = [steps[0].w.shape[:1], *(step.w.shape[1:] for step in steps)]
    for i, step in enumerate(steps):
        if (
            step.w.ndim != 2
            or step.w.shape[:1] != sizes[i]
            or (step.b is not None and step.b.shape != sizes[i + 1])
        ):
            raise ValueError(
                f"backprop.trace: expected w (in, out) and b (out,) that fit the layer before, "
                f"got {step.w.shape}{f' and {step.b.shape}' if step.b is not None else ''} in layer {i + 1}"
            )


def _dense(own: Any) -> _Step:
    if not isinstance(own, Mapping) or "w" not in own:
        raise ValueError(
            "backprop.trace: expected {'w': ..., 'b': ...} for each dense layer, as its init makes it"
        )
    return _Step(as_float(own["w"]), as_float(own["b"]) if "b" in own else None)


def _input(steps: list[_Step], x: Any) -> tuple[jax.Array, bool]:
    """The input as a batch in the parameters' dtype, and whether it was a single example."""
    x = _validation.numbers("backprop.trace", "x", x)
    size = steps[0].w.shape[0]
    if x.ndim not in (1, 2) or x.shape[-1] != size or not x.size:
        raise ValueError(
            f"backprop.trace: expected x of shape ({size},) or (N, {size}), not empty, got {x.shape}"
        )
    _validation.check_finite("backprop.trace", "x", x)
    x = as_dtype(x, steps[0].w.dtype)
    return (x[None], True) if x.ndim == 1 else (x, False)


def _like(params: Any, layers: list[LayerTrace]) -> Any:
    """The layers' gradients in the structure of the parameters."""
    rest = iter(layers)
    grads = []
    for own in params:
        layer = next(rest) if own else None
        grads.append({} if layer is None else {"w": layer.dw} | ({} if layer.db is None else {"b": layer.db}))
    return grads if isinstance(params, list) else type(params)(grads)
