"""Question 4: what a hidden layer is good for, and what is left when it loses its activation function."""

from quiz.bank.shared.matching import Confusion, match
from quiz.bank.shared.statements import Topic, which_are_true
from quiz.text import mark as _

STILL = which_are_true(
    "q4.still",
    question=4,
    level=2,
    minutes=4,
    title=_("What still holds without activation functions"),
    text=_(
        "A network has an input layer, one hidden layer of sigmoid neurons and one output neuron with a "
        "threshold. The activation functions of the hidden layer are removed; nothing else changes. Which of "
        "these statements hold for the new network? Name all of them."
    ),
    topics=(
        Topic(
            "xor",
            (
                _("No choice of its weights makes it compute XOR."),
                _("It cannot do more than a single perceptron."),
            ),
            (
                _("It still computes XOR if the hidden layer is wide enough."),
                _("Two hidden neurons are still enough for XOR."),
            ),
            _(
                "Without activation functions the hidden layer gives weighted sums, and so does the output: "
                "the whole network is one linear function with one threshold, and that is not enough for XOR."
            ),
        ),
        Topic(
            "parameters",
            (
                _("It has as many weights and biases as before."),
                _("Each of its weights still occurs in the formula of its output."),
            ),
            (_("It has fewer weights than before."), _("The biases of the hidden layer have disappeared.")),
            _(
                "An activation function has no parameters: removing it does not change the number of weights "
                "or biases."
            ),
        ),
        Topic(
            "boundary",
            (
                _("With two inputs its boundary is a straight line."),
                _("Its boundary is not curved anywhere."),
            ),
            (
                _("Its boundary can still be curved."),
                _("With more hidden neurons its boundary gets more corners."),
            ),
            _(
                "The sum of the output neuron is now linear in the inputs; where it equals the threshold "
                "there is a straight line."
            ),
        ),
        Topic(
            "gradient",
            (
                _("Gradients of the weights can still be computed by the chain rule."),
                _(
                    "A hidden neuron's error signal is now what comes back through its weights, without a "
                    "further factor."
                ),
            ),
            (
                _("Backpropagation is no longer possible, as there is nothing left to differentiate."),
                _("The gradients of the first weights are all 0 now."),
            ),
            _(
                "A neuron without activation function has the derivative 1, not 0: the error signal passes "
                "through unchanged."
            ),
        ),
        Topic(
            "one-layer",
            (
                _("The hidden layer can be replaced by other weights and another bias of the output neuron."),
                _("For each such network there is a single neuron that gives the same answers."),
            ),
            (
                _("A single neuron can give the same answers only if all hidden biases are 0."),
                _("It takes at least as many neurons as before to give the same answers."),
            ),
            _(
                "Multiply the weights along each path and add them up; the hidden biases, multiplied by the "
                "output weights, go into the new bias."
            ),
        ),
    ),
    hints=(
        _("Write the output of the new network as a formula in the inputs. What kind of function is it?"),
        _(
            "With other numbers: `h = 2x + 1` and `z = 3h − 4` give `z = 6x − 1`, which is again one weight "
            "and one bias."
        ),
        _(
            "Weighted sums of weighted sums are weighted sums: one neuron can do the same. What did not "
            "depend on the activation function has not changed."
        ),
    ),
)

CAUSES = match(
    "q4.causes",
    question=4,
    level=2,
    minutes=4,
    title=_("The hidden layer: cause and consequence"),
    text=_("What follows? (a) %(a)s (b) %(b)s (c) %(c)s (d) %(d)s Some consequences are left over."),
    label=_("the consequences of (a), (b), (c), (d)"),
    pairs=(
        (
            _("Two hidden neurons begin with exactly the same weights, also to the output."),
            _("They get the same gradients and stay equal: together they do no more than one."),
        ),
        (
            _("There are too few hidden neurons for the task."),
            _("The training loss stays high, however long the network is trained."),
        ),
        (
            _("There are very many hidden neurons and few examples."),
            _("The training loss becomes small, but on new examples the loss is high."),
        ),
        (
            _("The hidden neurons have no activation function."),
            _("The network can do no more than a single layer."),
        ),
        (_("All output weights of one hidden neuron are 0."), _("Its value has no influence on the output.")),
        (
            _("The hidden neurons have ReLU, the output neuron has no activation function."),
            _("The output as a function of the input consists of straight pieces."),
        ),
        (_("A second hidden layer is added."), _("Features can be formed from features.")),
    ),
    extra=(
        _("Their values cancel each other, as if neither of them were there."),
        _("The more neurons the network has, the better it answers on new examples too."),
    ),
    confusions=(
        Confusion(
            "fit-exchanged",
            {1: 2, 2: 1},
            _(
                "Too few neurons cannot even fit the training data; too many fit them and also their chance "
                "errors."
            ),
        ),
        Confusion(
            "twins-cancel",
            {0: 7},
            _(
                "Equal neurons add up and do not cancel; but both learn the same, so one of them is "
                "superfluous."
            ),
        ),
        Confusion(
            "more-is-better",
            {2: 8},
            _("With few examples many neurons memorise them, and the loss on new examples grows."),
        ),
    ),
    hints=(
        _(
            "Which of the sentences concern what a network can represent, which concern training, and which "
            "concern new data?"
        ),
        _(
            "Another example: “the learning rate is 0” implies “the weights do not change”, not “the "
            "training loss becomes small”."
        ),
        _(
            "Too small: it cannot represent the function. Too large for the data: overfitting. Equal at the "
            "start: equal forever."
        ),
    ),
)

EXERCISES = (STILL, CAUSES)
