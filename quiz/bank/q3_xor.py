"""Question 3: the XOR problem, and why it was a limit of the single-layer perceptron."""

from functools import lru_cache

import jaxnet
from quiz.draw import Stream
from quiz.exercise import Ask, Exercise, Givens, Slip, Step
from quiz.lazy import jnp
from quiz.text import mark as _

#: The inputs of a truth table in its usual order.
CORNERS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
XOR = (0, 1, 1, 0)
XNOR = (1, 0, 0, 1)


@lru_cache
def _separable() -> tuple[float, ...]:
    """For each of the 16 truth tables, read as a binary number, whether a line separates it: 1 or 0."""
    tables = [[code >> 3 & 1, code >> 2 & 1, code >> 1 & 1, code & 1] for code in range(16)]
    planes = [jaxnet.perceptron.separating_plane(CORNERS, table) for table in tables]
    return tuple(float(plane is not None) for plane in planes)


def _are_separable(tables):
    codes = jnp.rint(tables @ jnp.array([8.0, 4.0, 2.0, 1.0])).astype(int)
    return jnp.array(_separable())[codes]


def _four_sums(w, b):
    return jaxnet.perceptron.net_input({"w": w, "b": b}, jnp.array(CORNERS))


def _bits(code: int) -> tuple[int, ...]:
    return tuple(code >> place & 1 for place in (3, 2, 1, 0))


def _draw_outputs(stream: Stream) -> Givens | None:
    w, b = stream.vector(2, -3, 3, 0), stream.decimal(-3, 3, 0, zero=False)
    sums = [w[0] * x1 + w[1] * x2 + b for x1, x2 in ((0, 0), (0, 1), (1, 0), (1, 1))]
    right = sum((z > 0) == bool(t) for z, t in zip(sums, XOR, strict=True))
    if len({z > 0 for z in sums}) == 1 or 0 not in sums or (right == 1 and stream.integer(0, 1)):
        return None  # one right is what happens most
    halves = stream.choice([(0, 0, 1, 1), (0, 1, 0, 1), (1, 1, 0, 0), (1, 0, 1, 0)])
    first_one = stream.choice([(1, 0, 0, 0), (1, 1, 1, 0), (1, 1, 0, 1), (1, 0, 1, 1)])
    diagonals = stream.sample([XOR, XNOR], stream.integer(1, 2))
    picked = [*diagonals, halves, first_one]
    others = [_bits(code) for code in range(1, 15) if _bits(code) not in (XOR, XNOR, *picked)]
    tables = stream.shuffle([*picked, *stream.sample(others, 5 - len(picked))])
    return {"w": w, "b": b, "t": XOR, "tables": tables}


OUTPUTS = Exercise(
    id="q3.outputs",
    question=3,
    level=1,
    title=_("A perceptron on the four XOR inputs"),
    text=_(
        "A perceptron with the weights `w = %(w)s`, the bias `b = %(b)s` and the threshold 0 is given "
        "the four "
        "inputs `(0, 0)`, `(0, 1)`, `(1, 0)`, `(1, 1)`, in this order. What are its answers, and how many of "
        "them agree with XOR? Which of the truth tables below, answers in the same order, could some other "
        "perceptron produce?"
    ),
    draw=_draw_outputs,
    steps=(
        Step("z", _four_sums, _("The sums `z = w₁x₁ + w₂x₂ + b` at the four inputs are `%(z)s`")),
        Step(
            "y",
            lambda z: jaxnet.activations.step(z),
            _("`y = 1` only where `z > 0`: the answers are `%(y)s`"),
        ),
        Step(
            "right",
            lambda y, t: jnp.sum(jnp.where(y == t, 1.0, 0.0)),
            _("XOR is `%(t)s`; the number of answers that agree is `%(right)s`"),
        ),
        Step(
            "can",
            _are_separable,
            _(
                "A line can part every truth table of two inputs except XOR and its opposite: there the "
                "ones lie "
                "on one diagonal of the square and the zeros on the other, and the diagonals cross"
            ),
        ),
    ),
    asks=(
        Ask("y", "y", label=_("the four answers"), kind="vector"),
        Ask("right", "right", label=_("how many agree with XOR"), weight=0.5),
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
            {"y": lambda z: jnp.where(z >= 0, 1.0, 0.0)},
            _("At `z = 0` exactly the answer is 0: the sum must be greater than the threshold."),
        ),
        Slip(
            "no-bias",
            {"z": lambda w, b: _four_sums(w, 0 * b)},
            _(
                "The bias belongs to the sum at every input, also at `(0, 0)`, where nothing else is "
                "left of it."
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
                "Not every table can be parted by one line: look where the ones lie on a diagonal of the "
                "square."
            ),
        ),
        Slip(
            "halves",
            {"can": lambda tables: jnp.where(jnp.sum(tables, axis=1) == 2, 0.0, _are_separable(tables))},
            _(
                "Two ones and two zeros are no obstacle by themselves: ones side by side are parted by a "
                "line."
            ),
        ),
        Slip(
            "zero-at-origin",
            {"can": lambda tables: jnp.where(tables[:, 0] == 1, 0.0, _are_separable(tables))},
            _("A perceptron may well answer 1 at `(0, 0)`: a positive bias is enough."),
        ),
    ),
    hints=(
        _(
            "Put each of the four inputs into the sum and compare with 0. For the tables, draw the unit "
            "square."
        ),
        _(
            "`y = 1` if `w₁x₁ + w₂x₂ + b > 0`, else 0. A table can be produced if a line parts its ones "
            "from its zeros."
        ),
    ),
)

EXERCISES = (OUTPUTS,)
