"""Reads grids of which some cells are blank, as a paper with a field for each cell saves them."""

import re
from fractions import Fraction

from quiz.text.numbers import Reader, bracketed, parse, split
from quiz.text.signs import trimmed


def parse_partly(
    text: str, lang: str, shape: tuple[int, int], read: Reader = parse
) -> tuple[tuple[Fraction | None, ...], ...] | None:
    """Read a grid of which some cells are blank, as a paper with a field for each cell saves it.

    Args:
        text: what was typed: cells separated by ``;``, rows in brackets or separated by ``|`` or new lines.
        lang: ``kk``, ``ru`` or ``en``.
        shape: rows and columns.
        read: reads one number.

    Returns:
        The rows, with ``None`` for a blank cell; ``None`` if the text is no such grid or has no number.

    Raises:
        Refused: a cell cannot be read.

    Example:
        >>> parse_partly("[1; 2] [; 4]", "en", (2, 2)) == ((1, 2), (None, 4))
        True
    """
    blocks = bracketed(trimmed(text))
    while blocks is not None and len(blocks) == 1 and (inner := bracketed(blocks[0])) is not None:
        blocks = inner
    rows = blocks or re.split(r"[|\n]", text)
    cells = [list(map(trimmed, split(row, ";" if ";" in text else ","))) for row in rows]
    if len(cells) != shape[0] or any(len(row) != shape[1] for row in cells) or not any(map(any, cells)):
        return None
    return tuple(tuple(read(cell, lang) if cell else None for cell in row) for row in cells)
