"""The commands that check the bank, which call `quiz.audit`."""

import sys

import click

from quiz import bank
from quiz.audit import simulation
from quiz.audit import stress as stresses
from quiz.cli.options import INCOMPLETE, RIGHT, json_option, lang_option
from quiz.text import mark as _
from quiz.variants.variant import find


@click.command()
@click.argument("exercise", default="all")
@click.option(
    "-n", "--count", type=click.IntRange(1, 1_000_000), default=1000, show_default=True,
    help=_("Number of seeds."),
)  # fmt: skip
@lang_option
@json_option
def stress(exercise: str, count: int, lang: str, as_json: bool) -> None:  # noqa: D103

    def done(report: stresses.Report) -> None:
        print(f"{report.exercise} {'ok' if not report.faults else 'x'}", file=sys.stderr, flush=True)

    audit = stresses.run(_ids(exercise), count, done if sys.stderr.isatty() else None)
    click.echo(stresses.as_json(audit) if as_json else stresses.as_text(audit, lang))
    raise click.exceptions.Exit(INCOMPLETE if audit.faults else RIGHT)


@click.command()
@click.argument("exercise", default="all")
@click.option(
    "-n", "--count", type=click.IntRange(1, 100_000), default=100, show_default=True,
    help=_("Number of students."),
)  # fmt: skip
@lang_option
@json_option
def simulate(exercise: str, count: int, lang: str, as_json: bool) -> None:  # noqa: D103
    outcomes = simulation.run_all(_ids(exercise), count)
    click.echo(simulation.as_json(outcomes) if as_json else simulation.as_text(outcomes, lang))


def _ids(exercise: str) -> list[str]:
    return list(bank.ids()) if exercise == "all" else [find(exercise).id]
