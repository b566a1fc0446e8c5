"""Neurons, layers and the squared error, as functions that can be used directly as rules of steps."""

from typing import Any

import jaxnet
from quiz.exercise import jnp


def net_input(w: Any, b: Any, x: Any) -> Any:
    """`w·x + b`, for one input or for each row of a batch."""
    return jaxnet.perceptron.net_input({"w": w, "b": b}, x)


def answer(w: Any, b: Any, x: Any) -> Any:
    """The answer of a perceptron with the threshold 0, for one input or for each row of a batch."""
    return jaxnet.perceptron.predict({"w": w, "b": b}, x)


def answer_at_least(w: Any, b: Any, x: Any) -> Any:
    """The answer of a student who lets a net input of exactly 0 count as 1."""
    return jnp.where(net_input(w, b, x) >= 0, 1.0, 0.0)


def layer(w: Any, b: Any, x: Any) -> Any:
    """The net inputs of a dense layer, `xw + b`."""
    return jaxnet.dense(w.shape[1]).apply({"w": w, "b": b}, x)


def step(z: Any) -> Any:
    """1 where `z` is above 0, else 0."""
    return jaxnet.activations.step(z)


def sigmoid(z: Any) -> Any:
    """`1/(1 + e^(−z))`."""
    return jaxnet.activations.sigmoid(z)


def tanh(z: Any) -> Any:
    """`tanh z`."""
    return jaxnet.activations.tanh(z)


def relu(z: Any) -> Any:
    """`max(0, z)`."""
    return jaxnet.activations.relu(z)


def softmax(z: Any) -> Any:
    """The exponentials of a vector, divided by their sum."""
    return jaxnet.activations.softmax(z)


def derivative(name: str, z: Any) -> Any:
    """The derivative of the activation function of this name at `z`."""
    return jaxnet.activations.derivative(name)(z)


def derivative_from_value(name: str, a: Any) -> Any:
    """The derivative of the sigmoid or of tanh where its value is `a`."""
    return a * (1 - a) if name == "sigmoid" else 1 - a * a


#: For each of these two the one that a student takes by mistake.
OTHER_FUNCTION = {"sigmoid": "tanh", "tanh": "sigmoid"}


def squared_error(y: Any, t: Any) -> Any:
    """The loss `(t − y)²` of a single number."""
    return jaxnet.losses.mse(y[None], t[None])[0]


def error_derivative(y: Any, t: Any) -> Any:
    """The derivative of `(t − y)²` with respect to `y`, for a single number."""
    return jaxnet.losses.derivative("mse")(y[None], t[None])[0]
