"""What a student reads between exercises and at the end: the day's aim, what went well, what is due when."""

import os
from collections import Counter
from datetime import UTC, datetime

from quiz import bank
from quiz.practice import schedule
from quiz.practice.sitting import Sitting
from quiz.practice.store import Attempt, Store
from quiz.render.terminal import Screen
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.numbers import write

#: The day's aim in minutes, unless QUIZ_MINUTES says another number; more than `LONGEST` is a break.
MINUTES, LONGEST = 15, 30 * 60


def aim() -> int:
    """Return the day's aim in minutes."""
    given = os.environ.get("QUIZ_MINUTES", "")
    return min(int(given), 1440) if given.isascii() and given.isdigit() and len(given) < 6 else MINUTES


def today(screen: Screen, store: Store, now: datetime | None = None) -> None:
    """Show how far the day's aim is reached."""
    made = [a for a in store.attempts() if _day(a.time) == _day(now or datetime.now(UTC))]
    minutes = round(sum(min(a.seconds or 0.0, LONGEST) for a in made) / 60)
    screen.tell(
        _("Today: exercises %(count)d, minutes %(minutes)d of %(aim)d."),
        count=len(made), minutes=minutes, aim=aim(),
    )  # fmt: skip


def show(screen: Screen, store: Store, sitting: Sitting) -> None:
    """Show the summary of a sitting: how many, how well, which slips came back, what is due when."""
    attempts, lang = store.attempts(), screen.lang
    screen.say()
    screen.say(translate(_("Summary"), lang), "bold")
    screen.tell(
        _("Exercises: %(count)d, mean score: %(percent)s %%."),
        count=len(sitting.scores),
        percent=write(100 * sum(sitting.scores) / len(sitting.scores), lang, 0),
    )
    own = attempts[-len(sitting.scores) :]
    before = Counter((a.exercise, slip) for a in attempts[: -len(own)] for slip in a.slips)
    texts = {(e.id, slip.name): slip.text for e in bank.exercises() for slip in e.slips}
    for name, slip in dict.fromkeys((a.exercise, slip) for a in own for slip in sorted(a.slips)):
        if (name, slip) in texts:
            head = _("A mistake that came back") if before[name, slip] else _("A mistake to watch for")
            screen.say(f"  {translate(head, lang)} ({name}): {translate(texts[name, slip], lang)}")
    for name in dict.fromkeys(a.exercise for a in own if _learned(attempts, a)):
        screen.tell(_("New: you can now solve %(name)s."), name=name)
    _due(screen, attempts)


def _learned(attempts: list[Attempt], attempt: Attempt) -> bool:
    """Return whether an attempt is the first one of its exercise that was right without help."""
    right = [a for a in attempts if a.exercise == attempt.exercise and schedule.unaided(a)]
    return bool(right) and right[0] is attempt


def _due(screen: Screen, attempts: list[Attempt], now: datetime | None = None) -> None:
    now = now or datetime.now(UTC)
    days = Counter(
        max(0, (skill.due - now).days + (skill.due > now))
        for skill in schedule.skills(attempts, now).values()
        if skill.due
    )
    names = {0: _("now"), 1: _("tomorrow")}
    shown = [
        f"{translate(names[day], screen.lang) if day in names else _in_days(day, screen.lang)} – {count}"
        for day, count in sorted(days.items())[:4]
    ]
    screen.tell(_("Next reviews: %(names)s"), names=", ".join(shown))


def _in_days(day: int, lang: str) -> str:
    return translate(_("in %(days)d days"), lang) % {"days": day}


def _day(time: datetime) -> str:
    return time.astimezone().date().isoformat()
