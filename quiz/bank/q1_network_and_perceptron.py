"""Question 1: what a neural network is, and how it differs from a perceptron."""

import jaxnet
from quiz.draw import Stream
from quiz.exercise import Ask, Exercise, Givens, Slip, Step
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

EXERCISES = (TWO_LAYER,)
