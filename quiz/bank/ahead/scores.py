"""Topics ahead: measures of a classifier, and the temperature of a softmax."""

from quiz.bank.shared import neurons
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_confusion(stream: Stream) -> Givens | None:
    tp, fp, fn, tn = (stream.integer(4, 60) for _cell in range(4))
    return {"tp": tp, "fp": fp, "fn": fn, "tn": tn} if abs(fp - fn) >= 4 and abs(tp - tn) >= 4 else None


CONFUSION = Exercise(
    id="q7.confusion",
    question=7,
    level=1,
    minutes=4,
    title=_("Accuracy, precision and recall"),
    text=_(
        "A classifier was tested on patients. Of those who are ill it recognised %(tp)s and missed %(fn)s; "
        "of those who are healthy it called %(tn)s healthy and %(fp)s ill. Give its accuracy (the share of "
        "right answers), its precision (the share of the ill among those whom it calls ill), its recall (the "
        "share of the ill whom it recognises) and its specificity (the share of the healthy whom it calls "
        "healthy)."
    ),
    draw=_draw_confusion,
    steps=(
        Step(
            "acc",
            lambda tp, fp, fn, tn: (tp + tn) / (tp + fp + fn + tn),
            _("Accuracy: `(%(tp)s + %(tn)s)/(%(tp)s + %(fn)s + %(tn)s + %(fp)s) = %(acc)s`"),
        ),
        Step("p", lambda tp, fp: tp / (tp + fp), _("Precision: `P = %(tp)s/(%(tp)s + %(fp)s) = %(p)s`")),
        Step("r", lambda tp, fn: tp / (tp + fn), _("Recall: `R = %(tp)s/(%(tp)s + %(fn)s) = %(r)s`")),
        Step("spec", lambda tn, fp: tn / (tn + fp), _("Specificity: `%(tn)s/(%(tn)s + %(fp)s) = %(spec)s`")),
    ),
    asks=(
        Ask("acc", "acc", label=_("accuracy")),
        Ask("p", "p", label=_("precision")),
        Ask("r", "r", label=_("recall")),
        Ask("spec", "spec", label=_("specificity")),
    ),
    slips=(
        Slip(
            "exchanged",
            {"p": lambda tp, fn: tp / (tp + fn), "r": lambda tp, fp: tp / (tp + fp)},
            _(
                "You have swapped precision and recall: precision looks at those whom the classifier calls "
                "ill."
            ),
        ),
        Slip(
            "specificity",
            {"r": lambda tn, fp: tn / (tn + fp)},
            _("This is the share of the healthy who are called healthy; recall looks at the ill."),
        ),
        Slip(
            "only-positives",
            {"acc": lambda tp, fp, fn, tn: tp / (tp + fp + fn + tn)},
            _("A healthy patient who is called healthy is a right answer too."),
        ),
        Slip(
            "false-alarms",
            {"spec": lambda tn, fp: fp / (tn + fp)},
            _("This is the share of false alarms among the healthy; the specificity is the rest."),
        ),
    ),
    hints=(
        _(
            "Make a table of four cells: ill or healthy, called ill or called healthy. Which cells does each "
            "measure divide by which?"
        ),
        _(
            "Other numbers: 8 ill recognised, 2 missed, 4 healthy called ill. Precision `8/(8 + 4) ≈ 0.667`, "
            "recall `8/(8 + 2) = 0.8`."
        ),
        _(
            "Precision: right alarms divided by all alarms. Recall: right alarms divided by all who are ill. "
            "Accuracy: all right answers divided by all patients."
        ),
    ),
)


def _draw_temperature(stream: Stream) -> Givens | None:
    z = stream.vector(3, -2, 3, 1)
    T = stream.choice((stream.decimal("0.3", "0.7", 1), stream.decimal("2", "5", 1)))
    return {"z": z, "T": T, "c": stream.decimal(-3, 3, 0, zero=False)} if len(set(z)) == 3 else None


TEMPERATURE = Exercise(
    id="q7.temperature",
    question=7,
    level=2,
    minutes=6,
    title=_("Softmax: temperature and shift"),
    text=_(
        "A softmax layer gets `z = %(z)s`. Give its three probabilities. What are they if all `z` are first "
        "divided by the temperature `T = %(T)s`? What is the first probability if instead `%(c)s` is added "
        "to each `z`, at temperature 1?"
    ),
    draw=_draw_temperature,
    places=4,
    steps=(
        Step("e", lambda z: jnp.exp(z), _("`e^z = %(e)s`")),
        Step("p", lambda z: neurons.softmax(z), _("Divided by their sum: `p = %(p)s`")),
        Step("u", lambda z, T: z / T, _("`z/T = %(u)s`")),
        Step("q", lambda u: neurons.softmax(u), _("With the temperature: `%(q)s`")),
        Step(
            "first",
            lambda z, c: neurons.softmax(z + c)[0],
            _(
                "Adding a number multiplies all exponentials by the same factor, which cancels: `%(first)s` "
                "as before"
            ),
        ),
    ),
    asks=(
        Ask("p", "p", label=_("the probabilities"), kind="vector"),
        Ask("q", "q", label=_("the probabilities with the temperature"), kind="vector"),
        Ask("first", "first", label=_("the first probability after the shift"), weight=0.5),
    ),
    slips=(
        Slip(
            "multiplied",
            {"u": lambda z, T: z * T},
            _("The temperature divides `z`; you have multiplied by it."),
        ),
        Slip(
            "after-softmax",
            {"q": lambda p, T: p / T},
            _(
                "The temperature acts on `z` before the softmax; probabilities divided by it do not add up "
                "to 1."
            ),
        ),
        Slip(
            "shift-not-cancelled",
            {"first": lambda p, c: p[0] * jnp.exp(c)},
            _("The shift multiplies numerator and denominator by the same factor: nothing changes."),
        ),
    ),
    hints=(
        _(
            "Compare what happens to the ratio of two probabilities when all `z` are divided by a number, "
            "and when a number is added to all."
        ),
        _(
            "Other numbers: `z = (2, 0)` gives `e²/(e² + 1) ≈ 0.881`. With `T = 2` it is `e/(e + 1) ≈ "
            "0.731`: nearer to one half."
        ),
        _(
            "`pₖ = e^(zₖ/T)/Σ e^(zⱼ/T)`. A high temperature makes the probabilities more equal, a low one "
            "less; a shift of all `z` changes nothing."
        ),
    ),
)

EXERCISES = (CONFUSION, TEMPERATURE)
