"""Writes an export: one file per language."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from quiz.export.formats import EXPORTS, FORMATS
from quiz.export.items import collect, markable
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
    seed_of: Callable[..., int] | None = None,
    title: str = "",
    key: bool = False,
    left_out: list[str] | None = None,
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
        left_out: gets the ids of exercises that the learning systems of this format cannot mark.
    """
    items = list(collect(questions, levels, exercises, count, seed_of))
    if FORMATS[name].marked and left_out is not None:
        left_out += markable(items)[1]
    for lang in langs:
        path = output / f"{name}-{lang}{FORMATS[name].suffix}"
        own = title or translate(_("Foundations of neural networks"), lang)
        write_atomic(path, EXPORTS[name](items, lang, own, key))
        yield path
