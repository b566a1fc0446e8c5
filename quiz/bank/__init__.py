"""The bank: every exercise, one package for each of the lecture's questions and one for the topics ahead."""

from functools import cache

from quiz.bank import ahead, q1, q2, q3, q4, q5, q6
from quiz.exercise import Exercise

#: The lecture's six questions; the Kazakh wording is the lecture's own. The seventh is what lies ahead.
QUESTIONS = {number: part.QUESTION for number, part in enumerate((q1, q2, q3, q4, q5, q6, ahead), 1)}


@cache
def exercises() -> tuple[Exercise, ...]:
    """All exercises, by question and level.

    Returns:
        The exercises, in order.

    Example:
        >>> import quiz
        >>> quiz.exercises()[-1].question >= quiz.exercises()[0].question
        True
    """
    every = (exercise for lecture in (q1, q2, q3, q4, q5, q6, ahead) for exercise in lecture.EXERCISES)
    return tuple(sorted(every, key=lambda e: (e.question, e.level)))


@cache
def _by_id() -> dict[str, Exercise]:
    return {exercise.id: exercise for exercise in exercises()}


def ids() -> tuple[str, ...]:
    """The ids of all exercises."""
    return tuple(_by_id())


def exercise(exercise_id: str) -> Exercise:
    """The exercise of an id; a `KeyError` if there is none."""
    return _by_id()[exercise_id]
