"""The tolerances are sufficient: rounding intermediate results as the question allows is marked correct.

A student rounds some values to the decimals named in the question, keeps others, and counts on from there.
The proof in `quiz.exercise.soundness` adds up the effects of single roundings; this goes whole ways,
at random, where roundings act together. (The checks of the bank keep slips twice as far away.)
"""

import numpy as np
import pytest

import quiz
from quiz import bank
from quiz.exercise import Stream
from quiz.exercise.program import Row, run
from quiz.exercise.soundness import NOISE, answers, tolerances

VARIANTS, WAYS = 12, 16


def ways(exercise, variant):
    """Values of random ways through the program, each step rounded or not; the first rounds nothing.

    What is rounded is what comes out after the roundings before it.
    """
    stream = Stream(f"rounding {variant.name}")
    offs = [{} for _way in range(WAYS)]
    for step in exercise.steps:
        values = run(exercise, variant.givens, [Row(off=off) for off in offs])[step.name]
        for way in range(1, WAYS):
            if way == 1 or stream.integer(0, 1):
                offs[way][step.name] = np.round(values[way], exercise.places) - values[way]
    return run(exercise, variant.givens, [Row(off=off) for off in offs])


@pytest.mark.parametrize("exercise_id", [e.id for e in bank.exercises() if e.places])
def test_every_way_to_round_is_within_the_tolerance(exercise_id):
    exercise = bank.exercise(exercise_id)
    for seed in range(100, 100 + VARIANTS):
        variant = quiz.generate(exercise_id, seed)
        values = ways(exercise, variant)
        limit = tolerances(exercise, values) + NOISE
        found = answers(exercise, values)
        off = np.abs(found - found[0])
        worst = np.unravel_index(np.argmax(off - limit), off.shape)
        assert (off <= limit).all(), f"{variant.name}: {off[worst]} off, {limit[worst[1]]} allowed"


def test_ways_differ_from_each_other():
    """The ways do round: on a network of sigmoids hardly two of them end alike."""
    exercise, variant = bank.exercise("q6.network"), quiz.generate("q6.network", 100)
    found = answers(exercise, ways(exercise, variant))
    assert len({tuple(row) for row in np.round(found, 9)}) > WAYS // 2
    assert 1e-5 < np.abs(found - found[0]).max() < 0.01
