"""Sketches the pictures of an exercise with characters, for a terminal; in plain ASCII where it must be."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from quiz.exercise.figure import Curve, Figure, Grid, Line, Network, Place, Plot
from quiz.render.geometry import clip, ends, styled, ticks
from quiz.text.fill import fill, strip
from quiz.text.numbers import write

#: What lines and curves are drawn with, one after another, and points: (marker, filled).
STROKES = "•+×~"
MARKS = {
    ("circle", True): "●", ("circle", False): "○", ("square", True): "■", ("square", False): "□",
    ("triangle", True): "▲", ("triangle", False): "△", ("cross", True): "✕", ("cross", False): "✕",
}  # fmt: skip
_ASCII = {
    **dict(zip("●○■□▲△✕•×·−→⋮│┊┤├", "@o#HA^X*x*->:|:++", strict=True)),
    **dict(zip("─┄┬┴┼┌┐└┘", "--+++++++", strict=True)),
    **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
    "′": "'",
    "ŷ": "y",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "²": "^2",
}


def draw(
    figure: Figure,
    givens: Mapping[str, Any] | None = None,
    lang: str = "en",
    *,
    width: int = 72,
    unicode: bool = True,
) -> str:
    """Sketch a picture.

    Args:
        figure: what is to be seen.
        givens: what fills the placeholders of its messages.
        lang: the language of its messages and numbers.
        width: the most columns it may take.
        unicode: whether the terminal shows more than ASCII; letters of a language stay as they are.

    Returns:
        Lines of text without colours.

    Example:
        >>> print(draw(Grid((("K", ((1, 0), (0, -1))),), "A kernel."), unicode=False))
        K
        +----+----+
        | 1  | 0  |
        +----+----+
        | 0  | -1 |
        +----+----+
    """
    words = _Words(givens or {}, lang)
    if isinstance(figure, Plot):
        lines = _plot(words, figure, width)
    elif isinstance(figure, Network):
        lines = _network(words, figure, width)
    else:
        lines = _grid(words, figure)
    if figure.title:
        lines = [words.text(figure.title), *lines]
    text = "\n".join(line.rstrip() for line in lines)
    return text if unicode else plain(text)


def plain(text: str) -> str:
    """The text with ASCII in place of signs that a simple terminal lacks."""
    return text.translate(str.maketrans(_ASCII))


class _Words:
    """The language that a sketch's texts are in."""

    def __init__(self, givens: Mapping[str, Any], lang: str):
        self.givens, self.lang = givens, lang

    def text(self, message: str) -> str:
        return strip(fill(message, self.givens, self.lang))

    def value(self, value: Any) -> str:
        return self.text(value) if isinstance(value, str) else write(value, self.lang)


# --- a plot ------------------------------------------------------------------------------------------


def _plot(words: _Words, plot: Plot, width: int) -> list[str]:
    x, y = plot.ranges
    heights = ticks(*y, 7)
    names = [write(value, words.lang) for value in heights]
    margin = max(len(name) for name in names) + 1
    columns, rows = min(57, width - margin - 3), 19
    if plot.square:  # a character is about twice as high as wide
        shape = 2 * (x[1] - x[0]) / (y[1] - y[0])
        columns, rows = (
            (columns, round(columns / shape)) if shape > columns / rows else (round(rows * shape), rows)
        )
    canvas = [[" "] * columns for _ in range(rows)]

    def at(place: Place) -> tuple[int, int]:
        across, up = (float(place[0]) - x[0]) / (x[1] - x[0]), (float(place[1]) - y[0]) / (y[1] - y[0])
        return round((rows - 1) * (1 - up)), round((columns - 1) * across)

    if x[0] < 0 < x[1]:
        _stroke(canvas, at((0, y[0])), at((0, y[1])), "┊")
    if y[0] < 0 < y[1]:
        _stroke(canvas, at((x[0], 0)), at((x[1], 0)), "┄")
    legend = []
    for number, part in styled(plot):
        sign = STROKES[number % len(STROKES)]
        for start, end in _pieces(part, x, y):
            _stroke(canvas, at(start), at(end), sign)
        if part.label:
            legend.append(f"{' ' * (margin + 1)}{sign}{sign}{sign} {words.text(part.label)}")
    seen = [(at((p.x, p.y)), p) for p in plot.points if clip((p.x, p.y), (p.x, p.y), x, y)]
    for cell, point in seen:
        _label(canvas, cell, words.text(point.label))
    for (row, column), point in seen:
        canvas[row][column] = MARKS[point.marker, point.filled]

    marks = {at((x[0], value))[0]: name for value, name in zip(heights, names, strict=True)}
    lines = [" " * margin + words.text(plot.y_label)]
    for row, cells in enumerate(canvas):
        edge = "┤" if row in marks else "│"
        lines.append(f"{marks.get(row, ''):>{margin}}{edge}{''.join(cells)}")
    return [*lines, *_foot(words, plot, x, at, margin, columns), *legend]


def _pieces(part: Line | Curve, x: Any, y: Any) -> list[tuple[Place, Place]]:
    """The straight pieces of a line or a curve within the axes."""
    if isinstance(part, Line):
        found = [ends(part, x, y)]
    else:
        found = [clip(a, b, x, y) for a, b in pairwise(part.places)]
    return [piece for piece in found if piece]


def _foot(words: _Words, plot: Plot, x: Any, at: Any, margin: int, columns: int) -> list[str]:
    """The horizontal axis with its numbers and what it is called."""
    rule, numbers = ["─"] * columns, [" "] * (columns + 8)
    free = 0
    for value in ticks(x[0], x[1], 11):
        column, name = at((value, plot.y[0]))[1], write(value, words.lang)
        start = max(0, column - len(name) // 2)
        if start >= free:
            rule[column] = "┬"
            numbers[start : start + len(name)] = name
            free = start + len(name) + 1
    label = words.text(plot.x_label)
    return [
        " " * margin + "└" + "".join(rule),
        " " * (margin + 1) + "".join(numbers),
        " " * (margin + 1) + label.rjust((columns + len(label)) // 2),
    ]


def _stroke(canvas: list[list[str]], start: tuple[int, int], end: tuple[int, int], sign: str) -> None:
    """Set the cells from one to another (Bresenham, by equal steps along the longer way)."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    for i in range(steps + 1):
        row = round(start[0] + (end[0] - start[0]) * i / steps)
        column = round(start[1] + (end[1] - start[1]) * i / steps)
        canvas[row][column] = sign


def _label(canvas: list[list[str]], cell: tuple[int, int], text: str) -> None:
    """Write a text beside a cell, on its other side where there is no room."""
    row, column = cell
    start = column + 1 if column + 2 + len(text) <= len(canvas[0]) else column - 1 - len(text)
    if text and start >= 0:
        text = f" {text}" if start > column else f"{text} "
        canvas[row][start : start + len(text)] = text


# --- a network ---------------------------------------------------------------------------------------

_MOST = 6


def _network(words: _Words, network: Network, width: int) -> list[str]:
    """Layers as columns, and what stands on the connections as lines below."""
    columns = []
    for layer, size in enumerate(network.sizes):
        shown = [*range(size)] if size <= _MOST else [0, 1, 2, None, size - 1]
        columns.append(["⋮" if neuron is None else f"({network.name(layer, neuron)})" for neuron in shown])
    tall = max(len(column) for column in columns)
    cells = max(len(name) for column in columns for name in column)
    gap = max(2, min(8, (width - cells * len(columns)) // max(1, len(columns) - 1)))
    between = "─" * (gap - 3) + "→" if gap > 3 else "→"
    lines = []
    for row in range(tall):
        line = ""
        for layer, column in enumerate(columns):
            place = row - (tall - len(column) + 1) // 2
            text = column[place] if 0 <= place < len(column) else ""
            last = layer == len(columns) - 1
            line += text.center(cells) + (
                "" if last else f" {between if row == tall // 2 else '':{len(between)}} "
            )
        lines.append(line)
    if max(network.sizes) > _MOST:
        lines.append("".join(str(size).center(cells) + " " * (len(between) + 2) for size in network.sizes))
    for layer, matrix in enumerate(network.weights):
        for source, row in enumerate(matrix):
            parts = [
                f"{network.name(layer, source)}→{network.name(layer + 1, target)}: {text}"
                for target, value in enumerate(row) if (text := words.value(value))
            ]  # fmt: skip
            lines += _wrap(parts, width)
    for layer, row in enumerate(network.biases, 1):
        parts = [
            f"b({network.name(layer, neuron)}): {text}"
            for neuron, value in enumerate(row)
            if (text := words.value(value))
        ]
        lines += _wrap(parts, width)
    return lines


def _wrap(parts: Sequence[str], width: int) -> list[str]:
    """Parts side by side, as many as fit."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + 3 + len(part) <= width:
            lines[-1] += "   " + part
        else:
            lines.append(part)
    return lines


# --- tables of numbers -------------------------------------------------------------------------------


def _grid(words: _Words, grid: Grid) -> list[str]:
    blocks = [
        [words.text(caption), *_table([[words.value(v) for v in row] for row in matrix])]
        for caption, matrix in grid.tables
    ]
    tall = max(len(block) for block in blocks)
    widths = [max(len(line) for line in block) for block in blocks]
    lines = []
    for row in range(tall):
        cells = [block[row] if row < len(block) else "" for block in blocks]
        lines.append("   ".join(cell.ljust(wide) for cell, wide in zip(cells, widths, strict=True)))
    return lines


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    cell = max(len(text) for row in rows for text in row) + 2
    count = len(rows[0])

    def rule(left: str, middle: str, right: str) -> str:
        return left + middle.join(["─" * cell] * count) + right

    lines = [rule("┌", "┬", "┐")]
    for row in rows:
        lines += ["│" + "│".join(text.center(cell) for text in row) + "│", rule("├", "┼", "┤")]
    return [*lines[:-1], rule("└", "┴", "┘")]
