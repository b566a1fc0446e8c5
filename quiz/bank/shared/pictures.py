"""Figures that several exercises share."""

from collections.abc import Sequence
from typing import Any

from quiz.exercise import Givens
from quiz.exercise.figure import Network, Plot, Point
from quiz.text import mark as _


def network(givens: Givens) -> Network:
    """A 2-2-1 network: hidden weights ``U`` (a row per neuron) and biases ``d``, output ``v`` and ``c``."""
    (u11, u12), (u21, u22) = givens["U"]
    return Network(
        (2, 2, 1),
        alt=_("The network: two inputs, two hidden neurons and one output, with weights and biases."),
        weights=(((u11, u21), (u12, u22)), tuple((v,) for v in givens["v"])),
        biases=(givens["d"], (givens.get("c", "?"),)),
        names=(("x₁", "x₂"), ("h₁", "h₂"), ("y",)),
    )


def plane(
    points: Sequence[Sequence[Any]], targets: Sequence[Any], labels: Sequence[str] = (), **more: Any
) -> Plot:
    """Plot points in the plane, filled where the target is 1; ``more`` is passed to `Plot`."""
    first, second = ((min(0, *values) - 1, max(0, *values) + 1) for values in zip(*points, strict=True))
    return Plot(
        first,
        second,
        points=[
            Point(x, y, label, filled=bool(target))
            for (x, y), target, label in zip(points, targets, labels or [""] * len(targets), strict=True)
        ],
        square=True,
        **more,
    )
