"""Question 5: derivatives of activation functions, and why gradient descent needs them."""

import jaxnet
from quiz.bank.shared.neurons import derivative, error_derivative, net_input, relu, sigmoid, step, tanh
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

# --- derivatives at a point ----------------------------------------------------------------------------


def _draw_derivatives(stream: Stream) -> Givens | None:
    """Draw a neuron whose answer with the step function is wrong."""
    w, x = stream.decimal(-2, 2, 1, zero=False), stream.decimal(-2, 2, 1, zero=False)
    b = stream.decimal(-1, 1, 1, zero=False)
    z = w * x + b
    if abs(z) < 0.2 or abs(z) > 2:
        return None
    return {"w": w, "x": x, "b": b, "t": int(z < 0)}


#: The first step of both exercises.
_SUM = Step(
    "z", lambda w, x, b: net_input(w[None], b, x[None]), _("`z = wx + b = %(w)s·%(x_)s%(b__)s = %(z)s`")
)


def _gradients(ds, s, dy, y, t, x):
    """The gradients by the chain rule, with the sigmoid and with the step function."""
    return jnp.stack([error_derivative(a, t) * da * x for da, a in ((ds, s), (dy, y))])


DERIVATIVES = Exercise(
    id="q5.derivatives",
    question=5,
    level=2,
    minutes=8.0,
    revision=2,
    title=_("Derivatives at a point, and the derivative of the step function"),
    text=_(
        "A neuron has one input: `z = wx + b` with `w = %(w)s`, `b = %(b)s`, and `x = %(x)s`; its target is "
        "`t = %(t)s` and its loss is `L = (t − a)²`, where `a` is its answer. Find the derivatives of the "
        "sigmoid `σ`, of tanh and of ReLU at this `z`. Then find the gradient `∂L/∂w` twice: for `a = σ(z)`, "
        "and for the step function (`a = 1` if `z > 0`, else 0)."
    ),
    draw=_draw_derivatives,
    steps=(
        _SUM,
        Step("s", sigmoid, _("`σ(z) = 1/(1 + e⁻ᶻ) ≈ %(s)s`")),
        Step("h", tanh, _("`tanh(z) ≈ %(h)s`")),
        Step(
            "ds",
            lambda z: derivative("sigmoid", z),
            _("`σ′(z) = σ(z)·(1 − σ(z)) ≈ %(s)s·(1 − %(s)s) ≈ %(ds)s`"),
        ),
        Step("dt", lambda z: derivative("tanh", z), _("`tanh′(z) = 1 − tanh²(z) ≈ 1 − (%(h)s)² ≈ %(dt)s`")),
        Step(
            "dr",
            lambda z: derivative("relu", z),
            _("`ReLU′(z) = %(dr)s`, because it is 1 for `z > 0` and 0 for `z < 0`"),
        ),
        Step("y", step, _("The step function answers `a = %(y)s`")),
        Step(
            "dy",
            lambda z: derivative("step", z),
            _("Its derivative is %(dy)s: its graph is flat on both sides of 0"),
        ),
        Step(
            "g",
            _gradients,
            _(
                "`∂L/∂w = 2(a − t)·a′·x`: with the sigmoid `2·(%(s)s − %(t)s)·%(ds)s·%(x_)s ≈ %(g1)s`, with "
                "the step function `2·(%(y)s − %(t)s)·%(dy)s·%(x_)s = %(g2)s`. The neuron with the step "
                "function is wrong and still learns nothing"
            ),
        ),
    ),
    asks=(
        Ask("z", "z", label="`z`", tolerance=0.001),
        Ask("ds", "ds", label="`σ′(z)`", tolerance=0.001),
        Ask("dt", "dt", label="`tanh′(z)`", tolerance=0.001),
        Ask("dr", "dr", label="`ReLU′(z)`", tolerance=0.001, weight=0.25),
        Ask(
            "g",
            "g",
            label=_("`∂L/∂w` with the sigmoid and with the step function"),
            kind="vector",
            tolerance=0.001,
        ),
    ),
    slips=(
        Slip(
            "value",
            {"ds": lambda s: s, "dt": lambda h: h, "dr": relu},
            _("This is the value of the function; the derivative says how fast it changes there."),
        ),
        Slip(
            "of-z",
            {"ds": lambda z: z * (1 - z), "dt": lambda z: 1 - z * z},
            _("`a(1 − a)` and `1 − a²` take the neuron's answer `a`, not the sum `z`."),
        ),
        Slip(
            "exchanged",
            {"ds": lambda s: 1 - s * s, "dt": lambda h: h * (1 - h)},
            _("You have swapped the two formulas: `σ′ = σ(1 − σ)` and `tanh′ = 1 − tanh²`."),
        ),
        Slip(
            "step-learns",
            {"dy": lambda z: 1 + 0 * z},
            _(
                "The step function is constant everywhere except at the jump: its derivative is 0, not 1, "
                "and so is the gradient. (The perceptron's learning rule is not gradient descent through it.)"
            ),
        ),
        Slip(
            "no-input",
            {"g": lambda ds, s, dy, y, t, x: _gradients(ds, s, dy, y, t, 1 + 0 * x)},
            _("The last link of the chain is `∂z/∂w = x`: multiply by the input."),
            effect="factor",
        ),
        Slip(
            "sign",
            {"g": lambda ds, s, dy, y, t, x: -_gradients(ds, s, dy, y, t, x)},
            _("The derivative of `(t − a)²` with respect to `a` is `2(a − t)`; you have the wrong sign."),
            effect="factor",
        ),
        Slip(
            "no-two",
            {"g": lambda ds, s, dy, y, t, x: _gradients(ds, s, dy, y, t, x) / 2},
            _("The square brings a factor 2: `∂L/∂a = 2(a − t)`."),
            effect="factor",
        ),
        Slip(
            "no-slope",
            {"g": lambda ds, s, dy, y, t, x: _gradients(1 + 0 * ds, s, dy, y, t, x)},
            _("The middle link of the chain is missing: multiply by the derivative `a′(z)`."),
            effect="factor",
        ),
    ),
    hints=(
        _(
            "First `z`, then the three functions and their derivatives at this `z`; the gradient comes from "
            "the chain rule."
        ),
        _(
            "`σ′ = σ(1 − σ)`, `tanh′ = 1 − tanh²`, `ReLU′` is 1 or 0; `∂L/∂w = 2(a − t)·a′(z)·x`. Think of "
            "the graph of the step function: how steep is it at `z`?"
        ),
    ),
    places=4,
)

# --- three ways to learn ---------------------------------------------------------------------------------


def _draw_step(stream: Stream) -> Givens | None:
    givens = _draw_derivatives(stream)
    eta = stream.decimal("0.5", 2, 1)
    return givens and {**givens, "eta": eta}


def _descend(w, eta, g):
    return w - eta * g


def _by_rule(w, b, x, e, eta):
    return jaxnet.perceptron.correct({"w": w[None], "b": b}, x[None], e, eta)["w"][0]


STEP = Exercise(
    id="q5.step",
    question=5,
    level=1,
    minutes=7.0,
    revision=2,
    title=_("Gradient descent with the step function"),
    text=_(
        "A neuron has one input: `z = wx + b` with `w = %(w)s`, `b = %(b)s`; for `x = %(x)s` the target is "
        "`t = %(t)s`, and the learning rate is `η = %(eta)s`. Find the new `w` in three ways: by gradient "
        "descent on `L = (t − a)²` with the sigmoid, `a = σ(z)`; by gradient descent on the same loss with "
        "the step function (`a = 1` if `z > 0`, else 0); and by the perceptron's learning rule with the step "
        "function."
    ),
    draw=_draw_step,
    steps=(
        _SUM,
        Step("a", sigmoid, _("`a = σ(%(z)s) ≈ %(a)s`")),
        Step(
            "g",
            lambda a, t, x: error_derivative(a, t) * a * (1 - a) * x,
            _("`∂L/∂w = 2(a − t)·a(1 − a)·x ≈ 2·(%(a)s − %(t)s)·%(a)s·(1 − %(a)s)·%(x_)s ≈ %(g)s`"),
        ),
        Step("ws", _descend, _("Sigmoid: `w ← w − η·∂L/∂w ≈ %(w)s − %(eta)s·%(g_)s ≈ %(ws)s`")),
        Step("y", step, _("The step function answers `y = %(y)s`")),
        Step(
            "k",
            lambda z, y, t, x: error_derivative(y, t) * derivative("step", z) * x,
            _("But its derivative is 0, and so is the gradient: `2·(%(y)s − %(t)s)·0·%(x_)s = %(k)s`"),
        ),
        Step(
            "wk",
            lambda w, eta, k: _descend(w, eta, k),
            _("Step function: `w ← %(w)s − %(eta)s·%(k_)s = %(wk)s`, gradient descent does not move"),
        ),
        Step(
            "wp",
            lambda w, b, x, t, y, eta: _by_rule(w, b, x, t - y, eta),
            _("Learning rule: `w ← w + η(t − y)x = %(w)s + %(eta)s·(%(t)s − %(y)s)·%(x_)s = %(wp)s`"),
        ),
    ),
    asks=(
        Ask("a", "a", label=_("`a = σ(z)`"), tolerance=0.002),
        Ask("g", "g", label=_("`∂L/∂w` with the sigmoid"), tolerance=0.002),
        Ask("ws", "ws", label=_("new `w`, gradient descent with the sigmoid"), tolerance=0.002),
        Ask(
            "wk",
            "wk",
            label=_("new `w`, gradient descent with the step function"),
            tolerance=0.002,
            weight=0.25,
        ),
        Ask("wp", "wp", label=_("new `w`, learning rule"), tolerance=0.002),
    ),
    slips=(
        Slip(
            "step-learns",
            {"k": lambda y, t, x: error_derivative(y, t) * x},
            _(
                "You have left out the derivative of the step function. It is 0 on both sides of the jump, "
                "so gradient descent gets no direction from it."
            ),
        ),
        Slip(
            "no-slope",
            {"g": lambda a, t, x: error_derivative(a, t) * x},
            _("The derivative of the sigmoid is missing: the chain rule brings the factor `a(1 − a)`."),
            effect="factor",
        ),
        Slip(
            "no-two",
            {"g": lambda a, t, x: (a - t) * a * (1 - a) * x},
            _("The square brings a factor 2: `∂L/∂a = 2(a − t)`."),
            effect="factor",
        ),
        Slip(
            "sign",
            {"g": lambda a, t, x: -error_derivative(a, t) * a * (1 - a) * x},
            _("The derivative of `(t − a)²` with respect to `a` is `2(a − t)`; you have the wrong sign."),
            effect="factor",
        ),
        Slip(
            "slope-of-z",
            {"g": lambda a, z, t, x: error_derivative(a, t) * z * (1 - z) * x},
            _("`a(1 − a)` takes the neuron's answer `a`, not the sum `z`."),
        ),
        Slip(
            "no-input",
            {"g": lambda a, t: error_derivative(a, t) * a * (1 - a)},
            _("The last link of the chain is `∂z/∂w = x`: multiply by the input."),
            effect="factor",
        ),
        Slip(
            "uphill",
            {"ws": lambda w, eta, g: w + eta * g},
            _("Gradient descent goes down: subtract `η·∂L/∂w`."),
            effect="factor",
        ),
        Slip(
            "rule-with-sigmoid",
            {"wp": lambda w, b, x, t, a, eta: _by_rule(w, b, x, t - a, eta)},
            _("The perceptron's rule uses the answer of the step function, 0 or 1, not that of the sigmoid."),
        ),
        Slip(
            "rule-sign",
            {"wp": lambda w, b, x, t, y, eta: _by_rule(w, b, x, y - t, eta)},
            _("The error of the learning rule is the target minus the answer, `t − y`."),
        ),
    ),
    hints=(
        _(
            "First `z` and both answers. Then ask yourself for each method: how does the loss change if `w` "
            "changes a little?"
        ),
        _(
            "`∂L/∂w = 2(a − t)·a′(z)·x` with `σ′ = a(1 − a)`, and the step function is constant; the "
            "learning rule is `w ← w + η(t − y)x` and needs no derivative."
        ),
    ),
    places=4,
)

EXERCISES = (DERIVATIVES, STEP)
