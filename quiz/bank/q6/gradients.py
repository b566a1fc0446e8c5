"""Question 6: error signals of hidden layers, and all gradients of an example and of a batch."""

import jaxnet
from quiz.bank.q6.backward import HIDDEN_SUMS, TRANSPOSED, show_network
from quiz.bank.shared.neurons import error_derivative, net_input, relu
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _through_relu(signal, h):
    """The error signal passed back through ReLU: unchanged where the neuron is active, else 0."""
    return signal * jaxnet.activations.derivative("relu")(h)


# --- error signals of the hidden layer -------------------------------------------------------------------


def _draw_deltas(stream: Stream) -> Givens | None:
    return {
        "x": stream.vector(2, -3, 3, 0),
        "h": stream.vector(2, "0.1", "0.9", 1),
        "V": stream.matrix(2, 2, -3, 3, 0),
        "d": stream.vector(2, "-0.9", "0.9", 1),
    }


DELTAS = Exercise(
    id="q6.hidden-deltas",
    question=6,
    level=2,
    minutes=7.0,
    revision=2,
    title=_("Error signals of the hidden layer"),
    text=_(
        "A 2-2-2 network has sigmoids in its hidden layer. For the input `x = %(x)s` the forward pass gave "
        "the hidden values `h = %(h)s`, and at the two output neurons the backward pass gave the error "
        "signals `δ = %(d)s`. The weight from hidden neuron `j` to output neuron `k` is `vⱼₖ`: `v₁₁ = "
        "%(V11)s`, `v₁₂ = %(V12)s`, `v₂₁ = %(V21)s`, `v₂₂ = %(V22)s`. Find `∂L/∂h₁` and `∂L/∂h₂`, the error "
        "signals `δʰ₁` and `δʰ₂` of the hidden neurons (the derivatives of `L` with respect to their sums), "
        "and the gradients with respect to their weights: a matrix whose row `i` belongs to input `i` and "
        "column `j` to hidden neuron `j`."
    ),
    draw=_draw_deltas,
    steps=(
        Step(
            "s",
            lambda V, d: V @ d,
            _(
                "`∂L/∂h₁ = v₁₁δ₁ + v₁₂δ₂ = %(V11)s·%(d1_)s%(V12__)s·%(d2_)s = %(s1)s`, `∂L/∂h₂ = v₂₁δ₁ + "
                "v₂₂δ₂ = %(V21)s·%(d1_)s%(V22__)s·%(d2_)s = %(s2)s`"
            ),
        ),
        Step(
            "e",
            lambda s, h: s * h * (1 - h),
            _(
                "`δʰ₁ = ∂L/∂h₁·h₁(1 − h₁) = %(s1)s·%(h1)s·(1 − %(h1)s) ≈ %(e1)s`, `δʰ₂ = ∂L/∂h₂·h₂(1 − h₂) = "
                "%(s2)s·%(h2)s·(1 − %(h2)s) ≈ %(e2)s`"
            ),
        ),
        Step("G", lambda x, e: x[:, None] * e[None, :], _("`∂L/∂wᵢⱼ = xᵢδʰⱼ`: the matrix `%(G)s`")),
    ),
    asks=(
        Ask("s", "s", label="`∂L/∂h₁`, `∂L/∂h₂`", kind="vector", tolerance=0.002),
        Ask("e", "e", label="`δʰ₁`, `δʰ₂`", kind="vector", tolerance=0.002),
        Ask(
            "gw",
            "G",
            label=_("the gradients `∂L/∂wᵢⱼ`, two rows of two numbers"),
            kind="matrix",
            tolerance=0.002,
        ),
    ),
    slips=(
        Slip(
            "transposed",
            {"s": lambda V, d: V.T @ d},
            _(
                "Hidden neuron `j` receives its signal back through the connections that leave it, with the "
                "weights `vⱼ₁` and `vⱼ₂`. You have swapped the indices."
            ),
        ),
        Slip(
            "one-output",
            {"s": lambda V, d: V[:, 0] * d[0]},
            _("A hidden neuron feeds both outputs: add up the signals that come back from both."),
        ),
        Slip(
            "no-weights",
            {"s": lambda V, d: jnp.sum(d) * jnp.ones(2)},
            _("Each signal comes back through its connection and is multiplied by the weight there."),
        ),
        Slip(
            "no-slope",
            {"e": lambda s: s},
            _("The derivative of the hidden neuron's sigmoid is missing: multiply by `hⱼ(1 − hⱼ)`."),
        ),
        Slip(
            "value-for-slope",
            {"e": lambda s, h: s * h},
            _("Multiply by the derivative of the sigmoid, `h(1 − h)`, not by its value."),
        ),
        Slip(
            "hidden-for-input",
            {"G": lambda h, e: h[:, None] * e[None, :]},
            _("The weights of the hidden layer receive `x`, not `h`: multiply by the input."),
        ),
        Slip(
            "gradient-transposed",
            {"G": lambda x, e: e[:, None] * x[None, :]},
            _(
                "Row `i` of the gradients belongs to input `i`, column `j` to hidden neuron `j`, as with the "
                "weights; you have swapped them."
            ),
        ),
    ),
    hints=(
        _(
            "Follow the connections backwards: which outputs does a hidden neuron feed, and through which "
            "weights?"
        ),
        _("`∂L/∂hⱼ = vⱼ₁δ₁ + vⱼ₂δ₂`; `δʰⱼ = ∂L/∂hⱼ·hⱼ(1 − hⱼ)`; `∂L/∂wᵢⱼ = xᵢδʰⱼ`."),
    ),
    places=4,
)


# --- all gradients ---------------------------------------------------------------------------------------


def _draw_gradients(stream: Stream) -> Givens | None:
    """Draw a network with one active and one inactive hidden neuron."""
    x, W, b = stream.vector(2, -3, 3, 0), stream.matrix(2, 2, -2, 2, 0), stream.vector(2, -2, 2, 0)
    z = [x[0] * w1 + x[1] * w2 + c for w1, w2, c in zip(*W, b, strict=True)]
    if (z[0] > 0) == (z[1] > 0) or 0 in z or max(z) > 6:
        return None
    v, c = stream.vector(2, -2, 2, 1), stream.decimal(-1, 1, 1, zero=False)
    y = sum(v_ * max(0, z_) for v_, z_ in zip(v, z, strict=True)) + c
    return {"x": x, "W": W, "b": b, "v": v, "c": c, "t": round(y) + stream.choice([-2, -1, 1, 2])}


GRADIENTS = Exercise(
    id="q6.gradients",
    question=6,
    level=2,
    minutes=9.0,
    title=_("All gradients of a 2-2-1 network"),
    text=_(
        "A 2-2-1 network has ReLU in its hidden layer, `hⱼ = ReLU(w₁ⱼx₁ + w₂ⱼx₂ + bⱼ)`, and no activation at "
        "the output, `ŷ = v₁h₁ + v₂h₂ + c`. Its parameters are `w₁₁ = %(W11)s`, `w₁₂ = %(W12)s`, `w₂₁ = "
        "%(W21)s`, `w₂₂ = %(W22)s`, `b = %(b)s`, `v = %(v)s`, `c = %(c)s`. For the input `x = %(x)s` the "
        "target is `t = %(t)s`; `L = (t − ŷ)²`. Find `ŷ` and the gradients of `L` with respect to all nine "
        "parameters."
    ),
    draw=_draw_gradients,
    steps=(
        HIDDEN_SUMS,
        Step("h", relu, _("`h = ReLU(z) = %(h)s`: one of the neurons is inactive")),
        Step("y", lambda v, c, h: net_input(v, c, h), _("`ŷ = %(v1)s·%(h1)s%(v2__)s·%(h2)s%(c__)s = %(y)s`")),
        Step("d", error_derivative, _("`δ = 2(ŷ − t) = 2·(%(y)s − %(t_)s) = %(d)s`, and so `∂L/∂c = %(d)s`")),
        Step("g", lambda d, h: d * h, _("`∂L/∂vⱼ = δhⱼ`: `%(g)s`")),
        Step(
            "e",
            lambda d, v, h: _through_relu(d * v, h),
            _(
                "`δⱼ = δvⱼ` where the neuron is active, 0 where it is not: `%(e)s`; these are `∂L/∂b₁` and "
                "`∂L/∂b₂` too"
            ),
        ),
        Step("G", lambda x, e: x[:, None] * e[None, :], _("`∂L/∂wᵢⱼ = xᵢδⱼ`: the matrix `%(G)s`")),
    ),
    asks=(
        Ask("y", "y", label="`ŷ`", weight=0.5),
        Ask("gc", "d", label="`∂L/∂c`"),
        Ask("gv", "g", label="`∂L/∂v₁`, `∂L/∂v₂`", kind="vector"),
        Ask("gb", "e", label="`∂L/∂b₁`, `∂L/∂b₂`", kind="vector"),
        Ask("gw", "G", label=_("the gradients `∂L/∂wᵢⱼ`, two rows of two numbers"), kind="matrix"),
    ),
    slips=(
        TRANSPOSED,
        Slip(
            "inactive-learns",
            {"e": lambda d, v: d * v},
            _("An inactive ReLU neuron passes nothing back: its derivative is 0, and so are its gradients."),
        ),
        Slip(
            "sign",
            {"d": lambda y, t: -error_derivative(y, t)},
            _("The derivative of `(t − ŷ)²` with respect to `ŷ` is `2(ŷ − t)`; you have the wrong sign."),
            effect="factor",
        ),
        Slip(
            "no-two",
            {"d": lambda y, t: y - t},
            _("The square brings a factor 2: `∂L/∂ŷ = 2(ŷ − t)`."),
            effect="factor",
        ),
        Slip(
            "no-weight",
            {"e": lambda d, h: _through_relu(d + 0 * h, h)},
            _("The error signal comes back through the connection: multiply by its weight `vⱼ`."),
        ),
        Slip(
            "gradient-transposed",
            {"G": lambda x, e: e[:, None] * x[None, :]},
            _(
                "Row `i` of the gradients belongs to input `i`, column `j` to hidden neuron `j`, as with the "
                "weights; you have swapped them."
            ),
        ),
        Slip(
            "hidden-for-input",
            {"G": lambda h, e: h[:, None] * e[None, :]},
            _("The weights of the hidden layer receive `x`, not `h`: multiply `δⱼ` by the input."),
        ),
    ),
    hints=(
        _(
            "Forward pass to `ŷ`, then backward: `δ` of the output, `δⱼ` of the hidden neurons. Each "
            "gradient is a `δ` times what comes in."
        ),
        _(
            "`δ = 2(ŷ − t)`; `∂L/∂vⱼ = δhⱼ`; `δⱼ = δvⱼ` if neuron `j` is active, else 0; `∂L/∂wᵢⱼ = xᵢδⱼ`; a "
            "bias's gradient is its `δ`."
        ),
    ),
    figure=show_network,
)


# --- a batch in matrix form ------------------------------------------------------------------------------


def _draw_batch(stream: Stream) -> Givens | None:
    """Draw four inputs such that each hidden neuron is active for some of them."""
    X = stream.matrix(4, 2, -2, 2, 0, zero=True)
    W, b = stream.matrix(2, 2, -2, 2, 0), stream.vector(2, -2, 2, 0)
    z = [[x[0] * w1 + x[1] * w2 + c for w1, w2, c in zip(*W, b, strict=True)] for x in X]
    if any(not 0 < sum(row[j] > 0 for row in z) < 4 for j in (0, 1)) or len(set(X)) < 4:
        return None
    return {
        "X": X,
        "H": tuple(tuple(max(s - s, s) for s in row) for row in z),
        "v": stream.vector(2, -2, 2, 0),
        "c": stream.decimal(-2, 2, 0, zero=False),
        "t": tuple(stream.integer(-3, 3) for _row in range(4)),
    }


def _error_signals(y, t):
    """The error signals of a batch; each contains the factor 1/N, as the loss is a mean."""
    return jaxnet.losses.derivative("mse")(y, t) / len(t)


BATCH = Exercise(
    id="q6.batch",
    question=6,
    level=3,
    minutes=12.0,
    title=_("The backward pass of a batch in matrix form"),
    text=_(
        "The rows of `X = %(X)s` are a batch of `N = 4` inputs. A hidden layer with two ReLU neurons gave "
        "the values `H = %(H)s`. The output is `ŷ = Hv + c` with `v = %(v)s`, `c = %(c)s`; the targets are "
        "`t = %(t)s`, and the loss is the mean squared error `L = (1/N)·Σ(tₙ − ŷₙ)²`. Find the outputs, `δ = "
        "∂L/∂ŷ` (four numbers), `∂L/∂v`, the matrix `E` of the error signals of the hidden layer "
        "(derivatives of `L` with respect to its sums; a row for each input), and the gradient `∂L/∂W = XᵀE` "
        "with respect to its weights."
    ),
    draw=_draw_batch,
    steps=(
        Step("y", lambda v, c, H: net_input(v, c, H), _("`ŷ = Hv + c = %(y)s`")),
        Step("d", _error_signals, _("`δ = (2/N)·(ŷ − t) = ½·(ŷ − t) = %(d)s`")),
        Step("g", lambda H, d: H.T @ d, _("`∂L/∂v = Hᵀδ = %(g)s`: each column of `H` times `δ`")),
        Step(
            "E",
            lambda d, v, H: _through_relu(d[:, None] * v[None, :], H),
            _("`δₙvⱼ` where `H` is positive, 0 where the neuron is inactive: `E = %(E)s`"),
        ),
        Step(
            "G", lambda X, E: X.T @ E, _("`∂L/∂W = XᵀE = %(G)s`: each column of `X` times each column of `E`")
        ),
    ),
    asks=(
        Ask("y", "y", label=_("the four outputs `ŷ`"), kind="vector", weight=0.5),
        Ask("d", "d", label=_("`δ`, four numbers"), kind="vector"),
        Ask("gv", "g", label="`∂L/∂v₁`, `∂L/∂v₂`", kind="vector"),
        Ask("E", "E", label=_("`E`, four rows of two numbers"), kind="matrix"),
        Ask("gw", "G", label=_("`∂L/∂W`, two rows of two numbers"), kind="matrix"),
    ),
    slips=(
        Slip(
            "no-mean",
            {"d": lambda y, t: 4 * _error_signals(y, t)},
            _("The loss is a mean over the batch: each error signal carries the factor `1/N`."),
            effect="factor",
        ),
        Slip(
            "no-two",
            {"d": lambda y, t: _error_signals(y, t) / 2},
            _("The square brings a factor 2: `δ = (2/N)·(ŷ − t)`."),
            effect="factor",
        ),
        Slip(
            "sign",
            {"d": lambda y, t: -_error_signals(y, t)},
            _("The derivative of `(t − ŷ)²` with respect to `ŷ` is `2(ŷ − t)`; you have the wrong sign."),
            effect="factor",
        ),
        Slip(
            "no-relu",
            {"E": lambda d, v: d[:, None] * v[None, :]},
            _("An inactive neuron passes nothing back: where `H` is 0, `E` is 0."),
        ),
        Slip(
            "values-for-slopes",
            {"E": lambda d, v, H: d[:, None] * v[None, :] * H},
            _("Multiply by the derivative of ReLU, 1 or 0, not by the hidden value."),
        ),
        Slip(
            "gradient-transposed",
            {"G": lambda X, E: E.T @ X},
            _("`XᵀE`, not `EᵀX`: row `i` belongs to input `i`, column `j` to hidden neuron `j`."),
        ),
        Slip(
            "averaged-twice",
            {"g": lambda H, d: H.T @ d / 4, "G": lambda X, E: X.T @ E / 4},
            _("`δ` already contains the factor `1/N`: add up over the batch, do not average once more."),
        ),
    ),
    hints=(
        _(
            "Write every quantity as a matrix with a row for each input; transposing brings the sum over the "
            "batch."
        ),
        _(
            "`δ = (2/N)(ŷ − t)`; `∂L/∂v = Hᵀδ`; `E` has the entries `δₙvⱼ` where `H` is positive, else 0; "
            "`∂L/∂W = XᵀE`."
        ),
    ),
)

EXERCISES = (DELTAS, GRADIENTS, BATCH)
