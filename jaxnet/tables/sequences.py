"""Tables with a column of text, and tables in the order of time, read for a network over sequences."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jaxnet import data
from jaxnet.data.cells import Cells, with_decimal_commas
from jaxnet.data.delimited import Sheet, raw_rows, read_sheet
from jaxnet.data.readers import check_numbers, column_at
from jaxnet.data.refusals import InvalidFile
from jaxnet.data.vocabulary import Vocabulary
from jaxnet.tables import columns as _columns
from jaxnet.tables.targets import Problems, check_task, no_target, read_targets


class Text(NamedTuple):
    """What is read of a table with texts.

    Attributes:
        column: its name.
        vocabulary: what the ids stand for; None before the training.
    """

    column: str
    vocabulary: Vocabulary | None = None


class Series(NamedTuple):
    """What is read of a table in the order of time.

    Attributes:
        time: the column that orders the rows.
        columns: the columns that the network sees, the target first.
        width: rows that it sees.
        horizon: values that it predicts.
        gaps: "refuse", or "previous" to fill a blank cell with the value before it.
    """

    time: str
    columns: tuple[str, ...]
    width: int
    horizon: int
    gaps: str = "refuse"


class SequenceTable(NamedTuple):
    """A table ready for training, or to be answered.

    Attributes:
        x: ids of the texts, a ``Padded``; or the rows in the order of time, (rows, columns).
        y: targets of the texts; None where there are none.
        source: what was read.
        target: name of the target.
        classes: names of the classes; None for values.
        rows: examples in it.
        left_out: columns that are not used.
        without_target: rows that were left out since their target is blank.
        sorted: whether the rows of the file were in another order.
    """

    x: Any
    y: np.ndarray | None
    source: Text | Series
    target: str
    classes: tuple[str, ...] | None
    rows: int
    left_out: tuple[str, ...] = ()
    without_target: int = 0
    sorted: bool = False


def _sheet(
    who: str, path: Path, header: bool | None, known: Sequence[str] = ()
) -> tuple[Sheet, dict[str, Cells]]:
    sheet = read_sheet(who, path, header, known=known)
    if sheet.uneven:
        line, count = sheet.uneven[0]
        raise InvalidFile(who, "row length", path=path, line=line, expected=len(sheet.columns), count=count)
    columns = [with_decimal_commas(c) if sheet.delimiter != "," else c for c in sheet.columns]
    return sheet, {cells.name: cells for cells in columns}


def prepare_text(
    path: str | os.PathLike[str],
    text: str,
    target: str | None = None,
    task: str | None = None,
    *,
    unit: str = "characters",
    header: bool | None = None,
) -> SequenceTable:
    """Read a table with a column of text to train on; the other columns are left out.

    Args:
        path: a file of rows.
        text: the column of text.
        target: the target column; the last one if None.
        task: ``"classification"`` or ``"regression"``; None to tell by the target.
        unit: "characters" or "words".
        header: whether the first row holds names; None to tell by the rows.

    Raises:
        ValueError: a column is not there, the text is the target, or the target cannot be read.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "t.csv"
        >>> _ = path.write_text("text,lang\\nabba,a\\nbcb,b\\nab,a\\nbc,b\\n")
        >>> table = prepare_text(path, "text", "lang")
        >>> table.x.lengths.tolist(), table.classes, table.y.tolist()
        ([6, 5, 4, 4], ('a', 'b'), [0, 1, 0, 1])
    """
    who, path = "tables.prepare", Path(path)
    check_task(who, task)
    sheet, cells = _sheet(who, path, header)
    place = column_at(who, sheet, -1 if target is None else target)
    column_at(who, sheet, text)
    goal = cells[sheet.names[place or 0]]
    if goal.name == text:
        raise InvalidFile(who, "target twice", path=path, column=text)
    rows = np.flatnonzero(~no_target(goal))
    if len(rows) < 2:
        raise InvalidFile(who, "few rows", path=path, count=len(rows))
    problems = Problems(who, sheet, rows, "refuse")
    y, classes = read_targets(who, path, goal.take(rows), task, None, problems)
    problems.refuse()
    ids, vocabulary = data.text(
        _texts(cells[text].take(rows)),
        unit=unit,
        begin=True,
        end=True,
        least=1 if unit == "characters" else 2,
    )
    left = tuple(name for name in sheet.names if name not in (text, goal.name))
    source = Text(text, vocabulary)
    return SequenceTable(ids, y, source, goal.name, classes, len(rows), left, sheet.rows - len(rows))


def _texts(cells: Cells) -> list[str]:
    return [cells.text(row) for row in range(len(cells.numbers))]


def prepare_series(
    path: str | os.PathLike[str],
    time: str,
    target: str | None = None,
    *,
    width: int = 12,
    horizon: int = 1,
    gaps: str = "refuse",
    drop: Collection[str] = (),
    header: bool | None = None,
) -> SequenceTable:
    """Read a table in the order of time to train on.

    Args:
        path: a file of rows; they are brought into the order of the column ``time``.
        time: the column of dates or numbers that orders the rows.
        target: the column to predict; the last one if None.
        width: rows that the network sees.
        horizon: values that it predicts, those of the next rows.
        gaps: "refuse" blank cells, or fill them with the "previous" value.
        drop: columns to be left out.
        header: whether the first row holds names; None to tell by the rows.

    Raises:
        ValueError: a column is not there, times are blank or occur twice, cells that are no numbers, or too
            few rows for a window.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "t.csv"
        >>> _ = path.write_text("year,spots\\n1902,3\\n1901,2\\n1900,1\\n")
        >>> table = prepare_series(path, "year", "spots", width=2)
        >>> table.x.tolist(), table.sorted
        ([[1.0], [2.0], [3.0]], True)
    """
    who, path = "tables.prepare", Path(path)
    sheet, cells = _sheet(who, path, header)
    place = column_at(who, sheet, -1 if target is None else target)
    for name in (time, *drop):
        column_at(who, sheet, name)
    goal = sheet.names[place or 0]
    if goal == time or goal in drop:
        raise InvalidFile(who, "target twice", path=path, column=goal)
    numbers = [
        name
        for name in sheet.names
        if name not in (goal, time, *drop) and _columns.learn(cells[name], keep=True).kind == _columns.NUMBER
    ]
    source = Series(time, (goal, *numbers), width, horizon, gaps)
    values, moved = _in_time(who, path, sheet, cells, source)
    if len(values) < width + horizon:
        raise InvalidFile(
            who, "short series", path=path, expected=width + horizon, width=width, horizon=horizon,
            count=len(values),
        )  # fmt: skip
    left = tuple(name for name in sheet.names if name not in (time, goal, *numbers))
    return SequenceTable(values, None, source, goal, None, len(values), left, sorted=moved)


def _in_time(
    who: str, path: Path, sheet: Sheet, cells: Mapping[str, Cells], source: Series
) -> tuple[np.ndarray, bool]:
    """The columns side by side, rows in the order of time, and whether they were moved for it."""
    clock = cells[source.time]
    column = _columns.learn(clock, keep=True)
    if column.kind not in (_columns.NUMBER, _columns.DATE):
        raise InvalidFile(who, "no time", path=path, column=clock.name, cell=clock.text(0))
    if column.kind == _columns.NUMBER:
        check_numbers(who, sheet, [clock])
    encoded = _columns.encode(column._replace(fill=None), clock)
    if (wrong := encoded.bad | encoded.blank | np.isnan(encoded.values[:, 0])).any():
        row = int(wrong.argmax())
        line = sheet.line(row)
        raise InvalidFile(who, "bad time", path=path, line=line, column=clock.name, cell=clock.text(row))
    times = encoded.values[:, 0]
    order = np.argsort(times, kind="stable")
    if (same := np.diff(times[order]) == 0).any():
        cell = clock.text(int(order[int(same.argmax()) + 1]))
        raise InvalidFile(who, "same time", path=path, column=clock.name, cell=cell)
    chosen = [cells[name] for name in source.columns]
    for one in chosen:
        fillable = one.blank() & (source.gaps == "previous")
        fillable[order[0]] = False  # nothing comes before it
        wrong = np.isnan(one.numbers) & ~fillable
        check_numbers(who, sheet, [one._replace(numbers=np.where(wrong, np.nan, 0.0))] if wrong.any() else [])
    values = np.stack([one.numbers[order] for one in chosen], axis=1)
    missing = np.isnan(values)
    last = np.maximum.accumulate(np.where(missing, 0, np.arange(len(values))[:, None]), axis=0)
    return np.take_along_axis(values, last, axis=0), bool((order != np.arange(len(order))).any())


def apply(
    source: Text | Series,
    target: str,
    classes: tuple[str, ...] | None,
    path: str | os.PathLike[str],
    *,
    with_target: bool = False,
    header: bool | None = None,
) -> SequenceTable:
    """Read a further table as the training table was read.

    Args:
        source: what is read of a table.
        target: name of the target.
        classes: names of the classes; None for values.
        path: the table.
        with_target: whether the targets are needed, to measure the model.
        header: whether the first row holds names; None to tell by the model's names and the rows.

    Raises:
        ValueError: columns of the model are missing, cells cannot be read, or rows are missing for a window.
    """
    who, path = "tables.apply", Path(path)
    series = isinstance(source, Series)
    needed = [source.time, *source.columns] if isinstance(source, Series) else [source.column]
    sheet, cells = _sheet(who, path, header, needed)
    expected = [*needed, *([target] if with_target and not series else [])]
    if missing := [name for name in expected if name not in cells]:
        raise InvalidFile(who, "model columns", path=path, names=", ".join(missing))
    left = tuple(name for name in sheet.names if name not in (*needed, target))
    if isinstance(source, Series):
        values, moved = _in_time(who, path, sheet, cells, source)
        rows = source.width + (source.horizon if with_target else 0)
        if len(values) < rows:
            raise InvalidFile(
                who, "short series", path=path, expected=rows, width=source.width,
                horizon=source.horizon, count=len(values),
            )  # fmt: skip
        return SequenceTable(values, None, source, target, None, len(values), left, sorted=moved)
    rows, y = np.arange(sheet.rows), None
    if with_target:
        goal = cells[target]
        rows = np.flatnonzero(~no_target(goal))
        if not len(rows):
            raise InvalidFile(who, "no data", path=path)
        problems = Problems(who, sheet, rows, "refuse")
        task = "regression" if classes is None else "classification"
        y, _ = read_targets(who, path, goal.take(rows), task, classes, problems)
        problems.refuse()
    ids, _ = data.text(_texts(cells[source.column].take(rows)), source.vocabulary)
    skipped = sheet.rows - len(rows)
    return SequenceTable(ids, y, source, target, classes, len(rows), left, skipped)


def cells(path: Path, source: Text, header: bool | None) -> tuple[list[str], bool, Iterator[list[str]], str]:
    """The cells of a file with texts, unchanged.

    Returns:
        The names of the columns, whether they stand in the first row, the rows, and what separates cells.
    """
    sheet = read_sheet("tables.apply", path, header, known=[source.column])
    rows = raw_rows(path, sheet.delimiter)
    if sheet.header:
        next(rows)
    return sheet.names, sheet.header, rows, sheet.delimiter
