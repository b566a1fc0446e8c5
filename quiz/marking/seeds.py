"""Chooses the next variant: a new one, or one that distinguishes two suspected slips."""

from collections.abc import Collection, Sequence

from quiz import bank
from quiz.exercise import Stream
from quiz.variants.variant import generate

#: Seeds that are drawn from at first; when they are used up, larger ones follow in order.
SEEDS = 1000


def fresh_seed(exercise_id: str, answered: Collection[str], salt: int) -> int:
    """Return a seed of an exercise that the student has not answered; ``salt`` makes it unpredictable."""
    stream = Stream(f"{exercise_id} {salt}")
    for _ in range(200):
        seed = stream.integer(1, SEEDS - 1)
        if f"{exercise_id}@{seed}" not in answered:
            return seed
    return next(seed for seed in range(SEEDS, 10**9) if f"{exercise_id}@{seed}" not in answered)


def distinguishing_seed(
    exercise_id: str, suspects: Sequence[str], answered: Collection[str], salt: int
) -> int:
    """Return a new seed whose variant distinguishes the suspected slips best.

    Args:
        exercise_id: the exercise.
        suspects: names of slips (two made at once joined by ``+``) that explained an answer equally well.
        answered: the names of variants to exclude.
        salt: makes the choice unpredictable.

    Returns:
        The first seed at which every two suspects give different answers; the best of 20 if there is none.
    """
    import numpy as np  # takes a tenth of a second, and `fresh_seed` must not wait for it

    from quiz.exercise.program import Row, run  # loads NumPy
    from quiz.exercise.soundness import answers, tolerances  # loads NumPy

    exercise = bank.exercise(exercise_id)
    rows = [Row(tuple(name.split("+"))) for name in suspects]
    best, most = 0, -1
    for number in range(20):
        seed = fresh_seed(exercise_id, answered, salt + number)
        values = run(exercise, generate(exercise_id, seed).givens, rows)
        table, limit = answers(exercise, values), 2 * tolerances(exercise, values)
        apart = (np.abs(table[:, None] - table[None]) > limit).any(axis=-1)
        if (pairs_apart := int(np.triu(apart, 1).sum())) > most:
            best, most = seed, pairs_apart
        if most == len(rows) * (len(rows) - 1) // 2:
            break
    return best
