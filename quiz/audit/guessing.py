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
from quiz.marking.grading import grade, key
from quiz.text import mark as _
from quiz.variants.variant import Variant

#: The score that guessing may earn on average over the bank.
MAX_SCORE = 0.05


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
    "givens": _("numbers of the question"),
}
#: Strategy to the number it answers, and the index of the option it chooses, ``None`` for a random one.
STRATEGIES: dict[str, tuple[Callable[[Stream, Sequence[float]], float], int | None]] = {
    "random": (_random, None),
    "zeros": (lambda stream, givens: 0.0, 0),
    "ones": (lambda stream, givens: 1.0, -1),
    "givens": (lambda stream, givens: stream.choice(givens), None),
}


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
    for strategy in STRATEGIES:
        marks = [grade(variant, guess(variant, strategy)) for variant in variants]
        scores[strategy] = float(np.mean([each.score for each in marks]))
        for name in marks[0].parts:
            earned = float(np.mean([each.parts[name].credit for each in marks]))
            asks[name] = max(asks.get(name, 0.0), earned)
    return scores, asks


def easiest(scores: dict[str, dict[str, float]], count: int = 5) -> list[tuple[str, str, float]]:
    """Name the exercises where guessing pays best: (exercise, strategy, score), the worst first."""
    best = [(name, *max(scores_of.items(), key=lambda item: item[1])) for name, scores_of in scores.items()]
    return sorted(best, key=lambda row: -row[2])[:count]
