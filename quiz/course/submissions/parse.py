"""Reads one submission: JSON or a filled notebook. Nothing is executed.

Submissions are untrusted: sizes are limited, and everything else raises `Malformed` with its line.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from quiz.marking.answers import read_lines
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
        answers: number of the question to ask name to answer.
        sheet: the whole paper, if it was submitted with the answers.
    """

    paper: str
    mac: str
    answers: dict[str, dict[str, Any]]
    sheet: dict[str, Any] | None = None


def parse(kind: str, data: bytes) -> Submission:
    """Read one submission.

    Args:
        kind: ``json`` or ``ipynb``.
        data: the content of the file, or the line.

    Raises:
        Malformed: it is not a submission.
    """
    if len(data) > MAX_SUBMISSION:
        raise Malformed(_("longer than %(most)s bytes"), most=MAX_SUBMISSION)
    found = load(data)
    if not isinstance(found, dict):
        raise Malformed(_("expected an object with paper, mac and answers"))
    if kind == "ipynb":
        found = _notebook(found)
    paper, mac, answers = (found.get(name) for name in ("paper", "mac", "answers"))
    if not isinstance(paper, str) or not isinstance(mac, str):
        raise Malformed(_("paper or mac is missing"))
    if not isinstance(answers, dict):
        raise Malformed(_("answers are missing"))
    if len(paper) > 64 or len(mac) > 64:
        raise Malformed(_("paper or mac is too long"))
    whole = found if "questions" in found else None
    return Submission(normal_code(paper), normal_code(mac), _answers(answers), whole)


def load(data: bytes) -> Any:
    """Read JSON strictly: UTF-8, no duplicate names, no NaN, no unpaired surrogates."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(_("not UTF-8 at byte %(byte)s"), byte=error.start) from None
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_constant)
        json.dumps(found, ensure_ascii=False).encode()
    except Malformed:
        raise
    except json.JSONDecodeError as error:
        reason = next((ours for start, ours in _JSON_REASONS.items() if error.msg.startswith(start)), None)
        raise Malformed(
            _("not JSON: %(reason)s, column %(column)s"), reason=reason or _UNEXPECTED, column=error.colno
        ).at(error.lineno) from None
    except RecursionError:
        raise Malformed(_("not JSON: %(reason)s"), reason=_("nested too deeply")) from None
    except UnicodeEncodeError:
        raise Malformed(_("not JSON: %(reason)s"), reason=_("half a surrogate pair")) from None
    except ValueError:  # Python reads no number of more than 4300 digits
        raise Malformed(_("not JSON: %(reason)s"), reason=_("a number with too many digits")) from None
    return found


#: How the messages of `json` begin, and our own in place of them, which are translated.
_JSON_REASONS = {
    "Expecting value": _("a value is missing"),
    "Expecting property name": _("a name in double quotes is missing"),
    "Expecting ':'": _("a colon is missing"),
    "Expecting ','": _("a comma is missing"),
    "Extra data": _("there is something after the end"),
    "Unterminated string": _("a text without its closing quote"),
    "Invalid control character": _("a control character inside a text"),
    "Invalid \\": _("an unknown escape sequence"),
    "Illegal trailing comma": _("a comma before a closing bracket"),
}
_UNEXPECTED = _("an unexpected character")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _value in pairs]
        raise Malformed(
            _("the name %(name)s appears twice"), name=next(n for n in names if names.count(n) > 1)
        )
    return made


def _constant(name: str) -> Any:
    raise Malformed(_("not JSON: %(reason)s"), reason=name)


def _answers(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    count = 0
    for place, given in found.items():
        if not isinstance(given, dict):
            raise Malformed(_("question %(place)s: expected the answers by name"), place=place)
        count += len(given)
        if count > MAX_ANSWERS:
            raise Malformed(_("more than %(most)s answers"), most=MAX_ANSWERS)
        for name, value in given.items():
            if not _is_answer(value):
                raise Malformed(_("question %(place)s, %(name)s: not an answer"), place=place, name=name)
        made[place] = given
    return made


def _is_answer(value: Any, depth: int = 0) -> bool:
    """Return whether a value is a text, a number, null, or a list of numbers nested like a matrix."""
    if isinstance(value, list):
        return depth < 2 and len(value) <= 256 and all(_is_answer(v, depth + 1) for v in value)
    if depth:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def normal_code(text: str) -> str:
    """Return an identifier as it was printed, however it was typed.

    Example:
        >>> normal_code(" abcd efgh-2345 ")
        'ABCD-EFGH-2345'
    """
    bare = re.sub(r"[\s-]+", "", text).upper()
    return "-".join(bare[i : i + 4] for i in range(0, len(bare), 4))


_PAPER = re.compile(r"""^\s*paper, mac = "([^"\\]{1,64})", "([^"\\]{1,64})"\s*$""", re.MULTILINE)
_CELL = re.compile(r'^answers\[([0-9]{1,4})\] = """(.*?)^"""', re.MULTILINE | re.DOTALL)


def _notebook(found: dict[str, Any]) -> dict[str, Any]:
    """Read the cells as text: the line ``paper, mac = …`` and the lines ``name = value``."""
    cells = found.get("cells")
    if not isinstance(cells, list):
        raise Malformed(_("a notebook without cells"))
    made: dict[str, Any] = {"answers": {}}
    for cell in cells:
        source = cell.get("source", "") if isinstance(cell, dict) and cell.get("cell_type") == "code" else ""
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if about := _PAPER.search(text):
            made |= {"paper": about[1], "mac": about[2]}
        for place, body in _CELL.findall(text):
            if place in made["answers"]:
                raise Malformed(_("question %(place)s is answered in two cells"), place=place)
            made["answers"][place] = read_lines(place, body)
    return made
