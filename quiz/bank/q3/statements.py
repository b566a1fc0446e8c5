"""Question 3: true and false statements about the XOR problem."""

from quiz.bank.shared.statements import Topic, which_are_true
from quiz.text import mark as _

TRUE = which_are_true(
    "q3.true",
    question=3,
    level=1,
    title=_("True or not: the XOR problem"),
    hints=(
        _(
            "Ask yourself whether each statement is about what one perceptron can represent at all, or about "
            "how it is trained."
        ),
        _(
            "For example, “a perceptron cannot learn NOT” is false: the weight −1 and the bias 0.5 answer 1 "
            "at 0 and 0 at 1. One such case is enough to make a statement false."
        ),
        _(
            "One perceptron can learn a truth table if a straight line separates its ones from its zeros, "
            "and only then. With a hidden layer several lines work together."
        ),
    ),
    topics=(
        Topic(
            "and-or",
            (
                _("A single straight line separates the ones of AND from its zeros."),
                _("A single perceptron can learn OR."),
            ),
            (
                _("No straight line separates the ones of OR from its zeros."),
                _("A single perceptron cannot learn AND, because AND has only one 1."),
            ),
            _(
                "AND and OR are linearly separable: one line separates their ones from their zeros, so a "
                "perceptron learns them."
            ),
        ),
        Topic(
            "table",
            (_("XOR is 1 exactly where its two inputs differ."), _("XOR is 0 at `(1, 1)`.")),
            (_("XOR is 1 whenever at least one input is 1."), _("XOR is 1 at `(0, 0)`.")),
            _("XOR is 1 at `(0, 1)` and `(1, 0)`, and 0 at `(0, 0)` and `(1, 1)`."),
        ),
        Topic(
            "training",
            (
                _(
                    "Trained on XOR, a perceptron makes at least one mistake in every epoch, however long "
                    "training lasts."
                ),
                _("There is no learning rate with which a single perceptron learns XOR."),
            ),
            (
                _("With a small learning rate and enough epochs a single perceptron learns XOR."),
                _("A single perceptron fails on XOR only when it begins with unlucky weights."),
            ),
            _(
                "No weights of a single perceptron give XOR, so there is nothing that training could find: "
                "neither more epochs nor another rate nor other starting weights help."
            ),
        ),
        Topic(
            "way-out",
            (
                _("A network with one hidden layer of two neurons can compute XOR."),
                _("XOR can be composed of functions that single perceptrons compute."),
            ),
            (
                _("To compute XOR, a network needs at least three hidden layers."),
                _("No network of neurons can compute XOR."),
            ),
            _(
                "Two hidden neurons are enough: one computes OR, the other AND, and the output neuron is 1 "
                "where the first is 1 and the second is 0."
            ),
        ),
        Topic(
            "history",
            (
                _("The XOR problem was one of the causes of the AI winter that began in the 1960s."),
                _("The XOR problem concerns what a single perceptron can represent at all."),
            ),
            (
                _("The XOR problem was solved in the 1960s by faster computers."),
                _("The XOR problem arose because there were too few training examples."),
            ),
            _(
                "The XOR problem is a limit of what one perceptron can represent; neither data nor computers "
                "remove it. It led to the AI winter of the 1960s, which lasted until networks with hidden "
                "layers could be trained."
            ),
        ),
    ),
)

EXERCISES = (TRUE,)
