"""Sheets as one HTML page for screen and print, without external files; everything is escaped."""

import base64
import json
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from quiz.render import formula
from quiz.render.sheet import Question, Sheet, labels


@cache
def _beside(name: str) -> str:
    """Read a file of this folder that goes into the page."""
    return files("quiz.render").joinpath(name).read_text("utf-8")


def text(message: str) -> str:
    """Convert a text with formulas to HTML.

    Example:
        >>> text("`z < 1` & more")
        '<span class="math">z &lt; 1</span> &amp; more'
    """
    made = []
    for is_formula, part in formula.parts(message):
        if is_formula:
            made.append(f'<span class="math{" long" if len(part) > 40 else ""}">{escape(part)}</span>')
        else:
            made.append(escape(part).replace("\n", "<br>"))
    return "".join(made)


def picture(svg: str, alt: str) -> str:
    """Embed a picture as an image, so that nothing in it can run."""
    data = base64.b64encode(svg.encode()).decode()
    return f'<p><img src="data:image/svg+xml;base64,{data}" alt="{escape(alt)}"></p>'


def document(sheet: Sheet) -> str:
    """Return the whole page."""
    lang = sheet["lang"]
    about = {"schema": 1, "paper": sheet.get("paper", ""), "mac": sheet.get("mac", "")}
    body = [f"<h1>{text(sheet['title'])}</h1>"]
    if student := sheet.get("student"):
        body.append(
            f"<p>{labels(lang)['student']}: <b>{escape(student['name'])}</b> ({escape(student['id'])})</p>"
        )
    if sheet.get("paper"):
        body.append(f'<p class="note">{labels(lang)["paper"]}: {escape(sheet["paper"])}</p>')
    body.append(f'<p class="note">{text(labels(lang)["numbers"])}</p>')
    body += [question(q, lang) for q in sheet["questions"]]
    if sheet.get("mac"):
        body.append(f'<p><button id="save" type="button">{labels(lang)["save"]}</button></p>')
        data = json.dumps(about).replace("<", "\\u003c")
        script = _beside("page.js")
        body.append(f'<script type="application/json" id="about">{data}</script><script>{script}</script>')
    return page(sheet["title"], lang, "\n".join(body))


def page(title: str, lang: str, body: str) -> str:
    """Return a page with a body that is already HTML."""
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{escape(title.replace('`', ''))}</title><style>{_beside('page.css')}</style></head>"
        f"<body>\n{body}\n</body></html>\n"
    )


def question(q: Question, lang: str) -> str:
    """Return one question with fields for its answers."""
    named = f' <span class="note">{escape(q["name"])}</span>' if q["name"] else ""
    lines = [f"<section><h2>{q['number']}. {text(q['title'])}{named}</h2>", f"<p>{text(q['text'])}</p>"]
    if q["figure"]:
        lines.append(picture(q["figure"], q["alt"]))
    lines.append("<table>")
    lines += [_ask(ask, q["number"]) for ask in q["asks"]]
    lines.append(f'</table><p class="note">{text(q["precision"])}</p>')
    if "key" in q:
        lines.append(key(q, lang))
    return "\n".join([*lines, "</section>"])


def _ask(ask: dict[str, Any], number: int) -> str:
    options = ""
    if ask["options"]:
        options = '<ol class="options">' + "".join(f"<li>{text(o)}</li>" for o in ask["options"]) + "</ol>"
    how = f'<br><span class="note">{text(ask["how"])}</span>' if ask["how"] else ""
    name = f"{escape(ask['name'])}-{number}"
    field = (
        f'<input id="{name}" data-question="{number}" data-ask="{escape(ask["name"])}" autocomplete="off">'
    )
    return f'<tr><th><label for="{name}">{text(ask["label"])}</label></th><td>{options}{field}{how}</td></tr>'


def key(q: Question, lang: str) -> str:
    """Return the correct answers and the worked solution."""
    answers = "".join(
        f"<tr><th>{text(ask['label'])}</th><td>{escape(q['key'][ask['name']])}</td></tr>" for ask in q["asks"]
    )
    return f'<div class="key"><table>{answers}</table>{steps(q, lang)}</div>'


def steps(q: Question, lang: str) -> str:
    """Return the worked solution."""
    lines = "".join(f"<li>{text(line)}</li>" for line in q["steps"])
    return f"<p><b>{labels(lang)['solution']}</b></p><ol>{lines}</ol>"
