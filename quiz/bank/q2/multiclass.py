"""Question 2: the learning rule for more than two classes."""

from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

_CLASSES = (_("class 1"), _("class 2"), _("class 3"))


def _draw(stream: Stream) -> Givens | None:
    W, x = stream.matrix(3, 2, -2, 2, 1), stream.vector(2, -4, 4, 0)
    scores = [row[0] * x[0] + row[1] * x[1] for row in W]
    t = stream.integer(1, 3)
    if len(set(scores)) < 3 or scores[t - 1] == max(scores):
        return None
    return {"W": W, "x": x, "t": t, "eta": stream.decimal("0.1", "0.9", 1)}


def _changed(W, x, eta, up, down):
    """The weights after the rows of some classes are raised and those of others lowered."""
    return W + eta * jnp.outer(up - down, x)


def _one(place):
    return jnp.where(jnp.arange(3.0) == place, 1.0, 0.0)


MULTICLASS = Exercise(
    id="q2.classes",
    question=2,
    level=2,
    minutes=6,
    title=_("The learning rule for three classes"),
    text=_(
        "A perceptron for three classes has a row of weights for each: `w₁ = %(W1)s`, `w₂ = %(W2)s`, `w₃ = "
        "%(W3)s`. It answers with the class whose score `wₖ·x` is largest. If that is wrong, the row of the "
        "right class is changed by `+ηx` and the row of the class that was answered by `−ηx`. The input is "
        "`x = %(x)s`, the right class is class `%(t)s`, `η = %(eta)s`. Give the three scores, the answer, "
        "and all weights after the correction."
    ),
    draw=_draw,
    steps=(
        Step("s", lambda W, x: W @ x, _("The scores are `%(s)s`")),
        Step("y", lambda s: jnp.argmax(s).astype(float)),
        Step(
            "answered",
            lambda y: y + 1.0,
            _("Class `%(answered)s` has the largest score; the right class is `%(t)s`"),
        ),
        Step(
            "new",
            lambda W, x, eta, t, y: _changed(W, x, eta, _one(t - 1.0), _one(y)),
            _(
                "`η·x` is added to the row of class `%(t)s` and subtracted from that of class "
                "`%(answered)s`: `%(new)s`"
            ),
        ),
    ),
    asks=(
        Ask("s", "s", label=_("the scores"), kind="vector"),
        Ask("y", "y", label=_("the answer"), kind="choice", options=_CLASSES, weight=0.5),
        Ask("new", "new", label=_("the weights, a row for each class"), kind="matrix", weight=2.0),
    ),
    slips=(
        Slip(
            "only-right",
            {"new": lambda W, x, eta, t, y: _changed(W, x, eta, _one(t - 1.0), 0 * _one(y))},
            _("The row of the class that was answered wrongly is changed too."),
        ),
        Slip(
            "sign",
            {"new": lambda W, x, eta, t, y: _changed(W, x, eta, _one(y), _one(t - 1.0))},
            _(
                "The right class must get a higher score for this input, the one that was answered a lower "
                "one."
            ),
        ),
        Slip(
            "all-others",
            {"new": lambda W, x, eta, t: _changed(W, x, eta, _one(t - 1.0), 1.0 - _one(t - 1.0))},
            _("Only the class that was answered is lowered; the third row was not involved."),
        ),
        Slip(
            "smallest",
            {"y": lambda s: jnp.argmin(s).astype(float)},
            _("The answer is the class with the largest score."),
            alike=(),
        ),
    ),
    hints=(
        _(
            "Which of the three rows were involved in the mistake, and in which direction must each score "
            "move?"
        ),
        _(
            "Other numbers: `x = (1, 2)`, `η = 0.5`, class 1 right, class 3 answered. `ηx = (0.5, 1)` is "
            "added to the first row and subtracted from the third; the second stays."
        ),
        _("Score: `wₖ·x`. Right class: `w + ηx`; class answered: `w − ηx`; all others unchanged."),
    ),
)

EXERCISES = (MULTICLASS,)
