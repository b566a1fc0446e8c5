"""Question 1: weights for a perceptron that is to compute a given truth table."""

from quiz.bank.shared import construct
from quiz.bank.shared.construct import differs, fire, fire_at_least
from quiz.bank.shared.neurons import net_input
from quiz.bank.shared.truth_tables import corners
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

_GATES = construct.gates()


def _draw_gate(stream: Stream) -> Givens:
    return {
        "t": stream.choice([table for table, _weights in _GATES]),
        "theta": construct.draw_threshold(stream),
    }


def _weights(t, theta):
    """Weights for a table; the threshold is added to the bias."""
    codes = jnp.array([8.0 * a + 4 * b + 2 * c + d for (a, b, c, d), _w in _GATES])
    place = jnp.argmin(jnp.abs(codes - t @ jnp.array([8.0, 4.0, 2.0, 1.0])))
    return jnp.array([weights for _table, weights in _GATES])[place] + theta * jnp.array([0.0, 0.0, 1.0])


def _sums(W):
    return net_input(W[:2], W[2], corners())


BUILD_GATE = Exercise(
    id="q1.build-gate",
    question=1,
    level=2,
    minutes=5,
    title=_("Give a perceptron for a truth table"),
    text=_(
        "A perceptron has two inputs, each 0 or 1, and the step function with the threshold `θ = %(theta)s`: "
        "`y = 1` if `z = w₁x₁ + w₂x₂ + b > θ`, and `y = 0` if `z ≤ θ`. Give weights and a bias with which "
        "its answers to the inputs `(0, 0)`, `(0, 1)`, `(1, 0)`, `(1, 1)` are `%(t)s`, in this order. Many "
        "numbers are correct; yours are tried on all four inputs."
    ),
    draw=_draw_gate,
    steps=(
        Step("W", _weights, _("One of many solutions: `w₁ = %(W1)s`, `w₂ = %(W2)s`, `b = %(W3)s`")),
        Step(
            "z",
            _sums,
            _("The sums at the four inputs, `b`, `w₂ + b`, `w₁ + b` and `w₁ + w₂ + b`, are `%(z)s`"),
        ),
        Step("y", fire, _("`y = 1` where the sum is greater than `%(theta)s`: `%(y)s`, as required")),
        Step("wrong", lambda y, t: differs(y, t)),
    ),
    asks=(
        Ask(
            "W",
            "W",
            label=_("`w₁`, `w₂`, `b`"),
            kind="vector",
            tolerance=0,
            check="wrong",
            cases=construct.CORNER_CASES,
        ),
    ),
    slips=(
        Slip(
            "tie",
            {"W": lambda t, theta: _weights(t, theta - 0.5), "y": fire_at_least},
            construct.TIE,
        ),
        Slip(
            "no-threshold",
            {"W": lambda t, theta: _weights(t, 0 * theta), "y": lambda z, theta: fire(z, 0 * theta)},
            construct.NO_THRESHOLD,
        ),
        Slip(
            "threshold-added",
            {"W": lambda t, theta: _weights(t, -theta), "y": lambda z, theta: fire(z, -theta)},
            _(
                "The sum must exceed `θ`; you have made it exceed `−θ`. With `θ` on the other side, `b − θ` "
                "counts."
            ),
        ),
        Slip(
            "negated",
            {
                "W": lambda t, theta: 2 * theta * jnp.array([0.0, 0.0, 1.0]) - _weights(t, theta),
                "y": lambda z, theta: 1.0 - fire(z, theta),
            },
            construct.NEGATED,
        ),
    ),
    hints=(
        _(
            "Each input gives one inequality between a sum of `w₁`, `w₂`, `b` and `θ`. Begin with `(0, 0)`: "
            "only `b` is left."
        ),
        _(
            "Other numbers: for AND with `θ = 0.5` choose `w = (1, 1)`. The sums are `b`, `1 + b`, `1 + b`, "
            "`2 + b`; only the last may exceed `0.5`, so `−1.5 < b ≤ −0.5`."
        ),
        _(
            "A weight is positive if its input should bring the answer towards 1; then choose `b` so that "
            "`θ` lies between the sums of the zeros and those of the ones."
        ),
    ),
)

EXERCISES = (BUILD_GATE,)
