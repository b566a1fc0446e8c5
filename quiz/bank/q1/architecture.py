"""Question 1: the parameters and shapes of a network, and true and false statements about networks."""

from quiz.bank.shared.statements import Topic, which_are_true
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _dense_parameters(inputs, outputs):
    """The number of parameters of a dense layer: a weight for each connection, a bias for each output."""
    return inputs * outputs + outputs


def _layers(count):
    """The rules for the three layers, each `count(inputs, outputs)`."""
    return {
        "p1": lambda n: count(n[0], n[1]),
        "p2": lambda n: count(n[1], n[2]),
        "p3": lambda n: count(n[2], n[3]),
    }


_PARAMETERS = _layers(_dense_parameters)


def _draw_parameters(stream: Stream) -> Givens | None:
    return {
        "n": (stream.integer(4, 20), stream.integer(3, 12), stream.integer(2, 9), stream.integer(2, 6)),
        "N": stream.integer(2, 60),
    }


def _multiplications(n):
    return n[0] * n[1] + n[1] * n[2] + n[2] * n[3]


PARAMETERS = Exercise(
    id="q1.parameters",
    question=1,
    level=1,
    minutes=4.0,
    places=0,
    title=_("Counting the parameters of a network"),
    text=_(
        "A fully connected network has the architecture `%(n1)s-%(n2)s-%(n3)s-%(n4)s`, the input layer "
        "first; every neuron of the hidden layers and of the output layer has a bias. How many parameters "
        "does it have, and how many would one perceptron with the same inputs have? How many multiplications "
        "of a weight by a value does the network make for a batch of `N = %(N)s` examples?"
    ),
    draw=_draw_parameters,
    steps=(
        Step(
            "p1",
            _PARAMETERS["p1"],
            _("First hidden layer: `%(n1)s·%(n2)s` weights and `%(n2)s` biases, `%(p1)s` parameters"),
        ),
        Step("p2", _PARAMETERS["p2"], _("Second hidden layer: `%(n2)s·%(n3)s + %(n3)s = %(p2)s` parameters")),
        Step("p3", _PARAMETERS["p3"], _("Output layer: `%(n3)s·%(n4)s + %(n4)s = %(p3)s` parameters")),
        Step("total", lambda p1, p2, p3: p1 + p2 + p3, _("Together `%(p1)s + %(p2)s + %(p3)s = %(total)s`")),
        Step(
            "single",
            lambda n: _dense_parameters(n[0], 1),
            _("A perceptron is one neuron: `%(n1)s` weights and 1 bias, `%(single)s` parameters"),
        ),
        Step(
            "mult",
            lambda n, N: N * _multiplications(n),
            _(
                "Each weight is used once for each example: `%(N)s·(%(n1)s·%(n2)s + %(n2)s·%(n3)s + "
                "%(n3)s·%(n4)s) = %(mult)s` multiplications"
            ),
        ),
    ),
    asks=(
        Ask("p1", "p1", label=_("number of parameters of the first hidden layer")),
        Ask("total", "total", label=_("number of parameters of the network")),
        Ask("single", "single", label=_("number of parameters of the perceptron"), weight=0.5),
        Ask("mult", "mult", label=_("number of multiplications for the batch")),
    ),
    slips=(
        Slip(
            "no-bias",
            _layers(lambda inputs, outputs: inputs * outputs) | {"single": lambda n: n[0]},
            _("The biases are parameters too: each neuron that computes something has one."),
        ),
        Slip(
            "bias-per-input",
            _layers(lambda inputs, outputs: inputs * outputs + inputs),
            _("A bias belongs to the neuron that computes the sum: a layer has as many biases as outputs."),
        ),
        Slip(
            "neurons-added",
            _layers(lambda inputs, outputs: inputs + outputs),
            _("Every neuron is connected with every value of the layer before: the numbers are multiplied."),
        ),
        Slip(
            "output-layer-forgotten",
            {"total": lambda p1, p2: p1 + p2},
            _("The output layer has weights and biases like every other layer that computes."),
        ),
        Slip(
            "one-example",
            {"mult": lambda n: _multiplications(n)},
            _("The network does its multiplications for every example of the batch."),
        ),
        Slip(
            "biases-multiplied",
            {"mult": lambda total, N: N * total},
            _("A bias is added, not multiplied: only the weights count for the multiplications."),
        ),
    ),
    hints=(
        _("Go from layer to layer: how many weights lie between two layers, and which neurons have a bias?"),
        _(
            "A layer with `n` inputs and `m` neurons has `n·m` weights and `m` biases; the input layer has "
            "none."
        ),
    ),
)


def _draw_shapes(stream: Stream) -> Givens | None:
    N, n0, n1, n2 = stream.integer(5, 64), stream.integer(3, 30), stream.integer(4, 20), stream.integer(2, 10)
    return {"n": (n0, n1, n2), "N": N} if len({N, n0, n1, n2}) == 4 else None


SHAPES = Exercise(
    id="q1.shapes",
    question=1,
    level=2,
    minutes=4.0,
    places=0,
    title=_("Shapes on the way through a network"),
    text=_(
        "A batch of %(N)s examples with %(n1)s features each is a matrix `X`, one example per row. A network "
        "with %(n2)s hidden neurons and %(n3)s outputs computes `H = f(X·W₁ + b₁)` and `Y = H·W₂ + b₂` for "
        "the whole batch at once. Give the shape of each matrix as two numbers, rows and columns. How many "
        "multiplications does the product `X·W₁` take?"
    ),
    draw=_draw_shapes,
    steps=(
        Step(
            "W1",
            lambda n: jnp.stack([n[0], n[1]]),
            _(
                "`X` has %(n1)s columns, so `W₁` has as many rows, and a column for each hidden neuron: "
                "`%(W1)s`"
            ),
        ),
        Step(
            "H",
            lambda N, n: jnp.stack([N, n[1]]),
            _("`H` has a row for each example and a column for each hidden neuron: `%(H)s`"),
        ),
        Step(
            "W2",
            lambda n: jnp.stack([n[1], n[2]]),
            _("`W₂` connects the hidden neurons to the outputs: `%(W2)s`"),
        ),
        Step(
            "Y",
            lambda N, n: jnp.stack([N, n[2]]),
            _("`Y` has a row for each example and a column for each output: `%(Y)s`"),
        ),
        Step(
            "mult",
            lambda N, n: N * n[0] * n[1],
            _("Each number of `X·W₁` is a sum of %(n1)s products: `%(N)s·%(n1)s·%(n2)s = %(mult)s`"),
        ),
    ),
    asks=(
        Ask("W1", "W1", label=_("shape of `W₁`"), kind="vector"),
        Ask("H", "H", label=_("shape of `H`"), kind="vector"),
        Ask("W2", "W2", label=_("shape of `W₂`"), kind="vector"),
        Ask("Y", "Y", label=_("shape of `Y`"), kind="vector"),
        Ask("mult", "mult", label=_("number of multiplications in `X·W₁`")),
    ),
    slips=(
        Slip(
            "transposed",
            {"W1": lambda n: jnp.stack([n[1], n[0]]), "W2": lambda n: jnp.stack([n[2], n[1]])},
            _(
                "In `X·W₁` the number of columns of `X` must equal the number of rows of `W₁`: the weight "
                "matrix has one row per input."
            ),
        ),
        Slip(
            "examples-in-columns",
            {"H": lambda N, n: jnp.stack([n[1], N]), "Y": lambda N, n: jnp.stack([n[2], N])},
            _("One example is one row, in `H` and in `Y` as in `X`."),
        ),
        Slip(
            "one-example",
            {"H": lambda n: jnp.stack([1.0, n[1]]), "Y": lambda n: jnp.stack([1.0, n[2]])},
            _("The whole batch goes through at once: there is a row for every example."),
        ),
        Slip(
            "weights-for-each-example",
            {"W1": lambda N, n: jnp.stack([N, n[1]])},
            _("The weights do not depend on how many examples there are: all examples share them."),
        ),
        Slip(
            "entries-counted",
            {"mult": lambda N, n: N * n[1]},
            _("Each number of the product is itself a sum of several products."),
        ),
    ),
    hints=(
        _(
            "A product of matrices is possible only if the inner numbers agree: rows × inner times inner × "
            "columns."
        ),
        _("`(N × n)·(n × m)` is `(N × m)`, and each of its `N·m` numbers takes `n` multiplications."),
    ),
)


TRUE = which_are_true(
    "q1.true",
    question=1,
    level=1,
    title=_("True or not: networks and perceptrons"),
    hints=(
        _("Ask yourself what each statement is about: one neuron, the layers of a network, or learning."),
        _(
            "For example, “the output layer always has one neuron” is false: a network for ten digits has "
            "ten. One such case is enough to make a statement false."
        ),
        _(
            "A perceptron is one neuron: a weighted sum and a decision. The input layer only passes the "
            "features on. Several layers can do more than one only because of non-linear activations. A "
            "network learns from examples what it can do."
        ),
    ),
    topics=(
        Topic(
            "one-neuron",
            (
                _("A perceptron is a single artificial neuron."),
                _(
                    "A multi-layer network is built of many neurons, each of which works much like a "
                    "perceptron."
                ),
            ),
            (
                _("A perceptron has a hidden layer between its inputs and its output."),
                _("A perceptron and a multi-layer network are two names for the same thing."),
            ),
            _(
                "A perceptron is one neuron: inputs, a weighted sum and a decision, with nothing hidden "
                "between. A network joins many neurons in layers."
            ),
        ),
        Topic(
            "input-layer",
            (
                _("The input layer computes nothing; it only passes the features on."),
                _("The input layer has as many neurons as an example has features."),
            ),
            (
                _("The neurons of the input layer apply an activation function to the features."),
                _("Every neuron of the input layer has a bias that is learned."),
            ),
            _(
                "The input layer is only the place where the features enter, one for each neuron. Weights, "
                "biases and activations begin with the first hidden layer."
            ),
        ),
        Topic(
            "linear-layers",
            (
                _("Two layers without an activation function between them can be replaced by a single one."),
                _(
                    "If no neuron of a network has an activation function, its output is linear in the input "
                    "plus a constant."
                ),
            ),
            (
                _(
                    "A network solves XOR even if none of its neurons has an activation function, as long as "
                    "it is deep enough."
                ),
                _(
                    "Adding layers makes a network more powerful even when none of them has an activation "
                    "function."
                ),
            ),
            _(
                "Weighted sums of weighted sums are weighted sums again. Only a non-linear activation "
                "function makes several layers more powerful than one."
            ),
        ),
        Topic(
            "boundary",
            (
                _("A perceptron with two inputs divides the plane along a straight line."),
                _(
                    "A network with a hidden layer can separate points that no single straight line "
                    "separates."
                ),
            ),
            (
                _("A perceptron can learn every truth table of two inputs if it is trained long enough."),
                _("With suitable weights the boundary of a perceptron with two inputs is a circle."),
            ),
            _(
                "The boundary of a perceptron is where `w·x + b` equals the threshold: a straight line for "
                "two inputs, whatever the weights. A hidden layer can join several lines."
            ),
        ),
        Topic(
            "learning",
            (
                _(
                    "An artificial neural network imitates the structure of the brain, but it is not a copy "
                    "of it."
                ),
                _("A network learns from examples: training changes its weights and biases."),
            ),
            (
                _("An artificial neural network is an exact copy of the brain."),
                _("To recognise cats, a network needs rules, written by a person, that describe a cat."),
            ),
            _(
                "A network is a set of mathematical functions modelled on the brain. Its abilities come from "
                "examples, which change its weights, not from rules written by hand."
            ),
        ),
    ),
)

EXERCISES = (PARAMETERS, SHAPES, TRUE)
