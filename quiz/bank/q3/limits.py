"""Question 3, further: a hidden layer solves XOR, the rule runs in a circle on it, counting labellings."""

from fractions import Fraction
from functools import lru_cache
from itertools import product

import jaxnet
from quiz.bank.q3.xor import CORNERS, XOR
from quiz.bank.shared.division import divide
from quiz.bank.shared.learning import (
    answer_at_least,
    bias_kept,
    corrected,
    epochs,
    epochs_by_hand,
    right_answer,
)
from quiz.bank.shared.pictures import network
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

#: What two hidden neurons may compute so that the output can make XOR of it, with the signs of its weights.
_SCHEMES = (
    ((0, 1, 1, 1), (0, 0, 0, 1), (1, -1)),
    ((0, 0, 1, 0), (0, 1, 0, 0), (1, 1)),
    ((0, 1, 1, 1), (1, 1, 1, 0), (1, 1)),
    ((1, 0, 1, 1), (1, 1, 0, 1), (-1, -1)),
)


@lru_cache
def _neurons(table: tuple[int, ...]) -> tuple[tuple[tuple[int, int], Fraction], ...]:
    """Small weights and biases with which a neuron gives a truth table."""
    found = []
    for w1, w2, halves in product((-3, -2, -1, 1, 2, 3), (-3, -2, -1, 1, 2, 3), range(-11, 12)):
        sums = [w1 * x1 + w2 * x2 + Fraction(halves, 2) for x1, x2 in ((0, 0), (0, 1), (1, 0), (1, 1))]
        if tuple(int(z > 0) for z in sums) == table:
            found.append(((w1, w2), Fraction(halves, 2)))
    return tuple(found)


def _draw_missing(stream: Stream) -> Givens | None:
    first, second, signs = stream.choice(_SCHEMES)
    (u1, d1), (u2, d2) = stream.choice(_neurons(first)), stream.choice(_neurons(second))
    v = tuple(sign * stream.decimal("0.5", 4, 1) for sign in signs)
    if stream.integer(0, 1):
        (u1, d1), (u2, d2), v = (u2, d2), (u1, d1), v[::-1]
    return {"U": (u1, u2), "d": (d1, d2), "v": v}


def _hidden(U, d, neuron: int):
    return jaxnet.perceptron.predict({"w": U[neuron], "b": d[neuron]}, jnp.array(CORNERS))


MISSING = Exercise(
    id="q3.missing-bias",
    question=3,
    level=2,
    title=_("A network for XOR with one value missing"),
    text=_(
        "A network with two hidden neurons is to compute XOR; all neurons use the step function with the "
        "threshold 0. The first hidden neuron has the weights `%(U1)s` and the bias `%(d1)s`, the second the "
        "weights `%(U2)s` and the bias `%(d2)s`; the output neuron has the weights `v = %(v)s` and the "
        "bias `c`, "
        "which is missing. Give the values of both hidden neurons for `(0, 0)`, `(0, 1)`, `(1, 0)`, `(1, "
        "1)`. "
        "Above which number must `c` lie, and above which must it not lie?"
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
            lambda v, h1, h2: jaxnet.perceptron.net_input(
                {"w": v, "b": 0.0 * v[0]}, jnp.stack([h1, h2], axis=1)
            ),
            _("Without `c` the sums of the output neuron, `%(v1)s·h₁%(v2__)s·h₂`, are `%(s)s`"),
        ),
        Step(
            "lower",
            lambda s: -jnp.minimum(s[1], s[2]),
            _(
                "At `(0, 1)` and `(1, 0)` the sum with `c` must be above 0; the smaller of the two "
                "decides: `c` "
                "must be above `%(lower)s`"
            ),
        ),
        Step(
            "upper",
            lambda s: -jnp.maximum(s[0], s[3]),
            _(
                "At `(0, 0)` and `(1, 1)` it must not be above 0; the larger of the two decides: `c` "
                "must not be "
                "above `%(upper)s`"
            ),
        ),
    ),
    asks=(
        Ask("h1", "h1", label=_("values of the first hidden neuron"), kind="vector"),
        Ask("h2", "h2", label=_("values of the second hidden neuron"), kind="vector"),
        Ask("lower", "lower", label=_("`c` must be above")),
        Ask("upper", "upper", label=_("`c` must not be above")),
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
                "XOR is 1 at `(0, 1)` and `(1, 0)`: there the sum must be above 0, at the other two it "
                "must not."
            ),
        ),
        Slip(
            "wrong-of-two",
            {"lower": lambda s: -jnp.maximum(s[1], s[2]), "upper": lambda s: -jnp.minimum(s[0], s[3])},
            _("`c` must serve both inputs of a kind: take the stricter of the two demands."),
        ),
    ),
    hints=(
        _("Find the hidden values of all four inputs first, then what the output neuron gets without `c`."),
        _("At the ones of XOR `v₁h₁ + v₂h₂ + c > 0`, at its zeros `v₁h₁ + v₂h₂ + c ≤ 0`; solve for `c`."),
    ),
)

#: So many epochs are written out; every start that is drawn runs in a circle by then.
_WRITTEN = 5


def _draw_cycle(stream: Stream) -> Givens | None:
    table = stream.shuffle([((i >> 1, i & 1), XOR[i]) for i in range(4)])
    eta = stream.choice([Fraction(1, 4), Fraction(1, 2), Fraction(2), Fraction(3)])
    start = tuple(eta * stream.integer(-1, 1) for _number in range(3))
    w, ends = start, []
    for _number in range(_WRITTEN):
        for x, t in table:
            e = t - int(w[0] * x[0] + w[1] * x[1] + w[2] > 0)
            w = (w[0] + eta * e * x[0], w[1] + eta * e * x[1], w[2] + eta * e)
        ends.append(w)
    if ends[0] == start or ends[-1] != ends[-2]:
        return None
    return {"X": tuple(x for x, _t in table), "T": tuple(t for _x, t in table), "eta": eta, "p": start}


def _wrong_table(answer, correct):
    return lambda p, X, T, eta: epochs_by_hand(p, X, T, eta, _WRITTEN, answer, correct)


def _moving_epochs(table, p):
    """For each epoch 1 if it ends elsewhere than it began."""
    before = jnp.concatenate([p[None], table[:-1, :3]])
    return jnp.where(jnp.any(before != table[:, :3], axis=1), 1.0, 0.0)


CYCLE = Exercise(
    id="q3.cycle",
    question=3,
    level=3,
    title=_("The circle in which the rule runs on XOR"),
    text=_(
        "A perceptron with the threshold 0 begins with `(w₁, w₂, b) = %(p)s`; the learning rate is `η = "
        "%(eta)s`. "
        "In every epoch the examples of XOR come in the order `%(X1)s`, `%(X2)s`, `%(X3)s`, `%(X4)s`. Give "
        "`w₁`, `w₂`, `b` after the first epoch, and the mistakes in it. Which is the first epoch that "
        "ends with the "
        "weights and the bias with which it began, and what are they? How many updates are made in 100 "
        "epochs?"
    ),
    draw=_draw_cycle,
    steps=(
        Step(
            "table",
            lambda p, X, T, eta: epochs(p, X, T, eta, _WRITTEN),
            _(
                "Epoch 1: mistakes `%(table14)s`, then `w₁ = %(table11)s`, `w₂ = %(table12)s`, "
                "`b = %(table13)s`"
            ),
        ),
        Step("moving", _moving_epochs),
        Step(
            "line2",
            lambda table: table[1],
            (
                "",
                _(
                    "Epoch 2: mistakes `%(table24)s`, then `w₁ = %(table21)s`, `w₂ = %(table22)s`, "
                    "`b = %(table23)s`"
                ),
            ),
            case=lambda known: int(known["moving"][0]),
        ),
        Step(
            "line3",
            lambda table: table[2],
            (
                "",
                _(
                    "Epoch 3: mistakes `%(table34)s`, then `w₁ = %(table31)s`, `w₂ = %(table32)s`, "
                    "`b = %(table33)s`"
                ),
            ),
            case=lambda known: int(known["moving"][1]),
        ),
        Step(
            "line4",
            lambda table: table[3],
            (
                "",
                _(
                    "Epoch 4: mistakes `%(table44)s`, then `w₁ = %(table41)s`, `w₂ = %(table42)s`, "
                    "`b = %(table43)s`"
                ),
            ),
            case=lambda known: int(known["moving"][2]),
        ),
        Step(
            "line5",
            lambda table: table[4],
            (
                "",
                _(
                    "Epoch 5: mistakes `%(table54)s`, then `w₁ = %(table51)s`, `w₂ = %(table52)s`, "
                    "`b = %(table53)s`"
                ),
            ),
            case=lambda known: int(known["moving"][3]),
        ),
        Step(
            "again",
            lambda moving: 1.0 + jnp.sum(moving),
            _("Epoch %(again)s ends as it began, and from then on every epoch repeats it"),
        ),
        Step("stuck", lambda table: table[-1, :3], _("It begins and ends with `(w₁, w₂, b) = %(stuck)s`")),
        Step(
            "updates",
            lambda table: jnp.sum(table[:, 3]) + (100.0 - _WRITTEN) * table[-1, 3],
            _(
                "Every epoch of the circle makes `%(table54)s` mistakes; with those before, the updates "
                "in 100 "
                "epochs are `%(updates)s`"
            ),
        ),
    ),
    asks=(
        Ask(
            "first",
            "table",
            (0,),
            label=_("`w₁`, `w₂`, `b` after the first epoch and the mistakes in it (four numbers)"),
            kind="vector",
        ),
        Ask("again", "again", label=_("the first epoch that ends as it began"), weight=0.5),
        Ask("stuck", "stuck", label=_("`w₁`, `w₂`, `b` then (three numbers)"), kind="vector"),
        Ask("updates", "updates", label=_("updates in 100 epochs")),
    ),
    slips=(
        Slip(
            "tie",
            {"table": _wrong_table(answer_at_least, corrected)},
            _("At `z = 0` the answer is 0: the sum must be greater than the threshold."),
        ),
        Slip(
            "bias-kept",
            {"table": _wrong_table(right_answer, bias_kept)},
            _("The bias learns too: `b ← b + η·e`."),
        ),
        Slip(
            "no-rate",
            {"table": lambda p, X, T: epochs(p, X, T, 1.0, _WRITTEN)},
            _("The learning rate is missing: each change is multiplied by `η`."),
        ),
        Slip(
            "learned",
            {"updates": lambda table, moving: jnp.sum(table[:, 3] * moving)},
            _("An epoch that ends as it began need not be without mistakes: its updates cancel each other."),
        ),
        Slip(
            "one-an-epoch",
            {"updates": lambda: jnp.array(100.0)},
            _("Count the mistakes of an epoch: on XOR there can be up to four."),
        ),
    ),
    hints=(
        _("Keep a table with a line for each example. Compare the end of every epoch with its beginning."),
        _("`wᵢ ← wᵢ + η·(t − y)·xᵢ`, `b ← b + η·(t − y)`; an epoch that ends as it began repeats for ever."),
    ),
)


def _binomial(n, k: int):
    found = 1.0
    for i in range(k):
        found = found * (n - i) / (i + 1)
    return found


def _binomial_sum(n, last):
    """`C(n, 0) + … + C(n, last)`, for `last` up to 4."""
    return sum(jnp.where(k <= last, _binomial(n, k), 0.0) for k in range(5))


def _draw_count(stream: Stream) -> Givens | None:
    N, d = stream.integer(4, 10), stream.integer(1, 4)
    return {"N": N, "d": d, "M": 10 * stream.integer(2, 60)} if d + 1 < N and (N, d) != (4, 2) else None


COUNT = Exercise(
    id="q3.count",
    question=3,
    level=3,
    title=_("How many labellings can be separated?"),
    text=_(
        "`N` points in `d` dimensions, in general position, are labelled with 0 and 1. By Cover's theorem a "
        "perceptron with `d` inputs can separate `2·(C(N−1, 0) + C(N−1, 1) + … + C(N−1, d))` of the "
        "labellings; "
        "`C(n, k)` are the binomial coefficients. For the four corners of a square, `N = 4` and `d = 2`, "
        "these are "
        "14 of 16 Boolean functions: all but XOR and its opposite. Now let `N = %(N)s` and `d = %(d)s`. "
        "How many "
        "labellings are there, how many can be separated, and how many separable ones do you expect among "
        "`M = %(M)s` labellings chosen at random?"
    ),
    draw=_draw_count,
    steps=(
        Step(
            "all",
            lambda N: 2.0**N,
            _("Every point is labelled 0 or 1, so the number of labellings is `2·2·…·2 = %(all)s`"),
        ),
        Step(
            "half",
            lambda N, d: _binomial_sum(N - 1.0, d),
            _("The binomial coefficients `C(N−1, k)` for `k` from 0 to `%(d)s` add up to `%(half)s`"),
        ),
        Step("can", lambda half: 2.0 * half, _("Twice that, `2·%(half)s = %(can)s`, can be separated")),
        Step(
            "expected",
            lambda can, all, M: divide(M * can, all),
            _("Expected among `%(M)s`: `%(M)s·%(can)s/%(all)s ≈ %(expected)s`"),
        ),
    ),
    asks=(
        Ask("all", "all", label=_("labellings in all"), weight=0.5),
        Ask("can", "can", label=_("labellings that can be separated")),
        Ask("expected", "expected", label=_("separable ones expected"), tolerance=0.05),
    ),
    slips=(
        Slip(
            "through-origin",
            {"half": lambda N, d: _binomial_sum(N - 1.0, d - 1.0)},
            _(
                "The sum goes up to `k = d`. Up to `d − 1` counts only the planes through the origin: no "
                "bias."
            ),
        ),
        Slip(
            "all-points",
            {"half": lambda N, d: _binomial_sum(N, d)},
            _("The binomial coefficients are those of `N − 1`, not of `N`."),
        ),
        Slip(
            "not-doubled",
            {"can": lambda half: half},
            _("Every plane gives two labellings, since its sides can be exchanged: the sum is doubled."),
        ),
        Slip(
            "squared",
            {"all": lambda N: N**2},
            _("Each further point doubles the number of labellings; they are not `N²`."),
        ),
        Slip(
            "not-separable",
            {"expected": lambda can, all, M: M - divide(M * can, all)},
            _("The question is about those that can be separated, not about the others."),
        ),
    ),
    hints=(
        _("Count all labellings first; then the sum of the theorem; the expectation is a share of `M`."),
        _("`2·2·…·2` labellings, `N` twos; `C(n, 0) = 1`, `C(n, 1) = n`, `C(n, 2) = n(n − 1)/2`, …"),
    ),
)

EXERCISES = (MISSING, CYCLE, COUNT)
