"""Question 6: the backward pass of backpropagation, from the error signals to the updated weights."""

from typing import Any

from quiz.bank.shared.neurons import error_derivative, layer, net_input, sigmoid, squared_error
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream
from quiz.exercise.figure import Network
from quiz.text import mark as _


def show_network(g: Any) -> Any:
    """A 2-2-1 network with its weights and biases."""
    return Network(
        (2, 2, 1),
        _(
            "A 2-2-1 network: its weights on the connections, its biases under the neurons; the question "
            "gives them too."
        ),
        weights=(g["W"], tuple((v,) for v in g["v"])),
        biases=(g["b"], (g["c"],)),
    )


# --- one whole step through a 2-2-1 network -------------------------------------------------------------


def draw_weights(stream: Stream) -> dict[str, Any]:
    """Draw an input, and the weights and biases of a 2-2-1 network."""
    return {
        "x": stream.vector(2, -2, 2, 1),
        "W": stream.matrix(2, 2, -2, 2, 1),
        "b": stream.vector(2, -1, 1, 1),
        "v": stream.vector(2, -2, 2, 1),
        "c": stream.decimal(-1, 1, 1, zero=False),
    }


#: The first step of the forward pass through a 2-2-1 network, and a slip in it.
HIDDEN_SUMS = Step(
    "z",
    lambda W, b, x: layer(W, b, x),
    _(
        "`z₁ = %(W11)s·%(x1_)s%(W21__)s·%(x2_)s%(b1__)s = %(z1)s`, `z₂ = "
        "%(W12)s·%(x1_)s%(W22__)s·%(x2_)s%(b2__)s = %(z2)s`"
    ),
)
TRANSPOSED = Slip(
    "transposed",
    {"z": lambda W, b, x: layer(W.T, b, x)},
    _("In `w₁₂` the first index is the input and the second the hidden neuron; you have swapped them."),
    effect="term",
)


def _draw_network(stream: Stream) -> Givens | None:
    return draw_weights(stream) | {
        "t": stream.integer(0, 1),
        "eta": stream.choice([stream.decimal("0.5", 2, 1), stream.decimal("0.2", 1, 1)]),
    }


NETWORK = Exercise(
    id="q6.network",
    question=6,
    level=3,
    minutes=15.0,
    revision=2,
    title=_("Forward and backward pass of a 2-2-1 network"),
    text=_(
        "All neurons of a 2-2-1 network use the sigmoid `σ`. Hidden layer: `hⱼ = σ(w₁ⱼx₁ + w₂ⱼx₂ + bⱼ)` with "
        "`w₁₁ = %(W11)s`, `w₁₂ = %(W12)s`, `w₂₁ = %(W21)s`, `w₂₂ = %(W22)s`, `b = %(b)s`. Output: `ŷ = "
        "σ(v₁h₁ + v₂h₂ + c)` with `v = %(v)s`, `c = %(c)s`. The input is `x = %(x)s`, the target `t = "
        "%(t)s`, the loss `L = (t − ŷ)²`. Make the forward pass and the backward pass (`δ` is the derivative "
        "of `L` with respect to a neuron's sum), then change `v₁` by gradient descent with `η = %(eta)s`."
    ),
    draw=_draw_network,
    steps=(
        HIDDEN_SUMS,
        Step("h", sigmoid, _("`h₁ = σ(%(z1)s) ≈ %(h1)s`, `h₂ = σ(%(z2)s) ≈ %(h2)s`")),
        Step(
            "u",
            lambda v, c, h: net_input(v, c, h),
            _("`z = v₁h₁ + v₂h₂ + c ≈ %(v1)s·%(h1)s%(v2__)s·%(h2)s%(c__)s ≈ %(u)s`"),
        ),
        Step("y", lambda u: sigmoid(u), _("`ŷ = σ(%(u)s) ≈ %(y)s`")),
        Step("L", squared_error, _("`L = (t − ŷ)² ≈ (%(t)s − %(y)s)² ≈ %(L)s`")),
        Step(
            "d",
            lambda y, t: error_derivative(y, t) * y * (1 - y),
            _("`δ = 2(ŷ − t)·ŷ(1 − ŷ) ≈ 2·(%(y)s − %(t)s)·%(y)s·(1 − %(y)s) ≈ %(d)s`"),
        ),
        Step(
            "e",
            lambda d, v, h: d * v * h * (1 - h),
            _(
                "`δ₁ = v₁δ·h₁(1 − h₁) ≈ %(v1)s·%(d_)s·%(h1)s·(1 − %(h1)s) ≈ %(e1)s`, `δ₂ = v₂δ·h₂(1 − h₂) ≈ "
                "%(v2)s·%(d_)s·%(h2)s·(1 − %(h2)s) ≈ %(e2)s`"
            ),
        ),
        Step("gv", lambda d, h: d * h[0], _("`∂L/∂v₁ = δ·h₁ ≈ %(d)s·%(h1)s ≈ %(gv)s`")),
        Step("gw", lambda e, x: e[0] * x[0], _("`∂L/∂w₁₁ = δ₁·x₁ ≈ %(e1)s·%(x1_)s ≈ %(gw)s`")),
        Step(
            "new",
            lambda v, eta, gv: v[0] - eta * gv,
            _("`v₁ ← v₁ − η·∂L/∂v₁ ≈ %(v1)s − %(eta)s·%(gv_)s ≈ %(new)s`"),
            base=lambda v: v[0],
        ),
    ),
    asks=(
        Ask("h1", "h", (0,), label="`h₁`", tolerance=0.0005),
        Ask("h2", "h", (1,), label="`h₂`", tolerance=0.0005),
        Ask("y", "y", label="`ŷ`", tolerance=0.0005),
        Ask("L", "L", label="`L`", tolerance=0.0005),
        Ask("d", "d", label=_("`δ` of the output neuron"), tolerance=0.0005),
        Ask("d1", "e", (0,), label=_("`δ₁` of the first hidden neuron"), tolerance=0.0005),
        Ask("d2", "e", (1,), label=_("`δ₂` of the second hidden neuron"), tolerance=0.0005),
        Ask("gv1", "gv", label="`∂L/∂v₁`", tolerance=0.0005),
        Ask("gw11", "gw", label="`∂L/∂w₁₁`", tolerance=0.0005),
        Ask("v1", "new", label=_("new `v₁`"), tolerance=0.0005),
    ),
    slips=(
        TRANSPOSED,
        Slip(
            "no-bias",
            {"z": lambda W, b, x: layer(W, 0 * b, x), "u": lambda v, c, h: net_input(v, 0 * c, h)},
            _("Each neuron's bias is part of its sum."),
            effect="term",
        ),
        Slip(
            "half-loss",
            {"L": lambda y, t: squared_error(y, t) / 2},
            _("The loss here is `L = (t − ŷ)²`, without the factor ½."),
        ),
        Slip(
            "no-output-slope",
            {"d": lambda y, t: error_derivative(y, t)},
            _("The output neuron has a sigmoid: its `δ` has the factor `σ′ = ŷ(1 − ŷ)` too."),
            effect="factor",
        ),
        Slip(
            "sign",
            {"d": lambda y, t: -error_derivative(y, t) * y * (1 - y)},
            _("The derivative of `(t − ŷ)²` with respect to `ŷ` is `2(ŷ − t)`; you have the wrong sign."),
            effect="factor",
        ),
        Slip(
            "no-two",
            {"d": lambda y, t: (y - t) * y * (1 - y)},
            _("The square brings a factor 2: `∂L/∂ŷ = 2(ŷ − t)`."),
            effect="factor",
        ),
        Slip(
            "no-hidden-slope",
            {"e": lambda d, v: d * v},
            _(
                "A hidden neuron's `δ` has the derivative of its own sigmoid as a factor: multiply by `hⱼ(1 "
                "− hⱼ)`."
            ),
            effect="factor",
        ),
        Slip(
            "new-weight",
            {"e": lambda d, v, h, eta: d * (v - eta * d * h) * h * (1 - h)},
            _("All weights are changed at once, at the end: `δⱼ` needs the old `vⱼ`."),
        ),
        Slip(
            "no-weight",
            {"e": lambda d, h: d * h * (1 - h)},
            _("The error signal comes back through the connection: multiply by its weight `vⱼ`."),
            effect="factor",
        ),
        Slip(
            "own-value",
            {"gv": lambda d, y: d * y, "gw": lambda e, h: e[0] * h[0]},
            _("A weight's gradient is `δ` at its end times the value at its beginning: `δ·h₁` and `δ₁·x₁`."),
            effect="factor",
        ),
        Slip(
            "uphill",
            {"new": lambda v, eta, gv: v[0] + eta * gv},
            _("Gradient descent goes down: subtract `η·∂L/∂v₁`."),
            effect="factor",
        ),
        Slip(
            "no-rate",
            {"new": lambda v, gv: v[0] - gv},
            _("The learning rate is missing: the change is `η·∂L/∂v₁`."),
            effect="factor",
        ),
    ),
    hints=(
        _(
            "Forward pass: the sums and values of the hidden layer, the output, the loss. Backward pass: `δ` "
            "of the output, then of the hidden neurons, then the gradients."
        ),
        _(
            "`σ′ = a(1 − a)`, where `a` is the neuron's value; `δ = 2(ŷ − t)·ŷ(1 − ŷ)`; `δⱼ = vⱼδ·hⱼ(1 − "
            "hⱼ)`; a weight's gradient is `δ` at its end times the value at its beginning."
        ),
    ),
    places=4,
    figure=show_network,
)

EXERCISES = (NETWORK,)
