"""The commands `quiz course …`: make and show a course, decide, undo, look over a term."""

from pathlib import Path

import click

from quiz.bank import exercises
from quiz.cli.console import print_json, say
from quiz.cli.courses import check_group, check_sitting, opened
from quiz.cli.options import group_option, json_option, lang_option, sitting_option
from quiz.course import decisions, folder, status
from quiz.course import term as terms
from quiz.course.derive import derive
from quiz.course.ledger import Ledger
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Refusal, one_line
from quiz.text.fill import strip
from quiz.text.numbers import write

_name = click.argument("path", metavar="NAME", type=click.Path(path_type=Path))
_reason = click.option("--reason", default="", help=_("The reason to record in the audit trail."))


@click.group()
@lang_option
def course(lang: str) -> None:  # noqa: D103
    del lang  # checked by the option


@course.command(name="new", help=_("Make a course folder with a fresh secret key."))
@_name
@click.option("--title", default="", help=_("The title on papers and reports."))
@lang_option
def course_new(path: Path, title: str, lang: str) -> None:  # noqa: D103
    made = folder.new(path, title, lang)
    say(
        _(
            "Made %(path)s. Keep the file `secret` to yourself, and a copy of it: without it papers cannot "
            "be marked. It protects papers from being forged; at home, a student can still compute the "
            "answers with `quiz`."
        ),
        lang,
        path=one_line(made.path),
    )


@course.command(
    name="show",
    help=_("Show how many papers of each sitting were issued and marked; with --sitting, what to look at."),
)
@_name
@click.option("--sitting", help=_("Show who handed in nothing and what could not be read."))
@group_option
@lang_option
@json_option
def course_show(path: Path, sitting: str | None, group: str, lang: str, as_json: bool) -> None:  # noqa: D103
    with opened(path) as (course, ledger):
        if sitting is not None:
            check_sitting(ledger, sitting)
            check_group(ledger, group, sitting)
            found = list(status.findings(ledger, sitting, group))
            if as_json:
                rows = [f | {"text": status.describe(f, "en")} for f in found]
                print_json({"schema": 1, "course": course.name, "sitting": sitting, "findings": rows})
            for finding in () if as_json else found:
                click.echo(status.describe(finding, lang))
            return
        rows = [
            {"sitting": own, "papers": ledger.papers(own), "marked": ledger.count(own)}
            for own in ledger.sittings()
        ]
        if as_json:
            print_json({"schema": 1, "course": course.name, "title": course.title, "sittings": rows})
            return
        click.echo(course.title)
        for row in rows:
            text = translate(_("%(sitting)s: %(papers)d papers, %(marked)d marked"), lang)
            click.echo("  " + text % row)


@course.command(
    name="rule",
    help=_(
        "Decide for a sitting, or for one student: the deadline, extra time, what late work is worth, which "
        "submission counts, whether anything counts any more."
    ),
)
@_name
@sitting_option
@click.option("--student", default="", help=_("Only for this student: --deadline and --extra."))
@click.option("--deadline", help=_('Until when to hand in, such as 2026-12-01 or "2026-12-01 18:00".'))
@click.option("--extra", type=click.IntRange(0, 100_000), help=_("Minutes after the deadline."))
@click.option("--late", help=_("What late work is worth: accept, refuse, or the percentage lost per day."))
@click.option(
    "--keep",
    type=click.Choice(decisions.KEEP),
    help=_("Which of several submissions of a student counts, from now on."),
)
@click.option("--close/--open", "closed", default=None, help=_("Whether what comes now still counts."))
@_reason
@lang_option
def course_rule(  # noqa: D103
    path: Path,
    sitting: str,
    student: str,
    deadline: str | None,
    extra: int | None,
    late: str | None,
    keep: str | None,
    closed: bool | None,
    reason: str,
    lang: str,
) -> None:
    made: dict[tuple[str, str], str] = {}
    if deadline is not None:
        made["deadline", student] = decisions.moment(deadline)
    if extra is not None:
        made["extra", student] = str(extra)
    if student and (late or keep or closed is not None):
        raise Refusal(_("--late, --keep and --close are for everybody; leave --student out"))
    if late:
        made["late", ""] = decisions.late_policy(late)
    if keep:
        made["keep", ""] = keep
    if closed is not None:
        made["closed", ""] = "yes" if closed else ""
    with opened(path) as (_course, ledger):
        check_sitting(ledger, sitting)
        if student and ledger.record_of(sitting, student) is None:
            raise Refusal(_("there is no paper of %(student)s in this sitting"), student=one_line(student))
        if made:
            _decide(ledger, sitting, made, reason, lang)
        for (name, who), (value, _event) in sorted(decisions.rules(ledger, sitting).found.items()):
            click.echo(f"{name}{' ' + one_line(who) if who else ''}: {value}")


@course.command(name="override", help=_("Give a mark by hand, with a reason, or take it back."))
@_name
@click.argument("student")
@click.argument("percent", type=click.FloatRange(0, 100), required=False)
@sitting_option
@click.option("--reason", required=True, help=_("The reason to record in the audit trail."))
@lang_option
def course_override(  # noqa: D103
    path: Path, student: str, percent: float | None, sitting: str, reason: str, lang: str
) -> None:
    with opened(path) as (_course, ledger):
        check_sitting(ledger, sitting)
        if ledger.record_of(sitting, student) is None:
            raise Refusal(_("there is no paper of %(student)s in this sitting"), student=one_line(student))
        value = "" if percent is None else repr(percent / 100)
        _decide(ledger, sitting, {("mark", student): value}, reason, lang)


def _decide(ledger: Ledger, sitting: str, made: dict[tuple[str, str], str], reason: str, lang: str) -> None:
    """Store decisions and derive the marks, all or none."""
    with ledger.db:
        event = ledger.event(sitting, "decision", reason)
        decisions.decide(ledger, sitting, made, event)
        changed = derive(ledger, sitting, event, reason or _("the rules of the sitting changed"))
    say(_("Decision %(event)d is stored; marks that changed: %(count)d."), lang, event=event, count=changed)


@course.command(name="history", help=_("Show what was done, with the numbers that undo takes."))
@_name
@json_option
@lang_option
def course_history(path: Path, as_json: bool, lang: str) -> None:  # noqa: D103
    with opened(path) as (_course, ledger):
        events = list(ledger.events())
    if as_json:
        print_json({"schema": 1, "events": events})
        return
    for event in events:
        about = ", ".join(f"{d['name']} {d['who']} = {d['value'][:40]}" for d in event["decisions"])
        words = [f"{event['event']}", event["time"], event["sitting"], translate(_KINDS[event["kind"]], lang)]
        words += [about, event["reason"], translate(_("undone"), lang) if event["undone"] else ""]
        click.echo(one_line("  ".join(filter(None, words)), 400))


_KINDS = {"mark": _("marking"), "remark": _("marking again"), "decision": _("decision"), "undo": _("undoing")}


@course.command(
    name="undo",
    help=_("Take back what was done last, or number N of the history: marking, a decision, marking again."),
)
@_name
@click.argument("number", type=click.IntRange(1), required=False)
@_reason
@lang_option
def course_undo(path: Path, number: int | None, reason: str, lang: str) -> None:  # noqa: D103
    with opened(path) as (_course, ledger), ledger.db:
        undone, sitting = decisions.undo(ledger, number)
        count = sum(
            derive(ledger, own, undone, reason or _("something was taken back")) for own in ledger.sittings()
        )
    say(
        _("Number %(event)d, sitting %(sitting)s, is undone; marks that changed: %(count)d."), lang,
        event=undone, sitting=one_line(sitting), count=count,
    )  # fmt: skip


@course.command(
    name="term", help=_("Look over all sittings: each student's marks, who is at risk, slips that recur.")
)
@_name
@group_option
@json_option
@lang_option
def course_term(path: Path, group: str, as_json: bool, lang: str) -> None:  # noqa: D103
    with opened(path) as (_course, ledger):
        check_group(ledger, group)
        found = list(terms.courses(ledger, group))
    if as_json:
        print_json({"schema": 1, "students": [one.to_json() for one in found]})
        return
    texts = {slip.name: slip.text for exercise in exercises() for slip in exercise.slips}
    for one in found:
        marks = "  ".join(
            f"{one_line(sitting)}: {'–' if mark is None else write(100 * mark, lang, 0)}"
            for sitting, mark in one.marks.items()
        )
        mean = translate(_("mean %(mean)s"), lang) % {"mean": write(100 * one.mean, lang, 0)}
        click.echo(f"{one_line(one.student)} {one_line(one.name)}  {marks}  {mean}")
        if one.reasons:
            reasons = ", ".join(translate(_RISKS[reason], lang) for reason in one.reasons)
            click.echo("    " + translate(_("at risk: %(reasons)s"), lang) % {"reasons": reasons})
        for slip, count in list(one.recurring.items())[:3]:
            text = strip(translate(texts.get(slip, slip), lang))
            click.echo(
                "    "
                + translate(_("in %(count)d sittings: %(slip)s"), lang) % {"count": count, "slip": text}
            )


_RISKS = {
    "low": _("the mean is below 50"), "missing": _("two or more papers are missing"),
    "falling": _("the marks fall from sitting to sitting"),
}  # fmt: skip
