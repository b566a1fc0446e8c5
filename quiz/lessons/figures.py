"""The pictures of the lessons, drawn from the values of the worked examples."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

import jaxnet
from quiz import bank
from quiz.exercise.figure import Curve, Figure, Grid, Line, Plot, Point
from quiz.exercise.lazy import jax, optax
from quiz.text import mark as _

if TYPE_CHECKING:
    from quiz.lessons.model import Lesson

Known = Mapping[str, Any]
_INPUTS = ((0, 0), (0, 1), (1, 0), (1, 1))


def of_exercise(lesson: "Lesson", known: Known) -> Figure:
    """The picture of the exercise itself."""
    draw = bank.exercise(lesson.example).figure
    assert draw is not None
    return draw(known)


def boundaries(_lesson: "Lesson", known: Known) -> Plot:
    """The boundary line of a perceptron before and after one update."""
    (x1, x2), theta = known["x"], float(known["theta"])
    size = float(max(abs(x1), abs(x2), 2)) + 1
    (w1, w2), (v1, v2) = known["w"], known["w_new"]
    lines = (
        Line(w1, w2, known["b"] - known["theta"], _("before"), dashed=True),
        Line(v1, v2, known["b_new"] - theta, _("after")),
    )
    return Plot(
        (-size, size),
        (-size, size),
        _("The boundary before the update (dashed) and after it, with the example that was shown."),
        points=(Point(x1, x2, "`x`", filled=known["t"] == 1),),
        lines=lines,
    )


def xor(_lesson: "Lesson", _known: Known) -> Plot:
    """The four inputs with their XOR."""
    return Plot(
        (-0.5, 1.5),
        (-0.5, 1.5),
        _("The four inputs; filled where XOR is 1: on one diagonal, the zeros on the other."),
        points=tuple(Point(a, b, f"`{a ^ b}`", filled=a != b) for a, b in _INPUTS),
    )


def hidden(_lesson: "Lesson", known: Known) -> Plot:
    """The images of the four inputs in the hidden space, and the line that separates them."""
    images = np.array([known["h"], known["k"]], np.float64)
    size = float(images.max()) + 0.5
    v1, v2, c = (float(value) for value in known["v"])
    points = {
        (float(h1), float(h2)): a != b for (a, b), h1, h2 in zip(_INPUTS, images[0], images[1], strict=True)
    }
    return Plot(
        (-0.5, size),
        (-0.5, size),
        _("The images of the four inputs in the hidden space; one line separates the filled ones."),
        points=tuple(Point(*place, filled=one) for place, one in points.items()),
        lines=(Line(v1, v2, c - 0.5, "`ŷ = ½`"),),
        x_label="`h₁`",
        y_label="`h₂`",
    )


def sigmoid(_lesson: "Lesson", _known: Known) -> Plot:
    """The sigmoid and its derivative."""
    z = np.linspace(-6, 6, 61)
    curves = (jaxnet.activations.sigmoid(z), jaxnet.activations.derivative("sigmoid")(z))
    return Plot(
        (-6, 6),
        (0, 1),
        _("The sigmoid and its derivative, which is small far from zero."),
        curves=tuple(
            Curve(tuple(zip(z.tolist(), np.asarray(values).tolist(), strict=True)), label)
            for values, label in zip(curves, ("`σ(z)`", "`σ′(z)`"), strict=True)
        ),
        x_label="`z`",
        y_label="",
    )


def states(_lesson: "Lesson", known: Known) -> Plot:
    """The inputs of a recurrent network and its states."""
    inputs = tuple((step, float(x)) for step, x in enumerate(known["x"], 1))
    made = ((0, 0.0), *((step, float(known[f"h{step}"])) for step in range(1, len(inputs) + 1)))
    size = max(abs(x) for _step, x in inputs) + 0.5
    return Plot(
        (0, len(inputs) + 0.5),
        (-size, size),
        _("The input of each step and the state after it."),
        curves=(Curve(inputs, "`xₜ`", dashed=True, dots=True), Curve(made, "`hₜ`", dots=True)),
        x_label="`t`",
        y_label="",
    )


def gates(_lesson: "Lesson", known: Known) -> Grid:
    """The values of the gates, the memory and the state."""
    return Grid(
        (
            (_("gates `i`, `f`, `o`"), ((known["i"], known["f"], known["o"]),)),
            (_("memory `c`, `c′`"), ((known["c"], known["c_new"]),)),
            (_("state `h`, `h′`"), ((known["h"], known["h_new"]),)),
        ),
        _("The gates, the memory and the state before and after the step."),
    )


def descent(_lesson: "Lesson", _known: Known) -> Plot:
    """The way of four optimizers down a parabola."""
    names, steps = ("sgd", "momentum", "rmsprop", "adam"), 24
    curves = []
    for name in names:
        rule = getattr(jaxnet.optimizers, name)(0.1)
        w = np.array(2.0)
        state, way = rule.init(w), [(0, 2.0)]
        for step in range(1, steps + 1):
            with jax.numpy_dtype_promotion("standard"):  # which optax needs
                change, state = rule.update(w, state, w)  # the derivative of w²/2 is w
            w = np.asarray(optax.apply_updates(w, change))
            way.append((step, float(w)))
        curves.append(Curve(tuple(way), name))
    low = min(value for curve in curves for _step, value in curve.places)
    return Plot(
        (0, steps),
        (min(low, 0) - 0.2, 2.2),
        _("The weight after each step of four optimizers on a parabola with its minimum at zero."),
        curves=tuple(curves),
        x_label=_("step"),
        y_label="`w`",
    )


def dropout(_lesson: "Lesson", known: Known) -> Grid:
    """The activations, the mask and what is left."""
    return Grid(
        (
            ("`a`", (tuple(known["a"]),)),
            ("`m`", (tuple(known["mask"]),)),
            ("`ã`", (tuple(known["kept"]),)),
        ),
        _("The activations, the mask, and the activations after dropout."),
    )


def penalty(_lesson: "Lesson", known: Known) -> Plot:
    """The L2 term of one weight, and where the weights of the example go."""
    lam = float(known["lam"])
    size = max(abs(float(w)) for w in (*known["w"], *known["w_new"])) + 0.5
    places = tuple((float(w), lam / 2 * float(w) ** 2) for w in np.linspace(-size, size, 41))
    moved = [(float(old), float(new)) for old, new in zip(known["w"], known["w_new"], strict=True)]
    return Plot(
        (-size, size),
        (0, lam / 2 * size**2),
        _("The L2 term of one weight; hollow: the weights before the step, filled: after it."),
        points=tuple(
            Point(w, lam / 2 * w * w, filled=bool(place)) for pair in moved for place, w in enumerate(pair)
        ),
        curves=(Curve(places, "`(λ/2)·w²`"),),
        x_label="`w`",
        y_label="",
    )
