"""Sheets as PDF, typeset by Typst; the sheet is passed as data, so nothing in it is read as markup."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from quiz.extras import import_extra
from quiz.render import formula
from quiz.render.sheet import Sheet, labels


def pdf(sheet: Sheet) -> bytes:
    """Typeset a sheet.

    Raises:
        ModuleNotFoundError: the extra ``export`` is not installed.
    """
    return _compiler().compile(input=_template(), sys_inputs={"sheet": data(sheet)}, timestamp=0)


def data(sheet: Sheet) -> str:
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
        made |= {name: _parts(q[name]) for name in ("title", "text", "precision")}
        if "key" in q:
            made |= {"key": q["key"], "steps": [_parts(line) for line in q["steps"]]}
        questions.append(made)
    whole = {
        "title": _parts(sheet["title"]),
        "plain": sheet["title"].replace("`", ""),
        "lang": lang,
        **{name: sheet.get(name) for name in ("student", "paper", "mac")},
        "words": {name: _parts(text) for name, text in labels(lang).items()},
        "questions": questions,
    }
    return json.dumps(whole, ensure_ascii=False)


def _parts(text: str) -> list[dict[str, Any]]:
    return [{"math": is_formula, "text": part} for is_formula, part in formula.parts(text)]


@cache
def _template() -> bytes:
    return files("quiz.render").joinpath("sheet.typ").read_bytes()


@cache
def _compiler() -> Any:
    # the fonts in the wheel cover all three languages; system fonts may not
    return import_extra("typst").Compiler(ignore_system_fonts=True)
