"""Question 5: derivatives estimated by finite differences."""

import jaxnet
from quiz.bank.shared.neurons import OTHER_FUNCTION, derivative_from_value
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_difference(stream: Stream) -> Givens | None:
    return {
        "f": stream.choice([_("sigmoid"), _("tanh")]),
        "z": stream.decimal(-2, 2, 1, zero=False),
        "h": stream.choice([stream.decimal("0.2", "0.5", 1), stream.decimal("0.2", "0.5", 1)]),
    }


def _values(f, z, h):
    return jaxnet.activations.get(f).fn(z + h * jnp.array([-1.0, 0.0, 1.0]))


DIFFERENCE = Exercise(
    id="q5.difference",
    question=5,
    level=2,
    minutes=6.0,
    title=_("Finite difference and derivative"),
    text=_(
        "The activation function `f` of a neuron: %(f)s. Calculate its values at `z − h`, `z` and `z + h` "
        "for `z = %(z)s` and `h = %(h)s`, then two estimates of its derivative at `z`: the forward "
        "difference quotient `(f(z + h) − f(z))/h` and the central one, and finally the derivative `f′(z)` "
        "by its formula."
    ),
    draw=_draw_difference,
    steps=(
        Step("v", _values, _("`f(z − h) ≈ %(v1)s`, `f(z) ≈ %(v2)s`, `f(z + h) ≈ %(v3)s`")),
        Step(
            "p",
            lambda v, h: (v[2] - v[1]) / h,
            _("Forward difference quotient: `(%(v3)s − %(v2_)s)/%(h)s ≈ %(p)s`"),
        ),
        Step(
            "c",
            lambda v, h: (v[2] - v[0]) / (2 * h),
            _(
                "Central difference quotient: `(f(z + h) − f(z − h))/(2h) ≈ (%(v3)s − %(v1_)s)/(2·%(h)s) ≈ "
                "%(c)s`"
            ),
        ),
        Step(
            "d",
            lambda f, v: derivative_from_value(f, v[1]),
            _(
                "`f′(z)` is `f(1 − f)` for the sigmoid and `1 − f²` for tanh; `f(z) ≈ %(v2)s` gives `f′(z) ≈ "
                "%(d)s`"
            ),
        ),
    ),
    asks=(
        Ask("v", "v", label=_("`f(z − h)`, `f(z)`, `f(z + h)`"), kind="vector", tolerance=0.002),
        Ask("p", "p", label=_("forward difference quotient"), tolerance=0.002),
        Ask("c", "c", label=_("central difference quotient"), tolerance=0.002),
        Ask("d", "d", label="`f′(z)`", tolerance=0.002),
    ),
    slips=(
        Slip(
            "backward",
            {"p": lambda v, h: (v[1] - v[0]) / h},
            _("This is the backward quotient; the forward one goes from `z` to `z + h`."),
        ),
        Slip(
            "half-step",
            {"c": lambda v, h: (v[2] - v[0]) / h},
            _("From `z − h` to `z + h` it is `2h`: divide by `2h`."),
        ),
        Slip(
            "not-divided",
            {"p": lambda v: v[2] - v[1], "c": lambda v: v[2] - v[0]},
            _("A difference quotient is a quotient: divide the difference of the values by the step."),
        ),
        Slip(
            "exchanged",
            {"d": lambda f, v: derivative_from_value(OTHER_FUNCTION[f], v[1])},
            _("This is the formula of the other function: `σ′ = σ(1 − σ)`, `tanh′ = 1 − tanh²`."),
        ),
        Slip(
            "of-z",
            {"d": lambda f, z: derivative_from_value(f, z)},
            _("The formula of the derivative takes the value `f(z)`, not `z`."),
        ),
        Slip(
            "other-function",
            {"v": lambda f, z, h: _values(OTHER_FUNCTION[f], z, h)},
            _(
                "These are the values of the other function: `σ(z) = 1/(1 + e⁻ᶻ)`, `tanh(z) = (eᶻ − e⁻ᶻ)/(eᶻ "
                "+ e⁻ᶻ)`."
            ),
        ),
    ),
    hints=(
        _("Three values are enough for both quotients; the middle one gives the derivative too."),
        _(
            "Central: `(f(z + h) − f(z − h))/(2h)`. Derivative: `σ′ = σ(1 − σ)`, `tanh′ = 1 − tanh²`. Which "
            "estimate is closer?"
        ),
    ),
    places=4,
)


EXERCISES = (DIFFERENCE,)
