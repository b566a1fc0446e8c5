"""Question 1: the output of a neuron, and a network without activations reduced to one neuron."""

from fractions import Fraction

import jaxnet
from quiz.bank.shared.neurons import net_input, relu, sigmoid, step, tanh
from quiz.bank.shared.pictures import network
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_neuron(stream: Stream) -> Givens | None:
    w, x, b = stream.vector(3, -2, 2, 1), stream.vector(3, -3, 3, 0), stream.decimal(-2, 2, 1, zero=False)
    z = sum(wi * xi for wi, xi in zip(w, x, strict=True)) + b
    return {"w": w, "x": x, "b": b} if Fraction(3, 10) <= abs(z) <= Fraction(5, 2) else None


NEURON = Exercise(
    id="q1.neuron",
    question=1,
    level=1,
    minutes=6.0,
    title=_("One neuron with four activation functions"),
    text=_(
        "A neuron has the weights `w = %(w)s` and the bias `b = %(b)s`. Its input is `x = %(x)s`. Calculate "
        "its sum `z`, and its output with each of four activation functions: the step function with the "
        "threshold 0, sigmoid, tanh, ReLU."
    ),
    draw=_draw_neuron,
    steps=(
        Step("z", net_input, _("`z = %(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(w3__)s·%(x3_)s%(b__)s = %(z)s`")),
        Step(
            "step",
            step,
            (
                _("Step function: `z = %(z)s` is not above 0, so 0"),
                _("Step function: `z = %(z)s` is above 0, so 1"),
            ),
            case=lambda known: int(known["step"]),
        ),
        Step("p", lambda z: jnp.exp(z)),
        Step("q", lambda z: jnp.exp(-z), _("The two powers: `e^z ≈ %(p)s`, `e^(−z) ≈ %(q)s`")),
        Step("sigmoid", sigmoid, _("Sigmoid: `σ(z) = 1/(1 + e^(−z)) ≈ 1/(1 + %(q)s) ≈ %(sigmoid)s`")),
        Step(
            "tanh",
            tanh,
            _("`tanh z = (e^z − e^(−z))/(e^z + e^(−z)) ≈ (%(p)s − %(q)s)/(%(p)s + %(q)s) ≈ %(tanh)s`"),
        ),
        Step("relu", relu, _("ReLU: `max(0, %(z)s) = %(relu)s`")),
    ),
    asks=(
        Ask("z", "z", label=_("the sum `z`")),
        Ask("step", "step", label=_("with the step function"), weight=0.1),
        Ask("sigmoid", "sigmoid", label=_("with sigmoid")),
        Ask("tanh", "tanh", label=_("with tanh")),
        Ask("relu", "relu", label=_("with ReLU"), weight=0.25),
    ),
    slips=(
        Slip(
            "no-bias",
            {"z": lambda w, b, x: net_input(w, 0 * b, x)},
            _("The bias is part of the sum: `z = w·x + b`."),
        ),
        Slip(
            "sigmoid-sign",
            {"sigmoid": lambda z: sigmoid(-z)},
            _("In the sigmoid the exponent is `−z`: the larger `z`, the nearer the value to 1."),
        ),
        Slip(
            "sigmoid-without-one",
            {"sigmoid": lambda z: jnp.exp(z)},
            _("The sigmoid's denominator is `1 + e^(−z)`; the value always lies between 0 and 1."),
        ),
        Slip(
            "tanh-halved",
            {"tanh": lambda z: jnp.sinh(z)},
            _("The denominator of tanh is `e^z + e^(−z)`, not 2; the value always lies between −1 and 1."),
        ),
        Slip(
            "relu-turned",
            {"relu": lambda z: z - relu(z)},
            _("ReLU takes the larger of 0 and `z`: it lets positive sums through and stops negative ones."),
        ),
    ),
    hints=(
        _("First the sum, which is the same for all four; then put it into each function."),
        _(
            "`z = w·x + b`; `σ(z) = 1/(1 + e^(−z))`; `tanh z = (e^z − e^(−z))/(e^z + e^(−z))`; ReLU is "
            "`max(0, z)`."
        ),
    ),
)


def _linear_network(U, d, v, c, x):
    parameters = [{"w": U.T, "b": d}, {"w": v[:, None], "b": c[None]}]
    return jaxnet.mlp([2, 2, 1], activation="linear", output="linear").apply(parameters, x)[..., 0]


def _draw_folding(stream: Stream) -> Givens | None:
    return {
        "U": stream.matrix(2, 2, -3, 3, 0),
        "d": stream.vector(2, -3, 3, 0),
        "v": stream.vector(2, -2, 2, 1),
        "c": stream.decimal(-2, 2, 1, zero=False),
        "x": stream.vector(2, -3, 3, 0),
    }


FOLDING = Exercise(
    id="q1.folding",
    question=1,
    level=2,
    minutes=5.0,
    title=_("Two linear layers folded into one perceptron"),
    text=_(
        "A network has two hidden neurons without an activation function: `h₁` with the weights `%(U1)s` and "
        "the bias `%(d1)s`, `h₂` with the weights `%(U2)s` and the bias `%(d2)s`. Its output is `z = v₁h₁ + "
        "v₂h₂ + c` with `v = %(v)s` and `c = %(c)s`. Find the single neuron, `z = w₁x₁ + w₂x₂ + b`, that "
        "gives the same `z` for every input, and its `z` for `x = %(x)s`."
    ),
    draw=_draw_folding,
    figure=network,
    steps=(
        Step(
            "w",
            lambda U, d, v, c: (
                _linear_network(U, d, v, c, jnp.eye(2)) - _linear_network(U, d, v, c, jnp.zeros((2, 2)))
            ),
            _(
                "Each input reaches `z` through both hidden neurons: `w₁ = %(v1)s·%(U11_)s%(v2__)s·%(U21_)s "
                "= %(w1)s`, `w₂ = %(v1)s·%(U12_)s%(v2__)s·%(U22_)s = %(w2)s`"
            ),
        ),
        Step(
            "b",
            lambda U, d, v, c: _linear_network(U, d, v, c, jnp.zeros(2)),
            _("The hidden biases pass through `v` too: `b = %(v1)s·%(d1_)s%(v2__)s·%(d2_)s%(c__)s = %(b)s`"),
        ),
        Step("z", net_input, _("`z = w₁x₁ + w₂x₂ + b = %(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(b__)s = %(z)s`")),
    ),
    asks=(
        Ask("w1", "w", (0,), label="`w₁`"),
        Ask("w2", "w", (1,), label="`w₂`"),
        Ask("b", "b", label="`b`"),
        Ask("z", "z", label=_("`z` for the input given")),
    ),
    slips=(
        Slip(
            "output-weights-left-out",
            {"w": lambda U: jnp.sum(U, axis=0)},
            _(
                "Each path from an input to the output is a product of two weights, the second of them from "
                "`v`."
            ),
        ),
        Slip(
            "rows-for-columns",
            {"w": lambda U, v: U @ v},
            _(
                "`w₁` is the sum over the paths that begin at `x₁`: the first weight of each hidden neuron, "
                "times its `v`."
            ),
        ),
        Slip(
            "hidden-bias-forgotten",
            {"b": lambda c: c},
            _("The hidden biases reach the output as well, multiplied by `v₁` and `v₂`."),
        ),
        Slip(
            "biases-added",
            {"b": lambda d, c: d[0] + d[1] + c},
            _("A hidden bias is part of `h`, so it is multiplied by the output weight before it is added."),
        ),
        Slip(
            "output-bias-forgotten",
            {"b": lambda v, d: v @ d},
            _("The bias `c` of the output neuron is part of the result too."),
        ),
    ),
    hints=(
        _(
            "Put the expressions for `h₁` and `h₂` into `z` and collect the terms in `x₁`, the terms in `x₂` "
            "and the constants."
        ),
        _("`wᵢ = v₁u₁ᵢ + v₂u₂ᵢ`, where `u₁ᵢ`, `u₂ᵢ` are the weights of input `i`; `b = v₁d₁ + v₂d₂ + c`."),
    ),
)

EXERCISES = (NEURON, FOLDING)
