"""How one column of a table becomes inputs of a network: found out on the training table, then applied."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from jaxnet.data.cells import Cells, is_missing, label
from jaxnet.data.readers import class_numbers

NUMBER, CATEGORY, DATE, LEFT_OUT = "number", "category", "date", "left out"

#: a category column has at most this many inputs, those of its most frequent texts
MOST_CATEGORIES = 50

#: a column is one of numbers (of dates) if at most this share of its cells is something else
_FEW = 0.2

_ID = re.compile(
    r"(.*[ _.-])?id|index|idx|row|no\.?|nr\.?|#|№|key|uuid|guid|unnamed: \d+|column \d+"
    r"|номер|код|ключ|ид|п/п|№ п/п|нөмір|реттік нөмір|р/с"
)
_TIME = r"(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + _TIME)


class Column(NamedTuple):
    """What is done to a column.

    Attributes:
        name: of the column.
        kind: ``"number"``, ``"category"`` (one input per text), ``"date"`` or ``"left out"``.
        reason: why it is left out: ``"asked"``, ``"id"``, ``"constant"``, ``"blank"`` or ``"texts"`` (nearly
            every row has another text).
        fill: what stands for a blank: the median (of dates in days since 1970); None where nothing can.
        indicator: whether there is an input that says that the cell is blank.
        categories: the texts that have an input; ``""`` stands for a blank cell.
        order: of a date: ``"ymd"``, ``"dmy"``, ``"mdy"``, or ``"dmy?"`` where it could be ``"mdy"`` too.
        hours: whether a date has a time.
        blanks: how many cells of the training table were blank.
    """

    name: str
    kind: str = NUMBER
    reason: str = ""
    fill: float | None = None
    indicator: bool = False
    categories: tuple[str, ...] = ()
    order: str = ""
    hours: bool = False
    blanks: int = 0

    def inputs(self) -> list[tuple[str, bool]]:
        """The name of each input that the column becomes, and whether it is to be standardised."""
        blank = [(f"{self.name} (blank)", False)] if self.indicator else []
        if self.kind == NUMBER:
            return [(self.name, True), *blank]
        if self.kind == CATEGORY:
            return [(f"{self.name}={text}", False) for text in self.categories]
        if self.kind == DATE:
            parts = ["", ".month", ".day", ".weekday", *([".hour"] if self.hours else [])]
            return [*((self.name + part, True) for part in parts), *blank]
        return []

    def to_data(self) -> dict[str, Any]:
        """Name, kind and what differs from the defaults, as data for JSON."""
        defaults = Column("")._asdict() | {"kind": None}
        return {key: value for key, value in self._asdict().items() if value != defaults[key]}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Column":
        """Read a column back.

        Raises:
            ValueError: data of another form.
        """
        full = {**cls("")._asdict(), **data}
        fits = len(full) == len(_KINDS) and all(isinstance(full[key], kind) for key, kind in _KINDS.items())
        if not fits or full["kind"] not in (NUMBER, CATEGORY, DATE, LEFT_OUT):
            raise ValueError("expected columns as they are written")
        return cls(**{**full, "categories": tuple(map(str, full["categories"]))})


_KINDS: Mapping[str, Any] = {
    "name": str, "kind": str, "reason": str, "fill": (float, int, type(None)), "indicator": bool,
    "categories": (list, tuple), "order": str, "hours": bool, "blanks": int,
}  # fmt: skip


class Encoded(NamedTuple):
    """The inputs that came of a column.

    Attributes:
        values: (N, inputs) float64.
        bad: whether a cell could not be read, (N,).
        blank: whether a cell is blank, (N,).
        unknown: whether a text was not in the training table, (N,).
    """

    values: np.ndarray
    bad: np.ndarray
    blank: np.ndarray
    unknown: np.ndarray


def learn(cells: Cells, *, first: bool = False, category: bool = False, keep: bool = False) -> Column:
    """Find out what to do with a column of the training table.

    Args:
        cells: the column.
        first: whether it is the first column; rows that are counted there are an id.
        category: whether it is to be a category, numbers too.
        keep: whether it may not be left out.
    """
    blank = cells.blank()
    blanks, present = int(blank.sum()), len(blank) - int(blank.sum())
    texts = present - int((~np.isnan(cells.numbers)).sum())
    column = Column(cells.name, blanks=blanks)
    if not present:
        return column._replace(kind=LEFT_OUT, reason="blank")
    if texts <= _FEW * present and not category:
        values = cells.numbers[~np.isnan(cells.numbers)]
        if not keep and not blanks and (values == values[0]).all():
            return column._replace(kind=LEFT_OUT, reason="constant")
        if not keep and not texts and not blanks and _is_id(cells.name, values, first):
            return column._replace(kind=LEFT_OUT, reason="id")
        return column._replace(fill=float(np.median(values)), indicator=blanks > 0)
    counts = _counts(cells)
    if not category and (dates := _learn_dates(column, cells, present)) is not None:
        return dates
    one_text_per_row = len(counts) > max(20, present / 2) or len(counts) == present > 2
    if one_text_per_row and not (keep or category):
        return column._replace(kind=LEFT_OUT, reason="texts")
    if len(counts) == 1 and not blanks and not keep:
        return column._replace(kind=LEFT_OUT, reason="constant")
    frequent = sorted(counts, key=lambda text: (-counts[text], text))[:MOST_CATEGORIES]
    return column._replace(kind=CATEGORY, categories=(*sorted(frequent), *([""] if blanks else [])))


def encode(column: Column, cells: Cells) -> Encoded:
    """Apply to a column what was found out on the training table."""
    blank, rows, inputs = cells.blank(), len(cells.numbers), column.inputs()
    none = np.zeros(rows, bool)
    values = np.zeros((rows, len(inputs)))
    if column.kind == CATEGORY:
        places = class_numbers(cells, column.categories)
        places[blank] = column.categories.index("") if "" in column.categories else -1
        known = places >= 0
        values[np.flatnonzero(known), places[known]] = 1
        return Encoded(values, none, blank & ~known, ~blank & ~known)
    numbers = _days(cells, column.order) if column.kind == DATE else cells.numbers
    missing = np.isnan(numbers)
    filled = np.where(missing, np.nan if column.fill is None else column.fill, numbers)
    if column.kind == DATE:
        different, inverse = np.unique(filled, return_inverse=True)
        count = len(inputs) - column.indicator
        values[:, :count] = _parts(different)[inverse, :count]
    else:
        values[:, 0] = filled
    if column.indicator:
        values[:, -1] = missing
    return Encoded(values, missing & ~blank, none if column.indicator else blank, none)


def _is_id(name: str, values: np.ndarray, first: bool) -> bool:
    # a few values first: most columns of fractions show it there
    if len(values) < 10 or not all((part == np.trunc(part)).all() for part in (values[:100], values)):
        return False
    if first and (np.diff(values) == 1).all():
        return True
    return bool(_ID.fullmatch(name.strip().casefold())) and len(np.unique(values)) == len(values)


def _counts(cells: Cells) -> dict[str, int]:
    """How often each different text occurs; numbers by their shortest text."""
    numbers, times = np.unique(cells.numbers[~np.isnan(cells.numbers)], return_counts=True)
    counts = {label(value): int(count) for value, count in zip(numbers, times, strict=True)}
    if cells.codes is not None:
        of_words = np.bincount(cells.codes, minlength=len(cells.words) + 1)[1:]
        for word, count in zip(cells.words, of_words, strict=True):
            if not is_missing(word) and count:
                counts[word] = counts.get(word, 0) + int(count)
    return counts


# --- dates ------------------------------------------------------------------------------------------------


def _learn_dates(column: Column, cells: Cells, present: int) -> Column | None:
    """The column as one of dates, if it is."""
    assert cells.codes is not None
    counts = np.bincount(cells.codes, minlength=len(cells.words) + 1)[1:]
    last = [match for word in cells.words if (match := _YEAR_LAST.fullmatch(word))]
    order = "ymd"
    if last:
        firsts, seconds = (max(int(match[place]) for match in last) for place in (1, 2))
        dots = all("/" not in match[0] for match in last)
        order = "dmy" if firsts > 12 or (dots and seconds <= 12) else "mdy" if seconds > 12 else "dmy?"
    days = [_day(word, order) for word in cells.words]
    readable = sum(int(count) for count, day in zip(counts, days, strict=True) if day is not None)
    if readable < (1 - _FEW) * present:
        return None
    numbers = _days(cells, order)
    hours = bool((numbers[~np.isnan(numbers)] % 1 > 0).any())
    fill = float(np.nanmedian(numbers))
    return column._replace(kind=DATE, order=order, hours=hours, fill=fill, indicator=column.blanks > 0)


def _day(word: str, order: str) -> float | None:
    """Days since 1970, with the time as a fraction."""
    match = _YEAR_FIRST.fullmatch(word)
    if match is not None:
        year, month, day = match[1], match[2], match[3]
    else:
        match = _YEAR_LAST.fullmatch(word)
        if match is None:
            return None
        year, month, day = match[3], match[2], match[1]
        if order == "mdy":
            month, day = day, month
    try:
        hour, minute, second = (int(part or 0) for part in match.groups()[3:6])
        found = datetime(int(year), int(month), int(day), hour, minute, second)
    except ValueError:
        return None
    return (found - datetime(1970, 1, 1)).total_seconds() / 86400


def _days(cells: Cells, order: str) -> np.ndarray:
    """Each cell in days since 1970; NaN where it is no date."""
    if cells.codes is None:
        return np.full(len(cells.numbers), np.nan)
    days = [_day(word, order) for word in cells.words]
    return np.array([np.nan, *(np.nan if day is None else day for day in days)])[cells.codes]


def _parts(days: np.ndarray) -> np.ndarray:
    """(N, 5): days, month, day of the month, weekday (Monday is 0), hour; NaN where there is no date."""
    whole = np.floor(days)
    known = np.nan_to_num(whole).astype("int64").astype("datetime64[D]")
    months = known.astype("datetime64[M]")
    parts = [
        days,
        months.astype(int) % 12 + 1,
        (known - months).astype(int) + 1,
        (known.astype(int) + 3) % 7,
        np.rint((days - whole) * 24 * 60) / 60,
    ]
    found = np.stack([np.asarray(part, np.float64) for part in parts], 1)
    found[np.isnan(days)] = np.nan
    return found
