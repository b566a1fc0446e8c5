"""Finds out which question of a paper each answer belongs to."""

from collections.abc import Mapping, Sequence
from typing import Any

from quiz.course.submissions.notes import Note, note
from quiz.text import mark as _

Answers = dict[str, dict[str, Any]]


def match(
    given: Mapping[str, Mapping[str, Any]], asked: Mapping[str, Sequence[str]]
) -> tuple[Answers, list[Note]]:
    """Put answers in their places; what belongs nowhere is noted.

    A name without a question is found where only one question asks for it; capital letters do not matter
    where that leaves no doubt.

    Args:
        given: number of the question, or "", to name to answer.
        asked: number of the question to the names asked.

    Example:
        >>> match({"": {"z": "1", "w": "2"}, "2": {"B": "3"}}, {"1": ["z"], "2": ["b"]})[0]
        {'1': {'z': '1'}, '2': {'b': '3'}}
    """
    made: Answers = {}
    notes: list[Note] = []
    for place, named in given.items():
        number = place.strip().lstrip("0")
        for name, value in named.items():
            blank = value is None or (isinstance(value, str) and not value.strip())
            where = _where(number, name.strip(), asked)
            if len(where) == 1:
                (found, own) = where[0]
                if made.get(found, {}).get(own) in (None, ""):
                    made.setdefault(found, {})[own] = value
                elif not blank and made[found][own] != value:
                    notes.append(
                        note(_("question %(place)s: %(name)s is given twice; the first one counts"),
                             place=found, name=own)
                    )  # fmt: skip
            elif not blank:
                notes.append(_unasked(place, name, where, asked))
    return made, notes


def _where(number: str, name: str, asked: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Return every question and name that an answer may belong to."""
    places = asked if not number else {number: asked.get(number, ())}
    exact = [(place, name) for place, names in places.items() if name in names]
    return exact or [
        (place, own) for place, names in places.items() for own in names if own.casefold() == name.casefold()
    ]


def _unasked(place: str, name: str, where: Sequence[Any], asked: Mapping[str, Sequence[str]]) -> Note:
    """Return why an answer belongs nowhere."""
    number = place.strip().lstrip("0")
    if not number:
        template = _("several questions ask for %(name)s; write the number of the question, as in 1.%(name)s")
        return note(template if where else _("no question asks for %(name)s"), name=name)
    if number not in asked:
        return note(_("there is no question %(place)s; the paper has %(most)s"), place=place, most=len(asked))
    return note(
        _("question %(place)s does not ask for %(name)s; it asks for %(names)s"),
        place=place, name=name, names=", ".join(asked[number]),
    )  # fmt: skip
