"""Chooses what to practise, by a memory model of each exercise and each slip.

The model is FSRS (package ``fsrs``), without repetitions within a day. It is not stored but computed from the
attempts, so that it cannot disagree with them.

Reference:
    Ye, Su and Cao, "A stochastic shortest path algorithm for optimizing spaced repetition scheduling", 2022.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from quiz import bank
from quiz.exercise import Exercise
from quiz.practice.store import Attempt

#: The score from which an exercise counts as answered.
PASSED = 0.99
#: An exercise is not asked again within this time as long as there is another one.
APART = timedelta(days=3)


@dataclass(frozen=True)
class Skill:
    """What is known about one exercise.

    Attributes:
        exercise: its id.
        tries: attempts so far.
        best: the best score so far, 0 to 1.
        recall: the probability of a correct answer now; 0 if never tried.
        due: when it should be reviewed; ``None`` if never tried.
        slips: the probability of each slip now, for slips made at least once.
    """

    exercise: str
    tries: int
    best: float
    recall: float
    due: datetime | None
    slips: Mapping[str, float]


class Memory:
    """The memory model of one student, brought up to date attempt by attempt."""

    def __init__(self, attempts: Sequence[Attempt] = ()):
        """Take the attempts so far, the oldest first."""
        from fsrs import Scheduler  # not needed before the first attempt

        # what was wrong comes back on another day: a second try at once shows what is remembered for minutes
        self._scheduler = Scheduler(enable_fuzzing=False, learning_steps=(), relearning_steps=())
        self._cards: dict[tuple[str, str], Any] = {}
        self._tries: Counter[str] = Counter()
        self._best: dict[str, float] = {}
        self.last: Attempt | None = None
        for attempt in attempts:
            self.add(attempt)

    def add(self, attempt: Attempt) -> None:
        """Take one more attempt."""
        from fsrs import Card, Rating

        name = attempt.exercise
        self.last = attempt
        self._tries[name] += 1
        self._best[name] = max(self._best.get(name, 0.0), attempt.score)
        known = {slip for owner, slip in self._cards if owner == name and slip}
        ratings = {"": Rating(_rating(attempt))}
        ratings |= dict.fromkeys(known, Rating.Good) | dict.fromkeys(attempt.slips, Rating.Again)
        for slip, rating in ratings.items():
            card = self._cards.get((name, slip)) or Card(card_id=len(self._cards), due=attempt.time)
            self._cards[name, slip] = self._scheduler.review_card(card, rating, attempt.time)[0]

    def skill(self, e: Exercise, now: datetime) -> Skill:
        """Return what is known about an exercise."""
        card = self._cards.get((e.id, ""))
        if card is None:
            return Skill(e.id, 0, 0.0, 0.0, None, {})
        recall = self._scheduler.get_card_retrievability
        slips = {
            slip.name: 1 - recall(self._cards[e.id, slip.name], now)
            for slip in e.slips
            if (e.id, slip.name) in self._cards
        }
        return Skill(e.id, self._tries[e.id], self._best[e.id], recall(card, now), card.due, slips)


def skills(attempts: Sequence[Attempt], now: datetime | None = None) -> dict[str, Skill]:
    """Return what is known about every exercise of the bank, in its order."""
    if not attempts:
        return {e.id: Skill(e.id, 0, 0.0, 0.0, None, {}) for e in bank.exercises()}
    memory, now = Memory(attempts), now or datetime.now(UTC)
    return {e.id: memory.skill(e, now) for e in bank.exercises()}


def unaided(attempt: Attempt) -> bool:
    """Return whether an attempt was right at the first try, without hints."""
    helped = attempt.hints or attempt.given_up or attempt.wrong_tries
    return attempt.score >= PASSED and not helped


def _rating(attempt: Attempt) -> int:
    """Rate an attempt as FSRS does: 1 again, 2 hard, 3 good; help counts as what it is."""
    if attempt.given_up or attempt.score < 0.5:
        return 1
    return 3 if unaided(attempt) else 2


def pick(
    attempts: Sequence[Attempt],
    question: int | None = None,
    level: int | None = None,
    count: int = 1,
    now: datetime | None = None,
) -> list[str]:
    """Choose exercises to practise: those due and new ones in turn, the questions mixed.

    Args:
        attempts: from the store.
        question: only this question, 1 to 7.
        level: only this level, 1 to 3.
        count: how many; an exercise is repeated once all others were chosen.
        now: the present.

    Returns:
        Exercise ids; empty if there is no exercise of that question and level.
    """
    now = now or datetime.now(UTC)
    wanted = [e for e in bank.exercises() if question in (None, e.question) and level in (None, e.level)]
    known, last = skills(attempts, now), attempts[-1] if attempts else None
    order = line_up(wanted, known, now, last, min(count, len(wanted)))
    return [order[i % len(order)] for i in range(count)] if order else []


def line_up(
    wanted: Sequence[Exercise], known: Mapping[str, Skill], now: datetime, last: Attempt | None, count: int
) -> list[str]:
    """Return the ids of the exercises to ask next, each once.

    Args:
        wanted: the exercises to choose from.
        known: what is known about each.
        now: the present.
        last: the attempt before; its exercise is not asked again at once, and its question rather not.
        count: how many, at most the number of exercises.
    """
    before = (last.exercise, last.time) if last else ("", now - APART)
    questions = {e.id: e.question for e in bank.exercises()}
    tried = Counter(e.question for e in wanted if known[e.id].tries)
    left, chosen = list(wanted), []
    new_turn = before[0] not in known or known[before[0]].tries > 1
    while len(chosen) < count:
        asked = before[0] if now - before[1] < APART else ""
        free = [e for e in left if e.id != asked] or left
        due = [e for e in free if _is_due(known[e.id], now)]
        new = [e for e in free if not known[e.id].tries]
        near = questions.get(before[0])
        if new and (new_turn or not due):
            best = min(new, key=lambda e: (e.level, e.question == near, tried[e.question], e.question))
        elif due:
            best = min(due, key=lambda e: (_worth(known[e.id]) + 0.05 * (e.question == near), e.question))
        else:
            best = min(free, key=lambda e: known[e.id].recall)
        chosen.append(best.id)
        left.remove(best)
        before = (best.id, now)
        new_turn = bool(known[best.id].tries)
        tried[best.question] += new_turn is False
    return chosen


def _is_due(skill: Skill, now: datetime) -> bool:
    return skill.due is not None and skill.due <= now


def _worth(skill: Skill) -> float:
    """Return the smaller number for what needs practice more."""
    return skill.recall - max(skill.slips.values(), default=0.0)
