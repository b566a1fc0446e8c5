"""A sheet: questions as plain data, which every format is made from; with keys on request."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from quiz import bank
from quiz.exercise import Ask
from quiz.marking.answers import shape_of
from quiz.marking.grading import key as right_answers
from quiz.render import figure_svg
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.fill import fill
from quiz.text.numbers import write, write_value
from quiz.variants import statement
from quiz.variants.solution import solution
from quiz.variants.variant import Variant

Question = dict[str, Any]
Sheet = dict[str, Any]


def sheet(title: str, lang: str, questions: Iterable[Question], **more: Any) -> Sheet:
    """Put questions on a sheet.

    Args:
        title: the title.
        lang: ``kk``, ``ru`` or ``en``.
        questions: from `question`.
        more: other fields, such as ``student`` and ``paper``.
    """
    return {"schema": 1, "title": title, "lang": lang, **more, "questions": list(questions)}


def question(variant: Variant, lang: str, number: int, *, name: str = "", key: bool = False) -> Question:
    """Return a question as the student sees it; formulas are between backticks.

    Args:
        variant: what is asked.
        lang: ``kk``, ``ru`` or ``en``.
        number: its place on the sheet, from 1.
        name: the name shown. The name of the variant would reveal the key to anybody with `quiz`, so it is
            not the default.
        key: whether the correct answers and the worked solution are added.

    Returns:
        Plain data: ``number, exercise, question, level, title, name, text, figure, alt, asks, precision``.
    """
    exercise = bank.exercise(variant.exercise)
    made: Question = {
        "number": number,
        "exercise": exercise.id,
        "question": exercise.question,
        "level": exercise.level,
        "title": fill(exercise.title, variant.givens, lang),
        "name": name,
        "text": fill(exercise.text, variant.givens, lang),
        "figure": None,
        "alt": "",
        "asks": [_ask(ask, variant, lang) for ask in exercise.asks],
        "precision": statement.precision(exercise, lang),
    }
    if exercise.figure is not None and (figure := exercise.figure(variant.givens)) is not None:
        made["figure"] = figure_svg.draw(figure, variant.givens, lang)
        made["alt"] = figure_svg.alt(figure, variant.givens, lang)
    if key:
        made |= key_of(variant, lang)
    return made


def _ask(ask: Ask, variant: Variant, lang: str) -> dict[str, Any]:
    return {
        "name": ask.name,
        "label": fill(ask.label, variant.givens, lang) if ask.label else ask.name,
        "kind": ask.kind,
        "tolerance": ask.tolerance if ask.kind in ("number", "vector", "matrix") else None,
        "options": [fill(option, variant.givens, lang) for option in ask.choices(variant.givens)],
        "how": statement.how_to_answer(ask.kind, lang),
        "shape": list(shape_of(ask, variant)) if ask.kind in ("vector", "matrix") else [],
    }


def key_of(variant: Variant, lang: str) -> dict[str, Any]:
    """Return the correct answers as people write them, and the lines of the worked solution."""
    right = right_answers(variant)
    return {
        "key": {ask.name: answer(ask, right[ask.name], lang) for ask in variant.asks},
        "steps": [line for step in solution(variant).steps if (line := step.text(lang))],
    }


def answer(ask: Ask, value: Any, lang: str) -> str:
    """Write a correct answer as a student would."""
    if ask.kind in ("choice", "several", "order"):
        places = value if isinstance(value, list) else [value]
        return " ".join(str(place) for place in places) or "0"
    if isinstance(value, float):
        return write(value, lang, 6)
    return write_value(_tuples(np.round(np.asarray(value), 6).tolist()), lang, 6)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def labels(lang: str) -> dict[str, str]:
    """Return the labels of every sheet."""
    return {name: translate(message, lang) for name, message in _LABELS.items()}


_LABELS = {
    "student": _("Student"), "paper": _("Paper"), "check": _("Check"), "question": _("Question"),
    "answer": _("Answer"), "answers": _("Answers"), "solution": _("Worked solution"),
    "save": _("Save the answers to a file"), "working": _("Working"),
    "numbers": _("Numbers may be written as 0.5, 0,5, −1/3 or 1e-3."),
}  # fmt: skip


def page_words(lang: str) -> dict[str, str]:
    """Return what an HTML paper says about itself."""
    return {name: translate(message, lang) for name, message in _PAGE.items()}


_PAGE = {
    "noscript": _(
        "This page needs JavaScript to keep and save your answers. Switch it on, open the file in another "
        "browser, or ask your teacher for the paper as JSON, as a notebook or for printing."
    ),
    "kept": _("What you type is kept in this browser until you save it to a file."),
    "restored": _("Your answers are back as this browser kept them."),
    "not_kept": _("This browser keeps nothing here: save your answers to a file before you close the page."),
    "load": _("Load a saved file"),
    "loaded": _("The answers of the file are loaded."),
    "foreign": _("This is not a file of answers to this paper."),
    "unplaced": _("These answers of the file do not fit the fields, please type them again:"),
    "forget": _("Delete all answers here"),
    "sure": _("Delete all answers on this page and in this browser? Files that you saved stay."),
    "forgotten": _("The answers are deleted here."),
    "finish": _("Save and hand in"),
    "missing": _("Not answered yet:"),
    "anyway": _("Save all the same"),
    "saved": _("Saved as {file} where your browser puts downloads."),
    "send": _("Send the saved file to your teacher; the page itself sends nothing."),
    "question": _("Question {place}: {ask}"),
    "cells": _("{count} numbers are missing"),
    "odd": _("This cannot be read as a number; write for example 0.5, −1/3 or 1e-3."),
    "read": _("read as {value}"),
    "moved": _("{option}: place {place} of {most}"),
}
