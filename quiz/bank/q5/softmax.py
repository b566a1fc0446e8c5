"""Question 5: the derivatives of softmax."""

from quiz.bank.shared.neurons import sigmoid, softmax
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_softmax(stream: Stream) -> Givens | None:
    return {"z": stream.vector(3, -2, 2, 1)}


SOFTMAX = Exercise(
    id="q5.softmax",
    question=5,
    level=2,
    minutes=6.0,
    title=_("Softmax and its derivatives"),
    text=_(
        "An output layer with softmax has the sums `z = %(z)s`. Calculate its three answers `p`. Then find "
        "the derivatives `∂p₁/∂z₁`, `∂p₁/∂z₂` and `∂p₃/∂z₂` (three entries of the Jacobian matrix)."
    ),
    draw=_draw_softmax,
    steps=(
        Step("e", lambda z: jnp.exp(z), _("`e` to the power of each sum: `%(e)s`")),
        Step("s", lambda e: jnp.sum(e), _("Their total: `%(s)s`")),
        Step("p", softmax, _("`p = (%(e1)s/%(s)s, %(e2)s/%(s)s, %(e3)s/%(s)s) ≈ %(p)s`")),
        Step("j", lambda p: p[0] * (1 - p[0]), _("`∂p₁/∂z₁ = p₁(1 − p₁) ≈ %(p1)s·(1 − %(p1)s) ≈ %(j)s`")),
        Step("k", lambda p: -p[0] * p[1], _("`∂p₁/∂z₂ = −p₁p₂ ≈ −%(p1)s·%(p2)s ≈ %(k)s`")),
        Step("l", lambda p: -p[2] * p[1], _("`∂p₃/∂z₂ = −p₃p₂ ≈ −%(p3)s·%(p2)s ≈ %(l)s`")),
    ),
    asks=(
        Ask("p", "p", label=_("`p₁`, `p₂`, `p₃`"), kind="vector", tolerance=0.001),
        Ask("j11", "j", label="`∂p₁/∂z₁`", tolerance=0.001),
        Ask("j12", "k", label="`∂p₁/∂z₂`", tolerance=0.001),
        Ask("j32", "l", label="`∂p₃/∂z₂`", tolerance=0.001),
    ),
    slips=(
        Slip(
            "each-for-itself",
            {"p": sigmoid},
            _(
                "These are sigmoids; softmax divides `e` to the power of each sum by their total, so that "
                "the answers add up to 1."
            ),
        ),
        Slip("not-divided", {"p": lambda e: e}, _("The answers have to add up to 1: divide by the total.")),
        Slip(
            "diagonal-only",
            {"k": lambda p: 0 * p[0], "l": lambda p: 0 * p[0]},
            _(
                "All answers share one total: if `z₂` grows, the other answers fall. These derivatives are "
                "not 0."
            ),
        ),
        Slip(
            "plus",
            {"k": lambda p: p[0] * p[1], "l": lambda p: p[2] * p[1]},
            _("If another sum grows, an answer falls: the sign is minus."),
        ),
        Slip(
            "own-answer",
            {"k": lambda p: p[0] * (1 - p[0]), "l": lambda p: p[2] * (1 - p[2])},
            _(
                "`pᵢ(1 − pᵢ)` is the derivative with respect to its own sum; with respect to another sum it "
                "is `−pᵢpⱼ`."
            ),
        ),
        Slip(
            "square",
            {"j": lambda p: 1 - p[0] * p[0]},
            _("This is the formula of tanh; here `∂pᵢ/∂zᵢ = pᵢ(1 − pᵢ)`, as with the sigmoid."),
        ),
    ),
    hints=(
        _(
            "Softmax makes positive numbers that add up to 1; their ratios are those of `e` to the power of "
            "the sums."
        ),
        _("`pᵢ = e^zᵢ / Σ e^zⱼ`; `∂pᵢ/∂zᵢ = pᵢ(1 − pᵢ)`; `∂pᵢ/∂zⱼ = −pᵢpⱼ` for `i ≠ j`."),
    ),
    places=4,
)

EXERCISES = (SOFTMAX,)
