"""What exercises calculate with: net inputs, a layer, epochs of the learning rule, right and wrong ones."""

import jaxnet
from quiz.exercise import jax, jnp


def net_input(w, b, x):
    """`w·x + b`, for one input or a row for each."""
    return jaxnet.perceptron.net_input({"w": w, "b": b}, x)


def layer(w, b, x):
    """The sums of a dense layer, ``xw + b``."""
    return jaxnet.dense(w.shape[1]).apply({"w": w, "b": b}, x)


def epochs(start, X, T, eta, count: int):
    """The first epochs as `jaxnet.perceptron.fit` makes them.

    Args:
        start: `(w₁, w₂, b)`, shape (3,).
        X: inputs in the order in which they are shown, shape (N, 2).
        T: their targets, shape (N,).
        eta: the learning rate.
        count: how many epochs.

    Returns:
        `(w₁, w₂, b)` after each epoch and the mistakes in it, shape (count, 4).
    """

    def one(p, _number):
        run = jaxnet.perceptron.fit({"w": p[:2], "b": p[2]}, X, T, eta, max_epochs=1)
        p = jnp.append(run.params["w"], run.params["b"])
        return p, jnp.append(p, run.mistakes.astype(p.dtype))

    return jax.lax.scan(one, start, None, count)[1]


def epochs_by_hand(start, X, T, eta, count: int, answer, correct):
    """The same of a student who answers `answer(p, x)` or corrects `correct(p, x, e, eta)` in another way."""

    def show(p, example):
        x, t = example
        e = t - answer(p, x)
        return correct(p, x, e, eta), jnp.abs(e)

    def one(p, _number):
        p, errors = jax.lax.scan(show, p, (X, T))
        return p, jnp.append(p, jnp.sum(errors))

    return jax.lax.scan(one, start, None, count)[1]


def corrected(p, x, e, eta):
    """`(w₁, w₂, b)` after the correction that an error asks for."""
    new = jaxnet.perceptron.correct({"w": p[:2], "b": p[2]}, x, e, eta)
    return jnp.append(new["w"], new["b"])


def bias_kept(p, x, e, eta):
    """The correction of a student who leaves the bias alone."""
    return corrected(p, x, e, eta).at[2].set(p[2])


def right_answer(p, x):
    """The perceptron's answer."""
    return jaxnet.perceptron.predict({"w": p[:2], "b": p[2]}, x)


def answer_at_least(p, x):
    """The answer of a student who lets `z = 0` count as 1."""
    return jnp.where(jaxnet.perceptron.net_input({"w": p[:2], "b": p[2]}, x) >= 0, 1.0, 0.0)
