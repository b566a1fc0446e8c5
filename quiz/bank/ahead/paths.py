"""The paths of training: momentum on a ravine, and what curves of the loss say."""

from fractions import Fraction
from typing import Any

from quiz.bank.shared.places import first_place, place_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.exercise.figure import Curve, Plot
from quiz.text import mark as _


def _draw_ravine(stream: Stream) -> Givens | None:
    a, c = stream.integer(8, 20), stream.choice([Fraction(n, 2) for n in (1, 2, 3, 4)])
    eta = stream.decimal("0.05", "0.2", 2)
    if not 1 < a * eta < Fraction(19, 10) or a * eta == Fraction(3, 2):
        return None
    return {
        "a": a, "c": c, "eta": eta, "beta": stream.choice([Fraction(n, 10) for n in (5, 6, 7, 8, 9)]),
        "p": (stream.decimal(-4, 4, 0, zero=False), stream.decimal(-10, 10, 0, zero=False)),
    }  # fmt: skip


RAVINE = Exercise(
    id="q7.ravine",
    question=7,
    level=3,
    minutes=8,
    places=4,
    title=_("Momentum on a ravine"),
    text=_(
        "The loss `L = ½(a·w₁² + c·w₂²)` with `a = %(a)s` and `c = %(c)s` is a ravine: steep in `w₁` and "
        "almost flat in `w₂`. Begin at `w = %(p)s` with the learning rate `η = %(eta)s`. Where is `w` after "
        "two steps of gradient descent, `w ← w − η·g`? Where after two steps with momentum, `v ← βv + g`, `w "
        "← w − ηv`, with `β = %(beta)s` and `v = 0` at first? From which learning rate on does gradient "
        "descent no longer approach the minimum?"
    ),
    draw=_draw_ravine,
    steps=(
        Step(
            "k",
            lambda a, c: jnp.stack([a, c]),
            _("The gradient is `(a·w₁, c·w₂)`; at first `(%(a)s·%(p1_)s, %(c)s·%(p2_)s)`"),
        ),
        Step("one", lambda p, eta, k: p - eta * k * p, _("After the first step both are at `%(one)s`")),
        Step(
            "two",
            lambda one, eta, k: one - eta * k * one,
            _(
                "Gradient descent: `(%(one1)s − %(eta)s·%(a)s·%(one1_)s, %(one2)s − %(eta)s·%(c)s·%(one2_)s) "
                "= %(two)s`; in `w₁` the sign changes at each step"
            ),
        ),
        Step("v", lambda beta, k, p, one: beta * k * p + k * one, _("Momentum: `v = β·g₁ + g₂ = %(v)s`")),
        Step(
            "m",
            lambda one, eta, v: one - eta * v,
            _(
                "So `w = (%(one1)s − %(eta)s·%(v1_)s, %(one2)s − %(eta)s·%(v2_)s) = %(m)s`: in `w₂` it gets "
                "farther, and in `w₁` the opposite directions partly cancel"
            ),
        ),
        Step(
            "most",
            lambda k: 2 / k[0],
            _(
                "`w₁` is multiplied by `1 − ηa`; from `η = 2/a = %(most)s` on this is no longer inside `−1 … "
                "1`"
            ),
        ),
    ),
    asks=(
        Ask("gd", "two", label=_("`w` after two steps of gradient descent"), kind="vector"),
        Ask("mom", "m", label=_("`w` after two steps with momentum"), kind="vector"),
        Ask("most", "most", label=_("the learning rate from which on it fails")),
    ),
    slips=(
        Slip(
            "no-half",
            {"k": lambda a, c: 2 * jnp.stack([a, c])},
            _("The derivative of `½·a·w²` is `a·w`: the 2 cancels the ½."),
        ),
        Slip(
            "uphill",
            {
                "one": lambda p, eta, k: p + eta * k * p,
                "two": lambda one, eta, k: one + eta * k * one,
                "m": lambda one, eta, v: one + eta * v,
            },
            _("Gradient descent goes down: subtract `η` times the gradient."),
        ),
        Slip(
            "average",
            {"v": lambda beta, k, p, one: beta * (1 - beta) * k * p + (1 - beta) * k * one},
            _("Here `v ← βv + g`; with the factor `1 − β` it would be an average."),
        ),
        Slip(
            "no-memory",
            {"v": lambda k, one: k * one},
            _("The old `v` is kept: `v = β·g₁ + g₂` in the second step."),
        ),
        Slip(
            "old-gradient",
            {"v": lambda beta, k, p: beta * k * p + k * p},
            _("The second gradient belongs to the place where the first step has led."),
        ),
        Slip(
            "flat-direction",
            {"most": lambda k: 2 / k[1]},
            _("The steepest direction decides: there the step becomes too large first."),
        ),
        Slip(
            "without-turning",
            {"most": lambda k: 1 / k[0]},
            _("With `1/a < η < 2/a` the sign of `w₁` changes, but it still comes nearer to 0."),
        ),
    ),
    hints=(
        _("The two directions do not influence each other: calculate `w₁` and `w₂` on their own."),
        _(
            "Other numbers: with `a = 4`, `η = 0.3`, `β = 0.5` and `w₁ = 10` the gradient is 40, then `w₁ = "
            "−2` with the gradient `−8`; `v = 0.5·40 − 8 = 12` and `w₁ = −2 − 0.3·12 = −5.6`."
        ),
        _("`g = (a·w₁, c·w₂)`; first step `v = g₁`; second step `v = β·g₁ + g₂`; limit `η = 2/a`."),
    ),
)


_SAYS = (
    _("overfitting: the training loss falls on, the validation loss rises again"),
    _("`η` is too large: both losses jump up and down"),
    _("`η` is too small: both losses fall evenly and are still high at the end"),
    _("it has learned well: both losses have become small and stay close together"),
    _("overfitting: both losses jump up and down"),
    _("`η` is too small: the validation loss rises while the training loss falls"),
    _("it has learned well: only the training loss counts, and it falls"),
)


def _draw_curves(stream: Stream) -> Givens:
    case = stream.integer(0, 3)
    noise = [stream.integer(0, 4) for _place in range(14)]
    if case == 0:
        best = stream.integer(2, 4)
        train = [90, 62, 42, 30, 20, 13, 8]
        valid = [95, 72, 60, 52, 47, 45, 44][: best + 1]
        valid += [valid[-1] + 9 * (k + 1) for k in range(6 - best)]
    elif case == 1:
        train = [90, 60, 98, 55, 104, 70, 112]
        valid = [96, 68, 105, 62, 110, 79, 120]
    elif case == 2:
        train = [98, 93, 88, 83, 78, 73, 68]
        valid = [104, 99, 94, 89, 84, 79, 74]
    else:
        train = [90, 55, 34, 22, 15, 11, 8]
        valid = [96, 62, 41, 29, 22, 18, 15]
    step = stream.choice((2, 5, 10, 20))
    return {
        "T": tuple(Fraction(v, 100) - Fraction(n, 500) for v, n in zip(train, noise[:7], strict=True)),
        "V": tuple(Fraction(v, 100) + Fraction(n, 500) for v, n in zip(valid, noise[7:], strict=True)),
        "E": tuple(step * (k + 1) for k in range(7)),
        "shown": stream.shuffle(range(7)),
    }


def _says(T, V):
    """What the two curves show."""
    jumps = jnp.sum(jnp.where(T[1:] > T[:-1] + 0.05, 1.0, 0.0)) >= 2
    apart = V[-1] - jnp.min(V) > 0.05
    return jnp.where(jumps, 1.0, jnp.where(apart, 0.0, jnp.where(T[-1] > 0.5, 2.0, 3.0)))


def _plot(g: Any) -> Plot:
    def curve(losses):
        return [(epoch, loss) for epoch, loss in zip(g["E"], losses, strict=True)]

    return Plot(
        (0, g["E"][-1] + g["E"][0] / Fraction(2)),
        (0, Fraction(13, 10)),
        _("The training loss and the validation loss over the epochs; the question gives the values too."),
        curves=(
            Curve(curve(g["T"]), _("training loss"), dots=True),
            Curve(curve(g["V"]), _("validation loss"), dashed=True, dots=True),
        ),
        x_label=_("epoch"),
        y_label=_("loss"),
    )


CURVES = Exercise(
    id="q7.curves",
    question=7,
    level=1,
    minutes=4,
    title=_("What curves of the loss say"),
    text=_(
        "In training, the losses were written down after the epochs `%(E)s`. On the training data they were "
        "`%(T)s`, on the validation data `%(V)s`. What do the two curves say? After which of these epochs "
        "were the weights best for new data? By how much does the validation loss exceed the training loss "
        "at the end, and by how much does it exceed its smallest value there?"
    ),
    draw=_draw_curves,
    figure=_plot,
    steps=(
        Step("says", _says),
        Step(
            "place",
            lambda says, shown: place_of(says, shown),
            _SAYS[:4],
            case=lambda known: int(known["says"]),
        ),
        Step("where", lambda V: first_place(jnp.min(V) == V)),
        Step(
            "best",
            lambda E, where: jnp.sum(jnp.where(jnp.arange(7.0) == where, E, 0.0)),
            _("The validation loss is smallest after epoch `%(best)s`"),
        ),
        Step("gap", lambda T, V: V[-1] - T[-1], _("At the end `%(V7)s − %(T7)s = %(gap)s`")),
        Step("lost", lambda V: V[-1] - jnp.min(V), _("It exceeds its smallest value by `%(lost)s`")),
    ),
    asks=(
        Ask(
            "says",
            "place",
            label=_("what the curves say"),
            kind="choice",
            options=lambda givens: [_SAYS[place] for place in givens["shown"]],
            weight=1.5,
        ),
        Ask("best", "best", label=_("number of the best epoch")),
        Ask("gap", "gap", label=_("difference at the end"), tolerance=0.001),
        Ask("lost", "lost", label=_("rise above the smallest value"), tolerance=0.001, weight=0.5),
    ),
    slips=(
        Slip(
            "training-only",
            {
                "says": lambda T: 6.0 + 0 * T[0],
                "where": lambda T: first_place(jnp.min(T) == T),
                "lost": lambda T: T[-1] - jnp.min(T),
            },
            _("How well new data are predicted is said by the validation loss, not by the training loss."),
        ),
        Slip(
            "last-epoch",
            {"best": lambda E: E[-1]},
            _("The last epoch is not always the best one: look where the validation loss is smallest."),
            when=lambda g: min(g["V"]) != g["V"][-1],
        ),
        Slip(
            "gap-turned",
            {"gap": lambda T, V: T[-1] - V[-1]},
            _("The question is by how much the validation loss exceeds the training loss."),
        ),
        Slip(
            "gap-at-the-beginning",
            {"gap": lambda T, V: V[0] - T[0]},
            _("This is the difference after the first of these epochs; asked is the one at the end."),
        ),
    ),
    hints=(
        _("Follow each row of numbers: does it fall, rise or jump? Then compare the two rows."),
        _(
            "Other numbers: training 0.9, 0.5, 0.2 and validation 0.9, 0.6, 0.8: the second epoch is best, "
            "and at the end the difference is `0.8 − 0.2 = 0.6`."
        ),
        _(
            "Overfitting: the curves part. Too large: they jump. Too small: they fall slowly. Best is the "
            "epoch with the smallest validation loss."
        ),
    ),
)

EXERCISES = (RAVINE, CURVES)
