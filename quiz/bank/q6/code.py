"""Question 6: a program with one mistake in the backward pass."""

from typing import Any

from quiz.bank.shared.places import place_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

#: The lines of the backward pass as they should be.
_RIGHT = ("`d = 2*(y - t)`", "`gv = d*h`", "`gw = d*v*x`", "`gb = d*v`")
#: For each mistake the place of its line among these, and the line as it is.
_WRONG = ((0, "`d = 2*(t - y)`"), (0, "`d = y - t`"), (1, "`gv = d*v`"), (2, "`gw = d*x`"), (3, "`gb = d`"))
_OTHERS = ("`gw = d*v*h`", "`gv = d*h*x`")


def _program(givens: Givens) -> list[str]:
    """The lines of the program."""
    wrong, line = _WRONG[givens["bug"]]
    backward = [line if place == wrong else right for place, right in enumerate(_RIGHT)]
    change = "`w, b, v = w - eta*gw, b - eta*gb, v - eta*gv`"
    return ["`h = w*x + b`", "`y = v*h`", *backward, change, "`print(w, b, v)`"]


def _place(bug):
    """The place of the line with the mistake among those of the backward pass."""
    return jnp.array([float(place) for place, _line in _WRONG])[bug.astype(int)]


def _gradients(h, v, x, d):
    """The derivatives with respect to w, b and v."""
    return jnp.stack([d * v * x, d * v, d * h])


def _as_written(h, v, x, y, t, bug):
    """What the program has in their place."""
    d = jnp.where(bug == 0, 2.0 * (t - y), jnp.where(bug == 1, y - t, 2.0 * (y - t)))
    gv = jnp.where(bug == 2, d * v, d * h)
    gw = jnp.where(bug == 3, d * x, d * v * x)
    return jnp.stack([gw, jnp.where(bug == 4, d, d * v), gv])


def _draw(stream: Stream) -> Givens | None:
    x, t = stream.decimal(-3, 3, 0, zero=False), stream.decimal(-4, 4, 0)
    w, b, v = (stream.decimal(-2, 2, 0, zero=False) for _parameter in range(3))
    if abs(x) == 1 or abs(v) == 1 or w * x + b in (0, v) or abs(v * (w * x + b) - t) < 1:
        return None
    return {
        "x": x, "t": t, "w": w, "b": b, "v": v, "eta": stream.decimal("0.05", "0.3", 2),
        "bug": stream.integer(0, 4), "shown": stream.shuffle(range(6)),
    }  # fmt: skip


def _new(w: Any, b: Any, v: Any, eta: Any, g: Any) -> Any:
    return jnp.stack([w, b, v]) - eta * g


CODE = Exercise(
    id="q6.code",
    question=6,
    level=2,
    minutes=6,
    title=_("A backward pass with one mistake"),
    text=_(
        "The program below is to make one training step of the network `h = wx + b`, `ŷ = vh` with the loss "
        "`L = (t − ŷ)²`: forward pass, backward pass and change. It begins with `w = %(w)s`, `b = %(b)s`, `v "
        "= %(v)s`; the input is `x = %(x)s`, the target `t = %(t)s`, the learning rate `eta = %(eta)s`. One "
        "line has a mistake. Which, and how should it read? What does the program print as it is, and what "
        "would it print without the mistake?"
    ),
    draw=_draw,
    steps=(
        Step("line", lambda bug: _place(bug) + 2.0),
        Step(
            "number",
            lambda line: line + 1.0,
            _("The mistake is in line %(number)s. By the chain rule there should stand:"),
        ),
        Step(
            "fix",
            lambda bug, shown: place_of(_place(bug), shown),
            _RIGHT,
            case=lambda known: int(known["line"]) - 2,
        ),
        Step("h", lambda w, x, b: w * x + b, _("Forward pass: `h = %(w)s·%(x_)s%(b__)s = %(h)s`")),
        Step("y", lambda v, h: v * h, _("`ŷ = %(v)s·%(h_)s = %(y)s`")),
        Step("written", _as_written, _("As it is, the program has `(gw, gb, gv) = %(written)s`")),
        Step(
            "printed",
            lambda w, b, v, eta, written: _new(w, b, v, eta, written),
            _("It prints `%(printed)s`"),
        ),
        Step("d", lambda y, t: 2.0 * (y - t), _("Without the mistake `d = 2·(%(y)s − %(t_)s) = %(d)s`")),
        Step("g", _gradients, _("This gives `(gw, gb, gv) = %(g)s`")),
        Step("right", lambda w, b, v, eta, g: _new(w, b, v, eta, g), _("So it prints `%(right)s`")),
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
            options=lambda givens: [(*_RIGHT, *_OTHERS)[place] for place in givens["shown"]],
            weight=0.5,
        ),
        Ask("printed", "printed", label=_("`w`, `b`, `v` as they are printed"), kind="vector"),
        Ask("right", "right", label=_("`w`, `b`, `v` without the mistake"), kind="vector"),
    ),
    slips=(
        Slip(
            "as-intended",
            {"written": lambda h, v, x, y, t: _gradients(h, v, x, 2.0 * (y - t))},
            _("A program does what is written, not what is meant: follow the line with the mistake too."),
        ),
        Slip(
            "uphill",
            {
                "printed": lambda w, b, v, eta, written: _new(w, b, v, -eta, written),
                "right": lambda w, b, v, eta, g: _new(w, b, v, -eta, g),
            },
            _("Gradient descent goes down: subtract `η` times the gradient."),
        ),
        Slip(
            "not-from-the-beginning",
            {"right": lambda printed, eta, g: printed - eta * g},
            _("The repaired program begins with the same `w`, `b` and `v` again."),
        ),
    ),
    hints=(
        _("Write down each derivative by the chain rule, and compare it with its line."),
        _(
            "Other numbers: with `v = 3`, `h = 2`, `x = 5` and `d = 4` the gradients are `gv = 4·2 = 8`, `gw "
            "= 4·3·5 = 60` and `gb = 4·3 = 12`."
        ),
        _("`∂L/∂ŷ = 2(ŷ − t)`; `∂L/∂v = ∂L/∂ŷ·h`; `∂L/∂w = ∂L/∂ŷ·v·x`; `∂L/∂b = ∂L/∂ŷ·v`."),
    ),
)

EXERCISES = (CODE,)
