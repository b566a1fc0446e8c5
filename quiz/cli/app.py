"""The command ``quiz``: its subcommands, each loaded when it is called, and its exit codes."""

import copy
import os
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import click

from quiz.cli.console import complain, leave, open_streams
from quiz.cli.language import localise
from quiz.cli.lazy_group import LazyGroup
from quiz.cli.options import INCOMPLETE, INTERRUPTED, RIGHT, USAGE, lang_option
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Refusal, one_line, os_code, os_reason

#: The commands for students, those that check the bank, and the commands for teachers.
COMMANDS = {
    "list": ("quiz.cli.student:list_", _("Show the questions, their exercises and your progress.")),
    "take": (
        "quiz.cli.student:take",
        _("Answer questions; without options, what you most need to practise."),
    ),
    "learn": (
        "quiz.cli.learning:learn",
        _("Show the lesson on a question or a topic, or an exercise solved; without a name, all lessons."),
    ),
    "generate": ("quiz.cli.student:generate", _("Print a variant of an exercise, without its key.")),
    "grade": (
        "quiz.cli.student:grade",
        _("Mark answers to a variant, for example: quiz grade q2.update@7 -a w1=0.35 -a b=1/2"),
    ),
    "solve": ("quiz.cli.student:solve", _("Print the worked solution of a variant, every step.")),
    "stats": ("quiz.cli.student:stats", _("Show what you know, which slips recur, and what to review.")),
    "web": ("quiz.cli.web:web", _("Practise in the browser, with the same attempts as here.")),
    "stress": (
        "quiz.cli.quality:stress",
        _("Try every variant of an exercise, or of all: is each one sound?"),
    ),
    "simulate": (
        "quiz.cli.quality:simulate",
        _("Let simulated students answer: how often is their mistake found?"),
    ),
    "export-data": ("quiz.cli.student:export_data", _("Print all your attempts as JSON lines.")),
    "reset": ("quiz.cli.student:reset", _("Delete all attempts and the unfinished session.")),
    "course": (
        "quiz.cli.course:course",
        _("Make a course folder with the secret key that papers come from, or show one."),
    ),
    "paper": (
        "quiz.cli.teacher:paper",
        _(
            "Make a separate paper for each student of a roster; the same papers when repeated. At home, a "
            "student can let `quiz` itself compute the answers from the printed numbers."
        ),
    ),
    "preview": (
        "quiz.cli.papers:preview",
        _("Write a sample paper from a blueprint, with numbers of no student, to look at."),
    ),
    "key": (
        "quiz.cli.teacher:key",
        _("Write the keys and worked solutions of all papers. For the teacher only."),
    ),
    "serve": ("quiz.cli.web:serve", _("Serve the quiz and a course's papers to a class, in the browser.")),
    "export": (
        "quiz.cli.exporting:export",
        _("Write questions for a learning system; moodle, qti21, qti3, canvas and anki hold the keys."),
    ),
    "mark": (
        "quiz.cli.marking:mark",
        _("Mark a file, a folder or an archive of submissions; resumes where it was stopped."),
    ),
    "remark": (
        "quiz.cli.marking:remark",
        _("Mark a sitting again after a correction; shows whose marks change and keeps an audit trail."),
    ),
    "analyse": (
        "quiz.cli.teacher:analyse",
        _("Show how hard each exercise was, how well it discriminates, and which slips were made."),
    ),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=_(
        "Learn the foundations of neural networks by calculating: endless exercises, marked step by step."
    ),
)
@click.version_option(package_name="jaxnet-quiz", message="%(prog)s %(version)s")
@lang_option
@click.pass_context
def cli(ctx: click.Context, lang: str) -> None:  # noqa: D103
    if ctx.invoked_subcommand is None:
        if not sys.stdin.isatty():
            click.echo(ctx.get_help(), err=True)
            ctx.exit(USAGE)
        from quiz.cli.student import sit  # not needed for --help

        sit(lang)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command; turn every error into one sentence and an exit code."""
    open_streams()
    os.environ["JAX_PLATFORMS"] = "cpu"  # everywhere the same results; a GPU is left to other programs
    command = copy.deepcopy(cli)  # to be translated
    lang = localise(command, argv)
    debug = "--debug" in (sys.argv if argv is None else argv) or bool(os.environ.get("QUIZ_DEBUG"))
    run = partial(command.main, args=argv, prog_name="quiz", standalone_mode=False)
    code = _exit_code(run, lang, debug=debug)
    if any(thread.name == "quiz-warm" for thread in threading.enumerate()):
        leave(code)  # the interpreter must not shut down while a thread loads JAX
    sys.exit(code)


_UNEXPECTED = _("an unexpected error occurred: %(error)s; --debug or QUIZ_DEBUG=1 shows where")


def _drop_output() -> None:
    """Let what is left of the output disappear, if it cannot be written, and not be an error at the end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _exit_code(command: Callable[[], Any], lang: str, *, debug: bool = False) -> int:
    try:
        result = command()
        sys.stdout.flush()  # what cannot be written must be known here
    except (click.exceptions.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (BrokenPipeError, SystemExit):
        # a reader such as `head` closed the pipe, of which click and rich make SystemExit(1)
        _drop_output()
        return RIGHT
    except Refusal as refusal:
        complain(refusal.message(lang))
        return refusal.code
    except OSError as error:
        _drop_output()
        name = f"{error.filename}: " if error.filename else ""
        complain(one_line(name) + translate(os_reason(error), lang))
        return os_code(error)
    except Exception as error:  # a fault of ours
        if debug:
            traceback.print_exc()
        complain(translate(_UNEXPECTED, lang) % {"error": type(error).__name__})
        return INCOMPLETE
    return result if isinstance(result, int) else RIGHT
