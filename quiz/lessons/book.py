"""Finds a lesson by its name, or the one that explains an exercise."""

from quiz import bank
from quiz.lessons import ahead, lecture
from quiz.lessons.model import Lesson
from quiz.text import mark as _
from quiz.text.errors import Unknown

LESSONS = {lesson.name: lesson for lesson in (*lecture.LESSONS, *ahead.LESSONS)}


def lesson(name: str) -> Lesson:
    """Return a lesson, or raise `Unknown` with the names of all.

    Example:
        >>> lesson("cnn").title
        'Convolutional networks (CNN)'
    """
    try:
        return LESSONS[name]
    except KeyError:
        message = _('there is no lesson "%(name)s"; there are %(names)s')
        raise Unknown(message, name=name, names=", ".join(LESSONS)) from None


def lesson_of(exercise: str) -> Lesson | None:
    """Return the lesson that explains an exercise; ``None`` if a topic ahead has none.

    Example:
        >>> lesson_of("q2.update").name, lesson_of("q7.adam").name
        ('2', 'optimizers')
    """
    question = bank.exercise(exercise).question
    own = next((found for found in LESSONS.values() if exercise in found.covers), None)
    return own or LESSONS.get(str(question))


def exercises_of(found: Lesson) -> list[str]:
    """Return the ids of the exercises that a lesson explains."""
    return [e.id for e in bank.exercises() if lesson_of(e.id) is found]
