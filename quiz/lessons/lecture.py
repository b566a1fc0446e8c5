"""The lessons on the six questions of the lecture."""

from quiz.lessons import figures
from quiz.lessons.model import Lesson
from quiz.text import mark as _

LESSONS = (
    Lesson(
        name="1",
        question=1,
        title=_("What a neural network is, and what a perceptron lacks"),
        idea=(
            _(
                "A neural network is a mathematical function put together from many small ones, the neurons. "
                "Nobody writes rules into it: it learns from examples, by changing its weights. It imitates "
                "the structure of the brain and is not a copy of it."
            ),
            _(
                "A perceptron is a single neuron: one weighted sum, one threshold, one answer, yes or no. In "
                "a network neurons work side by side and one after another, so that a later neuron decides "
                "about the results of the earlier ones. Between the layers stands a non-linear activation "
                "function. Without it the whole network would again be one perceptron."
            ),
        ),
        formula=_(
            "Perceptron: `y = 1` if `w·x + b > θ`, else `y = 0`. Network with one hidden layer: `h = f(W₁x + "
            "b₁)`, `y = g(W₂h + b₂)`."
        ),
        example="q1.two-layer",
        seed=3,
        checks=(
            (
                _("Why can layers without activation functions be replaced by one neuron?"),
                _(
                    "A linear function of linear functions is linear again: the weights of the layers can be "
                    "multiplied into one set of weights."
                ),
            ),
            (
                _("What do the weights and the bias of a neuron say?"),
                _(
                    "A weight says how much its input matters, and in which direction. The bias says how "
                    "readily the neuron fires."
                ),
            ),
            (
                _("What do the perceptron and the network of the example answer to the same input?"),
                _(
                    "The perceptron's sum is `%(zp)s`, so it answers `%(yp)s`; the sum of the network's "
                    "output neuron is `%(zn)s`, so it answers `%(yn)s`."
                ),
            ),
        ),
        place=_("In the lecture: the sections on the artificial neural network and on the perceptron."),
        figure=figures.of_exercise,
    ),
    Lesson(
        name="2",
        question=2,
        title=_("How a perceptron learns"),
        idea=(
            _(
                "The perceptron is shown examples whose right answers are known. As long as its answer is "
                "right, nothing changes. After a mistake every weight moves a little, each in proportion to "
                "its own input: an input of zero took no part in the mistake, so its weight stays."
            ),
            _(
                "The sign of the error gives the direction. If the answer should have been 1 and was 0, the "
                "sum was too small, so the weights move towards the input. In the opposite case they move "
                "away from it. The learning rate says how large the step is, and the bias learns like the "
                "weight of an input that is always 1."
            ),
        ),
        formula=_(
            "`z = w·x + b`; `y = 1` if `z > θ`, else 0; `e = t − y`; `wᵢ ← wᵢ + η·e·xᵢ`; `b ← b + η·e`."
        ),
        example="q2.update",
        seed=10,
        checks=(
            (
                _("What happens to the weights when the answer is right?"),
                _("Nothing: `e = 0`, so every change is zero."),
            ),
            (
                _("What does the perceptron answer when `z` equals the threshold exactly?"),
                _("0: it fires only if `z` is greater than `θ`."),
            ),
            (
                _("In the example, which way did the sum of the same input move?"),
                _(
                    "The error was `e = %(e)s`: the bias went from `%(b)s` to `%(b_new)s` and the weights "
                    "from `%(w)s` to `%(w_new)s`, all of them in the direction of the error."
                ),
            ),
        ),
        place=_("In the lecture: the perceptron learning rule, right after the perceptron itself."),
        figure=figures.boundaries,
    ),
    Lesson(
        name="3",
        question=3,
        title=_("XOR, and the limit of one line"),
        idea=(
            _(
                "With two inputs a perceptron divides the plane along one straight line: on one side it "
                "answers 1, on the other 0. AND and OR are linearly separable, so a line for them exists and "
                "the learning rule finds it."
            ),
            _(
                "XOR is 1 when exactly one input is 1. Its ones lie on one diagonal of the square and its "
                "zeros on the other, and the diagonals cross. No line separates them, so the rule never "
                "comes to rest. This limit became known in the 1960s and brought on the “AI winter”; a "
                "hidden layer removes it."
            ),
        ),
        formula=_(
            "Four inequalities that contradict each other: `b ≤ θ`, `w₁ + b > θ`, `w₂ + b > θ`, `w₁ + w₂ + b "
            "≤ θ`. The sum of the two in the middle says `w₁ + w₂ + 2b > 2θ`, the sum of the outer two says "
            "`w₁ + w₂ + 2b ≤ 2θ`."
        ),
        example="q3.outputs",
        seed=3,
        checks=(
            (
                _("What does “linearly separable” mean?"),
                _(
                    "One straight line (with more inputs, one plane) has all the ones on one side and all "
                    "the zeros on the other."
                ),
            ),
            (
                _("What does the learning rule do on the XOR data?"),
                _(
                    "It corrects for ever: in every pass over the four examples it makes at least one "
                    "mistake."
                ),
            ),
            (
                _("How many of the four XOR values does the perceptron of the example give?"),
                _(
                    "Its answers are `%(y)s`, and `%(right)s` of them agree with XOR. No perceptron gets all "
                    "four."
                ),
            ),
        ),
        place=_("In the lecture: the XOR problem, between the learning rule and the multi-layer perceptron."),
        figure=figures.xor,
    ),
    Lesson(
        name="4",
        question=4,
        title=_("What the hidden layer does"),
        idea=(
            _(
                "The input layer computes nothing: it has one neuron for each feature. The output layer "
                "gives the result. Between them the hidden layer makes new features out of the old ones, and "
                "the output neuron no longer sees the inputs, only these new features."
            ),
            _(
                "In the space of the hidden values the points lie elsewhere than in the space of the inputs. "
                "For XOR two of the four points fall on the same place there, and one line is enough to "
                "separate the rest. More hidden neurons make more complex boundaries, more layers make more "
                "abstract features."
            ),
        ),
        formula=_("`h = f(W₁x + b₁)`, `ŷ = v·h + c`, with a non-linear `f` such as `ReLU(z) = max(0; z)`."),
        example="q4.xor-hidden",
        seed=2,
        checks=(
            (
                _("Why must the activation of the hidden layer not be linear?"),
                _("With a linear one the two layers could be replaced by one, which cannot compute XOR."),
            ),
            (
                _("Who tells the hidden neurons their right values?"),
                _(
                    "Nobody: only the error of the output is known, and backpropagation hands it back to "
                    "them."
                ),
            ),
            (
                _("Where do the four points of the example lie in the hidden space?"),
                _(
                    "`h₁` is `%(h)s` and `h₂` is `%(k)s`: the two inputs whose target is 1 have the same "
                    "image."
                ),
            ),
        ),
        place=_("In the lecture: the multi-layer perceptron and its layers."),
        figure=figures.hidden,
    ),
    Lesson(
        name="5",
        question=5,
        title=_("Why the activation must have a derivative"),
        idea=(
            _(
                "Gradient descent asks of every weight: if it changes a little, how does the loss change? "
                "The answer is a derivative. If the neuron has a step function, a small change of the weight "
                "changes nothing at all, because the step function is constant on both sides of its jump. "
                "The derivative is zero, and the weight never moves."
            ),
            _(
                "Sigmoid and tanh are smooth, so every neuron gets a signal. Far from zero they flatten, the "
                "derivative becomes small, and through many layers the product of small derivatives "
                "vanishes. ReLU has the derivative 1 for positive sums, which keeps the signal, and 0 for "
                "negative ones."
            ),
        ),
        formula=_(
            "`σ(z) = 1/(1 + e⁻ᶻ)`, `σ′ = σ(1 − σ)`; `tanh′ = 1 − tanh²`; `ReLU′(z) = 1` for `z > 0`, 0 for "
            "`z < 0`."
        ),
        example="q5.derivatives",
        seed=2,
        checks=(
            (
                _(
                    "Why does a neuron with a step function not learn by gradient descent, even when it is "
                    "wrong?"
                ),
                _(
                    "By the chain rule its gradient contains the derivative of the step function, which is "
                    "zero."
                ),
            ),
            (_("Where is the derivative of the sigmoid largest?"), _("At `z = 0`, where it is `%(top)s`.")),
            (
                _("Which gradients do the sigmoid and the step function give in the example?"),
                _("`%(g)s`: the first one can learn, the second one cannot."),
            ),
        ),
        place=_("In the lecture: the activation functions of the multi-layer perceptron."),
        figure=figures.sigmoid,
        covers=("q7.temperature",),
    ),
    Lesson(
        name="6",
        question=6,
        title=_("Backpropagation: forward, then backward"),
        idea=(
            _(
                "Forward pass: the values of the neurons are computed layer by layer, then the loss, one "
                "number that says how wrong the network is. All values are kept, because the way back needs "
                "them."
            ),
            _(
                "Backward pass: first the error signal of the output neuron, then, by the chain rule, those "
                "of the layer before it. A hidden neuron receives the signals of all neurons that it feeds, "
                "each times the weight of the connection and the derivative of its own activation. The "
                "gradient of a weight is the signal at its end times the value at its beginning. At last all "
                "weights move at once, against the gradient."
            ),
        ),
        formula=_(
            "`δ = ∂L/∂z`; hidden layer: `δⱼ = f′(zⱼ)·Σₖ vⱼₖδₖ`; gradient: `∂L/∂wᵢⱼ = xᵢδⱼ`; update: `w ← w − "
            "η·∂L/∂w`."
        ),
        example="q6.network",
        seed=2,
        checks=(
            (
                _("Why does the backward pass begin at the output?"),
                _(
                    "Only there is the error known. The signal of a hidden neuron is made of the signals of "
                    "the next layer."
                ),
            ),
            (
                _("Which weights are used in the backward pass, the old or the new ones?"),
                _("The old ones: all weights are changed at once when the backward pass is finished."),
            ),
            (
                _("What is an epoch?"),
                _("One pass over all examples of the data set. Training takes many of them."),
            ),
        ),
        place=_("In the lecture: backpropagation, with the training loss and gradient descent before it."),
        figure=figures.of_exercise,
    ),
)
