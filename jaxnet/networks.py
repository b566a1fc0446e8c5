"""Whole networks for the common cases."""

import itertools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import activations, initializers
from jaxnet._expect import check_count, check_ending, check_key
from jaxnet.combinators import check_params
from jaxnet.layers import FLATTEN_FIRST, Layer, Params, Shape, Spec, affine, shared


def mlp(
    sizes: Sequence[int] | str,
    *,
    activation: Any = "relu",
    output: Any = "linear",
    use_bias: bool = True,
    initializer: Any = None,
) -> Layer:
    """A multi-layer perceptron: a_0 = x; z_l = a_(l-1) w_l + b_l; a_l = f(z_l).

    Args:
        sizes: number of neurons in each layer, the input first: [784, 256, 10] or "784-256-10". Two sizes
            make a network without hidden layer.
        activation: f of the hidden layers, a name from ``activations.TABLE`` or a function.
        output: f of the last layer; "linear" gives logits for the cross-entropies.
        use_bias: whether the layers have a b.
        initializer: of the weights; None: the right one for the activation after each layer.

    Returns:
        A network (..., sizes[0]) -> (..., sizes[-1]). ``init(key)`` needs no shape; the parameters are a list
        of {"w": (in, out), "b": (out,)}, one for each dense layer. ``init`` works under ``jit`` and ``vmap``.

    Raises:
        ValueError: fewer than two sizes, a size below 1, or an unknown name.

    Example:
        >>> import jax
        >>> net = mlp("2-2-1", activation="tanh")
        >>> params = net.init(jax.random.key(0))
        >>> [layer["w"].shape for layer in params], net.apply(params, jax.numpy.ones((4, 2))).shape
        ([(2, 2), (2, 1)], (4, 1))

    Reference: D. Rumelhart, G. Hinton, R. Williams, "Learning Representations by Back-Propagating Errors",
    1986.
    """
    hidden, last = _name("activation", activation), _name("output", output)
    return _mlp(_sizes(sizes), hidden, last, use_bias, initializer)


@shared
def _mlp(sizes: tuple[int, ...], activation: Any, output: Any, use_bias: bool, initializer: Any) -> Layer:
    depth = len(sizes) - 1
    after = [activations.get(activation)] * (depth - 1) + [activations.get(output)]
    names = [entry.initializer if initializer is None else initializer for entry in after]
    for name in names:
        initializers.get(name)
    shapes = list(itertools.pairwise(sizes))

    @jax.jit  # one program: drawn one by one, each weight would compile several
    def compiled(key: jax.Array) -> Params:
        weights = initializers.draw(key, shapes, names)
        if not use_bias:
            return [{"w": w} for w in weights]
        return [{"w": w, "b": jnp.zeros(w.shape[1], w.dtype)} for w in weights]

    def init(key: jax.Array, in_shape: Shape | None = None) -> Params:
        check_key("mlp", key)
        if in_shape is not None:
            out_shape(tuple(in_shape))
        return compiled(key)

    def out_shape(in_shape: Shape) -> Shape:
        check_ending(
            "mlp", np.broadcast_to(0, in_shape), sizes[:1], FLATTEN_FIRST if len(in_shape) > 1 else ""
        )
        return (*in_shape[:-1], sizes[-1])

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        check_params("mlp", params, depth)
        check_ending("mlp", x, sizes[:1], FLATTEN_FIRST if np.ndim(x) > 2 else "")
        for layer, shape, entry in zip(params, shapes, after, strict=True):
            if layer["w"].shape != shape:
                raise ValueError(
                    f"mlp: expected a weight of shape {shape}, got {layer['w'].shape}; use its own init"
                )
            x = entry.fn(affine("mlp", layer, x))
        return x  # pyright: ignore[reportReturnType]

    options = {"sizes": sizes, "activation": activation, "output": output}
    options |= {} if use_bias else {"use_bias": False}
    options |= {} if initializer is None else {"initializer": initializer}
    return Layer(init, apply, Spec("mlp", options), out_shape)


def _sizes(sizes: Sequence[int] | str) -> tuple[int, ...]:
    if isinstance(sizes, str):
        try:
            sizes = [int(part) for part in sizes.split("-")]
        except ValueError:
            raise ValueError(f"mlp: expected sizes such as '2-2-1', got {sizes!r}") from None
    counts = tuple(check_count("mlp", "every size", size) for size in sizes)
    if len(counts) < 2:
        raise ValueError(f"mlp: expected at least two sizes, input and output, got {list(counts)}")
    return counts


def _name(what: str, activation: Any) -> Any:
    """The table's name where there is one, so that equal networks are the same network."""
    try:
        return activations.name_of(activation) or activation
    except ValueError as error:
        raise ValueError(f"mlp, {what}: {error}") from None
