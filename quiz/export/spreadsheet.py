"""A CSV table of the questions: a line per ask, with keys on request."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from quiz.exercise import Ask
from quiz.export.items import Item, decimal
from quiz.files import safe_cell
from quiz.marking.grading import key as right_answers
from quiz.render import sheet
from quiz.text.fill import strip

COLUMNS = (
    "ident", "variant", "exercise", "question", "level", "lang", "text", "ask", "label", "kind", "tolerance",
    "options",
)  # fmt: skip


def document(items: Iterable[Item], lang: str, *, key: bool = False, comma: bool = False) -> str:
    """Return the table.

    Args:
        items: the variants.
        lang: ``kk``, ``ru`` or ``en``.
        key: whether it has one more column with the correct answers, and so is for the teacher only.
        comma: whether to use decimal commas and semicolons between columns, as spreadsheets in Kazakh and
            Russian do.
    """
    content = io.StringIO()
    writer = csv.writer(content, delimiter=";" if comma else ",", lineterminator="\r\n")
    writer.writerow([*COLUMNS, "key"] if key else COLUMNS)
    for item in items:
        shown = sheet.question(item.variant, lang, item.number, name=item.name)
        right = right_answers(item.variant) if key else {}
        for ask, about in zip(shown["asks"], item.exercise.asks, strict=True):
            row = [
                item.ident, item.name, item.exercise.id, item.exercise.question, item.exercise.level, lang,
                safe_cell(strip(shown["text"])), ask["name"], safe_cell(strip(ask["label"])), ask["kind"],
                "" if ask["tolerance"] is None else _number(ask["tolerance"], comma),
                safe_cell(strip(" | ".join(ask["options"]))),
            ]  # fmt: skip
            writer.writerow([*row, _key(about, right[ask["name"]], lang, comma)] if key else row)
    return content.getvalue()


def _key(ask: Ask, value: Any, lang: str, comma: bool) -> str:
    """Write a correct answer: a number as a spreadsheet reads it, anything else as text."""
    if isinstance(value, float):
        return _number(round(value, 6), comma)
    return safe_cell(sheet.answer(ask, value, lang))


def _number(value: float, comma: bool) -> str:
    text = decimal(value)
    return text.replace(".", ",") if comma else text
