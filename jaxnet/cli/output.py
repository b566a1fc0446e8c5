"""What the command prints: figures, tables and JSON on standard output, talk on standard error."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from jaxnet.cli.messages import say

if TYPE_CHECKING:
    from jaxnet.tables import Column, Prepared

#: columns of numbers are listed one by one in tables with at most so many columns
_LISTED = 40


def talk(text: str) -> None:
    """Say something beside the data."""
    click.echo(text, err=True)


def print_json(figures: Mapping[str, Any]) -> None:
    """Print JSON with the number of its form; what is not finite becomes null, which JSON has."""
    click.echo(json.dumps({"schema": 1, **_finite(figures)}, ensure_ascii=False, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_figures(figures: Mapping[str, Any]) -> None:
    """Print one figure per line."""
    width = max(len(name) for name in figures)
    for name, value in figures.items():
        if isinstance(value, float):
            value = f"{value:.4g}"
        elif isinstance(value, (list, tuple)):
            value = ", ".join(map(str, value))
        click.echo(f"{name.ljust(width)}  {value}")


def table(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Return rows of cells in columns, the first ``left`` of them flush left.

    Example:
        >>> print(table([["class", "rows"], ["a", "10"]]))
        class  rows
        a        10
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join(line.rstrip() for line in lines)


def confusion(report: Mapping[str, Any], lang: str) -> str:
    """Return the confusion matrix and the figures of each class as text."""
    names = report["classes"]
    matrix = [
        ["", *names],
        *([name, *map(str, row)] for name, row in zip(names, report["confusion"], strict=True)),
    ]
    heads = [say(name, lang) for name in ("class", "precision", "recall")]
    rows = [
        [name, *(f"{found[key]:.4g}" for key in ("precision", "recall", "f1")), str(found["rows"])]
        for name, found in report["per_class"].items()
    ]
    per_class = table([[*heads, "f1", say("rows", lang)], *rows])
    return f"\n{say('confusion', lang)}\n{table(matrix)}\n\n{per_class}"


def columns(found: Sequence["Column"], lang: str) -> str:
    """Return what is done to each column as a table."""
    few = len(found) <= _LISTED
    listed = [column for column in found if few or column.kind != "number" or column.indicator]
    rows = [[say("column", lang), say("treatment", lang)], *([c.name, treatment(c, lang)] for c in listed)]
    rest = len(found) - len(listed)
    return table(rows, left=2) + (f"\n{say('numbers', lang, count=rest)}" if rest else "")


def treatment(column: "Column", lang: str) -> str:
    """Return what is done to a column, in one line."""
    if column.kind == "left out":
        return say(column.reason, lang)
    if column.kind == "category":
        texts = [text or say("blank text", lang) for text in column.categories]
        shown = ", ".join(texts[:6]) + (", …" if len(texts) > 6 else "")
        return say("category", lang, count=len(texts), texts=shown)
    if column.kind == "date":
        name = "date filled" if column.indicator else "date"
        return say(name, lang, order=say(column.order, lang), blanks=column.blanks)
    if column.indicator:
        return say("number filled", lang, blanks=column.blanks, fill=f"{column.fill:.6g}")
    return say("number", lang)


def remarks(prepared: "Prepared", lang: str) -> None:
    """Say what was passed over or filled in a table."""
    if prepared.without_target:
        talk(say("without target", lang, count=prepared.without_target))
    if prepared.unused:
        talk(say("unused", lang, names=", ".join(prepared.unused)))
    for name, counts in (
        ("blanks", prepared.blanks), ("unknown", prepared.unknown), ("unreadable cells", prepared.unreadable)
    ):  # fmt: skip
        for column, count in counts.items():
            talk(say(name, lang, column=column, count=count))
