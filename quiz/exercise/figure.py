"""Pictures of questions as pure data: what they show, not how they are drawn.

`quiz.render.figure_svg` draws them for a page, `quiz.render.figure_text` for a terminal. All texts (titles,
labels, ``alt``) are messages with placeholders, filled with the givens of the variant. Coordinates are
numbers of any type; everything outside the axes is clipped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

#: Shapes of points, which can be distinguished without colour, filled or not.
MARKERS = ("circle", "square", "triangle", "cross")

#: x and y
Place = tuple[Any, Any]


@dataclass(frozen=True)
class Point:
    """A point, filled or hollow."""

    x: Any
    y: Any
    label: str = ""
    filled: bool = True
    marker: str = "circle"

    def __post_init__(self) -> None:
        """Reject an unknown marker."""
        if self.marker not in MARKERS:
            raise ValueError(f"Point: expected a marker of {', '.join(MARKERS)}, got {self.marker!r}")


@dataclass(frozen=True)
class Line:
    """The straight line ``a·x + b·y + c = 0``, from one edge of the picture to the other."""

    a: Any
    b: Any
    c: Any
    label: str = ""
    dashed: bool = False


@dataclass(frozen=True)
class Curve:
    """A line through the places, in order; two places make a segment.

    ``dots`` draws a dot at each place; a ``faint`` one stays in the background, such as a contour.
    """

    places: Sequence[Place]
    label: str = ""
    dashed: bool = False
    dots: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Plot:
    """Points, lines and curves in a pair of axes.

    Attributes:
        x: the range of the horizontal axis.
        y: the range of the vertical axis.
        alt: what the picture shows, for readers who cannot see it, a message.
        points: `Point`, drawn on top.
        lines: `Line`; lines and curves with a label appear in the legend.
        curves: `Curve`, segments among them.
        x_label: the label of the horizontal axis, a message.
        y_label: the label of the vertical axis, a message.
        title: a message.
        square: whether a unit has the same length on both axes, which angles and distances need.
        shades: a table of numbers from 0 to 1 that is spread over the axes, the upper row first: the larger
            a number, the darker its cell.
    """

    x: tuple[Any, Any]
    y: tuple[Any, Any]
    alt: str
    points: Sequence[Point] = ()
    lines: Sequence[Line] = ()
    curves: Sequence[Curve] = ()
    x_label: str = "`x₁`"
    y_label: str = "`x₂`"
    title: str = ""
    square: bool = False
    shades: Sequence[Sequence[float]] = ()

    def __post_init__(self) -> None:
        """Reject an empty range."""
        for name, (low, high) in (("x", self.x), ("y", self.y)):
            if not low < high:
                raise ValueError(f"Plot: expected {name} as (low, high) with low < high, got {(low, high)}")

    @property
    def ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The ranges of both axes as floats."""
        return (float(self.x[0]), float(self.x[1])), (float(self.y[0]), float(self.y[1]))


@dataclass(frozen=True)
class Network:
    """Layers of neurons, each neuron joined to all of the next layer.

    Attributes:
        sizes: the number of neurons of each layer, the inputs first.
        alt: what the picture shows, for readers who cannot see it, a message.
        weights: for each pair of layers the labels of its connections, ``(in, out)`` numbers or texts; an
            empty text leaves a connection without a label. ``()`` for no labels at all.
        biases: for each layer after the first, one number or text per neuron, written under it; or ``()``.
        names: for each layer the names in its circles; ``()`` for ``x₁ …``, ``h₁ …``, ``ŷ``.
        title: a message.
    """

    sizes: tuple[int, ...]
    alt: str
    weights: Sequence[Sequence[Sequence[Any]]] = ()
    biases: Sequence[Sequence[Any]] = ()
    names: Sequence[Sequence[str]] = ()
    title: str = ""

    def __post_init__(self) -> None:
        """Reject weights, biases or names that do not fit the sizes."""
        pairs = list(pairwise(self.sizes))
        for name, given, expected in (
            ("weights", [(len(w), len(w[0])) for w in self.weights], pairs),
            ("biases", [len(b) for b in self.biases], list(self.sizes[1:])),
            ("names", [len(n) for n in self.names], list(self.sizes)),
        ):
            if given and given != expected:
                raise ValueError(
                    f"Network: expected {name} of sizes {expected} for {self.sizes}, got {given}"
                )

    def name(self, layer: int, neuron: int) -> str:
        """Return the text in a neuron's circle."""
        if self.names:
            return self.names[layer][neuron]
        last = layer == len(self.sizes) - 1
        letter = "x" if layer == 0 else "ŷ" if last else "h"
        if last and self.sizes[layer] == 1:
            return letter
        deep = "′" * (layer - 1) if not last and layer else ""
        return letter + deep + subscript(neuron + 1)


@dataclass(frozen=True)
class Grid:
    """Tables of numbers side by side: an image and its kernel, a map before pooling.

    Attributes:
        tables: a caption (a message) and a matrix of numbers or texts for each.
        alt: what the picture shows, for readers who cannot see it, a message.
        shaded: highlighted cells of the first table, ``(row, column)`` from 0.
        title: a message.
    """

    tables: Sequence[tuple[str, Sequence[Sequence[Any]]]]
    alt: str
    shaded: Sequence[tuple[int, int]] = ()
    title: str = ""


Figure = Plot | Network | Grid


def subscript(number: int | str) -> str:
    """Write a number as a subscript.

    Example:
        >>> "w" + subscript(12)
        'w₁₂'
    """
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def messages(figure: Figure) -> Iterator[str]:
    """Yield all messages of a picture."""
    texts = [figure.title, figure.alt]
    if isinstance(figure, Plot):
        texts += [figure.x_label, figure.y_label]
        texts += [part.label for part in (*figure.points, *figure.lines, *figure.curves)]
    elif isinstance(figure, Grid):
        texts += [caption for caption, _ in figure.tables]
    yield from (text for text in texts if text)
