"""Writes an export: one file for each language."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from quiz.export.formats import FORMATS
from quiz.export.items import collect
from quiz.files import write_atomic
from quiz.text import mark as _
from quiz.text import translate


def export(
    name: str,
    output: Path,
    langs: Sequence[str],
    *,
    questions: Sequence[int] = (),
    levels: Sequence[int] = (),
    exercises: Sequence[str] = (),
    count: int = 30,
    course: Path | None = None,
    key: bool = False,
) -> Iterator[Path]:
    """Write an export and yield its files.

    Args:
        name: one of `FORMATS`.
        output: the folder that they go to.
        langs: a file for each of these languages.
        questions: only these; all if empty.
        levels: only these; all if empty.
        exercises: only these ids; all if empty.
        count: variants of each exercise.
        course: whose secret the seeds come from; without it anybody who has `quiz` can find the keys.
        key: whether formats for students get the keys as well.
    """
    from quiz.course import folder

    seed_of, title = None, ""
    if course is not None:
        opened = folder.open_course(course)
        seed_of, title = partial(opened.seed, "export"), opened.title
    items = list(collect(questions, levels, exercises, count, seed_of))
    for lang in langs:
        made = FORMATS[name].make(
            items, lang, title or translate(_("Foundations of neural networks"), lang), key
        )
        path = output / f"{name}-{lang}{FORMATS[name].suffix}"
        write_atomic(path, made)
        yield path
