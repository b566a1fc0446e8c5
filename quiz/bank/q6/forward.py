"""Question 6: the forward pass, the error signal of the output, and the phases of a training step."""

import jaxnet
from quiz.bank.q6.backward import HIDDEN_SUMS, TRANSPOSED, draw_weights, show_network
from quiz.bank.shared.neurons import (
    OTHER_FUNCTION,
    derivative_from_value,
    error_derivative,
    layer,
    net_input,
    sigmoid,
    squared_error,
    tanh,
)
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

# --- forward pass ----------------------------------------------------------------------------------------


def _draw_forward(stream: Stream) -> Givens | None:
    return draw_weights(stream) | {"t": stream.decimal(-1, 1, 1)}


FORWARD = Exercise(
    id="q6.forward",
    question=6,
    level=1,
    minutes=6.0,
    revision=2,
    title=_("The forward pass"),
    text=_(
        "In a 2-2-1 network the hidden neurons have tanh and the output neuron has no activation: `hⱼ = "
        "tanh(w₁ⱼx₁ + w₂ⱼx₂ + bⱼ)` with `w₁₁ = %(W11)s`, `w₁₂ = %(W12)s`, `w₂₁ = %(W21)s`, `w₂₂ = %(W22)s`, "
        "`b = %(b)s`, and `ŷ = v₁h₁ + v₂h₂ + c` with `v = %(v)s`, `c = %(c)s`. The input is `x = %(x)s`, the "
        "target `t = %(t)s`. Make the forward pass: the sums and values of the hidden layer, the output, the "
        "loss `L = (t − ŷ)²`."
    ),
    draw=_draw_forward,
    steps=(
        HIDDEN_SUMS,
        Step("h", tanh, _("`h₁ = tanh(%(z1)s) ≈ %(h1)s`, `h₂ = tanh(%(z2)s) ≈ %(h2)s`")),
        Step(
            "y",
            lambda v, c, h: net_input(v, c, h),
            _("`ŷ = v₁h₁ + v₂h₂ + c ≈ %(v1)s·%(h1_)s%(v2__)s·%(h2_)s%(c__)s ≈ %(y)s`"),
        ),
        Step("L", squared_error, _("`L = (t − ŷ)² ≈ (%(t)s − %(y_)s)² ≈ %(L)s`")),
    ),
    asks=(
        Ask("z", "z", label=_("the hidden sums `z₁`, `z₂`"), kind="vector", tolerance=0.005),
        Ask("h", "h", label=_("the hidden values `h₁`, `h₂`"), kind="vector", tolerance=0.005),
        Ask("y", "y", label="`ŷ`", tolerance=0.005),
        Ask("L", "L", label="`L`", tolerance=0.005),
    ),
    slips=(
        TRANSPOSED,
        Slip(
            "no-bias",
            {"z": lambda W, b, x: layer(W, 0 * b, x), "y": lambda v, c, h: net_input(v, 0 * c, h)},
            _("Each neuron's bias is part of its sum."),
            effect="term",
        ),
        Slip(
            "no-activation",
            {"h": lambda z: z},
            _("The sums go through tanh before they go on to the output."),
        ),
        Slip(
            "sigmoid",
            {"h": sigmoid},
            _("These are values of the sigmoid; this network has tanh in its hidden layer."),
        ),
        Slip(
            "output-activated",
            {"y": lambda v, c, h: tanh(net_input(v, c, h))},
            _("The output neuron of this network has no activation: its sum is the answer."),
        ),
        Slip(
            "half-loss",
            {"L": lambda y, t: squared_error(y, t) / 2},
            _("The loss here is `L = (t − ŷ)²`, without the factor ½."),
        ),
        Slip("not-squared", {"L": lambda y, t: jnp.abs(t - y)}, _("The loss is the square of the error.")),
    ),
    hints=(
        _("From left to right: two sums, two values, one output, one loss."),
        _("`zⱼ = w₁ⱼx₁ + w₂ⱼx₂ + bⱼ`; `hⱼ = tanh(zⱼ)`; `ŷ = v₁h₁ + v₂h₂ + c`; `L = (t − ŷ)²`."),
    ),
    places=4,
    figure=show_network,
)


# --- the error signal of the output ----------------------------------------------------------------------


def _draw_output(stream: Stream) -> Givens | None:
    f = stream.choice([_("sigmoid"), _("tanh")])
    return {
        "f": f,
        "h": stream.vector(2, "0.1", "0.9", 1),
        "v": stream.vector(2, -2, 2, 1),
        "c": stream.decimal(-1, 1, 1, zero=False),
        "t": stream.integer(0, 1) if f == "sigmoid" else stream.choice([-1, 1]),
    }


OUTPUT = Exercise(
    id="q6.output-delta",
    question=6,
    level=1,
    minutes=6.0,
    title=_("The error signal of the output neuron"),
    text=_(
        "The output neuron of a network has the activation function `f`: %(f)s. It gets the hidden values `h "
        "= %(h)s`: `ŷ = f(v₁h₁ + v₂h₂ + c)` with `v = %(v)s`, `c = %(c)s`. The target is `t = %(t)s`, the "
        "loss `L = (t − ŷ)²`. Find `ŷ`, the error signal `δ = ∂L/∂z` (`z` is the neuron's sum), and the "
        "gradients with respect to both weights and the bias."
    ),
    draw=_draw_output,
    steps=(
        Step("z", lambda v, c, h: net_input(v, c, h), _("`z = %(v1)s·%(h1)s%(v2__)s·%(h2)s%(c__)s = %(z)s`")),
        Step("y", lambda f, z: jaxnet.activations.get(f).fn(z), _("`ŷ = f(%(z)s) ≈ %(y)s`")),
        Step(
            "s",
            lambda f, y: derivative_from_value(f, y),
            _("Derivative: for the sigmoid `ŷ(1 − ŷ)`, for tanh `1 − ŷ²`; here `f′(z) ≈ %(s)s`"),
        ),
        Step(
            "d",
            lambda y, t, s: error_derivative(y, t) * s,
            _("`δ = 2(ŷ − t)·f′(z) ≈ 2·(%(y)s − %(t_)s)·%(s)s ≈ %(d)s`"),
        ),
        Step(
            "g",
            lambda d, h: d * jnp.append(h, jnp.ones(1)),
            _(
                "`∂L/∂v₁ = δh₁ ≈ %(d)s·%(h1)s ≈ %(g1)s`, `∂L/∂v₂ = δh₂ ≈ %(d)s·%(h2)s ≈ %(g2)s`; the bias's "
                "input is 1: `∂L/∂c = δ ≈ %(g3)s`"
            ),
        ),
    ),
    asks=(
        Ask("y", "y", label="`ŷ`", tolerance=0.001),
        Ask("d", "d", label="`δ`", tolerance=0.001),
        Ask("g", "g", label="`∂L/∂v₁`, `∂L/∂v₂`, `∂L/∂c`", kind="vector", tolerance=0.001, weight=1.5),
    ),
    slips=(
        Slip(
            "sign",
            {"d": lambda y, t, s: -error_derivative(y, t) * s},
            _("The derivative of `(t − ŷ)²` with respect to `ŷ` is `2(ŷ − t)`; you have the wrong sign."),
            effect="factor",
        ),
        Slip(
            "no-two",
            {"d": lambda y, t, s: (y - t) * s},
            _("The square brings a factor 2: `∂L/∂ŷ = 2(ŷ − t)`."),
            effect="factor",
        ),
        Slip(
            "no-slope",
            {"d": lambda y, t: error_derivative(y, t)},
            _("The chain has another link: multiply by the derivative `f′(z)` of the output's activation."),
            effect="factor",
        ),
        Slip(
            "other-slope",
            {"s": lambda f, y: derivative_from_value(OTHER_FUNCTION[f], y)},
            _("This is the derivative of the other function: `σ′ = σ(1 − σ)`, `tanh′ = 1 − tanh²`."),
        ),
        Slip(
            "weights-for-inputs",
            {"g": lambda d, v: d * jnp.append(v, jnp.ones(1))},
            _(
                "The gradient with respect to a weight is `δ` times the value that comes in through it, not "
                "times the weight."
            ),
        ),
        Slip(
            "bias-times-bias",
            {"g": lambda d, h, c: d * jnp.append(h, c)},
            _("The bias is added as it is, so `∂z/∂c = 1` and `∂L/∂c = δ`."),
        ),
    ),
    hints=(
        _(
            "First the forward pass up to `ŷ`. `δ` is the derivative of the loss with respect to the sum "
            "`z`; the chain rule reaches it through `ŷ`."
        ),
        _("`δ = 2(ŷ − t)·f′(z)` with `σ′ = ŷ(1 − ŷ)` or `tanh′ = 1 − ŷ²`; `∂L/∂vⱼ = δhⱼ`, `∂L/∂c = δ`."),
    ),
    places=4,
)


# --- the order of the phases -----------------------------------------------------------------------------

#: The phases of one training step, in order; the first four are the forward pass.
PHASES = (
    _("the values of the first hidden layer are calculated from the input"),
    _("the values of the second hidden layer are calculated from those of the first"),
    _("the output is calculated from the values of the last hidden layer"),
    _("the loss is calculated from the output and the target"),
    _("the error signal `δ` of the output layer is calculated"),
    _("the error signals `δ` of the second hidden layer are calculated with the old output weights"),
    _("the error signals `δ` of the first hidden layer are calculated with the old weights behind it"),
    _("from all `δ` the gradients of all weights are calculated"),
    _("all weights are changed at once: `w ← w − η·∂L/∂w`"),
)
_LOSS, _SIGNAL, _HIDDEN, _GRADIENTS, _CHANGE = 3, 4, (5, 6), 7, 8


def _draw_order(stream: Stream) -> Givens | None:
    """Draw three of the five phases of hidden layers and output, at least one of each pass."""
    some = stream.sample((0, 1, 2, *_HIDDEN), 3)
    if not set(some) & set(_HIDDEN):
        return None
    return {"shown": stream.shuffle((*some, _LOSS, _SIGNAL, _GRADIENTS, _CHANGE))}


def _needed(g):
    """Which phase needs which, directly or not: the error signal needs the output, but not the loss."""
    shown = g["shown"]
    return [
        (shown.index(earlier), shown.index(later))
        for later in shown
        for earlier in shown
        if earlier < later and earlier != _LOSS
    ]


def _order(shown, *moved):
    """The positions of the phases in the right order; each pair in ``moved`` is a phase and its new time."""
    time = jnp.arange(9.0)
    for phase, new in moved:
        time = time.at[phase].set(new)
    return jnp.argsort(time[shown.astype(int)])


def _before(count):
    """The rule that says which of the parts shown are among the first phases."""
    return lambda shown: (shown < count).astype(shown.dtype)


ORDER = Exercise(
    id="q6.phases",
    question=6,
    level=1,
    minutes=3.0,
    revision=2,
    title=_("The phases of one training step"),
    text=_(
        "A network with two hidden layers makes one step of training by backpropagation. Below are seven of "
        "the parts of this step, in random order. Put them in an order in which they can be done, and say "
        "which of them belong to the forward pass."
    ),
    draw=_draw_order,
    steps=(
        Step("order", lambda shown: _order(shown)),
        Step(
            "numbers",
            lambda order: order + 1,
            _(
                "The numbers of the parts in the usual order: `%(numbers)s`. Only the place of the loss is "
                "free: nothing else needs its value"
            ),
        ),
        Step(
            "forward",
            _before(4),
            _(
                "Forward pass: hidden values, output, loss. The error signals and gradients are the backward "
                "pass, then comes the change"
            ),
        ),
    ),
    asks=(
        Ask(
            "order",
            "order",
            label=_("all parts in a possible order"),
            kind="order",
            options=lambda g: [PHASES[i] for i in g["shown"]],
            before=_needed,
        ),
        Ask(
            "forward",
            "forward",
            label=_("parts of the forward pass"),
            kind="several",
            weight=0.5,
            options=lambda g: [PHASES[i] for i in g["shown"]],
        ),
    ),
    slips=(
        Slip(
            "hidden-first",
            {"order": lambda shown: _order(shown, (6, 3.4), (5, 3.6))},
            _(
                "The error signal comes from the output: the hidden layer's `δ` is computed from the "
                "output's `δ`, which must be computed first."
            ),
        ),
        Slip(
            "changed-early",
            {"order": lambda shown: _order(shown, (7, 4.4), (8, 4.6))},
            _(
                "The hidden layer's `δ` needs the old output weights: nothing is changed before all "
                "gradients are known."
            ),
        ),
        Slip(
            "gradients-early",
            {"order": lambda shown: _order(shown, (7, 4.5))},
            _("The gradients of the hidden weights need the hidden layer's `δ`, which must be known first."),
        ),
        Slip(
            "loss-in-backward",
            {"forward": _before(_LOSS)},
            _("The loss is the last value of the forward pass."),
        ),
        Slip(
            "signal-in-forward",
            {"forward": _before(_SIGNAL + 1)},
            _("The error signal of the output is the first thing the backward pass calculates."),
        ),
    ),
    hints=(
        _("Ask of each part what it needs: what has to be known before it can be done?"),
        _(
            "For example, in the chain `a → b → L` the value `b` can be calculated only when `a` is known, "
            "and `∂L/∂a` only when `∂L/∂b` is known."
        ),
        _(
            "Values go from the input to the loss, derivatives from the loss back to the input. The weights "
            "are changed when every derivative is known."
        ),
    ),
)

EXERCISES = (FORWARD, OUTPUT, ORDER)
