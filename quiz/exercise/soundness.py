"""Checks that a variant is sound: finite values, valid tolerances, slips that differ from each other."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from quiz.exercise.model import Ask, Exercise, Givens, Step
from quiz.exercise.program import Row, evaluate, pack, shapes_of, split

#: Differences below this are rounding errors of float64.
NOISE = 1e-8
#: The tolerance of answers that are integers by nature (choices, orders).
INTEGER_TOLERANCE = 0.25


def why_unsound(exercise: Exercise, givens: Givens) -> str:
    """Return why givens make no sound variant; the empty text if they make one.

    A variant is sound if every value is finite, if rounding each step to the decimals that the question
    allows keeps every answer within its tolerance, if every slip changes some answer by more than twice the
    tolerance and none by less, and if no two slips give the same answers, unless they are declared alike.

    The effect of rounding is the sum over all intermediate numbers of the larger change that half a unit of
    the last decimal makes, down or up.
    """
    static, arrays = split(givens, exercise)
    shapes = shapes_of(exercise, static, arrays)
    values = evaluate(exercise, static, arrays, _rows(exercise, tuple(shapes.items())))
    if not all(np.isfinite(value).all() for value in values.values()):
        return "a value that is not finite"
    table, tolerance = answers(exercise, values), tolerances(exercise, values)
    slips = len(exercise.slips)
    right, wrong, rounded = table[0], table[1 : slips + 1], table[slips + 1 :]
    on_the_way = np.concatenate([values[step.name][0].ravel() for step in _used(exercise)])
    spread = (
        np.abs(rounded[: 2 * len(on_the_way)] - right).reshape(len(on_the_way), 2, len(right)).max(axis=1)
    )
    rounding = spread[~is_round(on_the_way, exercise.places)].sum(axis=0)
    too_far = rounding > tolerance + NOISE
    if exercise.places and too_far.any():
        return f"rounding moves answer {int(np.argmax(too_far)) + 1} out of its tolerance"
    return _collision(exercise, givens, right, wrong, 2 * tolerance + NOISE)


def _collision(
    exercise: Exercise, givens: Givens, right: np.ndarray, wrong: np.ndarray, limit: np.ndarray
) -> str:
    """Return which slip gives the correct answers, or which two give the same ones."""
    acting = [pair for pair in zip(exercise.slips, wrong, strict=True) if pair[0].acts(givens)]
    for slip, row in acting:
        far = np.abs(row - right)
        if (far <= limit).all():
            return f"slip {slip.name} gives the right answers"
        if ((far > NOISE) & (far <= limit)).any():
            return f"slip {slip.name} comes too near a right answer"
    for (one, first), (two, second) in combinations(acting, 2):
        alike = two.name in one.alike or one.name in two.alike
        if not alike and (np.abs(first - second) <= limit).all():
            return f"slips {one.name} and {two.name} give the same answers"
    return ""


@lru_cache
def _used(exercise: Exercise) -> tuple[Step, ...]:
    """Return the steps whose rounding an answer can show; others only fill lines of the solution."""
    used = {ask.step for ask in exercise.asks}.union(*(exercise.ancestors[a.step] for a in exercise.asks))
    return tuple(step for step in exercise.steps if step.name in used)


@lru_cache
def _rows(exercise: Exercise, shapes: tuple[tuple[str, tuple[int, ...]], ...]) -> dict[str, Any]:
    """The key, each slip, and two rows per intermediate number: half a unit down and half a unit up."""
    half = 0.5 * 10.0**-exercise.places
    rows = [Row(), *(Row((slip.name,)) for slip in exercise.slips)]
    sizes = dict(shapes)  # JAX has sorted them by name; the numbers are in the order of the steps
    for step in _used(exercise):
        for place in np.ndindex(sizes[step.name]):
            for sign in (-half, half):
                off = np.zeros(sizes[step.name])
                off[place] = sign
                rows.append(Row(off={step.name: off}))
    return pack(exercise, sizes, rows)


def is_round(value: np.ndarray, places: int) -> np.ndarray:
    """Return which numbers have no more decimals than the student keeps, so that rounding changes nothing."""
    return np.abs(value - np.round(value, places)) < NOISE


def answers(exercise: Exercise, values: Mapping[str, Any]) -> np.ndarray:
    """Return the answers of each row side by side, an array of shape ``(rows, numbers)``."""
    return np.concatenate([answer_values(ask, values) for ask in exercise.asks], axis=1)


def answer_values(ask: Ask, values: Mapping[str, Any]) -> np.ndarray:
    """Return the answer of each row as a flat array."""
    value = values[ask.step]
    return value[(slice(None), *ask.index)].reshape(len(value), -1)


def tolerance_of(ask: Ask) -> float:
    """Return the largest accepted error of each number of an answer."""
    return ask.tolerance if ask.kind in ("number", "vector", "matrix") else INTEGER_TOLERANCE


def tolerances(exercise: Exercise, values: Mapping[str, Any]) -> np.ndarray:
    """Return the tolerance of each number of `answers`."""
    return np.concatenate(
        [np.full(answer_values(ask, values).shape[1], tolerance_of(ask)) for ask in exercise.asks]
    )
