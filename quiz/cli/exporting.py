"""The command `quiz export`, which calls `quiz.export`."""

from functools import partial
from pathlib import Path

import click

from quiz.cli.console import say
from quiz.cli.language import language
from quiz.cli.options import INCOMPLETE, RIGHT, bom_option, comma_option
from quiz.course.folder import open_course
from quiz.export import check, write
from quiz.export.formats import EXPORTS
from quiz.text import LANGUAGES
from quiz.text import mark as _
from quiz.variants.variant import find


@click.command()
@click.argument("name", metavar="FORMAT", type=click.Choice(list(EXPORTS)))
@click.option(
    "-q", "--question", "questions", multiple=True, type=click.IntRange(1, 7), help=_("Only this question.")
)
@click.option("-l", "--level", "levels", multiple=True, type=click.IntRange(1, 3), help=_("Only this level."))
@click.option("-e", "--exercise", "exercises", multiple=True, help=_("Only this exercise."))
@click.option(
    "-n", "--count", type=click.IntRange(1, 10_000), default=30, show_default=True,
    help=_("Variants of each exercise."),
)  # fmt: skip
@click.option(
    "--lang", "langs", multiple=True, metavar="kk|ru|en|all", help=_("May be repeated; a file for each.")
)
@click.option(
    "--course", "course_path", type=click.Path(path_type=Path),
    help=_("Derive the seeds from a course's secret: the names of variants then give no key away. `quiz` can "
           "still compute it from the numbers of a question."),
)  # fmt: skip
@click.option("--key", is_flag=True, help=_("Add the keys to html, markdown, pdf and csv."))
@bom_option
@comma_option
@click.option("--check", "checked", is_flag=True, help=_("Check the files as the importers would."))
@click.option(
    "--schemas", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help=_("A folder with the QTI schemas, for --check."),
)  # fmt: skip
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help=_("The output folder."),
)
def export(  # noqa: D103
    name: str,
    questions: tuple[int, ...],
    levels: tuple[int, ...],
    exercises: tuple[str, ...],
    count: int,
    langs: tuple[str, ...],
    course_path: Path | None,
    key: bool,
    bom: bool,
    decimal_comma: bool,
    checked: bool,
    schemas: Path | None,
    output: Path,
) -> None:
    wanted = LANGUAGES if "all" in langs else [language(lang) for lang in langs] or [language()]
    ids = [find(exercise).id for exercise in exercises]
    course = open_course(course_path) if course_path else None
    wrong, left_out = 0, []
    for path in write.export(
        name, output, list(dict.fromkeys(wanted)), questions=questions, levels=levels, exercises=ids,
        count=count, seed_of=partial(course.seed, "export") if course else None,
        title=course.title if course else "", key=key, bom=bom, comma=decimal_comma, left_out=left_out,
    ):  # fmt: skip
        click.echo(path)
        for fault in check.check(path, schemas) if checked else ():
            wrong += 1
            click.echo(f"{path.name}: {fault.message(wanted[0])}", err=True)
    if left_out:
        say(_("Left out, as only quiz can mark them: %(names)s"), wanted[0], names=", ".join(left_out))
    if checked and name in ("qti21", "qti3") and schemas is None:
        say(_("Not checked against the schemas; give their folder with --schemas."), wanted[0])
    raise click.exceptions.Exit(INCOMPLETE if wrong else RIGHT)
