"""Question 5: dead ReLU neurons."""

from quiz.bank.shared.neurons import derivative, layer
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_dead(stream: Stream) -> Givens | None:
    """Draw three neurons, of which one or two are inactive for every input of the batch."""
    X, W = stream.matrix(4, 2, -2, 2, 0, zero=True), stream.matrix(2, 3, -2, 2, 0)
    b, g = stream.vector(3, -4, 3, 0), stream.vector(3, -2, 2, 1)
    counts = [sum(x1 * w1 + x2 * w2 + c > 0 for x1, x2 in X) for w1, w2, c in zip(*W, b, strict=True)]
    if not 0 < sum(n == 0 for n in counts) < 3 or len(set(X)) < 4:
        return None
    return {"X": X, "W": W, "b": b, "g": g}


def _active(Z):
    return derivative("relu", Z)


DEAD = Exercise(
    id="q5.dead",
    question=5,
    level=2,
    minutes=7.0,
    revision=2,
    title=_("Dead ReLU neurons in a batch"),
    text=_(
        "The rows of `X = %(X)s` are a batch of four inputs. A hidden layer has three ReLU neurons: `H = "
        "ReLU(XW + b)` with `W = %(W)s` and `b = %(b)s`; column `j` belongs to neuron `j`. The following "
        "layers send back `∂L/∂hⱼ`, the same for each of the four inputs: `%(g1)s`, `%(g2)s`, `%(g3)s` for "
        "the three neurons. For each neuron, find the number of inputs at which it is active (its sum is "
        "positive) and the gradient `∂L/∂bⱼ` over the batch (the sum over the four inputs). Which neurons "
        "are dead on this batch, that is, learn nothing from it?"
    ),
    draw=_draw_dead,
    steps=(
        Step(
            "Z",
            lambda W, b, X: layer(W, b, X),
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
        Ask(
            "n", "n", label=_("number of inputs at which each of the three neurons is active"), kind="vector"
        ),
        Ask("db", "d", label=_("`∂L/∂b₁`, `∂L/∂b₂`, `∂L/∂b₃`"), kind="vector"),
        Ask(
            "dead",
            "dead",
            label=_("dead neurons"),
            kind="several",
            weight=0.25,
            options=(_("the first"), _("the second"), _("the third")),
        ),
    ),
    slips=(
        Slip(
            "no-bias",
            {"Z": lambda W, b, X: layer(W, 0 * b, X)},
            _("The bias is part of the sum: it often determines whether a neuron is active at all."),
        ),
        Slip(
            "inactive",
            {"n": lambda Z: 4 - jnp.sum(_active(Z), axis=0)},
            _("You have counted the inactive inputs; a neuron is active where its sum is positive."),
        ),
        Slip(
            "zero-active",
            {"n": lambda Z: jnp.sum(jnp.where(Z >= 0, 1.0, 0.0), axis=0)},
            _("At a sum of exactly 0 the neuron is not active: the sum must be positive."),
            when=lambda g: any(
                x1 * w1 + x2 * w2 + b == 0
                for x1, x2 in g["X"]
                for w1, w2, b in zip(*g["W"], g["b"], strict=True)
            ),
        ),
        Slip(
            "mean",
            {"d": lambda g, n: g * n / 4},
            _("The gradient over the batch is the sum over the four inputs here, not their mean."),
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

EXERCISES = (DEAD,)
