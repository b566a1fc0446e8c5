"""Question 6: softmax with cross-entropy."""

from quiz.bank.shared.neurons import softmax
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_softmax(stream: Stream) -> Givens | None:
    z, h = stream.vector(3, -2, 2, 1), stream.vector(2, "-1.5", "1.5", 1)
    place = stream.integer(0, 2)
    if len(set(h)) < 2 or len(set(z)) < 3:
        return None
    return {"z": z, "h": h, "t": tuple(int(i == place) for i in range(3))}


SOFTMAX = Exercise(
    id="q6.softmax",
    question=6,
    level=2,
    minutes=8.0,
    title=_("Softmax with cross-entropy"),
    text=_(
        "A network classifies its inputs into three classes. Its output layer has softmax and receives the "
        "hidden values `h = %(h)s`; its sums are `z = %(z)s`. The target is `t = %(t)s` (1 for the right "
        "class), the loss is the cross-entropy `L = −Σ tₖ·ln pₖ`. Find the answers `p`, the loss, the error "
        "signals `δₖ = ∂L/∂zₖ`, and the gradient with respect to the output weights: a matrix whose row `j` "
        "belongs to hidden value `j` and column `k` to class `k`."
    ),
    draw=_draw_softmax,
    steps=(
        Step("e", lambda z: jnp.exp(z), _("`e` to the power of each sum: `%(e)s`")),
        Step("s", lambda e: jnp.sum(e), _("Their total: `%(s)s`")),
        Step("p", softmax, _("Divided by it: `p ≈ %(p)s`")),
        Step(
            "L",
            lambda p, t: -jnp.log(jnp.sum(t * p)),
            _("Of the sum only the right class is left: `L = −ln p ≈ %(L)s`"),
        ),
        Step(
            "d",
            lambda p, t: p - t,
            _("With softmax and cross-entropy the derivatives cancel out: `δ = p − t ≈ %(d)s`"),
        ),
        Step("G", lambda h, d: h[:, None] * d[None, :], _("`∂L/∂vⱼₖ = hⱼδₖ`: the matrix `%(G)s`")),
    ),
    asks=(
        Ask("p", "p", label=_("`p₁`, `p₂`, `p₃`"), kind="vector", tolerance=0.002),
        Ask("L", "L", label="`L`", tolerance=0.002),
        Ask("d", "d", label="`δ₁`, `δ₂`, `δ₃`", kind="vector", tolerance=0.002),
        Ask(
            "gv",
            "G",
            label=_("the gradients `∂L/∂vⱼₖ`, two rows of three numbers"),
            kind="matrix",
            tolerance=0.002,
        ),
    ),
    slips=(
        Slip("not-divided", {"p": lambda e: e}, _("The answers have to add up to 1: divide by the total.")),
        Slip(
            "no-target",
            {"d": lambda p: p},
            _("The target is missing: `δ = p − t`, that is, 1 is subtracted from `p` of the right class."),
        ),
        Slip(
            "sign",
            {"d": lambda p, t: t - p},
            _("You have the wrong sign: for the right class `δ` is negative, so that its sum grows."),
        ),
        Slip(
            "squared-error",
            {"d": lambda p, t: 2 * (p - t) * p * (1 - p)},
            _(
                "This would be right for the squared error with sigmoids; with softmax and cross-entropy it "
                "is simply `δ = p − t`."
            ),
        ),
        Slip(
            "own-slope",
            {"d": lambda p, t: p * (1 - p) * (p - t)},
            _(
                "The derivative of softmax and the derivative of the cross-entropy cancel out: `δ = p − t`, "
                "without the factor `p(1 − p)`."
            ),
        ),
        Slip(
            "other-classes",
            {"L": lambda p: -jnp.sum(jnp.log(p))},
            _("The target is 0 for the other classes: only the logarithm of the right one is left."),
        ),
        Slip(
            "common-log",
            {"L": lambda p, t: -jnp.log10(jnp.sum(t * p))},
            _("The cross-entropy takes the natural logarithm, `ln`."),
        ),
        Slip(
            "no-hidden-value",
            {"G": lambda h, d: jnp.ones((2, 1)) * d[None, :]},
            _("A weight's gradient is `δ` at its end times the value at its beginning: multiply by `hⱼ`."),
        ),
    ),
    hints=(
        _(
            "Softmax first. For this pair of softmax and cross-entropy the error signal is as simple as it "
            "can be."
        ),
        _("`pₖ = e^zₖ / Σ e^zᵢ`; `L = −ln p` of the right class; `δ = p − t`; `∂L/∂vⱼₖ = hⱼδₖ`."),
    ),
    places=4,
)

EXERCISES = (SOFTMAX,)
