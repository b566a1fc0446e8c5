"""Sheets as Markdown (CommonMark): formulas as code, everything else escaped."""

import base64
import re

from quiz.render import formula
from quiz.render.sheet import Question, Sheet, labels


def text(message: str) -> str:
    r"""Convert a text with formulas to Markdown.

    Example:
        >>> text("2 * 3 is `a*b` <here>")
        '2 \\* 3 is `a*b` \\<here\\>'
    """
    made = []
    for is_formula, part in formula.parts(message):
        made.append(f"`{part}`" if is_formula else escape(part))
    return "".join(made)


def escape(plain: str) -> str:
    """Escape plain text, so that nothing in it is markup."""
    escaped = re.sub(r"([\\`*_\[\]<>#|~&$!])", r"\\\1", plain)
    return re.sub(r"(?m)^(\s*\d*)([-+.)])(?=\s)", r"\1\\\2", escaped)


def document(sheet: Sheet) -> str:
    """Return the whole sheet."""
    lang = sheet["lang"]
    lines = [f"# {text(sheet['title'])}", ""]
    if student := sheet.get("student"):
        lines += [f"{labels(lang)['student']}: **{escape(student['name'])}** ({escape(student['id'])})", ""]
    if sheet.get("paper"):
        check = f", {labels(lang)['check']}: `{sheet['mac']}`" if sheet.get("mac") else ""
        lines += [f"{labels(lang)['paper']}: `{sheet['paper']}`{check}", ""]
    lines += [text(labels(lang)["numbers"]), ""]
    for q in sheet["questions"]:
        lines += question(q, lang)
    return "\n".join(lines).rstrip() + "\n"


def question(q: Question, lang: str) -> list[str]:
    """Return one question with blanks for its answers."""
    named = f" ({escape(q['name'])})" if q["name"] else ""
    lines = [f"## {q['number']}. {text(q['title'])}{named}", "", text(q["text"]), ""]
    if q["figure"]:
        data = base64.b64encode(q["figure"].encode()).decode()
        lines += [f"![{escape(q['alt'])}](data:image/svg+xml;base64,{data})", ""]
    for ask in q["asks"]:
        how = f" ({text(ask['how'])})" if ask["how"] else ""
        lines.append(f"- {text(ask['label'])} = \\_\\_\\_\\_\\_\\_{how}")
        lines += [f"  {place}. {text(option)}" for place, option in enumerate(ask["options"], 1)]
    lines += ["", text(q["precision"]), ""]
    if "key" in q:
        lines += key(q, lang)
    return lines


def key(q: Question, lang: str) -> list[str]:
    """Return the correct answers and the worked solution."""
    lines = [f"**{labels(lang)['answers']}**", ""]
    lines += [f"- {text(ask['label'])} = {escape(q['key'][ask['name']])}" for ask in q["asks"]]
    lines += ["", f"**{labels(lang)['solution']}**", ""]
    lines += [f"{place}. {text(line)}" for place, line in enumerate(q["steps"], 1)]
    return [*lines, ""]
