"""A CSV table of the questions: a line per ask, with keys on request."""

import csv
import io
from collections.abc import Iterable

from quiz.export.items import Item
from quiz.files import safe_cell
from quiz.render import sheet
from quiz.text.fill import strip

COLUMNS = (
    "ident", "variant", "exercise", "question", "level", "lang", "text", "ask", "label", "kind", "tolerance",
    "options",
)  # fmt: skip


def document(items: Iterable[Item], lang: str, *, key: bool = False) -> str:
    """Return the table; with ``key`` it has one more column and is for the teacher only."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\r\n")
    writer.writerow([*COLUMNS, "key"] if key else COLUMNS)
    for item in items:
        shown = sheet.question(item.variant, lang, item.number, name=item.name, key=key)
        for ask in shown["asks"]:
            row = [
                item.ident, item.name, item.exercise.id, item.exercise.question, item.exercise.level, lang,
                safe_cell(strip(shown["text"])), ask["name"], safe_cell(strip(ask["label"])), ask["kind"],
                "" if ask["tolerance"] is None else ask["tolerance"],
                safe_cell(strip(" | ".join(ask["options"]))),
            ]  # fmt: skip
            writer.writerow([*row, shown["key"][ask["name"]]] if key else row)
    return content.getvalue()
