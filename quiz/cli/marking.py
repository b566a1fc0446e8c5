"""The commands that mark what was handed in, which call `quiz.course`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from quiz.cli.console import progress, say
from quiz.cli.courses import check_group, check_sitting, opened
from quiz.cli.options import (
    GONE,
    INCOMPLETE,
    RIGHT,
    TAMPERED,
    bom_option,
    comma_option,
    course_option,
    debug_option,
    group_option,
    jobs_option,
    json_option,
    lang_option,
    out_option,
    sitting_option,
    solutions_option,
)
from quiz.course import gradebook, status
from quiz.course import sitting as sittings
from quiz.course.decisions import KEEP, decide, moment, rules
from quiz.course.feedback import write_feedback
from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.files import file_name, remove_leftovers
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import one_line, sentence
from quiz.text.numbers import write

#: Problems of files that are shown; all are in the table.
MOST_SHOWN = 200


@click.command()
@click.argument("submissions", type=click.Path(path_type=Path, exists=True))
@course_option
@sitting_option
@click.option(
    "--keep",
    type=click.Choice(KEEP),
    help=_("Which of several submissions of a student counts, from now on."),
)
@click.option(
    "--replace", "replaced", multiple=True, metavar="STUDENT[=FILE]",
    help=_("Let what this student hands in now count; may be repeated."),
)  # fmt: skip
@click.option("--handed-in", "handed", help=_("When this was handed in; by default the time of each file."))
@group_option
@out_option
@bom_option
@comma_option
@click.option(
    "--feedback/--no-feedback", default=True, help=_("One page for each student, in their language.")
)
@solutions_option
@jobs_option
@debug_option
@lang_option
def mark(  # noqa: D103
    submissions: Path,
    course_path: Path,
    sitting: str,
    keep: str | None,
    replaced: tuple[str, ...],
    handed: str | None,
    group: str,
    output: Path | None,
    bom: bool,
    decimal_comma: bool,
    feedback: bool,
    solutions: bool,
    jobs: int | None,
    debug: bool,
    lang: str,
) -> None:
    replace = {student: name for student, _sign, name in (text.partition("=") for text in replaced)}
    when = moment(handed) if handed else None
    with opened(course_path) as (course, ledger):
        check_sitting(ledger, sitting)
        check_group(ledger, group, sitting)
        if keep and (not rules(ledger, sitting).decided or rules(ledger, sitting).keep != keep):
            with ledger.db:
                decide(ledger, sitting, {("keep", ""): keep}, ledger.event(sitting, "decision"))
        with progress(_("submissions"), None, lang) as step:
            try:
                problems = list(
                    sittings.mark(
                        course, ledger, submissions, sitting=sitting, jobs=jobs, replace=replace, handed=when,
                        progress=step,
                    )
                )  # fmt: skip
            except KeyboardInterrupt:
                say(_("Stopped; what is marked is saved, and the same command resumes from there."), lang)
                raise
        _show_problems(problems, lang, debug)
        todo = _show_findings(ledger, sitting, group, lang)
        kinds = {problem["kind"] for problem in problems}
        output = output or course.path / "marks" / file_name(sitting, "marks")
        table = {"bom": bom, "comma": decimal_comma, "group": group}
        _write_results(course, ledger, sitting, output, lang, table, solutions if feedback else None)
        found = status.findings(ledger, sitting, group)
        if status.write_table(output / "problems.csv", problems, found, lang):
            say(_("What could not be read, and who handed in nothing, is in %(path)s."), lang,
                path=one_line(output / "problems.csv"))  # fmt: skip
        say(
            _("Papers marked: %(count)d of %(papers)d; the gradebook is %(path)s."), lang,
            **_counts(ledger, sitting, group),
            path=one_line(output / "gradebook.csv"),
        )  # fmt: skip
    incomplete = INCOMPLETE if kinds or todo else RIGHT
    raise click.exceptions.Exit(TAMPERED if "tampered" in kinds else GONE if "gone" in kinds else incomplete)


def _counts(ledger: Ledger, sitting: str, group: str) -> dict[str, int]:
    """Return how many papers of a sitting, or of a group in it, were issued and marked."""
    if not group:
        return {"count": ledger.count(sitting), "papers": ledger.papers(sitting)}
    marks = [mark for _record, mark in ledger.marks(sitting, group)]
    return {"count": sum(mark is not None for mark in marks), "papers": len(marks)}


def _show_problems(problems: list[dict[str, Any]], lang: str, debug: bool) -> None:
    for problem in problems[:MOST_SHOWN]:
        click.echo(sittings.describe(problem, lang), err=True)
        if debug and "trace" in problem:
            click.echo(problem["trace"], err=True)
    if len(problems) > MOST_SHOWN:
        say(_("%(count)d more lines are in the table of problems"), lang, count=len(problems) - MOST_SHOWN)


def _show_findings(ledger: Ledger, sitting: str, group: str, lang: str) -> bool:
    """Show what is to be known about the papers; return whether something asks for a decision."""
    todo = False

    def watched() -> Iterator[status.Finding]:
        nonlocal todo
        for finding in status.findings(ledger, sitting, group):
            todo = todo or finding["todo"]
            yield finding

    for line in status.lines(watched(), lang):
        click.echo(line, err=True)
    return todo


@click.command()
@course_option
@sitting_option
@group_option
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
@debug_option
@lang_option
def remark(  # noqa: D103
    course_path: Path,
    sitting: str,
    group: str,
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
    debug: bool,
    lang: str,
) -> None:
    gone, changed = False, 0
    with opened(course_path) as (course, ledger):
        check_sitting(ledger, sitting)
        check_group(ledger, group, sitting)
        if trail:
            for row in ledger.trail(sitting):
                click.echo(json.dumps(row))
            return
        with progress(_("papers"), ledger.count(sitting), lang) as step:
            for change in sittings.remark(
                course, ledger, sitting, keep_better=keep_better, dry=dry_run, reason=reason, jobs=jobs,
                progress=step,
            ):  # fmt: skip
                problem = change.get("problem", {})
                changed += not problem
                gone = gone or bool(problem)
                if debug and "trace" in problem:
                    click.echo(problem["trace"], err=True)
                click.echo(json.dumps(change) if as_json else _change_line(change, lang))
        if not dry_run:
            output = output or course.path / "marks" / file_name(sitting, "marks")
            table = {"bom": bom, "comma": decimal_comma, "group": group}
            _write_results(course, ledger, sitting, output, lang, table, solutions)
    say(_("Papers whose marks changed: %(count)d."), lang, count=changed)
    raise click.exceptions.Exit(GONE if gone else RIGHT)


def _change_line(change: dict[str, Any], lang: str) -> str:
    old, new, kept = (
        "–" if change[name] is None else write(100 * change[name], lang, 2) for name in ("old", "new", "kept")
    )
    line = f"{one_line(change['student'])} {change['paper']}: {old} → {new}"
    if kept != new:
        line += " (" + translate(_("%(kept)s counts"), lang) % {"kept": kept} + ")"
    if problem := change.get("problem"):
        line += ": " + sentence(problem["template"], problem["given"], lang)
    return line


def _write_results(
    course: Course, ledger: Ledger, sitting: str, output: Path, lang: str, table: dict[str, Any],
    solutions: bool | None,
) -> None:  # fmt: skip
    """Write the gradebook and, unless ``solutions`` is ``None``, the pages for the students."""
    remove_leftovers(output)
    remove_leftovers(output / "feedback")
    gradebook.write_gradebook(course, ledger, sitting, output / "gradebook.csv", lang, **table)
    if solutions is not None:
        write_feedback(course, ledger, sitting, output / "feedback", solutions=solutions)
