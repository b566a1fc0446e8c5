"""The command ``quiz``: thin, since everything it does is in the rooms beside it."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from quiz.cli import teacher
from quiz.cli.language import language, localise
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Refusal

if TYPE_CHECKING:
    pass

#: Exit codes; a refusal carries its own.
RIGHT, INCOMPLETE, USAGE, TAMPERED, INTERRUPTED = 0, 1, 2, 3, 130

lang_option = click.option(
    "--lang",
    metavar="kk|ru|en",
    help=_("Language; otherwise QUIZ_LANG, then the system's locale, else English."),
)
json_option = click.option("--json", "as_json", is_flag=True, help=_("Print JSON, to be read by a program."))


class Group(click.Group):
    """Commands in the order of a student's day, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order they were added."""
        return list(self.commands)


@click.group(
    cls=Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=_(
        "Learn the foundations of neural networks by calculating: endless exercises, marked step by step."
    ),
)
@click.version_option(package_name="jaxnet-quiz", message="%(prog)s %(version)s")
@lang_option
@click.pass_context
def cli(ctx: click.Context, lang: str | None) -> None:  # noqa: D103
    if ctx.invoked_subcommand is None:
        if sys.stdin is None or not sys.stdin.isatty():
            click.echo(ctx.get_help(), err=True)
            ctx.exit(USAGE)
        _sit(lang)


@cli.command(name="list", help=_("Show the questions, their exercises and your progress."))
@lang_option
@json_option
def list_(lang: str | None, as_json: bool) -> None:  # noqa: D103

    lang = language(lang)
    if as_json:
        from quiz.cli import records

        _print_json(records.bank_of(lang))
        return
    from quiz.cli.listing import overview
    from quiz.practice.store import Store
    from quiz.render.terminal import Screen

    overview(Screen(lang), Store().attempts())


@cli.command(help=_("Answer questions; without options, what you most need to practise."))
@click.argument("exercise", required=False)
@click.option("-q", "--question", type=click.IntRange(1, 7), help=_("Only this question."))
@click.option(
    "-l", "--level", type=click.IntRange(1, 3), help=_("Only this level: 1 easy, 2 middle, 3 hard.")
)
@click.option("-n", "--count", type=click.IntRange(1, 1000), default=1, help=_("How many questions."))
@click.option(
    "--seed",
    type=click.IntRange(0),
    help=_("The seed of the first variant; the same seed, the same numbers."),
)
@lang_option
def take(  # noqa: D103
    exercise: str | None,
    question: int | None,
    level: int | None,
    count: int,
    seed: int | None,
    lang: str | None,
) -> None:
    from quiz.variants.variant import find, parse_name

    if exercise and "@" in exercise:
        found, seed = parse_name(exercise)
        exercise = found.id
    elif exercise:
        find(exercise)
    _sit(lang, question=question, level=level, count=count, seed=seed, exercise=exercise)


@cli.command(help=_("Print a variant of an exercise, without its key."))
@click.argument("exercise")
@click.option(
    "--seed", type=click.IntRange(0, 10**40 - 1), default=0, show_default=True, help=_("Which variant.")
)
@lang_option
@json_option
def generate(exercise: str, seed: int, lang: str | None, as_json: bool) -> None:  # noqa: D103
    from quiz.variants import variant as variants

    lang = language(lang)
    if "@" in exercise:
        found, seed = variants.parse_name(exercise)
        exercise = found.id
    variant = variants.generate(exercise, seed)
    if as_json:
        from quiz.cli import records

        _print_json(records.question(variant, lang))
        return
    from quiz.render.terminal import Screen

    Screen(lang).question(variant)


@cli.command(help=_("Mark answers to a variant, for example: quiz grade q2.update@7 -a w1=0.35 -a b=1/2"))
@click.argument("variant")
@click.option(
    "-a", "--answer", "answers", multiple=True, metavar="NAME=VALUE", help=_("An answer; once for each.")
)
@lang_option
@json_option
def grade(variant: str, answers: Sequence[str], lang: str | None, as_json: bool) -> None:  # noqa: D103
    from quiz.marking import grading
    from quiz.variants.variant import generate, parse_name

    lang = language(lang)
    exercise, seed = parse_name(variant)
    given: dict[str, str] = {}
    for answer in answers:
        name, equals, value = answer.partition("=")
        if not equals:
            raise Refusal(_('expected -a NAME=VALUE such as -a w1=0.35, got "%(given)s"'), given=answer)
        if name.strip() in given:
            raise Refusal(_('"%(name)s" is answered twice; give each answer once'), name=name.strip())
        given[name.strip()] = value
    marks = grading.grade(generate(exercise.id, seed), given, lang)
    if as_json:
        from quiz.cli import records

        _print_json(records.marks(marks, lang))
    else:
        from quiz.render.terminal import Screen

        screen = Screen(lang)
        for part in marks.parts.values():
            screen.mark(part)
        screen.score(marks)
    sys.exit(RIGHT if marks.score > 1 - 1e-9 else INCOMPLETE)


@cli.command(help=_("Print the worked solution of a variant, every step."))
@click.argument("variant")
@lang_option
@json_option
def solve(variant: str, lang: str | None, as_json: bool) -> None:  # noqa: D103
    from quiz.variants.solution import solution
    from quiz.variants.variant import generate, parse_name

    lang = language(lang)
    exercise, seed = parse_name(variant)
    worked = solution(generate(exercise.id, seed))
    if as_json:
        from quiz.cli import records

        _print_json(records.solution(worked, lang))
        return
    from quiz.render.terminal import Screen

    screen = Screen(lang)
    screen.question(worked.variant)
    screen.say()
    for number, text in enumerate((t for s in worked.steps if (t := s.text(lang))), 1):
        screen.say(f"  {number}. {text}")


@cli.command(help=_("Show what you know, which slips recur, and what to repeat."))
@lang_option
@json_option
def stats(lang: str | None, as_json: bool) -> None:  # noqa: D103
    from quiz.cli import listing
    from quiz.practice.store import Store

    lang = language(lang)
    attempts = Store().attempts()
    if as_json:
        from quiz.cli import records

        _print_json(records.progress(attempts))
        return
    from quiz.render.terminal import Screen

    listing.progress(Screen(lang), attempts)


@cli.command(help=_("Try every variant of an exercise, or of all: is each one sound?"))
@click.argument("exercise", default="all")
@click.option(
    "-n",
    "--count",
    type=click.IntRange(1, 1_000_000),
    default=1000,
    show_default=True,
    help=_("How many seeds."),
)
@lang_option
@json_option
def stress(exercise: str, count: int, lang: str | None, as_json: bool) -> None:  # noqa: D103
    from quiz import bank
    from quiz.audit import stress as stressing
    from quiz.variants.variant import find

    lang = language(lang)
    ids = list(bank.ids()) if exercise == "all" else [find(exercise).id]
    sys.exit(stressing.command(ids, count, lang, as_json))


@cli.command(help=_("Let simulated students answer: how often is their mistake found?"))
@click.argument("exercise", default="all")
@click.option(
    "-n",
    "--count",
    type=click.IntRange(1, 100_000),
    default=100,
    show_default=True,
    help=_("How many students."),
)
@lang_option
@json_option
def simulate(exercise: str, count: int, lang: str | None, as_json: bool) -> None:  # noqa: D103
    from quiz import bank
    from quiz.audit import simulation as simulating
    from quiz.variants.variant import find

    lang = language(lang)
    ids = list(bank.ids()) if exercise == "all" else [find(exercise).id]
    sys.exit(simulating.command(ids, count, lang, as_json))


@cli.command(name="export-data", help=_("Print all your attempts as JSON lines."))
def export_data() -> None:  # noqa: D103
    from dataclasses import asdict

    from quiz.practice.store import Store

    for attempt in Store().attempts():
        row = {"schema": 1, **asdict(attempt), "time": attempt.time.isoformat()}
        click.echo(json.dumps(row, ensure_ascii=_is_ascii()))


@cli.command(help=_("Forget all attempts and what is open."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@lang_option
def reset(yes: bool, lang: str | None) -> None:  # noqa: D103
    from quiz.practice.store import Store

    lang = language(lang)
    store = Store()
    if not yes:
        question = translate(_("Forget %(count)d attempts for good?"), lang) % {
            "count": len(store.attempts())
        }
        if not click.confirm(question, err=True):
            sys.exit(INCOMPLETE)
    click.echo(translate(_("Forgotten: %(count)d."), lang) % {"count": store.reset()}, err=True)


for command in teacher.COMMANDS:
    cli.add_command(command)


def _sit(lang: str | None, **wanted: Any) -> None:
    """Go on where the student stopped, or begin a new sitting."""
    from quiz.practice.session import Left, Session, new_sitting, reader, resume
    from quiz.practice.store import Store
    from quiz.render.terminal import Screen

    screen, store = Screen(language(lang)), Store()
    state = None if wanted else store.session()
    if state:
        sitting = resume(state)
        screen.tell(_("Going on where you stopped."))
    else:
        sitting = new_sitting(store, **wanted)
    read, interactive = reader(screen)
    code = INCOMPLETE
    try:
        code = RIGHT if Session(screen, store, read, interactive).run(sitting) else INCOMPLETE
    except (Left, EOFError):
        screen.tell(_("Kept. `quiz` goes on from here."))
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C has nothing left to stop
        screen.say()
        screen.tell(_("Kept. `quiz` goes on from here."))
        code = INTERRUPTED
    _leave(code)


def _leave(code: int) -> None:
    """End at once: a compilation that still runs in the background must not hold the student up."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=_is_ascii(), indent=2))


def _is_ascii() -> bool:
    return "utf" not in (sys.stdout.encoding or "").lower()


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command and turn every refusal into one sentence and an exit code."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")  # this process is the quiz: a GPU is left to others
    lang = localise(cli, argv)
    code = _guarded(lambda: cli.main(args=argv, prog_name="quiz", standalone_mode=False), lang)
    if any(thread.name == "quiz-warm" for thread in threading.enumerate()):
        _leave(code)  # the interpreter must not be taken down under a thread that loads JAX
    sys.exit(code)


def _guarded(command: Callable[[], Any], lang: str) -> int:
    try:
        result = command()
    except (click.exceptions.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return RIGHT
    except Refusal as refusal:
        _complain(refusal.message(lang))
        return refusal.code
    except OSError as error:
        _complain(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "))
        return TAMPERED
    return result if isinstance(result, int) else RIGHT


def _complain(sentence: str) -> None:
    from quiz.text.fill import strip

    sentence = f"quiz: {strip(sentence)}"
    try:
        sentence.encode(sys.stderr.encoding or "utf-8")
    except UnicodeEncodeError:
        from anyascii import anyascii

        sentence = anyascii(sentence)
    click.echo(sentence, err=True)
