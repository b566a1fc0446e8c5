"""Marks: what became of each answer, as data, and what to tell the student."""

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
_TRIVIAL = _("It follows from your earlier value, but that value makes the rest trivial: no credit.")


@dataclass(frozen=True)
class Part:
    """The mark of one asked value.

    Attributes:
        name: the ask's name.
        given: what was typed.
        status: ``correct``, ``follow-through`` (right, counted from the student's own earlier values),
            ``wrong``, ``invalid`` (can't be read; costs no attempt) or ``blank``.
        credit: 0 to 1.
        slip: the mistake that gives just this answer, two at once joined by ``+``; ``None`` if unknown.
        slips: all mistakes that explain the answer equally well.
        read: what was understood, as exact numbers; ``None`` if nothing was.
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

    def message(self, lang: str = "en") -> str:
        """Return what to tell the student, in a language."""
        if self.status == INVALID and self._refused:
            return self._refused.message(lang)
        if self.status in _MESSAGES:
            return translate(_MESSAGES[self.status], lang)
        texts = {slip.name: slip.text for slip in bank.exercise(self._exercise).slips}
        names = dict.fromkeys(name for group in self.slips for name in group.split("+"))
        messages = [
            _("Not correct."),
            *([_TRIVIAL] if self._trivial else []),
            *(texts[name] for name in names),
        ]
        return " ".join(translate(message, lang) for message in messages)


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
