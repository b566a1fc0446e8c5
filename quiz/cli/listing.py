"""Tables: the bank with the student's progress, mastery, due reviews; a class's results for the teacher."""

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING

import click

from quiz import bank
from quiz.practice import schedule
from quiz.practice.store import Attempt
from quiz.render.terminal import Screen
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import one_line
from quiz.text.numbers import write

if TYPE_CHECKING:  # not needed for the student's tables
    from quiz.course.analysis import Analysis


def overview(screen: Screen, attempts: Sequence[Attempt]) -> None:
    """Show every question with its exercises, their levels and the student's progress."""
    known = schedule.skills(attempts)
    lang = screen.lang
    for question in sorted({e.question for e in bank.exercises()}):
        screen.say(f"{question}. {translate(bank.QUESTIONS[question], lang)}", "bold")
        rows = []
        for e in (e for e in bank.exercises() if e.question == question):
            skill = known[e.id]
            best = f"{write(100 * skill.best, lang, 0)} %" if skill.tries else ""
            rows.append((e.id, "*" * e.level, translate(e.title, lang), str(skill.tries or ""), best))
        screen.table(
            [
                translate(name, lang)
                for name in (_("exercise"), _("level"), _("title"), _("tries"), _("best"))
            ],
            rows,
        )


def progress(screen: Screen, attempts: Sequence[Attempt], now: datetime | None = None) -> None:
    """Show mastery by question, the slips that recur, and what is due."""
    lang, now = screen.lang, now or datetime.now(UTC)
    if not attempts:
        screen.tell(_("No attempts yet. `quiz take` asks the first question."))
        return
    known = schedule.skills(attempts, now)
    rows = []
    for question in sorted({e.question for e in bank.exercises()}):
        own = [known[e.id] for e in bank.exercises() if e.question == question]
        mastery = sum(skill.recall * (skill.best >= schedule.PASSED) for skill in own) / len(own)
        tried = sum(skill.tries > 0 for skill in own)
        due = sum(skill.due is not None and skill.due <= now for skill in own)
        rows.append(
            (str(question), f"{write(100 * mastery, lang, 0)} %", f"{tried}/{len(own)}", str(due or ""))
        )
    screen.table([translate(n, lang) for n in (_("question"), _("mastery"), _("tried"), _("due"))], rows)
    slips(screen, attempts)
    due_ids = [name for name, skill in known.items() if skill.due is not None and skill.due <= now]
    if due_ids:
        screen.tell(_("Due for review: %(names)s"), names=", ".join(due_ids))


def slips(screen: Screen, attempts: Sequence[Attempt], most: int = 8) -> None:
    """Show the most frequent slips, with what helps."""
    lang = screen.lang
    texts = {(e.id, slip.name): slip.text for e in bank.exercises() for slip in e.slips}
    count: Counter[tuple[str, str]] = Counter()
    for attempt in attempts:
        count.update((attempt.exercise, slip) for slip in attempt.slips if (attempt.exercise, slip) in texts)
    if count:
        screen.tell(_("Most frequent slips:"))
        rows = [
            (name, str(times), translate(texts[name, slip], lang))
            for (name, slip), times in count.most_common(most)
        ]
        screen.table([translate(n, lang) for n in (_("exercise"), _("times"), _("what helps"))], rows)


def statistics(found: "Analysis", title: str, lang: str) -> None:
    """Show the results of a class in a sitting, exercise by exercise."""
    from rich.console import Console
    from rich.table import Table

    if found.marked:
        summary = translate(_("Papers marked: %(marked)d of %(papers)d, median %(median)s of 100."), lang)
        middle = write(median(found.percents), lang, 1)
        title += "\n" + summary % {"marked": found.marked, "papers": found.papers, "median": middle}
    rows = Table(title=title)
    for head in (_("Exercise"), _("Answers"), _("Mean score, %"), _("Discrimination"), _("Slips")):
        rows.add_column(translate(head, lang))
    for name, e in sorted(found.exercises.items()):
        shown = e.shown_discrimination
        correlation = "–" if shown is None else write(shown, lang, 2)
        slips = ", ".join(f"{slip} {count}" for slip, count in e.slips.most_common(4))
        rows.add_row(name, str(e.moments.count), write(100 * e.facility, lang, 1), correlation, slips)
    Console(width=None if sys.stdout.isatty() else 120).print(rows)
    if found.missing:
        click.echo(
            translate(_("Nothing handed in (%(count)d):"), lang) % {"count": len(found.missing)}
            + " " + one_line(", ".join(found.missing), 1000)
        )  # fmt: skip
