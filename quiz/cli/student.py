"""The commands for students, which call `quiz.practice` and `quiz.marking`."""

import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from quiz.cli import listing, records
from quiz.cli.console import is_ascii, print_json
from quiz.cli.options import INCOMPLETE, INTERRUPTED, RIGHT, json_option, lang_option
from quiz.practice import keys
from quiz.practice.reader import Reader
from quiz.practice.session import Left, Session
from quiz.practice.sitting import Sitting, new_sitting, resume
from quiz.practice.store import Open, Store
from quiz.render.terminal import Screen
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Refusal
from quiz.variants import variant as variants
from quiz.variants.variant import find, parse_name


@click.command()
@click.option("-q", "--question", type=click.IntRange(1, 7), help=_("Only this question."))
@click.option(
    "-l", "--level", type=click.IntRange(1, 3), help=_("Only this level: 1 easy, 2 medium, 3 hard.")
)
@click.option("--due", is_flag=True, help=_("Only exercises that are due for review."))
@click.option("--new", is_flag=True, help=_("Only exercises that were never tried."))
@click.option("--all", "every", is_flag=True, help=_("All exercises with their titles."))
@lang_option
@json_option
def list_(  # noqa: D103
    question: int | None, level: int | None, due: bool, new: bool, every: bool, lang: str, as_json: bool
) -> None:
    if as_json:
        print_json(records.bank_of(lang))
        return
    attempts = Store().attempts()
    if question or level or due or new or every:
        listing.overview(Screen(lang), attempts, question, level, due=due, new=new)
    else:
        listing.folded(Screen(lang), attempts)


@click.command()
@click.argument("exercise", required=False)
@click.option("-q", "--question", type=click.IntRange(1, 7), help=_("Only this question."))
@click.option(
    "-l", "--level", type=click.IntRange(1, 3), help=_("Only this level: 1 easy, 2 medium, 3 hard.")
)
@click.option(
    "-n",
    "--count",
    type=click.IntRange(1, 1000),
    help=_("Number of questions; by default one after another until `q`, or one without a terminal."),
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    help=_("The seed of the first variant; the same seed gives the same numbers."),
)
@lang_option
def take(  # noqa: D103
    exercise: str | None,
    question: int | None,
    level: int | None,
    count: int | None,
    seed: int | None,
    lang: str,
) -> None:
    if exercise and "@" in exercise:
        found, seed = parse_name(exercise)
        exercise = found.id
    elif exercise:
        find(exercise)
    sit(lang, question=question, level=level, count=count, seed=seed, exercise=exercise)


@click.command()
@click.argument("exercise")
@click.option(
    "--seed",
    type=click.IntRange(0, 10**40 - 1),
    default=0,
    show_default=True,
    help=_("The seed of the variant."),
)
@lang_option
@json_option
def generate(exercise: str, seed: int, lang: str, as_json: bool) -> None:  # noqa: D103
    if "@" in exercise:
        found, seed = parse_name(exercise)
        exercise = found.id
    variant = variants.generate(exercise, seed)
    if as_json:
        print_json(records.question(variant, lang))
    else:
        Screen(lang).question(variant)


@click.command()
@click.argument("variant")
@click.option(
    "-a", "--answer", "answers", multiple=True, metavar="NAME=VALUE", help=_("An answer; may be repeated.")
)
@lang_option
@json_option
def grade(variant: str, answers: Sequence[str], lang: str, as_json: bool) -> None:  # noqa: D103
    from quiz.marking import grading  # loads NumPy, which most commands do not need

    exercise, seed = parse_name(variant)
    given: dict[str, str] = {}
    for answer in answers:
        name, equals, value = answer.partition("=")
        if not equals:
            raise Refusal(_('expected -a NAME=VALUE such as -a w1=0.35, got "%(given)s"'), given=answer)
        if name.strip() in given:
            raise Refusal(_('"%(name)s" is answered twice; give each answer once'), name=name.strip())
        given[name.strip()] = value
    marks = grading.grade(variants.generate(exercise.id, seed), given, lang)
    if as_json:
        print_json(records.marks(marks, lang))
    else:
        screen = Screen(lang)
        for part in marks.parts.values():
            screen.mark(part)
        screen.score(marks)
    raise click.exceptions.Exit(RIGHT if marks.score > 1 - 1e-9 else INCOMPLETE)


@click.command()
@click.argument("variant")
@lang_option
@json_option
def solve(variant: str, lang: str, as_json: bool) -> None:  # noqa: D103
    from quiz.marking.grading import key  # loads NumPy, as above
    from quiz.variants.solution import solution  # loads NumPy, as above

    exercise, seed = parse_name(variant)
    worked = solution(variants.generate(exercise.id, seed))
    if as_json:
        print_json(records.solution(worked, key(worked.variant), lang))
        return
    screen = Screen(lang)
    screen.question(worked.variant)
    screen.say()
    screen.solution(worked.variant)


@click.command()
@lang_option
@json_option
def stats(lang: str, as_json: bool) -> None:  # noqa: D103
    attempts = Store().attempts()
    if as_json:
        print_json(records.progress(attempts))
    else:
        listing.progress(Screen(lang), attempts)


@click.command()
def export_data() -> None:  # noqa: D103
    for attempt in Store().attempts():
        row = {"schema": 1, **asdict(attempt), "time": attempt.time.isoformat()}
        click.echo(json.dumps(row, ensure_ascii=is_ascii()))


@click.command()
@click.option("--yes", is_flag=True, help=_("Do not ask for confirmation."))
@lang_option
def reset(yes: bool, lang: str) -> None:  # noqa: D103
    store = Store()
    if not yes:
        question = translate(_("Delete %(count)d attempts permanently?"), lang) % {
            "count": len(store.attempts())
        }
        try:
            agreed = click.confirm(question, err=True)
        except click.exceptions.Abort:
            if sys.stdin.isatty():
                raise
            raise Refusal(
                _("nothing was deleted: there is no answer; --yes deletes without a question")
            ) from None
        if not agreed:
            raise click.exceptions.Exit(INCOMPLETE)
    click.echo(translate(_("Deleted: %(count)d."), lang) % {"count": store.reset()}, err=True)


def sit(lang: str, **wanted: Any) -> None:
    """Resume an unfinished sitting, or start a new one."""
    screen, store = Screen(lang), Store()
    read = Reader(screen)
    code = INCOMPLETE
    try:
        sitting, held = (None, None) if wanted else _unfinished(screen, store, read)
        if sitting is None:
            sitting = new_sitting(store, endless=read.interactive, **wanted)
        session = Session(screen, store, read, read.interactive, read.forget)
        code = RIGHT if session.run(sitting, held) else INCOMPLETE
    except (Left, EOFError):
        screen.tell(_("Saved. `quiz` resumes from here."))
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # ignore a second Ctrl-C
        screen.say()
        screen.tell(_("Saved. `quiz` resumes from here."))
        code = INTERRUPTED
    raise click.exceptions.Exit(code)


def _unfinished(screen: Screen, store: Store, read: Reader) -> tuple[Sitting | None, Open | None]:
    """Return the sitting to resume, chosen by the student if several are open, and hold it."""
    states = store.sittings()
    numbers = list(states)
    chosen = _chosen(screen, store, read, states) if len(states) > 1 and read.interactive else numbers[:1]
    if not chosen:
        return None, None
    sitting = resume(states[chosen[0]])
    screen.tell(_("Resuming where you stopped."))
    return sitting, store.take_over(chosen[0])


def _chosen(screen: Screen, store: Store, read: Reader, states: dict[int, dict[str, Any]]) -> list[int]:
    """Ask which open sitting to resume; an empty list for a new one."""
    numbers = list(states)
    while numbers:
        screen.tell(_("Unfinished sessions:"))
        for place, number in enumerate(numbers, 1):
            todo, answers = states[number].get("todo", []), states[number].get("answers", {})
            more = translate(_("answers given: %(count)d"), screen.lang) % {"count": len(answers)}
            screen.say(f"  {place}) {', '.join(todo[:3])}{' …' if len(todo) > 3 else ''} ({more})")
        screen.tell(_("Enter resumes 1; a number another one; `n` begins a new one; `-2` deletes 2."))
        typed = read("> ").strip()
        action = keys.action_of(typed)
        if action == keys.LEAVE:
            raise click.exceptions.Exit(RIGHT)
        if action == keys.ANOTHER:
            return []
        place = typed.removeprefix("-") or ("" if typed else "1")
        if not (place.isascii() and place.isdigit() and len(place) < 6 and 1 <= int(place) <= len(numbers)):
            continue
        number = numbers[int(place) - 1]
        if not typed.startswith("-"):
            return [number]
        store.forget_sitting(number)
        numbers.remove(number)
    return []
