"""Activation functions and their derivatives, in one table.

Every function takes an array of any shape, keeps its dtype (integers become floats) and works along
each entry; ``softmax`` and ``log_softmax`` work along the last axis. The derivatives are written out by
hand, for use in backpropagation as the lecture teaches it, and agree with ``jax.grad``.

Example:
    >>> from jaxnet import activations
    >>> float(activations.relu(-3.0)), float(activations.sigmoid(0.0)), float(activations.step(0.0))
    (0.0, 0.5, 0.0)
    >>> float(activations.derivative("tanh")(0.0))
    1.0
"""

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxnet._expect import as_float, check_name

_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


class Activation(NamedTuple):
    """An activation function with its derivative.

    Attributes:
        fn: a = fn(z).
        derivative: da/dz at z: of the shape of z when elementwise, else the Jacobian (..., n, n) whose
            entry [..., i, j] is da_i/dz_j.
        elementwise: whether each output depends on its own input only.
        initializer: the name of the initialiser that keeps signals level through layers with this activation.
    """

    fn: Callable[..., jax.Array]
    derivative: Callable[..., jax.Array]
    elementwise: bool = True
    initializer: str = "glorot_uniform"


def linear(z: ArrayLike) -> jax.Array:
    """The identity, a = z."""
    return as_float(z)


def step(z: ArrayLike) -> jax.Array:
    """The perceptron's step: a = 1 if z > 0, else 0; at z = 0 exactly it is 0.

    Its derivative is 0 everywhere (undefined at 0, taken as 0 there), so that nothing can be learned
    through it by gradient descent.

    Reference: F. Rosenblatt, "The Perceptron: A Perceiving and Recognizing Automaton", 1957.
    """
    z = as_float(z)
    return (z > 0).astype(z.dtype)


def sigmoid(z: ArrayLike) -> jax.Array:
    """The logistic function, a = 1 / (1 + e^-z), between 0 and 1."""
    return jax.nn.sigmoid(as_float(z))


def tanh(z: ArrayLike) -> jax.Array:
    """The hyperbolic tangent, a = (e^z - e^-z) / (e^z + e^-z), between -1 and 1."""
    return jnp.tanh(as_float(z))


def relu(z: ArrayLike) -> jax.Array:
    """The rectified linear unit, a = max(0, z); its derivative at 0 is taken as 0.

    Reference: V. Nair and G. Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", 2010.
    """
    z = as_float(z)
    return jnp.where(z <= 0, jnp.zeros_like(z), z)  # this way round a NaN stays a NaN


def relu6(z: ArrayLike) -> jax.Array:
    """ReLU with a ceiling, a = min(max(0, z), 6)."""
    z = relu(z)
    return jnp.where(z >= 6, jnp.full_like(z, 6), z)


def leaky_relu(z: ArrayLike, slope: float = 0.01) -> jax.Array:
    """ReLU that leaks: a = z for z > 0, else slope * z.

    Reference: A. Maas, A. Hannun, A. Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic
    Models", 2013.
    """
    z = as_float(z)
    return jnp.where(z > 0, z, slope * z)


def elu(z: ArrayLike, alpha: float = 1.0) -> jax.Array:
    """The exponential linear unit: a = z for z > 0, else alpha (e^z - 1).

    Reference: D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and Accurate Deep Network Learning by
    Exponential Linear Units", 2016.
    """
    z = as_float(z)
    return jnp.where(z > 0, z, alpha * jnp.expm1(_below(z)))


def selu(z: ArrayLike) -> jax.Array:
    """The self-normalising unit: 1.0507 elu(z, alpha=1.6733).

    Reference: G. Klambauer and others, "Self-Normalizing Neural Networks", 2017.
    """
    return _SELU_SCALE * elu(z, _SELU_ALPHA)


def gelu(z: ArrayLike) -> jax.Array:
    """The Gaussian error linear unit, a = z Phi(z), with Phi the normal distribution function.

    Reference: D. Hendrycks and K. Gimpel, "Gaussian Error Linear Units", 2016.
    """
    z = as_float(z)
    return z * _phi(z)


def silu(z: ArrayLike) -> jax.Array:
    """The sigmoid linear unit, also called swish: a = z sigmoid(z).

    Reference: P. Ramachandran, B. Zoph, Q. Le, "Searching for Activation Functions", 2017.
    """
    z = as_float(z)
    return z * jax.nn.sigmoid(z)


def mish(z: ArrayLike) -> jax.Array:
    """Mish: a = z tanh(softplus(z)).

    Reference: D. Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019.
    """
    z = as_float(z)
    return z * jnp.tanh(softplus(z))


def softplus(z: ArrayLike) -> jax.Array:
    """The smooth ReLU, a = ln(1 + e^z), for z of any size."""
    z = as_float(z)
    return jnp.logaddexp(z, jnp.zeros_like(z))


def softsign(z: ArrayLike) -> jax.Array:
    """a = z / (1 + |z|), between -1 and 1."""
    z = as_float(z)
    return z / (1 + jnp.abs(z))


def log_sigmoid(z: ArrayLike) -> jax.Array:
    """The logarithm of the sigmoid, a = -ln(1 + e^-z), for z of any size."""
    return -softplus(-as_float(z))


def hard_sigmoid(z: ArrayLike) -> jax.Array:
    """The sigmoid in three straight pieces: a = min(max(0, z/6 + 1/2), 1)."""
    z = as_float(z)
    return relu6(z + 3) / 6


def hard_tanh(z: ArrayLike) -> jax.Array:
    """The tanh in three straight pieces: a = min(max(-1, z), 1)."""
    z = as_float(z)
    return jnp.where(z >= 1, jnp.ones_like(z), jnp.where(z <= -1, -jnp.ones_like(z), z))


def hard_silu(z: ArrayLike) -> jax.Array:
    """The swish in pieces: a = z hard_sigmoid(z).

    Reference: A. Howard and others, "Searching for MobileNetV3", 2019.
    """
    z = as_float(z)
    return z * hard_sigmoid(z)


def softmax(z: ArrayLike) -> jax.Array:
    """Probabilities along the last axis: a_i = e^(z_i) / sum_j e^(z_j), for z of any size."""
    return jax.nn.softmax(as_float(z), axis=-1)


def log_softmax(z: ArrayLike) -> jax.Array:
    """The logarithm of softmax along the last axis: a_i = z_i - ln sum_j e^(z_j)."""
    return jax.nn.log_softmax(as_float(z), axis=-1)


# --- derivatives -------------------------------------------------------------------------------------


def _below(z: jax.Array) -> jax.Array:
    """min(z, 0), so that the branch of a ``where`` that is not taken cannot overflow."""
    return jnp.where(z > 0, jnp.zeros_like(z), z)


def _phi(z: jax.Array) -> jax.Array:
    return 0.5 * jax.scipy.special.erfc(-z * math.sqrt(0.5))


def _flag(condition: jax.Array, z: jax.Array) -> jax.Array:
    return condition.astype(z.dtype)


def _d_sigmoid(z: jax.Array) -> jax.Array:
    a = sigmoid(z)
    return a * (1 - a)


def _d_tanh(z: jax.Array) -> jax.Array:
    a = jnp.tanh(z)
    return 1 - a * a


def _d_leaky_relu(z: jax.Array, slope: float = 0.01) -> jax.Array:
    return jnp.where(z > 0, jnp.ones_like(z), jnp.full_like(z, slope))


def _d_elu(z: jax.Array, alpha: float = 1.0) -> jax.Array:
    return jnp.where(z > 0, jnp.ones_like(z), alpha * jnp.exp(_below(z)))


def _d_gelu(z: jax.Array) -> jax.Array:
    return _phi(z) + z * jnp.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def _d_silu(z: jax.Array) -> jax.Array:
    s = sigmoid(z)
    return s * (1 + z * (1 - s))


def _d_mish(z: jax.Array) -> jax.Array:
    t = jnp.tanh(softplus(z))
    return t + z * (1 - t * t) * sigmoid(z)


def _d_hard_silu(z: jax.Array) -> jax.Array:
    return hard_sigmoid(z) + z * _flag(jnp.abs(z) < 3, z) / 6


def _d_softmax(z: jax.Array) -> jax.Array:
    a = softmax(z)
    eye = jnp.broadcast_to(jnp.eye(z.shape[-1], dtype=z.dtype), (*z.shape, z.shape[-1]))
    return a[..., :, None] * (eye - a[..., None, :])


def _d_log_softmax(z: jax.Array) -> jax.Array:
    eye = jnp.broadcast_to(jnp.eye(z.shape[-1], dtype=z.dtype), (*z.shape, z.shape[-1]))
    return eye - softmax(z)[..., None, :]


def _of_float(derivative: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    return lambda z, **options: derivative(as_float(z), **options)


#: name -> function, derivative, whether elementwise, default initialiser of the layer before it
TABLE: Mapping[str, Activation] = {
    name: Activation(fn, _of_float(derivative), elementwise, initializer)
    for name, fn, derivative, elementwise, initializer in (
        ("linear", linear, jnp.ones_like, True, "glorot_uniform"),
        ("step", step, jnp.zeros_like, True, "glorot_uniform"),
        ("sigmoid", sigmoid, _d_sigmoid, True, "glorot_uniform"),
        ("tanh", tanh, _d_tanh, True, "glorot_uniform"),
        ("relu", relu, lambda z: _flag(z > 0, z), True, "he_normal"),
        ("relu6", relu6, lambda z: _flag((z > 0) & (z < 6), z), True, "he_normal"),
        ("leaky_relu", leaky_relu, _d_leaky_relu, True, "he_normal"),
        ("elu", elu, _d_elu, True, "he_normal"),
        ("selu", selu, lambda z: _SELU_SCALE * _d_elu(z, _SELU_ALPHA), True, "lecun_normal"),
        ("gelu", gelu, _d_gelu, True, "he_normal"),
        ("silu", silu, _d_silu, True, "he_normal"),
        ("mish", mish, _d_mish, True, "he_normal"),
        ("softplus", softplus, sigmoid, True, "he_normal"),
        ("softsign", softsign, lambda z: 1 / jnp.square(1 + jnp.abs(z)), True, "glorot_uniform"),
        ("log_sigmoid", log_sigmoid, lambda z: sigmoid(-z), True, "glorot_uniform"),
        ("hard_sigmoid", hard_sigmoid, lambda z: _flag(jnp.abs(z) < 3, z) / 6, True, "glorot_uniform"),
        ("hard_tanh", hard_tanh, lambda z: _flag(jnp.abs(z) < 1, z), True, "glorot_uniform"),
        ("hard_silu", hard_silu, _d_hard_silu, True, "he_normal"),
        ("softmax", softmax, _d_softmax, False, "glorot_uniform"),
        ("log_softmax", log_softmax, _d_log_softmax, False, "glorot_uniform"),
    )
}

#: other names in use -> the name in the table
ALIASES: Mapping[str, str] = {
    "identity": "linear",
    "logistic": "sigmoid",
    "swish": "silu",
    "hard_swish": "hard_silu",
}


def get(activation: str | Callable[..., jax.Array]) -> Activation:
    """The activation of that name, or the one made from a function.

    A function of your own is taken to be elementwise; its derivative comes from automatic differentiation.

    Args:
        activation: a name from ``TABLE`` or ``ALIASES``, or a function z -> a.

    Raises:
        ValueError: the name is not known.

    Example:
        >>> get("relu").initializer
        'he_normal'
        >>> float(get(lambda z: z**3).derivative(2.0))
        12.0
    """
    if isinstance(activation, Activation):
        return activation
    if callable(activation):
        return _of_function(activation)
    name = ALIASES.get(activation, activation) if isinstance(activation, str) else activation
    check_name("activations", "activation", name, TABLE)
    return TABLE[name]


@functools.lru_cache(maxsize=256)
def _of_function(fn: Callable[..., jax.Array]) -> Activation:
    for known in TABLE.values():
        if known.fn is fn:
            return known

    def derivative(z: ArrayLike) -> jax.Array:
        z = as_float(z)
        return jax.jvp(fn, (z,), (jnp.ones_like(z),))[1]

    return Activation(fn, derivative)


def derivative(activation: str | Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """The derivative of an activation, as a function of the net input z.

    For elementwise activations it has the shape of z; for ``softmax`` and ``log_softmax`` it is the Jacobian
    (..., n, n) with entry [..., i, j] = da_i/dz_j.

    Raises:
        ValueError: the name is not known.

    Example:
        >>> float(derivative("sigmoid")(0.0)), float(derivative("step")(0.3)), float(derivative("relu")(0.0))
        (0.25, 0.0, 0.0)
        >>> derivative("softmax")([0.0, 0.0]).tolist()
        [[0.25, -0.25], [-0.25, 0.25]]
    """
    return get(activation).derivative


def name_of(activation: str | Callable[..., Any]) -> str | None:
    """The table's name of an activation given by name or by function; None for a function of your own."""
    found = get(activation)
    return next((name for name, known in TABLE.items() if known is found), None)
