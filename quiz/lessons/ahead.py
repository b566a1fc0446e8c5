"""The lessons on the topics ahead."""

from quiz.lessons import figures
from quiz.lessons.model import Lesson
from quiz.text import mark as _

LESSONS = (
    Lesson(
        name="cnn",
        question=7,
        title=_("Convolutional networks (CNN)"),
        idea=(
            _(
                "In an image what matters is found in small neighbourhoods, and the same edge may appear "
                "anywhere. A convolution therefore moves one small filter over the whole image: at each "
                "place it makes the weighted sum of the window under it. The weights are the same "
                "everywhere, so that few parameters are enough."
            ),
            _(
                "Pooling then keeps only the largest value, or the mean, of each window. The map becomes "
                "smaller, and a shift of a few pixels changes little."
            ),
        ),
        formula=_(
            "`zᵢⱼ = Σₘₙ x(i+m; j+n)·k(m; n) + b`; the side of the map is `(n + 2p − k)/s + 1`, rounded down."
        ),
        example="q7.conv-value",
        seed=2,
        checks=(
            (
                _("Why does a convolution need fewer weights than a dense layer?"),
                _("All places of the image share the weights of one small filter."),
            ),
            (
                _("Is the filter turned by half a turn, as in mathematics?"),
                _("Not in deep learning: it is laid on the window as it is."),
            ),
            (
                _("What is left of the map of the example after pooling?"),
                _("`m = %(m)s`, the largest number of `A = %(A)s`."),
            ),
        ),
        place=_("In the lecture: where it points next, networks for images."),
        figure=figures.of_exercise,
        covers=(
            "q7.pool",
            "q7.conv-value",
            "q7.conv-size",
            "q7.cnn-shapes",
            "q7.receptive-field",
        ),
    ),
    Lesson(
        name="rnn",
        question=7,
        title=_("Recurrent networks (RNN)"),
        idea=(
            _(
                "Text, speech and time series come step by step, and what a step means depends on what came "
                "before. A recurrent network reads one step at a time and keeps a state. The new state is "
                "made of the input of this step and of the state before it."
            ),
            _(
                "The weights are the same at every step, so that the sequence may have any length. For "
                "training the steps are laid out one after another, and backpropagation runs through all of "
                "them. The signal is multiplied by the same weight and by a derivative of tanh each time, so "
                "over many steps it vanishes or explodes."
            ),
        ),
        formula=_("`hₜ = tanh(w·xₜ + u·hₜ₋₁ + b)`, `h₀ = 0`."),
        example="q7.rnn",
        seed=4,
        checks=(
            (
                _("What is the role of the weight `u`?"),
                _("It says how much of the state before enters the new state: it is the memory."),
            ),
            (
                _("How many sets of weights does a network need for a sequence of many steps?"),
                _("One: all steps share it."),
            ),
            (
                _("Which states does the network of the example go through?"),
                _("`h₁ = %(h1)s`, `h₂ = %(h2)s`, `h₃ = %(h3)s`."),
            ),
        ),
        place=_("In the lecture: where it points next, networks for text, speech and time series."),
        figure=figures.states,
        covers=(
            "q7.rnn",
            "q7.padded",
        ),
    ),
    Lesson(
        name="gates",
        question=7,
        title=_("Gates: LSTM and GRU"),
        idea=(
            _(
                "An LSTM keeps a second value beside its state, the memory. The memory is not squeezed "
                "through tanh at each step: the old one is multiplied by the forget gate, and something new "
                "is added through the input gate. As long as the forget gate is near 1, a signal from far "
                "back survives."
            ),
            _(
                "A gate is a neuron with a sigmoid: between 0, closed, and 1, open. It learns from the data "
                "when to open. A GRU does with two gates and without a separate memory, and so has fewer "
                "parameters."
            ),
        ),
        formula=_(
            "`c′ = f·c + i·g`, `h′ = o·tanh(c′)`; the gates `i`, `f`, `o` have the sigmoid, the candidate "
            "`g` has tanh."
        ),
        example="q7.lstm",
        seed=2,
        checks=(
            (
                _("Why do gates have a sigmoid and the candidate tanh?"),
                _(
                    "A gate says which share passes, from 0 to 1; the candidate is content and may be "
                    "negative."
                ),
            ),
            (_("What happens if the forget gate is 0?"), _("The old memory is gone: only `i·g` is left.")),
            (
                _("How much of the old memory does the cell of the example keep?"),
                _("The share `f = %(f)s` of it; the new memory is `c′ = %(c_new)s`."),
            ),
        ),
        place=_("In the lecture: where it points next, LSTM and GRU."),
        figure=figures.gates,
        covers=(
            "q7.lstm",
            "q7.gru",
            "q7.cells",
        ),
    ),
    Lesson(
        name="optimizers",
        question=7,
        title=_("Optimizers: momentum, RMSprop, Adam"),
        idea=(
            _(
                "Plain gradient descent makes the same kind of step everywhere: too long where the loss is "
                "steep, too short where it is flat. Momentum keeps a mean of the past gradients, so that the "
                "steps go on through flat places and swing less from side to side."
            ),
            _(
                "RMSprop keeps a mean of the squares and divides by its root, so that every weight gets "
                "steps of a similar length. Adam does both. Its two means begin at zero and would be too "
                "small at first, therefore it corrects them."
            ),
        ),
        formula=_(
            "`m ← β₁m + (1 − β₁)g`, `v ← β₂v + (1 − β₂)g²`, `m̂ = m/(1 − β₁ᵗ)`, `v̂ = v/(1 − β₂ᵗ)`, `w ← w − "
            "η·m̂/(√v̂ + ε)`."
        ),
        example="q7.adam",
        seed=2,
        checks=(
            (
                _("What does the division by `√v̂` change?"),
                _("The length of the step hardly depends on the size of the gradients any more."),
            ),
            (
                _("Why does Adam divide `m` by `1 − β₁ᵗ`?"),
                _(
                    "The mean began at zero and is too small in the first steps; later the divisor is nearly "
                    "1."
                ),
            ),
            (
                _("How large are the corrected means in the example?"),
                _("`m̂ = %(m_hat)s` and `v̂ = %(v_hat)s`, so the weight becomes `%(w_new)s`."),
            ),
        ),
        place=_("In the lecture: where it points next, optimizers that make learning faster and steadier."),
        figure=figures.descent,
        covers=(
            "q7.momentum",
            "q7.rmsprop",
            "q7.adam",
            "q7.clipping",
            "q7.batch-norm",
        ),
    ),
    Lesson(
        name="dropout",
        question=7,
        title=_("Dropout"),
        idea=(
            _(
                "A network that fits its training data too closely has learned them by heart: it is good at "
                "them and bad at new ones. This is overfitting. Dropout works against it: in each step of "
                "training every neuron is left out with the probability `p`, so that no neuron can rely on a "
                "single other one."
            ),
            _(
                "The neurons that are kept are divided by `1 − p`, so that the expected sum stays the same. "
                "After training nothing is dropped and nothing is scaled."
            ),
        ),
        formula=_("In training: `ã = a·m/(1 − p)` with a random mask `m`. Afterwards: `ã = a`."),
        example="q7.dropout",
        seed=2,
        checks=(
            (
                _("Is `p` the share that is dropped or the share that is kept?"),
                _("The share that is dropped."),
            ),
            (
                _("Why are the kept values made larger in training?"),
                _(
                    "So that the next layer gets sums of the same size as after training, when all neurons "
                    "work."
                ),
            ),
            (
                _("Which sums does the neuron of the example get in training and afterwards?"),
                _("`%(z_train)s` in training with this mask, `%(z_test)s` afterwards."),
            ),
        ),
        place=_("In the lecture: where it points next, regularisation against overfitting."),
        figure=figures.dropout,
        covers=("q7.dropout",),
    ),
    Lesson(
        name="l2",
        question=7,
        title=_("L2 regularisation"),
        idea=(
            _(
                "Large weights let a network follow every accident of the training data. The L2 term makes "
                "them expensive: it adds the squares of all weights to the loss. Now a weight grows only if "
                "the data gain more by it than it costs."
            ),
            _(
                "In the gradient the term is simply `λ·w`: each step pulls every weight towards zero in "
                "proportion to its size. The same aim has early stopping, which ends training when the loss "
                "on held-out data no longer falls."
            ),
        ),
        formula=_("`L = E + (λ/2)·Σwᵢ²`, `∂L/∂w = ∂E/∂w + λ·w`."),
        example="q7.l2",
        seed=3,
        checks=(
            (
                _("Why is there a factor ½ in the term?"),
                _("It cancels the 2 that differentiation brings, and the gradient becomes `λ·w`."),
            ),
            (
                _("What does a very large `λ` do?"),
                _("It keeps all weights near zero, and the network no longer fits even the training data."),
            ),
            (
                _("How large is the term in the example, and what becomes of the gradient?"),
                _("The term is `%(R)s`, and the gradient becomes `%(dL)s`."),
            ),
        ),
        place=_("In the lecture: where it points next, regularisation against overfitting."),
        figure=figures.penalty,
        covers=(
            "q7.l2",
            "q7.early-stopping",
        ),
    ),
)
