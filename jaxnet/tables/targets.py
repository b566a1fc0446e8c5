"""The target of a table: classes or values; and everything of a table that cannot be read, said at once."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from jaxnet.data.cells import Cells, is_missing
from jaxnet.data.delimited import Sheet
from jaxnet.data.readers import class_names, class_numbers
from jaxnet.data.refusals import InvalidFile, Part

CLASSIFICATION, REGRESSION = TASKS = ("classification", "regression")

#: A whole-number target with at most this many different values is taken for classes.
MOST_CLASSES = 20


def check_task(who: str, task: str | None) -> None:
    """Refuse an unknown task."""
    if task is not None and task not in TASKS:
        raise ValueError(f"{who}: expected a task of {', '.join(TASKS)}, got {task!r}")


def look_like_classes(y: np.ndarray) -> bool:
    """Whether numbers are few different whole ones, each more than once."""
    values, counts = np.unique(y, return_counts=True)
    return bool(np.all(values % 1 == 0)) and len(values) <= MOST_CLASSES and bool(np.all(counts > 1))


def no_target(goal: Cells) -> np.ndarray:
    """Which rows have no target; ``none`` beside other texts is a class."""
    texts = np.isnan(goal.numbers).mean() > 0.5
    return goal.where([is_missing(word) and not (texts and word.lower() == "none") for word in goal.words])


def read_targets(
    who: str,
    path: Path,
    goal: Cells,
    task: str | None,
    classes: Sequence[str] | None,
    problems: "Problems | None" = None,
) -> tuple[np.ndarray, tuple[str, ...] | None]:
    """Class numbers and the names of the classes, or values and None."""
    numeric = ~np.isnan(goal.numbers)
    if task is None:
        few = not numeric.any() or look_like_classes(goal.numbers[numeric])
        task = CLASSIFICATION if few or numeric.mean() < 0.8 else REGRESSION
    if task == REGRESSION:
        if problems is None and not numeric.all():
            raise InvalidFile(who, "array kind", path=path, name="y", dtype="text")
        if problems is not None:
            problems.add(goal, ~numeric, "numbers", target=True)
        return goal.numbers, None
    known = tuple(classes) if classes is not None else class_names(goal)
    if classes is None:
        if len(known) > max(MOST_CLASSES, len(numeric) / 2) and not numeric.all():
            raise InvalidFile(
                who, "many classes", path=path, column=goal.name, count=len(known), rows=len(numeric)
            )
        if len(known) < 2:
            raise InvalidFile(who, "one class", path=path, column=goal.name, cell="".join(known))
    y = class_numbers(goal, known)
    if problems is not None:
        problems.add(goal, y < 0, "classes", target=True)
    elif (y < 0).any():
        bad = goal.text(int((y < 0).argmax()))
        raise InvalidFile(who, "array class", path=path, classes=", ".join(known), cell=bad)
    return y, known


class Problems:
    """What cannot be read in a table, collected to be said at once."""

    who: str
    sheet: Sheet
    rows: np.ndarray
    unreadable: str

    def __init__(self, who: str, sheet: Sheet, rows: np.ndarray, unreadable: str):
        self.who, self.sheet, self.rows, self.unreadable = who, sheet, rows, unreadable
        self.parts: list[Part] = []
        self.counts: dict[str, int] = {}
        if sheet.uneven:
            line, count = sheet.uneven[0]
            uneven = {"count": len(sheet.uneven), "line": line, "cells": count}
            self.parts.append(Part("bad rows", expected=len(sheet.columns), **uneven))

    def add(self, cells: Cells, bad: np.ndarray, expected: str, *, target: bool = False) -> None:
        """Note the cells of a column that cannot be read; no expected kind: blank ones."""
        count = int(bad.sum())
        if not count:
            return
        if self.unreadable == "blank" and expected and not target:
            self.counts[cells.name] = count
            return
        row = int(bad.argmax())
        values = {"column": cells.name, "count": count, "line": self.sheet.line(int(self.rows[row]))}
        if expected:
            values |= {"rows": len(bad), "cell": cells.text(row), "expected": Part(expected)}
        self.parts.append(Part("bad cells" if expected else "bad blanks", **values))

    def refuse(self) -> None:
        """Refuse the table if anything cannot be read."""
        if self.parts:
            raise InvalidFile(
                self.who, "unreadable", path=self.sheet.path, problems=self.parts, advice=Part("advice")
            )
