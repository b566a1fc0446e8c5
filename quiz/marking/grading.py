"""Marks answers: correct, follow-through, wrong (with the slip that explains it), invalid or blank."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quiz import bank
from quiz.exercise import Exercise
from quiz.exercise.program import Row, run, run_many
from quiz.marking.answers import Reading, read, to_answer
from quiz.marking.checked import check, checked_rows
from quiz.marking.judge import Verdict, judge, needed, needed_next
from quiz.marking.marks import Marks, Part
from quiz.marking.runs import Answered, Run, Values
from quiz.text import mark as _
from quiz.text.errors import Unknown
from quiz.variants.variant import Variant

#: A variant, the answers to it, the language, and optionally whether expressions are worked out.
Case = tuple[Variant, Mapping[str, Any], str] | tuple[Variant, Mapping[str, Any], str, bool]


def grade(variant: Variant, given: Mapping[str, Any], lang: str = "en") -> Marks:
    """Mark a student's answers to a variant.

    Args:
        variant: from `quiz.generate`.
        given: ask name to what was typed, or to a number; missing answers are blank.
        lang: the language whose notation of numbers is read.

    Returns:
        The score and, for each ask, its mark.

    Raises:
        Unknown: an answer to something that is not asked.

    Example:
        >>> import quiz
        >>> v = quiz.generate("q2.update", seed=7)
        >>> m = quiz.grade(v, {name: value for name, value in quiz.key(v).items()})
        >>> m.score
        1.0
    """
    return grade_many([(variant, given, lang)])[0]


def grade_many(cases: Iterable[Case]) -> list[Marks]:
    """Mark many students' answers at once, which is much faster than one after another.

    Args:
        cases: what `grade` takes: variant, answers, language; ``False`` as the fourth if an expression of
            numbers is not an answer.

    Returns:
        The marks of each case; the same as `grade` gives.

    Example:
        >>> import quiz
        >>> v = quiz.generate("q2.update", seed=7)
        >>> [m.score for m in grade_many([(v, quiz.key(v), "en"), (v, {}, "en")])]
        [1.0, 0.0]
    """
    opened = [_open(c[0], c[1], c[2], c[3] if len(c) == 4 else True) for c in cases]
    verdicts = iter(_verdicts([case for case in opened if case.given], alone=len(opened) == 1))
    tried = [(case.variant, checked_rows(case.exercise, case.checked)) for case in opened]
    checked = _values(tried, alone=len(opened) == 1)
    return [
        _marks(case, (next(verdicts) if case.given else {}) | check(case.exercise, case.checked, values))
        for case, values in zip(opened, checked, strict=True)
    ]


def _verdicts(cases: Sequence["_Case"], *, alone: bool) -> list[dict[str, Verdict]]:
    """Judge the answers of all cases, in three runs of each program."""
    right = _values([(case.variant, [Row()]) for case in cases], alone=alone)
    answered = [
        Answered(case.exercise, case.variant.givens, case.given, values)
        for case, values in zip(cases, right, strict=True)
    ]

    def values_of(runs: Sequence[Sequence[Run]]) -> list[Values]:
        rows = [[own.row(run) for run in wanted] for own, wanted in zip(answered, runs, strict=True)]
        return _values(
            [(case.variant, wanted) for case, wanted in zip(cases, rows, strict=True)], alone=alone
        )

    runs = [needed(own) for own in answered]
    values = values_of(runs)
    further = [needed_next(*case) if case[1] else () for case in zip(answered, runs, values, strict=True)]
    return list(map(judge, answered, runs, values, further, values_of(further)))


@dataclass(frozen=True)
class _Case:
    """One student's answers to a variant, read."""

    variant: Variant
    exercise: Exercise
    readings: Mapping[str, Reading]

    @property
    def given(self) -> dict[str, np.ndarray]:
        """Ask name to the answer as the program's numbers, of those that the key judges."""
        return self._read(checked=False)

    @property
    def checked(self) -> dict[str, np.ndarray]:
        """The same of those that the program checks."""
        return self._read(checked=True)

    def _read(self, *, checked: bool) -> dict[str, np.ndarray]:
        wanted = [ask.name for ask in self.exercise.asks if bool(ask.check) == checked]
        return {name: value for name in wanted if (value := self.readings[name].value) is not None}


def _open(variant: Variant, given: Mapping[str, Any], lang: str, expressions: bool = True) -> _Case:
    """Read the answers; raise `Unknown` for an answer to something that is not asked."""
    exercise = bank.exercise(variant.exercise)
    names = [ask.name for ask in exercise.asks]
    for name in given:
        if name not in names:
            raise Unknown(
                _('%(variant)s does not ask for "%(name)s"; it asks for %(names)s'),
                variant=variant.name,
                name=name,
                names=", ".join(names),
            )
    readings = {
        ask.name: read(ask, given.get(ask.name), variant, lang, expressions=expressions)
        for ask in exercise.asks
    }
    return _Case(variant, exercise, readings)


def _values(cases: Sequence[tuple[Variant, Sequence[Row]]], *, alone: bool) -> list[Values]:
    """Run the program for the rows of each case: one case alone, or those of each exercise together.

    The two are compiled separately, so the last case of many must not run as a case alone.
    """
    results: list[Values] = [{} for _case in cases]
    groups: dict[str, list[int]] = {}
    for number, (variant, rows) in enumerate(cases):
        if rows:
            groups.setdefault(variant.exercise, []).append(number)
    for exercise, numbers in groups.items():
        wanted = [(cases[n][0].givens, cases[n][1]) for n in numbers]
        program = bank.exercise(exercise)
        found = [run(program, *wanted[0])] if alone else run_many(program, wanted)
        for number, values in zip(numbers, found, strict=True):
            results[number] = values
    return results


def _marks(case: _Case, verdicts: Mapping[str, Verdict]) -> Marks:
    parts = {}
    for ask in case.exercise.asks:
        reading = case.readings[ask.name]
        verdict = verdicts.get(ask.name, Verdict(reading.status))
        parts[ask.name] = Part(
            name=ask.name,
            given=reading.text,
            status=verdict.status,
            credit=verdict.credit,
            slip=next(iter(verdict.slips), None),
            slips=verdict.slips,
            read=reading.exact,
            _exercise=case.exercise.id,
            _refused=reading.refused,
            _trivial=verdict.trivial,
            _failed=verdict.failed,
            _again=verdict.again,
            _right=verdict.parts,
            _cells=verdict.cells,
        )
    total = sum(ask.weight for ask in case.exercise.asks)
    score = sum(parts[ask.name].credit * ask.weight for ask in case.exercise.asks) / total
    return Marks(case.variant, parts, score)


def key(variant: Variant) -> dict[str, Any]:
    """Return the correct answers as the library computes them: floats, lists of floats, numbers of options.

    Args:
        variant: from ``generate``.

    Returns:
        Ask name to answer: a float, a list of floats, or the number of an option, from 1.

    Example:
        >>> import quiz
        >>> sorted(quiz.key(quiz.generate("q2.update", seed=7)))
        ['b', 'e', 'w1', 'w2', 'y', 'z']
    """
    exercise = bank.exercise(variant.exercise)
    values = run(exercise, variant.givens)
    return {ask.name: to_answer(ask, values[ask.step][(0, *ask.index)]) for ask in exercise.asks}
