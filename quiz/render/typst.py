"""Sheets as PDF, typeset by Typst; they are passed as data, so nothing in them is read as markup."""

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from quiz.extras import import_extra
from quiz.render import formula
from quiz.render.sheet import Sheet, labels

#: The letters that the fonts in the wheel have; for others, fonts of the system are tried.
_COVERED = re.compile("[\u0000-\u04ff\u1e00-\u2bff]*")


def pdf(sheet: Sheet) -> bytes:
    """Typeset a sheet.

    Raises:
        ModuleNotFoundError: the extra ``export`` is not installed.
    """
    return combined([sheet])


def combined(sheets: Sequence[Sheet]) -> bytes:
    """Typeset sheets in one file for printing: each has its own page numbers and begins on an odd page."""
    foreign = any(uncovered(sheet) for sheet in sheets)
    content = json.dumps([_data(sheet) for sheet in sheets], ensure_ascii=False)
    return _compiler(not foreign).compile(input=_template(), sys_inputs={"sheets": content}, timestamp=0)


def uncovered(sheet: Sheet) -> str:
    """Return the letters of a student's name and of the title that the PDF may lack.

    Example:
        >>> uncovered({"title": "Желілер", "student": {"name": "Әлия 李", "id": "s1"}})
        '李'
    """
    student = sheet.get("student") or {"name": "", "id": ""}
    text = f"{sheet['title']}{student['name']}{student['id']}"
    return "".join(dict.fromkeys(letter for letter in text if not _COVERED.fullmatch(letter)))


def _data(sheet: Sheet) -> dict[str, Any]:
    """Return the data for the template, with every text split into words and formulas."""
    lang = sheet["lang"]
    questions = []
    for q in sheet["questions"]:
        asks = [
            ask
            | {name: _parts(ask[name]) for name in ("label", "how")}
            | {"options": [_parts(option) for option in ask["options"]]}
            for ask in q["asks"]
        ]
        made = {name: q[name] for name in ("number", "name", "figure", "alt")} | {"asks": asks}
        made["width"] = _width(q["figure"]) if q["figure"] else 0
        made |= {name: _parts(q[name]) for name in ("title", "text", "precision")}
        if "key" in q:
            made |= {"key": q["key"], "steps": [_parts(line) for line in q["steps"]]}
        questions.append(made)
    return {
        "title": _parts(sheet["title"]),
        "plain": sheet["title"].replace("`", ""),
        "lang": lang,
        **{name: sheet.get(name) for name in ("student", "paper", "mac")},
        "words": {name: _parts(text) for name, text in labels(lang).items()},
        "questions": questions,
    }


def _width(figure: str) -> float:
    """Return the width of a picture in its own units, in which its letters have 12 to 15."""
    match = re.search(r'<svg[^>]* width="([0-9.]+)"', figure)
    return float(match[1]) if match else 460.0


def _parts(text: str) -> list[dict[str, Any]]:
    return [{"math": is_formula, "text": part} for is_formula, part in formula.parts(text)]


@cache
def _template() -> bytes:
    return files("quiz.render").joinpath("sheet.typ").read_bytes()


@cache
def _compiler(own_fonts: bool) -> Any:
    # the fonts in the wheel cover all three languages; system fonts differ from machine to machine
    return import_extra("typst").Compiler(ignore_system_fonts=own_fonts)
