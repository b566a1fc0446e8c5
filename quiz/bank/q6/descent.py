"""Question 6: gradient descent step by step, and a numerical gradient check."""

from quiz.bank.shared.neurons import error_derivative, net_input, squared_error
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

# --- two steps of gradient descent -----------------------------------------------------------------------


def _draw_descent(stream: Stream) -> Givens | None:
    x = stream.decimal("0.5", 3, 1) * stream.choice([1, -1])
    eta = stream.decimal("0.02", "0.3", 2)
    factor = 1 - 2 * eta * (x * x + 1)
    givens = {
        "x": x,
        "w": stream.decimal(-2, 2, 1, zero=False),
        "b": stream.decimal(-2, 2, 1, zero=False),
        "t": stream.decimal(-3, 3, 1, zero=False),
        "eta": eta,
    }
    error = givens["w"] * x + givens["b"] - givens["t"]
    return givens if abs(error) > 1 and 0.1 < abs(factor) < 0.9 else None


def _answer(p, x):
    """The answer of a linear neuron, given its weight and bias as one vector."""
    return net_input(p[:1], p[1], x[None])


def _step(p, x, t, eta):
    """One step of gradient descent that updates weight and bias together."""
    derivative = error_derivative(_answer(p, x), t)
    return p - eta * derivative * _inputs(x)


def _one_after_the_other(p, x, t, eta):
    """A mistake: update the weight first, then the bias with the new weight."""
    w = _step(p, x, t, eta)[0]
    return jnp.stack([w, _step(jnp.stack([w, p[1]]), x, t, eta)[1]])


def _start(w, b):
    return jnp.stack([w, b])


def _inputs(x):
    """The inputs that the weight and the bias are multiplied by."""
    return jnp.stack([x, jnp.ones_like(x)])


def _both_steps(moved):
    """The rules for the parameters after each step: `moved(p, x, t, eta, d)` with the loss derivative `d`."""
    return {
        "p": lambda w, b, x, t, eta, d: moved(_start(w, b), x, t, eta, d),
        "q": lambda p, x, t, eta, f: moved(p, x, t, eta, f),
    }


_STEPS = _both_steps(lambda p, x, t, eta, d: p - eta * d * _inputs(x))


DESCENT = Exercise(
    id="q6.descent",
    question=6,
    level=2,
    minutes=10.0,
    revision=2,
    title=_("Two steps of gradient descent"),
    text=_(
        "A neuron without activation computes `ŷ = wx + b`, at first with `w = %(w)s`, `b = %(b)s`. Its only "
        "example is `x = %(x)s` with the target `t = %(t)s`; the loss is `L = (t − ŷ)²`, the learning rate "
        "`η = %(eta)s`. Make two steps of gradient descent, each changing `w` and `b` at once, and give the "
        "loss after each."
    ),
    draw=_draw_descent,
    steps=(
        Step(
            "y",
            lambda w, b, x: _answer(_start(w, b), x),
            _("`ŷ = %(w)s·%(x_)s%(b__)s = %(y)s`; the loss is `(%(t)s − %(y_)s)²` before training"),
        ),
        Step(
            "d",
            error_derivative,
            _("`∂L/∂ŷ = 2(ŷ − t) = 2·(%(y)s − %(t_)s) = %(d)s`; `∂L/∂w = %(d)s·%(x_)s`, `∂L/∂b = %(d)s`"),
        ),
        Step(
            "p",
            _STEPS["p"],
            _("`w ← %(w)s − %(eta)s·%(d_)s·%(x_)s ≈ %(p1)s`, `b ← %(b)s − %(eta)s·%(d_)s ≈ %(p2)s`"),
            base=_start,
        ),
        Step("r", lambda p, x: _answer(p, x), _("`ŷ ≈ %(p1)s·%(x_)s%(p2__)s ≈ %(r)s`")),
        Step(
            "L", lambda r, t: squared_error(r, t), _("After the first step `L ≈ (%(t)s − %(r_)s)² ≈ %(L)s`")
        ),
        Step(
            "f",
            lambda r, t: error_derivative(r, t),
            _("Second step, with the new gradient: `∂L/∂ŷ ≈ 2·(%(r)s − %(t_)s) ≈ %(f)s`"),
        ),
        Step(
            "q",
            _STEPS["q"],
            _("`w ← %(p1)s − %(eta)s·%(f_)s·%(x_)s ≈ %(q1)s`, `b ← %(p2)s − %(eta)s·%(f_)s ≈ %(q2)s`"),
            base=lambda p: p,
        ),
        Step("s", lambda q, x: _answer(q, x), _("`ŷ ≈ %(q1)s·%(x_)s%(q2__)s ≈ %(s)s`")),
        Step(
            "M", lambda s, t: squared_error(s, t), _("After the second step `L ≈ (%(t)s − %(s_)s)² ≈ %(M)s`")
        ),
    ),
    asks=(
        Ask("w1", "p", (0,), label=_("`w` after the first step"), weight=0.5),
        Ask("b1", "p", (1,), label=_("`b` after the first step"), weight=0.5),
        Ask("L1", "L", label=_("`L` after the first step")),
        Ask("w2", "q", (0,), label=_("`w` after the second step")),
        Ask("b2", "q", (1,), label=_("`b` after the second step")),
        Ask("L2", "M", label=_("`L` after the second step")),
    ),
    slips=(
        Slip(
            "uphill",
            _both_steps(lambda p, x, t, eta, d: p + eta * d * _inputs(x)),
            _("Gradient descent goes down: subtract `η` times the gradient. (Does the loss fall?)"),
            effect="factor",
        ),
        Slip(
            "no-two",
            {"d": lambda y, t: y - t, "f": lambda r, t: r - t},
            _("The square brings a factor 2: `∂L/∂ŷ = 2(ŷ − t)`."),
            effect="factor",
        ),
        Slip(
            "half-loss",
            {
                "L": lambda r, t: squared_error(r, t) / 2,
                "M": lambda s, t: squared_error(s, t) / 2,
            },
            _("The loss here is `L = (t − ŷ)²`, without the factor ½."),
        ),
        Slip(
            "old-gradient",
            {"f": lambda d: d},
            _("The gradient has to be calculated anew at the new `w` and `b`; it has changed."),
        ),
        Slip(
            "bias-kept",
            _both_steps(lambda p, x, t, eta, d: p - eta * d * jnp.stack([x, 0 * x])),
            _("The bias learns too: `b ← b − η·∂L/∂b`."),
            effect="factor",
        ),
        Slip(
            "no-input",
            _both_steps(lambda p, x, t, eta, d: p - eta * d * jnp.ones(2)),
            _("The gradient with respect to the weight has the input as a factor: `∂L/∂w = 2(ŷ − t)·x`."),
            effect="factor",
        ),
        Slip(
            "one-after-the-other",
            _both_steps(lambda p, x, t, eta, d: _one_after_the_other(p, x, t, eta)),
            _("Both are changed at once: the gradient with respect to `b` still belongs to the old `w`."),
        ),
    ),
    hints=(
        _(
            "Each step has the same four lines: the answer, its error, the two gradients, the two changes. "
            "Then the loss."
        ),
        _(
            "`∂L/∂w = 2(ŷ − t)·x`, `∂L/∂b = 2(ŷ − t)`; subtract `η` times the gradient; calculate `ŷ` and "
            "`L` anew."
        ),
    ),
    places=4,
)


# --- a numerical check -----------------------------------------------------------------------------------


def _draw_check(stream: Stream) -> Givens | None:
    """Draw a gradient in which one number is wrong, as a typical programming error would make it."""
    w, x = stream.vector(2, -2, 2, 1), stream.vector(2, -3, 3, 0)
    b, t = stream.decimal(-1, 1, 1, zero=False), stream.decimal(-2, 2, 1, zero=False)
    e = w[0] * x[0] + w[1] * x[1] + b - t
    right = [2 * e * x[0], 2 * e * x[1], 2 * e]
    place = stream.integer(0, 2)
    wrong = stream.choice([-right[place], right[place] / 2, 2 * e * w[place] if place < 2 else 2 * e * b])
    if abs(wrong - right[place]) < 0.2 or abs(x[0]) == abs(x[1]) or not 0.5 < abs(e) < 5:
        return None
    reported = tuple(wrong if i == place else g for i, g in enumerate(right))
    return {"w": w, "b": b, "x": x, "t": t, "g": reported, "h": stream.decimal("0.1", "0.2", 1)}


def _loss_of(p, x, t):
    return squared_error(net_input(p[:2], p[2], x), t)


def _losses(w, b, x, t, h):
    """The loss with one parameter at a time increased by h."""
    p = jnp.append(w, b)
    return jnp.stack([_loss_of(p + h * jnp.eye(3)[i], x, t) for i in range(3)])


def _errors(w, b, x, t, h):
    """A mistake: the errors instead of the losses."""
    return t - net_input(w, b, x) - h * jnp.append(x, jnp.ones(1))


def _losses_of_inputs(w, b, x, t, h):
    """A mistake: the losses with the inputs increased instead of the weights."""
    return jnp.square(t - net_input(w, b, x) - h * jnp.append(w, jnp.ones(1)))


CHECK = Exercise(
    id="q6.check",
    question=6,
    level=2,
    minutes=8.0,
    title=_("A numerical gradient check"),
    text=_(
        "A neuron without activation computes `ŷ = w₁x₁ + w₂x₂ + b` with `w = %(w)s`, `b = %(b)s`. For `x = "
        "%(x)s` and the target `t = %(t)s`, a program says that the gradient of `L = (t − ŷ)²` is `∂L/∂w₁ = "
        "%(g1)s`, `∂L/∂w₂ = %(g2)s`, `∂L/∂b = %(g3)s`. One of these is wrong. Check them numerically: for "
        "each parameter `p` in turn, calculate the loss with `p` increased and decreased by `h = %(h)s`, "
        "then the central difference quotient. Which one is wrong?"
    ),
    draw=_draw_check,
    steps=(
        Step(
            "y",
            lambda w, b, x: net_input(w, b, x),
            _("`ŷ = %(w1)s·%(x1_)s%(w2__)s·%(x2_)s%(b__)s = %(y)s`; with `w₁ + h` it grows by `h·x₁`"),
        ),
        Step(
            "u",
            _losses,
            _(
                "Loss with `w₁ + h`: `(%(t)s − (%(y)s + %(h)s·%(x1_)s))² = %(u1)s`; with `w₂ + h`: `(%(t)s − "
                "(%(y)s + %(h)s·%(x2_)s))² = %(u2)s`; with `b + h`: `(%(t)s − (%(y)s + %(h)s))² = %(u3)s`"
            ),
        ),
        Step(
            "l",
            lambda w, b, x, t, h: _losses(w, b, x, t, -h),
            _(
                "Loss with `w₁ − h`: `(%(t)s − (%(y)s − %(h)s·%(x1_)s))² = %(l1)s`; with `w₂ − h`: `(%(t)s − "
                "(%(y)s − %(h)s·%(x2_)s))² = %(l2)s`; with `b − h`: `(%(t)s − (%(y)s − %(h)s))² = %(l3)s`"
            ),
        ),
        Step(
            "n",
            lambda u, l, h: (u - l) / (2 * h),
            _(
                "`(L(p + h) − L(p − h))/(2h)`: `(%(u1)s − %(l1)s)/(2·%(h)s) = %(n1)s`, `(%(u2)s − "
                "%(l2)s)/(2·%(h)s) = %(n2)s`, `(%(u3)s − %(l3)s)/(2·%(h)s) = %(n3)s`"
            ),
        ),
        Step(
            "wrong",
            lambda n, g: jnp.argmax(jnp.abs(n - g)),
            _("The program says `%(g)s`: where the two differ, it is wrong"),
        ),
    ),
    asks=(
        Ask("up", "u", label=_("loss with `w₁ + h`, `w₂ + h`, `b + h`"), kind="vector"),
        Ask("down", "l", label=_("loss with `w₁ − h`, `w₂ − h`, `b − h`"), kind="vector"),
        Ask("n", "n", label=_("the three difference quotients"), kind="vector"),
        Ask(
            "wrong",
            "wrong",
            label=_("the wrong number"),
            kind="choice",
            weight=0.25,
            options=("`∂L/∂w₁`", "`∂L/∂w₂`", "`∂L/∂b`"),
        ),
    ),
    slips=(
        Slip(
            "half-step",
            {"n": lambda u, l, h: (u - l) / h},
            _("From `p − h` to `p + h` it is `2h`: divide by `2h`."),
            effect="factor",
        ),
        Slip(
            "forward",
            {"n": lambda w, b, x, t, u, h: (u - _loss_of(jnp.append(w, b), x, t)) / h},
            _(
                "This is the forward quotient; the central one, `(L(p + h) − L(p − h))/(2h)`, is much more "
                "exact."
            ),
        ),
        Slip(
            "turned-round",
            {"n": lambda u, l, h: (l - u) / (2 * h)},
            _("Larger minus smaller: the loss at `p + h` minus the loss at `p − h`."),
            effect="factor",
        ),
        Slip(
            "not-squared",
            {"u": _errors, "l": lambda w, b, x, t, h: _errors(w, b, x, t, -h)},
            _("These are the errors `t − ŷ`; the loss is their square."),
        ),
        Slip(
            "input-moved",
            {"u": _losses_of_inputs, "l": lambda w, b, x, t, h: _losses_of_inputs(w, b, x, t, -h)},
            _(
                "Move the weight by `h`: the answer then changes by `h` times the input, not by `h` times "
                "the weight."
            ),
        ),
    ),
    hints=(
        _("Change one parameter at a time and leave the others as they are; six losses are needed."),
        _(
            "`ŷ` changes by `h·x₁`, `h·x₂` or `h`; quotient `(L(p + h) − L(p − h))/(2h)`; compare with the "
            "program's numbers."
        ),
    ),
    places=4,
)


EXERCISES = (CHECK, DESCENT)
