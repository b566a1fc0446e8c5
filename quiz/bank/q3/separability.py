"""Question 3: which functions of two inputs a line separates, and a proof for four points."""

from functools import lru_cache

import jaxnet
from quiz.bank.q3.xor import are_separable
from quiz.bank.shared.division import divide
from quiz.bank.shared.pictures import plane
from quiz.bank.shared.truth_tables import XNOR, XOR
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jax, jnp
from quiz.exercise.figure import Curve
from quiz.text import mark as _

#: The functions of two inputs with their truth tables, grouped by what can be misunderstood about them.
_DIAGONAL = (
    (_("`x₁ XOR x₂`"), XOR),
    (_("1 if exactly one input is 1"), XOR),
    (_("1 if both inputs are equal"), XNOR),
    (_("`(x₁ AND NOT x₂) OR (x₂ AND NOT x₁)`"), XOR),
    (_("`(x₁ AND x₂) OR (NOT x₁ AND NOT x₂)`"), XNOR),
)
_ONE_INPUT = (
    (_("`x₁`, whatever `x₂` is"), (0, 0, 1, 1)),
    (_("`x₂`, whatever `x₁` is"), (0, 1, 0, 1)),
    (_("`NOT x₁`, whatever `x₂` is"), (1, 1, 0, 0)),
    (_("`NOT x₂`, whatever `x₁` is"), (1, 0, 1, 0)),
)
_NEGATED = (
    (_("`NOT (x₁ AND x₂)`"), (1, 1, 1, 0)),
    (_("`NOT (x₁ OR x₂)`"), (1, 0, 0, 0)),
    (_("`x₁ AND NOT x₂`"), (0, 0, 1, 0)),
    (_("`NOT x₁ AND x₂`"), (0, 1, 0, 0)),
    (_("`x₁ OR NOT x₂`"), (1, 0, 1, 1)),
    (_("`NOT x₁ OR x₂`"), (1, 1, 0, 1)),
)
_CONSTANT = ((_("always 0"), (0, 0, 0, 0)), (_("always 1"), (1, 1, 1, 1)))
_PLAIN = ((_("`x₁ AND x₂`"), (0, 0, 0, 1)), (_("`x₁ OR x₂`"), (0, 1, 1, 1)))
_GROUPS = (_DIAGONAL, _ONE_INPUT, _NEGATED, _CONSTANT, _PLAIN)
_FUNCTIONS = tuple(function for group in _GROUPS for function in group)
_GROUP = tuple(k for k, group in enumerate(_GROUPS) for _function in group)


def _draw_functions(stream: Stream) -> Givens | None:
    of_group = [[place for place, k in enumerate(_GROUP) if k == group] for group in range(len(_GROUPS))]
    picked = [stream.choice(places) for places in of_group[1:4]]
    picked += stream.sample(of_group[0], stream.integer(2, 3))
    others = [place for place in range(len(_FUNCTIONS)) if place not in picked and place not in of_group[0]]
    return {"picked": stream.shuffle([*picked, *stream.sample(others, 6 - len(picked))])}


def _tables(picked):
    return jnp.array([table for _text, table in _FUNCTIONS], float)[picked.astype(int)]


def _wrong_about(group: int):
    """The rule of a student who is wrong about one group of functions."""

    def rule(picked, tables):
        right = are_separable(tables)
        return jnp.where(jnp.array(_GROUP)[picked.astype(int)] == group, 1.0 - right, right)

    return rule


SEPARABLE = Exercise(
    id="q3.separable",
    question=3,
    level=1,
    minutes=3.0,
    revision=2,
    title=_("Which functions can a perceptron compute?"),
    text=_(
        "Two inputs that are 0 or 1 have 16 Boolean functions. Which of these are linearly separable, so "
        "that one perceptron can compute them? Name all of them."
    ),
    draw=_draw_functions,
    steps=(
        Step(
            "tables",
            _tables,
            _(
                "Truth tables for `(0, 0)`, `(0, 1)`, `(1, 0)`, `(1, 1)`, in the order of the options: "
                "`%(tables)s`"
            ),
        ),
        Step(
            "can",
            lambda tables: are_separable(tables),
            _(
                "Only XOR and its negation (XNOR) have the ones on one diagonal of the square and the zeros "
                "on the other; the other 14 can be separated by a line. In the order of the options, with 1 "
                "for separable: `%(can)s`"
            ),
        ),
    ),
    asks=(
        Ask(
            "can",
            "can",
            label=_("the functions that are linearly separable"),
            kind="several",
            options=lambda givens: [_FUNCTIONS[place][0] for place in givens["picked"]],
        ),
    ),
    slips=(
        Slip(
            "diagonal",
            {"can": _wrong_about(0)},
            _(
                "Where the ones lie on a diagonal of the square, no line separates all of them from the "
                "zeros."
            ),
        ),
        Slip(
            "one-input",
            {"can": _wrong_about(1)},
            _("A perceptron may give an input the weight 0: then only the other input counts."),
        ),
        Slip(
            "negated",
            {"can": _wrong_about(2)},
            _("NOT is no obstacle: a negative weight inverts the effect of an input."),
        ),
        Slip(
            "constant",
            {"can": _wrong_about(3)},
            _("A constant answer is easy: with weights 0 the bias alone determines the answer."),
        ),
    ),
    hints=(
        _("Draw the unit square for each function, and mark the corners where it is 1."),
        _(
            "For example, with ones at `(0, 2)` and `(3, 2)` and zeros at `(0, 0)` and `(3, 0)` the line `x₂ "
            "= 1` separates them. Try to draw such a line for each function."
        ),
        _(
            "A function is linearly separable if one straight line has all the ones on one side and all the "
            "zeros on the other."
        ),
    ),
)


def _draw_contradiction(stream: Stream) -> Givens | None:
    P = stream.vector(2, -3, 3, 0, zero=True)
    u, v = stream.matrix(2, 2, -2, 2, 0, zero=True)
    lengths = [stream.integer(1, 4) for _end in range(4)]
    if u[0] * v[1] == u[1] * v[0] or (lengths[0] == lengths[1] and lengths[2] == lengths[3]):
        return None
    m, n, r, s = lengths
    ends = ((m, u), (-n, u), (r, v), (-s, v))
    return {"X": tuple((P[0] + k * way[0], P[1] + k * way[1]) for k, way in ends)}


@lru_cache(maxsize=4096)
def _proof(points: tuple[float, ...]) -> tuple[float, ...]:
    """The weights of `jaxnet.perceptron.inseparability_proof` for two ones and two zeros."""
    X = [points[2 * k : 2 * k + 2] for k in range(4)]
    proof = jaxnet.perceptron.inseparability_proof(X, [1, 1, 0, 0])
    return tuple(float(weight) for weight in proof.weights) if proof else (0.0,) * 4


def _weights(X):
    def on_the_host(X):
        import numpy as np

        return np.array(_proof(tuple(np.ravel(X).tolist())), X.dtype)

    return jax.pure_callback(on_the_host, jax.ShapeDtypeStruct((4,), X.dtype), X, vmap_method="sequential")


CONTRADICTION = Exercise(
    id="q3.contradiction",
    question=3,
    level=3,
    minutes=8.0,
    title=_("A point that would have to be on both sides"),
    text=_(
        "A perceptron with the threshold 0 is to answer 1 at `A = %(X1)s` and `B = %(X2)s`, and 0 at `C = "
        "%(X3)s` and `D = %(X4)s`. As with XOR, the segments `AB` and `CD` cross, in `P = λ·A + (1 − λ)·B = "
        "μ·C + (1 − μ)·D`. So the sum at `P` would have to be above 0, as at `A` and `B`, and not above 0, "
        "as at `C` and `D`. Find `λ`, `μ` and `P`."
    ),
    draw=_draw_contradiction,
    figure=lambda g: plane(
        g["X"],
        (1, 1, 0, 0),
        "ABCD",
        curves=(Curve(g["X"][:2]), Curve(g["X"][2:])),
        alt=_("The points A and B, filled, and C and D, hollow, with the segments AB and CD."),
    ),
    steps=(
        Step(
            "shares",
            _weights,
            _(
                "First coordinates: `%(X21)s + λ·(%(X11)s − %(X21_)s) = %(X41)s + μ·(%(X31)s − %(X41_)s)`; "
                "second: `%(X22)s + λ·(%(X12)s − %(X22_)s) = %(X42)s + μ·(%(X32)s − %(X42_)s)`"
            ),
        ),
        Step("a", lambda X: X[0] - X[1]),
        Step("c", lambda X: X[2] - X[3]),
        Step(
            "r",
            lambda X: X[3] - X[1],
            _("Rearranged: `%(a1)s·λ − %(c1_)s·μ = %(r1)s` and `%(a2)s·λ − %(c2_)s·μ = %(r2)s`"),
        ),
        Step(
            "det",
            lambda a, c: a[0] * c[1] - a[1] * c[0],
            _(
                "The first times `%(c2)s` minus the second times `%(c1)s` leaves `λ`: `(%(a1)s·%(c2_)s − "
                "%(a2_)s·%(c1_)s)·λ = %(r1)s·%(c2_)s − %(r2_)s·%(c1_)s`"
            ),
        ),
        Step("s", lambda r, c: r[0] * c[1] - r[1] * c[0]),
        Step("lam", lambda shares: shares[0], _("`%(det)s·λ = %(s)s`, so `λ = %(s)s/%(det_)s ≈ %(lam)s`")),
        Step("u", lambda r, a: a[1] * r[0] - a[0] * r[1]),
        Step(
            "mu",
            lambda shares: shares[2],
            _(
                "The first times `%(a2)s` minus the second times `%(a1)s` leaves `μ`: `%(det)s·μ = "
                "%(a2)s·%(r1_)s − %(a1_)s·%(r2_)s = %(u)s`, so `μ = %(u)s/%(det_)s ≈ %(mu)s`"
            ),
        ),
        Step(
            "P",
            lambda X, lam: lam * X[0] + (1.0 - lam) * X[1],
            _(
                "`P = λ·A + (1 − λ)·B ≈ %(P)s`; the same comes from `μ·C + (1 − μ)·D`. No weights and no "
                "bias can make the sum at `P` both above 0 and not above 0"
            ),
        ),
    ),
    asks=(
        Ask("lam", "lam", label="`λ`"),
        Ask("mu", "mu", label="`μ`"),
        Ask("P", "P", label="`P`", kind="vector", tolerance=0.02),
    ),
    slips=(
        Slip(
            "ends-swapped",
            {"lam": lambda shares: 1.0 - shares[0], "mu": lambda shares: 1.0 - shares[2]},
            _("`λ` belongs to `A`: the nearer `P` is to `A`, the larger it is; so with `μ` and `C`."),
        ),
        Slip(
            "middle",
            {"lam": lambda shares: 0.5 + 0.0 * shares[0], "mu": lambda shares: 0.5 + 0.0 * shares[0]},
            _(
                "The segments need not cross at their midpoints; with XOR they do, as the diagonals of a "
                "square."
            ),
        ),
        Slip(
            "ratio",
            {
                "lam": lambda shares: divide(shares[0], shares[1]),
                "mu": lambda shares: divide(shares[2], shares[3]),
            },
            _("`λ` is a share of the whole segment, between 0 and 1, and not the ratio of its two parts."),
        ),
        Slip(
            "point-mirrored",
            {"P": lambda X, lam: lam * X[1] + (1.0 - lam) * X[0]},
            _("In `P = λ·A + (1 − λ)·B` it is `A` that is multiplied by `λ`."),
        ),
    ),
    hints=(
        _("Write the two coordinates of `λ·A + (1 − λ)·B = μ·C + (1 − μ)·D`: two equations, two unknowns."),
        _("`B₁ + λ(A₁ − B₁) = D₁ + μ(C₁ − D₁)`, and the same with the second coordinates; a drawing helps."),
    ),
)

EXERCISES = (SEPARABLE, CONTRADICTION)
