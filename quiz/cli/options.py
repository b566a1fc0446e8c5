"""What the commands share: options, written once, and exit codes."""

from pathlib import Path

import click

from quiz.text import mark as _

#: Exit codes; a refusal carries its own.
RIGHT, INCOMPLETE, USAGE, TAMPERED, GONE, INTERRUPTED = 0, 1, 2, 3, 4, 130

lang_option = click.option(
    "--lang",
    metavar="kk|ru|en",
    help=_("Language; otherwise QUIZ_LANG, then the system's locale, else English."),
)
json_option = click.option("--json", "as_json", is_flag=True, help=_("Print JSON, to be read by a program."))
course_option = click.option(
    "--course", "course_path", type=click.Path(path_type=Path), required=True, help=_("The course's folder.")
)
sitting_option = click.option(
    "--sitting", default="1", show_default=True, help=_("Which sitting, such as midterm.")
)
out_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), help=_("Where the files go.")
)
bom_option = click.option(
    "--bom", is_flag=True, help=_("Begin the gradebook with a byte order mark, for spreadsheets.")
)
comma_option = click.option(
    "--decimal-comma", is_flag=True, help=_("Decimal commas in the gradebook, semicolons between columns.")
)
jobs_option = click.option(
    "-j", "--jobs", type=click.IntRange(1, 256), help=_("Processes; otherwise as many as processors.")
)
