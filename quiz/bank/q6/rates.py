"""Question 6: what the learning rate does on a parabola, and how many updates an epoch has."""

from quiz.bank.shared.places import place_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

_WHY = (
    _("`w` approaches 0 from one side: the factor lies between 0 and 1"),
    _("`w` approaches 0 and changes its sign at every step: the factor lies between −1 and 0"),
    _("`w` moves away from 0 and changes its sign at every step: the factor is less than −1"),
    _("`w` moves away from 0 on one side: the factor is greater than 1"),
    _("`w` approaches 0 for every learning rate, as the gradient points downhill"),
)


def _draw_parabola(stream: Stream) -> Givens | None:
    case = stream.integer(0, 2)
    a, eta = stream.choice((1, 2, 4, 5)), stream.decimal("0.02", "1.2", 2)
    r = 1 - 2 * eta * a
    found = 0 if 0 < r < 1 else 1 if -1 < r < 0 else 2
    if found != case or r in (0, -1) or r < -3 or abs(r) < 0.1 or (a == 1 and eta == 1):
        return None
    return {"a": a, "eta": eta, "w": stream.decimal(-5, 5, 0, zero=False), "shown": stream.shuffle(range(5))}


PARABOLA = Exercise(
    id="q6.parabola",
    question=6,
    level=2,
    minutes=5,
    title=_("What the learning rate does on a parabola"),
    text=_(
        "The loss is `L = a·w²` with `a = %(a)s`; gradient descent begins at `w = %(w)s` with the learning "
        "rate `η = %(eta)s`. By which factor is `w` multiplied in each step? What is `w` after two steps? "
        "What happens in the long run, and why? Above which learning rate does `w` move away from the "
        "minimum for this loss?"
    ),
    draw=_draw_parabola,
    steps=(
        Step(
            "r",
            lambda a, eta: 1.0 - 2.0 * eta * a,
            _("`w − η·2aw = (1 − 2ηa)·w`: the factor is `1 − 2·%(eta)s·%(a)s = %(r)s`"),
        ),
        Step("w2", lambda r, w: r * r * w, _("After two steps `w = %(r_)s·%(r_)s·%(w_)s = %(w2)s`")),
        Step("case", lambda r: jnp.where(r < -1, 2.0, jnp.where(r < 0, 1.0, 0.0))),
        Step("why", lambda case, shown: place_of(case, shown), _WHY, case=lambda known: int(known["case"])),
        Step(
            "most",
            lambda a: 1.0 / a,
            _("The factor is less than −1 if `2ηa > 2`, that is `η > 1/a = %(most)s`"),
        ),
    ),
    asks=(
        Ask("r", "r", label=_("the factor")),
        Ask("w2", "w2", label=_("`w` after two steps"), tolerance=0.01),
        Ask(
            "why",
            "why",
            label=_("in the long run"),
            kind="choice",
            options=lambda g: [_WHY[place] for place in g["shown"]],
        ),
        Ask("most", "most", label=_("the largest learning rate without divergence")),
    ),
    slips=(
        Slip(
            "no-two",
            {"r": lambda a, eta: 1.0 - eta * a},
            _("The derivative of `a·w²` is `2aw`: the 2 is missing."),
        ),
        Slip(
            "sign",
            {"r": lambda a, eta: 1.0 + 2.0 * eta * a, "case": lambda r: 3.0 + 0 * r},
            _("Gradient descent subtracts `η` times the gradient; you have added it."),
        ),
        Slip(
            "always-down",
            {"case": lambda r: 4.0 + 0 * r},
            _("The direction is downhill, but a step can be so long that it ends higher on the other side."),
        ),
        Slip(
            "one-step",
            {"w2": lambda r, w: r * w},
            _("This is `w` after one step; the second multiplies by the factor again."),
        ),
    ),
    hints=(
        _(
            "Write one step of gradient descent and put `w` in front of a bracket. What does the sign of the "
            "bracket say, what its size?"
        ),
        _(
            "Other numbers: for `L = 3w²` and `η = 0.1` a step is `w − 0.1·6w = 0.4·w`; from 5 it leads to "
            "2, then to `0.8`."
        ),
        _(
            "The factor is `1 − 2ηa`. Below 1 in size: `w` approaches 0; negative: it jumps to the other "
            "side; `η > 1/a`: it moves away."
        ),
    ),
)


def _draw_updates(stream: Stream) -> Givens | None:
    N, B, E = stream.integer(50, 900), stream.choice((8, 16, 20, 25, 32, 50, 64)), stream.integer(3, 20)
    return {"N": N, "B": B, "E": E} if N % B and N > 2 * B and N % B != E else None


UPDATES = Exercise(
    id="q6.updates",
    question=6,
    level=1,
    minutes=3,
    title=_("How many updates are made in training"),
    text=_(
        "A network is trained for %(E)s epochs on %(N)s examples. How often are the weights updated if each "
        "update uses a single example, and how often with mini-batches of %(B)s examples (the last one of an "
        "epoch may be smaller)? How many examples does the last mini-batch of an epoch have, and how often "
        "are the weights updated if each update uses all examples?"
    ),
    draw=_draw_updates,
    places=0,
    steps=(
        Step("single", lambda N, E: N * E, _("An update for each example: `%(E)s·%(N)s = %(single)s`")),
        Step(
            "batches",
            lambda N, B: jnp.ceil(N / B),
            _("Mini-batches in an epoch: `%(N)s/%(B)s`, rounded up, `%(batches)s`"),
        ),
        Step("mini", lambda batches, E: batches * E, _("Updates: `%(E)s·%(batches)s = %(mini)s`")),
        Step(
            "last",
            lambda N, B: N - B * jnp.floor(N / B),
            _("The last mini-batch has the remainder, `%(last)s` examples"),
        ),
        Step("full", lambda E: E, _("With all examples in each update: one update per epoch, `%(full)s`")),
    ),
    asks=(
        Ask("single", "single", label=_("number of updates with single examples"), tolerance=0.01),
        Ask("mini", "mini", label=_("number of updates with mini-batches"), tolerance=0.01),
        Ask("last", "last", label=_("number of examples in the last mini-batch"), tolerance=0.01),
        Ask("full", "full", label=_("number of updates with all examples"), tolerance=0.01, weight=0.5),
    ),
    slips=(
        Slip(
            "remainder-dropped",
            {"batches": lambda N, B: jnp.floor(N / B)},
            _("The remaining examples make a mini-batch too, a smaller one: round up."),
        ),
        Slip(
            "one-epoch",
            {"single": lambda N: N, "mini": lambda batches: batches, "full": lambda E: 1.0 + 0 * E},
            _("This is the number of updates in one epoch; multiply by the number of epochs."),
        ),
        Slip(
            "batch-size-for-number",
            {"mini": lambda B, E: B * E},
            _("The size of a mini-batch is not the number of mini-batches."),
        ),
    ),
    hints=(
        _("How many updates are made while all examples are shown once?"),
        _(
            "Other numbers: 100 examples in mini-batches of 30 are 4 mini-batches (30, 30, 30, 10), so in 5 "
            "epochs 20 updates."
        ),
        _(
            "Updates per epoch: the number of examples, or that number divided by the size of a mini-batch "
            "and rounded up, or 1. Then times the number of epochs."
        ),
    ),
)

EXERCISES = (PARABOLA, UPDATES)
