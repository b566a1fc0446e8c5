"""Question 5: how the size of the values changes from layer to layer: Xavier's and He's variances."""

from fractions import Fraction

from quiz.bank.shared.places import place_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

_KEEPS = (
    _("`1/n`: a sum of `n` products has `n` times the variance of one of them (Xavier)"),
    _("`2/n`: ReLU lets only half of the mean square through (He)"),
    _("`1/n²`: `n` weights are added up and the sum is squared"),
    _("`n`: more inputs need larger weights"),
    _("1: weights of the same size as the inputs keep every value as it is"),
)


def _draw_variance(stream: Stream) -> Givens:
    f = stream.choice(("tanh", "ReLU"))
    n = stream.choice((50, 100, 200, 250, 400, 500))
    ratio = stream.choice([Fraction(r, 10) for r in (2, 4, 5, 8, 15, 20, 25, 30)])
    return {
        "f": f,
        "n": n,
        "s": ratio * (2 if f == "ReLU" else 1) / n,
        "q": stream.choice((Fraction(1, 2), 2, 3, 4)),
        "layers": stream.integer(2, 5),
        "about": _FUNCTIONS[f],
        "shown": stream.shuffle(range(5)),
    }


_FUNCTIONS = {
    "tanh": _("tanh with sums so small that `tanh z ≈ z`"),
    "ReLU": _("ReLU, which sets half of the sums to 0 and so halves the mean of the squares"),
}


def _factor(n, s, f):
    return n * s / 2 if f == "ReLU" else n * s


VARIANCE = Exercise(
    id="q5.variance",
    question=5,
    level=3,
    minutes=6,
    title=_("The variance of the weights"),
    text=_(
        "Every layer of a deep network has `n = %(n)s` neurons without biases. The weights are drawn "
        "independently with the mean 0 and the variance `%(s)s`. The activation function is %(about)s. The "
        "values that enter the first layer have the mean square `%(q)s`. By which factor does one layer "
        "multiply the mean square? What is it after `%(layers)s` layers? By which factor must the variance "
        "of the weights be multiplied so that the mean square stays as it is, and which variance is that?"
    ),
    draw=_draw_variance,
    steps=(
        Step(
            "r",
            _factor,
            (
                _("A sum of `n` products: `n·%(s)s = %(n)s·%(s)s = %(r)s`"),
                _("A sum of `n` products, of which ReLU keeps half: `n·%(s)s/2 = %(n)s·%(s)s/2 = %(r)s`"),
            ),
            case=lambda known: int(known["f"] == "ReLU"),
        ),
        Step(
            "after",
            lambda q, r, layers: q * r**layers,
            _(
                "After %(layers)s layers the mean square is `%(q)s`, multiplied %(layers)s times by `%(r)s`: "
                "`%(after)s`"
            ),
        ),
        Step(
            "m", lambda r: 1 / r, _("To make the factor 1, the variance is multiplied by `1/%(r)s = %(m)s`")
        ),
        Step("keeps", lambda f, n: (1.0 if f == "ReLU" else 0.0) + 0 * n),
        Step(
            "place",
            lambda keeps, shown: place_of(keeps, shown),
            _KEEPS[:2],
            case=lambda known: int(known["keeps"]),
        ),
    ),
    asks=(
        Ask("r", "r", label=_("factor of one layer"), weight=1.5),
        Ask("after", "after", label=_("mean square after all these layers"), tolerance=0.01, weight=1.5),
        Ask("m", "m", label=_("factor for the variance of the weights"), weight=0.25),
        Ask(
            "which",
            "place",
            label=_("the variance that keeps the mean square"),
            kind="choice",
            options=lambda givens: [_KEEPS[place] for place in givens["shown"]],
            weight=0.5,
        ),
    ),
    slips=(
        Slip(
            "no-half",
            {"r": lambda n, s: n * s},
            _("ReLU sets half of the sums to 0: the mean of the squares is halved."),
            when=lambda g: g["f"] == "ReLU",
        ),
        Slip(
            "half-too-much",
            {"r": lambda n, s: n * s / 2},
            _("Only ReLU halves the mean of the squares; here every value passes."),
            when=lambda g: g["f"] == "tanh",
        ),
        Slip(
            "root",
            {"r": lambda n, s, f: jnp.sqrt(_factor(n, s, f))},
            _("The mean square is multiplied by `n` times the variance; the root belongs to the values."),
        ),
        Slip(
            "times-layers",
            {"after": lambda q, r, layers: q * r * layers},
            _("Every layer multiplies again: the factor has the number of layers as its exponent."),
        ),
        Slip(
            "one-layer",
            {"after": lambda q, r: q * r},
            _("This is the mean square after one layer; every further layer multiplies again."),
        ),
        Slip(
            "other-rule",
            {"keeps": lambda f, n: (0.0 if f == "ReLU" else 1.0) + 0 * n},
            _("He's 2 makes up for the half that ReLU takes away; without ReLU, Xavier's `1/n` is enough."),
        ),
        Slip(
            "ones",
            {"keeps": lambda n: 4.0 + 0 * n},
            _("Each sum has `n` terms: with weights of the variance 1 it has `n` times the mean square."),
        ),
    ),
    hints=(
        _("The mean square of a sum of independent products with the mean 0 is the sum of theirs."),
        _(
            "Other numbers: with `n = 10` and the variance 0.05 a sum has `10·0.05 = 0.5` times the mean "
            "square; after 3 such layers 4 has become `4·0.5·0.5·0.5 = 0.5`."
        ),
        _(
            "Factor: `n` times the variance, for ReLU half of that. After `k` layers: the factor to the "
            "power of `k`. It is 1 for the variance `1/n`, for ReLU `2/n`."
        ),
    ),
)

EXERCISES = (VARIANCE,)
