"""Question 2: a program with one mistake in the learning rule."""

from typing import Any

from quiz.bank.shared.construct import fire
from quiz.bank.shared.neurons import net_input
from quiz.bank.shared.places import place_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

#: For each mistake the line as it should be, and as it is.
_LINES = (
    ("`z = w @ x + b`", "`z = w @ x`"),
    ("`y = int(z > theta)`", "`y = int(z > 0)`"),
    ("`e = t - y`", "`e = y - t`"),
    ("`w = w + eta*e*x`", "`w = w + eta*e`"),
    ("`b = b + eta*e`", "`b = b + e`"),
)
_OTHERS = ("`y = int(z >= theta)`", "`e = abs(t - y)`")


def _program(givens: Givens) -> list[str]:
    """The lines of the program."""
    bug = givens["bug"]
    inner = [wrong if place == bug else right for place, (right, wrong) in enumerate(_LINES)]
    return ["`for x, t in zip(X, T):`", *inner, "`print(w, b)`"]


def _one(p: Any, x: Any, t: Any, theta: Any, eta: Any, bug: Any) -> Any:
    """`(w₁, w₂, b)` after one example, with the mistake of this number or, for -1, without any."""
    z = net_input(p[:2], jnp.where(bug == 0, 0.0, p[2]), x)
    e = (t - fire(z, jnp.where(bug == 1, 0.0, theta))) * jnp.where(bug == 2, -1.0, 1.0)
    change = eta * e * jnp.append(jnp.where(bug == 3, jnp.ones(2), x), 1.0)
    return p + change.at[2].set(jnp.where(bug == 4, e, change[2]))


def _states(g: Givens, bug: int) -> list[tuple[Any, ...]]:
    """`(w₁, w₂, b)` at first and after each example, in exact numbers."""
    states = [g["p"]]
    for x, t in zip(g["X"], g["T"], strict=True):
        w1, w2, b = states[-1]
        z = w1 * x[0] + w2 * x[1] + (0 if bug == 0 else b)
        e = (t - int(z > (0 if bug == 1 else g["theta"]))) * (-1 if bug == 2 else 1)
        u1, u2 = (1, 1) if bug == 3 else x
        change = g["eta"] * e
        states.append((w1 + change * u1, w2 + change * u2, b + (e if bug == 4 else change)))
    return states


def _draw_code(stream: Stream) -> Givens | None:
    for _attempt in range(200):
        g = {
            "p": (*stream.vector(2, -2, 2, 0), stream.decimal(-2, 2, 0, zero=False)),
            "X": stream.matrix(2, 2, -3, 3, 0),
            "T": (stream.integer(0, 1), stream.integer(0, 1)),
            "theta": stream.choice((-1, 1)) * stream.decimal("0.5", "2.5", 1),
            "eta": stream.decimal("0.1", "0.9", 1),
            "bug": stream.integer(0, 4),
            "shown": stream.shuffle(range(7)),
        }
        wrong, right = _states(g, g["bug"]), _states(g, -1)
        if wrong[-1] != right[-1] and wrong[-1] != wrong[-2] and right[0] != right[1] != right[2]:
            return g
    return None


CODE = Exercise(
    id="q2.code",
    question=2,
    level=3,
    minutes=8,
    title=_("A program with one mistake"),
    text=_(
        "The program below is to make one epoch of the learning rule, with the threshold `theta = "
        "%(theta)s`, the learning rate `eta = %(eta)s` and the beginning `(w₁, w₂, b) = %(p)s`. The examples "
        "are `%(X1)s` with the target `%(T1)s`, then `%(X2)s` with the target `%(T2)s`; lines 2 to 6 are run "
        "for each of them. `w @ x` is `w₁x₁ + w₂x₂`. One line has a mistake. Which, and how should it read? "
        "What does the program print as it is, and what would it print without the mistake?"
    ),
    draw=_draw_code,
    steps=(
        Step("line", lambda bug: bug + 1.0),
        Step(
            "number",
            lambda bug: bug + 2.0,
            _("The mistake is in line %(number)s. By the learning rule there should stand:"),
        ),
        Step(
            "fix",
            lambda bug, shown: place_of(bug, shown),
            tuple(right for right, _wrong in _LINES),
            case=lambda known: int(known["bug"]),
        ),
        Step(
            "a",
            lambda p, X, T, theta, eta, bug: _one(p, X[0], T[0], theta, eta, bug),
            _("As it is, the program has `(w₁, w₂, b) = %(a)s` after the first example"),
        ),
        Step(
            "printed",
            lambda a, X, T, theta, eta, bug: _one(a, X[1], T[1], theta, eta, bug),
            _("After the second example it prints `%(printed)s`"),
        ),
        Step(
            "c",
            lambda p, X, T, theta, eta: _one(p, X[0], T[0], theta, eta, -1.0),
            _("Without the mistake it has `%(c)s` after the first example"),
        ),
        Step(
            "right",
            lambda c, X, T, theta, eta: _one(c, X[1], T[1], theta, eta, -1.0),
            _("After the second example it prints `%(right)s`"),
        ),
    ),
    asks=(
        Ask(
            "line", "line", label=_("the line with the mistake"), kind="choice", options=_program, weight=0.5
        ),
        Ask(
            "fix",
            "fix",
            label=_("the line as it should read"),
            kind="choice",
            options=lambda givens: [
                (*(right for right, _wrong in _LINES), *_OTHERS)[place] for place in givens["shown"]
            ],
            weight=0.5,
        ),
        Ask("printed", "printed", label=_("`w₁`, `w₂`, `b` as they are printed"), kind="vector"),
        Ask("right", "right", label=_("`w₁`, `w₂`, `b` without the mistake"), kind="vector"),
    ),
    slips=(
        Slip(
            "as-intended",
            {
                "a": lambda p, X, T, theta, eta: _one(p, X[0], T[0], theta, eta, -1.0),
                "printed": lambda a, X, T, theta, eta: _one(a, X[1], T[1], theta, eta, -1.0),
            },
            _("A program does what is written, not what is meant: follow the line with the mistake too."),
        ),
        Slip(
            "one-example",
            {"printed": lambda a: a, "right": lambda c: c},
            _("The program prints once, after both examples."),
        ),
        Slip(
            "not-from-the-beginning",
            {"c": lambda printed, X, T, theta, eta: _one(printed, X[0], T[0], theta, eta, -1.0)},
            _("The repaired program begins with the same `(w₁, w₂, b)` again."),
        ),
    ),
    hints=(
        _("Compare each line with the learning rule, one after another. Then play the computer."),
        _(
            "Other numbers: with `w = (1, 1)`, `b = 2`, `x = (3, 1)` the line `z = w @ x` gives 4 and not 6; "
            "everything after it goes on with 4."
        ),
        _("`z = w·x + b`; `y = 1` if `z > θ`, else 0; `e = t − y`; `w ← w + η·e·x`; `b ← b + η·e`."),
    ),
)

EXERCISES = (CODE,)
