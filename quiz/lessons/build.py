"""Builds a lesson in a language: every number comes from the engine, which asks the library."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import jaxnet
from quiz import bank
from quiz.exercise.figure import Figure
from quiz.lessons import book
from quiz.lessons.model import Lesson
from quiz.text import translate
from quiz.text.fill import fill, fill_exactly
from quiz.variants.hints import other_variant
from quiz.variants.solution import solution
from quiz.variants.variant import Variant, generate

#: Mistakes that a lesson lists at most.
MOST_MISTAKES = 5


@dataclass(frozen=True)
class Example:
    """A variant with its solution: the question, its options and the lines, formulas between backticks."""

    variant: Variant
    text: str
    options: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Built:
    """A lesson in a language, with its numbers.

    Attributes:
        lesson: what it was built from.
        title: its title.
        idea: its paragraphs.
        formula: its formulas.
        example: the worked example.
        figure: its picture.
        known: the values that the messages of the picture use.
        mistakes: what helps against the most common mistakes.
        checks: questions to check oneself, with their answers.
        place: where it stands in the lecture.
        exercises: the ids of the exercises to practise with.
    """

    lesson: Lesson
    title: str
    idea: tuple[str, ...]
    formula: str
    example: Example
    figure: Figure
    known: Mapping[str, Any]
    mistakes: tuple[str, ...]
    checks: tuple[tuple[str, str], ...]
    place: str
    exercises: tuple[str, ...]


def build(lesson: Lesson, lang: str) -> Built:
    """Build a lesson in a language."""
    variant = generate(lesson.example, lesson.seed)
    top = float(jaxnet.activations.derivative("sigmoid")(np.float64(0)))
    known = {**variant.givens, **{step.name: step.value for step in solution(variant).steps}, "top": top}
    exercise = bank.exercise(lesson.example)
    return Built(
        lesson=lesson,
        title=translate(lesson.title, lang),
        idea=tuple(translate(text, lang) for text in lesson.idea),
        formula=translate(lesson.formula, lang),
        example=example(variant, lang),
        figure=lesson.figure(lesson, known),
        known=known,
        mistakes=tuple(translate(slip.text, lang) for slip in exercise.slips[:MOST_MISTAKES]),
        checks=tuple(
            (translate(question, lang), fill_exactly(answer, known, lang, 4))
            for question, answer in lesson.checks
        ),
        place=translate(lesson.place, lang),
        exercises=tuple(book.exercises_of(lesson)),
    )


def example(variant: Variant, lang: str) -> Example:
    """Return a variant with its worked solution in a language."""
    exercise, givens = bank.exercise(variant.exercise), variant.givens
    options = tuple(
        f"{number}) {fill(option, givens, lang)}"
        for ask in exercise.asks
        for number, option in enumerate(ask.choices(givens), 1)
    )
    lines = (step.text(lang) for step in solution(variant).steps)
    return Example(variant, fill(exercise.text, givens, lang), options, tuple(line for line in lines if line))


def worked_example(variant: Variant, lang: str) -> Example:
    """Return an example like a variant, with other numbers and, if possible, another answer."""
    return example(other_variant(variant), lang)
