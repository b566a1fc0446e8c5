"""The command `quiz export`: thin, since everything it does is in `quiz.export`."""

import sys
from pathlib import Path

import click

from quiz.cli.language import language
from quiz.text import LANGUAGES, translate
from quiz.text import mark as _

# known without importing what makes them
_FORMATS = ("moodle", "qti21", "qti3", "canvas", "notebook", "anki", "csv", "pdf", "html", "markdown")


@click.command(
    name="export",
    help=_("Write questions for a learning system; moodle, qti21, qti3, canvas and anki hold the keys."),
)
@click.argument("name", metavar="FORMAT", type=click.Choice(_FORMATS))
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
    help=_("Take the seeds from a course's secret, so that nobody can find the keys by `quiz`."),
)  # fmt: skip
@click.option("--key", is_flag=True, help=_("Add the keys to html, markdown, pdf and csv."))
@click.option("--check", "checked", is_flag=True, help=_("Check what was written as the importers would."))
@click.option(
    "--schemas", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help=_("A folder with the QTI schemas, for --check."),
)  # fmt: skip
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help=_("Where the files go."),
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
    checked: bool,
    schemas: Path | None,
    output: Path,
) -> None:
    from quiz.export import check, write
    from quiz.variants.variant import find

    wanted = LANGUAGES if "all" in langs else [language(lang) for lang in langs] or [language()]
    ids = [find(exercise).id for exercise in exercises]
    wrong = 0
    for path in write.export(
        name, output, list(dict.fromkeys(wanted)), questions=questions, levels=levels, exercises=ids,
        count=count, course=course_path, key=key,
    ):  # fmt: skip
        click.echo(path)
        for sentence in check.check(path, schemas) if checked else ():
            wrong += 1
            click.echo(f"{path.name}: {sentence}", err=True)
    if checked and name in ("qti21", "qti3") and schemas is None:
        message = _("Not checked against the schemas; name their folder by --schemas.")
        click.echo(translate(message, wanted[0]), err=True)
    sys.exit(1 if wrong else 0)
