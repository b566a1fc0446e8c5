"""Question 2: training for one epoch, and until a gate is learned."""

from fractions import Fraction
from typing import Any

from quiz.bank.shared import learning_rule as rule
from quiz.bank.shared.construct import fire
from quiz.bank.shared.neurons import net_input
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_epoch(stream: Stream) -> Givens | None:
    p = (*stream.vector(2, -1, 1, 1), stream.decimal(-1, 1, 1))
    X, T = stream.matrix(3, 2, -3, 3, 0), tuple(stream.integer(0, 1) for _example in range(3))
    eta = stream.choice([stream.decimal("0.1", "0.6", 1), stream.decimal("0.05", "0.45", 2)])
    kept, theta = stream.integer(0, 2), rule.draw_threshold(stream)
    _after, mistakes = rule.exact_epoch(p, zip(X, T, strict=True), eta, theta)
    if mistakes < 2 and kept:
        return None  # an epoch with fewer mistakes exercises little; keep a third of them
    return {"p": p, "X": X, "T": T, "eta": eta, "theta": theta}


def _epoch(g: Givens, theta: Any) -> tuple[Any, int]:
    """`(w₁, w₂, b)` after the epoch with a threshold, and the mistakes in it."""
    return rule.exact_epoch(g["p"], zip(g["X"], g["T"], strict=True), g["eta"], theta)


def _mistakes(g: Givens) -> int:
    return _epoch(g, g["theta"])[1]


def _after(correct):
    """The rules for `(w₁, w₂, b)` after each example, by `correct(p, x, e, eta)`."""
    return {
        "after1": lambda p, X, e1, eta: correct(p, X[0], e1, eta),
        "after2": lambda after1, X, e2, eta: correct(after1, X[1], e2, eta),
        "after3": lambda after2, X, e3, eta: correct(after2, X[2], e3, eta),
    }


_AFTER = _after(rule.corrected)

EPOCH = Exercise(
    id="q2.epoch",
    question=2,
    level=2,
    minutes=lambda g: 5.0 + 1.5 * _mistakes(g),
    revision=2,
    title=_("A whole epoch of the learning rule"),
    text=_(
        "A perceptron with the threshold `θ = %(theta)s` begins with `(w₁, w₂, b) = %(p)s`; the learning "
        "rate is `η = %(eta)s`. In one epoch it is shown, in this order, `%(X1)s` with the target `%(T1)s`, "
        "`%(X2)s` with the target `%(T2)s`, `%(X3)s` with the target `%(T3)s`, and corrected after each "
        "example. Give `(w₁, w₂, b)` after each of the three, and the number of mistakes in this epoch."
    ),
    draw=_draw_epoch,
    steps=(
        Step("z1", lambda p, X: net_input(p[:2], p[2], X[0])),
        Step(
            "e1",
            lambda z1, T, theta: T[0] - fire(z1, theta),
            _(
                "Example 1: `z = %(p1)s·%(X11_)s%(p2__)s·%(X12_)s%(p3__)s = %(z1)s`, so `e = t − y = %(T1)s "
                "− y = %(e1)s`"
            ),
        ),
        Step(
            "after1",
            _AFTER["after1"],
            (
                _("Nothing changes: `%(after1)s`"),
                _(
                    "`w₁ ← %(p1)s + %(eta)s·%(e1_)s·%(X11_)s = %(after11)s`, `w₂ ← %(p2)s + "
                    "%(eta)s·%(e1_)s·%(X12_)s = %(after12)s`, `b ← %(p3)s + %(eta)s·%(e1_)s = %(after13)s`"
                ),
            ),
            case=lambda known: int(known["e1"] != 0),
            base=lambda p: p,
        ),
        Step("z2", lambda after1, X: net_input(after1[:2], after1[2], X[1])),
        Step(
            "e2",
            lambda z2, T, theta: T[1] - fire(z2, theta),
            _(
                "Example 2: `z = %(after11)s·%(X21_)s%(after12__)s·%(X22_)s%(after13__)s = %(z2)s`, so `e = "
                "t − y = %(T2)s − y = %(e2)s`"
            ),
        ),
        Step(
            "after2",
            _AFTER["after2"],
            (
                _("Nothing changes: `%(after2)s`"),
                _(
                    "`w₁ ← %(after11)s + %(eta)s·%(e2_)s·%(X21_)s = %(after21)s`, `w₂ ← %(after12)s + "
                    "%(eta)s·%(e2_)s·%(X22_)s = %(after22)s`, `b ← %(after13)s + %(eta)s·%(e2_)s = "
                    "%(after23)s`"
                ),
            ),
            case=lambda known: int(known["e2"] != 0),
            base=lambda after1: after1,
        ),
        Step("z3", lambda after2, X: net_input(after2[:2], after2[2], X[2])),
        Step(
            "e3",
            lambda z3, T, theta: T[2] - fire(z3, theta),
            _(
                "Example 3: `z = %(after21)s·%(X31_)s%(after22__)s·%(X32_)s%(after23__)s = %(z3)s`, so `e = "
                "t − y = %(T3)s − y = %(e3)s`"
            ),
        ),
        Step(
            "after3",
            _AFTER["after3"],
            (
                _("Nothing changes: `%(after3)s`"),
                _(
                    "`w₁ ← %(after21)s + %(eta)s·%(e3_)s·%(X31_)s = %(after31)s`, `w₂ ← %(after22)s + "
                    "%(eta)s·%(e3_)s·%(X32_)s = %(after32)s`, `b ← %(after23)s + %(eta)s·%(e3_)s = "
                    "%(after33)s`"
                ),
            ),
            case=lambda known: int(known["e3"] != 0),
            base=lambda after2: after2,
        ),
        Step(
            "mistakes",
            lambda e1, e2, e3: jnp.abs(e1) + jnp.abs(e2) + jnp.abs(e3),
            _("Mistakes are the examples with `e ≠ 0`: `%(mistakes)s`"),
        ),
    ),
    asks=(
        Ask("after1", "after1", label=_("`(w₁, w₂, b)` after the first example"), kind="vector"),
        Ask("after2", "after2", label=_("`(w₁, w₂, b)` after the second example"), kind="vector"),
        Ask("after3", "after3", label=_("`(w₁, w₂, b)` after the third example"), kind="vector"),
        Ask("mistakes", "mistakes", label=_("number of mistakes in the epoch"), weight=0.5),
    ),
    slips=(
        Slip(
            "old-weights",
            {
                "z2": lambda p, X: net_input(p[:2], p[2], X[1]),
                "z3": lambda p, X: net_input(p[:2], p[2], X[2]),
            },
            _("Each example is answered with the current weights, not with the initial ones."),
        ),
        Slip(
            "sign",
            {
                "e1": lambda z1, T, theta: fire(z1, theta) - T[0],
                "e2": lambda z2, T, theta: fire(z2, theta) - T[1],
                "e3": lambda z3, T, theta: fire(z3, theta) - T[2],
            },
            _("The error is the target minus the answer, `e = t − y`; you have the wrong sign."),
        ),
        Slip(
            "no-threshold",
            {
                "e1": lambda z1, T: T[0] - fire(z1, 0.0),
                "e2": lambda z2, T: T[1] - fire(z2, 0.0),
                "e3": lambda z3, T: T[2] - fire(z3, 0.0),
            },
            _("The sum is compared with `θ`, not with 0."),
            when=lambda g: _epoch(g, 0) != _epoch(g, g["theta"]),
        ),
        Slip(
            "no-rate",
            _after(lambda p, x, e, eta: rule.corrected(p, x, e, 1.0)),
            _("The learning rate is missing: each change is multiplied by `η`."),
            effect="factor",
        ),
        Slip("bias-kept", _after(rule.bias_kept), _("The bias learns too: `b ← b + η·e`."), effect="factor"),
        Slip(
            "target-for-error",
            {
                "after1": lambda p, X, T, eta: rule.corrected(p, X[0], T[0], eta),
                "after2": lambda after1, X, T, eta: rule.corrected(after1, X[1], T[1], eta),
                "after3": lambda after2, X, T, eta: rule.corrected(after2, X[2], T[2], eta),
            },
            _(
                "What is multiplied by `η·xᵢ` is the error, not the target: without a mistake nothing "
                "changes."
            ),
            effect="factor",
        ),
    ),
    hints=(
        _(
            "Take the examples one after another: sum, answer, error, correction; continue with the "
            "corrected values."
        ),
        _("`y = 1` if `w·x + b > θ`, else 0; `e = t − y`; `wᵢ ← wᵢ + η·e·xᵢ`; `b ← b + η·e`."),
    ),
)

#: The largest number of epochs a student has to work through, including the last, without a mistake.
_EPOCHS = 6


def _table(X, T, eta):
    return rule.epochs(jnp.zeros(3), X, T, eta, _EPOCHS)


def _wrong_table(answer, correct):
    return lambda X, T, eta: rule.epochs_by_hand(jnp.zeros(3), X, T, eta, _EPOCHS, answer, correct)


def _minutes(g: Givens) -> float:
    """Two minutes for each epoch, and two more."""
    p, mistakes, epochs = (Fraction(0),) * 3, 1, 0
    while mistakes:
        p, mistakes = rule.exact_epoch(p, zip(g["X"], g["T"], strict=True), g["eta"])
        epochs += 1
    return 2.0 + 2.0 * epochs


def _epochs_with_mistakes(table):
    return jnp.sum(jnp.where(table[:, 3] > 0, 1.0, 0.0))


def _draw_gate(stream: Stream) -> Givens | None:
    truth = stream.choice([(0, 0, 0, 1), (0, 1, 1, 1), (1, 1, 1, 0), (1, 0, 0, 0)])  # AND, OR, NAND, NOR
    table = stream.shuffle([((i >> 1, i & 1), truth[i]) for i in range(4)])
    eta = Fraction(stream.choice([1, 2, 4, 6, 12, 16]), 8)
    p, mistakes = (Fraction(0),) * 3, 0
    for _epoch in range(_EPOCHS):
        p, mistakes = rule.exact_epoch(p, table)
    if mistakes:
        return None
    return {"X": tuple(x for x, _t in table), "T": tuple(t for _x, t in table), "eta": eta}


GATE = Exercise(
    id="q2.gate",
    question=2,
    level=3,
    minutes=_minutes,
    title=_("Updates until a gate is learned"),
    text=_(
        "A perceptron with the threshold 0 is to learn a gate with two inputs. All weights and the bias "
        "begin at 0, the learning rate is `η = %(eta)s`. In every epoch the examples come in this order: "
        "`%(X1)s` with the target `%(T1)s`, `%(X2)s` with the target `%(T2)s`, `%(X3)s` with the target "
        "`%(T3)s`, `%(X4)s` with the target `%(T4)s`. Learning ends after the first epoch without a mistake. "
        "How many mistakes are made in the first epoch, how many updates in all, how many epochs are there, "
        "including the last one, and what are `(w₁, w₂, b)` then?"
    ),
    draw=_draw_gate,
    steps=(
        Step("table", _table),
        Step("rows", lambda X, T, eta: rule.written_out(jnp.zeros(3), X, T, eta, _EPOCHS)),
        *rule.lines(_EPOCHS, lambda known, row: known["table"][row][3] > 0),
        Step(
            "updates",
            lambda table: jnp.sum(table[:, 3]),
            _("Every mistake is one update: `%(updates)s` in all"),
        ),
        Step(
            "epochs",
            lambda table: 1.0 + _epochs_with_mistakes(table),
            _("The epoch without a mistake counts as well: `%(epochs)s` epochs"),
        ),
        Step("final", lambda table: table[-1, :3], _("At the end `(w₁, w₂, b) = %(final)s`")),
    ),
    asks=(
        Ask("first", "table", (0, 3), label=_("number of mistakes in the first epoch"), weight=0.5),
        Ask("updates", "updates", label=_("total number of updates")),
        Ask("epochs", "epochs", label=_("number of epochs, including the last one")),
        Ask("final", "final", label=_("`(w₁, w₂, b)` at the end"), kind="vector"),
    ),
    slips=(
        Slip(
            "tie",
            {"table": _wrong_table(rule.answer_at_least, rule.corrected)},
            _("At `z = 0` the answer is 0, also at the very beginning, where all weights are 0."),
        ),
        Slip(
            "bias-kept",
            {"table": _wrong_table(rule.right_answer, rule.bias_kept)},
            _("The bias learns too: `b ← b + η·e`."),
            effect="factor",
        ),
        Slip(
            "no-rate",
            {"table": lambda X, T: _table(X, T, 1.0)},
            _("The learning rate is missing: each change is multiplied by `η`."),
            effect="factor",
        ),
        Slip(
            "last-epoch-forgotten",
            {"epochs": _epochs_with_mistakes},
            _("Only an epoch without a mistake shows that the gate is learned; it is counted too."),
        ),
        Slip(
            "epochs-for-updates",
            {"updates": _epochs_with_mistakes},
            _("An epoch can have several updates: one for each example answered wrongly."),
        ),
    ),
    hints=(
        _(
            "Keep a table with a line for each example: sum, answer, error, new weights. Begin again after "
            "the fourth."
        ),
        _(
            "`y = 1` only if `w·x + b > 0`; `wᵢ ← wᵢ + η·(t − y)·xᵢ`, `b ← b + η·(t − y)`; stop after an "
            "epoch without mistakes."
        ),
    ),
)


EXERCISES = (EPOCH, GATE)
