"""What to practise: a memory model for each exercise and each slip, from the attempts alone.

The model is FSRS (package ``fsrs``). Nothing of it is stored: it is worked out anew from the attempts, so
that it can't disagree with them.

Reference:
    Ye, Su and Cao, "A stochastic shortest path algorithm for optimizing spaced repetition scheduling", 2022.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from quiz import bank
from quiz.exercise import Exercise, Stream
from quiz.practice.store import Attempt

#: A score from which an exercise counts as answered.
PASSED = 0.99
#: Variants that `pick` chooses from; beyond them seeds are counted on.
SEEDS = 1000


@dataclass(frozen=True)
class Skill:
    """What is known about one exercise.

    Attributes:
        exercise: its id.
        tries: attempts so far.
        best: the best score so far, 0 to 1.
        recall: the chance that it would be answered now, 0 to 1; 0 if never tried.
        due: when it should be repeated; ``None`` if never tried.
        slips: each slip's chance to be made again now, for slips made at least once.
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
        made = {
            slip for part in attempt.parts.values() for group in part["slips"] for slip in group.split("+")
        }
        known = {slip for owner, slip in cards if owner == name and slip}
        ratings = {"": _rating(Rating, attempt.score)}
        ratings |= {slip: Rating.Again if slip in made else Rating.Good for slip in made | known}
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
    """Choose exercises to practise: what is due first, the shakiest first; then new ones, easy before hard.

    Args:
        attempts: from the store.
        question: only this question, 1 to 7.
        level: only this level, 1 to 3.
        count: how many; an exercise comes again once all others had their turn.
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


def fresh_seed(exercise_id: str, attempts: Sequence[Attempt], salt: int) -> int:
    """Return a seed of an exercise that the student has not met; ``salt`` makes it hard to foretell."""
    met = {a.variant for a in attempts}
    stream = Stream(f"{exercise_id} {salt}")
    for _ in range(200):
        seed = stream.integer(1, SEEDS - 1)
        if f"{exercise_id}@{seed}" not in met:
            return seed
    return next(seed for seed in range(SEEDS, 10**9) if f"{exercise_id}@{seed}" not in met)


def telling_seed(exercise_id: str, suspects: Sequence[str], attempts: Sequence[Attempt], salt: int) -> int:
    """Return a fresh seed whose variant tells two suspected slips apart, as far as any can.

    Args:
        exercise_id: the exercise.
        suspects: names of slips (two made at once joined by ``+``) that explained an answer equally well.
        attempts: from the store; variants met are left out.
        salt: makes the choice hard to foretell.

    Returns:
        The first seed at which every two suspects give different answers; the best of 20 if there is none.
    """
    import numpy as np

    from quiz.exercise.program import Row, run
    from quiz.exercise.soundness import answers, tolerances
    from quiz.variants.variant import generate

    exercise = bank.exercise(exercise_id)
    rows = [Row(tuple(name.split("+"))) for name in suspects]
    best, most = 0, -1
    for number in range(20):
        seed = fresh_seed(exercise_id, attempts, salt + number)
        values = run(exercise, generate(exercise_id, seed).givens, rows)
        table, limit = answers(exercise, values), 2 * tolerances(exercise, values)
        apart = (np.abs(table[:, None] - table[None]) > limit).any(axis=-1)
        if (told := int(np.triu(apart, 1).sum())) > most:
            best, most = seed, told
        if most == len(rows) * (len(rows) - 1) // 2:
            break
    return best
