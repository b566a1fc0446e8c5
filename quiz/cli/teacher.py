"""The commands for teachers that make papers, keys and reports, which call `quiz.course`."""

import json
from pathlib import Path

import click

from quiz.cli import listing
from quiz.cli.console import print_json, say
from quiz.cli.courses import check_group, check_sitting, opened
from quiz.cli.options import (
    combined_option,
    course_option,
    group_option,
    json_option,
    lang_option,
    out_option,
    send_option,
    sitting_option,
)
from quiz.cli.papers import write as write_papers
from quiz.course import analysis, balance, papers, report
from quiz.course import blueprint as blueprints
from quiz.course import roster as rosters
from quiz.course.keys import keys
from quiz.course.ledger import Ledger
from quiz.export.formats import FORMATS, KEYS, PAPERS
from quiz.files import file_name, remove_leftovers, write_atomic
from quiz.text import mark as _
from quiz.text.errors import Refusal, one_line
from quiz.text.numbers import write


@click.command()
@course_option
@click.option(
    "--roster", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True,
    help=_("CSV with the columns id, name, lang and group."),
)  # fmt: skip
@click.option(
    "--blueprint", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=_("TOML with [[slots]]: question, level, count, vary or exercises; points."),
)  # fmt: skip
@click.option(
    "-q", "--question", "questions", multiple=True, metavar="QUESTION[:LEVEL[:COUNT]]",
    help=_("Instead of a blueprint; may be repeated. Without either, one exercise of each question."),
)  # fmt: skip
@sitting_option
@click.option(
    "-f", "--format", "formats", multiple=True, default=("json", "html"), show_default=True,
    type=click.Choice(list(PAPERS)), help=_("May be repeated."),
)  # fmt: skip
@combined_option
@send_option
@click.option("--force", is_flag=True, help=_("Overwrite files that were changed, even filled in, since."))
@out_option
@lang_option
def paper(  # noqa: D103
    course_path: Path, roster: Path, blueprint: Path | None, questions: tuple[str, ...], sitting: str,
    formats: tuple[str, ...], combined: bool, send: str, force: bool, output: Path | None, lang: str,
) -> None:  # fmt: skip
    with opened(course_path) as (course, ledger):
        if blueprint and questions:
            raise Refusal(_("give either --blueprint or --question, not both"))
        students = rosters.read(roster, course.lang)
        made = _blueprint(ledger, sitting, blueprint, questions)
        if ledger.blueprint(sitting) is None:
            ledger.set_blueprint(sitting, made.to_json())
        output = output or course.path / "papers" / file_name(sitting, "papers")
        remove_leftovers(output)
        issued = papers.issue(course, ledger, made, sitting, students)
        changed = write_papers(
            ledger, issued, len(students), formats, output, lang, combined=combined, send=send, force=force
        )
        times = [
            sum(map(balance.minutes, papers.variants(course, record))) for record in ledger.records(sitting)
        ]
    say(_("Papers written: %(count)d, in %(path)s."), lang, count=len(students), path=one_line(output))
    if times:
        say(
            _("Time by hand: %(low)s to %(high)s minutes, a spread of %(share)s %%."), lang,
            low=write(min(times), lang, 0), high=write(max(times), lang, 0),
            share=write(100 * balance.spread(times), lang, 0),
        )  # fmt: skip
    if changed:
        raise Refusal(
            _(
                "%(count)d files were changed since they were written, perhaps filled in, and are left "
                "alone: %(files)s; --force overwrites them"
            ),
            count=len(changed), files=one_line(", ".join(changed)),
        )  # fmt: skip


@click.command()
@course_option
@sitting_option
@out_option
@click.option(
    "-f", "--format", "formats", multiple=True, default=("json", "html"), show_default=True,
    type=click.Choice(KEYS), help=_("May be repeated."),
)  # fmt: skip
@lang_option
def key(  # noqa: D103
    course_path: Path, sitting: str, output: Path | None, formats: tuple[str, ...], lang: str
) -> None:
    source = click.get_current_context().get_parameter_source("lang")
    wanted = lang if source is click.core.ParameterSource.COMMANDLINE else None
    with opened(course_path) as (course, ledger):
        check_sitting(ledger, sitting)
        output = output or course.path / "keys" / file_name(sitting, "keys")
        count = 0
        for data, sheet in keys(course, ledger, sitting, wanted):
            name = file_name(data["student"], data["paper"])
            for kind in dict.fromkeys(formats):
                plain = kind == "json"
                content = json.dumps(data, ensure_ascii=False, indent=1) if plain else PAPERS[kind](sheet)
                path = output / f"{name}.key{FORMATS[kind].suffix}"
                write_atomic(path, content, sync=False, private=True)
            count += 1
    say(_("%(count)d keys are in %(path)s."), lang, count=count, path=one_line(output))


def _blueprint(
    ledger: Ledger, sitting: str, path: Path | None, questions: tuple[str, ...]
) -> blueprints.Blueprint:
    """Return the blueprint of a sitting: the stored one, or the one asked for, which must not differ."""
    stored = ledger.blueprint(sitting)
    if stored is not None and not path and not questions:
        return blueprints.from_json(stored)
    if path:
        made = blueprints.read(path)
    elif questions:
        made = blueprints.Blueprint("", tuple(slot for q in questions for slot in blueprints.shorthand(q)))
    else:
        made = blueprints.standard()
    if stored is not None and blueprints.from_json(stored) != made:
        raise Refusal(
            _("sitting %(sitting)s has papers of another blueprint; choose a new sitting with --sitting"),
            sitting=sitting,
        )
    return made


@click.command()
@course_option
@sitting_option
@group_option
@click.option(
    "--html", "page", type=click.Path(path_type=Path, dir_okay=False), help=_("Write a report with plots.")
)
@json_option
@lang_option
def analyse(  # noqa: D103
    course_path: Path, sitting: str, group: str, page: Path | None, as_json: bool, lang: str
) -> None:
    with opened(course_path) as (course, ledger):
        check_sitting(ledger, sitting)
        check_group(ledger, group, sitting)
        found = analysis.analyse(ledger.marks(sitting, group))
        title = " · ".join(filter(None, (course.title, sitting, group)))
        if page:
            write_atomic(page, report.page(found, title, lang, ledger.marks(sitting, group)))
    if as_json:
        print_json(found.to_json())
    else:
        listing.statistics(found, title, lang)
