"""Proofs that marking is fair, on many variants of an exercise: what must hold, and each case where it fails.

Follow-through: after one wrong value a consistent rest earns everything that does not become constant.
Rounding: answers rounded as the question allows are right, in nine ways. Diagnosis: no slip is named whose
step the student has right.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from quiz.exercise import Ask, Exercise, Stream
from quiz.exercise.program import DOWN, NEAREST, UP, Row, run_many
from quiz.marking.answers import to_answer
from quiz.marking.credit import agree, is_number
from quiz.marking.grading import grade_many
from quiz.marking.marks import CORRECT, FOLLOW_THROUGH, Marks
from quiz.variants.variant import Variant

#: Step name to the values of one row.
Values = Mapping[str, np.ndarray]

_ROUNDED = {NEAREST: np.rint, DOWN: np.floor, UP: np.ceil}


def faults(exercise: Exercise, variants: Sequence[Variant]) -> Iterator[str]:
    """Yield what fails, once for each ask and kind of fault."""
    found: dict[str, str] = {}
    for proof in (follow_through, rounding, diagnoses):
        for kind, variant in proof(exercise, variants):
            found.setdefault(kind, variant.name)
    yield from (f"{kind} ({name})" for kind, name in found.items())


def follow_through(exercise: Exercise, variants: Sequence[Variant]) -> Iterator[tuple[str, Variant]]:
    """Yield each ask that earns nothing although it follows from one wrong value and is not constant."""
    keys = _run(exercise, variants, [Row()] * len(variants))
    for ask in exercise.asks:
        later = [other for other in exercise.asks if ask.step in exercise.ancestors[other.step]]
        if not later:
            continue
        forced = [
            {ask.step: _with(ask, key, _other(ask, key, variant), key)}
            for variant, key in zip(variants, keys, strict=True)
        ]
        values = _run(exercise, variants, [Row(forced=own) for own in forced])
        marked = _grade(exercise, variants, values)
        for variant, marks in zip(variants, marked, strict=True):
            for other in later:
                part = marks.parts[other.name]
                if part.status not in (CORRECT, FOLLOW_THROUGH) and not part.constant:
                    yield f"{other.name} does not follow from a wrong {ask.name}", variant


def rounding(exercise: Exercise, variants: Sequence[Variant]) -> Iterator[tuple[str, Variant]]:
    """Yield each ask that is wrong after rounding: every step, the answers only, or going on from these."""
    if not exercise.places:
        return
    exact = _run(exercise, variants, [Row()] * len(variants))
    for way, rounded in _ROUNDED.items():
        unit = 10.0**exercise.places

        def typed(value: np.ndarray, rounded: Any = rounded, unit: float = unit) -> np.ndarray:
            return rounded(np.round(value * unit, 6)) / unit

        every_step = _run(exercise, variants, [Row(rounding=way)] * len(variants))
        going_on: list[dict[str, np.ndarray]] = [{} for _variant in variants]
        for ask in exercise.asks:
            values = _run(exercise, variants, [Row(forced=own) for own in going_on])
            for own, value in zip(going_on, values, strict=True):
                if is_number(ask):
                    own[ask.step] = _with(ask, value, typed(value[ask.step][ask.index]), own)
        from_answers = _run(exercise, variants, [Row(forced=own) for own in going_on])
        for values in (every_step, exact, from_answers):
            shown = [{name: typed(value) for name, value in own.items()} for own in values]
            for variant, marks in zip(variants, _grade(exercise, variants, shown), strict=True):
                for part in marks.parts.values():
                    if part.status != CORRECT:
                        yield f"{part.name} is wrong after rounding", variant


def diagnoses(exercise: Exercise, variants: Sequence[Variant]) -> Iterator[tuple[str, Variant]]:
    """Yield each slip that is named although the student has its step right.

    Each slip is made in one answer only, another one from variant to variant; the others are right.
    """
    keys = _run(exercise, variants, [Row()] * len(variants))
    for number, slip in enumerate(exercise.slips):
        wrong = _run(exercise, variants, [Row((slip.name,))] * len(variants))
        cases = []
        for place, (variant, key, bad) in enumerate(zip(variants, keys, wrong, strict=True)):
            only = exercise.asks[(place + number) % len(exercise.asks)]
            own = {a.name: (bad if a == only else key)[a.step][a.index] for a in exercise.asks}
            cases.append((variant, {a.name: _typed(a, own[a.name]) for a in exercise.asks}, "en"))
        for variant, key, marks in zip(variants, keys, grade_many(cases), strict=True):
            for name in _refuted(exercise, variant, key, marks):
                yield f"{name} is named although its step is right", variant


def _refuted(exercise: Exercise, variant: Variant, key: Values, marks: Marks) -> Iterator[str]:
    """Yield the slips named in marks whose steps are all asked, right, and would be different."""
    right = {name for name, part in marks.parts.items() if part.status == CORRECT}
    named = {name for part in marks.parts.values() for group in part.slips for name in group.split("+")}
    for slip in exercise.slips:
        if slip.name not in named:
            continue
        asked = [[ask for ask in exercise.asks if ask.step == step] for step in slip.rules]
        if all(asks and all(ask.name in right for ask in asks) for asks in asked):
            (wrong,) = _run(exercise, [variant], [Row((slip.name,))])
            if not all(
                agree(ask, wrong[ask.step][ask.index].ravel(), key[ask.step][ask.index].ravel())
                for asks in asked
                for ask in asks
            ):
                yield slip.name


def _run(exercise: Exercise, variants: Sequence[Variant], rows: Sequence[Row]) -> list[dict[str, np.ndarray]]:
    """Run one row for each variant."""
    cases = [(variant.givens, [row]) for variant, row in zip(variants, rows, strict=True)]
    return [{name: value[0] for name, value in values.items()} for values in run_many(exercise, cases)]


def _grade(exercise: Exercise, variants: Sequence[Variant], values: Sequence[Values]) -> list[Marks]:
    return grade_many(
        (variant, {ask.name: _typed(ask, own[ask.step][ask.index]) for ask in exercise.asks}, "en")
        for variant, own in zip(variants, values, strict=True)
    )


def _typed(ask: Ask, value: np.ndarray) -> Any:
    """Return an answer as it is typed; nothing chosen is written 0."""
    return to_answer(ask, value) or "0" if ask.kind == "several" else to_answer(ask, value)


def _with(ask: Ask, values: Values, new: Any, own: Values) -> np.ndarray:
    """Return the value of an ask's step with the part that is asked replaced."""
    value = np.array(own.get(ask.step, values[ask.step]))
    value[ask.index] = new
    return value


def _other(ask: Ask, key: Values, variant: Variant) -> np.ndarray:
    """Return a wrong answer: another option, one judgement turned round, or a number that is somewhat off."""
    right, stream = np.array(key[ask.step][ask.index]), Stream(f"{variant.name} {ask.name} wrong")
    if ask.kind == "choice":
        return (right + 1) % len(ask.choices(variant.givens))
    if ask.kind == "order":
        return right[::-1]
    place = stream.choice(list(np.ndindex(right.shape)))
    if ask.kind == "several":
        right[place] = 1 - right[place]
    else:
        right[place] += stream.choice((-1, 1)) * max(stream.integer(1, 9) / 10, 3 * ask.tolerance)
    return right
