"""Reads one submission: JSON, a filled notebook or a page. Nothing is executed.

Submissions are untrusted: sizes are limited, and everything else raises `Malformed` with its line.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from quiz.course.submissions import notebook, page
from quiz.course.submissions.notes import Note
from quiz.course.submissions.strict_json import load
from quiz.text import mark as _
from quiz.text.errors import Malformed

#: Bytes in one submission at most.
MAX_SUBMISSION = 2 * 1024 * 1024
#: Answers in one submission at most.
MAX_ANSWERS = 2000


@dataclass(frozen=True)
class Submission:
    """What a student sent.

    Attributes:
        paper: the paper's identifier.
        mac: the MAC of the paper, as submitted.
        answers: number of the question to ask name to answer; under "" by name alone.
        sheet: the whole paper, if it was submitted with the answers.
        notes: what could not be read.
        cells: whether it was a notebook, in which every question has a cell.
    """

    paper: str
    mac: str
    answers: dict[str, dict[str, Any]]
    sheet: dict[str, Any] | None = None
    notes: tuple[Note, ...] = ()
    cells: bool = False


def parse(kind: str, data: bytes) -> Submission:
    """Read one submission.

    Args:
        kind: ``json``, ``ipynb`` or ``html``.
        data: the content of the file, or the line.

    Raises:
        Malformed: it is not a submission.
    """
    if len(data) > MAX_SUBMISSION:
        raise Malformed(_("longer than %(most)s bytes"), most=MAX_SUBMISSION)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # the "Unicode" of Windows editors
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    found = page.read(data) if kind == "html" else load(data)
    if not isinstance(found, dict):
        raise Malformed(_("expected an object with paper, mac and answers"))
    notes: list[Note] = []
    if kind == "ipynb":
        cells = notebook.read(found)
        found, notes = {**cells.codes, "answers": cells.answers}, cells.notes
    paper, mac, answers = (found.get(name) for name in ("paper", "mac", "answers"))
    if not isinstance(paper, str) or not isinstance(mac, str):
        raise Malformed(_("paper or mac is missing"))
    if not isinstance(answers, dict):
        raise Malformed(_("answers are missing"))
    if len(paper) > 64 or len(mac) > 64:
        raise Malformed(_("paper or mac is too long"))
    whole = found if "questions" in found else None
    given = _answers(answers, notes)
    return Submission(normal_code(paper), normal_code(mac), given, whole, tuple(notes), kind == "ipynb")


def _answers(found: dict[str, Any], notes: list[Note]) -> dict[str, dict[str, Any]]:
    """Return the answers that can be read; what cannot is noted, or refused if nothing else is there."""
    made: dict[str, dict[str, Any]] = {}
    count = 0
    refused: Malformed | None = None
    for place, given in found.items():
        if not isinstance(given, dict):
            refused = Malformed(_("question %(place)s: expected the answers by name"), place=place)
            notes.append({"template": refused.template, "given": refused.given})
            continue
        count += len(given)
        if count > MAX_ANSWERS:
            raise Malformed(_("more than %(most)s answers"), most=MAX_ANSWERS)
        for name, value in given.items():
            if _is_answer(value):
                made.setdefault(place, {})[name] = value
                continue
            refused = Malformed(_("question %(place)s, %(name)s: not an answer"), place=place, name=name)
            notes.append({"template": refused.template, "given": refused.given})
    if refused is not None and not made:
        raise refused
    return made


def _is_answer(value: Any, depth: int = 0) -> bool:
    """Return whether a value is a text, a number, null, or a list of numbers nested like a matrix."""
    if isinstance(value, list):
        return depth < 2 and len(value) <= 256 and all(_is_answer(v, depth + 1) for v in value)
    if depth:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


#: Cyrillic letters that look like Latin ones.
_LOOK_ALIKES = str.maketrans("АВЕКМНРСТУХавекмнрстух", "ABEKMHPCTYXABEKMHPCTYX")


def normal_code(text: str) -> str:
    """Return an identifier as it was printed, however it was typed.

    Example:
        >>> normal_code(" abcd efgh-2345 ")
        'ABCD-EFGH-2345'
    """
    plain = "".join(
        c for c in text.translate(_LOOK_ALIKES) if unicodedata.category(c) not in ("Cf", "Pd", "Zs")
    )
    bare = re.sub(r"[\s_]+", "", plain).upper()
    return "-".join(bare[i : i + 4] for i in range(0, len(bare), 4))
