"""Question 4: the values of a hidden layer for a batch, and a hidden layer that solves XOR."""

from fractions import Fraction

from quiz.bank.shared.neurons import layer, net_input, relu, step
from quiz.bank.shared.truth_tables import CORNERS, XOR, corners
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

#: What is asked about two hidden neurons with the sums ``z`` and ``u`` and the values ``h`` and ``k``.
HIDDEN_ASKS = (
    Ask("h1", "h", label=_("`h₁` at the four points"), kind="vector"),
    Ask("h2", "k", label=_("`h₂` at the four points"), kind="vector"),
)
HIDDEN_BIAS_SLIPS = (
    Slip(
        "no-bias",
        {"z": lambda p: net_input(p, 0 * p[0], corners()), "u": lambda q: net_input(q, 0 * q[0], corners())},
        _("The bias of a hidden neuron is part of its sum at every point, at (0, 0) too."),
    ),
    Slip(
        "bias-subtracted",
        {"z": lambda p, bp: net_input(p, -bp, corners()), "u": lambda q, bq: net_input(q, -bq, corners())},
        _("The bias is added, not subtracted: it is not a threshold."),
    ),
)

# --- hidden values for a batch ---------------------------------------------------------------------------


def _draw_batch(stream: Stream) -> Givens | None:
    """Draw a batch with some positive and some negative net inputs."""
    givens = {
        "X": stream.matrix(3, 2, -2, 3, 0, zero=True),
        "W": stream.matrix(2, 2, -2, 2, 0),
        "b": stream.vector(2, -2, 2, 0),
        "v": stream.vector(2, -3, 3, 0),
        "c": stream.decimal(-3, 3, 0, zero=False),
    }
    (w11, w12), (w21, w22) = givens["W"]
    sums = [
        x1 * w1 + x2 * w2 + b
        for x1, x2 in givens["X"]
        for w1, w2, b in ((w11, w21, givens["b"][0]), (w12, w22, givens["b"][1]))
    ]
    return givens if 3 <= sum(z > 0 for z in sums) <= 5 else None


BATCH = Exercise(
    id="q4.batch",
    question=4,
    level=1,
    minutes=6.0,
    places=0,
    title=_("Hidden values for a batch"),
    text=_(
        "The rows of `X = %(X)s` are a batch of three inputs. The hidden layer has two neurons: `H = ReLU(XW "
        "+ b)` with `W = %(W)s` and `b = %(b)s`, where column `j` of `W` and the number `bⱼ` belong to "
        "neuron `j`. The output is `ŷ = v₁h₁ + v₂h₂ + c` with `v = %(v)s` and `c = %(c)s`. Calculate the "
        "matrix `H` and the three outputs."
    ),
    draw=_draw_batch,
    steps=(
        Step("Z", lambda W, b, X: layer(W, b, X), _("`Z = XW + b = %(Z)s`: `b` is added to every row")),
        Step("H", lambda Z: relu(Z), _("`H = ReLU(Z) = %(H)s`: what is negative becomes 0")),
        Step(
            "y",
            lambda v, c, H: net_input(v, c, H),
            _(
                "`ŷ₁ = %(v1)s·%(H11)s%(v2__)s·%(H12)s%(c__)s = %(y1)s`, `ŷ₂ = "
                "%(v1)s·%(H21)s%(v2__)s·%(H22)s%(c__)s = %(y2)s`, `ŷ₃ = "
                "%(v1)s·%(H31)s%(v2__)s·%(H32)s%(c__)s = %(y3)s`"
            ),
        ),
    ),
    asks=(
        Ask("H", "H", label=_("`H`, three rows of two numbers"), kind="matrix", weight=2),
        Ask("y", "y", label=_("the three outputs `ŷ`"), kind="vector"),
    ),
    slips=(
        Slip(
            "no-activation",
            {"H": lambda Z: Z},
            _("ReLU is missing: a negative sum gives a hidden value of 0."),
        ),
        Slip(
            "transposed",
            {"Z": lambda W, b, X: layer(W.T, b, X)},
            _("The weights of a neuron are in a column of `W`, not in a row: row times column."),
            effect="term",
        ),
        Slip(
            "no-bias",
            {"Z": lambda W, b, X: layer(W, 0 * b, X)},
            _("The bias is missing: `b` is added to every row of `XW`."),
        ),
        Slip(
            "absolute",
            {"H": lambda Z: jnp.abs(Z)},
            _("ReLU does not take the minus sign away: it puts 0 in place of a negative number."),
        ),
        Slip(
            "no-output-bias",
            {"y": lambda v, H: net_input(v, 0 * v[0], H)},
            _("The output neuron has a bias too: add `c`."),
        ),
        Slip(
            "relu-output",
            {"y": lambda v, c, H: relu(net_input(v, c, H))},
            _("The output neuron has no activation: its sum stays as it is, even if it is negative."),
        ),
    ),
    hints=(
        _("Each row of `H` belongs to one input, each column to one hidden neuron."),
        _(
            "`z = x₁w₁ⱼ + x₂w₂ⱼ + bⱼ` for row `x` and neuron `j`; then `h = max(0, z)`; then the output of "
            "each row."
        ),
    ),
)


# --- the hidden layer solves XOR -----------------------------------------------------------------------


def _draw_xor(stream: Stream) -> Givens | None:
    """Draw weights that map two of the four points to the same image, so that three equations remain."""
    halves = [Fraction(n, 2) for n in range(-4, 5) if n]
    for _attempt in range(10):
        sign = stream.choice([1, -1])
        (w, b), (v, c) = ((stream.choice(halves), stream.choice(halves)) for _neuron in range(2))
        images = [
            (max(Fraction(0), w * (x1 + sign * x2) + b), max(Fraction(0), v * (x1 + sign * x2) + c))
            for x1, x2 in CORNERS
        ]
        solution = _solve_exactly(
            [images[i] for i in (0, 1, 3 if sign == 1 else 2)], (0, 1, 0 if sign == 1 else 1)
        )
        if solution and all(100 % s.denominator == 0 and abs(s) <= 10 for s in solution):
            return {"p": (w, sign * w), "bp": b, "q": (v, sign * v), "bq": c}
    return None


def _solve_exactly(images, targets):
    """The `v₁, v₂, c` that give the targets at three points; None if the points lie on a line."""
    (p0, q0), (p1, q1), (p2, q2) = images
    t0, t1, t2 = targets
    det = (p1 - p0) * (q2 - q0) - (p2 - p0) * (q1 - q0)
    if det == 0:
        return None
    v1 = ((t1 - t0) * (q2 - q0) - (t2 - t0) * (q1 - q0)) / det
    v2 = ((p1 - p0) * (t2 - t0) - (p2 - p0) * (t1 - t0)) / det
    return v1, v2, t0 - v1 * p0 - v2 * q0


def _solve(system, wanted):
    """Solve linear equations; zeros where they are singular, so that every value stays finite."""
    solvable = jnp.abs(jnp.linalg.det(system)) > 1e-9
    solution = jnp.linalg.solve(jnp.where(solvable, system, jnp.eye(len(wanted))), wanted)
    return jnp.where(solvable, solution, jnp.zeros(len(wanted)))


def _output_weights(h, k, p):
    """The output weights and bias, from three points with different images.

    Nothing follows from a neuron that has the same value everywhere.
    """
    rows = jnp.array([0, 1, 0]).at[2].set(_third_point(p))
    v = _solve(jnp.stack([h[rows], k[rows], jnp.ones(3)], axis=1), jnp.array(XOR, jnp.float64)[rows])
    return jnp.where((jnp.ptp(h) > 0) & (jnp.ptp(k) > 0), v, jnp.nan)


def _without_bias(h, k, p):
    """The same with c = 0, from two points."""
    rows = jnp.array([1, 0]).at[1].set(_third_point(p))
    v = _solve(jnp.stack([h[rows], k[rows]], axis=1), jnp.array(XOR, jnp.float64)[rows])
    return jnp.append(v, jnp.zeros(1))


def _third_point(p):
    """The point whose image differs from those of (0, 0) and (0, 1)."""
    return jnp.where(p[0] == p[1], 3, 2)


XOR_HIDDEN = Exercise(
    id="q4.xor-hidden",
    question=4,
    level=2,
    minutes=8.0,
    revision=2,
    title=_("A hidden layer that solves XOR"),
    text=_(
        "A 2-2-1 network has the hidden neurons `h₁ = ReLU(%(p1)s·x₁%(p2__)s·x₂%(bp__)s)` and `h₂ = "
        "ReLU(%(q1)s·x₁%(q2__)s·x₂%(bq__)s)`; its output neuron has no activation: `ŷ = v₁h₁ + v₂h₂ + c`. "
        "Calculate `h₁` and `h₂` at the four points (0, 0), (0, 1), (1, 0), (1, 1), in this order. Then find "
        "`v₁`, `v₂` and `c` with which `ŷ` is exactly the XOR of the inputs: `(0, 1, 1, 0)`."
    ),
    draw=_draw_xor,
    steps=(
        Step(
            "z",
            lambda p, bp: net_input(p, bp, corners()),
            _(
                "Sums of the first neuron at the four points: `z₁ = %(p1)s·x₁%(p2__)s·x₂%(bp__)s`, `z₁ = "
                "%(z)s`"
            ),
        ),
        Step(
            "u",
            lambda q, bq: net_input(q, bq, corners()),
            _("Sums of the second neuron: `z₂ = %(q1)s·x₁%(q2__)s·x₂%(bq__)s`, `z₂ = %(u)s`"),
        ),
        Step("h", relu, _("ReLU puts 0 in place of what is negative: `h₁ = %(h)s`")),
        Step("k", lambda u: relu(u), _("Likewise `h₂ = %(k)s`")),
        Step(
            "v",
            _output_weights,
            _(
                "One equation for each point: `v₁·%(h1)s + v₂·%(k1)s + c = 0`, `v₁·%(h2)s + v₂·%(k2)s + c = "
                "1`, `v₁·%(h3)s + v₂·%(k3)s + c = 1`, `v₁·%(h4)s + v₂·%(k4)s + c = 0`. Two of them say the "
                "same, because two points have the same image; the other three give `v₁ = %(v1)s`, `v₂ = "
                "%(v2)s`, `c = %(v3)s`"
            ),
        ),
    ),
    asks=(
        *HIDDEN_ASKS,
        Ask("v1", "v", (0,), label="`v₁`"),
        Ask("v2", "v", (1,), label="`v₂`"),
        Ask("c", "v", (2,), label="`c`"),
    ),
    slips=(
        Slip(
            "no-activation",
            {"h": lambda z: z, "k": lambda u: u},
            _(
                "ReLU is missing: a negative sum gives `h = 0`. Without it the four images lie on one "
                "straight line."
            ),
        ),
        Slip(
            "step",
            {"h": step, "k": lambda u: step(u)},
            _("ReLU is not the step function: a positive sum passes unchanged, it does not become 1."),
        ),
        *HIDDEN_BIAS_SLIPS,
        Slip(
            "no-output-bias",
            {"v": _without_bias},
            _(
                "The output neuron has a bias `c` too: two weights alone cannot give the right answer at all "
                "four points."
            ),
        ),
    ),
    hints=(
        _(
            "Put each point into both sums and apply ReLU. Then write `v₁h₁ + v₂h₂ + c = t` for each point: "
            "a system of linear equations."
        ),
        _(
            "`ReLU(z) = max(0, z)`. Two points have the same `h₁` and `h₂`, so three equations are left for "
            "three unknowns; subtract one of them from the other two, and `c` cancels."
        ),
    ),
)

EXERCISES = (BATCH, XOR_HIDDEN)
