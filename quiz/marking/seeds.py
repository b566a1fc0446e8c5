"""Which variant to ask next: a fresh one, or one that tells two suspected slips apart."""

from collections.abc import Collection, Sequence

from quiz import bank
from quiz.exercise import Stream
from quiz.variants.variant import generate

#: Variants that `pick` chooses from; beyond them seeds are counted on.
SEEDS = 1000


def fresh_seed(exercise_id: str, met: Collection[str], salt: int) -> int:
    """Return a seed of an exercise that the student has not met; ``salt`` makes it hard to foretell."""
    stream = Stream(f"{exercise_id} {salt}")
    for _ in range(200):
        seed = stream.integer(1, SEEDS - 1)
        if f"{exercise_id}@{seed}" not in met:
            return seed
    return next(seed for seed in range(SEEDS, 10**9) if f"{exercise_id}@{seed}" not in met)


def telling_seed(exercise_id: str, suspects: Sequence[str], met: Collection[str], salt: int) -> int:
    """Return a fresh seed whose variant tells two suspected slips apart, as far as any can.

    Args:
        exercise_id: the exercise.
        suspects: names of slips (two made at once joined by ``+``) that explained an answer equally well.
        met: the names of variants that are left out.
        salt: makes the choice hard to foretell.

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
        seed = fresh_seed(exercise_id, met, salt + number)
        values = run(exercise, generate(exercise_id, seed).givens, rows)
        table, limit = answers(exercise, values), 2 * tolerances(exercise, values)
        apart = (np.abs(table[:, None] - table[None]) > limit).any(axis=-1)
        if (told := int(np.triu(apart, 1).sum())) > most:
            best, most = seed, told
        if most == len(rows) * (len(rows) - 1) // 2:
            break
    return best
