"""Question 2: weights for a line through two points, and weights that refute a claim about the rule."""

from quiz.bank.shared import neurons
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_line(stream: Stream) -> Givens | None:
    P, Q, R = (stream.vector(2, -5, 5, 0, zero=True) for _point in range(3))
    d = (Q[0] - P[0], Q[1] - P[1])
    w = (-d[1], d[0])
    b = -(w[0] * P[0] + w[1] * P[1])
    side = w[0] * R[0] + w[1] * R[1] + b
    along = d[0] * R[0] + d[1] * R[1] - (d[0] * P[0] + d[1] * P[1])
    return {"P": P, "Q": Q, "R": R} if 0 not in (*d, b, side, along) else None


def _through(P, Q, R, sign=1.0, w=None):
    """Weights and the bias of the line through P and Q, positive on the side of R."""
    if w is None:
        w = jnp.stack([P[1] - Q[1], Q[0] - P[0]])
    b = -(w @ P)
    return sign * jnp.sign(w @ R + b) * jnp.append(w, b)


def _line_faults(on, at):
    """Whether a sum on the line is not 0, and whether the sum at R is not above 0."""
    return jnp.append(jnp.where(jnp.abs(on) > 1e-6, 1.0, 0.0), jnp.where(at > 1e-6, 0.0, 1.0))


BUILD_LINE = Exercise(
    id="q2.build-line",
    question=2,
    level=2,
    minutes=6,
    title=_("Give a perceptron with a given boundary"),
    text=_(
        "The boundary of a perceptron with the threshold 0, the line where `z = w₁x₁ + w₂x₂ + b = 0`, is to "
        "pass through the points `P = %(P)s` and `Q = %(Q)s`. At `R = %(R)s` its answer is to be 1. Give "
        "weights and a bias. Many numbers are correct; yours are tried at the three points."
    ),
    draw=_draw_line,
    steps=(
        Step("d", lambda P, Q: Q - P, _("The line has the direction `Q − P = %(d)s`")),
        Step(
            "W",
            lambda P, Q, R: _through(P, Q, R),
            _(
                "The weights are at right angles to it, `(−d₂, d₁)` or the opposite, and `b = −w·P`: `w₁ = "
                "%(W1)s`, `w₂ = %(W2)s`, `b = %(W3)s`, or a positive multiple"
            ),
        ),
        Step(
            "on",
            lambda W, P, Q: neurons.net_input(W[:2], W[2], jnp.stack([P, Q])),
            _("At `P` and `Q` the sum is `%(on)s`"),
        ),
        Step(
            "at",
            lambda W, R: neurons.net_input(W[:2], W[2], R),
            _("At `R` it is `%(at)s`, greater than 0, so the answer is 1"),
        ),
        Step("wrong", _line_faults),
    ),
    asks=(
        Ask(
            "W",
            "W",
            label=_("`w₁`, `w₂`, `b`"),
            kind="vector",
            tolerance=0,
            check="wrong",
            cases=(_("the point `P`"), _("the point `Q`"), _("the point `R`")),
        ),
    ),
    slips=(
        Slip(
            "side",
            {"W": lambda P, Q, R: _through(P, Q, R, -1.0), "wrong": lambda on, at: _line_faults(on, -at)},
            _("The line is right, but at `R` the sum is negative: change the signs of all three numbers."),
        ),
        Slip(
            "direction",
            {
                "W": lambda P, Q, R: _through(P, Q, R, w=Q - P),
                "on": lambda W, P, Q: jnp.stack(
                    [W[:2] @ P + W[2], W[0] * (Q[1] - P[1]) - W[1] * (Q[0] - P[0])]
                ),
            },
            _("Your weights point along the line; they must be at right angles to it."),
        ),
        Slip(
            "bias-sign",
            {
                "W": lambda P, Q, R: _through(P, Q, R) * jnp.array([1.0, 1.0, -1.0]),
                "on": lambda W, P, Q: neurons.net_input(W[:2], -W[2], jnp.stack([P, Q])),
                "at": lambda W, R: neurons.net_input(W[:2], -W[2], R),
            },
            _("The bias has the wrong sign: on the line `w·x + b = 0`, so `b = −w·P`."),
        ),
    ),
    hints=(
        _(
            "Two conditions are equations and one is an inequality. First find weights at right angles to "
            "the line, then the bias, last the sign."
        ),
        _(
            "Other numbers: through `(0, 2)` and `(3, 0)` the direction is `(3, −2)`, so `w = (2, 3)` and `b "
            "= −(2·0 + 3·2) = −6`. At `(0, 0)` the sum is `−6`; if the answer there must be 1, take `(−2, "
            "−3, 6)`."
        ),
        _(
            "If the direction is `(d₁, d₂)`, take `w = (−d₂, d₁)` and `b = −w·P`; if `w·R + b < 0`, change "
            "all signs."
        ),
    ),
)


def _draw_refute(stream: Stream) -> Givens:
    return {
        "x": stream.vector(2, -4, 4, 0),
        "eta": stream.decimal("0.1", "2", 1),
        "k": stream.integer(3, 5),
    }


def _start(x, z):
    """Weights with which the sum at x is z."""
    return jnp.append(-x, z + x @ x)


def _refute_faults(z, step, k):
    """Whether the answer is right before the last correction, and whether it is wrong after it."""
    before, after = z + (k - 1.0) * step, z + k * step
    return jnp.stack([jnp.where(before > 1e-9, 1.0, 0.0), jnp.where(after > 1e-9, 0.0, 1.0)])


REFUTE = Exercise(
    id="q2.refute",
    question=2,
    level=3,
    minutes=7,
    title=_("Refute a claim about corrections"),
    text=_(
        "Someone claims: “One correction by the learning rule is enough: after it the perceptron answers the "
        "example correctly.” The example is `x = %(x)s` with the target `t = 1`, the learning rate is `η = "
        "%(eta)s`, the threshold is 0. Refute the claim: give weights `w₁`, `w₂` and a bias `b` with which "
        "the example must be shown and corrected exactly `%(k)s` times until the answer to it is right. Many "
        "numbers are correct; yours are tried."
    ),
    draw=_draw_refute,
    steps=(
        Step(
            "size",
            lambda x: x @ x + 1.0,
            _(
                "A correction with `e = 1` changes `w` by `ηx` and `b` by `η`: it adds `η(x₁² + x₂² + 1)` to "
                "`z`"
            ),
        ),
        Step(
            "step",
            lambda eta, size: eta * size,
            _("Here this is `%(eta)s·(%(x1_)s² + %(x2_)s² + 1) = %(eta)s·%(size)s = %(step)s`"),
        ),
        Step(
            "W",
            lambda x, step, k: _start(x, -(k - 0.5) * step),
            _(
                "Before the last of `%(k)s` corrections the sum must still be at most 0, after it greater "
                "than 0; for example with `w₁ = %(W1)s`, `w₂ = %(W2)s`, `b = %(W3)s`"
            ),
        ),
        Step("z", lambda W, x: neurons.net_input(W[:2], W[2], x), _("At first `z = %(z)s`: the answer is 0")),
        Step(
            "last",
            lambda z, step, k: z + (k - jnp.array([1.0, 0.0])) * step,
            _("Before the last correction `z = %(last1)s`, after it `z = %(last2)s`"),
        ),
        Step("wrong", _refute_faults),
    ),
    asks=(
        Ask(
            "W",
            "W",
            label=_("`w₁`, `w₂`, `b`"),
            kind="vector",
            tolerance=0,
            check="wrong",
            cases=(
                _("the answer is right too early"),
                _("after so many corrections the answer is still wrong"),
            ),
        ),
    ),
    slips=(
        Slip(
            "one-more",
            {
                "W": lambda x, step, k: _start(x, -(k + 0.5) * step),
                "wrong": lambda z, step, k: _refute_faults(z, step, k + 1.0),
            },
            _("Your numbers need one more correction: the last one counts too."),
        ),
        Slip(
            "no-bias",
            {
                "W": lambda x, eta, size, k: _start(x, -(k - 0.98) * eta * (size - 1.0)),
                "wrong": lambda z, eta, size, k: _refute_faults(z, eta * (size - 1.0), k),
            },
            _("The correction changes the bias too: it adds `η` to the sum besides `η(x₁² + x₂²)`."),
        ),
        Slip(
            "right-at-first",
            {
                "W": lambda x, step, k: -_start(x, -(k - 0.5) * step),
                "wrong": lambda z, step, k: _refute_faults(-z, step, k),
            },
            _("The target is 1, so an answer is wrong where the sum is not greater than 0."),
        ),
    ),
    hints=(
        _("By how much does one correction change the sum `w·x + b` of this example?"),
        _(
            "Other numbers: with `x = (1, 1)` and `η = 0.5` a correction adds `0.5·(1 + 1 + 1) = 1.5` to the "
            "sum. From `z = −2` the sums are `−0.5` and `1`: two corrections are needed."
        ),
        _(
            "With `e = 1` the sum grows by `s = η(x₁² + x₂² + 1)` each time. For `k` corrections `z` must be "
            "above `−k·s` and at most `−(k − 1)·s`."
        ),
    ),
)

EXERCISES = (BUILD_LINE, REFUTE)
