"""Sheets as one HTML page for screen and print, without external files; everything is escaped."""

import base64
import hashlib
import json
from functools import cache
from html import escape
from importlib.resources import files

from quiz.render import fields
from quiz.render.fields import math as text
from quiz.render.sheet import Question, Sheet, labels, page_words


@cache
def _beside(name: str) -> str:
    """Read a file of this folder that goes into the page."""
    return files("quiz.render").joinpath(name).read_text("utf-8")


def picture(svg: str, alt: str) -> str:
    """Embed a picture as an image, so that nothing in it can run."""
    data = base64.b64encode(svg.encode()).decode()
    return f'<p class="figure"><img src="data:image/svg+xml;base64,{data}" alt="{escape(alt)}"></p>'


def document(sheet: Sheet) -> str:
    """Return the whole page; a paper keeps, checks and saves what is typed."""
    lang = sheet["lang"]
    words = labels(lang)
    body = [f"<h1>{text(sheet['title'])}</h1>"]
    if student := sheet.get("student"):
        body.append(f"<p>{words['student']}: <b>{escape(student['name'])}</b> ({escape(student['id'])})</p>")
    if sheet.get("paper"):
        body.append(f'<p class="note">{words["paper"]}: {escape(sheet["paper"])}</p>')
    body.append(f'<p class="note">{text(words["numbers"])}</p>')
    if not sheet.get("mac"):
        return page(
            sheet["title"], lang, "\n".join([*body, *(question(q, lang) for q in sheet["questions"])])
        )
    body.append(f'<noscript><p class="warning">{escape(page_words(lang)["noscript"])}</p></noscript>')
    body += [_bar(sheet, lang), *(question(q, lang) for q in sheet["questions"]), _end(sheet, lang)]
    about = {"schema": 1, "paper": sheet["paper"], "mac": sheet["mac"]}
    settings = {"lang": lang, "expressions": sheet.get("expressions", True), "words": page_words(lang)}
    for name, data in (("about", about), ("settings", settings)):
        content = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
        body.append(f'<script type="application/json" id="{name}">{content}</script>')
    return page(sheet["title"], lang, "\n".join(body), _beside("numbers.js") + _beside("page.js"))


def _bar(sheet: Sheet, lang: str) -> str:
    """What is kept, and a way to load what was saved before."""
    words = page_words(lang)
    return (
        f'<div class="bar"><p id="kept" role="status"></p>'
        f'<label class="button" for="load">{escape(words["load"])}</label>'
        f'<input type="file" id="load" accept=".json,application/json">'
        f'<button type="button" id="forget">{escape(words["forget"])}</button></div>'
    )


def _end(sheet: Sheet, lang: str) -> str:
    """What is unanswered, the button that saves, and what to do with the file."""
    words = page_words(lang)
    send = sheet.get("send") or words["send"]
    return (
        f'<section id="finish" aria-labelledby="finish-title">'
        f'<h2 id="finish-title">{escape(words["finish"])}</h2>'
        f'<div id="missing" tabindex="-1" hidden><p>{escape(words["missing"])}</p><ul></ul></div>'
        f'<p><button id="save" type="button">{escape(labels(lang)["save"])}</button></p>'
        f'<p id="saved" role="status"></p><p class="note">{escape(send)}</p></section>'
    )


def page(title: str, lang: str, body: str, script: str = "") -> str:
    """Return a page with a body that is already HTML, and one script that is the only one that may run."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"; script-src 'sha256-{digest}'" if script else ""
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'{allowed}"
    running = f"<script>{script}</script>" if script else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" '
        f'content="{policy}"><title>{escape(title.replace("`", ""))}</title>'
        f"<style>{_beside('page.css')}</style></head><body>\n<main>\n{body}\n</main>\n{running}</body></html>\n"
    )


def question(q: Question, lang: str) -> str:
    """Return one question with fields for its answers."""
    named = f' <span class="note">{escape(q["name"])}</span>' if q["name"] else ""
    number = q["number"]
    lines = [
        f'<section class="question" aria-labelledby="q{number}">',
        f'<h2 id="q{number}">{number}. {text(q["title"])}{named}</h2>',
        f"<p>{text(q['text'])}</p>",
    ]
    if q["figure"]:
        lines.append(picture(q["figure"], q["alt"]))
    lines += [fields.field(ask, number, lang) for ask in q["asks"]]
    if q["precision"]:
        lines.append(f'<p class="note">{text(q["precision"])}</p>')
    if "key" in q:
        lines.append(key(q, lang))
    return "\n".join([*lines, "</section>"])


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


def wide(table: str, label: str) -> str:
    """Put a table that may be wider than a phone into a part of the page that can be scrolled by keyboard."""
    return f'<div class="wide" tabindex="0" role="region" aria-label="{escape(label)}">{table}</div>'
