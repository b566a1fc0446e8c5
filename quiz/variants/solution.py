"""The worked solution: the steps of the program with their values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from quiz import bank
from quiz.exercise import Exercise, Step
from quiz.exercise.program import run
from quiz.text.fill import fill_exactly, strip
from quiz.variants.variant import Variant


@dataclass(frozen=True)
class WorkedStep:
    """One line of the worked solution.

    Attributes:
        name: the step's name.
        value: its value, a float or nested lists of floats.
    """

    name: str
    value: Any
    _step: Step
    _known: Mapping[str, Any]

    def text(self, lang: str = "en") -> str:
        """Return the line in a language; formulas are between backticks."""
        message = self._step.texts[self._step.case(self._known)]
        return fill_exactly(message, self._known, lang, self._step.places)


@dataclass(frozen=True)
class Solution:
    """The worked solution of a variant.

    Attributes:
        variant: the variant that is solved.
        steps: its lines, in order.
    """

    variant: Variant
    steps: tuple[WorkedStep, ...]

    def text(self, lang: str = "en") -> str:
        """Return the whole solution in a language, as plain text."""
        lines = [text for step in self.steps if (text := strip(step.text(lang)))]
        return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def solution(variant: Variant) -> Solution:
    """Return the worked solution of a variant, every step with its value.

    Args:
        variant: from ``generate``.

    Returns:
        The steps, each with its value and its text.

    Example:
        >>> import quiz
        >>> [step.name for step in quiz.solution(quiz.generate("q2.update", seed=7)).steps]
        ['z', 'y', 'e', 'w_new', 'b_new']
    """
    exercise = bank.exercise(variant.exercise)
    return Solution(variant, tuple(_worked(exercise, variant)))


def _worked(exercise: Exercise, variant: Variant) -> Iterator[WorkedStep]:
    values = run(exercise, variant.givens)
    known = {**variant.givens, **{name: np.asarray(value[0]).tolist() for name, value in values.items()}}
    for step in exercise.steps:
        yield WorkedStep(step.name, known[step.name], step, known)
