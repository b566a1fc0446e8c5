"""The commands for teachers, which call `quiz.course`."""

import json
import sqlite3
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from quiz.cli import listing
from quiz.cli.console import print_json, progress, say
from quiz.cli.options import (
    GONE,
    INCOMPLETE,
    RIGHT,
    TAMPERED,
    bom_option,
    combined_option,
    comma_option,
    course_option,
    jobs_option,
    json_option,
    lang_option,
    out_option,
    send_option,
    sitting_option,
    solutions_option,
)
from quiz.cli.papers import write as write_papers
from quiz.course import analysis, folder, gradebook, papers, report
from quiz.course import blueprint as blueprints
from quiz.course import roster as rosters
from quiz.course import sitting as sittings
from quiz.course.feedback import write_feedback
from quiz.course.folder import Course
from quiz.course.keys import keys
from quiz.course.ledger import Ledger
from quiz.export.formats import FORMATS, KEYS, PAPERS
from quiz.files import file_name, write_atomic
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import InFile, Refusal, one_line, sentence
from quiz.text.numbers import write


@click.group()
@lang_option
def course(lang: str) -> None:  # noqa: D103
    del lang  # checked by the option


@course.command(name="new", help=_("Make a course folder with a fresh secret key."))
@click.argument("path", metavar="NAME", type=click.Path(path_type=Path))
@click.option("--title", default="", help=_("The title on papers and reports."))
@lang_option
def course_new(path: Path, title: str, lang: str) -> None:  # noqa: D103
    made = folder.new(path, title, lang)
    say(
        _("Made %(path)s. Keep the file `secret` to yourself; without it papers cannot be marked."),
        lang,
        path=made.path,
    )


@course.command(
    name="show", help=_("Show the sittings of a course, how many papers were issued and how many are marked.")
)
@click.argument("path", metavar="NAME", type=click.Path(path_type=Path))
@lang_option
@json_option
def course_show(path: Path, lang: str, as_json: bool) -> None:  # noqa: D103
    with _open_course(path) as (course, ledger):
        rows = []
        for sitting in ledger.sittings():
            marks = [mark for _record, mark in ledger.marks(sitting)]
            rows.append(
                {"sitting": sitting, "papers": len(marks), "marked": sum(m is not None for m in marks)}
            )
        if as_json:
            print_json({"schema": 1, "course": course.name, "title": course.title, "sittings": rows})
            return
        click.echo(course.title)
        for row in rows:
            text = translate(_("%(sitting)s: %(papers)d papers, %(marked)d marked"), lang)
            click.echo("  " + text % row)


@click.command()
@course_option
@click.option(
    "--roster", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True,
    help=_("CSV with the columns id, name and lang."),
)  # fmt: skip
@click.option(
    "--blueprint", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=_("TOML with [[slots]]: question, level, count, vary or exercises."),
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
@out_option
@lang_option
def paper(  # noqa: D103
    course_path: Path, roster: Path, blueprint: Path | None, questions: tuple[str, ...], sitting: str,
    formats: tuple[str, ...], combined: bool, send: str, output: Path | None, lang: str,
) -> None:  # fmt: skip
    with _open_course(course_path) as (course, ledger):
        students = rosters.read(roster, course.lang)
        if blueprint and questions:
            raise Refusal(_("give either --blueprint or --question, not both"))
        made = _blueprint(ledger, sitting, blueprint, questions)
        output = output or course.path / "papers" / file_name(sitting, "papers")
        issued = papers.issue(course, ledger, made, sitting, students)
        write_papers(issued, len(students), formats, output, lang, combined=combined, send=send)
    say(_("Papers written: %(count)d, in %(path)s."), lang, count=len(students), path=output)


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
    with _open_course(course_path) as (course, ledger):
        _check_sitting(ledger, sitting)
        output = output or course.path / "keys" / file_name(sitting, "keys")
        count = 0
        for data, sheet in keys(course, ledger, sitting, wanted):
            name = file_name(data["student"], data["paper"])
            for kind in dict.fromkeys(formats):
                plain = kind == "json"
                content = json.dumps(data, ensure_ascii=False, indent=1) if plain else PAPERS[kind](sheet)
                write_atomic(output / f"{name}{FORMATS[kind].suffix}", content, sync=False)
            count += 1
    say(_("%(count)d keys are in %(path)s."), lang, count=count, path=output)


@click.command()
@click.argument("submissions", type=click.Path(path_type=Path, exists=True))
@course_option
@sitting_option
@out_option
@bom_option
@comma_option
@click.option(
    "--feedback/--no-feedback", default=True, help=_("One page for each student, in their language.")
)
@solutions_option
@jobs_option
@lang_option
def mark(  # noqa: D103
    submissions: Path,
    course_path: Path,
    sitting: str,
    output: Path | None,
    bom: bool,
    decimal_comma: bool,
    feedback: bool,
    solutions: bool,
    jobs: int | None,
    lang: str,
) -> None:
    kinds = set()
    with _open_course(course_path) as (course, ledger):
        _check_sitting(ledger, sitting)
        with progress(_("submissions"), None, lang) as step:
            try:
                deque(
                    sittings.mark(course, ledger, submissions, sitting=sitting, jobs=jobs, progress=step),
                    maxlen=0,
                )
            except KeyboardInterrupt:
                say(_("Stopped; what is marked is saved, and the same command resumes from there."), lang)
                raise
        for problem in ledger.problems():
            kinds.add(problem["kind"])
            click.echo(sittings.describe(problem, lang), err=True)
        about = (lang, bom, decimal_comma, feedback, solutions)
        path = _write_results(course, ledger, sitting, output, *about)
        say(_("Papers marked: %(count)d; the gradebook is %(path)s."), lang, count=ledger.count(), path=path)
    sys.exit(TAMPERED if "tampered" in kinds else GONE if "gone" in kinds else INCOMPLETE if kinds else RIGHT)


@click.command()
@course_option
@sitting_option
@out_option
@click.option("--keep-better", is_flag=True, help=_("Keep the old mark where the new one is lower."))
@click.option("--dry-run", is_flag=True, help=_("Change nothing, only show the changes."))
@click.option("--reason", default="", help=_("The reason to record in the audit trail."))
@click.option("--trail", is_flag=True, help=_("Only print all changes made so far, as JSON lines."))
@bom_option
@comma_option
@solutions_option
@jobs_option
@json_option
@lang_option
def remark(  # noqa: D103
    course_path: Path,
    sitting: str,
    output: Path | None,
    keep_better: bool,
    dry_run: bool,
    reason: str,
    trail: bool,
    bom: bool,
    decimal_comma: bool,
    solutions: bool,
    jobs: int | None,
    as_json: bool,
    lang: str,
) -> None:
    gone, changed = False, 0
    with _open_course(course_path) as (course, ledger):
        _check_sitting(ledger, sitting)
        if trail:
            for row in ledger.trail():
                click.echo(json.dumps(row))
            return
        with progress(_("papers"), ledger.count(), lang) as step:
            for change in sittings.remark(
                course, ledger, sitting, keep_better=keep_better, dry=dry_run, reason=reason, jobs=jobs,
                progress=step,
            ):  # fmt: skip
                changed += "problem" not in change
                gone = gone or "problem" in change
                click.echo(json.dumps(change) if as_json else _change_line(change, lang))
        if not dry_run:
            _write_results(course, ledger, sitting, output, lang, bom, decimal_comma, True, solutions)
    say(_("Papers whose marks changed: %(count)d."), lang, count=changed)
    sys.exit(GONE if gone else RIGHT)


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
    if stored is None:
        ledger.set_blueprint(sitting, made.to_json())
    elif stored != json.loads(json.dumps(made.to_json())):
        raise Refusal(
            _("sitting %(sitting)s has papers of another blueprint; choose a new sitting with --sitting"),
            sitting=sitting,
        )
    return made


def _change_line(change: dict[str, Any], lang: str) -> str:
    old, new, kept = (write(100 * change[name], lang, 2) for name in ("old", "new", "kept"))
    line = f"{one_line(change['student'])} {change['paper']}: {old} → {new}"
    if kept != new:
        line += " (" + translate(_("%(kept)s counts"), lang) % {"kept": kept} + ")"
    if problem := change.get("problem"):
        line += ": " + sentence(problem["template"], problem["given"], lang)
    return line


@click.command()
@course_option
@sitting_option
@click.option(
    "--html", "page", type=click.Path(path_type=Path, dir_okay=False), help=_("Write a report with plots.")
)
@json_option
@lang_option
def analyse(course_path: Path, sitting: str, page: Path | None, as_json: bool, lang: str) -> None:  # noqa: D103
    with _open_course(course_path) as (course, ledger):
        _check_sitting(ledger, sitting)
        found = analysis.analyse(ledger.marks(sitting))
        title = f"{course.title} · {sitting}"
        if page:
            write_atomic(page, report.page(found, title, lang, ledger.marks(sitting)))
    if as_json:
        print_json(found.to_json())
    else:
        listing.statistics(found, title, lang)


def _write_results(
    course: Course,
    ledger: Ledger,
    sitting: str,
    output: Path | None,
    lang: str,
    bom: bool,
    comma: bool,
    feedback: bool,
    solutions: bool,
) -> Path:
    output = output or course.path / "marks" / file_name(sitting, "marks")
    gradebook.write_gradebook(course, ledger, sitting, output / "gradebook.csv", lang, bom=bom, comma=comma)
    if feedback:
        write_feedback(course, ledger, sitting, output / "feedback", solutions=solutions)
    return output / "gradebook.csv"


def _check_sitting(ledger: Ledger, sitting: str) -> None:
    if ledger.blueprint(sitting) is None:
        known = ", ".join(ledger.sittings()) or "-"
        raise Refusal(
            _("there is no sitting %(sitting)s; known are: %(known)s"), sitting=sitting, known=known
        )


@contextmanager
def _open_course(path: Path) -> Iterator[tuple[Course, Ledger]]:
    course = folder.open_course(path)
    try:
        with Ledger(course.database) as ledger:
            yield course, ledger
    except sqlite3.DatabaseError as error:
        locked = "locked" in str(error)
        reason = _("it is in use by another program") if locked else _("it is damaged or not a database")
        refusal = Refusal(_("cannot be read: %(reason)s"), reason=reason)
        raise InFile(course.database.name, refusal) from None
