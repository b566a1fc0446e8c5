"""Question 1: a threshold and a bias say the same thing with opposite signs."""

from fractions import Fraction

from quiz.bank.shared.construct import fire
from quiz.bank.shared.neurons import net_input
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream
from quiz.text import mark as _


def _draw_threshold(stream: Stream) -> Givens | None:
    w, x = stream.vector(2, -2, 2, 1), stream.vector(2, -3, 3, 0)
    b, theta = stream.decimal(-2, 2, 1, zero=False), stream.decimal(-2, 2, 1, zero=False)
    z = w[0] * x[0] + w[1] * x[1] + b
    near = min(abs(b - theta), abs(b + theta), abs(z), abs(z - theta)) < Fraction(1, 10)
    return None if near else {"w": w, "x": x, "b": b, "theta": theta}


THRESHOLD = Exercise(
    id="q1.threshold",
    question=1,
    level=1,
    minutes=4,
    title=_("Threshold and bias"),
    text=_(
        "A perceptron has the weights `w = %(w)s`, the bias `b = %(b)s` and the threshold `θ = %(theta)s`: "
        "its answer is 1 if `w·x + b > θ`, else 0. What is its sum `w·x + b` at `x = %(x)s`, and what is its "
        "answer? Another perceptron has the same weights and the threshold 0: with which bias does it always "
        "give the same answer, and what is its sum at this input? A third one has the same weights and no "
        "bias: with which threshold does it always give the same answer?"
    ),
    draw=_draw_threshold,
    steps=(
        Step("z", net_input, _("`z = %(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(b__)s = %(z)s`")),
        Step(
            "y",
            lambda z, theta: fire(z, theta),
            (
                _("`z` is not above `θ = %(theta)s`: the answer is 0"),
                _("`z` is above `θ = %(theta)s`: the answer is 1"),
            ),
            case=lambda known: int(known["y"]),
        ),
        Step(
            "bias",
            lambda b, theta: b - theta,
            _(
                "`w·x + b > θ` says the same as `w·x + b − θ > 0`: the bias is `%(b)s − %(theta_)s = "
                "%(bias)s`"
            ),
        ),
        Step("other", lambda z, theta: z - theta, _("Its sum is `%(z)s − %(theta_)s = %(other)s`")),
        Step(
            "limit",
            lambda b, theta: theta - b,
            _("It says the same as `w·x > θ − b`: the threshold is `%(theta)s − %(b_)s = %(limit)s`"),
        ),
    ),
    asks=(
        Ask("z", "z", label=_("the sum of the first perceptron")),
        Ask("y", "y", label=_("its answer"), weight=0.1),
        Ask("bias", "bias", label=_("the bias with the threshold 0")),
        Ask("other", "other", label=_("the sum with this bias")),
        Ask("limit", "limit", label=_("the threshold without a bias")),
    ),
    slips=(
        Slip(
            "sign",
            {"bias": lambda b, theta: b + theta, "other": lambda z, theta: z + theta},
            _("Brought to the other side, the threshold changes its sign: the bias is `b − θ`."),
        ),
        Slip(
            "bias-left-out",
            {"bias": lambda theta: -theta},
            _("A threshold alone would be the bias `−θ`; here the bias `b` is there as well."),
        ),
        Slip(
            "threshold-kept",
            {"limit": lambda theta: theta},
            _("Without the bias the sum is smaller by `b`, so the threshold must be too."),
        ),
        Slip(
            "limit-turned",
            {"limit": lambda b, theta: b - theta},
            _("The threshold has the opposite sign of the bias that does the same."),
        ),
        Slip(
            "no-bias",
            {"z": lambda w, b, x: net_input(w, 0 * b, x)},
            _("The bias is part of the sum too: `z = w·x + b`."),
        ),
        Slip(
            "no-threshold",
            {"y": lambda z: fire(z, 0.0)},
            _("The sum is compared with `θ`, not with 0."),
            when=lambda g: (
                (sum(wi * xi for wi, xi in zip(g["w"], g["x"], strict=True)) + g["b"] > 0)
                != (sum(wi * xi for wi, xi in zip(g["w"], g["x"], strict=True)) + g["b"] > g["theta"])
            ),
        ),
    ),
    hints=(
        _("Write the condition for the answer 1 as an inequality, and bring everything to one side."),
        _(
            "Other numbers: `w·x + 3 > 1` says the same as `w·x + 2 > 0` and as `w·x > −2`: bias 2 with the "
            "threshold 0, threshold `−2` without a bias."
        ),
        _("A threshold `θ` does the same as the bias `−θ`: `w·x + b > θ` means `w·x + (b − θ) > 0`."),
    ),
)

EXERCISES = (THRESHOLD,)
