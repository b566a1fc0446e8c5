"""The perceptron's learning rule: one correction, whole epochs, and how students get them wrong."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import jaxnet
from quiz.bank.shared import neurons
from quiz.exercise import Step, Stream, jax, jnp
from quiz.text import mark as _


def draw_rate(stream: Stream) -> Fraction:
    """A learning rate with one or two decimals."""
    return stream.choice([stream.decimal("0.1", "0.5", 1), stream.decimal("0.05", "0.45", 2)])


def exact_epoch(
    p: tuple[Fraction, ...], examples: Iterable[tuple[tuple[Any, ...], int]], eta: Fraction | int = 1
) -> tuple[tuple[Fraction, ...], int]:
    """One epoch in exact fractions, for draws.

    Args:
        p: `(w₁, w₂, b)` before it.
        examples: inputs and targets, in the order in which they are shown.
        eta: the learning rate.

    Returns:
        `(w₁, w₂, b)` after it, and the number of mistakes.
    """
    mistakes = 0
    for x, t in examples:
        e = t - int(p[0] * x[0] + p[1] * x[1] + p[2] > 0)
        p = (p[0] + eta * e * x[0], p[1] + eta * e * x[1], p[2] + eta * e)
        mistakes += abs(e)
    return p, mistakes


def epochs(start: Any, X: Any, T: Any, eta: Any, count: int) -> Any:
    """The first epochs as `jaxnet.perceptron.fit` makes them.

    Args:
        start: `(w₁, w₂, b)`, shape (3,).
        X: inputs in the order in which they are shown, shape (N, 2).
        T: their targets, shape (N,).
        eta: the learning rate.
        count: the number of epochs.

    Returns:
        `(w₁, w₂, b)` after each epoch and the mistakes in it, shape (count, 4).
    """

    def one(p: Any, _number: Any) -> Any:
        run = jaxnet.perceptron.fit({"w": p[:2], "b": p[2]}, X, T, eta, max_epochs=1)
        p = jnp.append(run.params["w"], run.params["b"])
        return p, jnp.append(p, run.mistakes.astype(p.dtype))

    return jax.lax.scan(one, start, None, count)[1]


def epochs_by_hand(start: Any, X: Any, T: Any, eta: Any, count: int, answer: Any, correct: Any) -> Any:
    """The same for a student who answers with `answer(p, x)` and corrects with `correct(p, x, e, eta)`."""

    def show(p: Any, example: Any) -> Any:
        x, t = example
        e = t - answer(p, x)
        return correct(p, x, e, eta), jnp.abs(e)

    def one(p: Any, _number: Any) -> Any:
        p, errors = jax.lax.scan(show, p, (X, T))
        return p, jnp.append(p, jnp.sum(errors))

    return jax.lax.scan(one, start, None, count)[1]


def corrected(p: Any, x: Any, e: Any, eta: Any) -> Any:
    """`(w₁, w₂, b)` after the correction for an error."""
    new = jaxnet.perceptron.correct({"w": p[:2], "b": p[2]}, x, e, eta)
    return jnp.append(new["w"], new["b"])


def bias_kept(p: Any, x: Any, e: Any, eta: Any) -> Any:
    """The correction of a student who leaves the bias unchanged."""
    return corrected(p, x, e, eta).at[2].set(p[2])


def right_answer(p: Any, x: Any) -> Any:
    """The perceptron's answer."""
    return neurons.answer(p[:2], p[2], x)


def answer_at_least(p: Any, x: Any) -> Any:
    """The answer of a student who lets `z = 0` count as 1."""
    return neurons.answer_at_least(p[:2], p[2], x)


#: A line of the worked solution for each epoch: a row of the step ``table``.
EPOCHS = (
    _("Epoch 1: mistakes `%(table14)s`, then `w₁ = %(table11)s`, `w₂ = %(table12)s`, `b = %(table13)s`"),
    _("Epoch 2: mistakes `%(table24)s`, then `w₁ = %(table21)s`, `w₂ = %(table22)s`, `b = %(table23)s`"),
    _("Epoch 3: mistakes `%(table34)s`, then `w₁ = %(table31)s`, `w₂ = %(table32)s`, `b = %(table33)s`"),
    _("Epoch 4: mistakes `%(table44)s`, then `w₁ = %(table41)s`, `w₂ = %(table42)s`, `b = %(table43)s`"),
    _("Epoch 5: mistakes `%(table54)s`, then `w₁ = %(table51)s`, `w₂ = %(table52)s`, `b = %(table53)s`"),
    _("Epoch 6: mistakes `%(table64)s`, then `w₁ = %(table61)s`, `w₂ = %(table62)s`, `b = %(table63)s`"),
)


def later_epochs(count: int, goes_on: Callable[[Mapping[str, Any], int], bool]) -> tuple[Step, ...]:
    """The steps that write out the rows of ``table`` from the second on.

    Args:
        count: the number of rows.
        goes_on: whether the solution goes on after a row, from all values by name and the row.
    """

    def line(row: int) -> Step:
        return Step(
            f"line{row + 1}",
            lambda table: table[row],
            ("", EPOCHS[row]),
            case=lambda known: int(goes_on(known, row - 1)),
        )

    return tuple(line(row) for row in range(1, count))
