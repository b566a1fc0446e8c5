"""Question 6: two hidden layers, and what the forward pass must keep."""

from typing import Any

from quiz.bank.shared.neurons import derivative, error_derivative, layer, relu
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.exercise.figure import Network
from quiz.text import mark as _


def _sums(W: Any, x: Any) -> Any:
    """The sums of two neurons without biases, exactly or traced."""
    return tuple(W[0][j] * x[0] + W[1][j] * x[1] for j in (0, 1))


def _draw_deep(stream: Stream) -> Givens | None:
    for _attempt in range(30):
        x, v = stream.vector(2, -2, 3, 0), stream.vector(2, -2, 2, 0)
        W, U = stream.matrix(2, 2, -2, 2, 0), stream.matrix(2, 2, -2, 2, 0)
        z = _sums(W, x)
        u = _sums(U, tuple(max(zj, 0) for zj in z))
        if 0 not in (*z, *u) and sum(s < 0 for s in (*z, *u)) == 1:
            y = sum(vk * max(uk, 0) for vk, uk in zip(v, u, strict=True))
            return {"x": x, "W": W, "U": U, "v": v, "t": y + stream.choice((-3, -2, -1, 1, 2, 3))}
    return None


def _forward(W, x):
    return layer(W, jnp.zeros(2), x)


def _slope(z):
    return derivative("relu", z)


DEEP = Exercise(
    id="q6.deep",
    question=6,
    level=3,
    minutes=12,
    places=0,
    title=_("Backward pass through two hidden layers"),
    text=_(
        "A 2-2-2-1 network has no biases and ReLU in both hidden layers; at 0 its derivative counts as 0. "
        "First hidden layer: `hⱼ = ReLU(w₁ⱼx₁ + w₂ⱼx₂)` with `w₁₁ = %(W11)s`, `w₁₂ = %(W12)s`, `w₂₁ = "
        "%(W21)s`, `w₂₂ = %(W22)s`. Second hidden layer: `kⱼ = ReLU(u₁ⱼh₁ + u₂ⱼh₂)` with `u₁₁ = %(U11)s`, "
        "`u₁₂ = %(U12)s`, `u₂₁ = %(U21)s`, `u₂₂ = %(U22)s`. Output: `ŷ = v₁k₁ + v₂k₂` with `v = %(v)s`. The "
        "input is `x = %(x)s`, the target `t = %(t)s`, the loss `L = (t − ŷ)²`. Give the hidden values, the "
        "output, the error signals `δ` (the derivatives of `L` with respect to the sums) and the gradients "
        "of the first layer."
    ),
    draw=_draw_deep,
    figure=lambda g: Network(
        (2, 2, 2, 1),
        _("A 2-2-2-1 network with its weights on the connections; the question gives them too."),
        weights=(g["W"], g["U"], tuple((v,) for v in g["v"])),
        names=(("x₁", "x₂"), ("h₁", "h₂"), ("k₁", "k₂"), ("ŷ",)),
    ),
    steps=(
        Step(
            "z",
            lambda W, x: _forward(W, x),
            _(
                "First sums: `%(W11)s·%(x1_)s%(W21__)s·%(x2_)s = %(z1)s`, `%(W12)s·%(x1_)s%(W22__)s·%(x2_)s "
                "= %(z2)s`"
            ),
        ),
        Step("h", lambda z: relu(z), _("ReLU: `h = %(h)s`")),
        Step(
            "u",
            lambda U, h: _forward(U, h),
            _(
                "Second sums: `%(U11)s·%(h1)s%(U21__)s·%(h2)s = %(u1)s`, `%(U12)s·%(h1)s%(U22__)s·%(h2)s = "
                "%(u2)s`"
            ),
        ),
        Step("k", lambda u: relu(u), _("ReLU: `k = %(k)s`")),
        Step("y", lambda v, k: v @ k, _("`ŷ = %(v1)s·%(k1)s%(v2__)s·%(k2)s = %(y)s`")),
        Step(
            "d",
            lambda y, t: error_derivative(y, t),
            _("`δ = 2(ŷ − t) = 2·(%(y)s − %(t_)s) = %(d)s`"),
        ),
        Step(
            "e",
            lambda d, v, u: d * v * _slope(u),
            _(
                "Second hidden layer: `vⱼδ` where the sum is greater than 0, else 0: `%(v1)s·%(d_)s` and "
                "`%(v2)s·%(d_)s` become `%(e)s`"
            ),
        ),
        Step(
            "f",
            lambda e, U, z: (U @ e) * _slope(z),
            _(
                "First hidden layer: `uⱼ₁δ₁ + uⱼ₂δ₂` with the signals of the second, so "
                "`%(U11)s·%(e1_)s%(U12__)s·%(e2_)s` and `%(U21)s·%(e1_)s%(U22__)s·%(e2_)s`; where the sum "
                "was not greater than 0, the signal is 0: `%(f)s`"
            ),
        ),
        Step(
            "g",
            lambda x, f: x[:, None] * f[None, :],
            _("`∂L/∂wᵢⱼ = xᵢ` times the signal of neuron `j`: `%(g)s`"),
        ),
    ),
    asks=(
        Ask("h", "h", label=_("`h₁`, `h₂`"), kind="vector", weight=0.5),
        Ask("k", "k", label=_("`k₁`, `k₂`"), kind="vector", weight=0.5),
        Ask("y", "y", label="`ŷ`", weight=0.5),
        Ask("d", "d", label=_("`δ` of the output neuron")),
        Ask("e", "e", label=_("`δ` of the second hidden layer"), kind="vector"),
        Ask("f", "f", label=_("`δ` of the first hidden layer"), kind="vector", weight=1.5),
        Ask("g", "g", label=_("`∂L/∂w`, a row for each input"), kind="matrix"),
    ),
    slips=(
        Slip(
            "no-activation",
            {"h": lambda z: z, "k": lambda u: u},
            _("Both hidden layers have ReLU: a negative sum gives the value 0."),
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
            "no-slope",
            {"e": lambda d, v: d * v, "f": lambda e, U: U @ e},
            _("Where the sum of a neuron was not greater than 0, its `ReLU′` is 0 and stops the signal."),
        ),
        Slip(
            "transposed",
            {"f": lambda e, U, z: (U.T @ e) * _slope(z)},
            _(
                "The signals come back through the connections that start at the neuron: for neuron `j` of "
                "the first layer these are `uⱼ₁` and `uⱼ₂`."
            ),
        ),
        Slip(
            "one-path",
            {"f": lambda e, U, z: jnp.diagonal(U) * e * _slope(z)},
            _("A neuron sends its value to both neurons of the next layer: add up both contributions."),
        ),
        Slip(
            "layer-skipped",
            {"f": lambda d, v, z: d * v * _slope(z)},
            _("The signal of the output must come through the second hidden layer first."),
        ),
    ),
    hints=(
        _("Forward layer by layer; mark which sums are not greater than 0. Then backward layer by layer."),
        _(
            "Other numbers: the next layer has the signals `3` and `0`, the weights to it are `2` and `5`, "
            "and the neuron's sum is positive: its signal is `2·3 + 5·0 = 6`."
        ),
        _(
            "`δ = 2(ŷ − t)`; a hidden `δ` is the sum of the next layer's `δ` times the weights to it, times "
            "`ReLU′`, 1 or 0; a gradient is `δ` at the end times the value at the beginning."
        ),
    ),
)


_KEPT = (
    _("the inputs: they are factors of the gradients of the first layer"),
    _("the values of the hidden neurons: they are factors of the gradients of the next layer"),
    _("the outputs: the error signals begin with `2(ŷ − t)`"),
    _("the weights of the forward pass: the error signals come back through them"),
    _("the gradients of the step before: gradient descent adds them up"),
    _("the values that the batch before gave: the derivatives compare two batches"),
    _("the value of the loss: it is a factor of every gradient"),
    _("the weights after the change: the error signals come back through them"),
)
_LOSS, _OLD, _NEW = 6.0, 3.0, 7.0


def _draw_keep(stream: Stream) -> Givens | None:
    some = (*stream.sample((0, 1, 2), 2), *stream.sample((4, 5, 6), 2), 3, 7)
    n = (stream.integer(2, 20), stream.integer(3, 30), stream.integer(3, 30), stream.integer(1, 5))
    return {"n": n, "N": stream.choice((8, 10, 16, 20, 25, 32, 50)), "shown": stream.shuffle(some)}


def _is_needed(shown):
    return jnp.where(shown < 4, 1.0, 0.0)


KEEP = Exercise(
    id="q6.keep",
    question=6,
    level=2,
    minutes=5,
    places=0,
    title=_("What the forward pass must keep"),
    text=_(
        "A network of dense layers with sigmoids has `%(n1)s` inputs, two hidden layers of `%(n2)s` and "
        "`%(n3)s` neurons, and `%(n4)s` outputs; every neuron has a bias. One training step is made with a "
        "batch of `%(N)s` examples. As `σ′ = a(1 − a)`, the values of all layers are enough and the sums "
        "need not be kept. Which of the things below does the backward pass need again? How many numbers "
        "does the forward pass keep for it, inputs and outputs included? How many derivatives does the "
        "backward pass give? How many values are in memory at most at a time if the network only predicts "
        "for the batch and keeps no more than a layer and the one that is computed from it?"
    ),
    draw=_draw_keep,
    steps=(
        Step(
            "needed",
            _is_needed,
            _(
                "Every gradient is a signal times a value of the forward pass, and the signals come back "
                "through the weights as they were. With 1 for what is needed: `%(needed)s`"
            ),
        ),
        Step(
            "kept",
            lambda n, N: N * jnp.sum(n),
            _("For each example `%(n1)s + %(n2)s + %(n3)s + %(n4)s` values, for the batch `%(kept)s`"),
        ),
        Step(
            "gradients",
            lambda n: jnp.sum((n[:-1] + 1.0) * n[1:]),
            _(
                "One derivative for each weight and bias: `(%(n1)s + 1)·%(n2)s + (%(n2)s + 1)·%(n3)s + "
                "(%(n3)s + 1)·%(n4)s = %(gradients)s`, whatever the size of the batch is"
            ),
        ),
        Step(
            "predicting",
            lambda n, N: N * jnp.max(n[:-1] + n[1:]),
            _("The largest two neighbouring layers together, for the batch: `%(predicting)s`"),
        ),
    ),
    asks=(
        Ask(
            "needed",
            "needed",
            label=_("what the backward pass needs"),
            kind="several",
            options=lambda givens: [_KEPT[place] for place in givens["shown"]],
        ),
        Ask("kept", "kept", label=_("numbers that the forward pass keeps")),
        Ask("gradients", "gradients", label=_("derivatives that the backward pass gives")),
        Ask("predicting", "predicting", label=_("values in memory at most when only predicting")),
    ),
    slips=(
        Slip(
            "new-weights",
            {
                "needed": lambda shown: jnp.where(
                    shown == _OLD, 0.0, jnp.where(shown == _NEW, 1.0, _is_needed(shown))
                )
            },
            _("The signals come back through the weights of the forward pass; these are changed at the end."),
        ),
        Slip(
            "loss-needed",
            {"needed": lambda shown: jnp.where(shown == _LOSS, 1.0, _is_needed(shown))},
            _("The derivative of the loss begins with `2(ŷ − t)`; the value of the loss is not used again."),
            when=lambda g: 6 in g["shown"],
        ),
        Slip(
            "inputs-forgotten",
            {"kept": lambda n, N: N * jnp.sum(n[1:])},
            _("The inputs are kept too: they are factors of the gradients of the first layer."),
        ),
        Slip(
            "one-example",
            {"kept": lambda n: jnp.sum(n)},
            _("Every example of the batch has values of its own, and all of them are kept."),
        ),
        Slip(
            "no-biases",
            {"gradients": lambda n: jnp.sum(n[:-1] * n[1:])},
            _("Every neuron has a bias, which has a derivative as well."),
        ),
        Slip(
            "one-for-each-example",
            {"gradients": lambda n, N: N * jnp.sum((n[:-1] + 1.0) * n[1:])},
            _("The gradients of the examples of a batch are averaged: one derivative for each parameter."),
        ),
        Slip(
            "keeps-all",
            {"predicting": lambda n, N: N * jnp.sum(n)},
            _("Without a backward pass the values of earlier layers are not needed any more."),
        ),
    ),
    hints=(
        _("Write down the gradient of one weight of each layer: which numbers does it contain?"),
        _(
            "Other numbers: a 3-4-2 network and a batch of 10 keep `10·(3 + 4 + 2) = 90` values; it has `(3 "
            "+ 1)·4 + (4 + 1)·2 = 26` parameters, and predicting needs `10·(3 + 4) = 70` values."
        ),
        _(
            "Kept: batch size times the sum of all layer sizes. Derivatives: `(n + 1)·m` for a layer from "
            "`n` to `m`. Predicting: batch size times the largest sum of two neighbours."
        ),
    ),
)

EXERCISES = (DEEP, KEEP)
