"""A table made ready for a network: :func:`prepare` and, for further tables, :func:`apply`."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jaxnet.data.cells import Cells, with_decimal_commas
from jaxnet.data.delimited import raw_rows, read_sheet
from jaxnet.data.readers import Table, column_at
from jaxnet.data.refusals import InvalidFile
from jaxnet.tables import columns as _columns
from jaxnet.tables.arrays import array_names, is_arrays, own_scale, read_arrays, scaled
from jaxnet.tables.columns import LEFT_OUT, Column
from jaxnet.tables.targets import Problems, check_task, no_target, read_targets


class Preparation(NamedTuple):
    """How a table becomes inputs of a network; part of a model.

    Attributes:
        columns: what is done to each column, in the order of the training table; empty for arrays.
        header: whether the first row of the training table held names.
        scale: what the numbers of an array are divided by: 255 if the training images were bytes.
    """

    columns: tuple[Column, ...] = ()
    header: bool = True
    scale: float = 1.0


class Prepared(NamedTuple):
    """What :func:`prepare` and :func:`apply` give back.

    Attributes:
        table: numbers only; ``x`` is float64, or float32 for arrays. Rows without a target are left out where
            the target is needed.
        preparation: what was done to the columns.
        rows: the rows of the file that are in the table, (N,).
        without_target: how many rows were left out since their target is blank.
        unused: columns that the model does not know.
        blanks: column -> how many blanks were filled although the training table had none there.
        unknown: column -> how many texts were not in the training table; they count as none of the known.
        unreadable: column -> how many cells could not be read and were taken for blank.
        header: whether the first row of the file holds names.
        delimiter: what separates the cells of the file.
    """

    table: Table
    preparation: Preparation
    rows: np.ndarray
    without_target: int = 0
    unused: tuple[str, ...] = ()
    blanks: Mapping[str, int] = {}
    unknown: Mapping[str, int] = {}
    unreadable: Mapping[str, int] = {}
    header: bool = False
    delimiter: str = ","


def prepare(
    path: str | os.PathLike[str],
    target: str | int | None = None,
    task: str | None = None,
    *,
    header: bool | None = None,
    drop: Collection[str] = (),
    keep: Collection[str] = (),
    category: Collection[str] = (),
    unreadable: str = "refuse",
) -> Prepared:
    """Read a table to train on, and make every column of it numbers.

    Texts become one input per text, dates their parts, blanks the median and an input that says so. Columns
    that can teach nothing are left out: ids, constants, blank ones, texts that differ in nearly every row.

    Args:
        path: a .csv (or any text with separators), a .npz or a folder of IDX files, see :func:`read`.
        target: the target column by name or index; the last one if None.
        task: ``"classification"`` or ``"regression"``; None to tell by the target, see :func:`read`.
        header: whether the first row holds names; None to tell by how it differs from the rows below it.
        drop: columns to be left out.
        keep: columns that may not be left out, though they look like ids.
        category: columns of numbers that are names of something, such as postal codes.
        unreadable: ``"refuse"``, or ``"blank"`` to take texts among numbers for blanks.

    Returns:
        The table as numbers, and what was done to each column.

    Raises:
        ValueError: the table cannot be used; one message names everything that cannot be read.
        OSError: it cannot be read.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "t.csv"
        >>> rows = ["town;price;sold", "Almaty;1,5;yes", "Astana;;no", "Almaty;2,5;yes", "Astana;3,5;no"]
        >>> _ = path.write_text("\\n".join(rows))
        >>> prepared = prepare(path)
        >>> prepared.table.features
        ('town=Almaty', 'town=Astana', 'price', 'price (blank)')
        >>> prepared.table.x[1].tolist()
        [0.0, 1.0, 2.5, 1.0]
    """
    path = Path(path)
    check_task("tables.prepare", task)
    if unreadable not in ("refuse", "blank"):
        raise ValueError(f"tables.prepare: expected unreadable as 'refuse' or 'blank', got {unreadable!r}")
    if is_arrays(path):
        x, cells = read_arrays("tables.prepare", path)
        assert cells is not None
        y, classes = read_targets("tables.prepare", path, cells, task, None)
        scale = own_scale(x)
        table = Table(scaled(x, scale), y, array_names(x), "y", classes)
        return Prepared(table, Preparation(scale=scale), np.arange(len(x)), header=True)
    sheet = read_sheet("tables.prepare", path, header)
    place = column_at("tables.prepare", sheet, -1 if target is None else target)
    assert place is not None
    for name in (*drop, *keep, *category):
        column_at("tables.prepare", sheet, name)
    found = [with_decimal_commas(c) if sheet.delimiter != "," else c for c in sheet.columns]
    goal, sheet = found.pop(place), sheet.emptied()
    if not found:
        raise InvalidFile("tables.prepare", "one column", path=path)
    rows = np.flatnonzero(~no_target(goal))
    if len(rows) < 2:
        raise InvalidFile("tables.prepare", "few rows", path=path, count=len(rows))
    if len(rows) < sheet.rows:
        goal, found = goal.take(rows), [cells.take(rows) for cells in found]
    learned = _learn(found, place, set(drop), set(keep), set(category))
    if all(column.kind == LEFT_OUT for column in learned):
        raise InvalidFile("tables.prepare", "no features", path=path)
    problems = Problems("tables.prepare", sheet, rows, unreadable)
    y, classes = read_targets("tables.prepare", path, goal, task, None, problems)
    x, result = _encode(learned, found, problems)
    table = Table(x, y, _input_names(learned), goal.name, classes)
    preparation = Preparation(tuple(learned), sheet.header)
    return Prepared(table, preparation, rows, sheet.rows - len(rows), **result)


def apply(
    model: Any,
    path: str | os.PathLike[str],
    *,
    with_target: bool = False,
    header: bool | None = None,
    unreadable: str = "refuse",
) -> Prepared:
    """Read a further table as the model's training table was read.

    Args:
        model: from :func:`train` or :func:`load`.
        path: the table; columns that the model does not know are passed over.
        with_target: whether the targets are needed, to measure the model. Otherwise they may be missing.
        header: whether the first row holds names; None to tell by the model's names and the rows.
        unreadable: ``"refuse"``, or ``"blank"`` to take texts among numbers for blanks.

    Returns:
        The table as numbers, its columns in the order of the model.

    Raises:
        ValueError: columns of the model are missing, or cells cannot be read; one message names all.
        OSError: it cannot be read.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "t.csv"
        >>> _ = path.write_text("a,b,y\\n1,2,0\\n3,4,1\\n5,6,0\\n7,8,1\\n")
        >>> from jaxnet import tables
        >>> model, _ = tables.train(prepare(path), (), epochs=1)
        >>> _ = path.write_text("b,note,a\\n2,new,1\\n")
        >>> applied = apply(model, path)
        >>> applied.table.x.tolist(), applied.unused
        ([[1.0, 2.0]], ('note',))
    """
    path, who = Path(path), "tables.apply"
    preparation = model.preparation or Preparation(tuple(Column(name) for name in model.features))
    if is_arrays(path):
        x, cells = read_arrays(who, path, held_out=True, with_target=with_target)
        if x.shape[1] != len(model.features):
            raise InvalidFile(who, "array width", path=path, expected=len(model.features), count=x.shape[1])
        # models of old files do not know their scale
        scale = own_scale(x) if model.preparation is None else preparation.scale
        y = None if cells is None else read_targets(who, path, cells, model.task, model.classes)[0]
        table = Table(scaled(x, scale), y, model.features, model.target, model.classes)
        return Prepared(table, preparation, np.arange(len(x)), header=True)
    learned = preparation.columns or tuple(Column(name) for name in model.features)
    wanted = [column.name for column in learned if column.kind != LEFT_OUT]
    expected = [*wanted, *([model.target] if with_target else [])]
    sheet = read_sheet(
        who, path, False if header is None and not preparation.header else header, known=wanted
    )
    cells = {c.name: with_decimal_commas(c) if sheet.delimiter != "," else c for c in sheet.columns}
    if missing := [name for name in expected if name not in cells]:
        raise InvalidFile(who, "model columns", path=path, names=", ".join(missing))
    known = {column.name for column in learned} | {model.target}
    unused = tuple(name for name in cells if name not in known)
    rows, goal = np.arange(sheet.rows), cells.get(model.target)
    if with_target and goal is not None:
        rows = np.flatnonzero(~no_target(goal))
        if not len(rows):
            raise InvalidFile(who, "no data", path=path)
        goal = goal.take(rows)
    found = [cells[column.name].take(rows) for column in learned if column.kind != LEFT_OUT]
    sheet, cells = sheet.emptied(), {}
    problems = Problems(who, sheet, rows, unreadable)
    y = (
        read_targets(who, path, goal, model.task, model.classes, problems)[0]
        if with_target and goal
        else None
    )
    x, result = _encode([column for column in learned if column.kind != LEFT_OUT], found, problems)
    table = Table(
        x if preparation.scale == 1 else x / preparation.scale, y, model.features, model.target, model.classes
    )
    return Prepared(table, preparation, rows, sheet.rows - len(rows), unused, **result)


def cells(path: str | os.PathLike[str], prepared: Prepared) -> tuple[list[str], Iterator[list[str]], str]:
    """Return the cells of a file as text, unchanged.

    Args:
        path: the file.
        prepared: what :func:`apply` made of it, all rows of it.

    Returns:
        The names of the columns, the rows, and what separates the cells.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "t.csv"
        >>> _ = path.write_text("id;a;y\\n007;1,50;0\\n008;2,50;1\\n009;3,50;0\\n")
        >>> names, rows, separator = cells(path, prepare(path))
        >>> names, next(rows), separator
        (['id', 'a', 'y'], ['007', '1,50', '0'], ';')
    """
    path = Path(path)
    if is_arrays(path):
        x, _ = read_arrays("tables.cells", path, held_out=True, with_target=False)
        return [*prepared.table.features], ([str(value) for value in row] for row in x.tolist()), ","
    rows = raw_rows(path, prepared.delimiter)
    if prepared.header:
        return [name.strip() for name in next(rows)], rows, prepared.delimiter
    names = [str(place) for place in range(len(next(raw_rows(path, prepared.delimiter))))]
    return names, rows, prepared.delimiter


def _input_names(learned: Sequence[Column]) -> tuple[str, ...]:
    return tuple(name for column in learned for name, _ in column.inputs())


def _learn(
    found: Sequence[Cells], target: int, drop: set[str], keep: set[str], category: set[str]
) -> list[Column]:
    def learn(keeping: set[str]) -> list[Column]:
        return [
            Column(cells.name, LEFT_OUT, "asked")
            if cells.name in drop
            else _columns.learn(
                cells,
                first=place == 0 and target != 0,
                category=cells.name in category,
                keep=cells.name in keeping,
            )
            for place, cells in enumerate(found)
        ]

    learned = learn(keep)
    if all(column.kind == LEFT_OUT for column in learned):  # then a count is what there is to learn from
        return learn(keep | {column.name for column in learned if column.reason == "id"})
    return learned


def _encode(
    learned: Sequence[Column], found: list[Cells], problems: Problems
) -> tuple[np.ndarray, dict[str, Any]]:
    """All columns side by side; refuses everything that cannot be read in one message."""
    # column by column, so that a column's memory is free before the next one is filled
    x = np.empty((len(found[0].numbers), len(_input_names(learned))), order="F")
    blanks, unknown, start = {}, {}, 0
    for place, column in enumerate(learned):
        cells, found[place] = found[place], found[0]._replace(numbers=np.zeros(0))  # give back the memory
        if column.kind == LEFT_OUT:
            continue
        encoded = _columns.encode(column, cells)
        x[:, start : start + encoded.values.shape[1]] = encoded.values
        start += encoded.values.shape[1]
        problems.add(cells, encoded.bad, "dates" if column.kind == _columns.DATE else "numbers")
        if column.fill is None and column.kind != _columns.CATEGORY:
            problems.add(cells, encoded.blank, "")
        for counted, chosen in ((blanks, encoded.blank), (unknown, encoded.unknown)):
            if chosen.any():
                counted[column.name] = int(chosen.sum())
    problems.refuse()
    counts = {"blanks": blanks, "unknown": unknown, "unreadable": problems.counts}
    return x, {**counts, "header": problems.sheet.header, "delimiter": problems.sheet.delimiter}
