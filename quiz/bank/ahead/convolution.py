"""Topics ahead: convolution and pooling."""

import jaxnet
from quiz.bank.shared.neurons import relu
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.exercise.figure import Grid
from quiz.text import mark as _


def _image(matrix):
    """A matrix as an image with one channel."""
    return matrix[..., None]


# --- pooling -----------------------------------------------------------------------------------------


def _draw_pool(stream: Stream) -> Givens | None:
    return {"X": stream.matrix(4, 4, -5, 9, 0, zero=True)}


def _max_pool(X):
    return jaxnet.max_pool((2, 2)).apply({}, _image(X))[..., 0]


def _mean_pool(X):
    return jaxnet.avg_pool((2, 2)).apply({}, _image(X))[..., 0]


def _next_window(layer, X):
    """A mistake: windows moved by 1, as many of them as windows moved by 2."""
    return layer((2, 2), strides=1, padding="valid").apply({}, _image(X))[:2, :2, 0]


POOL = Exercise(
    id="q7.pool",
    question=7,
    level=1,
    minutes=4.0,
    title=_("Max pooling and average pooling"),
    text=_(
        "The feature map `X = %(X)s` is pooled with `2 × 2` windows and stride 2. Find the output of max "
        "pooling and that of average pooling, each a matrix of `2 × 2`."
    ),
    draw=_draw_pool,
    steps=(
        Step("top", _max_pool, _("The largest number of each window: `%(top)s`")),
        Step("mean", _mean_pool, _("The mean of the four numbers of each window: `%(mean)s`")),
    ),
    asks=(
        Ask("max", "top", label=_("max pooling"), kind="matrix"),
        Ask("mean", "mean", label=_("average pooling"), kind="matrix"),
    ),
    slips=(
        Slip(
            "exchanged",
            {"top": _mean_pool, "mean": _max_pool},
            _(
                "You have swapped the two kinds: max pooling keeps the largest number, average pooling the "
                "mean."
            ),
        ),
        Slip(
            "sum",
            {"mean": lambda X: 4 * _mean_pool(X)},
            _("A mean is the sum divided by how many numbers there are, here by 4."),
        ),
        Slip(
            "overlap",
            {
                "top": lambda X: _next_window(jaxnet.max_pool, X),
                "mean": lambda X: _next_window(jaxnet.avg_pool, X),
            },
            _("The window moves in steps of 2, so that the windows do not overlap."),
        ),
        Slip(
            "absolute",
            {"top": lambda X: _max_pool(jnp.abs(X))},
            _("Max pooling takes the numbers with their signs: −5 is smaller than 2."),
        ),
        Slip(
            "transposed",
            {"top": lambda X: _max_pool(X).T, "mean": lambda X: _mean_pool(X).T},
            _(
                "You have swapped rows and columns: the window in the upper right gives the number in the "
                "upper right."
            ),
            effect="term",
        ),
    ),
    hints=(
        _("Divide the map into four windows of `2 × 2`: upper left, upper right, lower left, lower right."),
        _("Max pooling keeps the largest of the four numbers of a window, average pooling their mean."),
    ),
    figure=lambda g: Grid(
        ((_("feature map `X`"), g["X"]),),
        _(
            "A table of four rows and four columns with the numbers `X = %(X)s`; the upper left window is "
            "shaded."
        ),
        shaded=((0, 0), (0, 1), (1, 0), (1, 1)),
    ),
)


# --- values ------------------------------------------------------------------------------------------


def _draw_value(stream: Stream) -> Givens | None:
    return {
        "X": stream.matrix(3, 3, -2, 3, 0, zero=True),
        "K": stream.matrix(2, 2, -2, 2, 0, zero=True),
        "b": stream.integer(-3, 3),
    }


def _convolve(X, K, b):
    params = {"w": K[:, :, None, None], "b": b[None]}
    return jaxnet.conv(1, (2, 2), padding="valid").apply(params, _image(X))[..., 0]


VALUE = Exercise(
    id="q7.conv-value",
    question=7,
    level=2,
    minutes=6.0,
    places=0,
    title=_("A convolution with ReLU and max pooling"),
    text=_(
        "The image `X = %(X)s` goes through a convolution with the filter `K = %(K)s` and the bias `b = "
        "%(b)s` (stride 1, no padding; as is usual in deep learning, the filter is not flipped), then ReLU, "
        "then max pooling over the whole map. Find the feature map `Z` before ReLU, the map `A` after it and "
        "the number `m` after pooling."
    ),
    draw=_draw_value,
    steps=(
        Step(
            "Z",
            _convolve,
            _(
                "`z₁₁ = %(X11)s·%(K11_)s + %(X12_)s·%(K12_)s + %(X21_)s·%(K21_)s + %(X22_)s·%(K22_)s%(b__)s "
                "= %(Z11)s`, `z₁₂ = %(X12)s·%(K11_)s + %(X13_)s·%(K12_)s + %(X22_)s·%(K21_)s + "
                "%(X23_)s·%(K22_)s%(b__)s = %(Z12)s`, `z₂₁ = %(X21)s·%(K11_)s + %(X22_)s·%(K12_)s + "
                "%(X31_)s·%(K21_)s + %(X32_)s·%(K22_)s%(b__)s = %(Z21)s`, `z₂₂ = %(X22)s·%(K11_)s + "
                "%(X23_)s·%(K12_)s + %(X32_)s·%(K21_)s + %(X33_)s·%(K22_)s%(b__)s = %(Z22)s`; so `Z = %(Z)s`"
            ),
        ),
        Step("A", lambda Z: relu(Z), _("`A = ReLU(Z) = max(0, Z) = %(A)s`")),
        Step(
            "m",
            lambda A: jaxnet.max_pool((2, 2)).apply({}, _image(A))[0, 0, 0],
            _("The largest number of `A`: `m = %(m)s`"),
        ),
    ),
    asks=(
        Ask("Z", "Z", label=_("feature map `Z`"), kind="matrix"),
        Ask("A", "A", label=_("map `A` after ReLU"), kind="matrix"),
        Ask("m", "m", label=_("`m` after pooling"), weight=0.1),
    ),
    slips=(
        Slip(
            "turned",
            {"Z": lambda X, K, b: _convolve(X, K[::-1, ::-1], b)},
            _(
                "You have rotated the filter by 180°, as mathematicians do; the layer lays it on the image "
                "as it is."
            ),
            effect="term",
        ),
        Slip(
            "transposed",
            {"Z": lambda X, K, b: _convolve(X, K.T, b)},
            _("You have swapped rows and columns of the filter."),
            effect="term",
        ),
        Slip(
            "no-bias",
            {"Z": lambda X, K, b: _convolve(X, K, 0 * b)},
            _("The bias is added to every number of the feature map."),
            effect="term",
        ),
        Slip(
            "bias-each",
            {"Z": lambda X, K, b: _convolve(X, K, 4 * b)},
            _("The bias is added once to the sum, not to each product."),
            effect="term",
        ),
        Slip("no-relu", {"A": lambda Z: Z}, _("ReLU puts 0 in place of negative numbers.")),
        Slip(
            "absolute",
            {"A": lambda Z: jnp.abs(Z)},
            _("ReLU does not take away the sign of a negative number; it puts 0 in its place."),
        ),
    ),
    hints=(
        _(
            "Lay the filter on the upper left corner of the image, multiply the numbers that lie on top of "
            "each other, and add everything up."
        ),
        _(
            "`z = Σ x·k + b` for each of the four places of the filter; `a = max(0, z)`; `m` is the largest "
            "`a`."
        ),
    ),
    figure=lambda g: Grid(
        ((_("image `X`"), g["X"]), (_("filter `K`"), g["K"])),
        _(
            "Two tables of numbers: the image `X = %(X)s` and the filter `K = %(K)s`; where the filter lies "
            "first is shaded."
        ),
        shaded=((0, 0), (0, 1), (1, 0), (1, 1)),
    ),
)

EXERCISES = (POOL, VALUE)
