"""Question 5: weights of two ReLU neurons for a function with a kink."""

from quiz.bank.shared.neurons import relu
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _draw_kink(stream: Stream) -> Givens | None:
    s, c, d = stream.vector(2, -3, 3, 1), stream.decimal(-4, 4, 0, zero=False), stream.decimal(-3, 3, 0)
    return {"s": s, "c": c, "d": d} if abs(s[0] - s[1]) >= 1 and s[0] + s[1] != 0 else None


def _points(c):
    return c + jnp.array([-8.0, -2.0, -0.5, 0.0, 0.5, 2.0, 8.0])


def _wanted(s, c, d, x):
    return jnp.where(x < c, s[0], s[1]) * (x - c) + d


def _neurons(s, c):
    """The first neuron works on the right of the kink, the second on the left."""
    one = jnp.ones(())
    return jnp.stack([jnp.stack([one, -c, s[1]]), jnp.stack([-one, c, -s[0]])])


def _values(W, c, d, sign=1.0, left=1.0):
    """The outputs at the points; a student may turn the sign of the biases or of what comes from the left."""
    x = _points(c)
    h = relu(x[:, None] * W[None, :, 0] + sign * W[None, :, 1])
    return h @ (W[:, 2] * jnp.where(W[:, 0] < 0, left, 1.0)) + d


def _faults(y, t):
    """Whether the values differ on the left of the kink, at it, and on its right."""
    off = jnp.where(jnp.abs(y - t) > 1e-6, 1.0, 0.0)
    return jnp.stack([jnp.max(off[:3]), off[3], jnp.max(off[4:])])


BUILD_KINK = Exercise(
    id="q5.build-kink",
    question=5,
    level=3,
    minutes=8,
    title=_("Give two ReLU neurons for a function with a kink"),
    text=_(
        "A function is to be `%(d)s` at `x = %(c)s`, with the slope `%(s1)s` on the left of this point and "
        "`%(s2)s` on the right. A network with two hidden neurons gives `f(x) = v₁·ReLU(w₁x + b₁) + "
        "v₂·ReLU(w₂x + b₂) + d` with `d = %(d)s`. Give the network as two rows, `[w₁ b₁ v₁]` and `[w₂ b₂ "
        "v₂]`. Any numbers that give this function are correct; yours are tried at seven points."
    ),
    draw=_draw_kink,
    steps=(
        Step(
            "W",
            _neurons,
            _(
                "One neuron for each side: `ReLU(x − c)` is 0 on the left, `ReLU(c − x)` on the right. With "
                "`c = %(c)s` the rows are `[%(W11)s %(W12)s %(W13)s]` and `[%(W21)s %(W22)s %(W23)s]`"
            ),
        ),
        Step("x", _points),
        Step("t", _wanted),
        Step(
            "y",
            lambda W, c, d: _values(W, c, d),
            _("At `(%(x2)s, %(x4)s, %(x6)s)` the network gives `(%(y2)s, %(y4)s, %(y6)s)`, as required"),
        ),
        Step("wrong", _faults),
    ),
    asks=(
        Ask(
            "W",
            "W",
            label=_("the rows `[w b v]` of the two neurons"),
            kind="matrix",
            tolerance=0,
            check="wrong",
            cases=(_("left of the kink"), _("at the kink"), _("right of the kink")),
        ),
    ),
    slips=(
        Slip(
            "kink-sign",
            {
                "W": lambda s, c: _neurons(s, c) * jnp.array([[1.0, -1.0, 1.0], [1.0, -1.0, 1.0]]),
                "y": lambda W, c, d: _values(W, c, d, sign=-1.0),
            },
            _("The kink is where `wx + b = 0`, at `x = −b/w`; yours is on the other side of 0."),
        ),
        Slip(
            "left-sign",
            {
                "W": lambda s, c: _neurons(s, c) * jnp.array([[1.0, 1.0, 1.0], [1.0, 1.0, -1.0]]),
                "y": lambda W, c, d: _values(W, c, d, left=-1.0),
            },
            _(
                "On the left `ReLU(c − x)` falls as `x` grows: its slope is `−1`, so the output weight has "
                "the opposite sign of the slope."
            ),
        ),
        Slip(
            "sides",
            {
                "W": lambda s, c: _neurons(s[::-1], c),
                "t": lambda s, c, d, x: _wanted(s[::-1], c, d, x),
            },
            _("You have swapped the slopes: a neuron with a positive weight works on the right of the kink."),
        ),
    ),
    hints=(
        _(
            "Let one neuron be 0 on the left of the kink and the other on its right; then each is "
            "responsible for one slope."
        ),
        _(
            "Other numbers: with the kink at 5, slope 2 on the left and 3 on the right take `3·ReLU(x − 5)` "
            "for the right side and `−2·ReLU(5 − x)` for the left one; at `x = 4` this gives `−2`, a rise of "
            "2 up to the kink."
        ),
        _(
            "`ReLU(wx + b)` has its kink at `−b/w`. There `v·w` is the slope that it adds on the side where "
            "`wx + b > 0`."
        ),
    ),
)

EXERCISES = (BUILD_KINK,)
