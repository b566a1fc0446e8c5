"""Question 5: why the step function cannot learn, and what a change of the sum does to the gradient."""

from fractions import Fraction

from quiz.bank.shared import neurons
from quiz.bank.shared.places import place_of
from quiz.bank.shared.proofs import Block, Hasty, Intruder, proof
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

PROOF = proof(
    "q5.proof",
    question=5,
    level=3,
    minutes=6,
    title=_("Why the step function cannot learn"),
    text=_(
        "Put the blocks of this argument in order: why hidden neurons with the step function cannot be "
        "trained by gradient descent, and why those with a sigmoid can. Some blocks are wrong: leave them "
        "out. Write the numbers of the others in order. Every order in which each block follows from earlier "
        "ones is correct."
    ),
    blocks=(
        Block(_("Gradient descent changes a weight by `−η·∂L/∂w`.")),
        Block(
            _("By the chain rule `∂L/∂w = ∂L/∂y·f′(z)·x` for a neuron `y = f(z)` with the input `x`."), (0,)
        ),
        Block(_("The step function is constant on both sides of the threshold.")),
        Block(_("So its derivative is 0 wherever it has one."), (2,)),
        Block(_("With the step function `∂L/∂w` is 0, however wrong the answer is."), (1, 3)),
        Block(_("So gradient descent does not change the weight, and the neuron learns nothing."), (4,)),
        Block(_("The sigmoid has the derivative `σ(z)(1 − σ(z))`, which is greater than 0 everywhere.")),
        Block(
            _(
                "With the sigmoid an error reaches the weight wherever `x` is not 0, and the weight is "
                "changed."
            ),
            (1, 6),
        ),
        Block(
            _(
                "Therefore training needs activation functions that can be differentiated and whose "
                "derivative is not 0."
            ),
            (5, 7),
        ),
    ),
    intruders=(
        Intruder(
            "no-loss",
            _("As the step function gives only 0 and 1, the loss is always 0."),
            _(
                "The loss of a wrong answer is not 0, whatever the activation function is; it is the "
                "gradient that is 0."
            ),
            4,
        ),
        Intruder(
            "slope-one",
            _("Above the threshold the step function has the derivative 1, so it learns from positive sums."),
            _("Above the threshold the value of the step function is 1; its derivative is 0 there."),
            4,
        ),
        Intruder(
            "probability",
            _("The sigmoid learns because its values are probabilities."),
            _(
                "What the sigmoid's values mean has nothing to do with it: its derivative is what carries "
                "the error back."
            ),
            7,
        ),
    ),
    hasty=(
        Hasty(
            "zero-first",
            4,
            3,
            _("That the gradient is 0 follows from the derivative being 0, so this comes first."),
        ),
        Hasty(
            "conclusion-early",
            8,
            7,
            _("The conclusion is about both functions: the sigmoid must be treated before it."),
        ),
    ),
    hints=(
        _(
            "What does gradient descent need in order to change a weight? On which factor does the "
            "activation function act?"
        ),
        _(
            "With other functions: for `y = 5` (constant) `∂y/∂w = 0`; for `y = 5w` it is 5. Only in the "
            "second case does a change of `w` show in `y`."
        ),
        _(
            "Rule, chain rule; then one branch for the step function (constant, derivative 0, gradient 0, no "
            "change) and one for the sigmoid; then the conclusion."
        ),
    ),
)

_WHY = (
    _("smaller: the neuron approaches saturation, where its graph is flat"),
    _("larger: the neuron moves away from saturation, towards the steep middle of its graph"),
    _("unchanged: on this side of 0 the graph is a straight line"),
    _("larger: the derivative grows with the value of the neuron"),
    _("smaller: the derivative falls with the value of the neuron"),
    _("larger: every step away from 0 makes the graph steeper"),
    _("unchanged: the derivative does not depend on the sum at all"),
)


def _draw_predict(stream: Stream) -> Givens | None:
    f = stream.choice(("sigmoid", "tanh", "ReLU"))
    z1, z2 = stream.decimal("-3", "3", 1, zero=False), stream.decimal("-3", "3", 1, zero=False)
    far = abs(abs(z1) - abs(z2)) >= Fraction(1, 2)
    if not far or (f == "ReLU" and min(z1, z2) < 0) or abs(z1 - z2) < Fraction(1, 2):
        return None
    return {
        "f": f,
        "name": _NAMES[f],
        "z1": z1,
        "z2": z2,
        "g": stream.decimal("0.5", "3", 1),
        "shown": stream.shuffle(range(7)),
    }


_FUNCTIONS = {"sigmoid": neurons.sigmoid, "tanh": neurons.tanh, "ReLU": neurons.relu}
_NAMES = {"sigmoid": _("sigmoid"), "tanh": "tanh", "ReLU": "ReLU"}


def _reason(f, z1, z2):
    """The place of the right prediction."""
    if f == "ReLU":
        return 2.0 + 0 * z1
    return jnp.where(jnp.abs(z2) > jnp.abs(z1), 0.0, 1.0)


PREDICT = Exercise(
    id="q5.predict",
    question=5,
    level=2,
    minutes=5,
    title=_("Predict the error signal, then compute it"),
    text=_(
        "A neuron with the activation function %(name)s receives the signal `∂L/∂y = %(g)s` in the backward "
        "pass. Its sum changes from `z = %(z1)s` to `z = %(z2)s`. First predict: what happens to the factor "
        "`f′(z)` by which the signal is multiplied, and why? Then compute `δ = ∂L/∂y·f′(z)` for both sums."
    ),
    draw=_draw_predict,
    steps=(
        Step("reason", _reason),
        Step(
            "place",
            lambda reason, shown: place_of(reason, shown),
            _WHY,
            case=lambda known: int(known["reason"]),
        ),
        Step("f1", lambda f, z1: neurons.derivative(f.lower(), z1), _("`f′(%(z1)s) = %(f1)s`")),
        Step("f2", lambda f, z2: neurons.derivative(f.lower(), z2), _("`f′(%(z2)s) = %(f2)s`")),
        Step("d1", lambda g, f1: g * f1, _("At first `δ = %(g)s·%(f1)s = %(d1)s`")),
        Step("d2", lambda g, f2: g * f2, _("Then `δ = %(g)s·%(f2)s = %(d2)s`")),
    ),
    asks=(
        Ask(
            "why",
            "place",
            label=_("`f′(z)` becomes"),
            kind="choice",
            options=lambda givens: [_WHY[place] for place in givens["shown"]],
        ),
        Ask("d1", "d1", label=_("`δ` for the first sum")),
        Ask("d2", "d2", label=_("`δ` for the second sum")),
    ),
    slips=(
        Slip(
            "with-the-value",
            {"reason": lambda z1, z2: jnp.where(z2 > z1, 3.0, 4.0)},
            _("What counts is not the value of the neuron but the steepness of its graph at this point."),
        ),
        Slip(
            "never-changes",
            {"reason": lambda z1: 6.0 + 0 * z1},
            _("The derivative depends on the neuron's sum: it is `f′` at that sum."),
        ),
        Slip(
            "value-for-derivative",
            {
                "f1": lambda f, z1: _FUNCTIONS[f](z1),
                "f2": lambda f, z2: _FUNCTIONS[f](z2),
            },
            _("You have taken `f(z)`; the signal is multiplied by the derivative `f′(z)`."),
        ),
        Slip(
            "signal-forgotten",
            {"d1": lambda f1: f1, "d2": lambda f2: f2},
            _("By the chain rule `f′(z)` is multiplied by the signal that arrives."),
        ),
    ),
    hints=(
        _("Sketch the graph of the function, and mark both sums. Where is it steeper?"),
        _(
            "Other numbers: `tanh′(0) = 1` and `tanh′(2) ≈ 0.071`; a signal 2 becomes `2·1 = 2` and `2·0.071 "
            "≈ 0.141`."
        ),
        _(
            "`σ′ = σ(1 − σ)`, `tanh′ = 1 − tanh²`, `ReLU′` is 1 for positive sums and 0 for negative ones; "
            "`δ = ∂L/∂y·f′(z)`."
        ),
    ),
)

EXERCISES = (PROOF, PREDICT)
