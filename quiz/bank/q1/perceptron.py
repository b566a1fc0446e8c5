"""Question 1: a network compared with a perceptron."""

from fractions import Fraction

from quiz.bank.shared.neurons import answer, answer_at_least, layer, net_input, relu, step
from quiz.bank.shared.pictures import network
from quiz.bank.shared.truth_tables import corners, table_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _hidden_sums(U, d, x):
    return layer(U.T, d, x)


def _draw_two_layer(stream: Stream) -> Givens | None:
    x = stream.vector(2, -3, 3, 0)
    U, d = stream.matrix(2, 2, -2, 2, 1), stream.vector(2, -1, 1, 1)
    below = [row[0] * x[0] + row[1] * x[1] + bias < 0 for row, bias in zip(U, d, strict=True)]
    if sum(below) != 1:  # exactly one of the two hidden neurons is inactive
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
    minutes=6.0,
    title=_("A network and a perceptron on the same input"),
    text=_(
        "The input `x = %(x)s` is shown to a perceptron and to a network. The perceptron has the weights `w "
        "= %(w)s` and the bias `b = %(b)s`. The network has two hidden ReLU neurons: the first with the "
        "weights `%(U1)s` and the bias `%(d1)s`, the second with the weights `%(U2)s` and the bias `%(d2)s`; "
        "its output neuron has the weights `v = %(v)s` and the bias `c = %(c)s`. The perceptron and the "
        "output neuron use the step function with the threshold 0. What does each of them answer?"
    ),
    draw=_draw_two_layer,
    figure=network,
    steps=(
        Step("zp", net_input, _("Perceptron: `z = %(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(b__)s = %(zp)s`")),
        Step(
            "yp",
            lambda zp: step(zp),
            _("At `z = %(zp)s` the step function gives `y = %(yp)s`: it is 1 only if `z > 0`"),
        ),
        Step(
            "s",
            _hidden_sums,
            _(
                "Sums of the hidden neurons: `s₁ = %(U11)s·%(x1_)s%(U12__)s·%(x2_)s%(d1__)s = %(s1)s`, `s₂ = "
                "%(U21)s·%(x1_)s%(U22__)s·%(x2_)s%(d2__)s = %(s2)s`"
            ),
        ),
        Step(
            "h", lambda s: relu(s), _("ReLU: `h₁ = max(0, %(s1)s) = %(h1)s`, `h₂ = max(0, %(s2)s) = %(h2)s`")
        ),
        Step(
            "zn",
            lambda v, c, h: net_input(v, c, h),
            _("Output neuron: `z = %(v1)s·%(h1)s%(v2__)s·%(h2)s%(c__)s = %(zn)s`"),
        ),
        Step(
            "yn",
            lambda zn: step(zn),
            _("At `z = %(zn)s` the step function gives `y = %(yn)s`; the perceptron's answer was `%(yp)s`"),
        ),
    ),
    asks=(
        Ask("zp", "zp", label=_("the perceptron's sum `z`")),
        Ask("yp", "yp", label=_("the perceptron's answer `y`"), weight=0.1),
        Ask("h", "h", label=_("hidden values `h₁`, `h₂`"), kind="vector"),
        Ask("zn", "zn", label=_("the output neuron's sum `z`")),
        Ask("yn", "yn", label=_("the network's answer `y`"), weight=0.1),
    ),
    slips=(
        Slip(
            "no-relu",
            {"h": lambda s: s},
            _(
                "A hidden neuron passes its sum through the activation function: ReLU turns a negative sum "
                "into 0."
            ),
        ),
        Slip(
            "no-hidden-bias",
            {"s": lambda U, d, x: _hidden_sums(U, 0 * d, x)},
            _("Each hidden neuron has a bias of its own; it is part of the neuron's sum."),
            effect="term",
        ),
        Slip(
            "transposed",
            {"s": lambda U, d, x: _hidden_sums(U.T, d, x)},
            _("The weights of one neuron are written together: `s₁` uses both numbers of the first neuron."),
            effect="term",
        ),
        Slip(
            "no-output-bias",
            {"zn": lambda v, c, h: net_input(v, 0 * c, h)},
            _("The output neuron is a neuron like any other: its bias `c` is added to the sum."),
        ),
        Slip(
            "no-perceptron-bias",
            {"zp": lambda w, b, x: net_input(w, 0 * b, x)},
            _("The perceptron's bias is part of its sum: `z = w·x + b`."),
        ),
        Slip(
            "hidden-left-out",
            {"zn": lambda v, c, x: net_input(v, c, x)},
            _("The output neuron does not see the input `x`: it gets the values of the hidden layer."),
        ),
    ),
    hints=(
        _(
            "The perceptron computes one sum and decides. The network first computes two sums, then a third "
            "from them."
        ),
        _(
            "`z = w·x + b`; hidden value: `h = max(0, u·x + d)`; output: `z = v·h + c`; `y = 1` if `z > 0`, "
            "else 0."
        ),
    ),
)


def _columns(answers):
    """The rules for the columns of the table, where `answers(w, b, inputs)` are those of a neuron."""
    return {
        "yp": lambda w, b: answers(w, b, corners()),
        "h1": lambda U, d: answers(U[0], d[0], corners()),
        "h2": lambda U, d: answers(U[1], d[1], corners()),
        "yn": lambda v, c, h1, h2: answers(v, c, jnp.stack([h1, h2], axis=1)),
    }


_RIGHT = _columns(answer)


def _draw_neuron(stream: Stream) -> tuple[tuple[Fraction, ...], Fraction]:
    """Draw the weights and the bias of a neuron that is not constant on the four inputs."""
    while True:
        w, b = stream.vector(2, -2, 2, 0), stream.decimal(-2, 2, 0)
        if len(set(table_of(w, b))) == 2:
            return w, b


def _draw_differ(stream: Stream) -> Givens | None:
    (w, b), (u1, d1), (u2, d2), (v, c) = (_draw_neuron(stream) for _neuron in range(4))
    if table_of(u1, d1) == table_of(u2, d2):
        return None
    return {"w": w, "b": b, "U": (u1, u2), "d": (d1, d2), "v": v, "c": c}


DIFFER = Exercise(
    id="q1.differ",
    question=1,
    level=2,
    minutes=8.0,
    revision=2,
    places=0,
    title=_("Where a network and a perceptron differ"),
    text=_(
        "All neurons use the step function with the threshold 0. A perceptron has the weights `w = %(w)s` "
        "and the bias `b = %(b)s`. A network has two hidden neurons, the first with the weights `%(U1)s` and "
        "the bias `%(d1)s`, the second with the weights `%(U2)s` and the bias `%(d2)s`, and an output neuron "
        "with the weights `v = %(v)s` and the bias `c = %(c)s`. Give all answers for the inputs `(0, 0)`, "
        "`(0, 1)`, `(1, 0)`, `(1, 1)`, in this order. For how many of them do network and perceptron differ?"
    ),
    draw=_draw_differ,
    figure=network,
    steps=(
        Step(
            "yp",
            _RIGHT["yp"],
            _("Perceptron: `%(w1)s·x₁%(w2__)s·x₂%(b__)s` is above 0 or not: the answers are `%(yp)s`"),
        ),
        Step("h1", _RIGHT["h1"], _("First hidden neuron, `%(U11)s·x₁%(U12__)s·x₂%(d1__)s`: `%(h1)s`")),
        Step("h2", _RIGHT["h2"], _("Second hidden neuron, `%(U21)s·x₁%(U22__)s·x₂%(d2__)s`: `%(h2)s`")),
        Step("yn", _RIGHT["yn"], _("Output neuron, `%(v1)s·h₁%(v2__)s·h₂%(c__)s`: `%(yn)s`")),
        Step(
            "count",
            lambda yp, yn: jnp.sum(jnp.abs(yp - yn)),
            _("Compare element by element, `%(yp)s` with `%(yn)s`: the number of differences is `%(count)s`"),
        ),
    ),
    asks=(
        Ask("yp", "yp", label=_("answers of the perceptron"), kind="vector", chance=0.5),
        Ask("h1", "h1", label=_("values of the first hidden neuron"), kind="vector", chance=0.5),
        Ask("h2", "h2", label=_("values of the second hidden neuron"), kind="vector", chance=0.5),
        Ask("yn", "yn", label=_("answers of the network"), kind="vector", chance=0.5),
        Ask("count", "count", label=_("number of inputs for which they differ"), weight=0.25),
    ),
    slips=(
        Slip(
            "tie",
            _columns(answer_at_least),
            _("Where the sum is exactly 0, the answer is 0: the sum must be greater than the threshold."),
        ),
        Slip(
            "no-bias",
            _columns(lambda w, b, inputs: answer(w, 0 * b, inputs)),
            _("Every neuron adds its bias to the sum before it compares with the threshold."),
        ),
        Slip(
            "sums-kept",
            {name: _columns(net_input)[name] for name in ("h1", "h2")},
            _("The hidden neurons use the step function too: they pass on 0 or 1, not their sums."),
        ),
        Slip(
            "hidden-left-out",
            {"yn": lambda v, c: answer(v, c, corners())},
            _("The output neuron gets the values of the hidden neurons, not the inputs."),
        ),
    ),
    hints=(
        _(
            "Make a table with a row for each input, and columns for the perceptron, both hidden neurons and "
            "the output."
        ),
        _(
            "A neuron gives 1 if its weighted sum with the bias is above 0, else 0; the output neuron weighs "
            "`h₁`, `h₂`."
        ),
    ),
)

EXERCISES = (TWO_LAYER, DIFFER)
