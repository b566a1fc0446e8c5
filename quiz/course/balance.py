"""Equal papers: every student of a class gets as much to do, and if possible numbers of their own.

The level of a slot is the same for all. Here the time by hand is balanced: where students get different
exercises, the combination is chosen, and then the variant of each, so that a paper takes as long as planned.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from statistics import median
from typing import Any

from quiz import bank
from quiz.course.blueprint import Blueprint, Slot
from quiz.course.folder import Course
from quiz.exercise import Exercise
from quiz.text.errors import Gone
from quiz.variants.variant import Variant, generate

#: The difference between the longest and the shortest paper that is allowed, as a share of the mean.
MAX_SPREAD = 0.1
#: How near to the plan a paper should be, as a share of it.
_NEAR = 0.03
#: Combinations of exercises tried for a student.
_COMBINATIONS = 50
#: Numbers that nobody else has are looked for up to so many students; later ones would look in vain.
_CLASS = 200
#: Variants of which the time is the usual time of an exercise.
_SAMPLE = 40


class Balance:
    """Chooses the exercises and the variants of the papers of one class."""

    def __init__(self, blueprint: Blueprint):
        """Plan the time of each slot."""
        self._slots = blueprint.slots
        self._goals = [_goal(slot) for slot in blueprint.slots]
        self._seen: set[tuple[int, str]] = set()

    def remember(self, variants: Iterable[Variant]) -> None:
        """Take in a paper, so that nobody else gets its numbers."""
        self._seen |= {(place, _numbers(variant)) for place, variant in enumerate(variants)}

    def exercises(self, course: Course, sitting: str, student: str) -> list[Exercise]:
        """Return the exercises of a student, in the order of the slots."""
        best: list[Exercise] = []
        for number in range(_COMBINATIONS if any(slot.vary for slot in self._slots) else 1):
            who = f"{student} {number}" if number else student
            found = [slot.exercise(course, sitting, place, who) for place, slot in enumerate(self._slots, 1)]
            if not best or self._off(found) < self._off(best) - 1e-9:
                best = found
            if self._off(best) <= _NEAR * sum(self._goals):
                break
        return best

    def choose(
        self, place: int, spent: float, candidates: Iterator[tuple[dict[str, Any], Variant]]
    ) -> tuple[dict[str, Any], Variant] | None:
        """Return the first candidate that keeps to the plan and that nobody has, or the best of them.

        Args:
            place: of the question, from 0.
            spent: the time that the questions before take, less what was planned for them.
            candidates: what is stored about a variant, and the variant.
        """
        best, least = None, (0.0, 0.0)
        for about, variant in candidates:
            off = abs(spent + minutes(variant) - self._goals[place])
            rank = (0.0 if off <= _NEAR * sum(self._goals) else off, float(self._is_taken(place, variant)))
            if best is None or rank < least:
                best, least = (about, variant), rank
            nearest = least[0] == 0.0 or not callable(bank.exercise(variant.exercise).minutes)
            enough = len(self._seen) > _CLASS * len(self._slots)
            if (nearest and least[1] == 0.0) or (least[0] == 0.0 and enough):
                break
        return best

    def planned(self, place: int) -> float:
        """Return the time planned for a question, from 0."""
        return self._goals[place]

    def _is_taken(self, place: int, variant: Variant) -> bool:
        return (place, _numbers(variant)) in self._seen

    def _off(self, exercises: Sequence[Exercise]) -> float:
        return abs(sum(usual(e.id) for e in exercises) - sum(self._goals))


def minutes(variant: Variant) -> float:
    """Return the time that a variant takes by hand."""
    return bank.exercise(variant.exercise).minutes_of(variant.givens)


def spread(times: Sequence[float]) -> float:
    """Return the difference between the longest and the shortest paper, as a share of the mean.

    Example:
        >>> spread([38, 40, 42])
        0.1
    """
    return (max(times) - min(times)) / (sum(times) / len(times)) if times else 0.0


@cache
def usual(exercise_id: str) -> float:
    """Return the usual time of an exercise."""
    exercise = bank.exercise(exercise_id)
    if not callable(exercise.minutes):
        return float(exercise.minutes)
    found = []
    for seed in range(_SAMPLE):
        try:
            found.append(minutes(generate(exercise_id, seed)))
        except Gone:
            continue
    return float(median(found))


def _goal(slot: Slot) -> float:
    """Return the time planned for a slot: that of the exercise nearest to the mean of its exercises."""
    times = [usual(exercise_id) for exercise_id in slot.exercises]
    mean = sum(times) / len(times)
    return min(times, key=lambda time: (abs(time - mean), time))


def _numbers(variant: Variant) -> str:
    return f"{variant.exercise} {sorted(variant.givens.items())!r}"
