"""Question 3: the proof that no perceptron computes XOR, and what follows from what."""

from quiz.bank.shared.matching import Confusion, match
from quiz.bank.shared.proofs import Block, Hasty, Intruder, proof
from quiz.text import mark as _

PROOF = proof(
    "q3.proof",
    question=3,
    level=3,
    minutes=7,
    title=_("The proof that no perceptron computes XOR"),
    text=_(
        "Put the blocks of this proof in order: no perceptron (`y = 1` if `w₁x₁ + w₂x₂ + b > θ`, else 0) "
        "computes XOR. Some blocks do not belong to the proof: leave them out. Write the numbers of the "
        "others in order. Every order in which each block follows from earlier ones is correct."
    ),
    blocks=(
        Block(_("Suppose a perceptron with the numbers `w₁`, `w₂`, `b`, `θ` computes XOR.")),
        Block(_("At `(0, 0)` it must answer 0: `b ≤ θ`."), (0,)),
        Block(_("At `(0, 1)` it must answer 1: `w₂ + b > θ`."), (0,)),
        Block(_("At `(1, 0)` it must answer 1: `w₁ + b > θ`."), (0,)),
        Block(_("At `(1, 1)` it must answer 0: `w₁ + w₂ + b ≤ θ`."), (0,)),
        Block(_("The two conditions of the ones, added: `w₁ + w₂ + 2b > 2θ`."), (2, 3)),
        Block(_("The two conditions of the zeros, added: `w₁ + w₂ + 2b ≤ 2θ`."), (1, 4)),
        Block(_("The same sum cannot be both: there is no such perceptron."), (5, 6)),
    ),
    intruders=(
        Intruder(
            "or",
            _("At `(1, 1)` it must answer 1: `w₁ + w₂ + b > θ`."),
            _("At `(1, 1)` XOR is 0; it is OR that is 1 there."),
            5,
        ),
        Intruder(
            "training",
            _("After enough epochs the learning rule finds weights that meet all conditions."),
            _("The proof is about all possible weights: no training can find what does not exist."),
            7,
        ),
        Intruder(
            "signs",
            _("As the answer at `(0, 0)` is 0, both weights must be negative."),
            _("At `(0, 0)` the weights play no part: only `b ≤ θ` follows."),
            2,
        ),
    ),
    hasty=(
        Hasty("sum-first", 5, 3, _("Two inequalities can be added only after both have been stated.")),
        Hasty(
            "contradiction-early",
            7,
            6,
            _("A contradiction needs both sums: that of the ones and that of the zeros."),
        ),
    ),
    hints=(
        _("The proof assumes what is to be refuted. What does each of the four inputs then demand?"),
        _(
            "Another proof of the same kind: “`a > 1`” and “`c > 2`” give “`a + c > 3`”; if two other "
            "conditions give “`a + c ≤ 3`”, no such numbers exist."
        ),
        _(
            "Assumption, four inequalities, one sum for the ones and one for the zeros, contradiction. What "
            "is true of XOR only after training, or is not true of it at all, does not belong here."
        ),
    ),
)

CAUSES = match(
    "q3.causes",
    question=3,
    level=2,
    minutes=4,
    title=_("XOR: what follows from what"),
    text=_("What follows? (a) %(a)s (b) %(b)s (c) %(c)s (d) %(d)s Some consequences are left over."),
    label=_("the consequences of (a), (b), (c), (d)"),
    pairs=(
        (
            _("The ones and the zeros of AND can be separated by a line."),
            _("The learning rule makes a finite number of corrections and then no more."),
        ),
        (
            _("The ones of XOR lie on one diagonal of the square, the zeros on the other."),
            _("No line separates them, so no weights of a single perceptron are right."),
        ),
        (
            _("The learning rule is run on XOR for ever."),
            _("The weights return to earlier values, and every epoch has mistakes."),
        ),
        (
            _("The product `x₁x₂` is given to the perceptron as a third input."),
            _("The four points can be separated by a plane, so a single neuron is enough."),
        ),
        (
            _("Two hidden neurons with the step function are put in front of the output neuron."),
            _("The four inputs get images that one line separates."),
        ),
        (
            _("The hidden neurons of a network for XOR lose their activation functions."),
            _("The network becomes a single linear function, and at least one of the four answers is wrong."),
        ),
        (
            _("In the 1960s it became known what a single-layer perceptron cannot do."),
            _("Interest and money went elsewhere: the “AI winter” began."),
        ),
    ),
    extra=(
        _("The learning rate determines whether the rule finds the right weights."),
        _("The weights approach the right ones more and more slowly."),
    ),
    confusions=(
        Confusion(
            "and-cycles",
            {0: 2, 2: 0},
            _("AND is separable and XOR is not: it is on XOR that the rule falls into a cycle."),
        ),
        Confusion(
            "rate-to-blame",
            {1: 7},
            _("That no line exists does not depend on the learning rate: no weights at all are right."),
        ),
        Confusion(
            "slow-progress",
            {2: 8},
            _("There are no right weights that the rule could approach; it falls into a cycle."),
        ),
    ),
    hints=(
        _(
            "Ask yourself about each sentence: does it say where the points lie, what the rule does, or what "
            "the network can represent?"
        ),
        _(
            "Another example: “the ones of OR can be separated from its zero” implies “a single perceptron "
            "can learn OR”, not “a hidden layer is needed”."
        ),
        _(
            "Separable: finitely many corrections. Not separable: no weights are right, and the rule never "
            "stops. A hidden layer or another input moves the points, so that a line is enough."
        ),
    ),
)

EXERCISES = (PROOF, CAUSES)
