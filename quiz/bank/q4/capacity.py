"""Question 4: what a hidden layer without activation can represent, and how many parameters it costs."""

from quiz.bank.shared.neurons import net_input
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

# --- no activation, no gain ------------------------------------------------------------------------------


def _draw_linear(stream: Stream) -> Givens | None:
    d, f, g = (stream.decimal(-3, 3, 1, zero=False) for _i in range(3))
    p = stream.vector(2, -3, 3, 0)
    return None if p == (1, 1) else {"d": d, "f": f, "g": g, "p": p}  # (1, 1) is asked already


LINEAR = Exercise(
    id="q4.linear",
    revision=2,
    question=4,
    level=1,
    minutes=3.0,
    title=_("A hidden layer without activation"),
    text=_(
        "A 2-5-1 network has no activation function, neither in the hidden layer nor at the output. Its "
        "weights are unknown, but three answers are: `f(0, 0) = %(d)s`, `f(1, 0) = %(f)s`, `f(0, 1) = "
        "%(g)s`. Find the single linear neuron `u₁x₁ + u₂x₂ + d` that answers everywhere as this network "
        "does, and the network's answers at (1, 1) and at `(%(p1)s, %(p2)s)`."
    ),
    draw=_draw_linear,
    steps=(
        Step(
            "c",
            lambda d: d,
            _(
                "Layers without activation make one linear function. At (0, 0) only its bias is left: `d = "
                "%(c)s`"
            ),
        ),
        Step(
            "u",
            lambda f, g, c: jnp.stack([f, g]) - c,
            _("`u₁ = f(1, 0) − d = %(f)s − %(c_)s = %(u1)s`, `u₂ = f(0, 1) − d = %(g)s − %(c_)s = %(u2)s`"),
        ),
        Step(
            "s",
            lambda u, c: net_input(u, c, jnp.ones(2)),
            _("`f(1, 1) = u₁ + u₂ + d = %(u1)s%(u2__)s%(c__)s = %(s)s`"),
        ),
        Step(
            "y",
            lambda u, c, p: net_input(u, c, p),
            _("`f(%(p1)s, %(p2)s) = %(u1)s·%(p1_)s%(u2__)s·%(p2_)s%(c__)s = %(y)s`"),
        ),
    ),
    asks=(
        Ask("u1", "u", (0,), label="`u₁`"),
        Ask("u2", "u", (1,), label="`u₂`"),
        Ask("f11", "s", label=_("`f(1, 1)`")),
        Ask("fp", "y", label=_("`f(%(p1)s, %(p2)s)`")),
    ),
    slips=(
        Slip(
            "like-xor",
            {"s": lambda c: c},
            _(
                "You gave (0, 0) and (1, 1) the same answer, as XOR does; but this network is linear: `f(1, "
                "1) = u₁ + u₂ + d`, so add both weights to `d`."
            ),
        ),
        Slip(
            "bias-in-weights",
            {"u": lambda f, g: jnp.stack([f, g])},
            _("The answer at (1, 0) is `u₁ + d`: subtract the bias to get the weight."),
        ),
        Slip(
            "bias-forgotten",
            {"s": lambda u: u[0] + u[1], "y": lambda u, p: net_input(u, 0 * u[0], p)},
            _("The bias `d` belongs to every answer."),
        ),
        Slip(
            "exchanged",
            {"u": lambda f, g, c: jnp.stack([g, f]) - c},
            _("In `f(1, 0)` it is the first input that is 1: this answer belongs to `u₁`."),
        ),
        Slip(
            "mean",
            {"s": lambda f, g: (f + g) / 2},
            _("(1, 1) does not lie halfway between (1, 0) and (0, 1): from (0, 0) both steps are made."),
        ),
    ),
    hints=(
        _(
            "However many linear layers follow each other, together they are one linear function of `x₁` and "
            "`x₂`."
        ),
        _("`f(x₁, x₂) = u₁x₁ + u₂x₂ + d`: put the three known points in, the bias first."),
    ),
)


# --- parameters and a budget -----------------------------------------------------------------------------


def _draw_budget(stream: Stream) -> Givens | None:
    n, m = stream.integer(2, 40), stream.integer(2, 12)
    h = stream.integer(4, 60)
    each = n + 1 + m
    budget = 100 * stream.integer(2, 60)
    if budget < 2 * (each + m) or budget // each > 150 or (budget - m) % each == 0:
        return None
    return {"n": n, "m": m, "h": h, "B": budget}


BUDGET = Exercise(
    id="q4.budget",
    question=4,
    level=2,
    minutes=5.0,
    places=0,
    title=_("How wide may the hidden layer be?"),
    text=_(
        "A network has %(n)s inputs, one hidden layer and %(m)s output neurons; every hidden and output "
        "neuron has a bias. How many parameters (weights and biases) does it have if the hidden layer is "
        "%(h)s neurons wide? How many more does each further hidden neuron bring? How wide may the hidden "
        "layer be with at most %(B)s parameters, and how many of these are then left over?"
    ),
    draw=_draw_budget,
    steps=(
        Step(
            "P",
            lambda n, m, h: n * h + h + h * m + m,
            _(
                "`%(n)s·%(h)s + %(h)s = (%(n)s + 1)·%(h)s` into the hidden layer, `(%(h)s + 1)·%(m)s` out of "
                "it: together `%(P)s`"
            ),
        ),
        Step(
            "k",
            lambda n, m: n + 1 + m,
            _(
                "A hidden neuron adds its weights from the inputs, one bias, and its weights to the outputs: "
                "`%(n)s + 1 + %(m)s = %(k)s`"
            ),
        ),
        Step(
            "w",
            lambda B, m, k: jnp.floor((B - m) / k),
            _("The output biases (%(m)s) are always there: `(%(B)s − %(m)s)/%(k)s`, rounded down: `%(w)s`"),
        ),
        Step("r", lambda B, m, k, w: B - m - k * w, _("Left over: `%(B)s − %(m)s − %(w)s·%(k)s = %(r)s`")),
    ),
    asks=(
        Ask("P", "P", label=_("number of parameters with width %(h)s")),
        Ask("k", "k", label=_("number of parameters that each hidden neuron adds")),
        Ask("w", "w", label=_("greatest width")),
        Ask("r", "r", label=_("number of parameters left over")),
    ),
    slips=(
        Slip(
            "no-biases",
            {
                "P": lambda n, m, h: n * h + h * m,
                "k": lambda n, m: n + m,
                "w": lambda B, k: jnp.floor(B / k),
                "r": lambda B, k, w: B - k * w,
            },
            _("Biases are parameters too: one for each hidden neuron and each output neuron."),
        ),
        Slip(
            "input-biases",
            {"P": lambda n, m, h: n + n * h + h + h * m + m},
            _("The input layer computes nothing: its neurons have no biases."),
        ),
        Slip(
            "no-output-biases",
            {
                "P": lambda n, m, h: n * h + h + h * m,
                "w": lambda B, k: jnp.floor(B / k),
                "r": lambda B, k, w: B - k * w,
            },
            _("The output neurons have biases too, whatever the width."),
        ),
        Slip(
            "layer-in-only",
            {"k": lambda n: n + 1},
            _("A further hidden neuron also adds a weight to every output neuron."),
        ),
        Slip(
            "rounded-up",
            {"w": lambda B, m, k: jnp.floor((B - m) / k) + 1},
            _("Round down: one neuron more would go over the budget."),
        ),
        Slip(
            "layers-added",
            {"P": lambda n, m, h: n + h + m},
            _(
                "You have counted neurons, not parameters: every input is connected to every hidden neuron "
                "by a weight of its own."
            ),
        ),
    ),
    hints=(
        _(
            "Count the weights between the layers (each with each), then the biases; then ask what one more "
            "hidden neuron brings."
        ),
        _(
            "With `n` inputs, width `h` and `m` outputs there are `nh + h + hm + m = (n + 1 + m)h + m` "
            "parameters."
        ),
    ),
)

EXERCISES = (LINEAR, BUDGET)
