"""Reads Moodle XML as Moodle's importer does, and reports what it would reject or misread."""

import base64
import re
from collections.abc import Iterator
from typing import Any

from quiz.export.moodle import FRACTIONS

_NUMBER = r"[-+]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?"
_TYPES = (
    r"NUMERICAL|NM|SHORTANSWER_C|SHORTANSWER|MULTICHOICE(?:_V|_H|_S|_VS|_HS)?|MULTIRESPONSE(?:_H|_S|_HS)?"
)
#: A blank as the importer defines it: the alternatives end at a ``}`` without a backslash.
BLANK = re.compile(rf"\{{([0-9]*):({_TYPES}):(.*?)(?<!\\)\}}", re.DOTALL)
_ALTERNATIVE = re.compile(
    r"(=|%(-?[0-9]+(?:[.,][0-9]*)?)%)?(.+?)(?<!\\|&)(?=[~#}]|$)(#(.*?)(?<!\\|&)(?=[~}]|$))?", re.DOTALL
)


def problems(root: Any) -> Iterator[str]:
    """Yield what Moodle's importer would reject or misread."""
    if root.tag != "quiz":
        yield f"the root is {root.tag}, not quiz"
        return
    category, seen = "", set()
    for question in root:
        name = question.findtext("name/text") or question.findtext("category/text") or "?"
        kind = question.get("type")
        if kind == "category":
            category = question.findtext("category/text") or ""
            if not category.startswith("$course$/top/"):
                yield f"{name}: a category starts with $course$/top/"
            continue
        number = question.findtext("idnumber") or ""
        if (category, number) in seen or not number:
            yield f"{name}: the idnumber {number!r} is empty or not the only one in its category"
        seen.add((category, number))
        checks = {"numerical": _numerical, "multichoice": _multichoice, "cloze": _cloze}
        if kind not in checks:
            yield f"{name}: the type {kind} is not known here"
            continue
        for wrong in (*checks[kind](question), *_common(question)):
            yield f"{name}: {wrong}"


def _common(question: Any) -> Iterator[str]:
    text = question.findtext("questiontext/text") or ""
    files = {file.get("name"): file.text or "" for file in question.iterfind("questiontext/file")}
    for name in re.findall(r"@@PLUGINFILE@@/([^\"']+)", text):
        if name not in files:
            yield f"the picture {name} is not in the file"
    for name, content in files.items():
        if not base64.b64decode(content, validate=True):
            yield f"the picture {name} is empty"
    for part in question.iter("text"):
        body = part.text or ""
        if "$" in body:
            yield "a dollar sign, which Moodle may take for mathematics"
        if body.count(r"\(") != body.count(r"\)"):
            yield r"\( and \) are not in pairs"
        if "`" in body or re.search(r"%\(\w+\)s", body):
            yield "something that was not filled in"
    if question.findtext("penalty") is None or question.findtext("hidden") is None:
        yield "penalty or hidden is missing"


def _numerical(question: Any) -> Iterator[str]:
    answers = question.findall("answer")
    if not answers or answers[0].get("fraction") != "100":
        yield "the first answer is not the right one, and the first that fits wins"
    for place, answer in enumerate(answers):
        text, tolerance = answer.findtext("text") or "", answer.findtext("tolerance") or ""
        if text == "*" and place < len(answers) - 1:
            yield "nothing after * can ever fit"
        if text != "*" and ("," in text or not re.fullmatch(_NUMBER, text)):
            yield f"{text!r} is not a number with a point"
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", tolerance):
            yield f"the tolerance {tolerance!r} is not a number"
        yield from _fraction(answer.get("fraction") or "")


def _multichoice(question: Any) -> Iterator[str]:
    fractions = [answer.get("fraction") or "" for answer in question.findall("answer")]
    for fraction in fractions:
        yield from _fraction(fraction)
    if question.findtext("single") == "true" and fractions.count("100") != 1:
        yield "one answer, and only one, is worth 100"
    texts = [answer.findtext("text") for answer in question.findall("answer")]
    if len(set(texts)) != len(texts):
        yield "two answers read alike"


def _fraction(fraction: str) -> Iterator[str]:
    if fraction.removeprefix("-") not in (*FRACTIONS, "0"):
        yield f"the fraction {fraction!r} is not in Moodle's list"


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


def _cloze(question: Any) -> Iterator[str]:
    if question.find("defaultgrade") is not None:
        yield "a cloze question has no defaultgrade; its blanks' weights add up"
    text = question.findtext("questiontext/text") or ""
    found = list(blanks(text))
    if not found:
        yield "there is no blank in it"
    if len(found) != len(re.findall(rf"\{{[0-9]*:(?:{_TYPES}):", text)):
        yield "a blank does not end where it should"
    for weight, kind, alternatives in found:
        if weight < 1:
            yield "a weight is not a whole number of 1 or more"
        for fraction, answer, _feedback in alternatives:
            yield from _fraction(fraction)
            if kind in ("NUMERICAL", "NM") and not re.fullmatch(rf"{_NUMBER}(:{_NUMBER})?", answer):
                yield f"{answer!r} is not NUMBER:TOLERANCE"
        whole = sum(float(f) for f, _a, _f in alternatives if f and float(f) > 0)
        if kind.startswith("MULTIRESPONSE"):
            if abs(whole - 100) > 0.01:
                yield f"the right options are worth {whole:g} together, not 100"
        elif "100" not in [fraction for fraction, _answer, _feedback in alternatives]:
            yield "no alternative is worth 100"
        if kind in ("NUMERICAL", "NM") and alternatives[0][0] != "100":
            yield "the first alternative is not the right one, and the first that fits wins"
