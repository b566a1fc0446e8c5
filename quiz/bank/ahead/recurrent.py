"""Topics ahead: steps of a simple recurrent network, an LSTM and a GRU."""

from fractions import Fraction

from quiz.bank.shared.neurons import sigmoid, tanh
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _

# --- the simple recurrent network --------------------------------------------------------------------


def _draw_rnn(stream: Stream) -> Givens | None:
    return {
        "w": stream.decimal("-1.2", "1.2", 1, zero=False),
        "u": stream.decimal("-1.5", "1.5", 1, zero=False),
        "b": stream.decimal("-0.5", "0.5", 1, zero=False),
        "x": stream.vector(3, -2, 2, 0, zero=False),
    }


def _states(state):
    """The rules for the three states, each `state(w, u, b, x, h)` where `h` is the state before it."""
    return {
        "h1": lambda w, u, b, x: state(w, u, b, x[0], 0.0),
        "h2": lambda w, u, b, x, h1: state(w, u, b, x[1], h1),
        "h3": lambda w, u, b, x, h2: state(w, u, b, x[2], h2),
    }


def _later_states(state):
    return {name: rule for name, rule in _states(state).items() if name != "h1"}


_STATES = _states(lambda w, u, b, x, h: tanh(w * x + u * h + b))

RNN = Exercise(
    id="q7.rnn",
    question=7,
    level=2,
    minutes=5.0,
    title=_("Three steps of a simple recurrent network"),
    text=_(
        "A recurrent network with one neuron reads the sequence `x = %(x)s` step by step: `hₜ = tanh(w·xₜ + "
        "u·hₜ₋₁ + b)` with `w = %(w)s`, `u = %(u)s`, `b = %(b)s`, and `h₀ = 0`. Find the states `h₁`, `h₂` "
        "and `h₃`."
    ),
    draw=_draw_rnn,
    steps=(
        Step("h1", _STATES["h1"], _("`h₁ = tanh(%(w)s·%(x1_)s%(u__)s·0%(b__)s) ≈ %(h1)s`")),
        Step("h2", _STATES["h2"], _("`h₂ = tanh(%(w)s·%(x2_)s%(u__)s·%(h1_)s%(b__)s) ≈ %(h2)s`")),
        Step("h3", _STATES["h3"], _("`h₃ = tanh(%(w)s·%(x3_)s%(u__)s·%(h2_)s%(b__)s) ≈ %(h3)s`")),
    ),
    asks=(Ask("h1", "h1", label="`h₁`"), Ask("h2", "h2", label="`h₂`"), Ask("h3", "h3", label="`h₃`")),
    slips=(
        Slip(
            "no-memory",
            _later_states(lambda w, u, b, x, h: tanh(w * x + b)),
            _("The network remembers: the state of the step before comes in with the weight `u`."),
        ),
        Slip(
            "weights-exchanged",
            _states(lambda w, u, b, x, h: tanh(u * x + w * h + b)),
            _("`w` belongs to the input and `u` to the state; you have swapped them."),
        ),
        Slip(
            "no-bias",
            _states(lambda w, u, b, x, h: tanh(w * x + u * h)),
            _("The bias `b` is added in every step."),
        ),
        Slip(
            "bias-once",
            _later_states(lambda w, u, b, x, h: tanh(w * x + u * h)),
            _("The bias `b` is added in every step, not in the first one only."),
        ),
        Slip(
            "first-state-kept",
            {"h3": lambda w, u, x, b, h1: tanh(w * x[2] + u * h1 + b)},
            _("`h₃` depends on `h₂`, the state just before it, not on `h₁`."),
        ),
        Slip(
            "memory-outside",
            _later_states(lambda w, u, b, x, h: tanh(w * x + b) + u * h),
            _("The old state goes into the sum inside `tanh`, not after it."),
        ),
    ),
    hints=(
        _("Take the steps in order: each state is needed for the next one. Keep at least three decimals."),
        _("`hₜ = tanh(w·xₜ + u·hₜ₋₁ + b)`, the same `w`, `u` and `b` in every step."),
    ),
)


# --- LSTM --------------------------------------------------------------------------------------------


def _away_from_zero(stream: Stream, size: int, low: str, high: str) -> tuple[Fraction, ...]:
    """Draw numbers of either sign, large enough for their effect to be seen."""
    return tuple(stream.choice((-1, 1)) * stream.decimal(low, high) for _number in range(size))


def _draw_lstm(stream: Stream) -> Givens | None:
    # a state that the network could be in: h is tanh(c) times an output gate between 0 and 1
    sign, c = stream.choice((-1, 1)), stream.decimal("0.8", "1.8")
    return {
        "x": stream.choice((-2, -1, 1, 2)),
        "h": sign * stream.decimal("0.3", "0.6"),
        "c": sign * c,
        "w": stream.vector(4, "-0.8", "0.8"),
        "u": _away_from_zero(stream, 4, "0.5", "2"),
        "b": stream.vector(4, "-0.5", "0.5"),
    }


def _gate(place):
    return lambda z: sigmoid(z[place])


LSTM = Exercise(
    id="q7.lstm",
    question=7,
    level=3,
    minutes=9.0,
    title=_("One step of an LSTM"),
    text=_(
        "An LSTM cell with one neuron has the state `h = %(h)s` and the memory `c = %(c)s` and reads `x = "
        "%(x)s`. For the input gate `i`, the forget gate `f`, the candidate `g` and the output gate `o`, in "
        "this order, the weights of the input are `w = %(w)s`, those of the state `u = %(u)s`, the biases `b "
        "= %(b)s`; `σ` is the sigmoid, and `g` has `tanh`. Then `c′ = f·c + i·g` and `h′ = o·tanh(c′)`. Find "
        "the three gates, the candidate, the new memory `c′` and the new state `h′`."
    ),
    draw=_draw_lstm,
    steps=(
        Step("z", lambda w, u, b, x, h: w * x + u * h + b, _("The four sums: `z = w·x + u·h + b = %(z)s`")),
        Step("i", _gate(0), _("Input gate: `i = σ(%(z1)s) ≈ %(i)s`")),
        Step("f", _gate(1), _("Forget gate: `f = σ(%(z2)s) ≈ %(f)s`")),
        Step("g", lambda z: tanh(z[2]), _("Candidate: `g = tanh(%(z3)s) ≈ %(g)s`")),
        Step("o", _gate(3), _("Output gate: `o = σ(%(z4)s) ≈ %(o)s`")),
        Step(
            "c_new",
            lambda f, c, i, g: f * c + i * g,
            _("New memory: `c′ = f·c + i·g = %(f)s·%(c_)s + %(i)s·%(g_)s ≈ %(c_new)s`"),
        ),
        Step(
            "h_new",
            lambda o, c_new: o * tanh(c_new),
            _("New state: `h′ = o·tanh(c′) = %(o)s·tanh(%(c_new)s) ≈ %(h_new)s`"),
        ),
    ),
    asks=(
        Ask("i", "i", label=_("input gate `i`")),
        Ask("f", "f", label=_("forget gate `f`")),
        Ask("g", "g", label=_("candidate `g`")),
        Ask("o", "o", label=_("output gate `o`")),
        Ask("c", "c_new", label=_("new memory `c′`")),
        Ask("h", "h_new", label=_("new state `h′`")),
    ),
    slips=(
        Slip(
            "no-state",
            {"z": lambda w, b, x, h: w * x + b + 0 * h},
            _("Every gate looks at the old state too: `z = w·x + u·h + b`."),
        ),
        Slip(
            "memory-for-state",
            {"z": lambda w, u, b, x, c: w * x + u * c + b},
            _("The gates look at the state `h`, not at the memory `c`."),
        ),
        Slip(
            "candidate-sigmoid",
            {"g": lambda z: sigmoid(z[2])},
            _("The candidate is no gate: its activation is `tanh`, so that it can be negative."),
        ),
        Slip(
            "gates-exchanged",
            {"c_new": lambda f, c, i, g: i * c + f * g},
            _("The forget gate multiplies the old memory, the input gate the candidate."),
        ),
        Slip(
            "forgets-all",
            {"c_new": lambda i, g: i * g},
            _(
                "The old memory stays to the extent that the forget gate lets it through: `f·c` is part of "
                "the sum."
            ),
        ),
        Slip(
            "coupled",
            {"c_new": lambda c, i, g: (1 - i) * c + i * g},
            _("An LSTM has a forget gate of its own; `1 − i` is not used."),
        ),
        Slip(
            "no-tanh",
            {"h_new": lambda o, c_new: o * c_new},
            _("The memory passes through `tanh` before the output gate: `h′ = o·tanh(c′)`."),
        ),
    ),
    hints=(
        _("First the four sums with the old state, then the gates, then the memory, last of all the state."),
        _(
            "`i, f, o = σ(z)` and `g = tanh(z)` with `z = w·x + u·h + b`. The forget gate says what share of "
            "the old memory stays, the input gate what share of the candidate comes in."
        ),
    ),
)


# --- GRU ---------------------------------------------------------------------------------------------


def _draw_gru(stream: Stream) -> Givens | None:
    return {
        "x": stream.choice((-2, -1, 1, 2)),
        "h": _away_from_zero(stream, 1, "0.3", "0.9")[0],
        "w": stream.vector(3, "-0.8", "0.8"),
        "u": _away_from_zero(stream, 3, "0.5", "2"),
        "b": stream.vector(3, "-0.5", "0.5"),
    }


def _candidate(w, u, b, x, h, r):
    return tanh(w[2] * x + b[2] + r * (u[2] * h))


GRU = Exercise(
    id="q7.gru",
    question=7,
    level=3,
    minutes=8.0,
    title=_("One step of a GRU"),
    text=_(
        "A GRU cell with one neuron has the state `h = %(h)s` and reads `x = %(x)s`. For the reset gate `r`, "
        "the update gate `z` and the candidate `n`, in this order, the weights of the input are `w = %(w)s`, "
        "those of the state `u = %(u)s`, the biases `b = %(b)s`. The rules are `r = σ(w₁·x + u₁·h + b₁)`, `z "
        "= σ(w₂·x + u₂·h + b₂)`, `n = tanh(w₃·x + b₃ + r·u₃·h)` and `h′ = (1 − z)·n + z·h`. Find both gates, "
        "the candidate and the new state."
    ),
    draw=_draw_gru,
    steps=(
        Step(
            "r",
            lambda w, u, b, x, h: sigmoid(w[0] * x + u[0] * h + b[0]),
            _("Reset gate: `r = σ(%(w1)s·%(x_)s%(u1__)s·%(h_)s%(b1__)s) ≈ %(r)s`"),
        ),
        Step(
            "z",
            lambda w, u, b, x, h: sigmoid(w[1] * x + u[1] * h + b[1]),
            _("Update gate: `z = σ(%(w2)s·%(x_)s%(u2__)s·%(h_)s%(b2__)s) ≈ %(z)s`"),
        ),
        Step(
            "n", _candidate, _("Candidate: `n = tanh(%(w3)s·%(x_)s%(b3__)s + %(r)s·%(u3_)s·%(h_)s) ≈ %(n)s`")
        ),
        Step(
            "h_new",
            lambda z, n, h: (1 - z) * n + z * h,
            _("New state: `h′ = (1 − %(z)s)·%(n_)s + %(z)s·%(h_)s ≈ %(h_new)s`"),
        ),
    ),
    asks=(
        Ask("r", "r", label=_("reset gate `r`")),
        Ask("z", "z", label=_("update gate `z`")),
        Ask("n", "n", label=_("candidate `n`")),
        Ask("h", "h_new", label=_("new state `h′`")),
    ),
    slips=(
        Slip(
            "no-state",
            {"r": lambda w, b, x: sigmoid(w[0] * x + b[0]), "z": lambda w, b, x: sigmoid(w[1] * x + b[1])},
            _("Both gates look at the old state too: `u·h` is part of each sum."),
        ),
        Slip(
            "no-reset",
            {"n": lambda w, u, b, x, h: _candidate(w, u, b, x, h, jnp.ones_like(h))},
            _("The reset gate `r` multiplies what the candidate takes from the old state."),
        ),
        Slip(
            "reset-all",
            {"n": lambda w, u, b, x, h, r: tanh(r * (w[2] * x + b[2] + u[2] * h))},
            _("The reset gate multiplies the part of the old state only, not the input and the bias."),
        ),
        Slip(
            "candidate-sigmoid",
            {"n": lambda w, u, b, x, h, r: sigmoid(w[2] * x + b[2] + r * (u[2] * h))},
            _("The candidate is no gate: its activation is `tanh`, so that it can be negative."),
        ),
        Slip(
            "mixed-up",
            {"h_new": lambda z, n, h: z * n + (1 - z) * h},
            _(
                "By the rule given, `z` is the share of the old state that is kept and `1 − z` that of the "
                "candidate."
            ),
        ),
        Slip(
            "added",
            {"h_new": lambda z, n, h: n + z * h},
            _("The new state is a mean of candidate and old state: the candidate has the weight `1 − z`."),
        ),
    ),
    hints=(
        _("First both gates, then the candidate with the reset gate, then the mixture by the update gate."),
        _(
            "The gates lie between 0 and 1. `r` multiplies only what comes from the old state, and the new "
            "state lies between `n` and `h`."
        ),
    ),
)

EXERCISES = (RNN, LSTM, GRU)
