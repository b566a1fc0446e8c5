"""Question 6: gradients where a value or a weight is used more than once, and through max-pooling."""

from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_twice(stream: Stream) -> Givens:
    return {
        "w": stream.choice((-1, 1)) * stream.decimal("0.5", "2", 1),
        "x": stream.decimal(-3, 3, 0, zero=False),
        "b": stream.decimal(-2, 2, 1, zero=False),
        "t": stream.decimal(-3, 3, 0),
    }


TWICE = Exercise(
    id="q6.shared-weight",
    question=6,
    level=2,
    minutes=5,
    title=_("A weight that is used twice"),
    text=_(
        "Two neurons without activation functions share the same weight `w = %(w)s`: `h = wx + b` and `ŷ = "
        "wh`, with `b = %(b)s`. The input is `x = %(x)s`, the target `t = %(t)s`, the loss `L = (t − ŷ)²`. "
        "What does the second use of `w` contribute to `∂L/∂w`, what the first, and what is `∂L/∂w`?"
    ),
    draw=_draw_twice,
    steps=(
        Step("h", lambda w, x, b: w * x + b, _("`h = %(w)s·%(x_)s%(b__)s = %(h)s`")),
        Step("y", lambda w, h: w * h, _("`ŷ = %(w)s·%(h_)s = %(y)s`")),
        Step("d", lambda y, t: 2.0 * (y - t), _("`∂L/∂ŷ = 2(ŷ − t) = 2·(%(y)s − %(t_)s) = %(d)s`")),
        Step(
            "second", lambda d, h: d * h, _("Second use, in `ŷ = wh`: `∂L/∂ŷ·h = %(d)s·%(h_)s = %(second)s`")
        ),
        Step(
            "first",
            lambda d, w, x: d * w * x,
            _("First use, in `h = wx + b`: `∂L/∂ŷ·w·x = %(d)s·%(w_)s·%(x_)s = %(first)s`"),
        ),
        Step("g", lambda first, second: first + second, _("The contributions are added up: `∂L/∂w = %(g)s`")),
    ),
    asks=(
        Ask("y", "y", label=_("`ŷ`")),
        Ask("second", "second", label=_("contribution of the second use")),
        Ask("first", "first", label=_("contribution of the first use")),
        Ask("g", "g", label=_("`∂L/∂w`")),
    ),
    slips=(
        Slip(
            "last-use",
            {"g": lambda second: second},
            _("The weight acts at both places: the gradient is the sum of both contributions."),
        ),
        Slip(
            "path-without-weight",
            {"first": lambda d, x: d * x},
            _("From `ŷ` the signal comes back to `h` through the weight: multiply by `w`."),
        ),
        Slip(
            "sign",
            {"d": lambda y, t: 2.0 * (t - y)},
            _("The derivative of `(t − ŷ)²` with respect to `ŷ` is `2(ŷ − t)`; you have the wrong sign."),
        ),
        Slip("no-two", {"d": lambda y, t: y - t}, _("The square brings a factor 2: `∂L/∂ŷ = 2(ŷ − t)`.")),
    ),
    hints=(
        _("Pretend at first that the two weights are different: what are the two gradients?"),
        _(
            "Other numbers: with `w = 2`, `h = 3`, `x = 1` and `∂L/∂ŷ = 4` the second use contributes `4·3 = "
            "12`, the first `4·2·1 = 8`, together 20."
        ),
        _(
            "At each place: the signal after the weight times the value before it. A weight that is used "
            "several times gets the sum."
        ),
    ),
)


def _draw_time(stream: Stream) -> Givens | None:
    x = stream.vector(3, -3, 3, 0)
    return {
        "w": stream.choice((-1, 1)) * stream.decimal("0.4", "1.2", 1),
        "h0": stream.decimal(-2, 2, 0, zero=False),
        "x": x,
        "t": stream.decimal(-3, 3, 0),
    }


TIME = Exercise(
    id="q6.through-time",
    question=6,
    level=3,
    minutes=9,
    title=_("Backpropagation through three time steps"),
    text=_(
        "A recurrent neuron without activation function computes `hₜ = w·hₜ₋₁ + xₜ` for three time steps, "
        "with `w = %(w)s`, `h₀ = %(h0)s`, `x₁ = %(x1)s`, `x₂ = %(x2)s`, `x₃ = %(x3)s`. The loss is `L = (h₃ "
        "− t)²` with `t = %(t)s`. The same `w` is used in all three steps. Give `h₃`, what the third, the "
        "second and the first step contribute to `∂L/∂w`, and `∂L/∂w`."
    ),
    draw=_draw_time,
    steps=(
        Step("h1", lambda w, h0, x: w * h0 + x[0], _("`h₁ = %(w)s·%(h0_)s%(x1__)s = %(h1)s`")),
        Step("h2", lambda w, h1, x: w * h1 + x[1], _("`h₂ = %(w)s·%(h1_)s%(x2__)s = %(h2)s`")),
        Step("h3", lambda w, h2, x: w * h2 + x[2], _("`h₃ = %(w)s·%(h2_)s%(x3__)s = %(h3)s`")),
        Step("d3", lambda h3, t: 2.0 * (h3 - t), _("`∂L/∂h₃ = 2·(%(h3)s − %(t_)s) = %(d3)s`")),
        Step("c3", lambda d3, h2: d3 * h2, _("Third step: `∂L/∂h₃·h₂ = %(d3)s·%(h2_)s = %(c3)s`")),
        Step("d2", lambda d3, w: d3 * w, _("`∂L/∂h₂ = %(d3)s·%(w_)s = %(d2)s`")),
        Step("c2", lambda d2, h1: d2 * h1, _("Second step: `∂L/∂h₂·h₁ = %(d2)s·%(h1_)s = %(c2)s`")),
        Step("d1", lambda d2, w: d2 * w, _("`∂L/∂h₁ = %(d2)s·%(w_)s = %(d1)s`")),
        Step("c1", lambda d1, h0: d1 * h0, _("First step: `∂L/∂h₁·h₀ = %(d1)s·%(h0_)s = %(c1)s`")),
        Step("g", lambda c1, c2, c3: c1 + c2 + c3, _("`∂L/∂w = %(c3)s%(c2__)s%(c1__)s = %(g)s`")),
    ),
    asks=(
        Ask("h3", "h3", label=_("`h₃`")),
        Ask("c3", "c3", label=_("contribution of the third step"), tolerance=0.02),
        Ask("c2", "c2", label=_("contribution of the second step"), tolerance=0.02),
        Ask("c1", "c1", label=_("contribution of the first step"), tolerance=0.02),
        Ask("g", "g", label=_("`∂L/∂w`"), tolerance=0.05),
    ),
    slips=(
        Slip(
            "last-step",
            {"g": lambda c3: c3},
            _("The weight acts in every step: the contributions of all three are added up."),
        ),
        Slip(
            "signal-unchanged",
            {"d2": lambda d3: d3, "d1": lambda d2: d2},
            _("Each step back in time multiplies the signal by `w`."),
        ),
        Slip(
            "sign",
            {"d3": lambda h3, t: 2.0 * (t - h3)},
            _("The derivative of `(h₃ − t)²` with respect to `h₃` is `2(h₃ − t)`; you have the wrong sign."),
        ),
        Slip(
            "own-state",
            {"c3": lambda d3, h3: d3 * h3, "c2": lambda d2, h2: d2 * h2, "c1": lambda d1, h1: d1 * h1},
            _("In step `t` the weight is multiplied by the state before, `hₜ₋₁`."),
        ),
    ),
    hints=(
        _(
            "Draw the three steps side by side: at which places does `w` occur, and which state comes before "
            "each of them?"
        ),
        _(
            "Other numbers: with `∂L/∂h₃ = 2`, `w = 3`, `h₂ = 5`, `h₁ = 1` the third step contributes `2·5 = "
            "10`; then `∂L/∂h₂ = 2·3 = 6`, and the second step contributes `6·1 = 6`."
        ),
        _("`∂L/∂hₜ₋₁ = ∂L/∂hₜ·w`; step `t` contributes `∂L/∂hₜ·hₜ₋₁`; the sum of all is `∂L/∂w`."),
    ),
)


def _draw_pool(stream: Stream) -> Givens | None:
    x, k = stream.vector(5, -3, 3, 0, zero=True), stream.vector(2, -2, 2, 0)
    z = [k[0] * x[i] + k[1] * x[i + 1] for i in range(4)]
    if z[0] == z[1] or z[2] == z[3]:
        return None
    return {"x": x, "k": k, "v": stream.vector(2, -2, 2, 1), "t": stream.decimal(-4, 4, 0)}


def _winners(z):
    """1 where a value passes the max-pooling of two neighbours."""
    pairs = z.reshape(2, 2)
    return jnp.where(pairs == jnp.max(pairs, axis=1, keepdims=True), 1.0, 0.0).reshape(4)


def _to_kernel(e, x):
    return jnp.stack([e @ x[:4], e @ x[1:]])


POOL = Exercise(
    id="q6.max-pooling",
    question=6,
    level=3,
    minutes=9,
    title=_("Backpropagation through max pooling and a convolution"),
    text=_(
        "The input `x = %(x)s` passes through a convolution with the filter `k = %(k)s`: `zᵢ = k₁xᵢ + "
        "k₂xᵢ₊₁`, `i = 1 … 4`. Max pooling keeps the larger of `z₁`, `z₂` and the larger of `z₃`, `z₄`: `p₁` "
        "and `p₂`. The output is `ŷ = v₁p₁ + v₂p₂` with `v = %(v)s`, the loss `L = (t − ŷ)²` with `t = "
        "%(t)s`. Give `z`, `ŷ`, the error signals `∂L/∂z` of all four, and the gradient of the filter."
    ),
    draw=_draw_pool,
    steps=(
        Step("z", lambda x, k: k[0] * x[:4] + k[1] * x[1:], _("`z = %(z)s`")),
        Step("p", lambda z: jnp.max(z.reshape(2, 2), axis=1), _("The larger of each pair: `p = %(p)s`")),
        Step("y", lambda p, v: p @ v, _("`ŷ = %(v1)s·%(p1_)s%(v2__)s·%(p2_)s = %(y)s`")),
        Step("d", lambda y, t: 2.0 * (y - t), _("`∂L/∂ŷ = 2·(%(y)s − %(t_)s) = %(d)s`")),
        Step(
            "e",
            lambda z, d, v: _winners(z) * jnp.repeat(d * v, 2),
            _("Only the value that was kept gets the signal `∂L/∂ŷ·v`, the other 0: `∂L/∂z = %(e)s`"),
        ),
        Step(
            "g",
            _to_kernel,
            _(
                "Each weight of the filter is used four times: `∂L/∂k₁ = Σ ∂L/∂zᵢ·xᵢ`, `∂L/∂k₂ = Σ "
                "∂L/∂zᵢ·xᵢ₊₁`, so `%(g)s`"
            ),
        ),
    ),
    asks=(
        Ask("z", "z", label=_("`z`"), kind="vector"),
        Ask("y", "y", label=_("`ŷ`")),
        Ask("e", "e", label=_("`∂L/∂z`"), kind="vector"),
        Ask("g", "g", label=_("gradient of `k₁` and `k₂`"), kind="vector"),
    ),
    slips=(
        Slip(
            "to-all",
            {"e": lambda d, v: jnp.repeat(d * v, 2)},
            _("A value that was not kept has no influence on the output: its signal is 0."),
        ),
        Slip(
            "to-the-smaller",
            {"e": lambda z, d, v: (1.0 - _winners(z)) * jnp.repeat(d * v, 2)},
            _("Max pooling keeps the larger value, and the signal goes back to it."),
        ),
        Slip(
            "sign",
            {"d": lambda y, t: 2.0 * (t - y)},
            _("The derivative of `(t − ŷ)²` with respect to `ŷ` is `2(ŷ − t)`; you have the wrong sign."),
        ),
        Slip(
            "inputs-exchanged",
            {"g": lambda e, x: _to_kernel(e, x)[::-1]},
            _("`k₁` is multiplied by `xᵢ` and `k₂` by `xᵢ₊₁`; you have swapped them."),
        ),
    ),
    hints=(
        _(
            "Which of the four `z` does the output depend on at all? How often is each weight of the filter "
            "used?"
        ),
        _(
            "Other numbers: of `z₁ = 3` and `z₂ = 5` the second is kept. With `∂L/∂ŷ·v₁ = 2` the signals are "
            "0 and 2; with `x₂ = 4`, `x₃ = 1` it contributes `2·4 = 8` to `k₁` and `2·1 = 2` to `k₂`."
        ),
        _(
            "Signal of a kept value: `∂L/∂ŷ` times its `v`; of the others: 0. Gradient of a weight of the "
            "filter: the sum over all places of signal times input."
        ),
    ),
)

EXERCISES = (TWICE, TIME, POOL)
