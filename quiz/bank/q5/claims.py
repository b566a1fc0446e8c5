"""Question 5: claims about activation functions, to be judged with a reason."""

from quiz.bank.shared.claims import Claim, claim_and_reason
from quiz.text import mark as _

CLAIMS = claim_and_reason(
    "q5.claims",
    question=5,
    level=2,
    title=_("A claim about activation functions, with a reason"),
    claims=(
        Claim(
            _("With the step function gradient descent works too, only more slowly."),
            False,
            _("Its derivative is 0 wherever it exists, so no weight is moved at all."),
        ),
        Claim(
            _("A network with ReLU can be trained although ReLU has no derivative at 0."),
            True,
            _("A sum is hardly ever exactly 0, and there any number from 0 to 1 will do."),
        ),
        Claim(
            _("Without activation functions ten layers can compute more than one."),
            False,
            _("A chain of linear functions is again a linear function."),
        ),
        Claim(
            _("In a deep network of sigmoids the first layers learn more slowly than the last ones."),
            True,
            _("Each layer multiplies the signal by a derivative of at most ¼."),
        ),
        Claim(
            _("With the squared error a sigmoid neuron corrects a large mistake at `z = 12` quickly."),
            False,
            _("At this sum the derivative is nearly 0, however large the error is."),
        ),
        Claim(
            _("In hidden layers tanh often works better than the sigmoid."),
            True,
            _("Its values lie around 0, and its derivative reaches 1."),
        ),
    ),
    hints=(
        _("Ask of every reason whether it speaks of the claim at all. Then: does it support or refute it?"),
        _(
            "Another claim: “ReLU is bounded.” It is false, and the reason is that `ReLU(z) = z` grows with "
            "`z` without an end; that its derivative is 1 there is true, but no reason."
        ),
        _(
            "Gradients are products with `f′(z)`: look where `f′` is 0, small or 1, and what becomes of a "
            "product of many of them. Linear after linear stays linear."
        ),
    ),
)

EXERCISES = (CLAIMS,)
