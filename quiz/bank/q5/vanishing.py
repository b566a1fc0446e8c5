"""Question 5: why gradients vanish: many sigmoid layers and saturated neurons."""

from quiz.bank.shared.neurons import derivative, sigmoid
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

# --- through many layers ---------------------------------------------------------------------------------


def _draw_layers(stream: Stream) -> Givens | None:
    w, z = stream.decimal("0.3", "3.5", 1), stream.decimal(-2, 2, 1)
    return None if w == 1 else {"n": stream.choice([8, 10, 10, 12]), "w": w, "z": z}


def _log(x):
    """The decimal logarithm of the absolute value."""
    return jnp.log10(jnp.abs(x))


LAYERS = Exercise(
    id="q5.layers",
    question=5,
    level=2,
    minutes=6.0,
    title=_("The gradient through many layers"),
    text=_(
        "A deep network is a chain of %(n)s layers with one neuron each. Each of the %(n)s neurons has one "
        "input, with the weight `%(w)s`, and the sum `z = %(z)s`. On its way back through one layer the "
        "gradient is multiplied by the weight and by the derivative of the activation function. Find `σ′(z)` "
        "and this factor for the sigmoid. By which power of ten is the gradient multiplied on its way "
        "through all %(n)s layers, that is, what is `k` in `10ᵏ`? And what would `k` be with ReLU if all "
        "sums were positive?"
    ),
    draw=_draw_layers,
    steps=(
        Step("a", sigmoid, _("`σ(%(z)s) ≈ %(a)s`"), places=5),
        Step(
            "s",
            lambda z: derivative("sigmoid", z),
            _("`σ′(z) = σ(1 − σ) ≈ %(a)s·(1 − %(a)s) ≈ %(s)s`"),
            places=5,
        ),
        Step("q", lambda w, s: w * s, _("One layer multiplies by `w·σ′(z) ≈ %(w)s·%(s)s ≈ %(q)s`"), places=5),
        Step(
            "k",
            lambda n, q: n * _log(q),
            _("%(n)s layers: `%(q)s` to the power of %(n)s, `k = %(n)s·log₁₀(%(q)s) ≈ %(k)s`"),
        ),
        Step(
            "r",
            lambda n, w: n * _log(w * derivative("relu", jnp.ones(()))),
            _(
                "With ReLU the derivative is 1, a layer multiplies by %(w)s alone: `k = %(n)s·log₁₀(%(w)s) ≈ "
                "%(r)s`"
            ),
        ),
    ),
    asks=(
        Ask("s", "s", label="`σ′(z)`", tolerance=0.002),
        Ask("q", "q", label=_("factor of one layer"), tolerance=0.002),
        Ask("k", "k", label=_("`k` with the sigmoid"), tolerance=0.002),
        Ask("r", "r", label=_("`k` with ReLU"), tolerance=0.002),
    ),
    slips=(
        Slip(
            "value",
            {"s": lambda a: a},
            _(
                "This is the value `σ(z)`; on the way back the gradient is multiplied by the derivative, "
                "`σ(1 − σ)`."
            ),
        ),
        Slip("weight-left-out", {"q": lambda s: s}, _("The weight belongs to the factor too: `w·σ′(z)`.")),
        Slip(
            "added",
            {"k": lambda n, q: _log(n * q), "r": lambda n, w: _log(n * w)},
            _("The factors are multiplied, not added: one layer after the other."),
        ),
        Slip(
            "natural-log",
            {"k": lambda n, q: n * jnp.log(q), "r": lambda n, w: n * jnp.log(w)},
            _("A power of ten is asked for: take the decimal logarithm, not the natural one."),
        ),
        Slip(
            "one-layer",
            {"k": lambda q: _log(q), "r": lambda w: _log(w)},
            _("This is one layer only; each further layer multiplies once more."),
        ),
        Slip(
            "relu-quarter",
            {"r": lambda n, w: n * _log(w / 4)},
            _(
                "A quarter is the greatest derivative of the sigmoid; that of ReLU is 1 where the sum is "
                "positive."
            ),
        ),
    ),
    hints=(
        _("The chain rule gives one factor for each layer; all factors are equal here."),
        _(
            "`σ′ = σ(1 − σ)`; factor `q = w·σ′(z)`; `qⁿ = 10ᵏ`, so `k = n·log₁₀ q`. The derivative of ReLU "
            "is 1 for positive sums."
        ),
    ),
    places=5,
)


# --- saturation ------------------------------------------------------------------------------------------


def _draw_saturation(stream: Stream) -> Givens | None:
    return {
        "eps": stream.decimal("0.06", "0.2", 2),
        "w": stream.decimal("0.5", 3, 1),
        "b": stream.decimal(-2, 2, 1, zero=False),
    }


def _sigmoid_at(eps):
    """The larger value of the sigmoid at which its derivative is eps."""
    return (1 + jnp.sqrt(1 - 4 * eps)) / 2


def _back_to_sum(a):
    """The net input at which the sigmoid has the value a; finite for a > 1 too."""
    return jnp.log(jnp.abs(a / (1 - a)))


SATURATION = Exercise(
    id="q5.saturation",
    revision=2,
    question=5,
    level=3,
    minutes=8.0,
    title=_("Where a neuron is saturated"),
    text=_(
        "A neuron is called saturated here if the derivative of its activation function is below `ε = "
        "%(eps)s`. Its sum is `z = wx + b` with `w = %(w)s`, `b = %(b)s`. For large positive `z`: at which "
        "value `a = σ(z)` does the sigmoid saturate, and from which `z` and `x` onwards? And from which `z` "
        "on is a neuron with tanh saturated?"
    ),
    draw=_draw_saturation,
    steps=(
        Step(
            "a",
            _sigmoid_at,
            _("`a(1 − a) = ε` is a quadratic equation; its greater root: `a = (1 + √(1 − 4ε))/2 ≈ %(a)s`"),
            places=6,
        ),
        Step(
            "z",
            _back_to_sum,
            _("`a = σ(z)` gives `z = ln(a/(1 − a)) ≈ ln(%(a)s/(1 − %(a)s)) ≈ %(z)s`"),
            places=6,
        ),
        Step(
            "x",
            lambda z, w, b: (z - b) / w,
            _("`x = (z − b)/w ≈ (%(z)s − %(b_)s)/%(w)s ≈ %(x)s`"),
            places=6,
        ),
        Step(
            "t", lambda eps: jnp.sqrt(1 - eps), _("tanh: `1 − a² = ε`, so `a = √(1 − ε) ≈ %(t)s`"), places=6
        ),
        Step(
            "u",
            lambda t: jnp.arctanh(t),
            _("`z = ½·ln((1 + a)/(1 − a)) ≈ ½·ln((1 + %(t)s)/(1 − %(t)s)) ≈ %(u)s`"),
            places=6,
        ),
    ),
    asks=(
        Ask("a", "a", label=_("`a` of the sigmoid"), tolerance=0.002),
        Ask("z", "z", label=_("`z` of the sigmoid"), tolerance=0.002),
        Ask("x", "x", label=_("`x` of the sigmoid"), tolerance=0.002),
        Ask("zt", "u", label=_("`z` of tanh"), tolerance=0.002),
    ),
    slips=(
        Slip(
            "value-is-eps",
            {"a": lambda eps: eps, "t": lambda eps: eps},
            _("The derivative is to be `ε`, not the value of the function."),
        ),
        Slip(
            "one-minus-eps",
            {"a": lambda eps: 1 - eps},
            _(
                "`a = 1 − ε` is only roughly right; the derivative there is `(1 − ε)ε`, already less than "
                "`ε`."
            ),
        ),
        Slip(
            "other-root",
            {"a": lambda eps: 1 - _sigmoid_at(eps)},
            _("This root lies on the side of the negative `z`; the greater one is asked for."),
        ),
        Slip(
            "bias-added",
            {"x": lambda z, w, b: (z + b) / w},
            _("`z = wx + b` gives `x = (z − b)/w`: the bias is subtracted."),
        ),
        Slip(
            "no-weight",
            {"x": lambda z, b: z - b},
            _("`z = wx + b` gives `x = (z − b)/w`: divide by the weight."),
        ),
        Slip(
            "no-half",
            {"u": lambda t: 2 * jnp.arctanh(t)},
            _("The factor ½ is missing: `tanh(z) = a` gives `z = ½·ln((1 + a)/(1 − a))`."),
        ),
    ),
    hints=(
        _(
            "Express the derivative in terms of the value `a` of the function, set it equal to `ε` and solve "
            "for `a`; then go back to `z` and `x`."
        ),
        _("`σ′ = a(1 − a)` and `z = ln(a/(1 − a))`; `tanh′ = 1 − a²` and `z = ½·ln((1 + a)/(1 − a))`."),
    ),
    places=5,
)

EXERCISES = (LAYERS, SATURATION)
