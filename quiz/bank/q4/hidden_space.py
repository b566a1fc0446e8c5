"""Question 4: the space that the hidden layer makes, and a line in it."""

from fractions import Fraction
from itertools import product

import jaxnet
from quiz.bank.q4.hidden_layer import POINTS, XOR, points
from quiz.bank.shared.learning import net_input
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.exercise.figure import Line, Plot, Point
from quiz.text import mark as _


def _table(w, b):
    """The answers of a step neuron at the four points."""
    return tuple(int(w[0] * x1 + w[1] * x2 + b > 0) for x1, x2 in POINTS)


#: Step neurons, each with its weights, its bias and its answers.
_NEURONS = tuple(
    ((w1, w2), Fraction(n, 2), _table((w1, w2), Fraction(n, 2)))
    for w1, w2, n in product((1, -1, 2, -2), (1, -1, 2, -2), (-5, -3, -1, 1, 3, 5))
)
#: Pairs of truth tables that separate the ones of XOR from its zeros: OR and AND, or the two sides of x₁ = x₂
_PAIRS = (((0, 1, 1, 1), (0, 0, 0, 1)), ((0, 1, 0, 0), (0, 0, 1, 0)))


def _draw_space(stream: Stream) -> Givens | None:
    """Two step neurons that make XOR separable, and three lines, one of which separates."""
    tables = [
        table if stream.integer(0, 1) else tuple(1 - y for y in table)
        for table in stream.shuffle(stream.choice(_PAIRS))
    ]
    (p, bp), (q, bq) = (
        stream.choice([(w, b) for w, b, answers in _NEURONS if answers == table]) for table in tables
    )
    images = list(zip(*tables, strict=True))
    lines: tuple[list, list] = [], []  # wrong somewhere, right everywhere
    for w, b, answers in _NEURONS:
        if 0 < sum(answers) < 4:
            right = all(answers[2 * h + k] == t for (h, k), t in zip(images, XOR, strict=True))
            lines[right].append((*w, b))
    best, others = stream.choice(lines[True]), stream.sample(lines[False], 2)
    return {"p": p, "bp": bp, "q": q, "bq": bq, "V": stream.shuffle([best, *others])}


def _count_right(V, h, k):
    """How many of the four points each output neuron gets right."""
    images = jnp.stack([h, k], axis=1)
    answers = [jaxnet.perceptron.predict({"w": line[:2], "b": line[2]}, images) for line in V]
    return jnp.stack([jnp.sum(answer == jnp.array(XOR, jnp.float64)) for answer in answers])


def _show_space(g):
    """The hidden space with the three lines; where the points go is the question."""
    return Plot(
        (-0.75, 1.75),
        (-0.75, 1.75),
        _(
            "The square of the four possible images (0, 0), (0, 1), (1, 0), (1, 1) in the hidden space, and "
            "the three lines."
        ),
        points=[Point(h, k, filled=False) for h, k in POINTS],
        lines=[Line(*line, label=f"{i}", dashed=i == 2) for i, line in enumerate(g["V"], 1)],
        x_label="`h₁`",
        y_label="`h₂`",
        square=True,
    )


SPACE = Exercise(
    id="q4.space",
    question=4,
    level=2,
    title=_("A line in the hidden space"),
    text=_(
        "A hidden layer has two neurons with the step function (1 if the sum is positive, else 0), with the "
        "sums `z₁ = %(p1)s·x₁%(p2__)s·x₂%(bp__)s` and `z₂ = %(q1)s·x₁%(q2__)s·x₂%(bq__)s`. It takes each of "
        "the points (0, 0), (0, 1), (1, 0), (1, 1) to a point `(h₁, h₂)`, its image in the hidden space. "
        "Three output neurons are proposed; each answers 1 if its inequality holds, else 0: 1) "
        "`%(V11)s·h₁%(V12__)s·h₂%(V13__)s > 0`; 2) `%(V21)s·h₁%(V22__)s·h₂%(V23__)s > 0`; 3) "
        "`%(V31)s·h₁%(V32__)s·h₂%(V33__)s > 0`. Find the images, then for each output neuron the number of "
        "points at which it answers XOR rightly."
    ),
    draw=_draw_space,
    steps=(
        Step("z", lambda p, bp: net_input(p, bp, points()), _("At the four points `z₁ = %(z)s`")),
        Step("h", lambda z: jaxnet.activations.step(z), _("hence `h₁ = %(h)s`")),
        Step("u", lambda q, bq: net_input(q, bq, points()), _("At the four points `z₂ = %(u)s`")),
        Step("k", lambda u: jaxnet.activations.step(u), _("hence `h₂ = %(k)s`")),
        Step(
            "n",
            _count_right,
            _(
                "The images are `(%(h1)s, %(k1)s)`, `(%(h2)s, %(k2)s)`, `(%(h3)s, %(k3)s)`, `(%(h4)s, "
                "%(k4)s)`; the second and third should get 1, the others 0. Right answers of the three "
                "output neurons: `%(n)s`"
            ),
        ),
        Step(
            "best",
            lambda n: jnp.argmax(n),
            _("Only one of them is right at all four points: its line parts the ones from the zeros"),
        ),
    ),
    asks=(
        Ask("h1", "h", label=_("`h₁` at the four points"), kind="vector"),
        Ask("h2", "k", label=_("`h₂` at the four points"), kind="vector"),
        Ask("n", "n", label=_("right answers of the three output neurons"), kind="vector", weight=2),
        Ask(
            "line",
            "best",
            label=_("the output neuron that makes XOR"),
            kind="choice",
            weight=0.25,
            options=tuple(f"`%(V{i}1)s·h₁%(V{i}2__)s·h₂%(V{i}3__)s > 0`" for i in (1, 2, 3)),
        ),
    ),
    slips=(
        Slip(
            "no-bias",
            {
                "z": lambda p: net_input(p, 0 * p[0], points()),
                "u": lambda q: net_input(q, 0 * q[0], points()),
            },
            _("The bias of a hidden neuron belongs to its sum at every point, at (0, 0) too."),
        ),
        Slip(
            "bias-subtracted",
            {"z": lambda p, bp: net_input(p, -bp, points()), "u": lambda q, bq: net_input(q, -bq, points())},
            _("The bias is added, not subtracted: it is not a threshold."),
        ),
        Slip(
            "no-step",
            {"h": lambda z: z, "k": lambda u: u},
            _("The hidden neurons have the step function: their values are 0 or 1, not the sums."),
        ),
        Slip(
            "input-space",
            {"n": lambda V, h: _count_right(V, points()[:, 0] + 0 * h, points()[:, 1])},
            _("The output neuron sees `h₁` and `h₂`, not `x₁` and `x₂`: put the images into its inequality."),
        ),
        Slip(
            "wrong-side",
            {"n": lambda V, h, k: 4 - _count_right(V, h, k)},
            _(
                "The sides are exchanged: the output is 1 where the inequality holds, and XOR is 1 at (0, 1) "
                "and (1, 0)."
            ),
        ),
    ),
    hints=(
        _(
            "First the two sums at each point, then 0 or 1; then put the pairs `(h₁, h₂)` into each "
            "inequality."
        ),
        _("A neuron is right at a point if its answer is the XOR of that point: 0, 1, 1, 0."),
    ),
    figure=_show_space,
)

EXERCISES = (SPACE,)
