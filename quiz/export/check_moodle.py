"""Reads Moodle XML as Moodle's importer does, and reports what it would reject or misread."""

import base64
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from quiz.export.moodle import FRACTIONS
from quiz.text import mark as _
from quiz.text.errors import InFile, Refusal

_NUMBER = r"[-+]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?"
_TYPES = (
    r"NUMERICAL|NM|SHORTANSWER_C|SHORTANSWER|MULTICHOICE(?:_V|_H|_S|_VS|_HS)?|MULTIRESPONSE(?:_H|_S|_HS)?"
)
#: A blank as the importer defines it: the alternatives end at a ``}`` without a backslash.
BLANK = re.compile(rf"\{{([0-9]*):({_TYPES}):(.*?)(?<!\\)\}}", re.DOTALL)
_ALTERNATIVE = re.compile(
    r"(=|%(-?[0-9]+(?:[.,][0-9]*)?)%)?(.+?)(?<!\\|&)(?=[~#}]|$)(#(.*?)(?<!\\|&)(?=[~}]|$))?", re.DOTALL
)


def problems(root: Any) -> Iterator[Refusal]:
    """Yield what Moodle's importer would reject or misread."""
    if root.tag != "quiz":
        yield Refusal(_("the root element is %(name)s, not quiz"), name=root.tag)
        return
    category, seen = "", set()
    for question in root:
        name = question.findtext("name/text") or question.findtext("category/text") or "?"
        kind = question.get("type")
        if kind == "category":
            category = question.findtext("category/text") or ""
            if not category.startswith("$course$/top/"):
                yield InFile(name, Refusal(_("a category must start with $course$/top/")))
            continue
        number = question.findtext("idnumber") or ""
        if (category, number) in seen or not number:
            message = _("the idnumber '%(number)s' is empty or not unique in its category")
            yield InFile(name, Refusal(message, number=number))
        seen.add((category, number))
        checks = {"numerical": _numerical, "multichoice": _multichoice, "cloze": _cloze}
        if kind not in checks:
            yield InFile(name, Refusal(_("the type %(kind)s is unknown"), kind=str(kind)))
            continue
        for wrong in (*checks[kind](question), *_common(question), *_settings(question)):
            yield InFile(name, wrong)


def _common(question: Any) -> Iterator[Refusal]:
    text = question.findtext("questiontext/text") or ""
    files = {file.get("name"): file.text or "" for file in question.iterfind("questiontext/file")}
    for name in re.findall(r"@@PLUGINFILE@@/([^\"']+)", text):
        if name not in files:
            yield Refusal(_("the picture %(name)s is missing"), name=name)
    for name, content in files.items():
        if not base64.b64decode(content, validate=True):
            yield Refusal(_("the picture %(name)s is empty"), name=name)
    for part in question.iter("text"):
        body = part.text or ""
        if "$" in body:
            yield Refusal(_("a dollar sign, which Moodle may read as mathematics"))
        if body.count(r"\(") != body.count(r"\)"):
            yield Refusal(_("formulas in brackets with backslashes are not in pairs"))
        if "`" in body or re.search(r"%\(\w+\)s", body):
            yield Refusal(_("a placeholder was not filled in"))
    if question.findtext("penalty") is None or question.findtext("hidden") is None:
        yield Refusal(_("penalty or hidden is missing"))


#: The values that Moodle's importer knows, by the place within a question; others it replaces silently.
_VALUES = {
    "hidden": ("0", "1"), "single": ("true", "false"), "shuffleanswers": ("true", "false", "0", "1"),
    "answernumbering": ("abc", "ABCD", "123", "iii", "IIII", "none"), "showstandardinstruction": ("0", "1"),
    "unitgradingtype": ("0", "1", "2"), "showunits": ("0", "1", "2", "3"), "unitsleft": ("0", "1"),
}  # fmt: skip
_FORMATS = ("html", "moodle_auto_format", "plain_text", "markdown")
#: Characters of a name and an idnumber at most; Moodle cuts the rest off.
_MOST_NAME, _MOST_IDNUMBER = 255, 100


def _settings(question: Any) -> Iterator[Refusal]:
    """Yield settings that Moodle would cut off or replace, and HTML that it would clean away."""
    for place, most in (("name/text", _MOST_NAME), ("idnumber", _MOST_IDNUMBER)):
        if len(question.findtext(place) or "") > most:
            yield Refusal(_("%(name)s is longer than %(most)d characters"), name=place, most=most)
    for name, values in _VALUES.items():
        given = question.findtext(name)
        if given is not None and given not in values:
            yield Refusal(
                _("%(name)s is '%(text)s'; expected %(values)s"),
                name=name,
                text=given,
                values=", ".join(values),
            )
    for name in ("penalty", "unitpenalty"):
        given = question.findtext(name)
        if given is not None and not (re.fullmatch(_NUMBER, given) and 0 <= float(given) <= 1):
            yield Refusal(_("%(name)s is '%(text)s'; expected 0 to 1"), name=name, text=given)
    grade = question.findtext("defaultgrade")
    if grade is not None and not (re.fullmatch(_NUMBER, grade) and float(grade) > 0):
        yield Refusal(_("%(name)s is '%(text)s'; expected a number above 0"), name="defaultgrade", text=grade)
    if question.findtext("questiontext/text", "missing").strip() == "":
        yield Refusal(_("the question has no text"))
    for element in question.iter():
        form = element.get("format")
        if form is not None and form not in _FORMATS:
            yield Refusal(_("the format %(name)s is unknown"), name=form)
        if form == "html":
            yield from _Html(element.findtext("text") or "").faults
    for hint in question.iterfind("hint"):
        if not (hint.findtext("text") or "").strip():
            yield Refusal(_("a hint is empty"))


class _Html(HTMLParser):
    """What is wrong with a piece of HTML: elements left open, and what Moodle cleans away."""

    def __init__(self, text: str):
        super().__init__()
        self.faults: list[Refusal] = []
        self._open: list[str] = []
        self.feed(text)
        if self._open:
            self._fault(self._open[-1])

    def _fault(self, name: str) -> None:
        self.faults.append(Refusal(_("the element %(name)s is not closed where it should be"), name=name))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        outside = any(
            name in ("src", "href") and re.match("(?i)(https?:|//|javascript:)", value or "")
            for name, value in attrs
        )
        if (
            tag in ("script", "iframe", "object", "style")
            or outside
            or any(name.startswith("on") for name, _v in attrs)
        ):
            self.faults.append(Refusal(_("the element %(name)s may run or load something"), name=tag))
        if tag not in ("br", "img", "hr"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self._fault(tag)


def _numerical(question: Any) -> Iterator[Refusal]:
    answers = question.findall("answer")
    if not answers or answers[0].get("fraction") != "100":
        yield Refusal(_("the first answer is not the correct one, but the first match counts"))
    for place, answer in enumerate(answers):
        text, tolerance = answer.findtext("text") or "", answer.findtext("tolerance") or ""
        if text == "*" and place < len(answers) - 1:
            yield Refusal(_("answers after * never match"))
        if text != "*" and ("," in text or not re.fullmatch(_NUMBER, text)):
            yield Refusal(_("'%(text)s' is not a number with a decimal point"), text=text)
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", tolerance):
            yield Refusal(_("the tolerance '%(text)s' is not a number"), text=tolerance)
        yield from _fraction(answer.get("fraction") or "")


def _multichoice(question: Any) -> Iterator[Refusal]:
    fractions = [answer.get("fraction") or "" for answer in question.findall("answer")]
    for fraction in fractions:
        yield from _fraction(fraction)
    if question.findtext("single") == "true" and fractions.count("100") != 1:
        yield Refusal(_("exactly one answer must be worth 100"))
    if question.findtext("single") == "false":
        total = sum(
            float(fraction)
            for fraction in fractions
            if re.fullmatch(_NUMBER, fraction) and float(fraction) > 0
        )
        if abs(total - 100) > 0.01:
            message = _("the correct options are worth %(total)s together, not 100")
            yield Refusal(message, total=f"{total:g}")
    texts = [answer.findtext("text") for answer in question.findall("answer")]
    if len(texts) < 2 or not all((text or "").strip() for text in texts):
        yield Refusal(_("a choice needs two answers or more, each with a text"))
    if len(set(texts)) != len(texts):
        yield Refusal(_("two answers have the same text"))


def _fraction(fraction: str) -> Iterator[Refusal]:
    if fraction.removeprefix("-") not in (*FRACTIONS, "0"):
        yield Refusal(_("the fraction '%(text)s' is not in Moodle's list"), text=fraction)


def blanks(text: str) -> Iterator[tuple[int, str, list[tuple[str, str, str]]]]:
    """Read the blanks of a cloze text as Moodle's importer does.

    Yields:
        The weight, the type and the alternatives: fraction, answer, feedback.
    """
    for match in BLANK.finditer(text):
        rest, found = match[3], []
        while one := _ALTERNATIVE.match(rest):
            fraction = "100" if one[1] == "=" else one[2] if one[2] is not None else "0"
            found.append((fraction, _unescape(one[3]), _unescape(one[5] or "")))
            rest = rest[one.end() :]
            if not rest.startswith("~"):
                break
            rest = rest[1:]
        yield int(match[1] or 1), match[2], found + ([("", rest, "")] if rest else [])


def _unescape(text: str) -> str:
    return text.replace(r"\}", "}").replace(r"\#", "#").replace(r"\~", "~")


def _cloze(question: Any) -> Iterator[Refusal]:
    if question.find("defaultgrade") is not None:
        yield Refusal(_("a cloze question must not have a defaultgrade"))
    text = question.findtext("questiontext/text") or ""
    found = list(blanks(text))
    if not found:
        yield Refusal(_("there is no blank"))
    if len(found) != len(re.findall(rf"\{{[0-9]*:(?:{_TYPES}):", text)):
        yield Refusal(_("a blank does not end where it should"))
    for weight, kind, alternatives in found:
        if weight < 1:
            yield Refusal(_("a weight is not a positive integer"))
        for fraction, answer, _feedback in alternatives:
            yield from _fraction(fraction)
            if kind in ("NUMERICAL", "NM") and not re.fullmatch(rf"{_NUMBER}(:{_NUMBER})?", answer):
                yield Refusal(_("'%(text)s' is not a number and a tolerance"), text=answer)
        whole = sum(float(f) for f, _a, _f in alternatives if f and float(f) > 0)
        if kind.startswith("MULTIRESPONSE"):
            if abs(whole - 100) > 0.01:
                yield Refusal(
                    _("the correct options are worth %(total)s together, not 100"), total=f"{whole:g}"
                )
        elif "100" not in [fraction for fraction, _answer, _feedback in alternatives]:
            yield Refusal(_("no alternative is worth 100"))
        if kind.startswith("MULTI") and len({answer for _f, answer, _text in alternatives}) < max(
            2, len(alternatives)
        ):
            yield Refusal(_("a choice within the text needs two different alternatives or more"))
        if kind in ("NUMERICAL", "NM") and alternatives[0][0] != "100":
            yield Refusal(_("the first answer is not the correct one, but the first match counts"))
