"""Question 3: weights for a network of three neurons that is to compute XOR or its negation."""

from fractions import Fraction

from quiz.bank.shared import construct
from quiz.bank.shared.construct import differs, fire, fire_at_least
from quiz.bank.shared.truth_tables import CORNERS, XNOR, XOR
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_xor(stream: Stream) -> Givens:
    low, high = (
        Fraction(level) for level in stream.choice([(0, 1), (-1, 1), (0, 2), (1, 2), (-1, 0), (1, 3)])
    )
    return {
        "X": tuple(tuple((low, high)[place] for place in corner) for corner in CORNERS),
        "t": stream.choice([XOR, XNOR]),
        "theta": construct.draw_threshold(stream),
    }


def _network(X, t, theta, margin=0.5):
    """The first hidden neuron is OR, the second AND; the output is OR without AND, or the opposite."""
    low, high = X[0, 0], X[3, 0]
    one = jnp.ones(())
    sign = 2.0 * t[1] - 1.0
    return jnp.stack(
        [
            jnp.stack([one, one, theta - 1.5 * low - 0.5 * high]),
            jnp.stack([one, one, theta - 0.5 * low - 1.5 * high]),
            jnp.stack([sign, -sign, theta + t[0] - margin]),
        ]
    )


def _outputs(W, X, theta, answer=fire):
    """The values of the hidden neurons, and the outputs, for the four inputs."""
    h = answer(X @ W[:2, :2].T + jnp.outer(jnp.ones(4), W[:2, 2]), theta)
    return h, answer(h @ W[2, :2] + W[2, 2], theta)


BUILD_XOR = Exercise(
    id="q3.build-xor",
    question=3,
    level=3,
    minutes=9,
    title=_("Give a network for XOR"),
    text=_(
        "A network has two inputs, two hidden neurons and one output neuron. Every neuron uses the step "
        "function with the threshold `θ = %(theta)s`: 1 if its sum is greater than `θ`, else 0. For the four "
        "inputs `%(X1)s`, `%(X2)s`, `%(X3)s`, `%(X4)s` its outputs are to be `%(t)s`, in this order: no "
        "single perceptron can do that. Give the network as three rows, `[w₁ w₂ b]` of the first hidden "
        "neuron, of the second, and of the output neuron, whose inputs are the two hidden values. Any "
        "network that works is correct; yours is tried on all four inputs."
    ),
    draw=_draw_xor,
    steps=(
        Step(
            "W",
            lambda X, t, theta: _network(X, t, theta),
            _(
                "One of many solutions: the first hidden neuron is to fire if at least one input has its "
                "higher value, `[%(W11)s %(W12)s %(W13)s]`, the second if both have, `[%(W21)s %(W22)s "
                "%(W23)s]`; the output is `[%(W31)s %(W32)s %(W33)s]`"
            ),
        ),
        Step(
            "h",
            lambda W, X, theta: _outputs(W, X, theta)[0].T,
            _("The first hidden neuron gives `%(h1)s`, the second `%(h2)s`"),
        ),
        Step(
            "y",
            lambda W, X, theta: _outputs(W, X, theta)[1],
            _("The output is 1 where `%(W31)s·h₁%(W32__)s·h₂%(W33__)s` is greater than `%(theta)s`: `%(y)s`"),
        ),
        Step("wrong", lambda y, t: differs(y, t)),
    ),
    asks=(
        Ask(
            "W",
            "W",
            label=_("the network, a row for each neuron"),
            kind="matrix",
            tolerance=0,
            check="wrong",
            cases=(
                _("both inputs have their lower value"),
                _("only `x₂` has its higher value"),
                _("only `x₁` has its higher value"),
                _("both inputs have their higher value"),
            ),
        ),
    ),
    slips=(
        Slip(
            "tie",
            {
                "W": lambda X, t, theta: _network(X, t, theta, 1.0),
                "y": lambda W, X, theta: _outputs(W, X, theta, fire_at_least)[1],
            },
            construct.TIE,
        ),
        Slip(
            "no-threshold",
            {
                "W": lambda X, t, theta: _network(X, t, 0 * theta),
                "y": lambda W, X, theta: _outputs(W, X, 0 * theta)[1],
            },
            construct.NO_THRESHOLD,
        ),
        Slip(
            "negated",
            {"W": lambda X, t, theta: _network(X, 1.0 - t, theta), "wrong": lambda y, t: differs(1.0 - y, t)},
            construct.NEGATED,
        ),
        Slip(
            "or-for-xor",
            {
                "W": lambda X, t, theta: _network(X, t, theta).at[2, 1].set(0.0),
                "wrong": lambda y, t: differs(y, t.at[3].set(t[1])),
            },
            _(
                "Your network treats two higher inputs like one. That is what a single perceptron can do; "
                "XOR is different there."
            ),
        ),
    ),
    hints=(
        _(
            "One line cannot separate the ones from the zeros, but two lines can: what should each hidden "
            "neuron tell the output neuron?"
        ),
        _(
            "Other numbers: a neuron with the weights `(1, 1)` and the inputs 0 and 2 has the sums `b`, `2 + "
            "b`, `2 + b`, `4 + b`. With `θ = 0` and `b = −1` it fires for at least one higher input, with `b "
            "= −3` for two."
        ),
        _(
            "XOR is “at least one, but not both”: give the output neuron a positive weight from the first "
            "hidden neuron and a negative one from the second. For its negation, change both signs."
        ),
    ),
)

EXERCISES = (BUILD_XOR,)
