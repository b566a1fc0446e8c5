"""Question 3: XOR and the single-layer perceptron: its answers, its inequalities, its best accuracy."""

from functools import lru_cache
from typing import Any

import jaxnet
from quiz.bank.shared.neurons import net_input, step
from quiz.bank.shared.truth_tables import CORNERS, XNOR, XOR, corners
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


@lru_cache
def separable_tables() -> tuple[float, ...]:
    """For each of the 16 truth tables, ordered as binary numbers: 1 if a line separates it, else 0."""
    planes = [jaxnet.perceptron.separating_plane(CORNERS, bits(code)) for code in range(16)]
    return tuple(float(plane is not None) for plane in planes)


def are_separable(tables: Any) -> Any:
    """For each truth table, shape (k, 4): 1 if a line separates it, else 0."""
    codes = jnp.rint(tables @ jnp.array([8.0, 4.0, 2.0, 1.0])).astype(int)
    return jnp.array(separable_tables())[codes]


def _four_sums(w, b):
    return net_input(w, b, corners())


def bits(code: int) -> tuple[int, ...]:
    """The truth table with this binary number."""
    return tuple(code >> place & 1 for place in (3, 2, 1, 0))


def _draw_outputs(stream: Stream) -> Givens | None:
    w, b = stream.vector(2, -3, 3, 0), stream.decimal(-3, 3, 0, zero=False)
    theta = stream.choice((0, stream.choice((-2, -1, 1, 2))))
    sums = [w[0] * x1 + w[1] * x2 + b - theta for x1, x2 in CORNERS]
    right = sum((z > 0) == bool(t) for z, t in zip(sums, XOR, strict=True))
    if len({z > 0 for z in sums}) == 1 or 0 not in sums or (right == 1 and stream.integer(0, 1)):
        return None  # one right answer is by far the most frequent case
    halves = stream.choice([(0, 0, 1, 1), (0, 1, 0, 1), (1, 1, 0, 0), (1, 0, 1, 0)])
    first_one = stream.choice([(1, 0, 0, 0), (1, 1, 1, 0), (1, 1, 0, 1), (1, 0, 1, 1)])
    diagonals = stream.sample([XOR, XNOR], stream.integer(1, 2))
    picked = [*diagonals, halves, first_one]
    others = [bits(code) for code in range(1, 15) if bits(code) not in (XOR, XNOR, *picked)]
    tables = stream.shuffle([*picked, *stream.sample(others, 5 - len(picked))])
    return {"w": w, "b": b, "theta": theta, "t": XOR, "tables": tables}


OUTPUTS = Exercise(
    id="q3.outputs",
    question=3,
    level=1,
    minutes=4.0,
    places=0,
    revision=2,
    title=_("A perceptron on the four XOR inputs"),
    text=_(
        "A perceptron with the weights `w = %(w)s`, the bias `b = %(b)s` and the threshold `θ = %(theta)s` "
        "is given the four inputs `(0, 0)`, `(0, 1)`, `(1, 0)`, `(1, 1)`, in this order. What are its "
        "answers, and how many of them agree with XOR? Which of the truth tables below, answers in the same "
        "order, could some other perceptron produce?"
    ),
    draw=_draw_outputs,
    steps=(
        Step("z", _four_sums, _("The sums `z = w₁x₁ + w₂x₂ + b` at the four inputs are `%(z)s`")),
        Step("y", lambda z, theta: step(z - theta), _("`y = 1` only where `z > θ`: the answers are `%(y)s`")),
        Step(
            "right",
            lambda y, t: jnp.sum(jnp.where(y == t, 1.0, 0.0)),
            _("XOR is `%(t)s`; the number of answers that agree is `%(right)s`"),
        ),
        Step(
            "can",
            are_separable,
            _(
                "A line can separate every truth table of two inputs except XOR and its negation (XNOR): "
                "there the ones lie on one diagonal of the square and the zeros on the other, and the "
                "diagonals cross"
            ),
        ),
    ),
    asks=(
        Ask("y", "y", label=_("the four answers"), kind="vector", chance=0.5),
        Ask("right", "right", label=_("number of answers that agree with XOR"), weight=0.25),
        Ask(
            "can",
            "can",
            label=_("the tables that a perceptron can produce"),
            kind="several",
            options=tuple(f"`%(tables{place})s`" for place in range(1, 6)),
        ),
    ),
    slips=(
        Slip(
            "tie",
            {"y": lambda z, theta: jnp.where(z >= theta, 1.0, 0.0)},
            _("At `z = θ` exactly the answer is 0: the sum must be greater than the threshold."),
        ),
        Slip(
            "no-threshold",
            {"y": lambda z: step(z)},
            _("The sum is compared with `θ`, not with 0."),
            when=lambda g: g["theta"] != 0,
        ),
        Slip(
            "no-bias",
            {"z": lambda w, b: _four_sums(w, 0 * b)},
            _(
                "The bias is part of the sum at every input, also at `(0, 0)`, where nothing else is left of "
                "it."
            ),
        ),
        Slip(
            "or",
            {"right": lambda y: jnp.sum(jnp.where(y == jnp.array([0.0, 1.0, 1.0, 1.0]), 1.0, 0.0))},
            _(
                "XOR is 1 only if exactly one input is 1; at `(1, 1)` it is 0. You seem to have compared "
                "with OR."
            ),
        ),
        Slip(
            "all-separable",
            {"can": lambda tables: jnp.ones(len(tables))},
            _(
                "Not every table can be separated by one line: look where the ones lie on a diagonal of the "
                "square."
            ),
        ),
        Slip(
            "halves",
            {"can": lambda tables: jnp.where(jnp.sum(tables, axis=1) == 2, 0.0, are_separable(tables))},
            _(
                "Two ones and two zeros are no obstacle by themselves: a line separates ones that lie side "
                "by side."
            ),
        ),
        Slip(
            "zero-at-origin",
            {"can": lambda tables: jnp.where(tables[:, 0] == 1, 0.0, are_separable(tables))},
            _("A perceptron may well answer 1 at `(0, 0)`: a positive bias is enough."),
        ),
    ),
    hints=(
        _(
            "Put each of the four inputs into the sum and compare with `θ`. For the tables, draw the unit "
            "square."
        ),
        _(
            "`y = 1` if `w₁x₁ + w₂x₂ + b > θ`, else 0. A table can be produced if a line separates its ones "
            "from its zeros."
        ),
    ),
)


def _draw_inequalities(stream: Stream) -> Givens | None:
    w, theta = stream.vector(2, -3, 3, 1), stream.decimal("-1.5", "1.5", 1, zero=False)
    return {"w": w, "theta": theta} if w[0] != w[1] else None


INEQUALITIES = Exercise(
    id="q3.inequalities",
    question=3,
    level=2,
    minutes=5.0,
    title=_("Four inequalities that contradict each other"),
    text=_(
        "A perceptron with the weights `w = %(w)s` and the threshold `θ = %(theta)s` is to compute XOR: the "
        "sum `w₁x₁ + w₂x₂ + b` must be above `θ` at `(0, 1)` and `(1, 0)`, and not above `θ` at `(0, 0)` and "
        "`(1, 1)`. Each of the four inputs demands that `b` is above a certain number, or not above it. Give "
        "the four numbers in the order `(0, 0)`, `(0, 1)`, `(1, 0)`, `(1, 1)`. Above which number must `b` "
        "lie in all, above which must it not lie, and how large is the gap between the two conditions?"
    ),
    draw=_draw_inequalities,
    steps=(
        Step(
            "bounds",
            lambda w, theta: theta - _four_sums(w, 0.0 * theta),
            _("Bring the weights to the other side, `θ − w₁x₁ − w₂x₂`: the four numbers are `%(bounds)s`"),
        ),
        Step(
            "lower",
            lambda bounds: jnp.maximum(bounds[1], bounds[2]),
            _("For the ones `b` must be above `%(bounds2)s` and above `%(bounds3)s`, so above `%(lower)s`"),
        ),
        Step(
            "upper",
            lambda bounds: jnp.minimum(bounds[0], bounds[3]),
            _(
                "For the zeros `b` must not be above `%(bounds1)s` nor above `%(bounds4)s`, so not above "
                "`%(upper)s`"
            ),
        ),
        Step(
            "gap",
            lambda lower, upper: lower - upper,
            _(
                "`%(lower)s − %(upper_)s = %(gap)s`: no `b` satisfies both. This holds for all weights, "
                "since the two numbers of the ones have the same sum as those of the zeros"
            ),
        ),
    ),
    asks=(
        Ask("bounds", "bounds", label=_("the four numbers"), kind="vector", weight=2.0),
        Ask("lower", "lower", label=_("the number that `b` must exceed"), weight=0.5),
        Ask("upper", "upper", label=_("the number that `b` must not exceed"), weight=0.5),
        Ask("gap", "gap", label=_("by how much the first exceeds the second"), weight=0.5),
    ),
    slips=(
        Slip(
            "sign",
            {"bounds": lambda w, theta: _four_sums(w, 0.0 * theta) - theta},
            _("Solve for `b`: what is moved to the other side changes its sign."),
        ),
        Slip(
            "no-threshold",
            {"bounds": lambda w, theta: -_four_sums(w, 0.0 * theta)},
            _("The sum is compared with `θ`, not with 0."),
        ),
        Slip(
            "lower-too-low",
            {"lower": lambda bounds: jnp.minimum(bounds[1], bounds[2])},
            _("`b` must be above both numbers of the ones, so it is the larger of them that counts."),
        ),
        Slip(
            "upper-too-high",
            {"upper": lambda bounds: jnp.maximum(bounds[0], bounds[3])},
            _("`b` must not be above either number of the zeros, so it is the smaller of them that counts."),
        ),
        Slip(
            "gap-turned",
            {"gap": lambda lower, upper: upper - lower},
            _("Subtract the number that `b` must not exceed from the one that it must exceed."),
        ),
    ),
    hints=(
        _("Write the inequality of each input, put in the weights, and solve it for `b`."),
        _("`(0, 0)`: `b ≤ θ`; `(0, 1)`: `b > θ − w₂`; `(1, 0)`: `b > θ − w₁`; `(1, 1)`: `b ≤ θ − w₁ − w₂`."),
    ),
)


def _draw_best(stream: Stream) -> Givens | None:
    pattern = stream.choice([XOR, XNOR])
    counts = []
    for one in pattern:
        less = stream.integer(0, 12)
        more = less + stream.integer(1, 15)
        counts.append((less, more) if one else (more, less))
    return {"C": tuple(counts), "total": sum(sum(pair) for pair in counts)}


def _right_by_table(C):
    """The number of examples that each separable truth table gets right; 0 for the other two."""
    tables = jnp.array([bits(code) for code in range(16)], float)
    right = tables @ C[:, 1] + (1.0 - tables) @ C[:, 0]
    return jnp.where(jnp.array(separable_tables()) > 0, right, 0.0)


BEST = Exercise(
    id="q3.best",
    question=3,
    level=2,
    minutes=5.0,
    title=_("The most examples any line can classify correctly"),
    text=_(
        "Measurements with two inputs, 0 or 1 each, are to be classified. There are `%(total)s` examples. At "
        "`(0, 0)` the target is 0 for `%(C11)s` of them and 1 for `%(C12)s`; at `(0, 1)` it is 0 for "
        "`%(C21)s` and 1 for `%(C22)s`; at `(1, 0)` it is 0 for `%(C31)s` and 1 for `%(C32)s`; at `(1, 1)` "
        "it is 0 for `%(C41)s` and 1 for `%(C42)s`. What is the largest number of examples that any rule can "
        "classify correctly? How many can a perceptron, and what share of all examples is that?"
    ),
    draw=_draw_best,
    steps=(
        Step(
            "most",
            lambda C: jnp.max(C, axis=1),
            _("The more frequent target of each input: `%(most)s` examples"),
        ),
        Step(
            "any", lambda most: jnp.sum(most), _("A rule that gives just these answers gets `%(any)s` right")
        ),
        Step(
            "cost",
            lambda C: jnp.min(jnp.abs(C[:, 0] - C[:, 1])),
            _(
                "Its answers are those of XOR or its negation (XNOR), so no line gives them. At one input "
                "the line must give the other answer; the cheapest such change costs `%(cost)s`"
            ),
        ),
        Step(
            "line",
            lambda C: jnp.max(_right_by_table(C)),
            _("A line gets `%(any)s − %(cost)s = %(line)s` right"),
        ),
        Step("share", lambda line, total: line / total, _("The share is `%(line)s/%(total)s ≈ %(share)s`")),
    ),
    asks=(
        Ask("any", "any", label=_("largest number of examples that any rule gets right")),
        Ask("line", "line", label=_("largest number of examples that a perceptron gets right")),
        Ask("share", "share", label=_("the perceptron's share of all examples")),
    ),
    slips=(
        Slip(
            "xor-by-a-line",
            {"line": lambda any: any},
            _(
                "The frequent answers form a pattern that no line can separate; at one input the line must "
                "give the other answer."
            ),
        ),
        Slip(
            "dearest-change",
            {"line": lambda C, any: any - jnp.max(jnp.abs(C[:, 0] - C[:, 1]))},
            _(
                "The line may give the other answer where that costs least: where the two counts differ "
                "least."
            ),
        ),
        Slip(
            "input-given-up",
            {"line": lambda any, most: any - jnp.min(most)},
            _(
                "At the input where the line gives the other answer not all is lost: it gets the rarer "
                "target right."
            ),
        ),
        Slip(
            "one-answer",
            {"line": lambda C: jnp.max(jnp.sum(C, axis=0))},
            _("A line can do better than give the same answer everywhere."),
        ),
        Slip(
            "rarer-target",
            {"any": lambda C: jnp.sum(jnp.min(C, axis=1)), "line": lambda C: jnp.sum(jnp.min(C, axis=1))},
            _("At each input the better answer is the target that is more frequent there."),
        ),
    ),
    hints=(
        _("Look first which answer is the better one at each input. Can a line give these four answers?"),
        _(
            "If not, change the answer at one input: that costs the difference of its two counts. Take the "
            "cheapest."
        ),
    ),
)

EXERCISES = (OUTPUTS, INEQUALITIES, BEST)
