"""Whole networks for the common cases."""

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import activations, initializers, layers
from jaxnet._padded import on_steps
from jaxnet._validation import check_count, check_ending, check_key, check_name
from jaxnet.layers import Layer, Spec
from jaxnet.layers.base import Facts, Inside, Params, Shape, interned, options_of
from jaxnet.layers.basic import FLATTEN_FIRST, affine
from jaxnet.layers.calls import check_entries, check_shapes, noting
from jaxnet.layers.combinators import serial
from jaxnet.layers.convolution import conv
from jaxnet.layers.pooling import max_pool

__all__ = [
    "cnn",
    "mlp",
    "rnn",
]


ActivationName = Literal[
    "elu", "gelu", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "identity", "leaky_relu",
    "linear", "log_sigmoid", "log_softmax", "logistic", "mish", "relu", "relu6", "selu", "sigmoid",
    "silu", "softmax", "softplus", "softsign", "step", "swish", "tanh",
]  # fmt: skip


@interned
def mlp(
    sizes: Sequence[int] | str,
    *,
    activation: ActivationName | Callable[..., Any] = "relu",
    output: ActivationName | Callable[..., Any] = "linear",
    use_bias: bool = True,
    initializer: Any = None,
) -> Layer:
    """A multi-layer perceptron: a_0 = x; z_l = a_(l-1) w_l + b_l; a_l = f(z_l).

    Args:
        sizes: number of neurons in each layer, the input first: [784, 256, 10] or "784-256-10". Two sizes
            make a network without hidden layers.
        activation: f of the hidden layers, a name from ``activations.TABLE`` or a function.
        output: f of the last layer; "linear" gives logits for the cross-entropies.
        use_bias: whether the layers have a b.
        initializer: of the weights; None: the one that suits the activation after each layer.

    Returns:
        A network (..., sizes[0]) -> (..., sizes[-1]). ``init(key)`` needs no shape; the parameters are a list
        of {"w": (in, out), "b": (out,)}, one per dense layer. ``init`` works under ``jit`` and ``vmap``.

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
    sizes = _sizes(sizes)
    activation, output = _name("mlp", "activation", activation), _name("mlp", "output", output)
    depth = len(sizes) - 1
    after = [activations.get(activation)] * (depth - 1) + [activations.get(output)]
    names = [entry.initializer if initializer is None else initializer for entry in after]
    for name in names:
        initializers.get(name)
    shapes = list(itertools.pairwise(sizes))
    parts: list[Layer] = []
    for size, name in zip(sizes[1:], [*[activation] * (depth - 1), output], strict=True):
        parts += [layers.dense(size, use_bias=use_bias), layers.activation(name)]

    def own_shapes(shape: tuple[int, int]) -> dict[str, tuple[int, ...]]:
        return {"w": shape, "b": shape[1:]} if use_bias else {"w": shape}

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
        check_entries("mlp", params, depth)
        run = functools.partial(_through, parts, own_shapes, shapes, after, params)
        return on_steps("mlp", run, x, features=True)

    options = options_of(
        sizes=sizes, activation=activation, output=output, use_bias=use_bias, initializer=initializer
    )
    inside = Inside(tuple(parts), "sequence", lambda params: [own for layer in params for own in (layer, {})])
    facts = Facts(in_shape=sizes[:1], axes=lambda before: 1, inside=inside)
    return Layer(init, apply, Spec("mlp", options), out_shape, facts)


def _through(
    parts: list[Layer],
    own_shapes: Callable[[Any], Any],
    shapes: list[tuple[int, int]],
    after: list[activations.Activation],
    params: Params,
    x: Any,
) -> jax.Array:
    """The layers of an ``mlp``, one after another."""
    check_ending("mlp", x, shapes[0][:1], FLATTEN_FIRST if np.ndim(x) > 2 else "")
    for index, (layer, shape, entry) in enumerate(zip(params, shapes, after, strict=True)):
        with noting(index, parts[2 * index]):
            check_shapes(parts[2 * index], own_shapes(shape), layer)
        x = entry.fn(affine("mlp", layer, x))
    return x


def cnn(
    filters: Sequence[int],
    outputs: int,
    *,
    hidden: Sequence[int] = (),
    kernel: Sequence[int] = (3, 3),
    pool: int = 2,
    activation: Any = "relu",
    dropout: float = 0.0,
    method: str = "auto",
) -> Layer:
    """A convolutional network: convolution, activation and max-pooling several times, then dense layers.

    Args:
        filters: filters of each convolution, e.g. (32, 64).
        outputs: number of outputs; they are logits.
        hidden: sizes of the dense layers before the last one.
        kernel: of each convolution, (3, 3) for images, (3,) for sequences.
        pool: size of the pooling windows; 1: no pooling.
        activation: after each layer but the last.
        dropout: fraction dropped before each dense layer; 0: no dropout.
        method: of the convolutions, see ``conv``.

    Returns:
        A network (..., height, width, channels) -> (..., outputs), made by ``serial``.

    Raises:
        ValueError: a number out of range, or an unknown name.

    Example:
        >>> import jax
        >>> net = cnn((8, 16), 10, hidden=(32,), dropout=0.5)
        >>> net.out_shape((28, 28, 1))
        (10,)

    Reference: Y. LeCun and others, "Gradient-Based Learning Applied to Document Recognition", 1998.
    """
    if not filters:
        raise ValueError("cnn: expected the filters of at least one convolution, got none")
    pool = check_count("cnn", "pool", pool)
    act = layers.activation(_name("cnn", "activation", activation))
    parts: list[Layer] = []
    for count in filters:
        parts += [conv(count, kernel, method=method), act]
        parts += [max_pool((pool,) * len(kernel))] if pool > 1 else []
    parts.append(layers.flatten())
    rest = [layers.dropout(dropout)] if dropout else []
    for units in hidden:
        parts += [*rest, layers.dense(units), act]
    return serial(*parts, *rest, layers.dense(outputs))


def rnn(
    units: int | Sequence[int],
    outputs: int,
    *,
    cell: str = "lstm",
    vocabulary: int | None = None,
    features: int = 32,
    both_ways: bool = False,
    dropout: float = 0.0,
    return_sequences: bool = False,
) -> Layer:
    """A recurrent network: stacked recurrent layers, then a dense layer.

    Args:
        units: size of the recurrent layer, or of each.
        outputs: number of outputs; they are logits.
        cell: "lstm", "gru" or "simple_rnn".
        vocabulary: for sequences of ids, how many ids there are: an ``embedding`` comes first.
        features: size of the vectors of that embedding.
        both_ways: whether each layer is ``bidirectional``.
        dropout: fraction dropped after each recurrent layer; 0: no dropout.
        return_sequences: whether there are outputs for each time step, or one for the whole sequence.

    Returns:
        A network (..., time, features) -> (..., outputs), or (..., time, outputs); with a vocabulary from
        (..., time). Made by ``serial``.

    Raises:
        ValueError: a number out of range, or an unknown name.

    Example:
        >>> rnn(64, 2, cell="gru", vocabulary=1000).out_shape((80,))
        (2,)
    """
    check_name("rnn", "cell", cell, ("gru", "lstm", "simple_rnn"))
    sizes = (units,) if isinstance(units, int) else tuple(units)
    if not sizes:
        raise ValueError("rnn: expected the size of at least one recurrent layer, got none")
    parts = [] if vocabulary is None else [layers.embedding(vocabulary, features)]
    for index, size in enumerate(sizes):
        layer = getattr(layers, cell)(size, return_sequences=return_sequences or index < len(sizes) - 1)
        parts.append(layers.bidirectional(layer) if both_ways else layer)
        parts += [layers.dropout(dropout)] if dropout else []
    return serial(*parts, layers.dense(outputs))


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


def _name(where: str, what: str, activation: Any) -> Any:
    """The table's name where there is one, so that equal networks are the same object."""
    try:
        return activations.name_of(activation) or activation
    except ValueError as error:
        raise ValueError(f"{where}, {what}: {error}") from None
