"""Compares answers part by part: numbers of a matrix, judgements of a choice, pairs of an order."""

from collections.abc import Mapping

import numpy as np

from quiz.exercise import Ask, Givens
from quiz.exercise.soundness import NOISE, answer_values, tolerance_of

#: The least share, after correction for guessing, that earns credit where parts can be guessed.
LEAST = 0.5


def parts_of(ask: Ask, values: Mapping[str, np.ndarray], givens: Givens) -> np.ndarray:
    """Return the parts of an ask's answer for each row, an array of shape ``(rows, parts)``."""
    return as_parts(ask, answer_values(ask, values), givens)


def as_parts(ask: Ask, answers: np.ndarray, givens: Givens) -> np.ndarray:
    """Turn flat answers, one per row, into the parts that are compared.

    The parts of an order that is marked by what depends on what are its pairs: 1 where a pair is reversed.
    """
    if ask.kind != "order" or ask.before is None:
        return answers
    places = np.argsort(answers, axis=1)  # place of each option
    pairs = np.array(ask.before(givens))
    return (places[:, pairs[:, 0]] > places[:, pairs[:, 1]]).astype(float)


def is_number(ask: Ask) -> bool:
    """Return whether an answer is calculated."""
    return ask.kind in ("number", "vector", "matrix")


def near(ask: Ask, one: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """Return for each part whether it lies within the tolerance of the range of others."""
    with np.errstate(invalid="ignore"):  # a wrong value can lead to numbers that are not finite
        slack = tolerance_of(ask) + NOISE * np.maximum(1.0, np.abs(others[0]))
        low, high = others[0], others[0]
        for other in others[1:]:
            low, high = np.minimum(low, other), np.maximum(high, other)
        return (one >= low - slack) & (one <= high + slack)


def agree(ask: Ask, one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two answers agree in every part within the tolerance."""
    return bool(near(ask, one, other).all())


def credit(ask: Ask, answer: np.ndarray, right: np.ndarray) -> float:
    """Return the share of the credit for an answer whose parts are right or not.

    Args:
        ask: what was asked.
        answer: the parts of the answer.
        right: for each part whether it is right.

    Returns:
        The share of right parts for numbers, unless all given are the same, as a guess would have it.
        Where parts can be guessed, the share above that of guessing, and nothing below half of it.
    """
    if right.all():
        return 1.0
    given = answer[~np.isnan(answer)]  # blank cells are no numbers
    same = is_number(ask) and len(np.unique(given)) == 1 and (len(given) > 1 or not given.any())
    share = 0.0 if same else float(right.mean())
    chance = ask.chance if is_number(ask) else 0.5
    if ask.kind == "choice" or (ask.kind == "order" and ask.before is None):
        return 0.0
    if chance:
        above = (share - chance) / (1 - chance)
        return above if above >= LEAST - NOISE else 0.0
    return share
