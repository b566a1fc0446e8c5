"""Question 2: the decision boundary of a perceptron, and the bound on the number of updates."""

from fractions import Fraction

from quiz.bank.shared.division import divide
from quiz.bank.shared.neurons import net_input, step
from quiz.bank.shared.pictures import plane
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.exercise.figure import Line
from quiz.text import mark as _


def _draw_boundary(stream: Stream) -> Givens | None:
    w1, w2 = stream.choice([(3, 4), (4, 3), (6, 8), (8, 6), (5, 12), (12, 5), (8, 15)])
    unit = stream.choice([1, 1, Fraction(1, 2), Fraction(1, 10)])
    return {
        "w": (stream.choice([-1, 1]) * w1 * unit, stream.choice([-1, 1]) * w2 * unit),
        "b": stream.integer(-9, 9) * unit,
        "p": stream.vector(2, -5, 5, 0),
    }


BOUNDARY = Exercise(
    id="q2.boundary",
    question=2,
    level=2,
    minutes=5.0,
    title=_("The boundary line of a perceptron"),
    text=_(
        "A perceptron has the weights `w = %(w)s`, the bias `b = %(b)s` and the threshold 0. Its boundary is "
        "the line `w₁x₁ + w₂x₂ + b = 0`. Where does the line cross the two axes? How far from it is the "
        "point `p = %(p)s`, and what does the perceptron answer there?"
    ),
    draw=_draw_boundary,
    steps=(
        Step(
            "a1",
            lambda w, b: -b / w[0],
            _("On the `x₁` axis `x₂ = 0`, so `x₁ = −b/w₁ = −%(b_)s/%(w1_)s ≈ %(a1)s`"),
        ),
        Step(
            "a2",
            lambda w, b: -b / w[1],
            _("On the `x₂` axis `x₁ = 0`, so `x₂ = −b/w₂ = −%(b_)s/%(w2_)s ≈ %(a2)s`"),
        ),
        Step(
            "z",
            lambda w, b, p: net_input(w, b, p),
            _("At `p` the sum is `z = %(w1)s·%(p1_)s%(w2__)s·%(p2_)s%(b__)s = %(z)s`"),
        ),
        Step(
            "y",
            step,
            (_("`z` is not above 0: the answer is 0"), _("`z` is above 0: the answer is 1")),
            case=lambda known: int(known["y"]),
        ),
        Step("norm", lambda w: jnp.linalg.norm(w), _("The length of `w` is `√(w₁² + w₂²) = %(norm)s`")),
        Step(
            "distance",
            lambda z, norm: divide(jnp.abs(z), norm),
            _("The distance is `|z|` divided by the length of `w`: `|%(z)s|/%(norm)s ≈ %(distance)s`"),
        ),
    ),
    asks=(
        Ask("a1", "a1", label=_("where the line crosses the `x₁` axis")),
        Ask("a2", "a2", label=_("where the line crosses the `x₂` axis")),
        Ask("z", "z", label=_("`z` at `p`"), weight=0.5),
        Ask("y", "y", label=_("the answer at `p`"), weight=0.1),
        Ask("distance", "distance", label=_("distance of `p` from the line")),
    ),
    slips=(
        Slip(
            "sign",
            {"a1": lambda w, b: b / w[0], "a2": lambda w, b: b / w[1]},
            _(
                "Where the line crosses an axis, `wᵢxᵢ + b = 0`; bring `b` to the other side with its sign "
                "changed."
            ),
            effect="factor",
        ),
        Slip(
            "axes-swapped",
            {"a1": lambda w, b: -b / w[1], "a2": lambda w, b: -b / w[0]},
            _("On the `x₁` axis it is `x₂` that is 0, so what remains is `w₁x₁ + b = 0`."),
            effect="factor",
        ),
        Slip(
            "upside-down",
            {"a1": lambda w, b: divide(-w[0], b), "a2": lambda w, b: divide(-w[1], b)},
            _("`wᵢxᵢ + b = 0` gives `xᵢ = −b/wᵢ`: divide by the weight, not by the bias."),
        ),
        Slip(
            "signed",
            {"distance": lambda z, norm: divide(z, norm)},
            _("A distance is never negative: take the absolute value `|z|`."),
            when=lambda g: g["w"][0] * g["p"][0] + g["w"][1] * g["p"][1] + g["b"] < 0,
        ),
        Slip(
            "no-bias",
            {"z": lambda w, b, p: net_input(w, 0 * b, p)},
            _("The bias is part of the sum: without it the line would go through the origin."),
        ),
        Slip(
            "no-length",
            {"distance": lambda z: jnp.abs(z)},
            _("`|z|` is not yet the distance: it grows with the weights. Divide by the length of `w`."),
        ),
        Slip(
            "length-added",
            {"norm": lambda w: jnp.sum(jnp.abs(w))},
            _("The length of a vector is the root of the sum of its squares, not the sum of its parts."),
        ),
        Slip(
            "length-squared",
            {"norm": lambda w: jnp.sum(w**2)},
            _("Do not forget the root: the length of `w` is `√(w₁² + w₂²)`."),
        ),
    ),
    hints=(
        _("A point of an axis has one coordinate 0. For the distance you need the sum `z` at `p`."),
        _("`x₁ = −b/w₁`, `x₂ = −b/w₂`; the distance of `p` is `|w·p + b| / √(w₁² + w₂²)`."),
    ),
)


def _draw_bound(stream: Stream) -> Givens | None:
    w, b = stream.vector(2, -3, 3, 0), stream.decimal(-3, 3, 0, zero=False)
    X = stream.matrix(4, 2, -4, 4, 0, zero=True)
    sums = [w[0] * x[0] + w[1] * x[1] + b for x in X]
    T = tuple(int(z > 0) for z in sums)
    return None if 0 in sums or sum(T) in (0, 4) or len(set(X)) < 4 else {"w": w, "b": b, "X": X, "T": T}


def _signed(w, b, X, T):
    """The net input of each example, negated where the target is 0: positive if the answer is right."""
    return (2.0 * T - 1.0) * net_input(w, b, X)


BOUND = Exercise(
    id="q2.bound",
    question=2,
    level=3,
    minutes=7.0,
    revision=2,
    title=_("How many updates can there be at most?"),
    text=_(
        "Four examples are given: `%(X1)s` with the target `%(T1)s`, `%(X2)s` with the target `%(T2)s`, "
        "`%(X3)s` with the target `%(T3)s`, `%(X4)s` with the target `%(T4)s`. The line with the weights `w "
        "= %(w)s` and the bias `b = %(b)s` separates them. So the learning rule, started from zero weights, "
        "makes at most `(R/γ)²` updates. The bias counts as the weight of a third input that is always 1: "
        "`R` is the greatest length of `(x₁, x₂, 1)`, and `γ` is the smallest `|w·x + b|` divided by the "
        "length of `(w₁, w₂, b)`. Calculate the bound."
    ),
    draw=_draw_bound,
    figure=lambda g: plane(
        g["X"],
        g["T"],
        lines=(Line(g["w"][0], g["w"][1], g["b"]),),
        alt=_("The four examples, filled where the target is 1, and the line that separates them."),
    ),
    places=4,
    steps=(
        Step(
            "R2",
            lambda X: jnp.max(jnp.sum(X**2, axis=1) + 1.0),
            _("The greatest of `x₁² + x₂² + 1` is `R² = %(R2)s`"),
        ),
        Step("sums", lambda w, b, X: net_input(w, b, X), _("The sums `w·x + b` of the four are `%(sums)s`")),
        Step("m", lambda w, b, X, T: jnp.min(_signed(w, b, X, T)), _("The smallest `|w·x + b|` is `%(m)s`")),
        Step(
            "length",
            lambda w, b: jnp.sqrt(jnp.sum(w**2) + b**2),
            _("The length of `(w₁, w₂, b)` is `√(w₁² + w₂² + b²) ≈ %(length)s`"),
        ),
        Step("gamma", lambda m, length: divide(m, length), _("`γ ≈ %(m)s/%(length)s ≈ %(gamma)s`")),
        Step(
            "bound",
            lambda R2, gamma: divide(R2, gamma**2),
            _("`(R/γ)² = R²/γ² ≈ %(bound)s`: after at most that many updates no mistakes are left"),
        ),
    ),
    asks=(
        Ask("R2", "R2", label="`R²`"),
        Ask("m", "m", label=_("the smallest `|w·x + b|`"), weight=0.25),
        Ask("gamma", "gamma", label="`γ`", weight=1.5),
        Ask("bound", "bound", label="`(R/γ)²`", tolerance=0.3, weight=0.4),
    ),
    slips=(
        Slip(
            "no-third-input",
            {"R2": lambda X: jnp.max(jnp.sum(X**2, axis=1))},
            _(
                "The third input, which is always 1, belongs to the length: `R² = x₁² + x₂² + 1` at its "
                "greatest."
            ),
        ),
        Slip(
            "no-bias-in-length",
            {"length": lambda w: jnp.sqrt(jnp.sum(w**2))},
            _("The bias is the weight of the third input: it belongs to the length of `(w₁, w₂, b)`."),
        ),
        Slip(
            "greatest-margin",
            {"m": lambda w, b, X, T: jnp.max(_signed(w, b, X, T))},
            _("`γ` is determined by the example nearest to the line: take the smallest `|w·x + b|`."),
        ),
        Slip(
            "shortest-example",
            {"R2": lambda X: jnp.min(jnp.sum(X**2, axis=1) + 1.0)},
            _("`R` belongs to the example farthest from the origin: take the greatest length."),
        ),
        Slip(
            "not-squared",
            {"bound": lambda R2, gamma: divide(jnp.sqrt(R2), gamma)},
            _("The bound is the square of `R/γ`."),
        ),
    ),
    hints=(
        _(
            "You need two numbers: how long the longest example is, and how close the line comes to the "
            "nearest example."
        ),
        _("`R² = max(x₁² + x₂² + 1)`; `γ = min|w·x + b| / √(w₁² + w₂² + b²)`; the bound is `R²/γ²`."),
    ),
)

EXERCISES = (BOUNDARY, BOUND)
