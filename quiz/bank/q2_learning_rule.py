"""Question 2: the rule by which a single-layer perceptron updates its weights."""

import jaxnet
from quiz.draw import Stream
from quiz.exercise import Ask, Exercise, Givens, Slip, Step
from quiz.text import mark as _


def _draw_update(stream: Stream) -> Givens | None:
    return {
        "x": stream.vector(2, -2, 3, 0, zero=False),
        "w": stream.vector(2, -1, 1, 1),
        "b": stream.decimal(-1, 1, 1, zero=False),
        "theta": stream.choice([0, 0, 0, stream.decimal("0.1", "0.5", 1)]),
        "t": stream.integer(0, 1),
        "eta": stream.choice([stream.decimal("0.1", "0.5", 1), stream.decimal("0.05", "0.45", 2)]),
    }


def _net_input(w, b, x):
    return jaxnet.perceptron.net_input({"w": w, "b": b}, x)


def _weights(w, b, x, e, eta):
    return jaxnet.perceptron.correct({"w": w, "b": b}, x, e, eta)["w"]


def _bias(w, b, x, e, eta):
    return jaxnet.perceptron.correct({"w": w, "b": b}, x, e, eta)["b"]


UPDATE = Exercise(
    id="q2.update",
    question=2,
    level=1,
    title=_("One update by the learning rule"),
    text=_(
        "A perceptron has the weights `w = %(w)s`, the bias `b = %(b)s` and the threshold `θ = %(theta)s`. "
        "It is shown the input `x = %(x)s` with the target `t = %(t)s`; the learning rate is `η = %(eta)s`. "
        "Make one step of the learning rule."
    ),
    draw=_draw_update,
    steps=(
        Step("z", _net_input, _("`z = w₁x₁ + w₂x₂ + b = %(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(b__)s = %(z)s`")),
        Step(
            "y",
            lambda z, theta: jaxnet.activations.step(z - theta),
            _("`y = %(y)s`, because `y = 1` only if `z > θ`, and here `z = %(z)s` and `θ = %(theta)s`"),
        ),
        Step("e", lambda t, y: t - y, _("`e = t − y = %(t)s − %(y)s = %(e)s`")),
        Step(
            "w_new",
            _weights,
            _(
                "`w₁ ← w₁ + η·e·x₁ = %(w1)s + %(eta)s·%(e_)s·%(x1_)s = %(w_new1)s`, "
                "`w₂ ← w₂ + η·e·x₂ = %(w2)s + %(eta)s·%(e_)s·%(x2_)s = %(w_new2)s`"
            ),
        ),
        Step("b_new", _bias, _("`b ← b + η·e = %(b)s + %(eta)s·%(e_)s = %(b_new)s`")),
    ),
    asks=(
        Ask("z", "z", label="`z`"),
        Ask("y", "y", label="`y`", weight=0.5),
        Ask("e", "e", label="`e`", weight=0.5),
        Ask("w1", "w_new", (0,), label=_("new `w₁`")),
        Ask("w2", "w_new", (1,), label=_("new `w₂`")),
        Ask("b", "b_new", label=_("new `b`")),
    ),
    slips=(
        Slip(
            "sign",
            {"e": lambda t, y: y - t},
            _("The error is the target minus the answer, `e = t − y`; here the sign is turned round."),
        ),
        Slip(
            "no-rate",
            {
                "w_new": lambda w, e, x: w + e * x,
                "b_new": lambda b, e: b + e,
            },
            _("The learning rate is missing: each change is multiplied by `η`."),
        ),
        Slip(
            "no-bias-in-z",
            {"z": lambda w, x: jaxnet.perceptron.net_input({"w": w, "b": 0 * w[0]}, x)},
            _("The bias belongs to the sum: `z = w·x + b`."),
        ),
        Slip(
            "bias-kept",
            {"b_new": lambda b: b},
            _("The bias learns too: `b ← b + η·e`."),
        ),
        Slip(
            "no-input",
            {"w_new": lambda w, e, eta: w + eta * e},
            _("Each weight changes in proportion to its own input: `η·e·xᵢ`, not `η·e`."),
        ),
    ),
    hints=(
        _(
            "Work in the rule's order: the sum `z`, the answer `y`, the error `e`, "
            "then each weight and the bias."
        ),
        _("`z = w·x + b`; `y = 1` if `z > θ`, else 0; `e = t − y`; `wᵢ ← wᵢ + η·e·xᵢ`; `b ← b + η·e`."),
    ),
)

EXERCISES = (UPDATE,)
