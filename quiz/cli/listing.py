"""Tables: the bank with the student's progress, mastery, due reviews; a class's results for the teacher."""

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
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


def folded(screen: Screen, attempts: Sequence[Attempt], now: datetime | None = None) -> None:
    """Show the whole bank on one screen: a line for each question, and the names of its exercises."""
    known, now = schedule.skills(attempts, now), now or datetime.now(UTC)
    for question in bank.QUESTIONS:
        own = [e for e in bank.exercises() if e.question == question]
        tried = sum(known[e.id].tries > 0 for e in own)
        due = sum(_is_due(known[e.id], now) for e in own)
        counts = translate(_("tried %(tried)d of %(all)d, due %(due)d"), screen.lang)
        counts %= {"tried": tried, "all": len(own), "due": due}
        screen.say(f"q{question} · {translate(TOPICS[question], screen.lang)} · {counts}", "bold")
        names = (f"{e.id.partition('.')[2]}{_sign(screen, known[e.id])}" for e in own)
        screen.say("   " + "  ".join(names))
    signs = {"known": _sign(screen, None), "begun": "~"}
    screen.tell(_("%(known)s solved, %(begun)s started; `quiz take q2.update`, `quiz list -q 2`"), **signs)


def _sign(screen: Screen, skill: schedule.Skill | None) -> str:
    """Return the sign of an exercise that is solved (``None`` stands for one), begun or new."""
    if skill is None or skill.best >= schedule.PASSED:
        return "✓" if screen.unicode else "+"
    return "~" if skill.tries else ""


def _is_due(skill: schedule.Skill, now: datetime) -> bool:
    return skill.due is not None and skill.due <= now


#: The questions in a few words.
TOPICS = {
    1: _("Network and perceptron"),
    2: _("The learning rule"),
    3: _("The XOR problem"),
    4: _("The hidden layer"),
    5: _("Activation functions"),
    6: _("Backpropagation"),
    7: _("Topics ahead"),
}


def overview(
    screen: Screen,
    attempts: Sequence[Attempt],
    question: int | None = None,
    level: int | None = None,
    *,
    due: bool = False,
    new: bool = False,
) -> None:
    """Show every question with its exercises, their levels and the student's progress; or some of them."""
    known, now, lang = schedule.skills(attempts), datetime.now(UTC), screen.lang
    chosen = [
        e
        for e in bank.exercises()
        if question in (None, e.question)
        and level in (None, e.level)
        and (not due or _is_due(known[e.id], now))
        and (not new or not known[e.id].tries)
    ]
    if not chosen:
        screen.tell(_("There is no such exercise."))
    for number in sorted({e.question for e in chosen}):
        screen.say(f"{number}. {translate(bank.QUESTIONS[number], lang)}", "bold")
        rows = []
        for e in (e for e in chosen if e.question == number):
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
    """Show mastery by question, the slips that recur or were overcome, the streak, and what is due."""
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
        due = sum(_is_due(skill, now) for skill in own)
        share = f"{_bar(mastery, screen)} {write(100 * mastery, lang, 0)} %"
        topic = f"{question} {translate(TOPICS[question], lang)}"
        rows.append((topic, share, f"{tried}/{len(own)}", str(due or "")))
    screen.table([translate(n, lang) for n in (_("question"), _("mastery"), _("tried"), _("due"))], rows)
    screen.tell(_("Mastery: the mean chance that you can solve an exercise of the question now."))
    _gained(screen, attempts, now)
    slips(screen, attempts)
    overcome(screen, attempts)
    _streak(screen, attempts, now)
    due_ids = [name for name, skill in known.items() if _is_due(skill, now)]
    if due_ids:
        screen.tell(_("Due for review: %(names)s"), names=", ".join(due_ids))


def _bar(share: float, screen: Screen, width: int = 10) -> str:
    full, empty = ("█", "░") if screen.unicode else ("#", ".")
    return full * round(width * share) + empty * (width - round(width * share))


def _gained(screen: Screen, attempts: Sequence[Attempt], now: datetime) -> None:
    """Show what was solved without help this week for the first time."""
    first: dict[str, datetime] = {}
    for attempt in attempts:
        if schedule.unaided(attempt):
            first.setdefault(attempt.exercise, attempt.time)
    names = [name for name, time in first.items() if time > now - timedelta(days=7)]
    if names:
        screen.tell(_("New this week: you can solve %(names)s."), names=", ".join(names))


def overcome(screen: Screen, attempts: Sequence[Attempt], times: int = 2) -> None:
    """Show the slips that stayed away the last times their exercise was answered without help."""
    own: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        own.setdefault(attempt.exercise, []).append(attempt)
    gone = [
        f"{name}: {slip}"
        for name, made in own.items()
        if len(made) > times and all(schedule.unaided(a) for a in made[-times:])
        for slip in sorted(set().union(*(a.slips for a in made[:-times])))
    ]
    if gone:
        screen.tell(_("Slips overcome: %(names)s"), names=", ".join(gone))


def _streak(screen: Screen, attempts: Sequence[Attempt], now: datetime) -> None:
    """Show the weeks in a row with practice on at least three days: a missed day breaks nothing."""
    days = {attempt.time.astimezone().date() for attempt in attempts}
    today, weeks = now.astimezone().date(), 0
    while sum(0 <= (today - day).days - 7 * weeks < 7 for day in days) >= 3:
        weeks += 1
    if weeks:
        screen.tell(_("Weeks in a row with at least three days of practice: %(weeks)d."), weeks=weeks)


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
