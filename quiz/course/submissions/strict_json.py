"""Reads JSON strictly, and says what is wrong with it in our own words."""

import json
from typing import Any

from quiz.text import mark as _
from quiz.text.errors import Malformed


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
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise Malformed(_("the name %(name)s appears twice"), name=name)
        made[name] = value
    return made


def _constant(name: str) -> Any:
    raise Malformed(_("not JSON: %(reason)s"), reason=name)
