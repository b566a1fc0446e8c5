"""Question 6: why the error signals are computed backwards, and an argument about one training step."""

from quiz.bank.shared.arguments import Sentence, first_false
from quiz.bank.shared.proofs import Block, Hasty, Intruder, proof
from quiz.text import mark as _

PROOF = proof(
    "q6.proof",
    question=6,
    level=3,
    minutes=6,
    title=_("Why the backward pass goes backwards"),
    text=_(
        "Put the blocks of this argument in order: why backpropagation computes the error signals `δ` from "
        "the output to the input and changes the weights only at the end. Some blocks are wrong: leave them "
        "out. Write the numbers of the others in order. Every order in which each block follows from earlier "
        "ones is correct."
    ),
    blocks=(
        Block(_("Only for the output neuron is the right answer `t` known.")),
        Block(_("So its `δ` can be computed from `ŷ` and `t` at once."), (0,)),
        Block(_("A hidden neuron changes the loss only through the neurons that receive its value.")),
        Block(
            _(
                "By the chain rule its `δ` is the sum of their `δ`, each times the weight between, times its "
                "own `f′(z)`."
            ),
            (2,),
        ),
        Block(_("So the `δ` of a layer can be computed only after those of the next layer."), (3,)),
        Block(_("Therefore the backward pass begins at the output and goes to the first layer."), (1, 4)),
        Block(
            _(
                "With all `δ` known, the gradient of each weight is the `δ` at its end times the value at "
                "its beginning."
            ),
            (5,),
        ),
        Block(
            _(
                "Now all weights are changed at once, `w − η·∂L/∂w`; before that the old ones were still "
                "needed."
            ),
            (6,),
        ),
    ),
    intruders=(
        Intruder(
            "hidden-targets",
            _("Each hidden neuron has a right answer of its own, with which its value is compared."),
            _("Nobody tells the hidden neurons their right answers; what they get is an error signal."),
            2,
        ),
        Intruder(
            "with-the-data",
            _("As the data enter at the input layer, the `δ` of the first layer is computed first."),
            _("The values go from the input to the output, but the error signals come from the output."),
            5,
        ),
        Intruder(
            "at-once",
            _(
                "Each weight is changed as soon as its gradient is known, so that the next `δ` is more "
                "accurate."
            ),
            _(
                "The `δ` of earlier layers are computed with the weights of the forward pass, so these must "
                "not be changed yet."
            ),
            6,
        ),
    ),
    hasty=(
        Hasty(
            "output-late",
            5,
            1,
            _(
                "The backward pass can begin at the output only because its `δ` is known there without any "
                "other."
            ),
        ),
        Hasty("change-early", 7, 6, _("The change uses the gradients, so these come first.")),
    ),
    hints=(
        _(
            "What is known without any calculation? What does a hidden neuron need in order to know its part "
            "in the error?"
        ),
        _(
            "In a chain `x → h → y → L` with `y = 3h` and `∂L/∂y = 2` the signal at `h` is `2·3 = 6`: first "
            "the signal at `y`, then the one at `h`."
        ),
        _(
            "Output: `δ` from `ŷ` and `t`. Hidden: sum of the next layer's `δ` times weights, times `f′(z)`. "
            "Then gradients, then the change."
        ),
    ),
)

STEP = first_false(
    "q6.argument",
    question=6,
    level=2,
    minutes=5,
    title=_("One training step: the first false sentence"),
    text=_(
        "Someone describes one training step of a multi-layer perceptron. Two of the sentences are false. "
        "Which is the first false one, and why is it false? Write the number of the sentence, then the "
        "number of the reason among the last six options."
    ),
    sentences=(
        Sentence(
            _("In the forward pass each layer computes its values from those of the layer before."),
            _("In the forward pass all layers compute their values from the features at the same time."),
            _("A layer can begin only when the values of the layer before are known."),
        ),
        Sentence(
            _("These values are kept, as the backward pass needs them."),
            _("These values can be forgotten as soon as the next layer has used them."),
            _("The gradient of a weight is an error signal times a value of the forward pass."),
        ),
        Sentence(
            _("The loss compares the output with the target and is a single number."),
            _("The loss compares every hidden neuron with its target."),
            _("Only for the output is a right answer known."),
        ),
        Sentence(
            _("The backward pass begins with the gradient of the output layer."),
            _("The backward pass begins with the gradient of the first hidden layer."),
            _("The error signal of a layer is computed from that of the next layer."),
        ),
        Sentence(
            _("The error signal of a hidden neuron depends on its weights to the next layer."),
            _("The error signal of every hidden neuron is the error of the output, unchanged."),
            _("By the chain rule a signal is multiplied by each weight through which it comes back."),
        ),
        Sentence(
            _("At the end all weights are changed at once, against the gradient: `w − η·∂L/∂w`."),
            _("At the end all weights are changed at once, along the gradient: `w + η·∂L/∂w`."),
            _("The gradient points where the loss grows fastest, and the loss is to become smaller."),
        ),
    ),
    hints=(
        _(
            "Read sentence by sentence, and stop at the first that you can refute. What comes later does not "
            "matter."
        ),
        _(
            "Another example: “The learning rate is the same as the loss” is false, and the reason is “one "
            "is chosen before training, the other is computed from it”."
        ),
        _(
            "Forward pass: layer by layer, values kept, then the loss. Backward pass: output first, then by "
            "the chain rule towards the first layers. Last: all weights at once, downhill."
        ),
    ),
)

EXERCISES = (PROOF, STEP)
