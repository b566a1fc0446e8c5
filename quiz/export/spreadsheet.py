"""A table of the questions, CSV: a line for each ask; keys only where they are wanted."""

import csv
import io
from collections.abc import Iterable

from quiz.export.items import Item
from quiz.files import cell
from quiz.render import sheet

COLUMNS = (
    "ident",
    "variant",
    "exercise",
    "question",
    "level",
    "lang",
    "text",
    "ask",
    "label",
    "kind",
    "tolerance",
    "options",
)


def document(items: Iterable[Item], lang: str, *, key: bool = False) -> str:
    """The whole table; with ``key`` it has one more column and is for the teacher alone."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\r\n")
    writer.writerow([*COLUMNS, "key"] if key else COLUMNS)
    for item in items:
        shown = sheet.question(item.variant, lang, item.number, name=item.name, key=key)
        for ask in shown["asks"]:
            row = [
                item.ident, item.name, item.exercise.id, item.exercise.question, item.exercise.level, lang,
                cell(shown["text"].replace("`", "")), ask["name"], cell(ask["label"].replace("`", "")),
                ask["kind"],
                "" if ask["tolerance"] is None else ask["tolerance"],
                cell(" | ".join(option.replace("`", "") for option in ask["options"])),
            ]  # fmt: skip
            writer.writerow([*row, shown["key"][ask["name"]]] if key else row)
    return content.getvalue()
