"""Question 4: functions of one input made of two hidden neurons: piecewise linear and a bump."""

from quiz.bank.shared.neurons import derivative, layer, net_input, relu, sigmoid, step
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.exercise.figure import Curve, Plot
from quiz.text import mark as _

# --- straight pieces -------------------------------------------------------------------------------------


def _draw_pieces(stream: Stream) -> Givens | None:
    w = (stream.choice([-2, -1, 1, 2]), stream.choice([-2, -1, 1, 2]))
    at = stream.vector(2, -3, 3, 1)
    v = stream.vector(2, -2, 2, 1)
    x = stream.decimal(-5, 5, 1, zero=False)
    if min(w) > 0 or abs(at[0] - at[1]) < 1 or min(abs(x - p) for p in at) < 1:
        return None
    return {
        "w": w,
        "b": tuple(-k * p for k, p in zip(w, at, strict=True)),
        "v": v,
        "c": stream.decimal(-2, 2, 1, zero=False),
        "x": x,
    }


def _hidden(w, b, x):
    """The net inputs of the hidden neurons, one row per input."""
    return layer(w[None, :], b, x[:, None])


def _active(w, k):
    """Which neurons are active on each of the three pieces, one row per piece."""
    breaks = jnp.stack([jnp.min(k), jnp.max(k)])
    inside = jnp.stack([breaks[0] - 1, jnp.mean(breaks), breaks[1] + 1])
    return derivative("relu", _hidden(w, -w * k, inside))


PIECES = Exercise(
    id="q4.pieces",
    question=4,
    level=3,
    minutes=8.0,
    revision=2,
    title=_("Breakpoints and slopes of a ReLU network"),
    text=_(
        "A network has one input, two hidden ReLU neurons and a linear output: `f(x) = "
        "%(v1)s·ReLU(%(w1)s·x%(b1__)s)%(v2__)s·ReLU(%(w2)s·x%(b2__)s)%(c__)s`. Its graph consists of three "
        "straight pieces. Find the breakpoint that each neuron makes, the slopes of the three pieces from "
        "left to right, and `f(%(x)s)`."
    ),
    draw=_draw_pieces,
    steps=(
        Step(
            "k",
            lambda w, b: -b / w,
            _(
                "A neuron has its breakpoint where its sum is 0: `%(w1)s·x%(b1__)s = 0` at `x = %(k1)s`, "
                "`%(w2)s·x%(b2__)s = 0` at `x = %(k2)s`"
            ),
        ),
        Step(
            "slopes",
            lambda w, v, k: _active(w, k) @ (w * v),
            _(
                "An active neuron adds `v·w` to the slope, the first `%(v1)s·%(w1_)s` and the second "
                "`%(v2)s·%(w2_)s`; one with `w > 0` is active to the right of its breakpoint, one with `w < "
                "0` to the left. Slopes from left to right: `%(slopes)s`"
            ),
        ),
        Step("z", lambda w, b, x: _hidden(w, b, x[None])[0], _("At `x = %(x)s` the two sums are `%(z)s`")),
        Step("h", relu, _("The hidden values are `h = %(h)s`")),
        Step(
            "y",
            lambda v, c, h: net_input(v, c, h),
            _("`f(%(x)s) = %(v1)s·%(h1)s%(v2__)s·%(h2)s%(c__)s = %(y)s`"),
        ),
    ),
    asks=(
        Ask("k1", "k", (0,), label=_("breakpoint of the first neuron")),
        Ask("k2", "k", (1,), label=_("breakpoint of the second neuron")),
        Ask("slopes", "slopes", label=_("the three slopes from left to right"), kind="vector", weight=1.5),
        Ask("y", "y", label="`f(%(x)s)`"),
    ),
    slips=(
        Slip(
            "sign-of-break",
            {"k": lambda w, b: b / w},
            _("`wx + b = 0` gives `x = −b/w`; you have lost the minus sign."),
            effect="factor",
        ),
        Slip(
            "bias-as-break",
            {"k": lambda b: -b},
            _("The breakpoint is `−b/w`, not `−b`: divide by the weight."),
            effect="factor",
        ),
        Slip(
            "always-to-the-right",
            {"slopes": lambda w, v, k: _active(jnp.abs(w), k) @ (w * v)},
            _("A neuron with a negative weight is active to the left of its breakpoint, not to the right."),
        ),
        Slip(
            "order-of-neurons",
            {"slopes": lambda w, v, k: (_active(w, k) @ (w * v))[::-1]},
            _(
                "The pieces are asked for from left to right, whichever neuron makes the left breakpoint; "
                "you have them from right to left."
            ),
            when=lambda g: -g["b"][0] / g["w"][0] > -g["b"][1] / g["w"][1],
        ),
        Slip(
            "output-weights-only",
            {"slopes": lambda w, v, k: _active(w, k) @ v},
            _("By the chain rule an active neuron adds `v·w` to the slope, not `v` alone."),
        ),
        Slip(
            "no-activation",
            {"slopes": lambda w, v: jnp.ones((3, 2)) @ (w * v), "h": lambda z: z},
            _(
                "ReLU is missing: where a neuron's sum is negative it adds nothing to the value or to the "
                "slope."
            ),
        ),
        Slip(
            "no-output-bias",
            {"y": lambda v, h: net_input(v, 0 * v[0], h)},
            _("The output neuron has a bias: it moves the whole graph up or down."),
        ),
    ),
    hints=(
        _("For each neuron, find where its sum changes sign and on which side of this point it is active."),
        _(
            "Breakpoint: `x = −b/w`. Slope of a piece: the sum of `v·w` over the neurons that are active "
            "there."
        ),
    ),
)


# --- a bump ----------------------------------------------------------------------------------------------


def _draw_bump(stream: Stream) -> Givens | None:
    left = stream.decimal(-3, 2, 1, zero=False)
    right = left + stream.decimal("0.5", 3, 1)
    outside, inside = stream.decimal(-2, 2, 1, zero=False), stream.decimal(-3, 3, 1, zero=False)
    w = stream.choice([2, 4, 5])
    x = stream.choice([left, right]) + stream.decimal("-0.5", "0.5", 1, zero=False)
    if right == 0 or inside <= outside or x == 0 or x in (left, right):
        return None
    return {"l": left, "r": right, "A": outside, "B": inside, "w": w, "x": x}


def _show_bump(g):
    """The target function."""
    low, high = sorted((g["A"], g["B"]))
    room = (high - low) / 4
    return Plot(
        (g["l"] - 1, g["r"] + 1),
        (low - room, high + room),
        _("The required function: `%(A)s` outside, `%(B)s` from `x = %(l)s` to `x = %(r)s`."),
        curves=[
            Curve([(g["l"] - 1, g["A"]), (g["l"], g["A"])]),
            Curve([(g["l"], g["B"]), (g["r"], g["B"])]),
            Curve([(g["r"], g["A"]), (g["r"] + 1, g["A"])]),
        ],
        x_label="`x`",
        y_label="`ŷ`",
    )


BUMP = Exercise(
    id="q4.bump",
    question=4,
    level=3,
    minutes=8.0,
    title=_("A bump of two hidden neurons"),
    text=_(
        "Two hidden neurons with the step function, `h₁ = step(%(w)s·x + b₁)` and `h₂ = step(%(w)s·x + b₂)`, "
        "and the output `ŷ = v₁h₁ + v₂h₂ + c` are to make a bump: `ŷ = %(B)s` between `x = %(l)s` and `x = "
        "%(r)s`, and `ŷ = %(A)s` to the left and to the right of it. The first neuron is to jump at the left "
        "edge, the second at the right one. Find `b₁`, `b₂`, `v₁` and `v₂`. Then put the sigmoid in place of "
        "both step functions: what is `ŷ` at `x = %(x)s`?"
    ),
    draw=_draw_bump,
    steps=(
        Step(
            "b",
            lambda w, l, r: -w * jnp.stack([l, r]),
            _(
                "A neuron jumps where its sum is 0: `b₁ = −%(w)s·%(l_)s = %(b1)s`, `b₂ = −%(w)s·%(r_)s = "
                "%(b2)s`"
            ),
        ),
        Step("c", lambda A: A, _("To the left of the bump both neurons are 0: `c = %(c)s`")),
        Step(
            "u",
            lambda B, c: B - c,
            _(
                "At the left edge `h₁` becomes 1 and the answer goes from `%(c)s` to `%(B)s`: `v₁ = %(B)s − "
                "%(c_)s = %(u)s`"
            ),
        ),
        Step(
            "v",
            lambda u: -u,
            _("At the right edge `h₂` becomes 1 too and has to cancel the first step: `v₂ = %(v)s`"),
        ),
        Step(
            "s",
            lambda w, b, x: sigmoid(w * x + b),
            _(
                "With the sigmoid at `x = %(x)s`: `h₁ = σ(%(w)s·%(x_)s%(b1__)s) ≈ %(s1)s`, `h₂ = "
                "σ(%(w)s·%(x_)s%(b2__)s) ≈ %(s2)s`"
            ),
        ),
        Step(
            "y",
            lambda u, v, s, c: u * s[0] + v * s[1] + c,
            _("`ŷ ≈ %(u)s·%(s1)s%(v__)s·%(s2)s%(c__)s ≈ %(y)s`"),
        ),
    ),
    asks=(
        Ask("b1", "b", (0,), label="`b₁`"),
        Ask("b2", "b", (1,), label="`b₂`"),
        Ask("v1", "u", label="`v₁`"),
        Ask("v2", "v", label="`v₂`"),
        Ask("y", "y", label=_("`ŷ` at `x = %(x)s` with the sigmoid")),
    ),
    slips=(
        Slip(
            "sign-of-bias",
            {"b": lambda w, l, r: w * jnp.stack([l, r])},
            _("The sum is to be 0 at the edge: `w·x + b = 0` gives `b = −w·x`."),
            effect="factor",
        ),
        Slip(
            "edge-as-bias",
            {"b": lambda l, r: -jnp.stack([l, r])},
            _("The edge lies at `−b/w`, so the bias is `−w` times the edge; you have left out the weight."),
            effect="factor",
        ),
        Slip(
            "height",
            {"u": lambda B: B},
            _(
                "The first neuron lifts the answer from the level outside to the level inside: `v₁` is the "
                "difference of the two."
            ),
        ),
        Slip(
            "not-taken-back",
            {"v": lambda u: u},
            _(
                "With the same sign the second neuron makes a further step up; it has to cancel the first "
                "step."
            ),
        ),
        Slip(
            "still-step",
            {"s": lambda w, b, x: step(w * x + b)},
            _("This is the answer with the step function; the sigmoid rounds the edges off."),
        ),
        Slip(
            "level-forgotten",
            {"y": lambda u, v, s: u * s[0] + v * s[1]},
            _("The level outside is missing: `c` is added to the answer."),
        ),
    ),
    hints=(
        _(
            "Go along the `x` axis from the left: which neuron is 0, which is 1, and what is the answer "
            "there?"
        ),
        _(
            "`wx + b = 0` at the edge; on the left `ŷ = c`, between the edges `ŷ = c + v₁`, on the right `ŷ "
            "= c + v₁ + v₂`."
        ),
    ),
    places=4,
    figure=_show_bump,
)

EXERCISES = (PIECES, BUMP)
