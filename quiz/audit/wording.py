"""Checks every text of a variant in every language: placeholders left over, or English left over."""

import re
from collections.abc import Callable, Iterator

from quiz.exercise import Exercise
from quiz.exercise.figure import messages
from quiz.render import figure_svg, figure_text
from quiz.text import LANGUAGES, translate
from quiz.text.fill import fill, strip
from quiz.variants.hints import hints
from quiz.variants.solution import solution
from quiz.variants.variant import Variant

#: Names that are the same in every language.
NAMES = {"ReLU", "tanh", "softmax", "AND", "NAND", "NOR", "XOR", "XNOR", "LSTM", "GRU", "Adam", "RMSprop"}


def text_faults(exercise: Exercise, variant: Variant) -> Iterator[str]:
    """Yield what is wrong with the texts of a variant in all languages; each text is actually made."""
    for lang in LANGUAGES:
        for name, make in _texts(exercise, variant, lang):
            try:
                text = make()
            except (LookupError, TypeError, ValueError) as error:
                yield f"{lang}: {name} cannot be made: {type(error).__name__} {error}"
                continue
            if found := re.search(r"%\(|%%|`|\b(nan|inf|None|Fraction)\b", text):
                yield f"{lang}: {name} has {found[0]!r} left over"
        if lang != "en":
            for message in _messages(exercise, variant):
                if _words(message) and translate(message, lang) == message:
                    yield f"{lang}: not translated: {message[:40]!r}"


def _texts(exercise: Exercise, variant: Variant, lang: str) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield every text of a variant that a person reads: its name and how it is made."""

    def filled(message: str) -> Callable[[], str]:
        return lambda: strip(fill(message, variant.givens, lang))

    yield "the question", lambda: variant.text(lang)
    yield "the solution", lambda: solution(variant).text(lang)
    yield "a hint", lambda: strip("\n".join(hints(variant, lang)))
    yield "the title", filled(exercise.title)
    for slip in exercise.slips:
        yield f"slip {slip.name}", filled(slip.text)
    if exercise.figure:
        figure = exercise.figure(variant.givens)
        yield "the figure", lambda: figure_text.draw(figure, variant.givens, lang)
        yield "the figure's SVG", lambda: figure_svg.draw(figure, variant.givens, lang).replace("%", "")
        for message in messages(figure):
            yield "the figure's text", filled(message)


def _messages(exercise: Exercise, variant: Variant) -> Iterator[str]:
    """Yield every message of an exercise."""
    yield from (exercise.title, exercise.text, *exercise.hints)
    yield from (text for step in exercise.steps for text in step.texts)
    yield from (slip.text for slip in exercise.slips)
    yield from (text for ask in exercise.asks for text in (ask.label, *ask.cases))
    yield from (option for ask in exercise.asks for option in ask.choices(variant.givens))
    yield from (value for value in variant.givens.values() if isinstance(value, str))
    if exercise.figure:
        yield from messages(exercise.figure(variant.givens))


def _words(message: str) -> set[str]:
    """Return the words of a message that must be translated: no formulas, placeholders or names."""
    return set(re.findall(r"[A-Za-z]{3,}", re.sub(r"%\(\w+\)s|`[^`]*`", " ", message))) - NAMES
