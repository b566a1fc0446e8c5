"""Topics ahead: regularisation by L2, dropout and early stopping."""

from fractions import Fraction

from quiz.bank.shared.neurons import net_input
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jax, jnp
from quiz.exercise.figure import Curve, Plot
from quiz.exercise.lazy import optax
from quiz.text import mark as _

# --- L2 ----------------------------------------------------------------------------------------------


def _draw_l2(stream: Stream) -> Givens | None:
    return {
        "w": stream.vector(2, -3, 3, 0),
        "E": stream.decimal("0.2", "2", 1),
        "g": stream.vector(2, -2, 2, 1),
        "lam": stream.decimal("0.1", "0.8", 1),
        "eta": stream.decimal("0.1", "0.5", 1),
    }


def _penalty(w, lam):
    return lam / 2 * jnp.sum(w * w)


L2 = Exercise(
    id="q7.l2",
    question=7,
    level=1,
    minutes=5.0,
    title=_("The L2 term and its gradient"),
    text=_(
        "The L2 term is added to the data loss `E`: `L = E + (λ/2)·(w₁² + w₂²)` with `λ = %(lam)s`. For the "
        "weights `w = %(w)s` the data give `E = %(E)s` and the gradient `∂E/∂w = %(g)s`. Find the L2 term, "
        "the gradient of `L`, and the weights after one step of gradient descent with `η = %(eta)s`."
    ),
    draw=_draw_l2,
    steps=(
        Step("R", _penalty, _("L2 term: `(λ/2)·(w₁² + w₂²) = %(lam)s/2·(%(w1_)s² + %(w2_)s²) = %(R)s`")),
        Step(
            "dL",
            lambda w, g, lam: g + jax.grad(_penalty)(w, lam),
            _(
                "`∂L/∂w = ∂E/∂w + λ·w`: `%(g1)s + %(lam)s·%(w1_)s = %(dL1)s`; `%(g2)s + %(lam)s·%(w2_)s = "
                "%(dL2)s`"
            ),
        ),
        Step(
            "w_new",
            lambda w, eta, dL: optax.apply_updates(w, -eta * dL),
            _(
                "`w ← w − η·∂L/∂w`: `%(w1)s − %(eta)s·%(dL1_)s = %(w_new1)s`; `%(w2)s − %(eta)s·%(dL2_)s = "
                "%(w_new2)s`"
            ),
        ),
    ),
    asks=(
        Ask("term", "R", label=_("L2 term")),
        Ask("gradient", "dL", label="`∂L/∂w`", kind="vector"),
        Ask("w", "w_new", label=_("new `w`"), kind="vector"),
    ),
    slips=(
        Slip(
            "no-half",
            {"R": lambda w, lam: 2 * _penalty(w, lam)},
            _("By the formula given, the sum of the squares is multiplied by `λ/2`, not by `λ`."),
        ),
        Slip(
            "not-squared",
            {"R": lambda w, lam: lam / 2 * jnp.sum(jnp.abs(w))},
            _("The weights are squared; the sum of their absolute values belongs to L1."),
        ),
        Slip(
            "twice",
            {"dL": lambda w, g, lam: g + 2 * lam * w},
            _("The derivative of `(λ/2)·w²` is `λ·w`: the 2 cancels the ½."),
        ),
        Slip(
            "sign-only",
            {"dL": lambda w, g, lam: g + lam * jnp.sign(w)},
            _(
                "The L2 term pulls each weight towards 0 in proportion to its size, `λ·w`; with its sign "
                "alone it would be L1."
            ),
        ),
        Slip("no-term", {"dL": lambda g: g + 0}, _("The L2 term has a gradient too: add `λ·w`.")),
        Slip(
            "wrong-way",
            {"dL": lambda w, g, lam: g - lam * w},
            _(
                "The L2 term is added to the loss, so its gradient is added: `+ λ·w`. It makes the weights "
                "smaller."
            ),
        ),
    ),
    hints=(
        _("Differentiate both parts of `L` with respect to each weight; the gradient of `E` is given."),
        _("`∂L/∂w = ∂E/∂w + λ·w`; `w ← w − η·∂L/∂w`."),
    ),
)


# --- dropout -----------------------------------------------------------------------------------------


def _draw_dropout(stream: Stream) -> Givens | None:
    return {
        "a": stream.vector(4, "0.2", 3, 1),
        "mask": stream.shuffle(stream.choice([(1, 1, 0, 0), (1, 1, 1, 0)])),
        "p": stream.choice([Fraction(1, 5), Fraction(1, 4), Fraction(2, 5), Fraction(3, 5), Fraction(3, 4)]),
        "w": stream.vector(4, -2, 2, 0),
        "b": stream.decimal(-1, 1, 1, zero=False),
    }


def _drop(a, mask, p):
    return a * mask / (1 - p)


DROPOUT = Exercise(
    id="q7.dropout",
    question=7,
    level=1,
    minutes=5.0,
    title=_("Inverted dropout in training and afterwards"),
    text=_(
        "A hidden layer has the activations `a = %(a)s`. In training inverted dropout acts on them: each one "
        "is dropped with the probability `p = %(p)s`, and those that are kept are scaled so that the "
        "expected sum stays the same. This time the mask is `m = %(mask)s` (1: kept, 0: dropped). The next "
        "neuron has the weights `w = %(w)s` and the bias `b = %(b)s`. Find the activations after dropout, "
        "the neuron's sum `z` in training, and its sum `z` once training is over."
    ),
    draw=_draw_dropout,
    steps=(
        Step(
            "kept",
            _drop,
            _("The kept activations are divided by `1 − p`: `ã = a·m / (1 − %(p)s) = %(kept)s`"),
        ),
        Step(
            "z_train", lambda w, kept, b: net_input(w, b, kept), _("In training: `z = w·ã + b ≈ %(z_train)s`")
        ),
        Step(
            "z_test",
            lambda w, a, b: net_input(w, b, a),
            _("Afterwards nothing is dropped and nothing is scaled: `z = w·a + b = %(z_test)s`"),
        ),
    ),
    asks=(
        Ask("kept", "kept", label=_("activations after dropout"), kind="vector"),
        Ask("train", "z_train", label=_("`z` in training"), tolerance=0.01),
        Ask("test", "z_test", label=_("`z` after training")),
    ),
    slips=(
        Slip(
            "not-scaled",
            {"kept": lambda a, mask: a * mask},
            _("Inverted dropout scales what is kept: divide by `1 − p`, the share that is kept on average."),
        ),
        Slip(
            "scaled-down",
            {"kept": lambda a, mask, p: a * mask * (1 - p)},
            _("What is kept has to make up for what is dropped: it is divided by `1 − p`, not multiplied."),
        ),
        Slip(
            "by-p",
            {"kept": lambda a, mask, p: a * mask / p},
            _("`p` is the probability of being dropped; divide by the probability of being kept, `1 − p`."),
        ),
        Slip(
            "mask-inverted",
            {"kept": lambda a, mask, p: _drop(a, 1 - mask, p)},
            _("A 1 in the mask means that the activation is kept."),
        ),
        Slip(
            "dropped-for-ever",
            {"z_test": lambda w, kept, b: net_input(w, b, kept)},
            _("Dropout acts in training only; afterwards all neurons take part."),
        ),
        Slip(
            "scaled-afterwards",
            {"z_test": lambda w, a, b, p: net_input(w, b, a * (1 - p))},
            _("Inverted dropout has scaled already in training; afterwards nothing is left to be done."),
        ),
    ),
    hints=(
        _("First drop and scale, then the weighted sum; and ask yourself what dropout does after training."),
        _("In training `ã = a·m / (1 − p)`; afterwards `ã = a`. Then `z = w·ã + b`."),
    ),
)


# --- early stopping ----------------------------------------------------------------------------------

_EPOCHS = 10


def _draw_stopping(stream: Stream) -> Givens | None:
    """Draw losses that fall to a minimum, rise until patience is used up, and fall again."""
    patience, best = stream.integer(2, 3), stream.integer(3, 6)
    bump = stream.integer(2, best - 1)  # an epoch before the minimum at which the loss rises once
    steps = [-stream.integer(6, 12) for _epoch in range(_EPOCHS - 1)]
    steps[bump - 2] = stream.integer(1, 4)
    for rise in range(patience):
        steps[best - 1 + rise] = stream.integer(3, 9) if rise == 0 else stream.integer(-2, 5)
    level = stream.integer(85, 98)
    val = [level]
    for step in steps:
        val.append(val[-1] + step)
    if best + patience > _EPOCHS - 1 or min(val) < 5:
        return None
    train = [level - stream.integer(1, 4)]
    for _epoch in range(_EPOCHS - 1):
        train.append(train[-1] - stream.integer(3, 7))
    return {
        "val": tuple(Fraction(value, 100) for value in val),
        "train": tuple(Fraction(value, 100) for value in train),
        "patience": patience,
    }


def _epochs(val):
    return jnp.arange(1.0, 1 + val.shape[0], dtype=val.dtype)


def _stop(val, patience):
    """The first epoch at which the smallest loss is as many epochs old as the patience."""
    before = jnp.concatenate([jnp.full(1, jnp.inf), jax.lax.cummin(val)[:-1]])
    last = jax.lax.cummax(jnp.where(val < before, _epochs(val), 1))
    return jnp.min(jnp.where(_epochs(val) - last >= patience, _epochs(val), val.shape[0]))


def _best(val, stop):
    return 1.0 + jnp.argmin(jnp.where(_epochs(val) <= stop, val, jnp.inf)).astype(val.dtype)


def _at(val, epoch):
    return val[jnp.clip(jnp.rint(epoch).astype(int) - 1, 0, val.shape[0] - 1)]


def _first_rise(val):
    return 2.0 + jnp.argmax(val[1:] > val[:-1]).astype(val.dtype)


def _stopping_figure(g: Givens) -> Plot:
    low = min(g["val"] + g["train"])
    epochs = range(1, _EPOCHS + 1)
    return Plot(
        (1, _EPOCHS),
        (max(0, low - Fraction(1, 10)), 1),
        _(
            "Two curves over the epochs 1 to 10. Loss on the training data: %(train)s. Validation loss: "
            "%(val)s."
        ),
        curves=(
            Curve(tuple(zip(epochs, g["train"], strict=True)), _("loss on the training data"), dots=True),
            Curve(tuple(zip(epochs, g["val"], strict=True)), _("validation loss"), dashed=True, dots=True),
        ),
        x_label=_("epoch"),
        y_label=_("loss"),
    )


STOPPING = Exercise(
    id="q7.early-stopping",
    question=7,
    level=1,
    minutes=3.0,
    title=_("Early stopping read off a curve"),
    text=_(
        "The validation loss after the epochs 1 to 10 would be `%(val)s`; the loss on the training data "
        "falls all the time. Training stops early, with a patience of `%(patience)s` epochs: after the first "
        "epoch at which `%(patience)s` epochs have passed without a new smallest validation loss. The "
        "weights of the best epoch up to then are returned. After which epoch does training stop, which "
        "epoch's weights are returned, and how much lower is the validation loss of that epoch than that of "
        "the last epoch trained?"
    ),
    draw=_draw_stopping,
    steps=(
        Step(
            "stop",
            _stop,
            _(
                "The first epoch after which the last %(patience)s epochs have brought no new smallest loss: "
                "`%(stop)s`"
            ),
        ),
        Step("best", _best, _("The smallest loss of the epochs 1 to %(stop)s: epoch `%(best)s`")),
        Step(
            "last",
            lambda val, stop: _at(val, stop),
            _("Validation loss of the last epoch trained: `%(last)s`"),
        ),
        Step(
            "gap",
            lambda val, best, last: last - _at(val, best),
            _("Difference from that of epoch %(best)s: `%(gap)s`"),
        ),
    ),
    asks=(
        Ask("stop", "stop", label=_("number of the epoch after which training stops"), weight=0.25),
        Ask("best", "best", label=_("number of the best epoch"), weight=0.25),
        Ask("gap", "gap", label=_("how much lower the loss is"), tolerance=0.001),
    ),
    slips=(
        Slip(
            "first-rise",
            {"stop": lambda val, patience: _first_rise(val) + 0 * patience},
            _("One worse epoch is not enough: training goes on as long as patience lasts."),
        ),
        Slip(
            "whole-curve",
            {"stop": lambda val, patience: val.shape[0] + 0 * patience},
            _("What comes after the stop is never seen: patience ends before the last epoch."),
        ),
        Slip(
            "one-too-soon",
            {"stop": lambda val, patience: _stop(val, patience) - 1},
            _(
                "Count the epochs after the best one: as many as patience says may pass without a new "
                "smallest loss."
            ),
        ),
        Slip(
            "one-too-late",
            {"stop": lambda val, patience: _stop(val, patience) + 1},
            _("Training stops as soon as patience is used up, not an epoch later."),
        ),
        Slip(
            "last-weights",
            {"best": lambda stop: stop + 0},
            _("Early stopping returns the weights of the best epoch, not those of the last one."),
        ),
        Slip(
            "wrong-sign",
            {"gap": lambda val, best, last: _at(val, best) - last},
            _("The question is by how much the loss is lower: a positive number."),
        ),
    ),
    hints=(
        _("Go through the validation losses; note the smallest value so far and how many epochs ago it was."),
        _("Stop at the first epoch at which the smallest loss is as many epochs old as patience says."),
    ),
    figure=_stopping_figure,
)

EXERCISES = (L2, DROPOUT, STOPPING)
