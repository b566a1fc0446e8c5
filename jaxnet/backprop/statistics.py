"""Statistics of each layer of a network: its activations, its gradients, the size of its updates.

Users find these functions in :mod:`jaxnet.backprop`.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxnet import losses
from jaxnet._padded import Padded, filled, real_steps
from jaxnet.layers import Layer


def layer_names(net: Layer, params: Any) -> tuple[str, ...]:
    """The names of the layers with parameters, on which :func:`layer_statistics` reports, from the input on.

    Args:
        net: a network.
        params: its parameters.

    Returns:
        One name per layer, such as ``"conv 1"``, ``"dense 2"``.

    Example:
        >>> import jax, jaxnet
        >>> net = jaxnet.mlp("2-2-1")
        >>> layer_names(net, net.init(jax.random.key(0)))
        ('dense 1', 'dense 2')
    """
    return tuple(
        f"{block[0].layer.spec.name} {i}" for i, block in enumerate(_blocks(_pieces(net, params)), 1)
    )


def layer_statistics(
    net: Layer, params: Any, x: Any, y: Any, loss: str | Callable[..., Any], *, updates: Any = None
) -> dict[str, jax.Array]:
    """Statistics of each layer with parameters on one batch: are its units dead, does its gradient vanish?

    A pure function, to be compiled into a training step or called on its own. Dropout is off. Layers are
    those of ``mlp`` and of ``serial``, nested or not; any other combinator counts as one layer. A layer's
    activation is the output of the activation function after it, or its own output if there is none.

    Args:
        net: a network.
        params: its parameters.
        x: inputs of shape ``(N, ...)``, or a ``Padded``, whose real steps alone are counted.
        y: targets, as the loss wants them.
        loss: ``loss(outputs, targets)`` with one value per example, or its name.
        updates: what the optimizer adds to the parameters, in their structure; None: the gradient, as in
            gradient descent with learning rate 1.

    Returns:
        Arrays with one entry per layer, in the order of :func:`layer_names`:

        - ``activation_mean``, ``activation_std``: over the batch and all units.
        - ``dead``: the share of units (features, channels) that are 0 on every example, as a dead ReLU is.
        - ``gradient_norm``: the norm of ``dL/dparams`` of this layer; vanishing gradients show here.
        - ``weight_norm``: the norm of the parameters of this layer.
        - ``update_ratio``: the norm of the update divided by that of the parameters; about 1e-3 is healthy.

    Example:
        >>> import jax.numpy as jnp, jaxnet
        >>> from jaxnet import losses
        >>> net = jaxnet.mlp("1-2-1")
        >>> params = [{"w": jnp.array([[1.0, -1.0]]), "b": jnp.zeros(2)},
        ...           {"w": jnp.array([[1.0], [1.0]]), "b": jnp.zeros(1)}]
        >>> found = layer_statistics(net, params, jnp.array([[1.0], [2.0]]), jnp.zeros((2, 1)), losses.mse)
        >>> found["dead"].tolist()  # the second hidden unit never fires
        [0.5, 0.0]

    Reference:
        Xavier Glorot and Yoshua Bengio, Understanding the difficulty of training deep feedforward neural
        networks, 2010.
    """
    loss = losses.get(loss)
    pieces = _pieces(net, params)

    def run(owns: list[Any]) -> tuple[jax.Array, list[jax.Array]]:
        a, outputs = jax.tree.map(jnp.asarray, x) if isinstance(x, Padded) else jnp.asarray(x), []
        for piece, own in zip(pieces, owns, strict=True):
            a = piece.layer.apply(own, a)
            outputs.append(a)
        targets = jax.tree.map(jnp.asarray, y) if isinstance(y, Padded) else jnp.asarray(y)
        return jnp.mean(loss(a, targets)), outputs

    owns = [piece.params for piece in pieces]
    grads, outputs = jax.grad(run, has_aux=True)(owns)
    moved = grads if updates is None else [piece.params for piece in _pieces(net, updates)]
    rows = []
    for block in _blocks(pieces):
        mine = block[0].place
        after = [piece.place for piece in block if piece.layer.spec.name == "activation"]
        a = outputs[after[-1] if after else mine]
        weights, update = _norm(owns[mine]), _norm(moved[mine])
        rows.append(
            {
                **_activations(a),
                "gradient_norm": _norm(grads[mine]),
                "weight_norm": weights,
                "update_ratio": jnp.where(weights > 0, update / weights, jnp.zeros_like(update)),
            }
        )
    return {name: jnp.stack([row[name] for row in rows]) for name in rows[0]} if rows else {}


def _activations(a: Any) -> dict[str, jax.Array]:
    """Mean, standard deviation and share of dead units of an array; of a Padded over its real steps."""
    real = None
    if isinstance(a, Padded):  # what stands in the padding are copies of real steps
        mask = jnp.asarray(real_steps(a))
        a = filled(a)
        real = jnp.broadcast_to(mask.reshape(mask.shape + (1,) * (a.ndim - mask.ndim)), a.shape)
    return {
        "activation_mean": jnp.mean(a, where=real),
        "activation_std": jnp.std(a, where=real),
        "dead": jnp.mean((a.reshape(-1, a.shape[-1]) == 0).all(0).astype(a.dtype)),
    }


class _Piece(NamedTuple):
    """A layer that is run as one, with its place in the order and its own parameters."""

    layer: Layer
    place: int
    params: Any


def _pieces(net: Layer, params: Any) -> list[_Piece]:
    found: list[_Piece] = []

    def visit(layer: Layer, own: Any) -> None:
        inside = layer.facts.inside
        if inside.order == "sequence":
            for part, its in zip(inside.layers, inside.params(own), strict=True):
                visit(part, its)
        else:
            found.append(_Piece(layer, len(found), own))

    visit(net, params)
    return found


def _blocks(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Each piece with parameters, together with those without parameters that follow it."""
    blocks: list[list[_Piece]] = []
    for piece in pieces:
        if jax.tree.leaves(piece.params):
            blocks.append([piece])
        elif blocks:
            blocks[-1].append(piece)
    return blocks


def _norm(tree: Any) -> jax.Array:
    """The Euclidean norm of all numbers of a tree together."""
    leaves = jax.tree.leaves(tree)
    # divided by the largest, so that no square overflows or vanishes
    top = jnp.max(jnp.stack([jnp.max(jnp.abs(leaf)) for leaf in leaves]))
    safe = jnp.where(top > 0, top, jnp.ones_like(top))
    squares = [jnp.sum(jnp.square(leaf / safe)) for leaf in leaves if math.prod(leaf.shape)]
    return top * jnp.sqrt(sum(squares[1:], squares[0]))
