"""Question 5: how slopes are estimated, how they vanish, and where neurons stop learning."""

import jaxnet
from quiz.bank.q5.differentiability import slope
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

# --- finite difference and derivative --------------------------------------------------------------------


def _draw_difference(stream: Stream) -> Givens | None:
    return {
        "f": stream.choice([_("sigmoid"), _("tanh")]),
        "z": stream.decimal(-2, 2, 1, zero=False),
        "h": stream.choice([stream.decimal("0.2", "0.5", 1), stream.decimal("0.2", "0.5", 1)]),
    }


def _values(f, z, h):
    return jaxnet.activations.get(f).fn(z + h * jnp.array([-1.0, 0.0, 1.0]))


def _from_value(f, a):
    """The derivative from the value: a(1 − a) or 1 − a²."""
    return a * (1 - a) if f == "sigmoid" else 1 - a * a


DIFFERENCE = Exercise(
    id="q5.difference",
    question=5,
    level=2,
    title=_("Finite difference and derivative"),
    text=_(
        "The activation function `f` of a neuron: %(f)s. Calculate its values at `z − h`, `z` and `z + h` "
        "for `z = %(z)s` and `h = %(h)s`, then two estimates of its slope at `z`: the forward difference "
        "quotient `(f(z + h) − f(z))/h` and the central one, and finally the derivative `f′(z)` by its "
        "formula."
    ),
    draw=_draw_difference,
    steps=(
        Step(
            "v",
            _values,
            _("`f(z − h) ≈ %(v1)s`, `f(z) ≈ %(v2)s`, `f(z + h) ≈ %(v3)s`"),
        ),
        Step("p", lambda v, h: (v[2] - v[1]) / h, _("Forward: `(%(v3)s − %(v2_)s)/%(h)s ≈ %(p)s`")),
        Step(
            "c",
            lambda v, h: (v[2] - v[0]) / (2 * h),
            _("Central: `(f(z + h) − f(z − h))/(2h) ≈ (%(v3)s − %(v1_)s)/(2·%(h)s) ≈ %(c)s`"),
        ),
        Step(
            "d",
            lambda f, v: _from_value(f, v[1]),
            _(
                "`f′(z)` is `f(1 − f)` for the sigmoid and `1 − f²` for tanh; `f(z) ≈ %(v2)s` gives `f′(z) ≈ "
                "%(d)s`"
            ),
        ),
    ),
    asks=(
        Ask("v", "v", label=_("`f(z − h)`, `f(z)`, `f(z + h)`"), kind="vector", tolerance=0.002),
        Ask("p", "p", label=_("forward difference quotient"), tolerance=0.002),
        Ask("c", "c", label=_("central difference quotient"), tolerance=0.002),
        Ask("d", "d", label="`f′(z)`", tolerance=0.002),
    ),
    slips=(
        Slip(
            "backward",
            {"p": lambda v, h: (v[1] - v[0]) / h},
            _("This is the backward quotient; the forward one goes from `z` to `z + h`."),
        ),
        Slip(
            "half-step",
            {"c": lambda v, h: (v[2] - v[0]) / h},
            _("From `z − h` to `z + h` it is `2h`: divide by `2h`."),
        ),
        Slip(
            "not-divided",
            {"p": lambda v: v[2] - v[1], "c": lambda v: v[2] - v[0]},
            _("A slope is a quotient: divide the difference of the values by the step."),
        ),
        Slip(
            "exchanged",
            {"d": lambda f, v: _from_value("tanh" if f == "sigmoid" else "sigmoid", v[1])},
            _("This is the formula of the other function: `σ′ = σ(1 − σ)`, `tanh′ = 1 − tanh²`."),
        ),
        Slip(
            "of-z",
            {"d": lambda f, z: _from_value(f, z)},
            _("In the formula of the derivative stands the value `f(z)`, not `z`."),
        ),
        Slip(
            "other-function",
            {"v": lambda f, z, h: _values("tanh" if f == "sigmoid" else "sigmoid", z, h)},
            _(
                "These are the values of the other function: `σ(z) = 1/(1 + e⁻ᶻ)`, `tanh(z) = (eᶻ − e⁻ᶻ)/(eᶻ "
                "+ e⁻ᶻ)`."
            ),
        ),
    ),
    hints=(
        _("Three values are enough for both quotients; the middle one gives the derivative too."),
        _(
            "Central: `(f(z + h) − f(z − h))/(2h)`. Derivative: `σ′ = σ(1 − σ)`, `tanh′ = 1 − tanh²`. Which "
            "estimate comes nearer?"
        ),
    ),
    places=4,
)


# --- dead neurons ----------------------------------------------------------------------------------------


def _draw_dead(stream: Stream) -> Givens | None:
    """Three neurons, one or two of which no input of the batch makes active."""
    X, W = stream.matrix(4, 2, -2, 2, 0, zero=True), stream.matrix(2, 3, -2, 2, 0)
    b, g = stream.vector(3, -4, 3, 0), stream.vector(3, -2, 2, 1)
    counts = [sum(x1 * w1 + x2 * w2 + c > 0 for x1, x2 in X) for w1, w2, c in zip(*W, b, strict=True)]
    if not 0 < sum(n == 0 for n in counts) < 3 or len(set(X)) < 4:
        return None
    return {"X": X, "W": W, "b": b, "g": g}


def _active(Z):
    return slope("relu", Z)


DEAD = Exercise(
    id="q5.dead",
    question=5,
    level=2,
    title=_("Dead ReLU neurons in a batch"),
    text=_(
        "A batch of four inputs stands in the rows of `X = %(X)s`. A hidden layer has three ReLU neurons: `H "
        "= ReLU(XW + b)` with `W = %(W)s` and `b = %(b)s`; column `j` belongs to neuron `j`. From the layers "
        "above, `∂L/∂hⱼ` is the same for each of the four inputs: `%(g1)s`, `%(g2)s`, `%(g3)s` for the three "
        "neurons. For each neuron, find the number of inputs at which it is active (its sum is positive) and "
        "the gradient `∂L/∂bⱼ` over the batch (the sum over the four inputs). Which neurons are dead on this "
        "batch, that is, learn nothing from it?"
    ),
    draw=_draw_dead,
    steps=(
        Step(
            "Z",
            lambda W, b, X: jaxnet.dense(3).apply({"w": W, "b": b}, X),
            _("The sums `Z = XW + b = %(Z)s`: one row for each input, one column for each neuron"),
        ),
        Step("n", lambda Z: jnp.sum(_active(Z), axis=0), _("Positive numbers in each column: `%(n)s`")),
        Step(
            "d",
            lambda g, n: g * n,
            _(
                "`ReLU′` is 1 at each of these inputs and 0 at the others, so `∂L/∂bⱼ` is `∂L/∂hⱼ` times "
                "their number: `%(d)s`"
            ),
        ),
        Step(
            "dead",
            lambda n: jnp.where(n == 0, jnp.ones(3), jnp.zeros(3)),
            _("A neuron with the number 0 is dead: all its gradients are 0"),
        ),
    ),
    asks=(
        Ask("n", "n", label=_("number of active inputs of the three neurons"), kind="vector"),
        Ask("db", "d", label=_("`∂L/∂b₁`, `∂L/∂b₂`, `∂L/∂b₃`"), kind="vector"),
        Ask(
            "dead",
            "dead",
            label=_("dead neurons (choose all)"),
            kind="several",
            weight=0.25,
            options=(_("the first"), _("the second"), _("the third")),
        ),
    ),
    slips=(
        Slip(
            "no-bias",
            {"Z": lambda W, b, X: jaxnet.dense(3).apply({"w": W, "b": 0 * b}, X)},
            _("The bias belongs to the sum: it often decides whether a neuron is active at all."),
        ),
        Slip(
            "inactive",
            {"n": lambda Z: 4 - jnp.sum(_active(Z), axis=0)},
            _("The inactive inputs are counted here; a neuron is active where its sum is positive."),
        ),
        Slip(
            "always-learns",
            {"d": lambda g: 4 * g},
            _("The derivative of ReLU is missing: an input at which the neuron is inactive adds nothing."),
        ),
        Slip(
            "once",
            {"d": lambda g, n: g * jnp.sign(n)},
            _("Each active input adds its share: `∂L/∂hⱼ` times the number of active inputs."),
        ),
        Slip(
            "not-always-active",
            {"dead": lambda n: jnp.where(n < 4, jnp.ones(3), jnp.zeros(3))},
            _("A neuron is dead only if no input of the batch makes it active."),
        ),
    ),
    hints=(
        _("Calculate the twelve sums; then look at their signs, column by column."),
        _(
            "`ReLU′(z)` is 1 for `z > 0`, else 0: `∂L/∂bⱼ` is the sum of `∂L/∂hⱼ` over the inputs with a "
            "positive sum."
        ),
    ),
)


# --- softmax and its Jacobian ----------------------------------------------------------------------------


def _draw_softmax(stream: Stream) -> Givens | None:
    return {"z": stream.vector(3, -2, 2, 1)}


SOFTMAX = Exercise(
    id="q5.softmax",
    question=5,
    level=2,
    title=_("Softmax and its derivatives"),
    text=_(
        "An output layer with softmax has the sums `z = %(z)s`. Calculate its three answers `p`. Then find "
        "the derivatives `∂p₁/∂z₁`, `∂p₁/∂z₂` and `∂p₃/∂z₂` (three entries of the Jacobian matrix)."
    ),
    draw=_draw_softmax,
    steps=(
        Step("e", lambda z: jnp.exp(z), _("`e` to the power of each sum: `%(e)s`")),
        Step("s", lambda e: jnp.sum(e), _("Their total: `%(s)s`")),
        Step(
            "p",
            lambda z: jaxnet.activations.softmax(z),
            _("`p = (%(e1)s/%(s)s, %(e2)s/%(s)s, %(e3)s/%(s)s) ≈ %(p)s`"),
        ),
        Step("j", lambda p: p[0] * (1 - p[0]), _("`∂p₁/∂z₁ = p₁(1 − p₁) ≈ %(p1)s·(1 − %(p1)s) ≈ %(j)s`")),
        Step("k", lambda p: -p[0] * p[1], _("`∂p₁/∂z₂ = −p₁p₂ ≈ −%(p1)s·%(p2)s ≈ %(k)s`")),
        Step("l", lambda p: -p[2] * p[1], _("`∂p₃/∂z₂ = −p₃p₂ ≈ −%(p3)s·%(p2)s ≈ %(l)s`")),
    ),
    asks=(
        Ask("p", "p", label=_("`p₁`, `p₂`, `p₃`"), kind="vector", tolerance=0.001),
        Ask("j11", "j", label="`∂p₁/∂z₁`", tolerance=0.001),
        Ask("j12", "k", label="`∂p₁/∂z₂`", tolerance=0.001),
        Ask("j32", "l", label="`∂p₃/∂z₂`", tolerance=0.001),
    ),
    slips=(
        Slip(
            "each-for-itself",
            {"p": lambda z: jaxnet.activations.sigmoid(z)},
            _(
                "These are sigmoids; softmax divides `e` to the power of each sum by their total, so that "
                "the answers add up to 1."
            ),
        ),
        Slip(
            "not-divided",
            {"p": lambda e: e},
            _("The answers have to add up to 1: divide by the total."),
        ),
        Slip(
            "diagonal-only",
            {"k": lambda p: 0 * p[0], "l": lambda p: 0 * p[0]},
            _(
                "All answers share one total: if `z₂` grows, the other answers fall. These derivatives are "
                "not 0."
            ),
        ),
        Slip(
            "plus",
            {"k": lambda p: p[0] * p[1], "l": lambda p: p[2] * p[1]},
            _("If another sum grows, an answer falls: the sign is minus."),
        ),
        Slip(
            "own-answer",
            {"k": lambda p: p[0] * (1 - p[0]), "l": lambda p: p[2] * (1 - p[2])},
            _("`pᵢ(1 − pᵢ)` is the derivative by the own sum; by another sum it is `−pᵢpⱼ`."),
        ),
        Slip(
            "square",
            {"j": lambda p: 1 - p[0] * p[0]},
            _("This is the formula of tanh; here `∂pᵢ/∂zᵢ = pᵢ(1 − pᵢ)`, as with the sigmoid."),
        ),
    ),
    hints=(
        _(
            "Softmax makes positive numbers that add up to 1; their ratios are those of `e` to the power of "
            "the sums."
        ),
        _("`pᵢ = e^zᵢ / Σ e^zⱼ`; `∂pᵢ/∂zᵢ = pᵢ(1 − pᵢ)`; `∂pᵢ/∂zⱼ = −pᵢpⱼ` for `i ≠ j`."),
    ),
    places=4,
)

EXERCISES = (DIFFERENCE, DEAD, SOFTMAX)
