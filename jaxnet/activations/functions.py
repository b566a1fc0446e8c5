"""The activation functions themselves; :mod:`jaxnet.activations` gives them out, each with its derivative."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxnet._arrays import as_float
from jaxnet.activations import derivatives

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


def linear(z: ArrayLike) -> jax.Array:
    """The identity, a = z.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(linear(-2.0))
        -2.0
    """
    return as_float(z)


def step(z: ArrayLike) -> jax.Array:
    """The perceptron's step: a = 1 if z > 0, else 0; at z = 0 exactly it is 0.

    Its derivative is 0 everywhere (undefined at 0, taken as 0 there), so that nothing can be learned
    through it by gradient descent.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(step(0.5))
        1.0

    Reference: F. Rosenblatt, "The Perceptron: A Perceiving and Recognizing Automaton", 1957.
    """
    z = as_float(z)
    return (z > 0).astype(z.dtype)


def sigmoid(z: ArrayLike) -> jax.Array:
    """The logistic function, a = 1 / (1 + e^-z), between 0 and 1.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(sigmoid(0.0))
        0.5
    """
    return jax.nn.sigmoid(as_float(z))


def tanh(z: ArrayLike) -> jax.Array:
    """The hyperbolic tangent, a = (e^z - e^-z) / (e^z + e^-z), between -1 and 1.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(tanh(0.0))
        0.0
    """
    return jnp.tanh(as_float(z))


def relu(z: ArrayLike) -> jax.Array:
    """The rectified linear unit, a = max(0, z); its derivative at 0 is taken as 0.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(relu(-3.0))
        0.0

    Reference: V. Nair and G. Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", 2010.
    """
    z = as_float(z)
    return jnp.where(z <= 0, jnp.zeros_like(z), z)  # this way round a NaN stays a NaN


def relu6(z: ArrayLike) -> jax.Array:
    """ReLU with a ceiling, a = min(max(0, z), 6).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(relu6(7.0))
        6.0
    """
    z = relu(z)
    return jnp.where(z >= 6, jnp.full_like(z, 6), z)


def leaky_relu(z: ArrayLike, slope: float = 0.01) -> jax.Array:
    """ReLU that leaks: a = z for z > 0, else slope * z.

    Args:
        z: of any shape.
        slope: of the part where z <= 0.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(leaky_relu(-2.0)), 3)
        -0.02

    Reference: A. Maas, A. Hannun, A. Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic
    Models", 2013.
    """
    z = as_float(z)
    return jnp.where(z > 0, z, slope * z)


def elu(z: ArrayLike, alpha: float = 1.0) -> jax.Array:
    """The exponential linear unit: a = z for z > 0, else alpha (e^z - 1).

    Args:
        z: of any shape.
        alpha: the limit for very negative z is -alpha.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(elu(-1.0)), 3)
        -0.632

    Reference: D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and Accurate Deep Network Learning by
    Exponential Linear Units", 2016.
    """
    z = as_float(z)
    return jnp.where(z > 0, z, alpha * jnp.expm1(derivatives.below(z)))


def selu(z: ArrayLike) -> jax.Array:
    """The self-normalising unit: 1.0507 elu(z, alpha=1.6733).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(selu(1.0)), 3)
        1.051

    Reference: G. Klambauer and others, "Self-Normalizing Neural Networks", 2017.
    """
    return SELU_SCALE * elu(z, SELU_ALPHA)


def gelu(z: ArrayLike) -> jax.Array:
    """The Gaussian error linear unit, a = z Phi(z), with Phi the normal distribution function.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(gelu(1.0)), 3)
        0.841

    Reference: D. Hendrycks and K. Gimpel, "Gaussian Error Linear Units", 2016.
    """
    z = as_float(z)
    return z * derivatives.phi(z)


def silu(z: ArrayLike) -> jax.Array:
    """The sigmoid linear unit, also called swish: a = z sigmoid(z).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(silu(1.0)), 3)
        0.731

    Reference: P. Ramachandran, B. Zoph, Q. Le, "Searching for Activation Functions", 2017.
    """
    z = as_float(z)
    return z * jax.nn.sigmoid(z)


def mish(z: ArrayLike) -> jax.Array:
    """Mish: a = z tanh(softplus(z)).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(mish(1.0)), 3)
        0.865

    Reference: D. Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019.
    """
    z = as_float(z)
    return z * jnp.tanh(softplus(z))


def softplus(z: ArrayLike) -> jax.Array:
    """The smooth ReLU, a = ln(1 + e^z), for z of any size.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(softplus(0.0)), 3)
        0.693
    """
    z = as_float(z)
    return jnp.logaddexp(z, jnp.zeros_like(z))


def softsign(z: ArrayLike) -> jax.Array:
    """a = z / (1 + |z|), between -1 and 1.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(softsign(3.0))
        0.75
    """
    z = as_float(z)
    return z / (1 + jnp.abs(z))


def log_sigmoid(z: ArrayLike) -> jax.Array:
    """The logarithm of the sigmoid, a = -ln(1 + e^-z), for z of any size.

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(log_sigmoid(0.0)), 3)
        -0.693
    """
    return -softplus(-as_float(z))


def hard_sigmoid(z: ArrayLike) -> jax.Array:
    """The sigmoid in three straight pieces: a = min(max(0, z/6 + 1/2), 1).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(hard_sigmoid(1.5))
        0.75
    """
    z = as_float(z)
    return relu6(z + 3) / 6


def hard_tanh(z: ArrayLike) -> jax.Array:
    """The tanh in three straight pieces: a = min(max(-1, z), 1).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> float(hard_tanh(-7.0))
        -1.0
    """
    z = as_float(z)
    return jnp.where(z >= 1, jnp.ones_like(z), jnp.where(z <= -1, -jnp.ones_like(z), z))


def hard_silu(z: ArrayLike) -> jax.Array:
    """The swish in pieces: a = z hard_sigmoid(z).

    Args:
        z: of any shape.

    Returns:
        a, of the shape of z.

    Example:
        >>> round(float(hard_silu(-1.5)), 3)
        -0.375

    Reference: A. Howard and others, "Searching for MobileNetV3", 2019.
    """
    z = as_float(z)
    return z * hard_sigmoid(z)


def softmax(z: ArrayLike) -> jax.Array:
    """Probabilities along the last axis: a_i = e^(z_i) / sum_j e^(z_j), for z of any size.

    Args:
        z: (..., n).

    Returns:
        a, of the shape of z.

    Example:
        >>> import jax.numpy as jnp
        >>> print(softmax(jnp.array([0.0, 0.0, jnp.log(2.0)])).round(3))
        [0.25 0.25 0.5 ]
    """
    return jax.nn.softmax(as_float(z), axis=-1)


def log_softmax(z: ArrayLike) -> jax.Array:
    """The logarithm of softmax along the last axis: a_i = z_i - ln sum_j e^(z_j).

    Args:
        z: (..., n).

    Returns:
        a, of the shape of z.

    Example:
        >>> import jax.numpy as jnp
        >>> print(log_softmax(jnp.array([0.0, 0.0, jnp.log(2.0)])).round(3))
        [-1.386 -1.386 -0.693]
    """
    return jax.nn.log_softmax(as_float(z), axis=-1)
