"""Rosenblatt's perceptron: z = w.x + b, y = 1 if z > theta else 0, and its learning rule.

Parameters are ``{"w": (n,), "b": ()}``, the same pair as in a dense layer. Their dtype determines the
dtype of everything computed; lists and integers become the default float dtype.

Reference: Frank Rosenblatt, The perceptron: a probabilistic model for information storage and
organization in the brain, Psychological Review 65, 1958.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import _validation
from jaxnet._validation import check_count

Params = Mapping[str, Any]


class Run(NamedTuple):
    """The result of :func:`fit`.

    Attributes:
        params: the weights and the bias after the last update, ``{"w": (n,), "b": ()}``.
        mistakes: how many examples were misclassified in each epoch, integers of shape ``(epochs,)``;
            under ``jit`` or ``vmap`` of shape ``(max_epochs,)``, with zeros after the last epoch.
        converged: whether the last epoch made no mistake.
        epochs: the number of epochs.
        updates: the total number of updates, the sum of ``mistakes``.
    """

    params: dict[str, jax.Array]
    mistakes: Any
    converged: Any
    epochs: Any
    updates: Any


def init(n: int, dtype: Any = None) -> dict[str, jax.Array]:
    """Parameters of a perceptron with ``n`` inputs, all zero.

    Args:
        n: the number of inputs, at least 1.
        dtype: the float dtype; None: the default one (float32).

    Returns:
        ``{"w": zeros of shape (n,), "b": zero of shape ()}``.

    Raises:
        ValueError: if ``n`` is less than 1.

    Example:
        >>> from jaxnet import perceptron
        >>> p = perceptron.init(2)
        >>> p["w"].shape, p["b"].shape
        ((2,), ())
    """
    n = check_count("perceptron.init", "n, the number of inputs,", n)
    return {"w": jnp.zeros(n, dtype), "b": jnp.zeros((), dtype)}


def net_input(p: Params, x: Any) -> jax.Array:
    """The weighted sum ``z = w1 x1 + ... + wn xn + b``.

    Args:
        p: parameters, ``{"w": (n,), "b": ()}``.
        x: inputs of shape ``(..., n)``.

    Returns:
        z, of shape ``(...)``.

    Raises:
        ValueError: if the last axis of ``x`` is not ``n``, or anything is NaN or infinite.

    Example:
        >>> from jaxnet import perceptron
        >>> print(perceptron.net_input({"w": [2.0, -1.0], "b": 0.5}, [1.0, 3.0]))
        -0.5
    """
    p = _params("net_input", p)
    return _net_input(p, _inputs("net_input", p, x))


def predict(p: Params, x: Any, threshold: Any = 0.0) -> jax.Array:
    """The perceptron's prediction, ``y = 1 if z > theta else 0``; at ``z = theta`` exactly it is 0.

    Args:
        p: parameters, ``{"w": (n,), "b": ()}``.
        x: inputs of shape ``(..., n)``.
        threshold: theta, of shape ``()``.

    Returns:
        y, 0 or 1 in the parameters' dtype, of shape ``(...)``.

    Raises:
        ValueError: if the last axis of ``x`` is not ``n``, or anything is NaN or infinite.

    Example:
        >>> from jaxnet import perceptron
        >>> p = {"w": [1.0, 1.0], "b": -1.0}
        >>> print(perceptron.predict(p, [[0.0, 1.0], [1.0, 1.0]]))
        [0. 1.]
    """
    p = _params("predict", p)
    return _predict(p, _inputs("predict", p, x), _scalar("predict", "threshold", p, threshold))


def update(p: Params, x: Any, t: Any, learning_rate: Any = 1.0, threshold: Any = 0.0) -> dict[str, jax.Array]:
    """One step of the learning rule: ``w + eta (t - y) x`` and ``b + eta (t - y)``.

    Args:
        p: parameters, ``{"w": (n,), "b": ()}``.
        x: one input, of shape ``(n,)``.
        t: its target, 0 or 1, of shape ``()``.
        learning_rate: eta, of shape ``()``.
        threshold: theta of the step function, of shape ``()``.

    Returns:
        The new parameters; the given ones are not changed.

    Raises:
        ValueError: if ``x`` is not one input of ``n`` numbers, ``t`` is neither 0 nor 1, or anything is NaN.

    Example:
        >>> from jaxnet import perceptron
        >>> new = perceptron.update({"w": [0.5, -0.5], "b": 0.0}, [1.0, 2.0], 1, 0.25)
        >>> print(new["w"], new["b"])
        [0.75 0.  ] 0.25
    """
    p = _params("update", p)
    x = _inputs("update", p, x)
    t = _validation.numbers("perceptron.update", "t", t)
    if x.ndim != 1 or t.ndim != 0:
        raise ValueError(
            f"perceptron.update: expected one example, x of shape {p['w'].shape} and t of shape (), "
            f"got {x.shape} and {t.shape}; use perceptron.fit for many"
        )
    _validation.check_binary("perceptron.update", t)
    rate = _scalar("update", "learning_rate", p, learning_rate)
    return _update(p, x, jnp.asarray(t, x.dtype), rate, _scalar("update", "threshold", p, threshold))


def correct(p: Params, x: Any, error: Any, learning_rate: Any = 1.0) -> dict[str, jax.Array]:
    """The correction for a given error: ``w + eta e x`` and ``b + eta e``, with ``e = t - y``.

    :func:`update` computes the error itself; this is its last step, for an error that is already known.

    Args:
        p: parameters, ``{"w": (n,), "b": ()}``.
        x: one input, of shape ``(n,)``.
        error: e, the target minus the prediction, of shape ``()``.
        learning_rate: eta, of shape ``()``.

    Returns:
        The new parameters.

    Raises:
        ValueError: if ``x`` is not one input of ``n`` numbers, or anything is NaN.

    Example:
        >>> from jaxnet import perceptron
        >>> new = perceptron.correct({"w": [0.5, -0.5], "b": 0.0}, [1.0, 2.0], 1.0, 0.25)
        >>> print(new["w"], new["b"])
        [0.75 0.  ] 0.25
    """
    p = _params("correct", p)
    x = _inputs("correct", p, x)
    if x.ndim != 1:
        raise ValueError(
            f"perceptron.correct: expected one input of shape {p['w'].shape}, got {x.shape}; "
            "use jax.vmap for many"
        )
    rate = _scalar("correct", "learning_rate", p, learning_rate)
    return _correct(p, x, rate * _scalar("correct", "error", p, error))


def fit(
    p: Params, X: Any, t: Any, learning_rate: Any = 1.0, max_epochs: int = 100, threshold: Any = 0.0
) -> Run:
    """Learn by the perceptron rule: present the examples in order until an epoch has no mistakes.

    From zero weights and with threshold 0 there are at most ``mistake_bound(X, t)`` updates if the data are
    linearly separable; if they are not, the mistakes never reach zero.

    Args:
        p: the parameters to start from, ``{"w": (n,), "b": ()}``.
        X: inputs of shape ``(N, n)``.
        t: targets, 0 or 1, of shape ``(N,)``.
        learning_rate: eta > 0, of shape ``()``.
        max_epochs: stop after this many passes over the data.
        threshold: theta of the step function, of shape ``()``.

    Returns:
        A :class:`Run`: ``params``, ``mistakes`` of each epoch, ``converged``, ``epochs``, ``updates``.

    Raises:
        ValueError: if the shapes do not fit, there are no data, a label is neither 0 nor 1, the learning
            rate is not positive, or anything is NaN or infinite.

    Example:
        >>> from jaxnet import perceptron
        >>> X, t = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
        >>> run = perceptron.fit(perceptron.init(2), X, t)
        >>> run.converged, run.epochs, run.mistakes.tolist()
        (True, 6, [1, 3, 3, 2, 1, 0])
        >>> print(run.params["w"], run.params["b"])
        [2. 1.] -2.0

    Reference:
        Albert Novikoff, On convergence proofs for perceptrons, 1962.
    """
    p = _params("fit", p)
    x = _inputs("fit", p, X)
    t = _validation.numbers("perceptron.fit", "t", t)
    if x.ndim != 2 or t.shape != x.shape[:1]:
        raise ValueError(
            f"perceptron.fit: expected X of shape (N, {p['w'].size}) and t of shape (N,), "
            f"got {x.shape} and {t.shape}"
        )
    if x.shape[0] == 0:
        raise ValueError("perceptron.fit: expected at least one example, got none")
    _validation.check_binary("perceptron.fit", t)
    max_epochs = check_count("perceptron.fit", "max_epochs", max_epochs)
    rate = _scalar("fit", "learning_rate", p, learning_rate)
    if not _validation.is_traced(learning_rate) and not np.asarray(learning_rate) > 0:
        raise ValueError(f"perceptron.fit: expected a learning_rate above 0, got {learning_rate}")
    theta = _scalar("fit", "threshold", p, threshold)
    run = _fit(p, x, jnp.asarray(t, x.dtype), rate, theta, max_epochs)
    if _validation.is_traced(run):
        return run
    epochs = int(run.epochs)
    mistakes = np.asarray(run.mistakes)[:epochs]
    return Run(run.params, mistakes, bool(run.converged), epochs, int(run.updates))


def _net_input(p: Params, x: jax.Array) -> jax.Array:
    # full precision: a GPU would round the factors to TF32, which can change the prediction for z near theta
    return jnp.matmul(x, p["w"], precision="highest") + p["b"]


def _predict(p: Params, x: jax.Array, threshold: jax.Array) -> jax.Array:
    return (_net_input(p, x) > threshold).astype(x.dtype)


def _update(
    p: Params, x: jax.Array, t: jax.Array, rate: jax.Array, threshold: jax.Array
) -> dict[str, jax.Array]:
    return _correct(p, x, rate * (t - _predict(p, x, threshold)))


def _correct(p: Params, x: jax.Array, step: jax.Array) -> dict[str, jax.Array]:
    return {"w": p["w"] + step * x, "b": p["b"] + step}


@partial(jax.jit, static_argnums=5)
def _fit(
    p: Params, X: jax.Array, t: jax.Array, rate: jax.Array, threshold: jax.Array, max_epochs: int
) -> Run:
    def present(p, example):
        x, target = example
        wrong = _predict(p, x, threshold) != target
        return _update(p, x, target, rate, threshold), wrong

    def epoch(state):
        p, mistakes, _, done = state
        p, wrong = jax.lax.scan(present, p, (X, t))
        count = jnp.sum(wrong, dtype=jnp.int32)
        return p, mistakes.at[done].set(count), count, done + 1

    def going(state):
        _, _, count, done = state
        return (count > 0) & (done < max_epochs)

    start = (dict(p), jnp.zeros(max_epochs, jnp.int32), jnp.int32(1), jnp.int32(0))
    p, mistakes, count, done = jax.lax.while_loop(going, epoch, start)
    return Run(p, mistakes, count == 0, done, jnp.sum(mistakes))


def _params(who: str, p: Params) -> dict[str, jax.Array]:
    """The parameters as float arrays of one dtype, checked."""
    who = f"perceptron.{who}"
    if not isinstance(p, Mapping) or set(p) != {"w", "b"}:
        raise TypeError(
            f"{who}: expected parameters {{'w': (n,), 'b': ()}} as perceptron.init makes, got {p!r}"
        )
    w, b = (_validation.numbers(who, f"the parameter {name!r}", p[name]) for name in ("w", "b"))
    if w.ndim != 1 or b.ndim != 0 or not w.size:
        raise ValueError(
            f"{who}: expected parameters w of shape (n,) and b of shape (), got {w.shape} and {b.shape}"
        )
    _validation.check_finite(who, "w", w)
    _validation.check_finite(who, "b", b)
    given = p["w"] if hasattr(p["w"], "dtype") else np.asarray(0.0)
    dtype = given.dtype if jnp.issubdtype(given.dtype, jnp.floating) else np.dtype(float)
    dtype = jax.dtypes.canonicalize_dtype(dtype)
    return {"w": jnp.asarray(w, dtype), "b": jnp.asarray(b, dtype)}


def _inputs(who: str, p: dict[str, jax.Array], x: Any) -> jax.Array:
    """Inputs in the parameters' dtype, checked against their number."""
    x = _validation.numbers(f"perceptron.{who}", "x", x)
    n = p["w"].shape[0]
    if x.ndim == 0 or x.shape[-1] != n:
        raise ValueError(
            f"perceptron.{who}: expected x of shape (..., {n}), one number for each weight, got {x.shape}"
        )
    _validation.check_finite(f"perceptron.{who}", "x", x)
    return jnp.asarray(x, p["w"].dtype)


def _scalar(who: str, what: str, p: dict[str, jax.Array], value: Any) -> jax.Array:
    value = _validation.numbers(f"perceptron.{who}", what, value)
    if value.ndim != 0:
        raise ValueError(f"perceptron.{who}: expected one number for {what}, got shape {value.shape}")
    _validation.check_finite(f"perceptron.{who}", what, value)
    return jnp.asarray(value, p["w"].dtype)
