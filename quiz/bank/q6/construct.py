"""Question 6: weights at which all gradients are 0 although the loss is not."""

import jaxnet
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_refute(stream: Stream) -> Givens | None:
    x, t, c = stream.decimal(-8, 8, 0, zero=False), stream.decimal(-5, 5, 1), stream.decimal(-3, 3, 1)
    other = x + stream.choice((-1, 1)) * stream.choice((1, 2))
    return {"x": x, "u": other, "t": t, "c": c} if abs(t - c) >= 1 else None


def _dead(x, u):
    """A neuron whose sum is 0 at x and positive at u."""
    return jnp.stack([u - x, -(u - x) * x, 1.0 + 0 * x])


def _constant(v):
    """A neuron whose sum is 1 everywhere."""
    return jnp.stack([0 * v, 1 + 0 * v, v])


def _faults(gradient, L, s):
    """Which derivatives are not 0, whether the loss is smaller than 1, and the sum at u not positive."""
    return jnp.append(
        jnp.where(jnp.abs(gradient) > 1e-6, 1.0, 0.0),
        jnp.where(jnp.stack([L >= 1 - 1e-9, s > 1e-9]), 0.0, 1.0),
    )


def _gradient(P, x, h, slope, d):
    """The derivatives of the loss with respect to w, b and v."""
    return d * jnp.stack([P[2] * slope * x, P[2] * slope, h])


REFUTE = Exercise(
    id="q6.refute",
    question=6,
    level=3,
    minutes=8,
    title=_("Refute a claim about zero gradients"),
    text=_(
        "Someone claims: “If all gradients are 0, the network has learned its example.” Take the network `h "
        "= ReLU(wx + b)`, `ŷ = vh + c` with `c = %(c)s`, the input `x = %(x)s`, the target `t = %(t)s` and "
        "the loss `L = (t − ŷ)²`; at 0 the derivative of ReLU counts as 0. Refute the claim: give `w`, `b` "
        "and `v` with which `∂L/∂w`, `∂L/∂b` and `∂L/∂v` are all 0 and yet `L ≥ 1`, although the hidden "
        "neuron is not dead: at the input `%(u)s` its sum is greater than 0. Many numbers are correct; the "
        "program runs the forward pass and the backward pass with yours."
    ),
    draw=_draw_refute,
    steps=(
        Step(
            "P",
            lambda x, u: _dead(x, u),
            _(
                "Where its sum is not greater than 0 the neuron passes nothing on. Between `%(x)s` and "
                "`%(u)s` the sum must change its sign, for example `w = %(P1)s`, `b = %(P2)s`, `v = %(P3)s`"
            ),
        ),
        Step("s", lambda P, u: P[0] * u + P[1], _("At `%(u)s` the sum is `%(s)s`, greater than 0")),
        Step("z", lambda P, x: P[0] * x + P[1], _("At `x`, forward pass: `z = wx + b = %(z)s`")),
        Step("h", lambda z: jaxnet.activations.relu(z), _("`h = ReLU(z) = %(h)s`")),
        Step("y", lambda P, h, c: P[2] * h + c, _("`ŷ = vh + c = %(y)s`")),
        Step(
            "L",
            lambda y, t: (t - y) ** 2,
            _("`L = (%(t)s − %(y_)s)² = %(L)s`: at least 1"),
        ),
        Step("slope", lambda z: jaxnet.activations.derivative("relu")(z)),
        Step("d", lambda y, t: 2.0 * (y - t)),
        Step(
            "gradient",
            _gradient,
            _(
                "Backward pass: `∂L/∂v = 2(ŷ − t)·h` has the factor `h = 0`; `∂L/∂w` and `∂L/∂b` have the "
                "factor `ReLU′(z) = 0`. All three are 0, although the example is not learned"
            ),
        ),
        Step("wrong", _faults),
    ),
    asks=(
        Ask(
            "P",
            "P",
            label=_("`w`, `b`, `v`"),
            kind="vector",
            tolerance=0,
            check="wrong",
            cases=(
                _("`∂L/∂w` is not 0"),
                _("`∂L/∂b` is not 0"),
                _("`∂L/∂v` is not 0"),
                _("the loss is smaller than 1"),
                _("at the other input the sum is not greater than 0"),
            ),
        ),
    ),
    slips=(
        Slip(
            "learned",
            {
                "P": lambda t, c: _constant(t - c),
                "wrong": lambda gradient, L, s: _faults(gradient, 1.0 - L, s),
            },
            _(
                "Your network answers `ŷ = t`: the gradients are 0 because the loss is. A counterexample "
                "needs a loss that is not 0."
            ),
        ),
        Slip(
            "output-weight-zero",
            {
                "P": lambda x: _constant(0 * x),
                "gradient": lambda P, x, h, slope, d: _gradient(P, x, 0 * h, slope, d),
            },
            _(
                "With `v = 0` nothing flows back to `w` and `b`, but `∂L/∂v = 2(ŷ − t)·h` is not 0 as long "
                "as `h` is not."
            ),
        ),
        Slip(
            "relu-turned",
            {
                "P": lambda x, u: jnp.array([-1.0, -1.0, 1.0]) * _dead(x + (u - x) / 4, u),
                "s": lambda P, u: -P[0] * u - P[1],
                "h": lambda z: jaxnet.activations.relu(-z),
                "slope": lambda z: jaxnet.activations.derivative("relu")(-z),
            },
            _(
                "ReLU is 0 for negative sums; for positive ones it passes the value on, and its derivative "
                "is 1."
            ),
        ),
    ),
    hints=(
        _("Write the three derivatives as products. Which factor can make all of them 0 without `ŷ = t`?"),
        _(
            "Other numbers: with `x = 2`, `w = 1`, `b = −5` the sum is `−3`, so `h = 0` and `ReLU′(−3) = 0`; "
            "whatever `v` is, `ŷ = c`."
        ),
        _(
            "`∂L/∂v = 2(ŷ − t)·h`, `∂L/∂b = 2(ŷ − t)·v·ReLU′(z)`, `∂L/∂w = ∂L/∂b·x`. A neuron with `z ≤ 0` "
            "has `h = 0` and `ReLU′(z) = 0`."
        ),
    ),
)

EXERCISES = (REFUTE,)
