"""Question 6: hidden neurons that begin alike."""

from quiz.bank.shared.neurons import error_derivative, relu
from quiz.bank.shared.places import place_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

_DIFFER = (
    _("never: equal weights and equal signals give equal gradients, so they stay one neuron at every step"),
    _("yes: their output weights differ, so they get different signals in the first step already"),
    _("yes: gradient descent always finds a different feature for each neuron"),
    _("yes: after the first step, when the loss has become smaller"),
    _("never: all neurons of one layer always have the same gradients"),
    _("never: a learning rate is the same for all neurons"),
)


def _draw_alike(stream: Stream) -> Givens | None:
    x, w, b = (
        stream.decimal(-3, 3, 0, zero=False),
        stream.decimal(-2, 2, 1, zero=False),
        stream.decimal(-1, 1, 1),
    )
    v = stream.decimal("0.2", "1.5", 1) * stream.choice((-1, 1))
    other = v if stream.integer(0, 1) else stream.decimal("0.2", "1.5", 1) * stream.choice((-1, 1))
    t = stream.decimal(-3, 3, 0)
    h = w * x + b
    if h <= 0 or abs(v * h + other * h - t) < 1:
        return None
    return {
        "x": x, "w": w, "b": b, "v": (v, other), "t": t, "eta": stream.decimal("0.1", "0.4", 1),
        "shown": stream.shuffle(range(6)),
    }  # fmt: skip


SYMMETRY = Exercise(
    id="q6.symmetry",
    question=6,
    level=3,
    minutes=7,
    title=_("Hidden neurons that begin alike"),
    text=_(
        "Two hidden neurons begin with the same numbers: `h₁ = ReLU(w₁x + b₁)` and `h₂ = ReLU(w₂x + b₂)` "
        "with `w₁ = w₂ = %(w)s` and `b₁ = b₂ = %(b)s`. The output is `ŷ = v₁h₁ + v₂h₂` with `v = %(v)s`. The "
        "input is `x = %(x)s`, the target `t = %(t)s`, the loss `L = (t − ŷ)²`, the learning rate `η = "
        "%(eta)s`. Make one step of gradient descent for `w₁`, `w₂`, `v₁` and `v₂`. Will the two neurons "
        "ever compute different values if training goes on with other examples, and why?"
    ),
    draw=_draw_alike,
    steps=(
        Step("h", lambda w, x, b: relu(w * x + b), _("`h₁ = h₂ = ReLU(%(w)s·%(x_)s%(b__)s) = %(h)s`")),
        Step("y", lambda v, h: (v[0] + v[1]) * h, _("`ŷ = %(v1)s·%(h)s%(v2__)s·%(h)s = %(y)s`")),
        Step("d", lambda y, t: error_derivative(y, t), _("`δ = 2(ŷ − t) = 2·(%(y)s − %(t_)s) = %(d)s`")),
        Step(
            "e",
            lambda d, v: d * v,
            _("The hidden neurons get `v₁δ = %(v1)s·%(d_)s = %(e1)s` and `v₂δ = %(v2)s·%(d_)s = %(e2)s`"),
        ),
        Step(
            "w_new",
            lambda w, eta, e, x: w - eta * e * x,
            _(
                "`w₁ ← %(w)s − %(eta)s·%(e1_)s·%(x_)s = %(w_new1)s`, `w₂ ← %(w)s − %(eta)s·%(e2_)s·%(x_)s = "
                "%(w_new2)s`"
            ),
        ),
        Step(
            "v_new",
            lambda v, eta, d, h: v - eta * d * h,
            _(
                "`v₁ ← %(v1)s − %(eta)s·%(d_)s·%(h)s = %(v_new1)s`, `v₂ ← %(v2)s − %(eta)s·%(d_)s·%(h)s = "
                "%(v_new2)s`"
            ),
        ),
        Step("reason", lambda v: jnp.where(v[0] == v[1], 0.0, 1.0)),
        Step(
            "place",
            lambda reason, shown: place_of(reason, shown),
            _DIFFER[:2],
            case=lambda known: int(known["reason"]),
        ),
    ),
    asks=(
        Ask("w", "w_new", label=_("new `w₁`, `w₂`"), kind="vector"),
        Ask("v", "v_new", label=_("new `v₁`, `v₂`"), kind="vector"),
        Ask(
            "why",
            "place",
            label=_("Will they ever differ?"),
            kind="choice",
            options=lambda givens: [_DIFFER[place] for place in givens["shown"]],
        ),
    ),
    slips=(
        Slip(
            "no-weight",
            {"e": lambda d, v: d + 0 * v},
            _("The signal comes back to a hidden neuron through its output weight: multiply by `vⱼ`."),
        ),
        Slip(
            "uphill",
            {
                "w_new": lambda w, eta, e, x: w + eta * e * x,
                "v_new": lambda v, eta, d, h: v + eta * d * h,
            },
            _("Gradient descent goes down: subtract `η` times the gradient."),
        ),
        Slip(
            "no-two",
            {"d": lambda y, t: y - t},
            _("The square brings a factor 2: `∂L/∂ŷ = 2(ŷ − t)`."),
        ),
        Slip(
            "by-itself",
            {"reason": lambda v: 2.0 + 0 * v[0]},
            _("Gradient descent only follows the gradients: where these are equal, the neurons stay equal."),
        ),
        Slip(
            "one-layer-alike",
            {"reason": lambda v: 4.0 + 0 * v[0]},
            _("Neurons of one layer have the same gradients only if their weights and signals are the same."),
        ),
    ),
    hints=(
        _("Which numbers does a neuron's gradient consist of? Which of them are the same for both?"),
        _(
            "Other numbers: with `δ = 2`, `v = (3, 1)`, `x = 1` and `η = 0.1` the first weight changes by "
            "`−0.1·3·2·1 = −0.6` and the second by `−0.1·1·2·1 = −0.2`."
        ),
        _(
            "`wⱼ ← wⱼ − η·vⱼδ·x` while the sum is positive, `vⱼ ← vⱼ − η·δ·hⱼ`. What is equal before a step "
            "and gets equal gradients is equal after it."
        ),
    ),
)

EXERCISES = (SYMMETRY,)
