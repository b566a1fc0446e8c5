"""Answers as fields of a form: their names, and the answer that their values make."""

from collections.abc import Mapping
from typing import Any


def names(ask: Mapping[str, Any], place: int) -> list[str]:
    """Return the names of the fields of an ask.

    Args:
        ask: from `quiz.render.sheet.question`.
        place: the place of the question on the sheet.

    Example:
        >>> names({"name": "w", "kind": "vector", "shape": [2], "options": []}, 1)
        ['1:w:0', '1:w:1']
    """
    whole = f"{place}:{ask['name']}"
    if ask["kind"] == "vector":
        return [f"{whole}:{column}" for column in range(ask["shape"][0])]
    if ask["kind"] == "matrix":
        rows, columns = ask["shape"]
        return [f"{whole}:{row}:{column}" for row in range(rows) for column in range(columns)]
    if ask["kind"] == "several":
        return [f"{whole}:{option}" for option in range(len(ask["options"]) + 1)]
    if ask["kind"] in ("order", "blocks"):
        return [f"{whole}:{option}" for option in range(1, len(ask["options"]) + 1)]
    return [whole]


def compose(ask: Mapping[str, Any], place: int, values: Mapping[str, str]) -> str:
    """Return the answer that the values of the fields make, as somebody would type it in a terminal.

    Example:
        >>> ask = {"name": "w", "kind": "vector", "shape": [2], "options": []}
        >>> compose(ask, 1, {"1:w:0": "0,5", "1:w:1": " -1"})
        '0,5; -1'
        >>> compose({"name": "o", "kind": "order", "options": ["a", "b"]}, 1, {"1:o:1": "2", "1:o:2": "1"})
        '2 1'
    """
    cells = [values.get(name, "").strip() for name in names(ask, place)]
    if not any(cells):
        return ""
    if ask["kind"] == "vector":
        return "; ".join(cells)
    if ask["kind"] == "matrix":
        width = ask["shape"][1]
        rows = [cells[start : start + width] for start in range(0, len(cells), width)]
        return " ".join("[" + "; ".join(row) + "]" for row in rows)
    if ask["kind"] == "several":
        return " ".join(str(option) for option, cell in enumerate(cells) if cell)
    if ask["kind"] in ("order", "blocks"):
        return _ordered(cells)
    return cells[0]


def _ordered(places: list[str]) -> str:
    """Return the options by their places; two at the same place are written as one option twice: refused."""
    chosen: dict[str, str] = {}
    order = sorted((cell.zfill(4), str(option)) for option, cell in enumerate(places, 1) if cell)
    return " ".join(chosen.setdefault(place, option) for place, option in order)


def taken(asks: list[Mapping[str, Any]], place: int, form: Mapping[str, str]) -> dict[str, str]:
    """Return the values of all fields of a question that a form contains, blank ones included."""
    return {name: form.get(name, "") for ask in asks for name in names(ask, place)}
