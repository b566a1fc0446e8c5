"""Topics ahead: image sizes and parameter counts in convolutional networks."""

from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

# --- one layer --------------------------------------------------------------------------------------


def _draw_size(stream: Stream) -> Givens | None:
    return {
        "H": stream.integer(12, 40),
        "W": stream.integer(12, 40),
        "C": stream.integer(2, 8),
        "F": stream.integer(4, 16),
        "k": stream.integer(3, 6),
        "s": stream.integer(2, 3),
        "p": stream.integer(1, 2),
    }


def _outputs(size, k, s, p):
    return jnp.floor((size + 2 * p - k) / s) + 1


def _sides(outputs):
    """The rules for height and width, each `outputs(size, k, s, p)`."""
    return {"height": lambda H, k, s, p: outputs(H, k, s, p), "width": lambda W, k, s, p: outputs(W, k, s, p)}


_SIDES = _sides(_outputs)

SIZE = Exercise(
    id="q7.conv-size",
    question=7,
    level=2,
    minutes=4.0,
    places=0,
    title=_("Output size and parameters of a convolution"),
    text=_(
        "A convolutional layer reads images of `%(H)s × %(W)s` pixels with `C = %(C)s` channels. It has `F = "
        "%(F)s` filters of `k × k` with `k = %(k)s`, each with a bias; the stride is `s = %(s)s`, and `p = "
        "%(p)s` rows or columns of zeros are added on each of the four sides. A place at which the filter "
        "would reach beyond the padded image does not count: the number of moves is rounded down. Find the "
        "height and the width of the output and the number of parameters of the layer."
    ),
    draw=_draw_size,
    steps=(
        Step(
            "height",
            _SIDES["height"],
            _("Height: `⌊(H + 2p − k) / s⌋ + 1 = ⌊(%(H)s + 2·%(p)s − %(k)s) / %(s)s⌋ + 1 = %(height)s`"),
        ),
        Step(
            "width",
            _SIDES["width"],
            _("Width: `⌊(W + 2p − k) / s⌋ + 1 = ⌊(%(W)s + 2·%(p)s − %(k)s) / %(s)s⌋ + 1 = %(width)s`"),
        ),
        Step(
            "count",
            lambda k, C, F: (k * k * C + 1) * F,
            _("Parameters: `(k·k·C + 1)·F = (%(k)s·%(k)s·%(C)s + 1)·%(F)s = %(count)s`"),
        ),
    ),
    asks=(
        Ask("height", "height", label=_("height of the output")),
        Ask("width", "width", label=_("width of the output")),
        Ask("params", "count", label=_("number of parameters")),
    ),
    slips=(
        Slip(
            "one-side",
            _sides(lambda size, k, s, p: jnp.floor((size + p - k) / s) + 1),
            _("The zeros are added on both sides of each axis, so the size grows by `2p`, not by `p`."),
        ),
        Slip(
            "no-plus-one",
            _sides(lambda size, k, s, p: _outputs(size, k, s, p) - 1),
            _("The filter's first place counts too: one more than the number of its moves, hence `+ 1`."),
        ),
        Slip(
            "rounded-up",
            _sides(lambda size, k, s, p: jnp.ceil((size + 2 * p - k) / s) + 1),
            _("A move for which there is no room left does not count: round down, not up."),
        ),
        Slip(
            "not-rounded",
            _sides(lambda size, k, s, p: (size + 2 * p - k) / s + 1),
            _("The size of an image is a whole number: round the number of moves down."),
        ),
        Slip(
            "no-stride",
            _sides(lambda size, k, s, p: size + 2 * p - k + 1),
            _("The filter moves by `s` pixels at a time: divide by the stride."),
        ),
        Slip(
            "no-bias",
            {"count": lambda k, C, F: k * k * C * F},
            _("Each filter has a bias too: one more parameter per filter."),
        ),
        Slip(
            "one-channel",
            {"count": lambda k, F: (k * k + 1) * F},
            _("A filter reads all channels at once: it has `k·k` weights for each channel."),
        ),
        Slip(
            "bias-per-channel",
            {"count": lambda k, C, F: (k * k + 1) * C * F},
            _("A filter adds up its channels and has one bias for all of them: `(k·k·C + 1)·F`."),
        ),
        Slip(
            "own-weights",
            {"count": lambda k, C, F, height, width: (k * k * C + 1) * F * height * width},
            _(
                "All places share the weights of a filter; their number does not depend on the size of the "
                "output."
            ),
        ),
    ),
    hints=(
        _("Count along one axis: how often can the filter be moved before it leaves the padded image?"),
        _("Size: `⌊(n + 2p − k) / s⌋ + 1`; parameters: `(k·k·C + 1)·F`."),
    ),
)


# --- a whole network ---------------------------------------------------------------------------------


def _draw_shapes(stream: Stream) -> Givens | None:
    n, k = stream.integer(14, 36), stream.integer(3, 5)
    if (n - k + 1) % 2:
        return None
    return {"n": n, "k": k, "C": stream.integer(2, 4), "F": stream.integer(4, 16), "D": stream.integer(5, 20)}


SHAPES = Exercise(
    id="q7.cnn-shapes",
    question=7,
    level=2,
    minutes=4.0,
    places=0,
    title=_("Sizes through a small convolutional network"),
    text=_(
        "Images of `%(n)s × %(n)s` pixels with `%(C)s` channels pass through these layers: a convolution "
        "with `%(F)s` filters of `%(k)s × %(k)s` (stride 1, no padding), max pooling with `2 × 2` windows "
        "and stride 2, flattening, and a dense layer with `%(D)s` neurons. Find the side of the maps after "
        "the convolution and after pooling, the length of the flattened vector and the number of parameters "
        "of the dense layer."
    ),
    draw=_draw_shapes,
    steps=(
        Step(
            "side",
            lambda n, k: n - k + 1,
            _("After the convolution: `n − k + 1 = %(n)s − %(k)s + 1 = %(side)s`"),
        ),
        Step("half", lambda side: jnp.floor(side / 2), _("After pooling: `%(side)s / 2 = %(half)s`")),
        Step(
            "flat",
            lambda half, F: half * half * F,
            _("Flattened, all maps together: `%(half)s·%(half)s·%(F)s = %(flat)s`"),
        ),
        Step(
            "count",
            lambda flat, D: (flat + 1) * D,
            _("Dense layer, a weight for each input and a bias: `(%(flat)s + 1)·%(D)s = %(count)s`"),
        ),
    ),
    asks=(
        Ask("conv", "side", label=_("side after the convolution")),
        Ask("pool", "half", label=_("side after pooling"), weight=0.5),
        Ask("flat", "flat", label=_("length of the flattened vector")),
        Ask("params", "count", label=_("number of parameters in the dense layer")),
    ),
    slips=(
        Slip(
            "same-size",
            {"side": lambda n: n + 0},
            _("Without padding the map becomes smaller: the filter fits into `n − k + 1` places of a row."),
        ),
        Slip(
            "no-plus-one",
            {"side": lambda n, k: n - k},
            _("The filter fits into one place more than that: `n − k + 1`."),
        ),
        Slip(
            "pool-by-one",
            {"half": lambda side: side - 1},
            _("The window moves in steps of 2: pooling halves each side."),
        ),
        Slip(
            "one-map",
            {"flat": lambda half: half * half},
            _("There is a map for each filter, and all of them are flattened together."),
        ),
        Slip(
            "channels-again",
            {"flat": lambda half, F, C: half * half * F * C},
            _(
                "The input's channels are summed up within each filter; after the convolution only the "
                "filters count."
            ),
        ),
        Slip(
            "no-bias",
            {"count": lambda flat, D: flat * D},
            _("Each neuron of the dense layer has a bias too."),
        ),
    ),
    hints=(
        _("Follow the image through the layers one by one and write down height, width and number of maps."),
        _(
            "Convolution: `n − k + 1`; pooling: half of it; flattened: side · side · filters; dense: for "
            "each neuron one weight per input and a bias."
        ),
    ),
)

EXERCISES = (SIZE, SHAPES)
