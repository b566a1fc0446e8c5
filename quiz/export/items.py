"""Items: variants under names that do not reveal the seed, split into the fields that systems can mark."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from quiz import bank
from quiz.exercise import Ask, Exercise
from quiz.exercise.program import Row, run
from quiz.exercise.soundness import NOISE, answer_values, tolerance_of
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Refusal
from quiz.text.fill import fill
from quiz.variants.variant import Variant, generate

#: Wrong answers, from slips, that are offered beside the correct one.
MAX_DISTRACTORS = 5


@dataclass(frozen=True)
class Item:
    """One variant in an export.

    Attributes:
        variant: what is answer_values.
        number: the number of the variant within its exercise, from 1.
        public: whether the variant's name, and so the key, may be known.
    """

    variant: Variant
    number: int
    public: bool = True

    @property
    def exercise(self) -> Exercise:
        """The exercise it is a variant of."""
        return bank.exercise(self.variant.exercise)

    @property
    def ident(self) -> str:
        """The identifier, such as ``q2-update-0001``."""
        return f"{self.exercise.id.replace('.', '-')}-{self.number:04d}"

    @property
    def name(self) -> str:
        """The variant's name if it is public, else empty."""
        return self.variant.name if self.public else ""


@dataclass(frozen=True)
class Option:
    """An option: its text, whether it is correct, and the feedback for those who choose it."""

    text: str
    right: bool
    feedback: str = ""


@dataclass(frozen=True)
class Field:
    """One blank to fill: a number, one of several options, or all correct options.

    Attributes:
        name: its identifier.
        label: the text before it; formulas are between backticks.
        kind: ``number``, ``choice`` or ``several``.
        weight: its share of the item; all shares add up to 1.
        value: the correct number.
        tolerance: the largest accepted error.
        wrong: the numbers that slips give, each with its feedback.
        options: the options to choose from.
    """

    name: str
    label: str
    kind: str
    weight: Fraction
    value: float = 0.0
    tolerance: float = 0.0
    wrong: tuple[tuple[float, str], ...] = ()
    options: tuple[Option, ...] = ()


def collect(
    questions: Sequence[int] = (),
    levels: Sequence[int] = (),
    exercises: Sequence[str] = (),
    count: int = 30,
    seed_of: Any = None,
) -> Iterator[Item]:
    """Yield variants of all exercises that match.

    Args:
        questions: only these; all if empty.
        levels: only these; all if empty.
        exercises: only these ids; all if empty.
        count: variants of each exercise.
        seed_of: maps exercise and number to a secret seed; without it the seeds are 1, 2, 3 …

    Raises:
        Refusal: nothing matches.
    """
    fitting = [
        e
        for e in bank.exercises()
        if (not questions or e.question in questions)
        and (not levels or e.level in levels)
        and (not exercises or e.id in exercises)
    ]
    if not fitting:
        raise Refusal(_("no exercise fits; `quiz list` shows them all"))
    for exercise in fitting:
        for number in range(1, count + 1):
            seed = number if seed_of is None else seed_of(exercise.id, number)
            yield Item(generate(exercise.id, seed), number, seed_of is None)


def markable(items: Iterable[Item]) -> tuple[list[Item], list[str]]:
    """Leave out the items with an answer that has many keys, which learning systems cannot check.

    Returns:
        The other items, and the ids of the exercises that are left out.

    Raises:
        Refusal: no item is left.
    """
    kept: list[Item] = []
    left_out: dict[str, None] = {}
    for item in items:
        if any(ask.check for ask in item.exercise.asks):
            left_out[item.exercise.id] = None
        else:
            kept.append(item)
    if left_out and not kept:
        raise Refusal(
            _(
                "only quiz can mark %(names)s: the answers have many keys; use html, json, csv, notebook or "
                "pdf"
            ),
            names=", ".join(left_out),
        )
    return kept, list(left_out)


def decimal(value: float) -> str:
    """Write a number as every system reads it: a decimal point, no exponent, no negative zero.

    Example:
        >>> decimal(-0.0), decimal(1e-7), decimal(0.35)
        ('0', '0.0000001', '0.35')
    """
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def fields(item: Item, lang: str) -> list[Field]:
    """Split an item into blanks, which contain the key."""
    exercise = item.exercise
    rows = [Row(), *(Row((slip.name,)) for slip in exercise.slips)]
    values = run(exercise, item.variant.givens, rows)
    total = sum(Fraction(ask.weight).limit_denominator(100) for ask in exercise.asks)
    made: list[Field] = []
    for ask in exercise.asks:
        lines = answer_values(ask, values)
        share = Fraction(ask.weight).limit_denominator(100) / total
        messages = [fill(slip.text, item.variant.givens, lang) for slip in exercise.slips]
        label = fill(ask.label, item.variant.givens, lang) if ask.label else ask.name
        if ask.kind in ("number", "vector", "matrix"):
            made += _numbers(ask, label, share, lines, values[ask.step].shape[1 + len(ask.index) :], messages)
        else:
            made += _choices(ask, label, share, lines, messages, item.variant, lang)
    return made


def _numbers(
    ask: Ask, label: str, share: Fraction, lines: np.ndarray, shape: tuple[int, ...], messages: list[str]
) -> Iterator[Field]:
    """Yield a blank for each number of an answer."""
    places = list(np.ndindex(shape)) if shape else [()]
    for column, place in enumerate(places):
        index = "_".join(str(i + 1) for i in place)
        # a component is named by its indices, counted from 1
        name, shown = (
            (f"{ask.name}_{index}", f"{label} [{index.replace('_', ', ')}]") if place else (ask.name, label)
        )
        tolerance = tolerance_of(ask) or 1e-6
        right = float(lines[0, column])
        wrong: list[tuple[float, str]] = []
        for value, message in zip(lines[1:, column].tolist(), messages, strict=True):
            apart = [abs(value - other) > 2 * tolerance + NOISE for other in (right, *(w for w, _m in wrong))]
            if all(apart):
                wrong.append((value, message))
        yield Field(name, shown, "number", share / len(places), right, tolerance, tuple(wrong))


def _choices(
    ask: Ask, label: str, share: Fraction, lines: np.ndarray, messages: list[str], variant: Variant, lang: str
) -> Iterator[Field]:
    texts = [fill(option, variant.givens, lang) for option in ask.choices(variant.givens)]
    if ask.kind == "several":
        right = [bool(true > 0.5) for true in lines[0]]
        options = [Option(text, true) for text, true in zip(texts, right, strict=True)]
        # most systems do not accept an empty choice, so "none" must be an option
        options.append(Option(translate(_("none of these"), lang), not any(right)))
        yield Field(ask.name, label, "several", share, options=tuple(options))
        return
    for column in range(lines.shape[1]):
        right_place = round(float(lines[0, column]))
        feedback_of = {}
        for value, message in zip(lines[1:, column].tolist(), messages, strict=True):
            feedback_of.setdefault(round(value), message)
        options = tuple(
            Option(text, place == right_place, "" if place == right_place else feedback_of.get(place, ""))
            for place, text in enumerate(texts)
        )
        if ask.kind == "choice":
            yield Field(ask.name, label, "choice", share, options=options)
        else:
            shown = f"{label} ({column + 1})"
            yield Field(f"{ask.name}_{column + 1}", shown, "choice", share / lines.shape[1], options=options)


def points(found: Iterable[Field]) -> list[int]:
    """Return integers in the proportion of the weights.

    Example:
        >>> points([Field("a", "", "number", Fraction(2, 3)), Field("b", "", "number", Fraction(1, 3))])
        [2, 1]
    """
    weights = [field.weight for field in found]
    unit = lcm(*(weight.denominator for weight in weights))
    whole = [int(weight * unit) for weight in weights]
    common = np.gcd.reduce(whole)
    return [int(weight // common) if common else weight for weight in whole]


def best_choice(found: Sequence[Field]) -> Field | None:
    """Return the number with most wrong answers from slips as a choice; ``None`` if it has fewer than two."""
    numbers = [field for field in found if field.kind == "number"]
    best = max(numbers, key=lambda field: (len(field.wrong), field.weight), default=None)
    if best is None or len(best.wrong) < 2:
        return None
    options = [Option(decimal(best.value), True)]
    options += [
        Option(decimal(round(value, 6)), False, message) for value, message in best.wrong[:MAX_DISTRACTORS]
    ]
    return Field(best.name, best.label, "choice", Fraction(1), options=tuple(options))
