"""Question 1: the output layer and the loss function that suit a task."""

from quiz.bank.shared.matching import Confusion, match
from quiz.text import mark as _

TASKS = match(
    "q1.tasks",
    question=1,
    level=2,
    minutes=4,
    title=_("Output layer and loss for a task"),
    text=_(
        "The size of the output layer, its activation function and the loss depend on the task. What suits "
        "which task? (a) %(a)s (b) %(b)s (c) %(c)s (d) %(d)s Some answers are left over."
    ),
    label=_("what suits (a), (b), (c), (d)"),
    pairs=(
        (_("Is there a cat in the picture, yes or no?"), _("one neuron with a sigmoid; cross-entropy")),
        (_("Which one of the ten digits is it?"), _("ten neurons with softmax; cross-entropy")),
        (_("What will the flat cost?"), _("one neuron without activation; mean squared error")),
        (
            _("Which of eight topics does a text have? Several may apply at once."),
            _("eight neurons, each with a sigmoid; a cross-entropy for each"),
        ),
        (
            _("Where in the picture is the ball, as two coordinates?"),
            _("two neurons without activation; mean squared error"),
        ),
        (
            _("How warm will it be on each of the next seven days?"),
            _("seven neurons without activation; mean squared error"),
        ),
    ),
    extra=(
        _("one neuron with the step function; number of mistakes"),
        _("ten neurons with ReLU; mean squared error"),
        _("one neuron with softmax; cross-entropy"),
    ),
    confusions=(
        Confusion(
            "step-output",
            {0: 6},
            _("The step function has the derivative 0, so gradient descent learns nothing from it."),
        ),
        Confusion(
            "one-softmax",
            {0: 8},
            _("Softmax of a single number is always 1; for yes or no a sigmoid is enough."),
        ),
        Confusion(
            "no-probabilities",
            {1: 7},
            _("The probabilities of classes of which one is right add up to 1: softmax does that."),
        ),
        Confusion(
            "bounded-price",
            {0: 2, 2: 0},
            _("A sigmoid only gives numbers between 0 and 1; a price can be any number."),
        ),
    ),
    hints=(
        _("How many numbers are wanted, what values can they have, and do the answers exclude each other?"),
        _(
            "Another task: “How many points, from 0 to 100, will this student get?” wants one number, so one "
            "neuron and the mean squared error."
        ),
        _(
            "Yes or no: sigmoid. One of several classes: softmax. Several at once: a sigmoid for each. Any "
            "number: no activation and the mean squared error."
        ),
    ),
)

EXERCISES = (TASKS,)
