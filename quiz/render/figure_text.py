"""Draws the pictures of an exercise with characters, for a terminal, in Unicode or ASCII."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from quiz.exercise.figure import Curve, Figure, Grid, Line, Network, Place, Plot
from quiz.render.geometry import MAX_NEURONS, Texts, clip, ends, shown_neurons, styled, ticks
from quiz.text.numbers import write

#: Characters of lines and curves, in order, and of points by marker and ``filled``.
STROKES = "•+×~"
MARKS = {
    ("circle", True): "●", ("circle", False): "○", ("square", True): "■", ("square", False): "□",
    ("triangle", True): "▲", ("triangle", False): "△", ("cross", True): "✕", ("cross", False): "✕",
}  # fmt: skip
_ASCII = {
    **dict(zip("●○■□▲△✕•×·−→⋮│┊┤├", "@o#HA^X*x*->:|:++", strict=True)),
    **dict(zip("─┄┬┴┼┌┐└┘", "--+++++++", strict=True)),
    **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
    **dict(zip("′ŷ≈", "'y~", strict=True)),
    "…": "...", "≤": "<=", "≥": ">=", "²": "^2",
}  # fmt: skip


def draw(
    figure: Figure,
    givens: Mapping[str, Any] | None = None,
    lang: str = "en",
    *,
    width: int = 72,
    rows: int = 19,
    unicode: bool = True,
) -> str:
    """Draw a picture.

    Args:
        figure: the picture.
        givens: the values of the placeholders in its messages.
        lang: the language of its messages and numbers.
        width: the maximum number of columns.
        rows: the maximum number of lines inside the axes of a plot.
        unicode: whether the terminal shows more than ASCII; letters are not converted.

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
    texts = Texts(givens or {}, lang)
    if isinstance(figure, Plot):
        lines = _plot(texts, figure, width, rows)
    elif isinstance(figure, Network):
        lines = _network(texts, figure, width)
    else:
        lines = _grid(texts, figure)
    if figure.title:
        lines = [texts.text_of(figure.title), *lines]
    text = "\n".join(line.rstrip() for line in lines)
    return text if unicode else plain(text)


def plain(text: str) -> str:
    """Replace symbols that a simple terminal lacks by ASCII."""
    return text.translate(str.maketrans(_ASCII))


# --- a plot ------------------------------------------------------------------------------------------


def _plot(texts: Texts, plot: Plot, width: int, rows: int) -> list[str]:
    x, y = plot.ranges
    heights = ticks(*y, 7 if rows > 11 else 4)
    names = [write(value, texts.lang) for value in heights]
    margin = max(len(name) for name in names) + 1
    columns = min(57, width - margin - 3)
    if plot.square:  # a character is about twice as high as it is wide
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
            legend.append(f"{' ' * (margin + 1)}{sign}{sign}{sign} {texts.text_of(part.label)}")
    seen = [(at((p.x, p.y)), p) for p in plot.points if clip((p.x, p.y), (p.x, p.y), x, y)]
    for cell, point in seen:
        _label(canvas, cell, texts.text_of(point.label))
    for (row, column), point in seen:
        canvas[row][column] = MARKS[point.marker, point.filled]

    marks = {at((x[0], value))[0]: name for value, name in zip(heights, names, strict=True)}
    lines = [" " * margin + texts.text_of(plot.y_label)]
    for row, cells in enumerate(canvas):
        edge = "┤" if row in marks else "│"
        lines.append(f"{marks.get(row, ''):>{margin}}{edge}{''.join(cells)}")
    return [*lines, *_foot(texts, plot, x, at, margin, columns), *legend]


def _pieces(part: Line | Curve, x: Any, y: Any) -> list[tuple[Place, Place]]:
    """Return the straight pieces of a line or a curve within the axes."""
    if isinstance(part, Line):
        found = [ends(part, x, y)]
    else:
        found = [clip(a, b, x, y) for a, b in pairwise(part.places)]
    return [piece for piece in found if piece]


def _foot(texts: Texts, plot: Plot, x: Any, at: Any, margin: int, columns: int) -> list[str]:
    """Return the horizontal axis with its numbers and its label."""
    rule, numbers = ["─"] * columns, [" "] * (columns + 8)
    free = 0
    for value in ticks(x[0], x[1], 11):
        column, name = at((value, plot.y[0]))[1], write(value, texts.lang)
        start = max(0, column - len(name) // 2)
        if start >= free:
            rule[column] = "┬"
            numbers[start : start + len(name)] = name
            free = start + len(name) + 1
    label = texts.text_of(plot.x_label)
    return [
        " " * margin + "└" + "".join(rule),
        " " * (margin + 1) + "".join(numbers),
        " " * (margin + 1) + label.rjust((columns + len(label)) // 2),
    ]


def _stroke(canvas: list[list[str]], start: tuple[int, int], end: tuple[int, int], sign: str) -> None:
    """Set the cells of a straight line, in equal steps along its longer dimension."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    for i in range(steps + 1):
        row = round(start[0] + (end[0] - start[0]) * i / steps)
        column = round(start[1] + (end[1] - start[1]) * i / steps)
        canvas[row][column] = sign


def _label(canvas: list[list[str]], cell: tuple[int, int], text: str) -> None:
    """Write a text to the right of a cell, or to its left if there is no room."""
    row, column = cell
    start = column + 1 if column + 2 + len(text) <= len(canvas[0]) else column - 1 - len(text)
    if text and start >= 0:
        text = f" {text}" if start > column else f"{text} "
        canvas[row][start : start + len(text)] = text


# --- a network ---------------------------------------------------------------------------------------


def _network(texts: Texts, network: Network, width: int) -> list[str]:
    """Draw layers as columns, with the weights and biases in lines below."""
    columns = []
    for layer, size in enumerate(network.sizes):
        names = [None if neuron is None else network.name(layer, neuron) for neuron in shown_neurons(size)]
        columns.append(["⋮" if name is None else f"({name})" for name in names])
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
    if max(network.sizes) > MAX_NEURONS:
        lines.append("".join(str(size).center(cells) + " " * (len(between) + 2) for size in network.sizes))
    for layer, matrix in enumerate(network.weights):
        for source, row in enumerate(matrix):
            parts = [
                f"{network.name(layer, source)}→{network.name(layer + 1, target)}: {text}"
                for target, value in enumerate(row) if (text := texts.value(value))
            ]  # fmt: skip
            lines += _wrap(parts, width)
    for layer, row in enumerate(network.biases, 1):
        parts = [
            f"b({network.name(layer, neuron)}): {text}"
            for neuron, value in enumerate(row)
            if (text := texts.value(value))
        ]
        lines += _wrap(parts, width)
    return lines


def _wrap(parts: Sequence[str], width: int) -> list[str]:
    """Join parts into lines that fit the width."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + 3 + len(part) <= width:
            lines[-1] += "   " + part
        else:
            lines.append(part)
    return lines


# --- tables of numbers -------------------------------------------------------------------------------


def _grid(texts: Texts, grid: Grid) -> list[str]:
    blocks = [
        [texts.text_of(caption), *_table([[texts.value(v) for v in row] for row in matrix])]
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
