"""What a student's marks say about the mistakes behind them, and which variant would tell two of them "
"apart."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np

from quiz import bank
from quiz.marks import Marks
from quiz.program import Row, run
from quiz.soundness import NOISE, answers, tolerances
from quiz.variant import Variant, generate

#: Mistakes made at once that are looked for.
MOST = 3

Suspects = tuple[frozenset[str], ...]


def diagnose(marks: Marks) -> Suspects:
    """Find the smallest sets of slips that explain every answer that some slip explains.

    Returns:
        One set if the mistake is clear, several if they explain the answers equally well, none if there is
        nothing to explain or nothing is explained.

    Example:
        >>> import quiz
        >>> v = quiz.generate("q2.update", seed=7)
        >>> diagnose(quiz.grade(v, {"e": -quiz.key(v)["e"]}))
        (frozenset({'sign'}),)
    """
    groups = [
        [frozenset(group.split("+")) for group in part.slips] for part in marks.parts.values() if part.slips
    ]
    named = sorted({slip for part in groups for group in part for slip in group})
    for size in range(1, min(MOST, len(named)) + 1):
        found = [
            chosen
            for chosen in map(frozenset, combinations(named, size))
            if all(any(group <= chosen for group in part) for part in groups)
        ]
        if found:
            return tuple(found)
    return ()


def narrow(before: Suspects, now: Suspects) -> Suspects:
    """Combine the diagnoses of two attempts: the smallest sets of slips that explain both.

    Example:
        >>> a, b = frozenset("a"), frozenset("b")
        >>> narrow((a, b), (b,)) == (b,), narrow((a,), ()) == (a,), narrow((a | b,), (a,)) == (a | b,)
        (True, True, True)
    """
    if not before or not now:
        return before or now
    both = {one | other for one in before for other in now}
    least = min(len(slips) for slips in both)
    return tuple(sorted((slips for slips in both if len(slips) == least), key=sorted))


def telling_variant(exercise_id: str, suspects: Iterable[Iterable[str]], seeds: Sequence[int]) -> Variant:
    """Choose the variant that tells suspected sets of slips apart best.

    Args:
        exercise_id: of which exercise.
        suspects: sets of slip names, as `diagnose` gives them.
        seeds: which variants to choose from.

    Returns:
        The variant in which the two most similar suspects differ in the largest number of answers; the
        earliest of those that are equally good.

    Example:
        >>> telling_variant("q2.update", [{"no-rate"}, {"no-input"}], range(5)).name
        'q2.update@0'
    """
    sets = tuple(sorted(tuple(sorted(slips)) for slips in suspects))
    return max((generate(exercise_id, seed) for seed in seeds), key=lambda variant: _apart(variant, sets))


def _apart(variant: Variant, sets: tuple[tuple[str, ...], ...]) -> int:
    """In how many numbers of the answer the two most similar suspects differ."""
    if len(sets) < 2:
        return 0
    exercise = bank.exercise(variant.exercise)
    values = run(exercise, variant.givens, [Row(slips) for slips in sets])
    table, limit = answers(exercise, values), 2 * tolerances(exercise, values) + NOISE
    return min(int((np.abs(a - b) > limit).sum()) for a, b in combinations(table, 2))


@lru_cache
def pairs(exercise_id: str) -> tuple[tuple[str, str], ...]:
    """The slips of an exercise that can be made at once: they spoil different steps."""
    slips = bank.exercise(exercise_id).slips
    return tuple((a.name, b.name) for a, b in combinations(slips, 2) if not set(a.rules) & set(b.rules))
