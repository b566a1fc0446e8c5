"""Question 2: predict a correction and compute it; find the first mistake in a calculation."""

from quiz.bank.shared import neurons
from quiz.bank.shared.places import first_place, place_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

_WHY = (
    _("larger: the target was 1, the answer 0, and the input is positive"),
    _("larger: the target was 0, the answer 1, and the input is negative"),
    _("smaller: the target was 1, the answer 0, and the input is negative"),
    _("smaller: the target was 0, the answer 1, and the input is positive"),
    _("unchanged: the input is 0, so the weight had no part in the mistake"),
    _("unchanged: the answer is right"),
    _("larger: after a mistake every weight is made larger"),
    _("smaller: after a mistake every weight is made smaller"),
)


def _draw_predict(stream: Stream) -> Givens | None:
    case = stream.integer(0, 4)
    t = int(case in (0, 2)) if case != 4 else stream.integer(0, 1)
    x1 = (stream.integer(1, 4) if case in (0, 3) else -stream.integer(1, 4)) if case != 4 else 0
    for _attempt in range(200):
        w, b = stream.vector(2, -2, 2, 1), stream.decimal(-2, 2, 1)
        x2, theta = stream.decimal(-4, 4, 0, zero=False), stream.decimal("-1.5", "1.5", 1, zero=False)
        z = w[0] * x1 + w[1] * x2 + b
        if int(z > theta) != t and (z > theta) != (z > 0):
            return {
                "w": w, "b": b, "x": (x1, x2), "t": t, "theta": theta,
                "eta": stream.decimal("0.1", "0.9", 1), "shown": stream.shuffle(range(8)),
            }  # fmt: skip
    return None


def _reason(e, x):
    rising = jnp.where(x[0] > 0, 0.0, 2.0)
    falling = jnp.where(x[0] > 0, 3.0, 1.0)
    changed = jnp.where(x[0] == 0, 4.0, jnp.where(e > 0, rising, falling))
    return jnp.where(e == 0, 5.0, changed)


PREDICT = Exercise(
    id="q2.predict",
    question=2,
    level=2,
    minutes=5,
    title=_("Predict a correction, then compute it"),
    text=_(
        "A perceptron has the weights `w = %(w)s`, the bias `b = %(b)s` and the threshold `θ = %(theta)s`: "
        "`y = 1` if `w·x + b > θ`, else 0. It is shown `x = %(x)s` with the target `t = %(t)s`; the learning "
        "rate is `η = %(eta)s`. First say what happens to `w₁`, and why. Then compute the new `w₁`, the new "
        "`b` and the sum `w·x + b` of the same input after the step."
    ),
    draw=_draw_predict,
    steps=(
        Step("z", neurons.net_input, _("`z = %(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(b__)s = %(z)s`")),
        Step(
            "y",
            lambda z, theta: jnp.where(z > theta, 1.0, 0.0),
            (
                _("Not greater than `θ = %(theta)s`, so `y = 0`"),
                _("Greater than `θ = %(theta)s`, so `y = 1`"),
            ),
            case=lambda known: int(known["y"]),
        ),
        Step("e", lambda t, y: t - y, _("`e = t − y = %(t)s − %(y)s = %(e)s`")),
        Step("reason", lambda e, x: _reason(e, x)),
        Step(
            "place",
            lambda reason, shown: place_of(reason, shown),
            _WHY,
            case=lambda known: int(known["reason"]),
        ),
        Step(
            "w1_new",
            lambda w, x, e, eta: w[0] + eta * e * x[0],
            _("`w₁ ← %(w1)s + %(eta)s·%(e_)s·%(x1_)s = %(w1_new)s`"),
        ),
        Step("b_new", lambda b, e, eta: b + eta * e, _("`b ← %(b)s + %(eta)s·%(e_)s = %(b_new)s`")),
        Step(
            "w2_new",
            lambda w, x, e, eta: w[1] + eta * e * x[1],
            _("`w₂ ← %(w2)s + %(eta)s·%(e_)s·%(x2_)s = %(w2_new)s`"),
        ),
        Step(
            "after",
            lambda w1_new, w2_new, b_new, x: w1_new * x[0] + w2_new * x[1] + b_new,
            _("The sum is now `%(w1_new)s·%(x1_)s%(w2_new__)s·%(x2_)s%(b_new__)s = %(after)s`"),
        ),
    ),
    asks=(
        Ask(
            "why",
            "place",
            label=_("`w₁` becomes"),
            kind="choice",
            options=lambda givens: [_WHY[place] for place in givens["shown"]],
        ),
        Ask("w1", "w1_new", label=_("new `w₁`")),
        Ask("b", "b_new", label=_("new `b`")),
        Ask("z", "after", label=_("the sum after the step")),
    ),
    slips=(
        Slip(
            "punished",
            {"reason": lambda z: 7.0 + 0 * z},
            _("A correction does not always make weights smaller: its direction is that of `e·x`."),
        ),
        Slip(
            "encouraged",
            {"reason": lambda z: 6.0 + 0 * z},
            _("A correction does not always make weights larger: its direction is that of `e·x`."),
        ),
        Slip(
            "no-threshold",
            {"y": lambda z: jnp.where(z > 0, 1.0, 0.0)},
            _("The sum is compared with `θ`, not with 0."),
        ),
        Slip(
            "sign",
            {
                "w1_new": lambda w, x, e, eta: w[0] - eta * e * x[0],
                "b_new": lambda b, e, eta: b - eta * e,
                "w2_new": lambda w, x, e, eta: w[1] - eta * e * x[1],
            },
            _("The correction is added: `w + η·e·x` and `b + η·e`; you have subtracted it."),
        ),
        Slip(
            "old-weights",
            {"after": lambda w, b, x: w @ x + b},
            _("The sum after the step uses the new weights and the new bias."),
        ),
    ),
    hints=(
        _(
            "Is the answer right? If not, must the sum of this input grow or fall, and does `w₁` or its "
            "input help with that?"
        ),
        _(
            "Other numbers: `x₁ = −2`, `t = 1`, `y = 0`, `η = 0.5`. The sum must grow, the input is "
            "negative, so `w₁` falls: by `0.5·1·2 = 1`."
        ),
        _(
            "`e = t − y`; `w₁` changes by `η·e·x₁`, `b` by `η·e`. The sum of the same input changes by "
            "`η·e·(x₁² + x₂² + 1)`."
        ),
    ),
)


def _expected(log, w, b, x, t, eta, theta):
    """What each line should be, if the lines before it are taken as they stand."""
    e = log[2]
    return jnp.stack(
        [
            w @ x + b,
            jnp.where(log[0] > theta, 1.0, 0.0),
            t - log[1],
            w[0] + eta * e * x[0],
            w[1] + eta * e * x[1],
            b + eta * e,
        ]
    )


def _first(log, expected):
    """The place of the first line that is wrong."""
    return first_place(jnp.abs(log - expected) > 1e-9)


def _draw_log(stream: Stream) -> Givens | None:
    k = stream.choice((0, 0, 1, 2, 3, 3, 4, 4, 5, 5))
    for _attempt in range(200):
        w, b = stream.vector(2, -2, 2, 1), stream.decimal(-2, 2, 1, zero=False)
        x, t = stream.vector(2, -4, 4, 0), stream.integer(0, 1)
        theta, eta = stream.decimal("-1.5", "1.5", 1, zero=False), stream.decimal("0.1", "0.9", 1)
        z = w[0] * x[0] + w[1] * x[1] + (0 if k == 0 else b)
        y = int(z > 0) if k == 1 else int(z > theta)
        e = y - t if k == 2 else t - y
        log = (
            z, y, e,
            w[0] + eta * e * (1 if k == 3 else x[0]),
            w[1] - eta * e * x[1] if k == 4 else w[1] + eta * e * x[1],
            b + e if k == 5 else b + eta * e,
        )  # fmt: skip
        matters = (z > 0) != (z > theta) if k == 1 else x[0] != 1
        if e != 0 and matters and len({abs(value) for value in log}) == 6:
            return {"w": w, "b": b, "x": x, "t": t, "theta": theta, "eta": eta, "log": log}
    return None


_LINES = (
    _("`z = w·x + b = %(log1)s`"),
    _("`y = %(log2)s`, by comparing `z` with `θ`"),
    _("`e = t − y = %(log3)s`"),
    _("new `w₁ = %(log4)s`"),
    _("new `w₂ = %(log5)s`"),
    _("new `b = %(log6)s`"),
)

LOG = Exercise(
    id="q2.first-mistake",
    question=2,
    level=2,
    minutes=5,
    title=_("The first mistake in a correction"),
    text=_(
        "A student makes one step of the learning rule: weights `w = %(w)s`, bias `b = %(b)s`, threshold `θ "
        "= %(theta)s` (`y = 1` if `z > θ`, else 0), input `x = %(x)s`, target `t = %(t)s`, learning rate `η "
        "= %(eta)s`. One line of the calculation is wrong; the lines after it go on from its value. Which "
        "line is it, and which value should it have?"
    ),
    draw=_draw_log,
    steps=(
        Step("expected", _expected),
        Step(
            "line",
            lambda log, expected: _first(log, expected),
            (
                _("Line 1: the bias is missing. `%(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(b__)s = %(expected1)s`"),
                _(
                    "Line 2: `z` was compared with 0. It must be compared with `θ = %(theta)s`, so `y = "
                    "%(expected2)s`"
                ),
                _("Line 3: target and answer are swapped. `e = t − y = %(t)s − %(log2)s = %(expected3)s`"),
                _("Line 4: the input is missing. `%(w1)s + %(eta)s·%(log3_)s·%(x1_)s = %(expected4)s`"),
                _(
                    "Line 5: the correction was subtracted. `%(w2)s + %(eta)s·%(log3_)s·%(x2_)s = "
                    "%(expected5)s`"
                ),
                _("Line 6: the learning rate is missing. `%(b)s + %(eta)s·%(log3_)s = %(expected6)s`"),
            ),
            case=lambda known: int(known["line"]),
        ),
        Step("value", lambda log, expected: expected[_first(log, expected).astype(int)]),
    ),
    asks=(
        Ask("line", "line", label=_("the wrong line"), kind="choice", options=_LINES),
        Ask("value", "value", label=_("the correct value of that line"), weight=2.0),
    ),
    slips=(
        Slip(
            "line-after",
            {"line": lambda log, expected: jnp.mod(_first(log, expected) + 1.0, 6.0)},
            _("That line follows correctly from the one before it; the mistake was made earlier."),
        ),
        Slip(
            "line-before",
            {"line": lambda log, expected: jnp.mod(_first(log, expected) + 5.0, 6.0)},
            _("That line is still right: compute it once more."),
        ),
        Slip(
            "copied",
            {"value": lambda log, expected: log[_first(log, expected).astype(int)]},
            _("This is the value on that line; give the value that it should have."),
        ),
    ),
    hints=(
        _("Check each line with the numbers of the lines above it as they stand, even if these are wrong."),
        _(
            "Other numbers: `z = 0.4` and `θ = 0.5` give `y = 0`. If that line says `y = 1`, it is wrong; `e "
            "= t − 1` below it is not."
        ),
        _("`z = w·x + b`; `y = 1` if `z > θ`; `e = t − y`; `w ← w + η·e·x`; `b ← b + η·e`."),
    ),
)


EXERCISES = (PREDICT, LOG)
