"""Initial weights, by name or by a function from ``jax.nn.initializers``.

The default of a layer depends on the activation after it: he for the ReLU family, lecun for selu, glorot
for the others (``activations.get(name).initializer``).

References: X. Glorot and Y. Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural
Networks", 2010; K. He and others, "Delving Deep into Rectifiers", 2015; Y. LeCun and others, "Efficient
BackProp", 1998.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.nn import initializers as jnn

from jaxnet._validation import check_name

Initializer = Callable[..., jax.Array]

#: name -> function (key, shape, dtype) -> array; the last two axes of a weight are (in, out)
TABLE: Mapping[str, Initializer] = {
    "glorot_normal": jnn.glorot_normal(),
    "glorot_uniform": jnn.glorot_uniform(),
    "he_normal": jnn.he_normal(),
    "he_uniform": jnn.he_uniform(),
    "lecun_normal": jnn.lecun_normal(),
    "lecun_uniform": jnn.lecun_uniform(),
    "normal": jnn.normal(),
    "ones": jnn.ones,
    "orthogonal": jnn.orthogonal(),
    "truncated_normal": jnn.truncated_normal(),
    "uniform": jnn.uniform(),
    "zeros": jnn.zeros,
}

#: short names -> the name in the table
ALIASES: Mapping[str, str] = {"glorot": "glorot_uniform", "he": "he_normal", "lecun": "lecun_normal"}

# of those that are a standard draw times a number: (variance * fan, which fan)
_SCALED = {"glorot": (1.0, "average"), "he": (2.0, "in"), "lecun": (1.0, "in")}


def get(initializer: str | Initializer) -> Initializer:
    """The initialiser of that name; a function is returned unchanged.

    Args:
        initializer: a name from ``TABLE`` or ``ALIASES``, or a function (key, shape, dtype) -> array.

    Raises:
        ValueError: the name is not known.

    Example:
        >>> import jax
        >>> get("zeros")(jax.random.key(0), (2, 1)).tolist()
        [[0.0], [0.0]]
    """
    if callable(initializer):
        return initializer
    name = ALIASES.get(initializer, initializer)
    check_name("initializers", "initializer", name, TABLE)
    return TABLE[name]


def draw(
    key: jax.Array, shapes: Sequence[tuple[int, ...]], names: Sequence[str | Initializer], dtype: Any = None
) -> list[jax.Array]:
    """Draw many weights with as few random draws as possible, since each draw costs compile time.

    Initialisers that are a standard draw times a number (glorot, he, lecun) take slices of one long vector;
    each of the others gets its own key.

    Args:
        key: a typed key.
        shapes: shape of each weight.
        names: initialiser of each weight, by name or function.
        dtype: of the weights; None: JAX's default float type.

    Returns:
        The weights, in order.
    """
    dtype = jnp.result_type(float) if dtype is None else dtype
    kinds = [_kind(name) for name in names]
    normal = jnn.truncated_normal(1.0, lower=-2.0, upper=2.0)
    long = {
        "normal": normal,
        "uniform": lambda key, shape, dtype: jax.random.uniform(key, shape, dtype, -1, 1),
    }
    # which draws are needed: the long vectors first, then one for each of the others
    pools = [pool for pool in long if pool in kinds]
    others = [index for index, kind in enumerate(kinds) if kind == "own"]
    keys = iter([key] if len(pools) + len(others) == 1 else jax.random.split(key, len(pools) + len(others)))
    weights: list[Any] = [None] * len(shapes)
    for pool in pools:
        members = [index for index, kind in enumerate(kinds) if kind == pool]
        vector = long[pool](next(keys), (sum(math.prod(shapes[index]) for index in members),), dtype)
        start = 0
        for index in members:
            stop = start + math.prod(shapes[index])
            name = names[index]
            weights[index] = vector[start:stop].reshape(shapes[index]) * _spread(str(name), shapes[index])
            start = stop
    for index in others:
        weights[index] = get(names[index])(next(keys), shapes[index], dtype)
    return weights


def _kind(name: str | Initializer) -> str:
    if callable(name):
        return "own"
    family, _, kind = ALIASES.get(name, name).partition("_")
    return kind if family in _SCALED else "own"


def _spread(name: str, shape: tuple[int, ...]) -> float:
    """The factor of a standard draw that makes its variance numerator / fan."""
    family, _, kind = ALIASES.get(name, name).partition("_")
    numerator, fan = _SCALED[family]
    field = math.prod(shape[:-2])
    fans = field * (shape[-2] if fan == "in" else (shape[-2] + shape[-1]) / 2)
    deviation = math.sqrt(numerator / fans)
    # standard deviations: 0.8796 of a normal truncated at two, sqrt(1/3) of a uniform draw from -1 to 1
    return deviation / 0.87962566103423978 if kind == "normal" else deviation * math.sqrt(3)
