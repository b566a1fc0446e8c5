"""Writes an export: one file per language."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from quiz.export import spreadsheet
from quiz.export.formats import EXPORTS, FORMATS
from quiz.export.items import collect
from quiz.files import write_atomic
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Refusal


def export(
    name: str,
    output: Path,
    langs: Sequence[str],
    *,
    questions: Sequence[int] = (),
    levels: Sequence[int] = (),
    exercises: Sequence[str] = (),
    count: int = 30,
    seed_of: Callable[..., int] | None = None,
    title: str = "",
    key: bool = False,
    bom: bool = False,
    comma: bool = False,
) -> Iterator[Path]:
    """Write an export and yield its files.

    Args:
        name: one of `EXPORTS`.
        output: the output folder.
        langs: a file for each of these languages.
        questions: only these; all if empty.
        levels: only these; all if empty.
        exercises: only these ids; all if empty.
        count: variants of each exercise.
        seed_of: derives seeds from a course's secret; without it, anybody with `quiz` can find the keys.
        title: the title; the subject if empty.
        key: whether to add the keys to formats for students.
        bom: whether a CSV table begins with a byte order mark, by which spreadsheets recognise UTF-8.
        comma: whether a CSV table has decimal commas, and semicolons between columns.

    Raises:
        Refusal: ``bom`` or ``comma`` for another format.
    """
    if (bom or comma) and name != "csv":
        raise Refusal(_("--bom and --decimal-comma are for csv only, not for %(name)s"), name=name)
    items = list(collect(questions, levels, exercises, count, seed_of))
    for lang in langs:
        told = key and name in ("html", "markdown", "pdf", "csv")  # another name than the students' file
        path = output / f"{name}-{lang}{'-key' if told else ''}{FORMATS[name].suffix}"
        own = title or translate(_("Foundations of neural networks"), lang)
        own = translate(_("KEY, for the teacher only: %(title)s"), lang) % {"title": own} if told else own
        if name == "csv":
            table = spreadsheet.document(items, lang, key=key, comma=comma)
            write_atomic(path, table.encode("utf-8-sig" if bom else "utf-8"), private=key)
        else:
            write_atomic(path, EXPORTS[name](items, lang, own, key), private=told)
        yield path
