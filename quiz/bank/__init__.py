"""The bank of exercises.

`q1` to `q6` hold the exercises of the lecture's six questions, `ahead` those on topics beyond the lecture,
and `shared` what several of them use. `draws.txt` is the table that `quiz.variants.draws` reads.
"""

from functools import cache

from quiz.bank import ahead, q1, q2, q3, q4, q5, q6
from quiz.exercise import Exercise

#: The lecture's six questions (the Kazakh wording is the lecture's own) and, seventh, the topics ahead.
QUESTIONS = {number: part.QUESTION for number, part in enumerate((q1, q2, q3, q4, q5, q6, ahead), 1)}


@cache
def exercises() -> tuple[Exercise, ...]:
    """Return all exercises, ordered by question and level.

    Returns:
        The exercises.

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
    """Return the ids of all exercises."""
    return tuple(_by_id())


def exercise(exercise_id: str) -> Exercise:
    """Return the exercise with an id, or raise KeyError."""
    return _by_id()[exercise_id]
