"""Simulated students: how often is their mistake found, at the first attempt and at the second?

A student makes no, one or two slips, and careless errors besides: an intermediate value is wrong, and the
rest is calculated from it. Answers are rounded as the question allows. The diagnosis is then compared with
the truth.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from quiz import bank
from quiz.audit.table import table
from quiz.exercise import Ask, Exercise, Stream
from quiz.exercise.program import Row, run
from quiz.marking.answers import to_answer
from quiz.marking.diagnosis import Suspects, diagnose, joined, narrow
from quiz.marking.grading import grade
from quiz.marking.runs import pairs
from quiz.marking.seeds import distinguishing_seed, fresh_seed
from quiz.text import mark as _
from quiz.text import translate
from quiz.variants.variant import Variant, generate

#: Probabilities of a careless error per value, equally frequent among students.
CARELESS = (0.0, 0.02, 0.05, 0.1)


@dataclass(frozen=True)
class Student:
    """A simulated student.

    Attributes:
        slips: the slips that this student always makes.
        careless: the probability of a careless error per value.
        added: how two slips in one step are combined.
    """

    slips: tuple[str, ...]
    careless: float
    added: bool = False


@dataclass(frozen=True)
class Outcome:
    """The results of the simulated students of one exercise.

    Attributes:
        exercise: its id.
        students: the number of students.
        misled: the number of students with slips.
        first: the share of these whose slips are diagnosed uniquely at the first attempt.
        second: the same after a second variant, chosen to distinguish the suspects.
        named: the share of these whose slips are among the suspects at the first attempt.
        alarms: the share of students without slips for whom a slip is suspected.
        difficulty: 1 minus the mean score at the first attempt.
    """

    exercise: str
    students: int
    misled: int
    first: float
    second: float
    named: float
    alarms: float
    difficulty: float


def student(exercise_id: str, stream: Stream) -> Student:
    """Draw a student: a fifth make no slip, a fifth two at once if possible, the others one."""
    exercise = bank.exercise(exercise_id)
    slips = [slip.name for slip in exercise.slips]
    kind = stream.integer(1, 5)
    careless = stream.choice(CARELESS)
    if kind == 1 or not slips:
        return Student((), careless)
    if kind == 2 and pairs(exercise):
        slips, added = stream.choice(pairs(exercise))
        return Student(slips, careless, added)
    return Student((stream.choice(slips),), careless)


def answer(variant: Variant, who: Student, stream: Stream) -> dict[str, Any]:
    """Return a student's answers to a variant."""
    exercise = bank.exercise(variant.exercise)
    right = run(exercise, variant.givens)
    off: dict[str, np.ndarray] = {}
    guessed: dict[str, int] = {}
    for ask in exercise.asks:
        if stream.integer(1, 1000) > 1000 * who.careless:
            continue
        if ask.kind in ("number", "vector", "matrix"):
            wrong = off.setdefault(ask.step, np.zeros_like(right[ask.step][0]))
            places = [place for place in np.ndindex(wrong.shape) if place[: len(ask.index)] == ask.index]
            wrong[stream.choice(places)] = _careless_error(ask, stream)
        elif ask.kind == "choice":
            guessed[ask.name] = stream.integer(1, len(ask.choices(variant.givens)))
    values = run(exercise, variant.givens, [Row(who.slips, off=off, added=who.added)])
    given = {ask.name: to_answer(ask, values[ask.step][(0, *ask.index)]) for ask in exercise.asks}
    return {name: _typed(value, exercise) for name, value in (given | guessed).items()}


def _careless_error(ask: Ask, stream: Stream) -> float:
    """Draw the error of a misread digit: 1 to 9 tenths or ones, more than the tolerance."""
    size = stream.integer(1, 9) * stream.choice((0.1, 1.0))
    return stream.choice((-1, 1)) * max(size, 3 * ask.tolerance)


def _typed(value: Any, exercise: Exercise) -> Any:
    """Round an answer to the decimals kept."""
    if isinstance(value, list):
        return [_typed(part, exercise) for part in value] or "0"
    return round(value, exercise.places) if exercise.places and isinstance(value, float) else value


def try_twice(exercise_id: str, who: Student, stream: Stream) -> tuple[Suspects, Suspects, float]:
    """Let a student answer two variants.

    Returns:
        The suspects after the first attempt and after the second, and the score of the first.
    """
    variant = generate(exercise_id, stream.integer(0, 999))
    marks = grade(variant, answer(variant, who, stream))
    first = diagnose(marks)
    salt = stream.integer(0, 10**9)
    if len(first) > 1:
        seed = distinguishing_seed(exercise_id, [joined(slips) for slips in first], (), salt)
    else:
        seed = fresh_seed(exercise_id, (), salt)
    again = generate(exercise_id, seed)
    second = narrow(first, diagnose(grade(again, answer(again, who, stream))))
    return first, second, marks.score


def simulate(exercise_id: str, students: int = 100) -> Outcome:
    """Let simulated students answer an exercise.

    Example:
        >>> outcome = simulate("q2.update", 30)
        >>> outcome.students, 0.5 < outcome.first <= outcome.named <= 1
        (30, True)
    """
    stream = Stream(f"students of {exercise_id}")
    results = []
    for _student in range(students):
        who = student(exercise_id, stream)
        results.append((frozenset(who.slips), *try_twice(exercise_id, who, stream)))
    misled = [result for result in results if result[0]]
    innocent = [result for result in results if not result[0]]
    return Outcome(
        exercise=exercise_id,
        students=students,
        misled=len(misled),
        first=_share(first == (true,) for true, first, *_rest in misled),
        second=_share(second == (true,) for true, _first, second, _score in misled),
        named=_share(true in first for true, first, *_rest in misled),
        alarms=_share(bool(first) for _true, first, *_rest in innocent),
        difficulty=1 - _share(score for *_rest, score in results),
    )


def _share(values: Any) -> float:
    found = [float(value) for value in values]
    return sum(found) / len(found) if found else 0.0


def run_all(ids: Sequence[str], students: int = 100) -> tuple[Outcome, ...]:
    """Simulate the students of many exercises."""
    return tuple(simulate(exercise_id, students) for exercise_id in ids)


def mean(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the shares over all students: ``first``, ``second``, ``named``, ``alarms``, ``difficulty``."""
    weights = {"first": "misled", "second": "misled", "named": "misled"}
    found = {}
    for name in ("first", "second", "named", "alarms", "difficulty"):
        sizes = [
            getattr(o, weights[name]) if name in weights else o.students - o.misled * (name == "alarms")
            for o in outcomes
        ]
        values = [getattr(o, name) for o in outcomes]
        found[name] = float(np.average(values, weights=sizes)) if sum(sizes) else 0.0
    return found


def as_text(outcomes: Sequence[Outcome], lang: str = "en") -> str:
    """Return the outcomes as a table, with the mean in the last line."""
    head = [
        _("exercise"),
        _("students"),
        _("first"),
        _("second"),
        _("among suspects"),
        _("false alarms"),
        _("difficulty"),
    ]
    share = ("first", "second", "named", "alarms", "difficulty")

    def percent(value: float) -> str:
        return f"{value:.0%}"

    rows = [[o.exercise, str(o.students), *(percent(getattr(o, name)) for name in share)] for o in outcomes]
    total = mean(outcomes)
    rows.append(["Σ", str(sum(o.students for o in outcomes)), *(percent(total[name]) for name in share)])
    return table([translate(title, lang) for title in head], rows)


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as JSON."""
    data = {"schema": 1, "mean": mean(outcomes), "exercises": [asdict(outcome) for outcome in outcomes]}
    return json.dumps(data, ensure_ascii=False)
