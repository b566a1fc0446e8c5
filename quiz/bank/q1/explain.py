"""Question 1: the terms of the lecture in gaps, and an argument about perceptrons and networks."""

from quiz.bank.shared.arguments import Sentence, first_false
from quiz.bank.shared.matching import Confusion, match
from quiz.text import mark as _

TERMS = match(
    "q1.terms",
    question=1,
    level=1,
    minutes=3,
    title=_("The parts of a neuron and of a network"),
    text=_(
        "Which term of the lecture belongs in each gap? (a) %(a)s (b) %(b)s (c) %(c)s (d) %(d)s Some terms "
        "are left over."
    ),
    label=_("the terms for (a), (b), (c), (d)"),
    pairs=(
        (_("How much an input matters for the decision is given by its …"), _("weight")),
        (_("How readily a neuron fires, whatever its inputs are, is given by its …"), _("bias")),
        (_("The sum of a neuron is turned into its answer by the …"), _("activation function")),
        (_("The features enter a network, and nothing is computed yet, in the …"), _("input layer")),
        (_("More and more abstract features are formed in the …"), _("hidden layer")),
        (
            _("How many numbers a network outputs for its task is determined by the size of the …"),
            _("output layer"),
        ),
    ),
    extra=(_("summation function"), _("learning rate"), _("loss function")),
    confusions=(
        Confusion(
            "weight-for-bias",
            {0: 1, 1: 0},
            _(
                "A weight belongs to one input and is multiplied by it; the bias belongs to the neuron and "
                "is added."
            ),
        ),
        Confusion(
            "sum-for-activation",
            {2: 6},
            _("First the weighted inputs are added up; the activation function is applied to the sum."),
        ),
        Confusion(
            "rate-for-weight",
            {0: 7},
            _(
                "The learning rate says how far the weights are moved in training; it is not used when the "
                "neuron answers."
            ),
        ),
    ),
    hints=(
        _("Follow a number on its way through a neuron: what is done to it first, what next?"),
        _(
            "Another gap: “The number that a sum must exceed for the answer 1 is the …” is filled by "
            "“threshold”: it determines the answer, but it is not added."
        ),
        _(
            "Input times weight, sum of all plus bias, activation: that is one neuron. Layers are many "
            "neurons side by side."
        ),
    ),
)

DIFFERENCE = first_false(
    "q1.argument",
    question=1,
    level=2,
    minutes=5,
    title=_("Perceptron and network: the first false sentence"),
    text=_(
        "Someone explains how a network differs from a perceptron. The sentences follow each other, and two "
        "of them are false. Which is the first false one, and why is it false? Write the number of the "
        "sentence, then the number of the reason among the last six options."
    ),
    sentences=(
        Sentence(
            _("A perceptron is one artificial neuron."),
            _("A perceptron is a network with one hidden layer."),
            _("Between the inputs of a perceptron and its answer there is no further neuron."),
        ),
        Sentence(
            _("It multiplies each input by its weight and adds up the products and the bias."),
            _("It adds up the inputs and multiplies the sum by the largest weight."),
            _("Each input has a weight of its own, and the products are added."),
        ),
        Sentence(
            _("Its answer is 1 if the sum is greater than the threshold, else 0."),
            _("Its answer is the sum itself, any number at all."),
            _("The step function turns the sum into a yes or a no."),
        ),
        Sentence(
            _("So a perceptron with two inputs divides the plane along a straight line."),
            _("So a perceptron with two inputs can divide the plane along a circle."),
            _("Where a weighted sum equals the threshold there is a straight line, whatever the weights."),
        ),
        Sentence(
            _(
                "A multi-layer network joins many neurons: the answers of one layer are the inputs of the "
                "next."
            ),
            _(
                "A multi-layer network joins many neurons, each of which sees the features themselves and "
                "nothing else."
            ),
            _("From the second layer on a neuron sees what the layer before has computed, not the features."),
        ),
        Sentence(
            _("With non-linear activation functions it can separate what no straight line separates."),
            _("Even without activation functions it can separate what no straight line separates."),
            _("Weighted sums of weighted sums are weighted sums again; more layers alone change nothing."),
        ),
    ),
    hints=(
        _(
            "Read sentence by sentence, and stop at the first that you can refute. What comes later does not "
            "matter."
        ),
        _(
            "Another example: “The bias is multiplied by the first input” is false, and the reason is “the "
            "bias is added, whatever the inputs are”, not “a neuron has several inputs”, which is true but "
            "says nothing about it."
        ),
        _(
            "A perceptron: weighted sum, threshold, one straight boundary. A network: layers of such neurons "
            "with non-linear activations."
        ),
    ),
)

EXERCISES = (TERMS, DIFFERENCE)
