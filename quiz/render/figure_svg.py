"""Draws the pictures of `quiz.exercise.figure` as self-contained SVG, readable in greyscale."""

from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from math import atan2, cos, hypot, sin
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from quiz.exercise.figure import Curve, Figure, Grid, Line, Network, Place, Plot, Point
from quiz.render.geometry import MAX_NEURONS, Texts, clip, ends, shown_neurons, styled, ticks
from quiz.text.numbers import write

#: Fonts that have the letters of all three languages.
FONTS = "'DejaVu Sans', 'Noto Sans', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
#: Colours of different lightness, so that they differ in greyscale too; dashes differ as well.
INKS = ("#0b3c6f", "#c25e00", "#2f8f6b", "#8a5a9e")
DASHES = ("", "9 5", "3 4", "12 4 3 4")
BLACK, GREY, PALE = "#1a1a1a", "#6b6b6b", "#e2e2e2"
#: From 0 to 1, each darker than the one before.
SHADES = ("#fff6e8", "#f1ebe4", "#e3e3e3", "#cfd9e4", "#b7cbe0", "#9fbddb")
#: The radius of a point; more points than this are drawn smaller.
_RADIUS, _MANY = 5, 60


def draw(figure: Figure, givens: Mapping[str, Any] | None = None, lang: str = "en") -> str:
    """Draw a picture.

    Args:
        figure: the picture.
        givens: the values of the placeholders in its messages.
        lang: the language of its messages and numbers.

    Returns:
        An SVG document; its description is the ``alt`` of the picture.

    Example:
        >>> draw(Plot((0, 1), (0, 1), "An empty plane."))[:60]
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 396'
    """
    page = _Page(givens or {}, lang)
    if isinstance(figure, Plot):
        size = _plot(page, figure)
    elif isinstance(figure, Network):
        size = _network(page, figure)
    else:
        size = _grid(page, figure)
    return page.document(size, figure)


def alt(figure: Figure, givens: Mapping[str, Any], lang: str) -> str:
    """Return the description of a picture."""
    return Texts(givens, lang).text_of(figure.alt)


def area(plot: Plot) -> tuple[float, ...]:
    """Return where the axes of a plot lie: left, top, width, height, both ranges, the width of the picture.

    Example:
        >>> area(Plot((0, 1), (0, 2), "An empty plane."))
        (64, 36, 380, 300, 0.0, 1.0, 0.0, 2.0, 460.0)
    """
    x, y = plot.ranges
    left, top, wide, high = 64, 60 if plot.title else 36, 380, 300
    if plot.square:
        unit = min(wide / (x[1] - x[0]), high / (y[1] - y[0]))
        wide, high = unit * (x[1] - x[0]), unit * (y[1] - y[0])
    return left, top, wide, high, *x, *y, max(left + wide + 16.0, 460.0 if plot.title else 0.0)


class _Page(Texts):
    """The elements of a picture, with the language of its texts."""

    def __init__(self, givens: Mapping[str, Any], lang: str):
        super().__init__(givens, lang)
        self.parts: list[str] = []

    def add(self, tag: str, content: str | None = None, **attributes: Any) -> None:
        inside = "".join(
            f" {name.replace('_', '-')}={quoteattr(_text(value))}" for name, value in attributes.items()
        )
        self.parts.append(
            f"<{tag}{inside}/>" if content is None else f"<{tag}{inside}>{escape(content)}</{tag}>"
        )

    def text(
        self, x: float, y: float, text: str, anchor: str = "middle", size: int = 14, **more: Any
    ) -> None:
        """Add a text with a white outline, so that it is readable on lines."""
        rim = {"stroke": "white", "stroke_width": 4, "stroke_linejoin": "round", "paint_order": "stroke"}
        self.add("text", text, x=x, y=y, text_anchor=anchor, font_size=size, **({"fill": BLACK} | rim | more))

    def line(self, start: Place, end: Place, ink: str = BLACK, width: float = 1, dash: str = "") -> None:
        dashed = {"stroke_dasharray": dash} if dash else {}
        self.add(
            "line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], stroke=ink, stroke_width=width, **dashed
        )

    def polyline(self, places: Sequence[Place], ink: str, width: float, dash: str = "") -> None:
        if len(places) == 2:
            self.line(places[0], places[1], ink, width, dash)
            return
        dashed = {"stroke_dasharray": dash} if dash else {}
        self.add("path", d=_path(places), fill="none", stroke=ink, stroke_width=width, **dashed)

    def document(self, size: tuple[float, float], figure: Figure) -> str:
        width, height = size
        name = escape(self.text_of(figure.title)) if figure.title else ""
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_text(width)} {_text(height)}" '
                f'width="{_text(width)}" height="{_text(height)}" role="img" xml:lang="{self.lang}" '
                f"font-family={quoteattr(FONTS)}>",
                *([f"<title>{name}</title>"] if name else []),
                f"<desc>{escape(alt(figure, self.givens, self.lang))}</desc>",
                f'<rect width="{_text(width)}" height="{_text(height)}" fill="white"/>',
                *self.parts,
                "</svg>\n",
            ]
        )


def _text(value: Any) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


# --- a plot ------------------------------------------------------------------------------------------


def _plot(page: _Page, plot: Plot) -> tuple[float, float]:
    x, y = plot.ranges
    left, top, wide, high, *_ranges, whole = area(plot)

    def at(place: Place) -> tuple[float, float]:
        across, up = (float(place[0]) - x[0]) / (x[1] - x[0]), (float(place[1]) - y[0]) / (y[1] - y[0])
        return left + wide * across, top + high * (1 - up)

    _shade(page, plot.shades, left, top, wide, high)
    for value in ticks(*x, 11):
        above, below = at((value, y[1])), at((value, y[0]))
        page.line(above, below, GREY if value == 0 else PALE)
        page.text(below[0], below[1] + 18, write(value, page.lang), size=12)
    for value in ticks(*y, 9):
        start, end = at((x[0], value)), at((x[1], value))
        page.line(start, end, GREY if value == 0 else PALE)
        page.text(start[0] - 8, start[1] + 4, write(value, page.lang), "end", 12)
    page.add("rect", x=left, y=top, width=wide, height=high, fill="none", stroke=GREY, stroke_width=1)
    page.text(left + wide / 2, top + high + 38, page.text_of(plot.x_label))
    page.text(left, top - 12, page.text_of(plot.y_label), "start")
    if plot.title:
        page.text(left, 24, page.text_of(plot.title), "start", 15, font_weight="bold")

    legend = []
    for number, part in styled(plot):
        ink, dash = INKS[number % len(INKS)], _dash(number, dashed=part.dashed)
        _stroke(page, part, x, y, at, ink, dash)
        if part.label:
            legend.append((part, ink, dash))
    seen = [(at((p.x, p.y)), p) for p in plot.points if clip((p.x, p.y), (p.x, p.y), x, y)]
    radius = _RADIUS if len(seen) <= _MANY else _RADIUS - 2
    for place, point in seen:
        _marker(page, place, point, radius)
    for (px, py), point in seen:
        if point.label:
            beyond = px > left + wide - 60
            page.text(
                px + (-9 if beyond else 9),
                py - 8,
                page.text_of(point.label),
                "end" if beyond else "start",
                13,
            )

    below = top + high + 60
    for row, (part, ink, dash) in enumerate(legend):
        level = below + 20 * row
        page.line((left, level - 4), (left + 36, level - 4), ink, 2.5, dash)
        if isinstance(part, Curve) and part.dots:
            _dot(page, (left + 18, level - 4), ink, hollow=part.dashed)
        page.text(left + 46, level, page.text_of(part.label), "start", 13)
    return whole, below + 20 * len(legend)


def _shade(
    page: _Page, rows: Sequence[Sequence[float]], left: float, top: float, wide: float, high: float
) -> None:
    """Fill cells by their numbers, neighbours of one shade at once."""
    for r, row in enumerate(rows):
        levels = [min(int(value * len(SHADES)), len(SHADES) - 1) for value in row]
        tall, broad = high / len(rows), wide / len(row)
        start = 0
        for level, run in groupby(levels):
            count = len(list(run))
            page.add(
                "rect", x=left + broad * start, y=top + tall * r, width=broad * count + 0.3,
                height=tall + 0.3, fill=SHADES[level],
            )  # fmt: skip
            start += count


def _dash(number: int, *, dashed: bool) -> str:
    """Return the dashes of a line: the first two are solid unless dashed, each of the others has its own."""
    return DASHES[1] if dashed else DASHES[number % len(DASHES)] if number > 1 else ""


def _stroke(page: _Page, part: Line | Curve, x: Any, y: Any, at: Any, ink: str, dash: str) -> None:
    """Draw a line or a curve, clipped at the edges."""
    if isinstance(part, Line):
        if found := ends(part, x, y):
            page.line(at(found[0]), at(found[1]), ink, 2.5, dash)
        return
    ink, width = (GREY, 0.8) if part.faint else (ink, 2.5)
    run: list[Place] = []
    for start, end in pairwise(part.places):
        found = clip(start, end, x, y)
        if run and (not found or found[0] != run[-1]):  # it has left the picture
            page.polyline([at(place) for place in run], ink, width, dash)
            run = []
        if found:
            run += found[1:] if run else found
    if run:
        page.polyline([at(place) for place in run], ink, width, dash)
    if part.dots:
        for place in part.places:
            if clip(place, place, x, y):
                _dot(page, at(place), ink, hollow=part.dashed)


def _dot(page: _Page, place: Place, ink: str, *, hollow: bool) -> None:
    fill_with = "white" if hollow else ink
    page.add("circle", cx=place[0], cy=place[1], r=3.5, fill=fill_with, stroke=ink, stroke_width=1.5)


def _marker(page: _Page, place: Place, point: Point, r: int) -> None:
    px, py = place
    look = {"fill": BLACK if point.filled else "white", "stroke": BLACK, "stroke_width": 2}
    if point.marker == "circle":
        page.add("circle", cx=px, cy=py, r=r, **look)
    elif point.marker == "square":
        page.add("rect", x=px - r, y=py - r, width=2 * r, height=2 * r, **look)
    elif point.marker == "triangle":
        page.add(
            "path",
            d=_path([(px, py - r - 1), (px + r + 1, py + r - 1), (px - r - 1, py + r - 1)], "Z"),
            **look,
        )
    else:
        page.line((px - r, py - r), (px + r, py + r), BLACK, 2.5)
        page.line((px - r, py + r), (px + r, py - r), BLACK, 2.5)


def _path(places: Sequence[Place], end: str = "") -> str:
    return "M" + "L".join(f"{_text(float(px))} {_text(float(py))}" for px, py in places) + end


# --- a network ---------------------------------------------------------------------------------------

_NEURON, _ROW, _COLUMN = 21, 78, 190


def _network(page: _Page, network: Network) -> tuple[float, float]:
    shown = [shown_neurons(size) for size in network.sizes]
    rows = max(len(places) for places in shown)
    top = 56 if network.title else 24
    last = [len(page.value(bias)) for bias in network.biases[-1]] if network.biases else [0]
    right = max(55.0, 3.6 * max(last))  # what is written under the last layer may be wider than its neurons
    width, height = 55 + right + _COLUMN * (len(shown) - 1), top + _ROW * rows + (24 if _cut(network) else 0)

    def at(layer: int, row: int) -> tuple[float, float]:
        return 55 + _COLUMN * layer, top + _ROW * (row + 0.5 + (rows - len(shown[layer])) / 2) - 8

    if network.title:
        page.text(16, 26, page.text_of(network.title), "start", 15, font_weight="bold")
    for layer, (before, after) in enumerate(pairwise(shown)):
        for i, source in enumerate(before):
            for j, target in enumerate(after):
                if source is not None and target is not None:
                    _connection(page, network, at(layer, i), at(layer + 1, j), layer, source, target)
    for layer, places in enumerate(shown):
        for row, neuron in enumerate(places):
            px, py = at(layer, row)
            if neuron is None:
                page.text(px, py + 6, "⋮", size=22)
                continue
            page.add("circle", cx=px, cy=py, r=_NEURON, fill=_tint(layer), stroke=BLACK, stroke_width=1.6)
            page.text(px, py + 5, network.name(layer, neuron), size=15, stroke="none")
            if layer and network.biases and (bias := page.value(network.biases[layer - 1][neuron])):
                sign = "" if isinstance(network.biases[layer - 1][neuron], str) else "b = "
                page.text(px, py + _NEURON + 15, sign + bias, size=12, fill=BLACK)
        if _cut(network):
            page.text(at(layer, 0)[0], height - 12, str(network.sizes[layer]), size=13)
    return width, height


def _connection(
    page: _Page, network: Network, start: Place, end: Place, layer: int, source: int, target: int
) -> None:
    turn = atan2(end[1] - start[1], end[0] - start[0])
    edge = (_NEURON * cos(turn), _NEURON * sin(turn))
    page.line((start[0] + edge[0], start[1] + edge[1]), (end[0] - edge[0], end[1] - edge[1]), GREY, 1.3)
    if not network.weights:
        return
    # near the start, where the connections of a neuron are far enough apart
    length = hypot(end[0] - start[0], end[1] - start[1])
    share = (_NEURON + 44) / length
    page.text(
        start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]) + 4,
        page.value(network.weights[layer][source][target]), size=12,
    )  # fmt: skip


def _cut(network: Network) -> bool:
    return max(network.sizes) > MAX_NEURONS


def _tint(layer: int) -> str:
    return "white" if layer == 0 else "#f0f0f0"


# --- tables of numbers -------------------------------------------------------------------------------

_CELL = (46, 34)


def _grid(page: _Page, grid: Grid) -> tuple[float, float]:
    top, left = 62 if grid.title else 36, 20.0
    bottom = float(top)
    if grid.title:
        page.text(left, 24, page.text_of(grid.title), "start", 15, font_weight="bold")
    for number, (caption, matrix) in enumerate(grid.tables):
        width = _CELL[0] * len(matrix[0])
        page.text(left, top - 12, page.text_of(caption), "start", 14)
        for r, row in enumerate(matrix):
            for c, value in enumerate(row):
                x, y = left + _CELL[0] * c, top + _CELL[1] * r
                dark = number == 0 and (r, c) in grid.shaded
                look = {"fill": "#d4dce6" if dark else "white", "stroke": GREY, "stroke_width": 1}
                page.add("rect", x=x, y=y, width=_CELL[0], height=_CELL[1], **look)
                page.text(x + _CELL[0] / 2, y + _CELL[1] / 2 + 5, page.value(value), stroke="none")
        bottom = max(bottom, top + _CELL[1] * len(matrix))
        left += max(width, 9 * len(page.text_of(caption))) + 36
    return left - 16, bottom + 20
