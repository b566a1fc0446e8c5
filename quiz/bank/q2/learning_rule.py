"""Question 2: the rule by which a single-layer perceptron updates its weights."""

import jaxnet
from quiz.bank.shared.construct import fire
from quiz.bank.shared.division import divide
from quiz.bank.shared.learning_rule import draw_rate, draw_threshold
from quiz.bank.shared.neurons import net_input, step
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_update(stream: Stream) -> Givens | None:
    return {
        "x": stream.vector(2, -2, 3, 0, zero=False),
        "w": stream.vector(2, -1, 1, 1),
        "b": stream.decimal(-1, 1, 1, zero=False),
        "theta": stream.choice([0, stream.decimal("0.1", "0.5", 1)]),
        "t": stream.integer(0, 1),
        "eta": draw_rate(stream),
    }


def _answer(g: Givens) -> int:
    """The perceptron's answer in exact numbers."""
    return int(g["w"][0] * g["x"][0] + g["w"][1] * g["x"][1] + g["b"] > g["theta"])


def _weights(w, b, x, e, eta):
    return jaxnet.perceptron.correct({"w": w, "b": b}, x, e, eta)["w"]


def _bias(w, b, x, e, eta):
    return jaxnet.perceptron.correct({"w": w, "b": b}, x, e, eta)["b"]


UPDATE = Exercise(
    id="q2.update",
    question=2,
    level=1,
    minutes=4.0,
    revision=2,
    title=_("One update by the learning rule"),
    text=_(
        "A perceptron has the weights `w = %(w)s`, the bias `b = %(b)s` and the threshold `θ = %(theta)s`. "
        "It is shown the input `x = %(x)s` with the target `t = %(t)s`; the learning rate is `η = %(eta)s`. "
        "Make one step of the learning rule: the sum `z = w·x + b`, the answer `y`, the error `e`, the new "
        "weights and the new bias."
    ),
    draw=_draw_update,
    steps=(
        Step("z", net_input, _("`z = w₁x₁ + w₂x₂ + b = %(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(b__)s = %(z)s`")),
        Step(
            "y",
            lambda z, theta: step(z - theta),
            _("`y = %(y)s`, because `y = 1` only if `z > θ`, and here `z = %(z)s` and `θ = %(theta)s`"),
        ),
        Step("e", lambda t, y: t - y, _("`e = t − y = %(t)s − %(y)s = %(e)s`")),
        Step(
            "w_new",
            _weights,
            _(
                "`w₁ ← w₁ + η·e·x₁ = %(w1)s + %(eta)s·%(e_)s·%(x1_)s = %(w_new1)s`, `w₂ ← w₂ + η·e·x₂ = "
                "%(w2)s + %(eta)s·%(e_)s·%(x2_)s = %(w_new2)s`"
            ),
            base=lambda w: w,
        ),
        Step(
            "b_new",
            _bias,
            _("`b ← b + η·e = %(b)s + %(eta)s·%(e_)s = %(b_new)s`"),
            base=lambda b: b,
        ),
    ),
    asks=(
        Ask("z", "z", label="`z`"),
        Ask("y", "y", label="`y`", weight=0.25),
        Ask("e", "e", label="`e`", weight=0.25),
        Ask("w1", "w_new", (0,), label=_("new `w₁`")),
        Ask("w2", "w_new", (1,), label=_("new `w₂`")),
        Ask("b", "b_new", label=_("new `b`")),
    ),
    slips=(
        Slip(
            "sign",
            {"e": lambda t, y: y - t},
            _("The error is the target minus the answer, `e = t − y`; you have the wrong sign."),
        ),
        Slip(
            "no-rate",
            {"w_new": lambda w, e, x: w + e * x, "b_new": lambda b, e: b + e},
            _("The learning rate is missing: each change is multiplied by `η`."),
            effect="factor",
        ),
        Slip(
            "subtracted",
            {"w_new": lambda w, x, e, eta: w - eta * e * x, "b_new": lambda b, e, eta: b - eta * e},
            _("The change is added: `wᵢ ← wᵢ + η·e·xᵢ` with `e = t − y`; you have subtracted it."),
            effect="factor",
        ),
        Slip(
            "target-for-error",
            {"w_new": lambda w, x, t, eta: w + eta * t * x, "b_new": lambda b, t, eta: b + eta * t},
            _(
                "What is multiplied by `η·xᵢ` is the error, not the target: without a mistake nothing "
                "changes."
            ),
            effect="factor",
            when=lambda g: _answer(g) == 1,
        ),
        Slip(
            "threshold-in-z",
            {"z": lambda w, b, x, theta: net_input(w, b, x) - theta, "y": lambda z: step(z)},
            _("The threshold is not part of the sum: `z = w·x + b`, and then `z` is compared with `θ`."),
            when=lambda g: g["theta"] != 0,
        ),
        Slip(
            "bias-for-threshold",
            {"z": lambda w, x, theta: net_input(w, -theta, x)},
            _("The bias is given: `z = w·x + b`. The threshold is what `z` is compared with."),
            when=lambda g: g["theta"] != 0,
        ),
        Slip(
            "no-bias-in-z",
            {"z": lambda w, x: net_input(w, 0 * w[0], x)},
            _("The bias is part of the sum: `z = w·x + b`."),
        ),
        Slip("bias-kept", {"b_new": lambda b: b}, _("The bias learns too: `b ← b + η·e`.")),
        Slip(
            "no-input",
            {"w_new": lambda w, e, eta: w + eta * e},
            _("Each weight changes in proportion to its own input: `η·e·xᵢ`, not `η·e`."),
            effect="factor",
        ),
    ),
    hints=(
        _(
            "Work in the rule's order: the sum `z`, the answer `y`, the error `e`, then each weight and the "
            "bias."
        ),
        _("`z = w·x + b`; `y = 1` if `z > θ`, else 0; `e = t − y`; `wᵢ ← wᵢ + η·e·xᵢ`; `b ← b + η·e`."),
    ),
)


def _draw_rate(stream: Stream) -> Givens | None:
    x, w, b = stream.vector(2, -3, 3, 0), stream.vector(2, -1, 1, 1), stream.decimal(-1, 1, 1, zero=False)
    t, eta = stream.integer(0, 1), stream.decimal("0.05", "0.6", 2, zero=False)
    theta = draw_threshold(stream)
    error = t - int(w[0] * x[0] + w[1] * x[1] + b > theta)
    if not error or abs(x[0]) == 1:
        return None
    moved = tuple(wi + eta * error * xi for wi, xi in zip(w, x, strict=True))
    return {"x": x, "w": w, "b": b, "theta": theta, "t": t, "moved": moved}


RATE = Exercise(
    id="q2.rate",
    question=2,
    level=2,
    minutes=4.0,
    revision=2,
    title=_("The learning rate from the weights before and after"),
    text=_(
        "A perceptron with the weights `w = %(w)s`, the bias `b = %(b)s` and the threshold `θ = %(theta)s` "
        "was shown the input `x = %(x)s` with the target `t = %(t)s`. One step of the learning rule made the "
        "weights `%(moved)s`. Which learning rate `η` was used, and what is the new bias?"
    ),
    draw=_draw_rate,
    steps=(
        Step("z", net_input, _("Before the step `z = %(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(b__)s = %(z)s`")),
        Step(
            "e",
            lambda z, t, theta: t - fire(z, theta),
            (
                _("`z` is not above `θ`, so `y = 0` and `e = t − y = %(e)s`"),
                _("`z` is above `θ`, so `y = 1` and `e = t − y = %(e)s`"),
            ),
            case=lambda known: int(known["t"] != known["e"]),
        ),
        Step(
            "eta",
            lambda moved, w, e, x: divide(moved[0] - w[0], e * x[0]),
            _("`w₁` changed by `η·e·x₁`, so `η = (%(moved1)s − %(w1_)s)/(%(e_)s·%(x1_)s) = %(eta)s`"),
        ),
        Step("b_new", _bias, _("`b ← b + η·e = %(b)s + %(eta)s·%(e_)s = %(b_new)s`")),
    ),
    asks=(
        Ask("z", "z", label=_("the sum `z` before the step")),
        Ask("e", "e", label=_("the error `e`"), weight=0.25),
        Ask("eta", "eta", label="`η`"),
        Ask("b", "b_new", label=_("new `b`")),
    ),
    slips=(
        Slip(
            "sign",
            {"e": lambda z, t, theta: fire(z, theta) - t},
            _("The error is the target minus the answer, `e = t − y`; a learning rate is never negative."),
        ),
        Slip(
            "no-threshold",
            {"e": lambda z, t: t - fire(z, 0.0)},
            _("The sum is compared with `θ`, not with 0."),
            when=lambda g: _answer(g) != _answer({**g, "theta": 0}),
        ),
        Slip(
            "no-input",
            {"eta": lambda moved, w, e: divide(moved[0] - w[0], e)},
            _("The change of a weight is `η·e·xᵢ`: to find `η`, divide by the input as well."),
        ),
        Slip(
            "not-subtracted",
            {"eta": lambda moved, e, x: divide(moved[0], e * x[0])},
            _("Look at the change of the weight, new minus old, and not at the new weight alone."),
        ),
        Slip(
            "upside-down",
            {"eta": lambda moved, w, e, x: divide(e * x[0], moved[0] - w[0])},
            _(
                "The change is `η` times `e·xᵢ`, so `η` is the change divided by `e·xᵢ`, not the other way "
                "round."
            ),
        ),
        Slip("bias-kept", {"b_new": lambda b: b}, _("The bias learns too: `b ← b + η·e`.")),
        Slip(
            "no-rate",
            {"b_new": lambda b, e: b + e},
            _("The learning rate is missing: each change is multiplied by `η`."),
        ),
    ),
    hints=(
        _(
            "Find the error first: it says in which direction the weights moved. Then compare old and new "
            "weights."
        ),
        _("`w₁(new) − w₁(old) = η·e·x₁`, with `e = t − y`; the bias changes by `η·e`."),
    ),
)


def _draw_sample(stream: Stream) -> Givens | None:
    x, w, b = stream.vector(2, -4, 4, 0), stream.vector(2, -1, 1, 1), stream.decimal(-1, 1, 1)
    t, eta = stream.integer(0, 1), draw_rate(stream)
    error = t - int(w[0] * x[0] + w[1] * x[1] + b > 0)
    if not error or abs(x[0]) == abs(x[1]):
        return None
    opposite, swapped = (-x[0], -x[1]), (x[1], x[0])
    samples = stream.shuffle([(x, t), (x, 1 - t), (opposite, 1 - t), (swapped, t)])
    return {
        "w": w,
        "b": b,
        "eta": eta,
        "X": tuple(sample[0] for sample in samples),
        "T": tuple(sample[1] for sample in samples),
        "moved": tuple(wi + eta * error * xi for wi, xi in zip(w, x, strict=True)),
        "c": b + eta * error,
    }


def _nearest(X, T, x, t):
    return jnp.argmin(jnp.sum((X - x[None, :]) ** 2, axis=1) + (T - t) ** 2)


SAMPLE = Exercise(
    id="q2.sample",
    question=2,
    level=2,
    minutes=4.0,
    title=_("Which example was shown?"),
    text=_(
        "One step of the learning rule with the learning rate `η = %(eta)s` turned the weights `w = %(w)s` "
        "into `%(moved)s` and the bias `b = %(b)s` into `%(c)s`. Find the error `e` and the input `x`. Which "
        "of the examples was shown?"
    ),
    draw=_draw_sample,
    steps=(
        Step(
            "e",
            lambda b, c, eta: (c - b) / eta,
            _("The bias changed by `η·e`, so `e = (%(c)s − %(b_)s)/%(eta)s = %(e)s`"),
        ),
        Step(
            "x",
            lambda moved, w, eta, e: divide(moved - w, eta * e),
            _(
                "The weights changed by `η·e·x`: `x₁ = (%(moved1)s − %(w1_)s)/(%(eta)s·%(e_)s) = %(x1)s`, "
                "`x₂ = (%(moved2)s − %(w2_)s)/(%(eta)s·%(e_)s) = %(x2)s`"
            ),
        ),
        Step(
            "t",
            lambda e: jnp.where(e > 0, 1.0, 0.0),
            (
                _("`e = t − y` is negative, so the answer was `y = 1` and the target `t = 0`"),
                _("`e = t − y` is positive, so the answer was `y = 0` and the target `t = 1`"),
            ),
            case=lambda known: int(known["t"]),
        ),
        Step("which", _nearest, _("So the example was `x = %(x)s` with `t = %(t)s`")),
    ),
    asks=(
        Ask("e", "e", label="`e`", weight=0.2),
        Ask("x", "x", label="`x`", kind="vector"),
        Ask(
            "which",
            "which",
            label=_("the example that was shown"),
            kind="choice",
            options=tuple(f"`x = %(X{place})s, t = %(T{place})s`" for place in range(1, 5)),
            weight=0.2,
        ),
    ),
    slips=(
        Slip(
            "sign",
            {"e": lambda b, c, eta: (b - c) / eta},
            _("If the bias grew, `e = 1`; if it fell, `e = −1`: new minus old is `η·e`."),
        ),
        Slip(
            "no-rate",
            {"x": lambda moved, w, e: divide(moved - w, e)},
            _("The change of the weights is `η·e·x`: divide by the learning rate as well."),
        ),
        Slip(
            "not-subtracted",
            {"x": lambda moved, eta, e: divide(moved, eta * e)},
            _("It is the change of a weight, new minus old, that is proportional to the input."),
        ),
        Slip(
            "target-turned",
            {"which": lambda X, T, x, t: _nearest(X, T, x, 1.0 - t)},
            _("`e = t − y = 1` means that the target was 1 and the answer 0; `e = −1` means the opposite."),
        ),
    ),
    hints=(
        _("The change of the bias tells the error, the change of the weights then tells the input."),
        _(
            "`b(new) − b(old) = η·e` and `wᵢ(new) − wᵢ(old) = η·e·xᵢ`; `e = 1` if `t = 1`, `e = −1` if `t = "
            "0`."
        ),
    ),
)

EXERCISES = (UPDATE, RATE, SAMPLE)
