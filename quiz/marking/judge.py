"""Judges answers in two pure functions: `plan` lists the runs of the program, `judge` compares their values.

An answer is correct, follows from the student's own earlier values, or is wrong; then a slip may explain it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from quiz.exercise import Ask, Exercise
from quiz.exercise.program import Row
from quiz.exercise.soundness import NOISE, answer_values, tolerance_of
from quiz.marking.marks import CORRECT, FOLLOW_THROUGH, WRONG

#: Step name to the values of all rows, as the program gives them.
Values = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Verdict:
    """The verdict on one answer; the fields are those of `quiz.Part`."""

    status: str
    credit: float = 0.0
    slips: tuple[str, ...] = ()
    trivial: bool = False
    failed: int | None = None


class Run(NamedTuple):
    """A run of the program: the slips made, and the ask whose ancestors get the student's own values."""

    slips: tuple[str, ...] = ()
    ask: str | None = None


@dataclass(frozen=True)
class Plan:
    """What is needed to judge one student's answers.

    Attributes:
        exercise: what was answered.
        given: ask name to the answer, of those that could be read.
        key: ask name to the correct answer, flat.
        forced: ask name to the student's own values of the steps that the ask depends on, if one of them is
            wrong; empty if all are correct.
        runs: the runs of the program; none if every answer is correct.
    """

    exercise: Exercise
    given: Mapping[str, np.ndarray]
    key: Mapping[str, np.ndarray]
    forced: Mapping[str, Mapping[str, np.ndarray]]
    runs: tuple[Run, ...]

    @property
    def asks(self) -> list[Ask]:
        """What was answered."""
        return _answered(self.exercise, self.given)

    @property
    def rows(self) -> list[Row]:
        """The runs as rows of the program."""
        return [Row(run.slips, self.forced[run.ask] if run.ask else {}) for run in self.runs]


def plan(exercise: Exercise, given: Mapping[str, np.ndarray], right: Values) -> Plan:
    """List the runs of the program that the answers need.

    Args:
        exercise: what was answered.
        given: ask name to the answer, as the program's numbers.
        right: the values of the row without slips.
    """
    asks = _answered(exercise, given)
    key = {ask.name: answer_values(ask, right)[0] for ask in asks}
    wrong = {ask.name for ask in asks if not agree(ask, given[ask.name].ravel(), key[ask.name])}
    forced = {ask.name: _own_values(exercise, ask, given, wrong, right) for ask in asks}
    if not wrong:
        return Plan(exercise, given, key, forced, ())
    single = [(), *((slip.name,) for slip in exercise.slips)]
    runs = [Run(slips) for slips in [*single, *pairs(exercise)]]
    runs += [Run(slips, ask.name) for ask in asks if forced[ask.name] for slips in single]
    return Plan(exercise, given, key, forced, tuple(runs))


def judge(plan: Plan, values: Values) -> dict[str, Verdict]:
    """Judge every answer.

    Args:
        plan: from `plan`.
        values: what the program gave for the plan's rows.

    Returns:
        Ask name to verdict, for the answers that could be read.
    """
    verdicts: dict[str, Verdict] = {}
    explained: dict[str, Sequence[tuple[str, ...]]] = {}
    for ask in plan.asks:
        answer = plan.given[ask.name].ravel()
        if agree(ask, answer, plan.key[ask.name]):
            verdicts[ask.name] = Verdict(CORRECT, 1.0)
            continue
        table = dict(zip(plan.runs, answer_values(ask, values), strict=True))
        if plan.forced[ask.name] and agree(ask, answer, table[Run(ask=ask.name)]):
            trivial = _is_trivial(plan, ask, table)
            verdicts[ask.name] = Verdict(
                WRONG if trivial else FOLLOW_THROUGH, float(not trivial), (), trivial
            )
        else:
            explained[ask.name] = _explanations(plan, ask, table)
    # a slip that explains more of the answers is more likely
    support = [slips for found in explained.values() for slips in found]
    for name, found in explained.items():
        most = max((support.count(slips) for slips in found), default=0)
        best = tuple("+".join(slips) for slips in found if support.count(slips) == most)
        verdicts[name] = Verdict(WRONG, slips=best)
    return verdicts


def pairs(exercise: Exercise) -> tuple[tuple[str, str], ...]:
    """Return the pairs of slips that can be made at once: they replace different steps."""
    two = combinations(exercise.slips, 2)
    return tuple((a.name, b.name) for a, b in two if not set(a.rules) & set(b.rules))


def agree(ask: Ask, one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two values of an ask agree within its tolerance."""
    return bool((np.abs(one - other) <= tolerance_of(ask) + NOISE).all())


def _answered(exercise: Exercise, given: Mapping[str, np.ndarray]) -> list[Ask]:
    return [ask for ask in exercise.asks if ask.name in given]


def _own_values(
    exercise: Exercise, ask: Ask, given: Mapping[str, np.ndarray], wrong: set[str], right: Values
) -> dict[str, np.ndarray]:
    """Return the student's own values of the steps that an ask depends on, if one of them is wrong."""
    before = [other for other in _answered(exercise, given) if other.step in exercise.ancestors[ask.step]]
    if not any(other.name in wrong for other in before):
        return {}
    found: dict[str, np.ndarray] = {}
    for other in before:
        value = found.setdefault(other.step, np.array(right[other.step][0]))
        value[other.index] = given[other.name]
    return found


def _is_trivial(plan: Plan, ask: Ask, table: Mapping[Run, np.ndarray]) -> bool:
    """Return whether the student's earlier values make the rest trivial: no slip would change the answer."""
    forced, right, own = plan.forced[ask.name], table[Run()], table[Run(ask=ask.name)]
    zero = agree(ask, 0 * own, own)
    if zero and not any(value.any() for value in forced.values()):
        return True
    free = [
        (slip.name,)
        for slip in plan.exercise.slips
        if not set(slip.rules) & set(forced) and not agree(ask, table[Run((slip.name,))], right)
    ]
    if free:
        return all(agree(ask, table[Run(slips, ask.name)], own) for slips in free)
    return zero and not agree(ask, 0 * right, right)


def _explanations(plan: Plan, ask: Ask, table: Mapping[Run, np.ndarray]) -> Sequence[tuple[str, ...]]:
    """Return the slips that give the answer: from the givens, else from the student's values, else pairs."""
    answer = plan.given[ask.name].ravel()

    def explain(run: Run) -> bool:
        return agree(ask, answer, table[run]) and not agree(ask, table[run], table[Run(ask=run.ask)])

    for own in (None, ask.name) if plan.forced[ask.name] else (None,):
        if found := [(s.name,) for s in plan.exercise.slips if explain(Run((s.name,), own))]:
            return found
    return [two for two in pairs(plan.exercise) if explain(Run(two))]
