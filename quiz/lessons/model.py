"""What a lesson is; its numbers are not written down but computed when it is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from quiz.exercise.figure import Figure


@dataclass(frozen=True)
class Lesson:
    """The theory of a question or a topic; all texts are messages.

    Attributes:
        name: such as ``2`` or ``cnn``.
        question: the lecture's question, 1 to 6; 7 for the topics ahead.
        title: a few words.
        idea: the idea in plain words, in paragraphs.
        formula: the formulas, with what they need to be read.
        example: the exercise of the worked example.
        seed: the seed of its variant.
        checks: questions to check oneself, each with its answer; values of the example are placeholders.
        place: where it stands in the lecture.
        figure: draws a picture from the values of the example.
        covers: the exercises that it explains; all of its question if empty.
    """

    name: str
    question: int
    title: str
    idea: tuple[str, ...]
    formula: str
    example: str
    seed: int
    checks: tuple[tuple[str, str], ...]
    place: str
    figure: Callable[["Lesson", Mapping[str, Any]], Figure]
    covers: tuple[str, ...] = ()
