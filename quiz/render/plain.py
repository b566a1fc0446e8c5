"""Plain text: for pipes, `Variant.text` and screens without colours; formulas in Unicode."""

from typing import TYPE_CHECKING

from quiz import bank
from quiz.exercise import Ask
from quiz.fill import fill
from quiz.numbers import write
from quiz.text import mark as _
from quiz.text import translate
from quiz.variant import Variant

if TYPE_CHECKING:
    from quiz.worked import Solution


def question(variant: Variant, lang: str) -> str:
    """The question, what is asked and how exactly."""
    lines = [statement(variant, lang), "", *asks(variant, lang)]
    return "\n".join([*lines, "", last] if (last := precision(variant, lang)) else lines)


def statement(variant: Variant, lang: str) -> str:
    """The question alone."""
    return strip(fill(bank.exercise(variant.exercise).text, variant.givens, lang))


def asks(variant: Variant, lang: str) -> list[str]:
    """A line for each ask, and one for each of its options."""
    lines = []
    for ask in variant.asks:
        name = f"{ask.name}: " if label(ask, variant, lang) != ask.name else ""
        note = f" ({how})" if (how := how_to_answer(ask, lang)) else ""
        lines.append(f"  {name}{label(ask, variant, lang)} = ?{note}")
        lines += [f"     {place}) {text}" for place, text in enumerate(options(ask, variant, lang), 1)]
    return lines


def label(ask: Ask, variant: Variant, lang: str) -> str:
    """What stands before an answer."""
    return strip(fill(ask.label, variant.givens, lang)) if ask.label else ask.name


_HOW = {
    "vector": _("numbers with spaces or semicolons between them"),
    "matrix": _("each row in brackets"),
    "choice": _("the number of one option"),
    "several": _("the numbers of all that fit, 0 for none"),
    "order": _("the numbers of all options in order"),
}


def how_to_answer(ask: Ask, lang: str) -> str:
    """What to type for an ask that is not a single number; the empty text for one that is."""
    return strip(translate(_HOW.get(ask.kind, ""), lang))


def options(ask: Ask, variant: Variant, lang: str) -> list[str]:
    """The options of a choice."""
    return [strip(fill(option, variant.givens, lang)) for option in ask.choices(variant.givens)]


def precision(variant: Variant, lang: str) -> str:
    """How exactly to calculate and how answers are marked; the empty text if nothing is calculated."""
    exercise = bank.exercise(variant.exercise)
    calculated = [ask for ask in exercise.asks if ask.kind in ("number", "vector", "matrix")]
    if not calculated:
        return ""
    return translate(
        _("Keep at least %(places)d decimals on the way; an answer may be off by ±%(tolerance)s."), lang
    ) % {
        "places": exercise.places,
        # the narrowest, so that the promise holds for every answer
        "tolerance": write(min(ask.tolerance for ask in calculated), lang, 6),
    }


def solution(worked: "Solution", lang: str) -> str:
    """The worked solution, numbered."""
    lines = [text for step in worked.steps if (text := strip(step.text(lang)))]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def strip(text: str) -> str:
    """A message without the backticks round its formulas."""
    return text.replace("`", "")
