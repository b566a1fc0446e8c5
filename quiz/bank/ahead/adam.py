"""Topics ahead: Adam, calculated by optax."""

from quiz.bank.ahead.optimizers import EPSILON
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.exercise.lazy import optax
from quiz.text import mark as _


def _draw_adam(stream: Stream) -> Givens | None:
    return {
        "w": stream.decimal(-2, 2, 1, zero=False),
        "g": stream.choice((-1, 1)) * stream.decimal("1.8", 5),
        "m": stream.choice((-1, 1)) * stream.decimal("0.3", "1.5"),
        "v": stream.decimal("0.3", 3),
        "beta1": stream.choice([stream.decimal("0.8", "0.9", 1), stream.decimal("0.9", "0.9", 1)]),
        "beta2": stream.choice([stream.decimal("0.95", "0.99", 2), stream.decimal("0.99", "0.99", 2)]),
        "t": stream.integer(2, 4),
        "eta": stream.decimal("0.3", "0.9", 1),
    }


def _corrected(moment, beta, t):
    return optax.tree.bias_correction(moment, beta, t)


def _adam_step(w, eta, m, v):
    return optax.apply_updates(w, -eta * (m / (jnp.sqrt(v) + EPSILON)))


ADAM = Exercise(
    id="q7.adam",
    question=7,
    level=3,
    minutes=9.0,
    title=_("One step of Adam"),
    text=_(
        "Adam keeps a mean of the gradients, `m ← β₁·m + (1 − β₁)·g`, and a mean of their squares, `v ← β₂·v "
        "+ (1 − β₂)·g²`. Both start at 0 and are corrected for that in step `t`: `m̂ = m / (1 − β₁ᵗ)`, `v̂ = "
        "v / (1 − β₂ᵗ)`. The step is `w ← w − η·m̂ / (√v̂ + ε)`; `ε = 10⁻⁸` is small enough to be neglected. "
        "In step `t = %(t)s` the weight is `w = %(w)s` and the gradient `g = %(g)s`; so far `m = %(m)s` and "
        "`v = %(v)s`; `β₁ = %(beta1)s`, `β₂ = %(beta2)s`, `η = %(eta)s`. Find the new `m` and `v`, the "
        "corrected `m̂` and `v̂`, and the new `w`."
    ),
    draw=_draw_adam,
    places=4,
    steps=(
        Step(
            "m_new",
            lambda g, m, beta1: optax.tree.update_moment(g, m, beta1, 1),
            _("`m ← %(beta1)s·%(m_)s + (1 − %(beta1)s)·%(g_)s = %(m_new)s`"),
        ),
        Step(
            "v_new",
            lambda g, v, beta2: optax.tree.update_moment(g, v, beta2, 2),
            _("`v ← %(beta2)s·%(v)s + (1 − %(beta2)s)·%(g_)s² = %(v_new)s`"),
        ),
        Step(
            "m_hat",
            lambda m_new, beta1, t: _corrected(m_new, beta1, t),
            _("`m̂ = m / (1 − β₁ᵗ) = %(m_new)s / (1 − %(beta1)s^%(t)s) ≈ %(m_hat)s`"),
        ),
        Step(
            "v_hat",
            lambda v_new, beta2, t: _corrected(v_new, beta2, t),
            _("`v̂ = v / (1 − β₂ᵗ) = %(v_new)s / (1 − %(beta2)s^%(t)s) ≈ %(v_hat)s`"),
        ),
        Step(
            "w_new",
            lambda w, eta, m_hat, v_hat: _adam_step(w, eta, m_hat, v_hat),
            _("`w ← %(w)s − %(eta)s·%(m_hat_)s / √%(v_hat)s ≈ %(w_new)s`"),
        ),
    ),
    asks=(
        Ask("m", "m_new", label=_("new `m`")),
        Ask("v", "v_new", label=_("new `v`")),
        Ask("mhat", "m_hat", label=_("corrected `m̂`")),
        Ask("vhat", "v_hat", label=_("corrected `v̂`"), tolerance=0.01),
        Ask("w", "w_new", label=_("new `w`")),
    ),
    slips=(
        Slip(
            "no-correction",
            {"m_hat": lambda m_new: m_new + 0, "v_hat": lambda v_new: v_new + 0},
            _("Both means start at 0 and are too small at first: divide by `1 − β₁ᵗ` and by `1 − β₂ᵗ`."),
        ),
        Slip(
            "no-power",
            {
                "m_hat": lambda m_new, beta1: m_new / (1 - beta1),
                "v_hat": lambda v_new, beta2: v_new / (1 - beta2),
            },
            _("In step `t` the correction has the power `t`: `1 − βᵗ`, not `1 − β`."),
        ),
        Slip(
            "power-behind",
            {
                "m_hat": lambda m_new, beta1, t: _corrected(m_new, beta1, t + 1),
                "v_hat": lambda v_new, beta2, t: _corrected(v_new, beta2, t + 1),
            },
            _("The power is the number of this step, `t`, not of the next one."),
        ),
        Slip(
            "not-squared",
            {"v_new": lambda g, v, beta2: optax.tree.update_moment(jnp.abs(g), v, beta2, 1)},
            _("`v` is a mean of the squares of the gradient: `(1 − β₂)·g²`."),
        ),
        Slip(
            "shares-exchanged",
            {
                "m_new": lambda g, m, beta1: (1 - beta1) * m + beta1 * g,
                "v_new": lambda g, v, beta2: (1 - beta2) * v + beta2 * g**2,
            },
            _("`β` is the share of the old mean, `1 − β` that of what is new."),
        ),
        Slip(
            "no-root",
            {"w_new": lambda w, eta, m_hat, v_hat: w - eta * m_hat / v_hat},
            _("The step is divided by the root of `v̂`, not by `v̂`."),
        ),
        Slip(
            "gradient-for-mean",
            {"w_new": lambda w, eta, g, v_hat: _adam_step(w, eta, g, v_hat)},
            _("The step follows the corrected mean `m̂`, not the gradient of this step alone."),
        ),
    ),
    hints=(
        _("Go through the rules in the order given; each one uses the result of the one before."),
        _(
            "Calculate the powers `β₁ᵗ` and `β₂ᵗ` first. Both corrected means are larger than the plain "
            "ones, and only of `v̂` the root is taken."
        ),
    ),
)

EXERCISES = (ADAM,)
