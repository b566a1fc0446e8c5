"""Question 3: a network that solves XOR, with its output bias missing."""

from fractions import Fraction
from functools import lru_cache
from itertools import product

from quiz.bank.shared.neurons import answer, net_input
from quiz.bank.shared.pictures import network
from quiz.bank.shared.truth_tables import corners, table_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

#: Truth tables of two hidden neurons that an output neuron can combine to XOR, and the signs of its weights.
_SCHEMES = (
    ((0, 1, 1, 1), (0, 0, 0, 1), (1, -1)),
    ((0, 0, 1, 0), (0, 1, 0, 0), (1, 1)),
    ((0, 1, 1, 1), (1, 1, 1, 0), (1, 1)),
    ((1, 0, 1, 1), (1, 1, 0, 1), (-1, -1)),
)


@lru_cache
def _neurons(table: tuple[int, ...]) -> tuple[tuple[tuple[int, int], Fraction], ...]:
    """The neurons with small weights and biases that have a truth table."""
    found = []
    for w1, w2, halves in product((-3, -2, -1, 1, 2, 3), (-3, -2, -1, 1, 2, 3), range(-11, 12)):
        neuron = (w1, w2), Fraction(halves, 2)
        if table_of(*neuron) == table:
            found.append(neuron)
    return tuple(found)


def _draw_missing(stream: Stream) -> Givens | None:
    first, second, signs = stream.choice(_SCHEMES)
    (u1, d1), (u2, d2) = stream.choice(_neurons(first)), stream.choice(_neurons(second))
    v = tuple(sign * stream.decimal("0.5", 4, 1) for sign in signs)
    if stream.integer(0, 1):
        (u1, d1), (u2, d2), v = (u2, d2), (u1, d1), v[::-1]
    return {"U": (u1, u2), "d": (d1, d2), "v": v}


def _hidden(U, d, neuron: int):
    return answer(U[neuron], d[neuron], corners())


MISSING = Exercise(
    id="q3.missing-bias",
    question=3,
    level=2,
    minutes=6.0,
    title=_("A network for XOR with one value missing"),
    text=_(
        "A network with two hidden neurons is to compute XOR; all neurons use the step function with the "
        "threshold 0. The first hidden neuron has the weights `%(U1)s` and the bias `%(d1)s`, the second the "
        "weights `%(U2)s` and the bias `%(d2)s`; the output neuron has the weights `v = %(v)s` and the bias "
        "`c`, which is missing. Give the values of both hidden neurons for `(0, 0)`, `(0, 1)`, `(1, 0)`, "
        "`(1, 1)`. Above which number must `c` lie, and above which must it not lie?"
    ),
    draw=_draw_missing,
    figure=network,
    steps=(
        Step(
            "h1",
            lambda U, d: _hidden(U, d, 0),
            _("First hidden neuron, `%(U11)s·x₁%(U12__)s·x₂%(d1__)s` above 0 or not: `%(h1)s`"),
        ),
        Step(
            "h2",
            lambda U, d: _hidden(U, d, 1),
            _("Second hidden neuron, `%(U21)s·x₁%(U22__)s·x₂%(d2__)s` above 0 or not: `%(h2)s`"),
        ),
        Step(
            "s",
            lambda v, h1, h2: net_input(v, 0.0 * v[0], jnp.stack([h1, h2], axis=1)),
            _("Without `c` the sums of the output neuron, `%(v1)s·h₁%(v2__)s·h₂`, are `%(s)s`"),
        ),
        Step(
            "lower",
            lambda s: -jnp.minimum(s[1], s[2]),
            _(
                "At `(0, 1)` and `(1, 0)` the sum with `c` must be above 0; the smaller of the two counts: "
                "`c` must be above `%(lower)s`"
            ),
        ),
        Step(
            "upper",
            lambda s: -jnp.maximum(s[0], s[3]),
            _(
                "At `(0, 0)` and `(1, 1)` it must not be above 0; the larger of the two counts: `c` must not "
                "be above `%(upper)s`"
            ),
        ),
    ),
    asks=(
        Ask("h1", "h1", label=_("values of the first hidden neuron"), kind="vector", chance=0.5),
        Ask("h2", "h2", label=_("values of the second hidden neuron"), kind="vector", chance=0.5),
        Ask("lower", "lower", label=_("the number that `c` must exceed")),
        Ask("upper", "upper", label=_("the number that `c` must not exceed")),
    ),
    slips=(
        Slip(
            "no-hidden-bias",
            {"h1": lambda U, d: _hidden(U, 0 * d, 0), "h2": lambda U, d: _hidden(U, 0 * d, 1)},
            _("Each hidden neuron adds its bias to the sum before it compares with the threshold."),
        ),
        Slip(
            "weights-swapped",
            {"h1": lambda U, d: _hidden(U[::-1], d, 0), "h2": lambda U, d: _hidden(U[::-1], d, 1)},
            _("Take for each hidden neuron its own two weights and its own bias."),
        ),
        Slip(
            "sign",
            {"lower": lambda s: jnp.minimum(s[1], s[2]), "upper": lambda s: jnp.maximum(s[0], s[3])},
            _("`s + c > 0` means `c > −s`: what is moved to the other side changes its sign."),
        ),
        Slip(
            "ones-and-zeros-swapped",
            {"lower": lambda s: -jnp.minimum(s[0], s[3]), "upper": lambda s: -jnp.maximum(s[1], s[2])},
            _(
                "XOR is 1 at `(0, 1)` and `(1, 0)`: there the sum must be above 0, at the other two it must "
                "not."
            ),
        ),
        Slip(
            "wrong-of-two",
            {"lower": lambda s: -jnp.maximum(s[1], s[2]), "upper": lambda s: -jnp.minimum(s[0], s[3])},
            _("`c` must suit both inputs that have the same target: take the stricter condition."),
        ),
    ),
    hints=(
        _("Find the hidden values of all four inputs first, then what the output neuron gets without `c`."),
        _("At the ones of XOR `v₁h₁ + v₂h₂ + c > 0`, at its zeros `v₁h₁ + v₂h₂ + c ≤ 0`; solve for `c`."),
    ),
)

EXERCISES = (MISSING,)
