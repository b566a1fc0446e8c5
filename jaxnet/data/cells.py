"""One column of a CSV file: which of its cells are numbers, and what the others say."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

MISSING = frozenset({"", "?", "na", "n/a", "nan", "null", "none", "-"})

#: what float32 cannot hold is no number here
LARGEST = float(np.finfo(np.float32).max)

_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:[\u00a0\u2009\u202f]\d{3})+|\d+)(?:,\d+)?(?:[eE][+-]?\d+)?")


class Cells(NamedTuple):
    """The cells of one column.

    Attributes:
        name: of the column.
        numbers: float64 of shape ``(N,)``; NaN where the cell is not a finite number.
        codes: int32 of shape ``(N,)``: 0 where the cell is a number, k + 1 where it is ``words[k]``; None if
            all cells are numbers.
        words: the different cells that are not numbers, stripped.
    """

    name: str
    numbers: np.ndarray
    codes: np.ndarray | None
    words: list[str]

    def blank(self) -> np.ndarray:
        """Whether each cell is blank, or says that the value is missing."""
        return self.where([is_missing(word) for word in self.words])

    def where(self, chosen: Sequence[bool]) -> np.ndarray:
        """Whether each cell is one of the chosen words."""
        if self.codes is None or not any(chosen):
            return np.zeros(len(self.numbers), bool)
        return np.array([False, *chosen])[self.codes]

    def take(self, rows: np.ndarray) -> "Cells":
        """Keep these rows."""
        codes = None if self.codes is None else self.codes[rows]
        return self._replace(numbers=self.numbers[rows], codes=codes)

    def text(self, row: int) -> str:
        """Return a cell as text; of a number the shortest form."""
        code = 0 if self.codes is None else self.codes[row]
        return self.words[code - 1] if code else label(self.numbers[row])


def is_missing(cell: str) -> bool:
    """Whether a cell is blank or says that the value is missing."""
    return cell.lower() in MISSING


def number(cell: str) -> float | None:
    """Return the finite number that a cell holds, or None."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if "_" not in cell and cell.isascii() and abs(value) <= LARGEST else None


def label(value: float) -> str:
    """Return the shortest text for a number.

    Example:
        >>> label(1.0), label(0.5)
        ('1', '0.5')
    """
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def with_decimal_commas(cells: Cells) -> Cells:
    """Read ``378,1`` as a number, unless there are numbers with a point in the column: that is ambiguous."""
    if cells.codes is None or bool(np.any(cells.numbers % 1 > 0)):
        return cells
    values = [
        number(re.sub(r"\s", "", word).replace(",", ".")) if _DECIMAL_COMMA.fullmatch(word) else None
        for word in cells.words
    ]
    if not any(value is not None for value in values):
        return cells
    found = np.array([np.nan, *(np.nan if value is None else value for value in values)])
    kept = [place for place, value in enumerate(values) if value is None]
    codes = np.zeros(len(found), np.int32)
    codes[[place + 1 for place in kept]] = np.arange(1, len(kept) + 1)
    numbers = np.where(cells.codes == 0, cells.numbers, found[cells.codes])
    left = codes[cells.codes]
    return Cells(cells.name, numbers, left if left.any() else None, [cells.words[place] for place in kept])


class Builder:
    """A column as it grows, block by block."""

    def __init__(self, name: str):
        self.name = name
        self.numbers: list[np.ndarray] = []
        self.codes: list[np.ndarray | None] = []
        self.words: dict[str, int] = {}

    def add(self, cells: Sequence[str]) -> None:
        """Add a block of cells; one of numbers only is converted at once."""
        joined = "".join(cells)
        if joined.isascii() and "_" not in joined:
            try:
                values = np.fromiter(map(float, cells), np.float64, len(cells))
            except ValueError:
                pass
            else:
                if np.abs(values).max() <= LARGEST:  # False for NaN
                    self.numbers.append(values)
                    self.codes.append(None)
                    return
        values = np.full(len(cells), np.nan)
        codes = np.zeros(len(cells), np.int32)
        for row, cell in enumerate(cells):
            value = number(cell)
            if value is None:
                codes[row] = self.words.setdefault(cell.strip(), len(self.words) + 1)
            else:
                values[row] = value
        self.numbers.append(values)
        self.codes.append(codes)

    def cells(self) -> Cells:
        """Return the column; the builder is empty afterwards."""
        codes = None
        if self.words:
            parts = zip(self.numbers, self.codes, strict=True)
            codes = np.concatenate([np.zeros(len(v), np.int32) if c is None else c for v, c in parts])
        numbers = np.concatenate(self.numbers) if self.numbers else np.zeros(0)
        self.numbers, self.codes = [], []
        return Cells(self.name, numbers, codes, list(self.words))
