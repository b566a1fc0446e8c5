"""Question 4: output weights that turn counting hidden neurons into parity and its relatives."""

from fractions import Fraction

from quiz.bank.shared import construct
from quiz.bank.shared.construct import differs, fire, fire_at_least
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

#: Answers for 0 to 3 ones that change at least twice, so that no single threshold gives them.
_TABLES = (
    (0, 0, 1, 0),
    (0, 1, 0, 0),
    (0, 1, 0, 1),
    (0, 1, 1, 0),
    (1, 0, 0, 1),
    (1, 0, 1, 0),
    (1, 0, 1, 1),
    (1, 1, 0, 1),
)


def _draw_count(stream: Stream) -> Givens | None:
    t = stream.choice(_TABLES)
    k = stream.choice([(1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)])
    change = (t[1] - t[0], t[2] - t[1], t[3] - t[2])
    if tuple(change[place - 1] for place in k) == change:
        return None  # the order of the hidden neurons would not matter
    return {
        "t": t,
        "k": k,
        "a": tuple(place - Fraction(1, 2) for place in k),
        "theta": construct.draw_threshold(stream),
    }


def _hidden(k):
    """Which hidden neurons fire for 0, 1, 2 and 3 ones, shape (4, 3)."""
    return jnp.where(jnp.arange(4.0)[:, None] >= k[None, :], 1.0, 0.0)


def _weights(t, k, theta, margin=0.5):
    """The weight of the neuron that begins to fire at k ones is the change of the answer there."""
    return jnp.append(jnp.diff(t)[k.astype(int) - 1], t[0] - margin + theta)


def _sums(h, W):
    return h @ W[:3] + W[3]


BUILD_COUNTER = Exercise(
    id="q4.build-counter",
    question=4,
    level=3,
    minutes=8,
    title=_("Give output weights for a function of three bits"),
    text=_(
        "Three inputs are 0 or 1 each; `s = x₁ + x₂ + x₃`. A network has three hidden neurons: `h₁ = 1` if "
        "`s > %(a1)s`, `h₂ = 1` if `s > %(a2)s`, `h₃ = 1` if `s > %(a3)s`, and 0 otherwise. The output is 1 "
        "if `v₁h₁ + v₂h₂ + v₃h₃ + c > θ` with `θ = %(theta)s`, else 0. For inputs with no, one, two and "
        "three ones it is to be `%(t)s`, in this order. Give `v₁`, `v₂`, `v₃` and `c`. Many numbers are "
        "correct; yours are tried on all inputs."
    ),
    draw=_draw_count,
    steps=(
        Step(
            "h",
            lambda k: _hidden(k),
            _(
                "With no ones the hidden values are `%(h1)s`, with one `%(h2)s`, with two `%(h3)s`, with "
                "three `%(h4)s`: from one to the next a single neuron is added"
            ),
        ),
        Step(
            "W",
            lambda t, k, theta: _weights(t, k, theta),
            _(
                "`c` alone determines the answer without ones: `c = %(W4)s`. The weight of each added neuron "
                "raises or lowers the sum as the answer must change: `v₁ = %(W1)s`, `v₂ = %(W2)s`, `v₃ = "
                "%(W3)s`"
            ),
        ),
        Step("z", _sums, _("The sums for no, one, two and three ones are `%(z)s`")),
        Step("y", fire, _("They are greater than `%(theta)s` or not: `%(y)s`, as required")),
        Step("wrong", lambda y, t: differs(y, t)),
    ),
    asks=(
        Ask(
            "W",
            "W",
            label=_("`v₁`, `v₂`, `v₃`, `c`"),
            kind="vector",
            tolerance=0,
            check="wrong",
            cases=(
                _("an input without ones"),
                _("an input with one 1"),
                _("an input with two ones"),
                _("the input with three ones"),
            ),
        ),
    ),
    slips=(
        Slip("tie", {"W": lambda t, k, theta: _weights(t, k, theta, 1.0), "y": fire_at_least}, construct.TIE),
        Slip(
            "no-threshold",
            {"W": lambda t, k, theta: _weights(t, k, 0 * theta), "y": lambda z, theta: fire(z, 0 * theta)},
            construct.NO_THRESHOLD,
        ),
        Slip(
            "one-fires",
            {
                "W": lambda t, k, theta: jnp.append((t - t[0])[k.astype(int)], t[0] - 0.5 + theta),
                "z": lambda W, k: _sums(jnp.where(jnp.arange(4.0)[:, None] == k[None, :], 1.0, 0.0), W),
            },
            _("With two ones two hidden neurons fire, with three all three: their weights add up."),
        ),
        Slip(
            "order",
            {
                "W": lambda t, k, theta: _weights(t, jnp.array([1.0, 2.0, 3.0]) + 0 * k, theta),
                "z": lambda W, k: _sums(_hidden(jnp.array([1.0, 2.0, 3.0]) + 0 * k), W),
            },
            _(
                "Look at the thresholds of the hidden neurons: they do not fire in the order of their "
                "numbers."
            ),
        ),
    ),
    hints=(
        _("Which hidden neurons fire for no, one, two and three ones? Only these four cases matter."),
        _(
            "Other numbers: let `h₁` fire from one 1 on, `h₂` from two, `h₃` never, and `θ = 0`. For the "
            "answers 0, 1, 0 take `c = −0.5` (no ones: 0), `v₁ = 1` (the sum rises to `0.5`) and `v₂ = −1` "
            "(it falls to `−0.5`)."
        ),
        _(
            "`c − θ` has the sign of the first answer. Where the answer changes from 0 to 1, the neuron that "
            "is added has a positive weight, from 1 to 0 a negative one; elsewhere 0 will do."
        ),
    ),
)

EXERCISES = (BUILD_COUNTER,)
