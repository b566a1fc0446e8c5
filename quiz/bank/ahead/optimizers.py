"""Topics ahead: momentum, RMSprop and Adam, calculated by optax."""

from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jax, jnp
from quiz.exercise.lazy import optax
from quiz.text import mark as _

#: What RMSprop and Adam add to avoid a division by 0; too small to be seen in the answers.
EPSILON = 1e-8


# --- momentum ----------------------------------------------------------------------------------------


def _draw_momentum(stream: Stream) -> Givens | None:
    return {
        "w": stream.decimal(-4, 4, 0, zero=False),
        "a": stream.integer(-3, 3),
        "eta": stream.decimal("0.05", "0.2", 2),
        "beta": stream.choice([stream.decimal("0.5", "0.8", 1), stream.decimal("0.9", "0.9", 1)]),
    }


def _derivative(w, a):
    return jax.grad(lambda w: (w - a) ** 2)(w)


def _velocity(beta, v, g):
    return optax.trace(decay=beta).update(g, optax.TraceState(trace=v))[0]


def _descend(w, eta, v):
    return optax.apply_updates(w, -eta * v)


MOMENTUM = Exercise(
    id="q7.momentum",
    question=7,
    level=2,
    minutes=5.0,
    title=_("Two steps with momentum"),
    text=_(
        "The loss `L(w) = (w − a)²` with `a = %(a)s` is made smaller by gradient descent with momentum: `v ← "
        "β·v + g`, then `w ← w − η·v`, where `g = dL/dw`. At the start `w₀ = %(w)s` and `v₀ = 0`; `β = "
        "%(beta)s` and `η = %(eta)s`. Find `w` and `v` after the first step and after the second."
    ),
    draw=_draw_momentum,
    steps=(
        Step("g1", _derivative, _("`g₁ = 2(w₀ − a) = 2·(%(w)s − %(a_)s) = %(g1)s`")),
        Step("v1", lambda beta, g1: _velocity(beta, jnp.zeros_like(g1), g1), _("`v₁ = β·0 + g₁ = %(v1)s`")),
        Step(
            "w1",
            lambda w, eta, v1: _descend(w, eta, v1),
            _("`w₁ = w₀ − η·v₁ = %(w)s − %(eta)s·%(v1_)s = %(w1)s`"),
        ),
        Step("g2", lambda w1, a: _derivative(w1, a), _("`g₂ = 2(w₁ − a) = 2·(%(w1)s − %(a_)s) = %(g2)s`")),
        Step(
            "v2",
            lambda beta, v1, g2: _velocity(beta, v1, g2),
            _("`v₂ = β·v₁ + g₂ = %(beta)s·%(v1_)s%(g2__)s = %(v2)s`"),
        ),
        Step(
            "w2",
            lambda w1, eta, v2: _descend(w1, eta, v2),
            _("`w₂ = w₁ − η·v₂ = %(w1)s − %(eta)s·%(v2_)s = %(w2)s`"),
        ),
    ),
    asks=(
        Ask("v1", "v1", label="`v₁`", weight=0.5),
        Ask("w1", "w1", label="`w₁`"),
        Ask("v2", "v2", label="`v₂`"),
        Ask("w2", "w2", label="`w₂`"),
    ),
    slips=(
        Slip(
            "no-momentum",
            {"v2": lambda g2: g2 + 0},
            _("The velocity of the first step goes on: `v₂ = β·v₁ + g₂`."),
        ),
        Slip(
            "average",
            {"v1": lambda beta, g1: (1 - beta) * g1, "v2": lambda beta, v1, g2: beta * v1 + (1 - beta) * g2},
            _("By the rule given the gradient is added whole, without the factor `1 − β`."),
        ),
        Slip(
            "no-beta",
            {"v2": lambda v1, g2: v1 + g2},
            _("The old velocity is damped: it is multiplied by `β`."),
        ),
        Slip(
            "old-gradient",
            {"g2": lambda g1: g1 + 0},
            _("The second gradient is taken where the first step has led, at `w₁`."),
        ),
        Slip(
            "half-gradient",
            {"g1": lambda w, a: w - a, "g2": lambda w1, a: w1 - a},
            _("The derivative of `(w − a)²` is `2(w − a)`."),
        ),
        Slip(
            "uphill",
            {"w1": lambda w, eta, v1: w + eta * v1, "w2": lambda w1, eta, v2: w1 + eta * v2},
            _("Descent goes against the gradient: `w ← w − η·v`."),
        ),
        Slip(
            "rate-in-velocity",
            {
                "v1": lambda eta, g1: eta * g1,
                "w1": lambda w, v1: w - v1,
                "v2": lambda beta, eta, v1, g2: beta * v1 + eta * g2,
                "w2": lambda w1, v2: w1 - v2,
            },
            _("By the rule given `η` multiplies the velocity in the step of `w`; `v` itself is without `η`."),
        ),
        Slip(
            "from-the-start",
            {"w2": lambda w, eta, v2: _descend(w, eta, v2)},
            _("The second step starts from `w₁`, not from `w₀`."),
        ),
    ),
    hints=(
        _("Each step has three parts: the gradient where you are, the new velocity, the new weight."),
        _(
            "`dL/dw = 2(w − a)`. The second gradient is taken at `w₁`, and the velocity keeps the share `β` "
            "of the first one."
        ),
    ),
)


# --- RMSprop -----------------------------------------------------------------------------------------


def _draw_rmsprop(stream: Stream) -> Givens | None:
    return {
        "w": stream.vector(2, -2, 2, 1),
        "g": tuple(stream.choice((-1, 1)) * stream.decimal("1.6", 5) for _weight in range(2)),
        "v": tuple(abs(part) for part in stream.vector(2, "0.5", 9, 1)),
        "rho": stream.choice([stream.decimal("0.6", "0.9", 1), stream.decimal("0.9", "0.9", 1)]),
        "eta": stream.decimal("0.1", "0.5", 1),
    }


def _mean_square(rho, g, v):
    return optax.scale_by_rms(decay=rho).update(g, optax.ScaleByRmsState(nu=v))[1].nu


def _scaled(w, eta, g, v):
    return optax.apply_updates(w, -eta * (g / jnp.sqrt(v + EPSILON)))


RMSPROP = Exercise(
    id="q7.rmsprop",
    question=7,
    level=2,
    minutes=6.0,
    title=_("One step of RMSprop"),
    text=_(
        "RMSprop divides each weight's gradient by the root of its mean square: `v ← ρ·v + (1 − ρ)·g²`, then "
        "`w ← w − η·g / √v` (the `ε = 10⁻⁸` under the root is small enough to be neglected). Given are the "
        "weights `w = %(w)s`, the gradient `g = %(g)s`, the mean squares so far `v = %(v)s`, `ρ = %(rho)s` "
        "and `η = %(eta)s`. Find the new `v` and the new `w`."
    ),
    draw=_draw_rmsprop,
    steps=(
        Step(
            "v_new",
            _mean_square,
            _(
                "`v₁ ← %(rho)s·%(v1)s + (1 − %(rho)s)·%(g1_)s² = %(v_new1)s`; `v₂ ← %(rho)s·%(v2)s + (1 − "
                "%(rho)s)·%(g2_)s² = %(v_new2)s`"
            ),
        ),
        Step(
            "w_new",
            lambda w, eta, g, v_new: _scaled(w, eta, g, v_new),
            _(
                "`w₁ ← %(w1)s − %(eta)s·%(g1_)s / √%(v_new1)s ≈ %(w_new1)s`; `w₂ ← %(w2)s − %(eta)s·%(g2_)s "
                "/ √%(v_new2)s ≈ %(w_new2)s`"
            ),
        ),
    ),
    asks=(
        Ask("v", "v_new", label=_("new `v`"), kind="vector"),
        Ask("w", "w_new", label=_("new `w`"), kind="vector"),
    ),
    slips=(
        Slip(
            "not-squared",
            {"v_new": lambda rho, g, v: rho * v + (1 - rho) * jnp.abs(g)},
            _("The gradient is squared: `(1 − ρ)·g²`."),
        ),
        Slip(
            "shares-exchanged",
            {"v_new": lambda rho, g, v: (1 - rho) * v + rho * g**2},
            _("`ρ` is the share of the old mean square, `1 − ρ` that of the new square."),
        ),
        Slip(
            "added-whole",
            {"v_new": lambda rho, g, v: rho * v + g**2},
            _("The new square has the share `1 − ρ`, so that `v` stays a mean."),
        ),
        Slip(
            "no-root",
            {"w_new": lambda w, eta, g, v_new: w - eta * g / v_new},
            _("The gradient is divided by the root of `v`, not by `v`."),
        ),
        Slip(
            "old-mean",
            {"w_new": lambda w, eta, g, v: _scaled(w, eta, g, v)},
            _("First `v` is brought up to date, then the new `v` is used for the step."),
        ),
        Slip(
            "plain-descent",
            {"w_new": lambda w, eta, g: w - eta * g},
            _("The gradient is divided by `√v`; without that it would be plain gradient descent."),
        ),
    ),
    hints=(
        _("Each weight has its own `v`. First bring both up to date, then take the step with the new ones."),
        _(
            "The old mean has the share `ρ`, the new square the share `1 − ρ`. Divide by the root of the "
            "new `v`; each step is then about `η` long."
        ),
    ),
)


# --- Adam --------------------------------------------------------------------------------------------


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

EXERCISES = (MOMENTUM, RMSPROP, ADAM)
