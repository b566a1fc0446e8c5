"""The command that shows lessons, which calls `quiz.lessons`."""

import re

import click

from quiz.cli.options import lang_option
from quiz.lessons import book
from quiz.render.terminal import Screen
from quiz.text import mark as _
from quiz.text import translate
from quiz.variants.variant import find, generate, parse_name


@click.command()
@click.argument("name", required=False)
@lang_option
def learn(name: str | None, lang: str) -> None:  # noqa: D103
    screen = Screen(lang)
    if name is None:
        for lesson in book.LESSONS.values():
            screen.say(f"  {lesson.name:<12}{translate(lesson.title, lang)}")
        screen.tell(_("`quiz learn 2` shows a lesson, `quiz learn q2.update` this exercise solved."))
        return
    from quiz.lessons import show  # loads JAX
    from quiz.lessons.build import build  # loads JAX

    short = re.fullmatch(r"[qQ]?([1-6])", name)
    if short or name.lower() in book.LESSONS or "." not in name:
        show.lesson(screen, build(book.lesson(short[1] if short else name.lower()), lang))
    elif "@" in name:
        exercise, seed = parse_name(name)
        show.worked(screen, generate(exercise.id, seed))
    else:
        show.worked(screen, generate(find(name).id, 1))
