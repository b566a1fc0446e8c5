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


def draw_threshold(stream: Stream) -> Fraction | int:
    """The threshold 0 in half of all cases, else one from 0.1 to 1 or its opposite."""
    if stream.integer(0, 3) < 2:
        return 0
    return stream.choice((-1, 1)) * stream.decimal("0.1", "1", 1)


def exact_epoch(
    p: tuple[Fraction, ...],
    examples: Iterable[tuple[tuple[Any, ...], int]],
    eta: Fraction | int = 1,
    theta: Fraction | int = 0,
) -> tuple[tuple[Fraction, ...], int]:
    """One epoch in exact fractions, for draws.

    Args:
        p: `(w₁, w₂, b)` before it.
        examples: inputs and targets, in the order in which they are shown.
        eta: the learning rate.
        theta: the threshold.

    Returns:
        `(w₁, w₂, b)` after it, and the number of mistakes.
    """
    mistakes = 0
    for x, t in examples:
        e = t - int(p[0] * x[0] + p[1] * x[1] + p[2] > theta)
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


#: A line of the worked solution for each epoch: what the steps ``rows`` and ``table`` hold of it.
EPOCHS = (
    _(
        "Epoch 1. `%(X1)s`: `z = %(rows111)s`, `y = %(rows112)s`, `e = %(rows113)s`, then `w₁ = "
        "%(rows114)s`, `w₂ = %(rows115)s`, `b = %(rows116)s`; `%(X2)s`: `z = %(rows121)s`, `y = "
        "%(rows122)s`, `e = %(rows123)s`, then `w₁ = %(rows124)s`, `w₂ = %(rows125)s`, `b = %(rows126)s`; "
        "`%(X3)s`: `z = %(rows131)s`, `y = %(rows132)s`, `e = %(rows133)s`, then `w₁ = %(rows134)s`, `w₂ = "
        "%(rows135)s`, `b = %(rows136)s`; `%(X4)s`: `z = %(rows141)s`, `y = %(rows142)s`, `e = %(rows143)s`, "
        "then `w₁ = %(rows144)s`, `w₂ = %(rows145)s`, `b = %(rows146)s`. Mistakes: `%(table14)s`"
    ),
    _(
        "Epoch 2. `%(X1)s`: `z = %(rows211)s`, `y = %(rows212)s`, `e = %(rows213)s`, then `w₁ = "
        "%(rows214)s`, `w₂ = %(rows215)s`, `b = %(rows216)s`; `%(X2)s`: `z = %(rows221)s`, `y = "
        "%(rows222)s`, `e = %(rows223)s`, then `w₁ = %(rows224)s`, `w₂ = %(rows225)s`, `b = %(rows226)s`; "
        "`%(X3)s`: `z = %(rows231)s`, `y = %(rows232)s`, `e = %(rows233)s`, then `w₁ = %(rows234)s`, `w₂ = "
        "%(rows235)s`, `b = %(rows236)s`; `%(X4)s`: `z = %(rows241)s`, `y = %(rows242)s`, `e = %(rows243)s`, "
        "then `w₁ = %(rows244)s`, `w₂ = %(rows245)s`, `b = %(rows246)s`. Mistakes: `%(table24)s`"
    ),
    _(
        "Epoch 3. `%(X1)s`: `z = %(rows311)s`, `y = %(rows312)s`, `e = %(rows313)s`, then `w₁ = "
        "%(rows314)s`, `w₂ = %(rows315)s`, `b = %(rows316)s`; `%(X2)s`: `z = %(rows321)s`, `y = "
        "%(rows322)s`, `e = %(rows323)s`, then `w₁ = %(rows324)s`, `w₂ = %(rows325)s`, `b = %(rows326)s`; "
        "`%(X3)s`: `z = %(rows331)s`, `y = %(rows332)s`, `e = %(rows333)s`, then `w₁ = %(rows334)s`, `w₂ = "
        "%(rows335)s`, `b = %(rows336)s`; `%(X4)s`: `z = %(rows341)s`, `y = %(rows342)s`, `e = %(rows343)s`, "
        "then `w₁ = %(rows344)s`, `w₂ = %(rows345)s`, `b = %(rows346)s`. Mistakes: `%(table34)s`"
    ),
    _(
        "Epoch 4. `%(X1)s`: `z = %(rows411)s`, `y = %(rows412)s`, `e = %(rows413)s`, then `w₁ = "
        "%(rows414)s`, `w₂ = %(rows415)s`, `b = %(rows416)s`; `%(X2)s`: `z = %(rows421)s`, `y = "
        "%(rows422)s`, `e = %(rows423)s`, then `w₁ = %(rows424)s`, `w₂ = %(rows425)s`, `b = %(rows426)s`; "
        "`%(X3)s`: `z = %(rows431)s`, `y = %(rows432)s`, `e = %(rows433)s`, then `w₁ = %(rows434)s`, `w₂ = "
        "%(rows435)s`, `b = %(rows436)s`; `%(X4)s`: `z = %(rows441)s`, `y = %(rows442)s`, `e = %(rows443)s`, "
        "then `w₁ = %(rows444)s`, `w₂ = %(rows445)s`, `b = %(rows446)s`. Mistakes: `%(table44)s`"
    ),
    _(
        "Epoch 5. `%(X1)s`: `z = %(rows511)s`, `y = %(rows512)s`, `e = %(rows513)s`, then `w₁ = "
        "%(rows514)s`, `w₂ = %(rows515)s`, `b = %(rows516)s`; `%(X2)s`: `z = %(rows521)s`, `y = "
        "%(rows522)s`, `e = %(rows523)s`, then `w₁ = %(rows524)s`, `w₂ = %(rows525)s`, `b = %(rows526)s`; "
        "`%(X3)s`: `z = %(rows531)s`, `y = %(rows532)s`, `e = %(rows533)s`, then `w₁ = %(rows534)s`, `w₂ = "
        "%(rows535)s`, `b = %(rows536)s`; `%(X4)s`: `z = %(rows541)s`, `y = %(rows542)s`, `e = %(rows543)s`, "
        "then `w₁ = %(rows544)s`, `w₂ = %(rows545)s`, `b = %(rows546)s`. Mistakes: `%(table54)s`"
    ),
    _(
        "Epoch 6. `%(X1)s`: `z = %(rows611)s`, `y = %(rows612)s`, `e = %(rows613)s`, then `w₁ = "
        "%(rows614)s`, `w₂ = %(rows615)s`, `b = %(rows616)s`; `%(X2)s`: `z = %(rows621)s`, `y = "
        "%(rows622)s`, `e = %(rows623)s`, then `w₁ = %(rows624)s`, `w₂ = %(rows625)s`, `b = %(rows626)s`; "
        "`%(X3)s`: `z = %(rows631)s`, `y = %(rows632)s`, `e = %(rows633)s`, then `w₁ = %(rows634)s`, `w₂ = "
        "%(rows635)s`, `b = %(rows636)s`; `%(X4)s`: `z = %(rows641)s`, `y = %(rows642)s`, `e = %(rows643)s`, "
        "then `w₁ = %(rows644)s`, `w₂ = %(rows645)s`, `b = %(rows646)s`. Mistakes: `%(table64)s`"
    ),
)


def written_out(start: Any, X: Any, T: Any, eta: Any, count: int) -> Any:
    """The table of the first epochs, shape (count, N, 6): `z`, `y`, `e`, and `(w₁, w₂, b)` afterwards."""

    def show(p: Any, example: Any) -> Any:
        x, t = example
        z, y = neurons.net_input(p[:2], p[2], x), right_answer(p, x)
        p = corrected(p, x, t - y, eta)
        return p, jnp.concatenate([jnp.stack([z, y, t - y]), p])

    def one(p: Any, _number: Any) -> Any:
        return jax.lax.scan(show, p, (X, T))

    return jax.lax.scan(one, start, None, count)[1]


def lines(count: int, goes_on: Callable[[Mapping[str, Any], int], bool]) -> tuple[Step, ...]:
    """The steps that write out the epochs, from ``rows`` and ``table``.

    Args:
        count: the number of epochs.
        goes_on: whether the solution goes on after an epoch, from all values by name and its row.
    """

    def line(row: int) -> Step:
        return Step(
            f"line{row + 1}",
            lambda table: table[row],
            ("", EPOCHS[row]),
            case=lambda known: int(row == 0 or goes_on(known, row - 1)),
        )

    return tuple(line(row) for row in range(count))
