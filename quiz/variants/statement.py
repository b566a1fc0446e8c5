"""The question as plain text, with formulas in Unicode."""

from quiz.exercise import Ask, Exercise, Givens
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.fill import fill, strip
from quiz.text.numbers import write


def question(exercise: Exercise, givens: Givens, lang: str) -> str:
    """Return the question, what it asks for, and the precision."""
    lines = [statement(exercise, givens, lang), ""]
    for ask in exercise.asks:
        text = label(ask, givens, lang)
        name = f"{ask.name}: " if text != ask.name else ""
        note = f" ({how})" if (how := how_to_answer(ask.kind, lang)) else ""
        lines.append(f"  {name}{text} = ?{note}")
        lines += [f"     {place}) {text}" for place, text in enumerate(options(ask, givens, lang), 1)]
    return "\n".join([*lines, "", last] if (last := precision(exercise, lang)) else lines)


def statement(exercise: Exercise, givens: Givens, lang: str) -> str:
    """Return the question without its asks."""
    return strip(fill(exercise.text, givens, lang))


def label(ask: Ask, givens: Givens, lang: str) -> str:
    """Return the label of an answer."""
    return strip(fill(ask.label, givens, lang)) if ask.label else ask.name


_HOW = {
    "vector": _("numbers separated by spaces or semicolons"),
    "matrix": _("each row in brackets"),
    "choice": _("the number of one option"),
    "several": _("the numbers of all that apply, 0 for none"),
    "order": _("the numbers of all options in order"),
    "blocks": _("the numbers of the options that are needed, in order"),
}


def how_to_answer(kind: str, lang: str) -> str:
    """Return what to type for a kind of ask; the empty text for a single number."""
    return translate(_HOW.get(kind, ""), lang)


def options(ask: Ask, givens: Givens, lang: str) -> list[str]:
    """Return the options of a choice."""
    return [strip(fill(option, givens, lang)) for option in ask.choices(givens)]


def precision(exercise: Exercise, lang: str) -> str:
    """Return the decimals to keep and the tolerances; the empty text if no number has to be rounded."""
    tolerances = {
        ask.name: ask.tolerance for ask in exercise.asks if ask.kind in _CALCULATED and not ask.check
    }
    if not tolerances or not exercise.places:
        return ""
    usual = max(tolerances.values(), key=list(tolerances.values()).count)
    others = "; ".join(
        f"{name}: ±{write(tolerance, lang, 6)}"
        for name, tolerance in tolerances.items()
        if tolerance != usual
    )
    text = translate(_PRECISION, lang) % {"places": exercise.places, "tolerance": write(usual, lang, 6)}
    return f"{text.removesuffix('.')} ({others})." if others else text


_CALCULATED = ("number", "vector", "matrix")


_PRECISION = _(
    "Keep at least %(places)d decimals in intermediate results; answers are accepted within ±%(tolerance)s."
)
