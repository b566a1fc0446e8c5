"""Question 4: claims about hidden layers, to be judged with a reason."""

from quiz.bank.shared.claims import Claim, claim_and_reason
from quiz.text import mark as _

CLAIMS = claim_and_reason(
    "q4.claims",
    question=4,
    level=2,
    title=_("A claim about the hidden layer, with a reason"),
    claims=(
        Claim(
            _("A network without a hidden layer learns XOR if it is only trained long enough."),
            False,
            _("One neuron separates with one line, and no line separates these ones from these zeros."),
        ),
        Claim(
            _("Two hidden neurons are enough for XOR."),
            True,
            _("Each of them draws a line, and the output combines the two half-planes."),
        ),
        Claim(
            _("The data tell the hidden neurons their right answers."),
            False,
            _("The data have targets for the output only; hidden values form in training."),
        ),
        Claim(
            _("One hidden layer can come as close as you like to any continuous function on an interval."),
            True,
            _("With enough hidden neurons many small pieces or bumps can be added up."),
        ),
        Claim(
            _("More hidden neurons always make the answers to new data better."),
            False,
            _("They also make it easier to learn the training data by heart."),
        ),
        Claim(
            _("If two hidden neurons change places with all their weights, no answer changes."),
            True,
            _("The output neuron adds up their contributions, and a sum has no order."),
        ),
    ),
    hints=(
        _("What can a single neuron not do, and what does the hidden layer add to it?"),
        _(
            "Another claim: “The input layer computes the features.” It is false, because the input layer "
            "computes nothing; that it has a neuron for each feature is true, but no reason."
        ),
        _(
            "One neuron: one line. Hidden neurons: several lines or pieces, which the output combines. They "
            "have no targets; there can be too many of them."
        ),
    ),
)

EXERCISES = (CLAIMS,)
