"""Topics ahead: parameters of recurrent and convolutional layers, and how far a convolution sees."""

from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream
from quiz.text import mark as _


def _draw_cells(stream: Stream) -> Givens | None:
    n, m, k = stream.integer(3, 30), stream.integer(4, 30), stream.integer(2, 10)
    return {"n": n, "m": m, "k": k, "T": stream.integer(5, 40)} if len({n, m, k}) == 3 else None


CELLS = Exercise(
    id="q7.cells",
    question=7,
    level=2,
    minutes=5,
    title=_("The parameters of RNN, LSTM and GRU"),
    text=_(
        "Sequences of %(T)s vectors with %(n)s numbers each go into a recurrent layer with %(m)s hidden "
        "units, whose last state goes into a dense output layer with %(k)s neurons. A simple RNN has one set "
        "of weights from the input, weights from the previous state and biases; an LSTM has four such sets, "
        "a GRU three. Give the number of parameters of the recurrent layer as a simple RNN, as an LSTM and "
        "as a GRU, and of the output layer."
    ),
    draw=_draw_cells,
    places=0,
    steps=(
        Step(
            "rnn",
            lambda n, m: m * (n + m + 1.0),
            _(
                "Simple RNN: `%(m)s·%(n)s + %(m)s·%(m)s + %(m)s = %(rnn)s`; the length of the sequence does "
                "not matter"
            ),
        ),
        Step("lstm", lambda rnn: 4.0 * rnn, _("LSTM: `4·%(rnn)s = %(lstm)s`")),
        Step("gru", lambda rnn: 3.0 * rnn, _("GRU: `3·%(rnn)s = %(gru)s`")),
        Step("out", lambda m, k: k * (m + 1.0), _("Output layer: `%(m)s·%(k)s + %(k)s = %(out)s`")),
    ),
    asks=(
        Ask("rnn", "rnn", label=_("number of parameters of the RNN"), tolerance=0.1),
        Ask("lstm", "lstm", label=_("number of parameters of the LSTM"), tolerance=0.1),
        Ask("gru", "gru", label=_("number of parameters of the GRU"), tolerance=0.1),
        Ask("out", "out", label=_("number of parameters of the output layer"), tolerance=0.1),
    ),
    slips=(
        Slip(
            "no-state",
            {"rnn": lambda n, m: m * (n + 1.0)},
            _("The previous state is an input too: it has weights of its own, `m·m` of them."),
        ),
        Slip(
            "no-bias",
            {"rnn": lambda n, m: m * (n + m), "out": lambda m, k: k * m},
            _("Each unit has a bias in each set."),
        ),
        Slip(
            "every-step",
            {"rnn": lambda n, m, T: T * m * (n + m + 1.0)},
            _("All time steps share the same weights: the length of the sequence does not matter."),
        ),
        Slip(
            "exchanged",
            {"lstm": lambda rnn: 3.0 * rnn, "gru": lambda rnn: 4.0 * rnn},
            _("The LSTM has four sets, the GRU three."),
        ),
    ),
    hints=(
        _(
            "What does one hidden unit receive in one time step? How many units are there, and how many such "
            "sets?"
        ),
        _(
            "Other numbers: 2 inputs and 3 units need `3·2` weights from the input, `3·3` from the state and "
            "3 biases, 18 in all; an LSTM `4·18 = 72`."
        ),
        _(
            "With `n` inputs and `m` units a set has `m·n + m·m + m` parameters; a dense layer with `k` "
            "neurons has `m·k + k`."
        ),
    ),
)


def _draw_field(stream: Stream) -> Givens:
    return {
        "L": stream.integer(2, 6),
        "k": stream.choice((3, 5, 7)),
        "c": stream.choice((3, 4, 8, 16)),
        "d": stream.choice((6, 12, 24, 32)),
        "s": stream.choice((8, 10, 12, 16, 20)),
    }


FIELD = Exercise(
    id="q7.receptive-field",
    question=7,
    level=2,
    minutes=5,
    title=_("How far a stack of convolutions sees"),
    text=_(
        "%(L)s convolutional layers with filters of %(k)s × %(k)s pixels and the stride 1 follow each other. "
        "How many pixels wide is the part of the image on which one value of the last layer depends? One of "
        "the layers has %(c)s channels in and %(d)s channels out, and a bias for each channel out: how many "
        "parameters does it have? How many would a dense layer with biases have between %(s)s × %(s)s pixels "
        "with %(c)s channels and %(d)s neurons?"
    ),
    draw=_draw_field,
    places=0,
    steps=(
        Step(
            "field",
            lambda L, k: 1.0 + L * (k - 1.0),
            _("Each layer adds `%(k)s − 1` pixels: `1 + %(L)s·(%(k)s − 1) = %(field)s`"),
        ),
        Step(
            "conv",
            lambda k, c, d: d * (k * k * c + 1.0),
            _("Convolution: `%(d)s·(%(k)s·%(k)s·%(c)s + 1) = %(conv)s`, whatever the size of the image"),
        ),
        Step(
            "dense",
            lambda s, c, d: d * (s * s * c + 1.0),
            _("Dense layer: `%(d)s·(%(s)s·%(s)s·%(c)s + 1) = %(dense)s`"),
        ),
    ),
    asks=(
        Ask("field", "field", label=_("width of the part of the image in pixels"), tolerance=0.1),
        Ask("conv", "conv", label=_("number of parameters of the convolution"), tolerance=0.1),
        Ask("dense", "dense", label=_("number of parameters of the dense layer"), tolerance=0.1),
    ),
    slips=(
        Slip(
            "sizes-added",
            {"field": lambda L, k: L * k},
            _("Neighbouring filters overlap: each layer adds only one pixel less than its size."),
        ),
        Slip(
            "one-channel",
            {"conv": lambda k, d: d * (k * k + 1.0)},
            _("A filter has weights for every channel that comes in."),
        ),
        Slip(
            "no-bias",
            {"conv": lambda k, c, d: d * k * k * c, "dense": lambda s, c, d: d * s * s * c},
            _("Each channel out, or each neuron, has a bias."),
        ),
        Slip(
            "every-pixel",
            {"conv": lambda k, c, d, s: s * s * d * (k * k * c + 1.0)},
            _("A filter is the same at all places of the image: it is counted once."),
        ),
    ),
    hints=(
        _(
            "Go backwards from one value of the last layer: how many values of the layer before does it see, "
            "and these together?"
        ),
        _(
            "Other numbers: two layers of 3 × 3 see 5 pixels in width; the filters for 2 channels in and 4 "
            "out have `4·(3·3·2 + 1) = 76` parameters."
        ),
        _(
            "`1 + L(k − 1)` pixels; a convolution has `d(k²c + 1)` parameters, a dense layer one weight for "
            "each input of each neuron and a bias."
        ),
    ),
)

EXERCISES = (CELLS, FIELD)
