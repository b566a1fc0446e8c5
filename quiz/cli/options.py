"""Options that several commands share, and exit codes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from quiz.cli.language import language
from quiz.text import mark as _
from quiz.text.errors import Refusal, one_line

#: Exit codes; a `Refusal` has its own. 5 is locked by another process.
RIGHT, INCOMPLETE, USAGE, TAMPERED, GONE, MACHINE, INTERRUPTED = 0, 1, 2, 3, 4, 6, 130

Command = TypeVar("Command", bound=Callable[..., Any])


class Option(Protocol):
    """What adds an option to a command, as a decorator."""

    def __call__(self, command: Command, /) -> Command:
        """Return the command with the option."""
        ...


lang_option: Option = click.option(
    "--lang",
    metavar="kk|ru|en",
    callback=lambda ctx, parameter, value: language(value),
    help=_("Language; by default QUIZ_LANG, then the system locale, then English."),
)
json_option: Option = click.option("--json", "as_json", is_flag=True, help=_("Print JSON, for programs."))
course_option: Option = click.option(
    "--course", "course_path", type=click.Path(path_type=Path), required=True, help=_("The course folder.")
)


def _sitting(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Refuse a name that cannot be written down."""
    if not value.strip() or not value.isprintable() or len(value) > 64:
        raise Refusal(
            _("expected the name of a sitting, up to 64 letters, digits and signs, got %(given)s"),
            given=one_line(value),
        )
    return value


sitting_option: Option = click.option(
    "--sitting", default="1", show_default=True, callback=_sitting, help=_("Which sitting, such as midterm.")
)
group_option: Option = click.option("--group", default="", help=_("Only the students of this group."))
debug_option: Option = click.option(
    "--debug", is_flag=True, help=_("Show where in the program an unexpected error arose.")
)
out_option: Option = click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), help=_("The output folder.")
)
bom_option: Option = click.option(
    "--bom", is_flag=True, help=_("Begin the table with a byte order mark, for spreadsheets.")
)
comma_option: Option = click.option(
    "--decimal-comma", is_flag=True, help=_("Decimal commas in the table, semicolons between columns.")
)
jobs_option: Option = click.option(
    "-j", "--jobs", type=click.IntRange(1, 256), help=_("Number of processes; by default one per processor.")
)
combined_option: Option = click.option(
    "--combined", is_flag=True, help=_("Also one PDF with all papers, for printing.")
)
send_option: Option = click.option(
    "--send", default="", metavar="TEXT", help=_("Where students send the file that the HTML paper saves.")
)
solutions_option: Option = click.option(
    "--solutions", is_flag=True, help=_("Show the worked solutions on the feedback pages.")
)
