"""Question 4: the four points of XOR in the hidden space, and lines that separate them."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

from quiz.bank.q4.hidden_layer import HIDDEN_ASKS, HIDDEN_BIAS_SLIPS
from quiz.bank.shared.neurons import answer, net_input, step
from quiz.bank.shared.truth_tables import CORNERS, XOR, corners, table_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.exercise.figure import Line, Plot, Point
from quiz.text import mark as _

#: Step neurons: weights, bias and answers at the four points.
_NEURONS = tuple(
    ((w1, w2), Fraction(n, 2), table_of((w1, w2), Fraction(n, 2)))
    for w1, w2, n in product((1, -1, 2, -2), (1, -1, 2, -2), (-5, -3, -1, 1, 3, 5))
)
#: Pairs of truth tables that separate the ones of XOR from its zeros: OR and AND, or the two sides of x₁ = x₂
_PAIRS = (((0, 1, 1, 1), (0, 0, 0, 1)), ((0, 1, 0, 0), (0, 0, 1, 0)))


def _draw_space(stream: Stream) -> Givens | None:
    """Draw two step neurons that make XOR separable, and three lines, one of which separates it."""
    tables = [
        table if stream.integer(0, 1) else tuple(1 - y for y in table)
        for table in stream.shuffle(stream.choice(_PAIRS))
    ]
    (p, bp), (q, bq) = (
        stream.choice([(w, b) for w, b, answers in _NEURONS if answers == table]) for table in tables
    )
    images = list(zip(*tables, strict=True))
    lines: tuple[list, list] = [], []  # those that are wrong somewhere, those that are right everywhere
    for w, b, answers in _NEURONS:
        if 0 < sum(answers) < 4:
            right = all(answers[2 * h + k] == t for (h, k), t in zip(images, XOR, strict=True))
            lines[right].append((*w, b))
    best, others = stream.choice(lines[True]), stream.sample(lines[False], 2)
    return {"p": p, "bp": bp, "q": q, "bq": bq, "V": stream.shuffle([best, *others])}


def _count_right(V, h, k):
    """How many of the four points each output neuron gets right."""
    images = jnp.stack([h, k], axis=1)
    answers = [answer(line[:2], line[2], images) for line in V]
    return jnp.stack([jnp.sum(given == jnp.array(XOR, float)) for given in answers])


def _show_space(g):
    """The hidden space with the three lines, without the images, which are asked for."""
    return Plot(
        (-0.75, 1.75),
        (-0.75, 1.75),
        _(
            "The square whose corners are the four possible images (0, 0), (0, 1), (1, 0), (1, 1) in the "
            "hidden space, and the three lines."
        ),
        points=[Point(h, k, filled=False) for h, k in CORNERS],
        lines=[Line(*line, label=f"{i}", dashed=i == 2) for i, line in enumerate(g["V"], 1)],
        x_label="`h₁`",
        y_label="`h₂`",
        square=True,
    )


SPACE = Exercise(
    id="q4.space",
    question=4,
    level=2,
    minutes=7.0,
    places=0,
    title=_("A line in the hidden space"),
    text=_(
        "A hidden layer has two neurons with the step function (1 if the sum is positive, else 0), with the "
        "sums `z₁ = %(p1)s·x₁%(p2__)s·x₂%(bp__)s` and `z₂ = %(q1)s·x₁%(q2__)s·x₂%(bq__)s`. It takes each of "
        "the points (0, 0), (0, 1), (1, 0), (1, 1) to a point `(h₁, h₂)`, its image in the hidden space. "
        "Three output neurons are proposed; each answers 1 if its inequality holds, else 0: 1) "
        "`%(V11)s·h₁%(V12__)s·h₂%(V13__)s > 0`; 2) `%(V21)s·h₁%(V22__)s·h₂%(V23__)s > 0`; 3) "
        "`%(V31)s·h₁%(V32__)s·h₂%(V33__)s > 0`. Find the images, then for each output neuron the number of "
        "points at which its answer equals XOR."
    ),
    draw=_draw_space,
    steps=(
        Step("z", lambda p, bp: net_input(p, bp, corners()), _("At the four points `z₁ = %(z)s`")),
        Step("h", step, _("Hence `h₁ = %(h)s`")),
        Step("u", lambda q, bq: net_input(q, bq, corners()), _("At the four points `z₂ = %(u)s`")),
        Step("k", lambda u: step(u), _("Hence `h₂ = %(k)s`")),
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
            _("Only one of them is right at all four points: its line separates the ones from the zeros"),
        ),
    ),
    asks=(
        *(replace(ask, chance=0.5) for ask in HIDDEN_ASKS),
        Ask(
            "n", "n", label=_("number of right answers of the three output neurons"), kind="vector", weight=2
        ),
        Ask(
            "line",
            "best",
            label=_("the output neuron that computes XOR"),
            kind="choice",
            weight=0.25,
            options=tuple(f"`%(V{i}1)s·h₁%(V{i}2__)s·h₂%(V{i}3__)s > 0`" for i in (1, 2, 3)),
        ),
    ),
    slips=(
        *HIDDEN_BIAS_SLIPS,
        Slip(
            "no-step",
            {"h": lambda z: z, "k": lambda u: u},
            _("The hidden neurons have the step function: their values are 0 or 1, not the sums."),
        ),
        Slip(
            "input-space",
            {"n": lambda V, h: _count_right(V, corners()[:, 0] + 0 * h, corners()[:, 1])},
            _("The output neuron sees `h₁` and `h₂`, not `x₁` and `x₂`: put the images into its inequality."),
        ),
        Slip(
            "wrong-side",
            {"n": lambda V, h, k: 4 - _count_right(V, h, k)},
            _(
                "You have swapped the sides: the output is 1 where the inequality holds, and XOR is 1 at (0, "
                "1) and (1, 0)."
            ),
        ),
    ),
    hints=(
        _(
            "First the two sums at each point, then 0 or 1; then put the pairs `(h₁, h₂)` into each "
            "inequality."
        ),
        _("A neuron is right at a point if its answer is the XOR of that point: `(0, 1, 1, 0)`."),
    ),
    figure=_show_space,
)

EXERCISES = (SPACE,)
