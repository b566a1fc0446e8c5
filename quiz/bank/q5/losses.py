"""Question 5: a saturated sigmoid learns slowly from the squared error and fast from the cross-entropy."""

from quiz.bank.shared import neurons
from quiz.bank.shared.places import place_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream
from quiz.text import mark as _

_WHY = (
    _("from the cross-entropy: its signal has no factor `σ′(z)`, which is nearly 0 here"),
    _("from the squared error: its signal has the factor 2"),
    _("from the squared error: the error itself is larger with it"),
    _("from both alike: the answer and the target are the same"),
    _("from neither: a saturated neuron never learns"),
)


def _draw(stream: Stream) -> Givens:
    t = stream.integer(0, 1)
    z = stream.decimal("2.2", "5", 1)
    return {"t": t, "z": z if t == 0 else -z, "shown": stream.shuffle(range(5))}


SATURATED = Exercise(
    id="q5.losses",
    question=5,
    level=2,
    minutes=5,
    title=_("Which loss teaches a saturated neuron"),
    text=_(
        "A sigmoid neuron has the sum `z = %(z)s`, but the target is `t = %(t)s`. Compute `ŷ = σ(z)` and the "
        "error signal `δ = ∂L/∂z` for the squared error `L = (t − ŷ)²` and for the cross-entropy `L = −t·ln "
        "ŷ − (1 − t)·ln(1 − ŷ)`. From which loss does the neuron learn faster, and why?"
    ),
    draw=_draw,
    places=4,
    steps=(
        Step("y", lambda z: neurons.sigmoid(z), _("`ŷ = σ(%(z)s) = 1/(1 + e^(−z)) = %(y)s`")),
        Step("s", lambda y: y * (1.0 - y), _("`σ′(z) = ŷ(1 − ŷ) = %(s)s`")),
        Step(
            "m",
            lambda y, t, s: 2.0 * (y - t) * s,
            _("Squared error: `δ = 2(ŷ − t)·σ′(z) = 2·(%(y)s − %(t)s)·%(s)s = %(m)s`"),
        ),
        Step("c", lambda y, t: y - t, _("Cross-entropy: `σ′(z)` cancels, `δ = ŷ − t = %(c)s`")),
        Step("reason", lambda z: 0.0 * z),
        Step(
            "why",
            lambda reason, shown: place_of(reason, shown),
            _(
                "It learns faster from the cross-entropy: its signal has no factor `σ′(z)`, which is nearly "
                "0 here"
            ),
        ),
    ),
    asks=(
        Ask("y", "y", label=_("`ŷ`"), tolerance=0.001),
        Ask("m", "m", label=_("`δ` for the squared error"), tolerance=0.001),
        Ask("c", "c", label=_("`δ` for the cross-entropy"), tolerance=0.001, weight=0.5),
        Ask(
            "why",
            "why",
            label=_("it learns faster"),
            kind="choice",
            options=lambda g: [_WHY[place] for place in g["shown"]],
        ),
    ),
    slips=(
        Slip(
            "no-derivative",
            {"s": lambda y: 1.0 + 0 * y},
            _(
                "The squared error is differentiated with respect to `z`: the factor `σ′(z) = ŷ(1 − ŷ)` "
                "belongs to it."
            ),
        ),
        Slip(
            "derivative-kept",
            {"c": lambda y, t, s: (y - t) * s},
            _("For the cross-entropy `σ′(z)` cancels: `δ = ŷ − t`."),
        ),
        Slip(
            "sign",
            {"m": lambda y, t, s: 2.0 * (t - y) * s, "c": lambda y, t: t - y},
            _("`δ` is the derivative of the loss: it contains `ŷ − t`, not `t − ŷ`."),
        ),
        Slip(
            "factor-two",
            {"reason": lambda z: 1.0 + 0 * z},
            _("The factor 2 is small beside `σ′(z)`, which is nearly 0."),
        ),
    ),
    hints=(
        _(
            "Both losses see the same answer. What is multiplied by what on the way back from the loss to "
            "`z`?"
        ),
        _(
            "Other numbers: with `ŷ = 0.9` and `t = 0` the squared error gives `2·0.9·0.9·0.1 = 0.162`, the "
            "cross-entropy `0.9`."
        ),
        _("`σ′(z) = ŷ(1 − ŷ)`; squared error `δ = 2(ŷ − t)·σ′(z)`; cross-entropy `δ = ŷ − t`."),
    ),
)

EXERCISES = (SATURATED,)
