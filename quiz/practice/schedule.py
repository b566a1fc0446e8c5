"""Chooses what to practise, by a memory model of each exercise and each slip.

The model is FSRS (package ``fsrs``). It is not stored but computed from the attempts, so that it cannot
disagree with them.

Reference:
    Ye, Su and Cao, "A stochastic shortest path algorithm for optimizing spaced repetition scheduling", 2022.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from quiz import bank
from quiz.exercise import Exercise
from quiz.practice.store import Attempt

#: The score from which an exercise counts as answered.
PASSED = 0.99


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


def skills(attempts: Sequence[Attempt], now: datetime | None = None) -> dict[str, Skill]:
    """Return what is known about every exercise of the bank, in its order."""
    if not attempts:
        return {e.id: Skill(e.id, 0, 0.0, 0.0, None, {}) for e in bank.exercises()}
    from fsrs import Card, Rating, Scheduler

    now = now or datetime.now(UTC)
    scheduler = Scheduler(enable_fuzzing=False)
    cards: dict[tuple[str, str], Card] = {}
    tries: Counter[str] = Counter()
    best: dict[str, float] = {}
    for attempt in attempts:
        name = attempt.exercise
        tries[name] += 1
        best[name] = max(best.get(name, 0.0), attempt.score)
        known = {slip for owner, slip in cards if owner == name and slip}
        ratings = {"": _rating(Rating, attempt.score)}
        ratings |= dict.fromkeys(known, Rating.Good) | dict.fromkeys(attempt.slips, Rating.Again)
        for slip, rating in ratings.items():
            card = cards.get((name, slip)) or Card(card_id=len(cards), due=attempt.time)
            cards[name, slip] = scheduler.review_card(card, rating, attempt.time)[0]
    found = {}
    for e in bank.exercises():
        card = cards.get((e.id, ""))
        recall = scheduler.get_card_retrievability(card, now) if card else 0.0
        slips = {
            slip: 1 - scheduler.get_card_retrievability(c, now)
            for (owner, slip), c in cards.items()
            if owner == e.id and slip in {s.name for s in e.slips}
        }
        found[e.id] = Skill(e.id, tries[e.id], best.get(e.id, 0.0), recall, card.due if card else None, slips)
    return found


def _rating(rating: type, score: float):
    if score >= PASSED:
        return rating.Good
    return rating.Hard if score >= 0.5 else rating.Again


def pick(
    attempts: Sequence[Attempt],
    question: int | None = None,
    level: int | None = None,
    count: int = 1,
    now: datetime | None = None,
) -> list[str]:
    """Choose exercises to practise: first those due, by lowest recall; then new ones, easy before hard.

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
    known = skills(attempts, now)
    wanted = [e for e in bank.exercises() if question in (None, e.question) and level in (None, e.level)]

    def urgency(e: Exercise) -> tuple:
        skill = known[e.id]
        if skill.tries and skill.due and skill.due <= now:
            return (0, skill.recall - max(skill.slips.values(), default=0.0))
        if not skill.tries:
            return (1, e.level, e.question)
        return (2, skill.recall)

    order = [e.id for e in sorted(wanted, key=urgency)]
    return [order[i % len(order)] for i in range(count)] if order else []
