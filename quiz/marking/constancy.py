"""Finds out whether a student's wrong values leave nothing to be calculated: saturation and zero factors."""

from collections.abc import Mapping

import numpy as np

from quiz.exercise import Ask
from quiz.exercise.soundness import NOISE, tolerance_of
from quiz.marking.credit import is_number
from quiz.marking.runs import MOVES, SCALES, TINY, Answered, Run, is_zero


def is_constant(answered: Answered, ask: Ask, table: Mapping[Run, np.ndarray]) -> bool:
    """Return whether the student's own values make an answer constant, as the correct values do not.

    There are four ways: the values and the answer are 0; all wrong values are one and the same number, and
    the answer is this number or 0; a function is saturated, so that the answer hardly changes when the values
    do; a factor is 0, so that no slip would change the answer. A decision, such as ``z > 0`` or
    ``max(0, z)``, is not constant: it is made by looking at the value.
    """
    wrong = [other for other in answered.before(ask) if _is_off(answered, other)]
    if not is_number(ask) or not all(is_number(other) for other in wrong):
        return False
    own = table[Run(ask=ask.name)]
    if is_zero(ask, own) and not any(answered.given[other.name].any() for other in wrong):
        return True
    given = np.concatenate([answered.given[other.name].ravel() for other in wrong or answered.before(ask)])
    copied = len(given) > 1 and len(np.unique(given)) == 1
    if copied and set(answered.parts(ask).tolist()) <= {given[0], 0.0}:
        return True
    return _is_saturated(ask, table) or _has_zero_factor(answered, ask, table, wrong)


def _is_off(answered: Answered, ask: Ask) -> bool:
    return bool((np.abs(answered.parts(ask) - answered.key(ask)) > tolerance_of(ask) + NOISE).any())


def _change(one: np.ndarray, other: np.ndarray) -> float:
    with np.errstate(invalid="ignore"):
        return float(np.nan_to_num(np.abs(one - other).max(), nan=np.inf))


def _is_saturated(ask: Ask, table: Mapping[Run, np.ndarray]) -> bool:
    """Return whether the answer approaches a constant: it changes, but by less than the tolerance."""

    def changes(moves: tuple[tuple[float, float], ...], *, right: bool) -> list[float]:
        still = table[Run(ask=ask.name, right=right)]
        return [_change(table[Run(ask=ask.name, moved=moved, right=right)], still) for moved in moves]

    if max(changes(MOVES, right=False)) > ask.tolerance or max(changes(MOVES, right=True)) <= ask.tolerance:
        return False
    path = changes((*MOVES, *((scale - 1, 0.0) for scale in SCALES)), right=False)
    return any(NOISE < change <= ask.tolerance for change in path)


def _has_zero_factor(answered: Answered, ask: Ask, table: Mapping[Run, np.ndarray], wrong: list[Ask]) -> bool:
    """Return whether no slip changes the answer because a value, or a difference of values, is 0."""
    own, key = table[Run(ask=ask.name)], table[Run(ask=ask.name, right=True)]
    zero, moved = is_zero(ask, own), table[Run(ask=ask.name, moved=TINY)]
    from_zero = any(is_zero(other, answered.given[other.name]) for other in wrong)
    if zero and from_zero and not is_zero(ask, key) and _change(moved, own) > NOISE:
        return True
    if not zero and not from_zero:
        return False
    slips = [(slip.name,) for slip in answered.exercise.slips]
    acting = [slip for slip in slips if _change(table[Run(slip, ask.name, right=True)], key) > ask.tolerance]
    if not acting or any(_change(table[Run(slip, ask.name)], own) > ask.tolerance for slip in acting):
        return False
    return any(_change(table[Run(slip, ask.name, moved=TINY)], moved) > NOISE for slip in acting)
