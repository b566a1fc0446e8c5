"""The guess audit: the score of answers that are given without reading the question.

Asks with few possible answers (yes or no, one of four) can be guessed, and so can numbers that are often 0 or
1 or appear in the question. A bank is sound if no strategy of guessing pays.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from quiz.exercise import Ask, Stream
from quiz.exercise.program import to_array
from quiz.marking.credit import is_number
from quiz.marking.grading import grade_many, key
from quiz.text import mark as _
from quiz.variants.variant import Variant

#: The score that guessing may earn on average over the bank, and in a single exercise by the best constant.
MAX_SCORE, MAX_SINGLE = 0.05, 0.2


def _numbers(givens: Any) -> list[float]:
    """Return all numbers of the question."""
    found = [to_array(value).ravel() for value in givens.values() if not isinstance(value, str)]
    return np.concatenate(found).tolist() if found else [0.0]


def _random(stream: Stream, givens: Sequence[float]) -> float:
    """Draw a typical answer: a small integer, or a number with one or two decimals."""
    places = stream.choice((0, 1, 2))
    return float(stream.decimal(-3, 3, places) if stream.integer(0, 3) else Fraction(stream.integer(0, 10)))


#: The name of each strategy on the screen.
NAMES = {
    "random": _("at random"),
    "zeros": _("zeros"),
    "ones": _("ones"),
    "tens": _("tens"),
    "minus ones": _("minus ones"),
    "givens": _("numbers of the question"),
    "copied": _("one number of the question everywhere"),
    "saturated": _("a large number, then what follows from it"),
}
#: Strategy to the number it answers, and the index of the option it chooses, ``None`` for a random one.
STRATEGIES: dict[str, tuple[Callable[[Stream, Sequence[float]], float], int | None]] = {
    "random": (_random, None),
    "zeros": (lambda stream, givens: 0.0, 0),
    "ones": (lambda stream, givens: 1.0, -1),
    "tens": (lambda stream, givens: 10.0, 0),
    "minus ones": (lambda stream, givens: -1.0, -1),
    "givens": (lambda stream, givens: stream.choice(givens), None),
    "copied": (lambda stream, givens: givens[0], None),
}
#: The strategies that answer the same to every question.
CONSTANT = ("zeros", "ones", "tens", "minus ones", "copied")
#: The answer that is to make the rest constant, and the answers that may then follow.
LARGE, FOLLOWING = 10.0, (0.0, 1.0, 10.0)


def guess(variant: Variant, strategy: str) -> dict[str, Any]:
    """Answer every ask by a strategy.

    Args:
        variant: what is answered; only its givens and the form of each answer are used.
        strategy: one of `STRATEGIES`: ``random`` numbers and options; ``zeros`` and the first option;
            ``ones`` and the last; numbers of the ``givens``, and random options.

    Returns:
        Ask name to an answer that can be marked.

    Example:
        >>> import quiz
        >>> guess(quiz.generate("q2.update", seed=7), "ones")
        {'z': 1.0, 'y': 1.0, 'e': 1.0, 'w1': 1.0, 'w2': 1.0, 'b': 1.0}
    """
    number, option = STRATEGIES[strategy]
    stream = Stream(f"{variant.name} {strategy}")
    givens = _numbers(variant.givens)

    def like(value: Any) -> Any:
        return [like(part) for part in value] if isinstance(value, list) else number(stream, givens)

    def one(ask: Ask, right: Any) -> Any:
        count = len(ask.choices(variant.givens))
        if ask.kind == "choice":
            return stream.integer(1, count) if option is None else option % count + 1
        if ask.kind == "several":
            some = [
                place for place in range(1, count + 1) if option != 0 and (option or stream.integer(0, 1))
            ]
            return some or "0"
        if ask.kind in ("order", "blocks"):
            places = list(range(1, count + 1))
            return list(stream.shuffle(places) if option is None else places[:: option or 1])[: len(right)]
        return like(right)

    right = key(variant)
    return {ask.name: one(ask, right[ask.name]) for ask in variant.asks}


def audit(variants: Sequence[Variant]) -> tuple[dict[str, float], dict[str, float]]:
    """Answer some variants of an exercise by every strategy.

    Returns:
        The mean score of each strategy, and for each ask the credit that the best strategy for it earns.
    """
    scores, asks = {}, {}
    guessed = {name: [guess(variant, name) for variant in variants] for name in STRATEGIES}
    guessed["saturated"] = saturated(variants)
    for strategy, given in guessed.items():
        marks = grade_many((v, answers, "en") for v, answers in zip(variants, given, strict=True))
        scores[strategy] = float(np.mean([each.score for each in marks]))
        for name in marks[0].parts:
            earned = float(np.mean([each.parts[name].credit for each in marks]))
            asks[name] = max(asks.get(name, 0.0), earned)
    return scores, asks


def saturated(variants: Sequence[Variant]) -> list[dict[str, Any]]:
    """Answer a large number first, then to each ask the constant that earns most over the variants.

    What is not calculated is answered at random.
    """
    given = [guess(variant, "random") for variant in variants]
    keys = [key(variant) for variant in variants]
    first = True
    for ask in variants[0].asks:
        if not is_number(ask):
            continue
        best, most = given, -1.0
        for value in (LARGE,) if first else FOLLOWING:
            tried = [
                own | {ask.name: np.full(np.shape(right[ask.name]), value).tolist()}
                for own, right in zip(given, keys, strict=True)
            ]
            so_far = {a.name for a in variants[0].asks[: variants[0].asks.index(ask) + 1]}
            cases = [
                (variant, {name: own[name] for name in so_far}, "en")
                for variant, own in zip(variants, tried, strict=True)
            ]
            earned = float(np.mean([marks.score for marks in grade_many(cases)]))
            if earned > most:
                best, most = tried, earned
        given, first = best, False
    return given


def easiest(scores: dict[str, dict[str, float]], count: int = 5) -> list[tuple[str, str, float]]:
    """Name the exercises where guessing pays best: (exercise, strategy, score), the worst first."""
    best = [(name, *max(scores_of.items(), key=lambda item: item[1])) for name, scores_of in scores.items()]
    return sorted(best, key=lambda row: -row[2])[:count]
