"""What is said of a file that cannot be used: each sentence once, so that a command can translate it."""

from collections.abc import Mapping
from typing import Any

#: name -> the sentence; the command ``jaxnet`` has the same in Kazakh and Russian
SENTENCES: Mapping[str, str] = {
    "not utf-8": "%(path)s is not a CSV file in UTF-8 (%(detail)s)",
    "no data": "%(path)s holds no data",
    "same names": "expected different names for the columns of %(path)s, got %(name)r twice",
    "row length": "%(path)s, row %(line)s: expected %(expected)s cells, got %(count)s",
    "no column": "there is no column %(name)r in %(path)s, only %(names)s",
    "no index": "there is no column %(name)s in %(path)s, which has %(count)s columns",
    "one column": "expected features beside the target in %(path)s, got one column only",
    "no features": "expected features beside the target in %(path)s, but every other column is left out",
    "missing": "%(path)s, row %(line)s, column %(column)r: the value is missing; fill it in or drop the row",
    "no target": "%(path)s, row %(line)s, column %(column)r: the target is missing",
    "number": "%(path)s, row %(line)s, column %(column)r: expected a finite number, got %(cell)r",
    "class": "%(path)s, row %(line)s, column %(column)r: expected one of the classes %(classes)s, "
    "got %(cell)r",
    "array class": "expected the classes %(classes)s in %(path)s, got %(cell)r too",
    "array names": "expected arrays %(expected)s in %(path)s, got %(names)s",
    "array pair": "expected one target for each row in %(path)s, got x of shape %(x)s and y of shape %(y)s",
    "array kind": "expected %(name)s in %(path)s as an array of numbers, got %(dtype)s",
    "array value": "expected finite numbers in %(name)s of %(path)s, got %(cell)s in row %(row)s, "
    "counted from 0",
    "array width": "expected rows of %(expected)s numbers in %(path)s, as the model was trained on, "
    "got %(count)s",
    "few rows": "expected at least 2 rows with a target in %(path)s, got %(count)s",
    "one class": "expected at least 2 classes in column %(column)r of %(path)s, got only %(cell)r",
    "many classes": "column %(column)r of %(path)s has %(count)s different texts in %(rows)s rows: "
    "these are no classes; name another target",
    "target twice": "column %(column)r of %(path)s is the target and something else; name another column",
    "short series": "expected at least %(expected)s rows in %(path)s for windows of width %(width)s and "
    "horizon %(horizon)s, got %(count)s",
    "short training": "expected at least %(expected)s rows to train on, for windows of width %(width)s and "
    "horizon %(horizon)s, got %(count)s of %(rows)s; give more rows, or a smaller width",
    "no time": "column %(column)r of %(path)s holds neither dates nor numbers that could order the rows, "
    "such as 2024-01-31; its first cell is %(cell)r",
    "bad time": "%(path)s, row %(line)s, column %(column)r: expected a date or number that orders the rows, "
    "got %(cell)r",
    "same time": "column %(column)r of %(path)s has the time %(cell)r twice; keep one row for each time",
    "no model": "%(path)s holds no model of a table; 'jaxnet train' makes one",
    "damaged model": "%(path)s is damaged or holds no model of a table (%(detail)s)",
    "model columns": "%(path)s lacks columns that the model was trained on: %(names)s",
    "unreadable": "%(path)s cannot be used as it is:\n%(problems)s\n%(advice)s",
    "bad cells": "  column %(column)r: %(count)s of %(rows)s cells are no %(expected)s, the first in row "
    "%(line)s: %(cell)r",
    "bad rows": "  %(count)s rows do not have %(expected)s cells, the first is row %(line)s with %(cells)s",
    "bad blanks": "  column %(column)r: %(count)s cells are blank, the first in row %(line)s, and the model "
    "has no value to fill in",
    "numbers": "numbers",
    "dates": "dates",
    "classes": "classes of the model",
    "advice": "Correct them, leave a column out with --drop, or take such cells for blank with "
    "--unreadable blank",
}


def fill(sentences: Mapping[str, str], name: str, values: Mapping[str, Any]) -> str:
    """Return a sentence with its values; a :class:`Part` or a list of them among the values is filled first.

    Example:
        >>> fill(SENTENCES, "no data", {"path": "t.csv"})
        't.csv holds no data'
    """

    def text(value: Any) -> Any:
        if isinstance(value, Part):
            return fill(sentences, value.name, value.values)
        return "\n".join(map(text, value)) if isinstance(value, list) else value

    return sentences[name] % {key: text(value) for key, value in values.items()}


class Part:
    """A sentence inside another one."""

    name: str
    values: dict[str, Any]

    def __init__(self, name: str, /, **values: Any):
        self.name, self.values = name, values


class InvalidFile(ValueError):
    """A file that cannot be used; ``name`` and ``values`` say why, see :data:`SENTENCES`."""

    who: str
    name: str
    values: dict[str, Any]

    def __init__(self, who: str, name: str, /, **values: Any):
        self.who, self.name, self.values = who, name, values
        super().__init__(f"{who}: {fill(SENTENCES, name, values)}")

    def __reduce__(self) -> Any:
        """Pickle by the parts, as an exception that takes keywords must."""
        return _restored, (self.who, self.name, self.values)


def _restored(who: str, name: str, values: Mapping[str, Any]) -> InvalidFile:
    return InvalidFile(who, name, **values)
