"""Marks: the result of each answer as data, and the message for the student."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quiz import bank
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.numbers import Refused
from quiz.variants.variant import Variant

CORRECT, FOLLOW_THROUGH, WRONG, INVALID, BLANK = STATUSES = (
    "correct",
    "follow-through",
    "wrong",
    "invalid",
    "blank",
)


_MESSAGES = {
    CORRECT: _("Correct."),
    FOLLOW_THROUGH: _("Follows correctly from your own earlier value, which is wrong; full credit."),
    BLANK: _("No answer."),
}
_AGAIN = _("It repeats the mistake made before, which costs only once; full credit.")
_TRIVIAL = _("It follows from your earlier value, but that value makes the rest trivial: no credit.")
_EITHER = _("Either: %(reasons)s")
_OR = _("Or:")
_PARTS = _("%(right)d of %(all)d parts are right.")


@dataclass(frozen=True)
class Part:
    """The mark of one asked value.

    Attributes:
        name: the ask's name.
        given: what was typed.
        status: ``correct``, ``follow-through`` (correct given the student's own earlier values, or a mistake
            made before and repeated), ``wrong``, ``invalid`` (cannot be read; does not count as an attempt)
            or ``blank``.
        credit: 0 to 1; a wrong answer with right parts, such as entries of a matrix, earns a share.
        slip: the slip that gives this answer, two at once joined by ``+``; ``None`` if unknown.
        slips: all slips that explain the answer equally well.
        read: the answer as exact numbers; ``None`` if it could not be read.
    """

    name: str
    given: str
    status: str
    credit: float = 0.0
    slip: str | None = None
    slips: tuple[str, ...] = ()
    read: Any = None
    _exercise: str = field(default="", repr=False)
    _refused: Refused | None = field(default=None, repr=False, compare=False)
    _trivial: bool = field(default=False, repr=False)
    _failed: int | None = field(default=None, repr=False)
    _again: bool = field(default=False, repr=False)
    _right: tuple[int, int] = field(default=(0, 0), repr=False)
    _cells: tuple[bool, ...] = field(default=(), repr=False)

    @property
    def constant(self) -> bool:
        """Whether the answer follows from an own value that leaves nothing to be calculated."""
        return self._trivial

    @property
    def cells(self) -> tuple[bool, ...]:
        """Whether each number, statement or pair of a wrong answer is right, in order; empty otherwise."""
        return self._cells

    def message(self, lang: str = "en") -> str:
        """Return the message for the student in a language."""
        if self.status == INVALID and self._refused:
            return self._refused.message(lang)
        if self.status in _MESSAGES:
            return translate(_AGAIN if self._again else _MESSAGES[self.status], lang)
        texts = {slip.name: slip.text for slip in bank.exercise(self._exercise).slips}
        explained = [" ".join(translate(texts[name], lang) for name in g.split("+")) for g in self.slips]
        if len(explained) > 1:  # each of them alone explains the answer
            explained = [translate(_EITHER, lang) % {"reasons": f" {translate(_OR, lang)} ".join(explained)}]
        right, parts = self._right
        messages = [
            _("Not correct."),
            *([_PARTS] if 0 < right < parts and self.credit else []),
            *([_TRIVIAL] if self._trivial else []),
        ]
        if self._failed is not None:
            ask = next(ask for ask in bank.exercise(self._exercise).asks if ask.name == self.name)
            case = translate(ask.cases[self._failed], lang)
            messages.insert(1, translate(_("It fails here: %(case)s."), lang) % {"case": case})
        said = " ".join([*(translate(message, lang) for message in messages), *explained])
        return said.replace(translate(_PARTS, lang), translate(_PARTS, lang) % {"right": right, "all": parts})


@dataclass(frozen=True)
class Marks:
    """The marks of one variant.

    Attributes:
        variant: what was marked.
        parts: ask name to its mark, in the order asked.
        score: the weighted share of the credit, 0 to 1.
    """

    variant: Variant
    parts: Mapping[str, Part]
    score: float
