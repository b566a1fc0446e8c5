"""Topics ahead: batch normalisation, gradient clipping, and the last state of a padded sequence."""

from fractions import Fraction

from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_norm(stream: Stream) -> Givens | None:
    x = stream.vector(4, -6, 9, 0, zero=True)
    mean = sum(x) / 4
    gamma, beta = stream.decimal("0.5", "3", 1), stream.decimal(-2, 2, 1, zero=False)
    if len(set(x)) < 3 or abs(x[0] - mean) < 1 or gamma == 1:
        return None
    return {"x": x, "gamma": gamma, "beta": beta}


NORM = Exercise(
    id="q7.batch-norm",
    question=7,
    level=2,
    minutes=5,
    title=_("Batch normalisation, forward"),
    text=_(
        "In a mini-batch of four examples a neuron has the sums `%(x)s`. Batch normalisation subtracts their "
        "mean `μ`, divides by the root of the variance `σ²` (the mean of the squared deviations; the small "
        "`ε` is left out), and gives `y = γ·x̂ + β` with `γ = %(gamma)s`, `β = %(beta)s`. Give `μ`, `σ²`, "
        "and `x̂` and `y` of the first example."
    ),
    draw=_draw_norm,
    steps=(
        Step("mu", lambda x: jnp.mean(x), _("`μ = %(mu)s`")),
        Step(
            "var",
            lambda x, mu: jnp.mean((x - mu) ** 2),
            _("`σ² = ((%(x1)s − μ)² + … + (%(x4)s − μ)²)/4 = %(var)s`"),
        ),
        Step(
            "hat",
            lambda x, mu, var: (x[0] - mu) / jnp.sqrt(jnp.where(var > 0, var, 1.0)),
            _("`x̂ = (%(x1)s − %(mu_)s)/√%(var)s = %(hat)s`"),
        ),
        Step(
            "y", lambda hat, gamma, beta: gamma * hat + beta, _("`y = %(gamma)s·%(hat_)s%(beta__)s = %(y)s`")
        ),
    ),
    asks=(
        Ask("mu", "mu", label=_("`μ`")),
        Ask("var", "var", label=_("`σ²`")),
        Ask("hat", "hat", label=_("`x̂` of the first example")),
        Ask("y", "y", label=_("`y` of the first example")),
    ),
    slips=(
        Slip(
            "three-for-four",
            {"var": lambda x, mu: jnp.sum((x - mu) ** 2) / 3.0},
            _("Here the mean of the squared deviations is taken: divide by 4, not by 3."),
        ),
        Slip(
            "no-root",
            {"hat": lambda x, mu, var: (x[0] - mu) / jnp.where(var > 0, var, 1.0)},
            _("The deviation is divided by the root of the variance."),
        ),
        Slip("not-scaled", {"y": lambda hat: hat}, _("After normalising comes `γ·x̂ + β`.")),
        Slip(
            "shift-first",
            {"y": lambda hat, gamma, beta: gamma * (hat + beta)},
            _("`β` is added after the multiplication by `γ`."),
        ),
    ),
    hints=(
        _("What are mean and spread of the four numbers, and where does the first one lie?"),
        _(
            "Other numbers: 1, 3, 5, 7 have `μ = 4` and `σ² = (9 + 1 + 1 + 9)/4 = 5`; the first becomes "
            "`−3/√5 ≈ −1.342`."
        ),
        _("`μ` is the mean, `σ²` the mean of `(x − μ)²`, `x̂ = (x − μ)/σ`, `y = γ·x̂ + β`."),
    ),
)


def _draw_clip(stream: Stream) -> Givens:
    a, b = stream.choice(((3, 4), (4, 3), (6, 8), (8, 6), (5, 12), (12, 5), (9, 12)))
    scale = stream.choice((1, 2, Fraction(1, 2)))
    return {
        "g": (stream.choice((-1, 1)) * a * scale, stream.choice((-1, 1)) * b * scale),
        "c": stream.choice((Fraction(1, 2), 1, 2)),
        "w": stream.vector(2, -2, 2, 1),
        "eta": stream.decimal("0.1", "0.5", 1),
    }


CLIP = Exercise(
    id="q7.clipping",
    question=7,
    level=1,
    minutes=4,
    title=_("Gradient clipping by the norm"),
    text=_(
        "The gradient is `g = %(g)s`. If its norm `√(g₁² + g₂²)` is greater than `c = %(c)s`, it is scaled "
        "down to the norm `c`, keeping its direction. Then the weights `w = %(w)s` are changed by gradient "
        "descent with `η = %(eta)s`. Give the norm, the clipped gradient and the new weights."
    ),
    draw=_draw_clip,
    places=4,
    steps=(
        Step(
            "norm",
            lambda g: jnp.sqrt(g @ g),
            _("The norm is `√(%(g1_)s² + %(g2_)s²) = %(norm)s`, greater than `%(c)s`"),
        ),
        Step(
            "short",
            lambda g, norm, c: g * c / jnp.where(norm == 0, 1.0, norm),
            _("Both components times `%(c)s/%(norm)s`: `%(short)s`"),
        ),
        Step("new", lambda w, eta, short: w - eta * short, _("`w − η·g = %(new)s`")),
    ),
    asks=(
        Ask("norm", "norm", label=_("the norm")),
        Ask("short", "short", label=_("the clipped gradient"), kind="vector"),
        Ask("new", "new", label=_("the new weights"), kind="vector"),
    ),
    slips=(
        Slip(
            "by-component",
            {"short": lambda g, c: jnp.clip(g, -c, c)},
            _(
                "You have clipped each component, which changes the direction; the whole gradient is scaled "
                "by one factor."
            ),
        ),
        Slip("norm-squared", {"norm": lambda g: g @ g}, _("The norm is the root of the sum of squares.")),
        Slip(
            "not-clipped",
            {"new": lambda w, eta, g: w - eta * g},
            _("The step is made with the clipped gradient."),
        ),
        Slip(
            "uphill",
            {"new": lambda w, eta, short: w + eta * short},
            _("Gradient descent goes down: subtract `η·g`."),
        ),
    ),
    hints=(
        _("How long is the gradient, and by which factor must it be multiplied to have the length `c`?"),
        _("Other numbers: `g = (0, 7)` has the norm 7; with `c = 2` it becomes `(0, 7)·2/7 = (0, 2)`."),
        _("`‖g‖ = √(g₁² + g₂²)`; if it is greater than `c`, take `g·c/‖g‖`; then `w − η·g`."),
    ),
)


def _draw_padded(stream: Stream) -> Givens | None:
    n = stream.integer(2, 4)
    x = stream.vector(n, -4, 4, 0)
    return {
        "a": stream.choice((Fraction(1, 2), Fraction(-1, 2), Fraction(1, 5), Fraction(2, 5))),
        "n": n,
        "x": (*x, *[0] * (6 - n)),
        "v": stream.decimal("0.5", "3", 1),
        "c": stream.decimal(-2, 2, 1, zero=False),
    }


def _states(a, x):
    states = [x[0]]
    for t in range(1, 6):
        states.append(a * states[-1] + x[t])
    return jnp.stack(states)


PADDED = Exercise(
    id="q7.padded",
    question=7,
    level=2,
    minutes=5,
    title=_("The last state of a padded sequence"),
    text=_(
        "A recurrent neuron computes `hₜ = a·hₜ₋₁ + xₜ` with `a = %(a)s` and `h₀ = 0`. A sequence with "
        "`%(n)s` numbers was padded with zeros to the length 6: `x = %(x)s`. Its answer is `ŷ = v·h + c` "
        "with `v = %(v)s`, `c = %(c)s`, where `h` is the state after the last real number. Give this state, "
        "the answer, and the state after all six steps."
    ),
    draw=_draw_padded,
    steps=(
        Step("h", _states, _("The states are `%(h)s`")),
        Step(
            "last",
            lambda h, n: jnp.sum(jnp.where(jnp.arange(6.0) == n - 1.0, h, 0.0)),
            _("The last real number is number `%(n)s`: `h = %(last)s`"),
        ),
        Step("y", lambda last, v, c: v * last + c, _("`ŷ = %(v)s·%(last_)s%(c__)s = %(y)s`")),
        Step(
            "end",
            lambda h: h[5],
            _("At the end of the padding the state has decayed to `%(end)s`: it must not be used"),
        ),
    ),
    asks=(
        Ask("last", "last", label=_("the state after the last real number")),
        Ask("y", "y", label=_("the answer `ŷ`")),
        Ask("end", "end", label=_("the state after six steps")),
    ),
    slips=(
        Slip(
            "end-of-padding",
            {"last": lambda h: h[5]},
            _("This is the state after the padding; the zeros have changed it."),
        ),
        Slip(
            "one-early",
            {"last": lambda h, n: jnp.sum(jnp.where(jnp.arange(6.0) == n - 2.0, h, 0.0))},
            _("The last real number belongs to the state that is read."),
        ),
        Slip(
            "padding-ignored",
            {"end": lambda last: last},
            _("In each padded step the state is multiplied by `a`, although the input is 0."),
        ),
        Slip("no-offset", {"y": lambda last, v: v * last}, _("The constant `c` is missing from the answer.")),
    ),
    hints=(
        _("Compute the states one after another. Which of them has seen all real numbers and no padding?"),
        _(
            "Other numbers: `a = 0.5` and `x = (2, 4, 0, 0)` with two real numbers: the states are `2`, `5`, "
            "`2.5`, `1.25`; 5 is read."
        ),
        _(
            "`hₜ = a·hₜ₋₁ + xₜ`; read the state at the length of the sequence. In the padding only the "
            "factor `a` acts."
        ),
    ),
)

EXERCISES = (NORM, CLIP, PADDED)
