"""Hints: what to look at, the step that comes next with other numbers, the rule; none is the answer."""

import itertools
from collections.abc import Iterator

import numpy as np

from quiz import bank
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.fill import fill
from quiz.variants.solution import WorkedStep, solution
from quiz.variants.variant import Variant, generate

#: Other variants that are tried as an example, the first with another answer is taken.
MAX_TRIES = 20


def hints(variant: Variant, lang: str, name: str | None = None) -> Iterator[str]:
    """Yield the hints to an answer.

    Args:
        variant: what is asked.
        lang: the language.
        name: the ask that is being answered; the first if ``None``.

    Yields:
        What to look at; the step that comes next, shown with the numbers of another variant; the rule.
    """
    exercise = bank.exercise(variant.exercise)
    first, *between, rule = exercise.hints
    yield fill(first, variant.givens, lang)
    for hint in between:
        yield fill(hint, variant.givens, lang)
    if not between:
        yield _example(variant, lang, name or exercise.asks[0].name)
    yield fill(rule, variant.givens, lang)


def _example(variant: Variant, lang: str, name: str) -> str:
    """Return the lines of another variant that lead to an answer, from the answer before it."""
    steps = [step.name for step in bank.exercise(variant.exercise).steps]
    asked = [ask.step for ask in variant.asks]
    place = [ask.name for ask in variant.asks].index(name)
    end = steps.index(asked[place])
    begin = max((steps.index(step) + 1 for step in asked[:place] if step != asked[place]), default=0)
    own = [step.value for step in solution(variant).steps]
    other, worked = _other(variant, end, own[end])
    lines = [step.text(lang) for step in worked[min(begin, end) : end + 1]]
    if not any(lines):  # the values of this step are explained later
        lines = [next((text for step in worked[end + 1 :] if (text := step.text(lang))), "")]
    head = translate(_("With other numbers:"), lang)
    text = fill(bank.exercise(variant.exercise).text, other.givens, lang)
    return "\n".join([f"{head} {text}", *(line for line in lines if line)])


def other_variant(variant: Variant) -> Variant:
    """Return another variant of the same exercise, if possible one with another last value."""
    return _other(variant, -1, solution(variant).steps[-1].value)[0]


def _other(variant: Variant, step: int, value: object) -> tuple[Variant, tuple[WorkedStep, ...]]:
    """Return another variant, if possible one with another value of a step, and its solution."""
    for seed in itertools.count(variant.seed + 1):
        other = generate(variant.exercise, seed)
        worked = solution(other).steps
        if not np.allclose(np.array(worked[step].value), np.array(value)) or seed == variant.seed + MAX_TRIES:
            return other, worked
    raise AssertionError
