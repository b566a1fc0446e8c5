"""Question 3: the cycle of the learning rule on XOR, and the number of separable labellings."""

from fractions import Fraction

from quiz.bank.shared import learning_rule as rule
from quiz.bank.shared.division import divide
from quiz.bank.shared.truth_tables import XOR
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

#: The number of epochs in the solution; every start that is drawn has entered the cycle by then.
_WRITTEN = 5


def _draw_cycle(stream: Stream) -> Givens | None:
    table = stream.shuffle([((i >> 1, i & 1), XOR[i]) for i in range(4)])
    eta = stream.choice([Fraction(1, 4), Fraction(1, 2), Fraction(2), Fraction(3)])
    start = tuple(eta * stream.integer(-1, 1) for _number in range(3))
    p, ends = start, []
    for _epoch in range(_WRITTEN):
        p, _mistakes = rule.exact_epoch(p, table, eta)
        ends.append(p)
    if ends[0] == start or ends[-1] != ends[-2]:
        return None
    return {"X": tuple(x for x, _t in table), "T": tuple(t for _x, t in table), "eta": eta, "p": start}


def _minutes(g: Givens) -> float:
    """Two minutes for each epoch up to the cycle, and two more."""
    p, before, epochs = g["p"], None, 0
    while p != before:
        before = p
        p, _mistakes = rule.exact_epoch(p, zip(g["X"], g["T"], strict=True), g["eta"])
        epochs += 1
    return 2.0 + 2.0 * epochs


def _wrong_table(answer, correct):
    return lambda p, X, T, eta: rule.epochs_by_hand(p, X, T, eta, _WRITTEN, answer, correct)


def _moving_epochs(table, p):
    """For each epoch: 1 if it ends with other parameters than it began with, else 0."""
    before = jnp.concatenate([p[None], table[:-1, :3]])
    return jnp.where(jnp.any(before != table[:, :3], axis=1), 1.0, 0.0)


CYCLE = Exercise(
    id="q3.cycle",
    question=3,
    level=3,
    minutes=_minutes,
    title=_("The cycle that the rule falls into on XOR"),
    text=_(
        "A perceptron with the threshold 0 begins with `(w₁, w₂, b) = %(p)s`; the learning rate is `η = "
        "%(eta)s`. In every epoch the examples of XOR come in the order `%(X1)s`, `%(X2)s`, `%(X3)s`, "
        "`%(X4)s`. Give `w₁`, `w₂`, `b` after the first epoch, and the mistakes in it. Which is the first "
        "epoch that ends with the weights and the bias with which it began, and what are they? How many "
        "updates are made in 100 epochs?"
    ),
    draw=_draw_cycle,
    steps=(
        Step("table", lambda p, X, T, eta: rule.epochs(p, X, T, eta, _WRITTEN)),
        Step("moving", _moving_epochs),
        Step("rows", lambda p, X, T, eta: rule.written_out(p, X, T, eta, _WRITTEN)),
        *rule.lines(_WRITTEN, lambda known, row: known["moving"][row] > 0),
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
                "Every epoch of the cycle makes `%(table54)s` mistakes; with those before, the updates in "
                "100 epochs are `%(updates)s`"
            ),
        ),
    ),
    asks=(
        Ask(
            "first",
            "table",
            (0,),
            label=_("`w₁`, `w₂`, `b` after the first epoch and the number of mistakes in it"),
            kind="vector",
        ),
        Ask("again", "again", label=_("number of the first epoch that ends as it began"), weight=0.5),
        Ask("stuck", "stuck", label=_("`w₁`, `w₂`, `b` at the end of that epoch"), kind="vector"),
        Ask("updates", "updates", label=_("number of updates in 100 epochs")),
    ),
    slips=(
        Slip(
            "tie",
            {"table": _wrong_table(rule.answer_at_least, rule.corrected)},
            _("At `z = 0` the answer is 0: the sum must be greater than the threshold."),
        ),
        Slip(
            "bias-kept",
            {"table": _wrong_table(rule.right_answer, rule.bias_kept)},
            _("The bias learns too: `b ← b + η·e`."),
        ),
        Slip(
            "no-rate",
            {"table": lambda p, X, T: rule.epochs(p, X, T, 1.0, _WRITTEN)},
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
        _("`wᵢ ← wᵢ + η·(t − y)·xᵢ`, `b ← b + η·(t − y)`; an epoch that ends as it began repeats forever."),
    ),
)


def _binomial(n, k: int):
    found = 1.0
    for i in range(k):
        found = found * (n - i) / (i + 1)
    return found


def _binomial_sum(n, last):
    """`C(n, 0) + … + C(n, last)`, for `last` of at most 4."""
    return sum(jnp.where(k <= last, _binomial(n, k), 0.0) for k in range(5))


def _draw_count(stream: Stream) -> Givens | None:
    N, d = stream.integer(4, 10), stream.integer(1, 4)
    return {"N": N, "d": d, "M": 10 * stream.integer(2, 60)} if d + 1 < N and (N, d) != (4, 2) else None


COUNT = Exercise(
    id="q3.count",
    question=3,
    level=2,
    minutes=5.0,
    title=_("How many labellings can be separated?"),
    text=_(
        "`N` points in `d` dimensions, in general position, are labelled with 0 and 1. By Cover's theorem a "
        "perceptron with `d` inputs can separate `2·(C(N−1, 0) + C(N−1, 1) + … + C(N−1, d))` of the "
        "labellings; `C(n, k)` are the binomial coefficients. For the four corners of a square, `N = 4` and "
        "`d = 2`, these are 14 of 16 Boolean functions: all but XOR and its negation (XNOR). Now let `N = "
        "%(N)s` and `d = %(d)s`. How many labellings are there, how many can be separated, and what is the "
        "expected number (a mean, which need not be whole) of separable ones among `M = %(M)s` labellings "
        "chosen at random?"
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
        Ask("all", "all", label=_("number of labellings"), weight=0.5),
        Ask("can", "can", label=_("number of labellings that can be separated")),
        Ask("expected", "expected", label=_("expected number of separable labellings"), tolerance=0.05),
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
            _("Every plane gives two labellings, since its sides can be swapped: the sum is doubled."),
        ),
        Slip(
            "squared",
            {"all": lambda N: N**2},
            _("Each further point doubles the number of labellings; there are not `N²` of them."),
        ),
        Slip(
            "not-separable",
            {"expected": lambda can, all, M: M - divide(M * can, all)},
            _("The question is about those that can be separated, not about the others."),
        ),
    ),
    hints=(
        _("Count all labellings first; then the sum of the theorem; the expectation is a share of `M`."),
        _("`2·2·…·2` labellings (`N` factors); `C(n, 0) = 1`, `C(n, 1) = n`, `C(n, 2) = n(n − 1)/2`, …"),
    ),
)

EXERCISES = (CYCLE, COUNT)
