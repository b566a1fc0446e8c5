"""Question 2: the result of an epoch depends on the order of the examples."""

from typing import Any

from quiz.bank.shared import learning_rule as rule
from quiz.bank.shared.construct import fire
from quiz.bank.shared.neurons import net_input
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream
from quiz.text import mark as _


def _in_turn(g: Givens, order: tuple[int, int]) -> tuple[Any, int]:
    """`(w₁, w₂, b)` after the two examples, and the number of mistakes, in exact numbers."""
    p, mistakes = g["p"], 0
    for place in order:
        x, t = g["X"][place], g["T"][place]
        e = t - int(p[0] * x[0] + p[1] * x[1] + p[2] > g["theta"])
        p = tuple(pi + g["eta"] * e * xi for pi, xi in zip(p, (*x, 1), strict=True))
        mistakes += abs(e)
    return p, mistakes


def _draw_order(stream: Stream) -> Givens | None:
    theta = stream.choice((0, 1)) * stream.choice((-1, 1)) * stream.decimal("0.2", "1.2", 1)
    eta = stream.decimal("0.1", "0.9", 1)
    for _attempt in range(200):
        g = {
            "p": (*stream.vector(2, -1, 1, 1), stream.decimal(-1, 1, 1, zero=False)),
            "theta": theta,
            "X": stream.matrix(2, 2, -3, 3, 0),
            "T": (stream.integer(0, 1), stream.integer(0, 1)),
            "eta": eta,
        }
        (one, few), (other, many) = _in_turn(g, (0, 1)), _in_turn(g, (1, 0))
        if one != other and few and many:
            return g
    return None


def _error(p, X, T, theta, place):
    return T[place] - fire(net_input(p[:2], p[2], X[place]), theta)


_LINES = (
    (
        _("A first: `z = %(p1)s·%(X11_)s%(p2__)s·%(X12_)s%(p3__)s`, `e = %(a1)s`, then `%(pa)s`"),
        _("Then B: `z = %(pa1)s·%(X21_)s%(pa2__)s·%(X22_)s%(pa3__)s`, `e = %(a2)s`, then `%(first)s`"),
    ),
    (
        _(
            "In the other order, B first: `z = %(p1)s·%(X21_)s%(p2__)s·%(X22_)s%(p3__)s`, `e = %(b1)s`, then "
            "`%(pb)s`"
        ),
        _("Then A: `z = %(pb1)s·%(X11_)s%(pb2__)s·%(X12_)s%(pb3__)s`, `e = %(b2)s`, then `%(second)s`"),
    ),
)


def _rules(correct):
    """The corrections of a student who makes each of them with `correct(p, x, e, eta)`."""
    return {
        "pa": lambda p, X, a1, eta: correct(p, X[0], a1, eta),
        "first": lambda pa, X, a2, eta: correct(pa, X[1], a2, eta),
        "pb": lambda p, X, b1, eta: correct(p, X[1], b1, eta),
        "second": lambda pb, X, b2, eta: correct(pb, X[0], b2, eta),
    }


_RIGHT = _rules(rule.corrected)

ORDER = Exercise(
    id="q2.order",
    question=2,
    level=2,
    minutes=8,
    title=_("The order of the examples matters"),
    text=_(
        "A perceptron begins with `(w₁, w₂, b) = %(p)s`; its threshold is `θ = %(theta)s` (`y = 1` if `w·x + "
        "b > θ`, else 0) and the learning rate `η = %(eta)s`. It is shown two examples and corrected after "
        "each: A is `x = %(X1)s` with the target `%(T1)s`, B is `x = %(X2)s` with the target `%(T2)s`. Give "
        "`(w₁, w₂, b)` after an epoch in the order A, B, then after an epoch in the order B, A from the same "
        "beginning, and the number of mistakes in each."
    ),
    draw=_draw_order,
    steps=(
        Step("a1", lambda p, X, T, theta: _error(p, X, T, theta, 0)),
        Step("pa", _RIGHT["pa"], _LINES[0][0], base=lambda p: p),
        Step("a2", lambda pa, X, T, theta: _error(pa, X, T, theta, 1)),
        Step("first", _RIGHT["first"], _LINES[0][1], base=lambda pa: pa),
        Step("m1", lambda a1, a2: abs(a1) + abs(a2), _("Mistakes in the order A, B: `%(m1)s`")),
        Step("b1", lambda p, X, T, theta: _error(p, X, T, theta, 1)),
        Step("pb", _RIGHT["pb"], _LINES[1][0], base=lambda p: p),
        Step("b2", lambda pb, X, T, theta: _error(pb, X, T, theta, 0)),
        Step("second", _RIGHT["second"], _LINES[1][1], base=lambda pb: pb),
        Step(
            "m2",
            lambda b1, b2: abs(b1) + abs(b2),
            _(
                "Mistakes in the order B, A: `%(m2)s`. The second example is answered with weights that the "
                "first may have changed, so the result depends on the order"
            ),
        ),
    ),
    asks=(
        Ask("first", "first", label=_("`(w₁, w₂, b)` after A, B"), kind="vector"),
        Ask("m1", "m1", label=_("number of mistakes in the order A, B"), weight=0.25),
        Ask("second", "second", label=_("`(w₁, w₂, b)` after B, A"), kind="vector"),
        Ask("m2", "m2", label=_("number of mistakes in the order B, A"), weight=0.25),
    ),
    slips=(
        Slip(
            "old-weights",
            {
                "a2": lambda p, X, T, theta: _error(p, X, T, theta, 1),
                "b2": lambda p, X, T, theta: _error(p, X, T, theta, 0),
            },
            _("The second example is answered with the weights that the first one has left behind."),
        ),
        Slip(
            "not-from-the-beginning",
            {
                "b1": lambda first, X, T, theta: _error(first, X, T, theta, 1),
                "pb": lambda first, X, b1, eta: rule.corrected(first, X[1], b1, eta),
            },
            _("The epoch in the other order begins with the same `(w₁, w₂, b)` as the first one."),
        ),
        Slip(
            "no-threshold",
            {
                "a1": lambda p, X, T: _error(p, X, T, 0.0, 0),
                "a2": lambda pa, X, T: _error(pa, X, T, 0.0, 1),
                "b1": lambda p, X, T: _error(p, X, T, 0.0, 1),
                "b2": lambda pb, X, T: _error(pb, X, T, 0.0, 0),
            },
            _("The sum is compared with `θ`, not with 0."),
            when=lambda g: (
                [_in_turn(g, o) for o in ((0, 1), (1, 0))]
                != [_in_turn({**g, "theta": 0}, o) for o in ((0, 1), (1, 0))]
            ),
        ),
        Slip(
            "subtracted",
            _rules(lambda p, x, e, eta: rule.corrected(p, x, -e, eta)),
            _("The change is added: `wᵢ ← wᵢ + η·e·xᵢ` with `e = t − y`; you have subtracted it."),
            effect="factor",
        ),
        Slip("bias-kept", _rules(rule.bias_kept), _("The bias learns too: `b ← b + η·e`."), effect="factor"),
        Slip(
            "no-rate",
            _rules(lambda p, x, e, eta: rule.corrected(p, x, e, 1.0 + 0 * eta)),
            _("The learning rate is missing: each change is multiplied by `η`."),
            effect="factor",
        ),
    ),
    hints=(
        _("Work through each order on its own: sum, answer, error, correction, then the other example."),
        _(
            "Other numbers: from `(0, 0, 0)` with `θ = 0.5` and `η = 1` the example `(1, 2)` with the target "
            "1 gives `z = 0`, so `y = 0`, `e = 1` and `(1, 2, 1)`."
        ),
        _("`y = 1` if `w·x + b > θ`, else 0; `e = t − y`; `wᵢ ← wᵢ + η·e·xᵢ`; `b ← b + η·e`."),
    ),
)

EXERCISES = (ORDER,)
