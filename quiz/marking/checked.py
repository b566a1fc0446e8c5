"""Judges answers of which many are correct: the program runs each and its check says what is wrong with it.

A slip explains such an answer if the answer passes the check under the slip's wrong rules: the student who
makes the slip believes that it is correct.
"""

from collections.abc import Mapping

import numpy as np

from quiz.exercise import Ask, Exercise, Slip
from quiz.exercise.program import Row
from quiz.exercise.soundness import NOISE
from quiz.marking.judge import Verdict
from quiz.marking.marks import CORRECT, WRONG
from quiz.marking.runs import Values


def _asks(exercise: Exercise, given: Mapping[str, np.ndarray]) -> list[Ask]:
    return [ask for ask in exercise.asks if ask.check and ask.name in given]


def _slips(exercise: Exercise, ask: Ask) -> list[Slip]:
    """Return the slips that change how an answer is judged."""
    before = {ask.step} | exercise.ancestors[ask.step]
    judging = ({ask.check} | exercise.ancestors[ask.check]) - before
    return [slip for slip in exercise.slips if judging & set(slip.rules)]


def checked_rows(exercise: Exercise, given: Mapping[str, np.ndarray]) -> list[Row]:
    """Return the runs that `check` needs: each answer by the right rules, then by those of each slip.

    Args:
        exercise: what was answered.
        given: ask name to the answer, as the program's numbers, of the asks with a check.
    """
    return [
        Row(slips, {ask.step: given[ask.name]})
        for ask in _asks(exercise, given)
        for slips in [(), *((slip.name,) for slip in _slips(exercise, ask))]
    ]


def check(exercise: Exercise, given: Mapping[str, np.ndarray], values: Values) -> dict[str, Verdict]:
    """Judge the answers.

    Args:
        exercise: what was answered.
        given: as for `checked_rows`.
        values: what the program gave for these rows.

    Returns:
        Ask name to verdict.
    """
    verdicts: dict[str, Verdict] = {}
    row = 0
    for ask in _asks(exercise, given):
        slips = _slips(exercise, ask)
        faults = np.reshape(values[ask.check][row : row + 1 + len(slips)], (1 + len(slips), -1))
        passes = np.abs(faults).max(axis=1) <= NOISE
        row += len(faults)
        if passes[0]:
            verdicts[ask.name] = Verdict(CORRECT, 1.0)
            continue
        names = tuple(slip.name for slip, passed in zip(slips, passes[1:], strict=True) if passed)
        failed = int(np.argmax(np.abs(faults[0]) > NOISE)) if ask.cases else None
        credit = 0.0 if ask.cases else max(0.0, 1 - float(faults[0].max()))
        verdicts[ask.name] = Verdict(WRONG, credit, names, failed=failed)
    return verdicts
