"""Question 1: what a neural network is, and how it differs from a perceptron."""

from fractions import Fraction

import jaxnet
from quiz.draw import Stream
from quiz.exercise import Ask, Exercise, Givens, Slip, Step
from quiz.lazy import jnp
from quiz.text import mark as _


def _weighted_sum(w, b, x):
    return jaxnet.perceptron.net_input({"w": w, "b": b}, x)


def _hidden_sums(U, d, x):
    return jaxnet.dense(2).apply({"w": U.T, "b": d}, x)


def _draw_two_layer(stream: Stream) -> Givens | None:
    x = stream.vector(2, -3, 3, 0)
    U, d = stream.matrix(2, 2, -2, 2, 1), stream.vector(2, -1, 1, 1)
    below = [row[0] * x[0] + row[1] * x[1] + bias < 0 for row, bias in zip(U, d, strict=True)]
    if sum(below) != 1:  # ReLU must matter, and leave something
        return None
    return {
        "x": x,
        "w": stream.vector(2, -2, 2, 1),
        "b": stream.decimal(-2, 2, 1, zero=False),
        "U": U,
        "d": d,
        "v": stream.vector(2, -2, 2, 1),
        "c": stream.decimal(-2, 2, 1, zero=False),
    }


TWO_LAYER = Exercise(
    id="q1.two-layer",
    question=1,
    level=2,
    title=_("A network and a perceptron on the same input"),
    text=_(
        "The input `x = %(x)s` is shown to a perceptron and to a network. The perceptron has the weights "
        "`w = %(w)s` and the bias `b = %(b)s`. The network has two hidden ReLU neurons: the first with the "
        "weights `%(U1)s` and the bias `%(d1)s`, the second with the weights `%(U2)s` and the bias `%(d2)s`; "
        "its output neuron has the weights `v = %(v)s` and the bias `c = %(c)s`. The perceptron and the "
        "output neuron use the step function with the threshold 0. What do the two answer?"
    ),
    draw=_draw_two_layer,
    steps=(
        Step("zp", _weighted_sum, _("Perceptron: `z = %(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(b__)s = %(zp)s`")),
        Step(
            "yp",
            lambda zp: jaxnet.activations.step(zp),
            _("The step function of `z = %(zp)s` is `y = %(yp)s`: it is 1 only above 0"),
        ),
        Step(
            "s",
            _hidden_sums,
            _(
                "Sums of the hidden neurons: `s₁ = %(U11)s·%(x1_)s%(U12__)s·%(x2_)s%(d1__)s = %(s1)s`, "
                "`s₂ = %(U21)s·%(x1_)s%(U22__)s·%(x2_)s%(d2__)s = %(s2)s`"
            ),
        ),
        Step(
            "h",
            lambda s: jaxnet.activations.relu(s),
            _("ReLU: `h₁ = max(0, %(s1)s) = %(h1)s`, `h₂ = max(0, %(s2)s) = %(h2)s`"),
        ),
        Step(
            "zn",
            lambda v, c, h: _weighted_sum(v, c, h),
            _("Output neuron: `z = %(v1)s·%(h1)s%(v2__)s·%(h2)s%(c__)s = %(zn)s`"),
        ),
        Step(
            "yn",
            lambda zn: jaxnet.activations.step(zn),
            _("The step function of `z = %(zn)s` is `y = %(yn)s`; the perceptron's answer was `%(yp)s`"),
        ),
    ),
    asks=(
        Ask("zp", "zp", label=_("the perceptron's sum `z`")),
        Ask("yp", "yp", label=_("the perceptron's answer `y`"), weight=0.25),
        Ask("h1", "h", (0,), label=_("hidden value `h₁`")),
        Ask("h2", "h", (1,), label=_("hidden value `h₂`")),
        Ask("zn", "zn", label=_("the output neuron's sum `z`")),
        Ask("yn", "yn", label=_("the network's answer `y`"), weight=0.25),
    ),
    slips=(
        Slip(
            "no-relu",
            {"h": lambda s: s},
            _(
                "A hidden neuron passes its sum through the activation function: ReLU turns a negative "
                "sum into 0."
            ),
        ),
        Slip(
            "no-hidden-bias",
            {"s": lambda U, d, x: _hidden_sums(U, 0 * d, x)},
            _("Each hidden neuron has a bias of its own; it belongs to the neuron's sum."),
        ),
        Slip(
            "transposed",
            {"s": lambda U, d, x: _hidden_sums(U.T, d, x)},
            _("The weights of one neuron stand together: `s₁` uses both numbers of the first neuron."),
        ),
        Slip(
            "no-output-bias",
            {"zn": lambda v, c, h: _weighted_sum(v, 0 * c, h)},
            _("The output neuron is a neuron like any other: its bias `c` is added to the sum."),
        ),
        Slip(
            "no-perceptron-bias",
            {"zp": lambda w, b, x: _weighted_sum(w, 0 * b, x)},
            _("The perceptron's bias belongs to its sum: `z = w·x + b`."),
        ),
        Slip(
            "hidden-left-out",
            {"zn": lambda v, c, x: _weighted_sum(v, c, x)},
            _("The output neuron does not see the input `x`: it gets the values of the hidden layer."),
        ),
    ),
    hints=(
        _(
            "The perceptron makes one sum and decides. The network makes two sums first, and a third out "
            "of them."
        ),
        _(
            "`z = w·x + b`; hidden value: `h = max(0, u·x + d)`; output: `z = v·h + c`; `y = 1` if `z > "
            "0`, else 0."
        ),
    ),
)


def _draw_neuron(stream: Stream) -> Givens | None:
    w, x, b = stream.vector(3, -2, 2, 1), stream.vector(3, -3, 3, 0), stream.decimal(-2, 2, 1, zero=False)
    z = sum(wi * xi for wi, xi in zip(w, x, strict=True)) + b
    return {"w": w, "x": x, "b": b} if Fraction(3, 10) <= abs(z) <= Fraction(5, 2) else None


NEURON = Exercise(
    id="q1.neuron",
    question=1,
    level=1,
    title=_("One neuron with four activation functions"),
    text=_(
        "A neuron has the weights `w = %(w)s` and the bias `b = %(b)s`. Its input is `x = %(x)s`. "
        "Calculate its "
        "sum `z`, and what it puts out with each of four activation functions: the step function with the "
        "threshold 0, sigmoid, tanh, ReLU."
    ),
    draw=_draw_neuron,
    steps=(
        Step(
            "z",
            _weighted_sum,
            _("`z = %(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(w3__)s·%(x3_)s%(b__)s = %(z)s`"),
        ),
        Step(
            "step",
            lambda z: jaxnet.activations.step(z),
            (
                _("Step function: `z = %(z)s` is not above 0, so 0"),
                _("Step function: `z = %(z)s` is above 0, so 1"),
            ),
            case=lambda known: int(known["step"]),
        ),
        Step("p", lambda z: jnp.exp(z)),
        Step("q", lambda z: jnp.exp(-z), _("The two powers: `e^z ≈ %(p)s`, `e^(−z) ≈ %(q)s`")),
        Step(
            "sigmoid",
            lambda z: jaxnet.activations.sigmoid(z),
            _("Sigmoid: `σ(z) = 1/(1 + e^(−z)) ≈ 1/(1 + %(q)s) ≈ %(sigmoid)s`"),
        ),
        Step(
            "tanh",
            lambda z: jaxnet.activations.tanh(z),
            _("`tanh z = (e^z − e^(−z))/(e^z + e^(−z)) ≈ (%(p)s − %(q)s)/(%(p)s + %(q)s) ≈ %(tanh)s`"),
        ),
        Step("relu", lambda z: jaxnet.activations.relu(z), _("ReLU: `max(0, %(z)s) = %(relu)s`")),
    ),
    asks=(
        Ask("z", "z", label=_("the sum `z`")),
        Ask("step", "step", label=_("with the step function"), weight=0.25),
        Ask("sigmoid", "sigmoid", label=_("with sigmoid")),
        Ask("tanh", "tanh", label=_("with tanh")),
        Ask("relu", "relu", label=_("with ReLU"), weight=0.5),
    ),
    slips=(
        Slip(
            "no-bias",
            {"z": lambda w, b, x: _weighted_sum(w, 0 * b, x)},
            _("The bias belongs to the sum: `z = w·x + b`."),
        ),
        Slip(
            "sigmoid-sign",
            {"sigmoid": lambda z: jaxnet.activations.sigmoid(-z)},
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
            {"relu": lambda z: z - jaxnet.activations.relu(z)},
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
    title=_("Two linear layers folded into one perceptron"),
    text=_(
        "A network has two hidden neurons without an activation function: `h₁` with the weights `%(U1)s` "
        "and the "
        "bias `%(d1)s`, `h₂` with the weights `%(U2)s` and the bias `%(d2)s`. Its output is `z = v₁h₁ + "
        "v₂h₂ + c` "
        "with `v = %(v)s` and `c = %(c)s`. Find the one neuron, `z = w₁x₁ + w₂x₂ + b`, that gives the "
        "same `z` for "
        "every input, and its `z` for `x = %(x)s`."
    ),
    draw=_draw_folding,
    steps=(
        Step(
            "w",
            lambda U, d, v, c: (
                _linear_network(U, d, v, c, jnp.eye(2)) - _linear_network(U, d, v, c, jnp.zeros((2, 2)))
            ),
            _(
                "Each input reaches `z` through both hidden neurons: "
                "`w₁ = %(v1)s·%(U11_)s%(v2__)s·%(U21_)s = %(w1)s`, `w₂ = "
                "%(v1)s·%(U12_)s%(v2__)s·%(U22_)s = %(w2)s`"
            ),
        ),
        Step(
            "b",
            lambda U, d, v, c: _linear_network(U, d, v, c, jnp.zeros(2)),
            _("The hidden biases pass through `v` too: `b = %(v1)s·%(d1_)s%(v2__)s·%(d2_)s%(c__)s = %(b)s`"),
        ),
        Step(
            "z",
            _weighted_sum,
            _("`z = w₁x₁ + w₂x₂ + b = %(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(b__)s = %(z)s`"),
        ),
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
                "Each way from an input to the output is a product of two weights; one of `v` belongs to "
                "each."
            ),
        ),
        Slip(
            "rows-for-columns",
            {"w": lambda U, v: U @ v},
            _(
                "`w₁` collects the ways that begin at `x₁`: the first weight of each hidden neuron, "
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
            "Put the expressions for `h₁` and `h₂` into `z` and collect what stands with `x₁`, with `x₂` "
            "and alone."
        ),
        _("`wᵢ = v₁u₁ᵢ + v₂u₂ᵢ`, where `u₁ᵢ`, `u₂ᵢ` are the weights of input `i`; `b = v₁d₁ + v₂d₂ + c`."),
    ),
)

_CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


def _answers(w, b, inputs):
    return jaxnet.perceptron.predict({"w": w, "b": b}, inputs)


def _at_least(w, b, inputs):
    return jnp.where(_weighted_sum(w, b, inputs) >= 0, 1.0, 0.0)


def _draw_differ(stream: Stream) -> Givens | None:
    w, b = stream.vector(2, -2, 2, 0), stream.decimal(-2, 2, 0)
    U, d = stream.matrix(2, 2, -2, 2, 0), stream.vector(2, -2, 2, 0, zero=True)
    v, c = stream.vector(2, -2, 2, 0), stream.decimal(-2, 2, 0)
    for weights, bias in ((w, b), (U[0], d[0]), (U[1], d[1]), (v, c)):
        if len({weights[0] * x1 + weights[1] * x2 + bias > 0 for x1, x2 in _CORNERS}) == 1:
            return None  # a neuron that always gives the same
    return {"w": w, "b": b, "U": U, "d": d, "v": v, "c": c}


DIFFER = Exercise(
    id="q1.differ",
    question=1,
    level=3,
    title=_("Where a network and a perceptron differ"),
    text=_(
        "All neurons use the step function with the threshold 0. A perceptron has the weights `w = "
        "%(w)s` and the bias "
        "`b = %(b)s`. A network has two hidden neurons, the first with the weights `%(U1)s` and the bias "
        "`%(d1)s`, the "
        "second with the weights `%(U2)s` and the bias `%(d2)s`, and an output neuron with the weights "
        "`v = %(v)s` and "
        "the bias `c = %(c)s`. Give all answers for the inputs `(0, 0)`, `(0, 1)`, `(1, 0)`, `(1, 1)`, "
        "in this order. "
        "For how many of them do network and perceptron differ?"
    ),
    draw=_draw_differ,
    steps=(
        Step(
            "yp",
            lambda w, b: _answers(w, b, jnp.array(_CORNERS)),
            _("Perceptron: `%(w1)s·x₁%(w2__)s·x₂%(b__)s` is above 0 or not: the answers are `%(yp)s`"),
        ),
        Step(
            "h1",
            lambda U, d: _answers(U[0], d[0], jnp.array(_CORNERS)),
            _("First hidden neuron, `%(U11)s·x₁%(U12__)s·x₂%(d1__)s`: `%(h1)s`"),
        ),
        Step(
            "h2",
            lambda U, d: _answers(U[1], d[1], jnp.array(_CORNERS)),
            _("Second hidden neuron, `%(U21)s·x₁%(U22__)s·x₂%(d2__)s`: `%(h2)s`"),
        ),
        Step(
            "yn",
            lambda v, c, h1, h2: _answers(v, c, jnp.stack([h1, h2], axis=1)),
            _("Output neuron, `%(v1)s·h₁%(v2__)s·h₂%(c__)s`: `%(yn)s`"),
        ),
        Step(
            "count",
            lambda yp, yn: jnp.sum(jnp.abs(yp - yn)),
            _("Compare place by place, `%(yp)s` with `%(yn)s`: the number of differences is `%(count)s`"),
        ),
    ),
    asks=(
        Ask("yp", "yp", label=_("answers of the perceptron"), kind="vector"),
        Ask("h1", "h1", label=_("values of the first hidden neuron"), kind="vector"),
        Ask("h2", "h2", label=_("values of the second hidden neuron"), kind="vector"),
        Ask("yn", "yn", label=_("answers of the network"), kind="vector"),
        Ask("count", "count", label=_("for how many inputs they differ"), weight=0.5),
    ),
    slips=(
        Slip(
            "tie",
            {
                "yp": lambda w, b: _at_least(w, b, jnp.array(_CORNERS)),
                "h1": lambda U, d: _at_least(U[0], d[0], jnp.array(_CORNERS)),
                "h2": lambda U, d: _at_least(U[1], d[1], jnp.array(_CORNERS)),
                "yn": lambda v, c, h1, h2: _at_least(v, c, jnp.stack([h1, h2], axis=1)),
            },
            _("Where the sum is exactly 0, the answer is 0: the sum must be greater than the threshold."),
        ),
        Slip(
            "no-bias",
            {
                "yp": lambda w, b: _answers(w, 0 * b, jnp.array(_CORNERS)),
                "h1": lambda U, d: _answers(U[0], 0 * d[0], jnp.array(_CORNERS)),
                "h2": lambda U, d: _answers(U[1], 0 * d[1], jnp.array(_CORNERS)),
                "yn": lambda v, c, h1, h2: _answers(v, 0 * c, jnp.stack([h1, h2], axis=1)),
            },
            _("Every neuron adds its bias to the sum before it compares with the threshold."),
        ),
        Slip(
            "sums-kept",
            {
                "h1": lambda U, d: _weighted_sum(U[0], d[0], jnp.array(_CORNERS)),
                "h2": lambda U, d: _weighted_sum(U[1], d[1], jnp.array(_CORNERS)),
            },
            _("The hidden neurons use the step function too: they hand on 0 or 1, not their sums."),
        ),
        Slip(
            "hidden-left-out",
            {"yn": lambda v, c: _answers(v, c, jnp.array(_CORNERS))},
            _("The output neuron gets the values of the hidden neurons, not the inputs."),
        ),
    ),
    hints=(
        _(
            "Make a table with a row for each input, and columns for the perceptron, both hidden neurons "
            "and the output."
        ),
        _(
            "A neuron gives 1 if its weighted sum with the bias is above 0, else 0; the output neuron "
            "weighs `h₁`, `h₂`."
        ),
    ),
)

EXERCISES = (NEURON, TWO_LAYER, FOLDING, DIFFER)
