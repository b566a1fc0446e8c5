"""Reads an HTML page that was handed in: the paper's codes, and the fields that the browser saved with it."""

import html
import re
from typing import Any

from quiz.course.submissions.strict_json import load
from quiz.text import mark as _
from quiz.text.errors import Malformed

_ABOUT = re.compile(
    r"""<script\b[^<>]{0,200}\bid=["']?about["']?[^<>]{0,200}>([^<]*)</script>""", re.IGNORECASE
)
_FIELD = re.compile(r"""<(input|select|textarea)\b([^<>]{0,4000})>""", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""([a-zA-Z-]{1,40})(?:\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]{1,2000})))?"""
)


def read(data: bytes) -> dict[str, Any]:
    """Return ``paper``, ``mac`` and ``answers`` of a page.

    Raises:
        Malformed: it is not a paper, or has no answers in it.
    """
    text = data.decode("utf-8", "replace")
    about = _ABOUT.search(text)
    if about is None:
        raise Malformed(_("the page is not a paper"))
    made = load(html.unescape(about[1]).encode("utf-8", "replace"))
    if not isinstance(made, dict):
        raise Malformed(_("the page is not a paper"))
    answers: dict[str, dict[str, str]] = {}
    for field in _FIELD.finditer(text):
        found = {
            m[1].lower(): html.unescape(next((part for part in m.groups()[1:] if part is not None), ""))
            for m in _ATTRIBUTE.finditer(field[2])
        }
        place, ask, value = (found.get(name, "") for name in ("data-question", "data-ask", "value"))
        if found.get("type", "text") in ("radio", "checkbox") and "checked" not in found:
            continue
        if place and ask and value.strip():
            given = answers.setdefault(place, {})
            given[ask] = f"{given[ask]} {value}" if ask in given else value
    if not answers:
        raise Malformed(
            _("the page has no answers in it; the student hands in the file that its button saves")
        )
    return {name: made.get(name) for name in ("paper", "mac")} | {"answers": answers}
