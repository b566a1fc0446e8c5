"""Geometry of plots: styles, clipping at the edges, round numbers for the axes."""

from collections.abc import Iterator, Mapping
from math import ceil, floor
from typing import Any

from quiz.exercise.figure import Curve, Line, Place, Plot
from quiz.text.fill import fill, strip
from quiz.text.numbers import write

#: Neurons in the middle of a larger layer are left out.
MAX_NEURONS = 6


class Texts:
    """The texts of a picture in a language.

    Attributes:
        givens: the values of the placeholders.
        lang: the language.
    """

    givens: Mapping[str, Any]
    lang: str

    def __init__(self, givens: Mapping[str, Any], lang: str):
        """Take the values of the placeholders, and the language."""
        self.givens, self.lang = givens, lang

    def text_of(self, message: str) -> str:
        """Fill in a message."""
        return strip(fill(message, self.givens, self.lang))

    def value(self, value: Any) -> str:
        """Write a number; fill in a text as a message."""
        return self.text_of(value) if isinstance(value, str) else write(value, self.lang)


def shown_neurons(size: int) -> list[int | None]:
    """Return the neurons of a layer that are drawn; ``None`` for those left out."""
    return [*range(size)] if size <= MAX_NEURONS else [0, 1, 2, None, size - 1]


def styled(plot: Plot) -> Iterator[tuple[int, Line | Curve]]:
    """Yield the lines and curves of a plot with the number of their style; those without a label share one.

    Example:
        >>> low, high = Curve([(0, 0), (1, 0)]), Curve([(1, 1), (2, 1)])
        >>> steps = Plot((0, 2), (0, 1), "Two steps.", curves=(low, high))
        >>> [number for number, _part in styled(steps)]
        [0, 0]
    """
    labelled = 0
    for part in (*plot.lines, *plot.curves):
        yield (labelled if part.label else 0), part
        labelled += bool(part.label)


def clip(
    start: Place, end: Place, x: tuple[float, float], y: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the part of a segment that lies within the ranges, or ``None`` (Liang and Barsky).

    Example:
        >>> clip((-1, 0), (3, 0), (0, 2), (0, 1))
        ((0.0, 0.0), (2.0, 0.0))
        >>> clip((0, 5), (1, 5), (0, 2), (0, 1)) is None
        True
    """
    (x0, y0), (x1, y1) = (tuple(map(float, place)) for place in (start, end))
    first, last = 0.0, 1.0
    for at, by, (low, high) in ((x0, x1 - x0, x), (y0, y1 - y0, y)):
        if by == 0:
            if not low <= at <= high:
                return None
            continue
        enter, leave = sorted(((low - at) / by, (high - at) / by))
        first, last = max(first, enter), min(last, leave)
    if first > last:
        return None
    return ((x0 + first * (x1 - x0), y0 + first * (y1 - y0)), (x0 + last * (x1 - x0), y0 + last * (y1 - y0)))


def ends(line: Line, x: tuple[float, float], y: tuple[float, float]) -> tuple[Place, Place] | None:
    """Return where a straight line enters and leaves the ranges, or ``None`` if it passes by.

    Example:
        >>> ends(Line(1, 1, -1), (0, 2), (0, 2))
        ((1.0, 0.0), (0.0, 1.0))
    """
    a, b, c = float(line.a), float(line.b), float(line.c)
    length = a * a + b * b
    if length == 0:
        return None
    far = sum(abs(bound) for bound in (*x, *y)) + abs(c) / length**0.5
    foot = (-a * c / length, -b * c / length)
    way = (-b * 2 * far / length**0.5, a * 2 * far / length**0.5)
    found = clip((foot[0] - way[0], foot[1] - way[1]), (foot[0] + way[0], foot[1] + way[1]), x, y)
    return found and tuple(tuple(round(part, 9) + 0.0 for part in place) for place in found)  # type: ignore[return-value]


def ticks(low: float, high: float, most: int = 8) -> list[float]:
    """Return at most ``most`` round numbers within a range, in steps of 1, 2 or 5 times a power of ten.

    Example:
        >>> ticks(-1, 2), ticks(0, 0.3)
        ([-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0], [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3])
    """
    for power in range(-12, 13):
        for digit in (1, 2, 5):
            step = digit * 10.0**power
            first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
            if last - first < most:
                return [round(i * step, 12) + 0.0 for i in range(first, last + 1)]
    raise ValueError(f"ticks: the range from {low} to {high} is too wide")
