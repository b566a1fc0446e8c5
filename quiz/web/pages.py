"""Makes the pages from the templates; everything that is not HTML of our own is escaped."""

import hashlib
import mimetypes
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from quiz.render import fields, html
from quiz.text import LANGUAGES
from quiz.text.numbers import write
from quiz.web import guard
from quiz.web.site import Visit
from quiz.web.words import words

NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
#: Name of a static file to the package that has it.
STATIC = {
    "page.css": "quiz.render", "numbers.js": "quiz.render",
    "web.css": "quiz.web.static", "practice.js": "quiz.web.static", "paper.js": "quiz.web.static",
    "order.js": "quiz.web.static", "lab.js": "quiz.web.static",
}  # fmt: skip


@cache
def static(name: str) -> tuple[bytes, str]:
    """Return a static file and its version."""
    content = files(STATIC[name]).joinpath(name).read_bytes()
    if name == "numbers.js":  # a script of the HTML papers, made a module
        content += b"\nexport { readNumber };\n"
    return content, hashlib.sha256(content).hexdigest()[:12]


def static_response(name: str, version: str) -> Response:
    """Return a static file, or raise `Denied`; one that is asked for by its version never changes."""
    if name not in STATIC:
        raise guard.not_found()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = Response(static(name)[0], media_type="text/javascript" if name.endswith(".js") else kind)
    lasting = "public, max-age=31536000, immutable"
    response.headers["cache-control"] = lasting if version == static(name)[1] else "no-cache"
    return response


def math(text: str) -> Markup:
    """Return a sentence as HTML, its formulas as MathML."""
    return Markup(fields.math(text))


def _image(svg: str, alt: str) -> str:
    return html.picture(svg, alt).removeprefix('<p class="figure">').removesuffix("</p>")


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("quiz.web", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["math"] = math
    made.filters["plain"] = lambda text: text.replace("`", "")
    made.globals |= {
        "static": lambda name: f"/static/{name}?{static(name)[1]}",
        "image": lambda svg, alt: Markup(_image(svg, alt)),
        "picture": lambda svg, alt: Markup(html.picture(svg, alt)),
        "languages": NAMES,
    }
    return made


def show(visit: Visit, name: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """Return a page in the language of the visit."""
    lang = values.get("lang", visit.lang)
    about = {
        "lang": lang,
        "w": words(lang),
        "settings": visit.settings,
        "token": visit.token,
        "path": visit.request.url.path,
        "serving": visit.site.store is None,
        "course": visit.site.desk is not None and bool(visit.subject("student")),
        "teaching": visit.site.desk is not None and bool(visit.subject("teacher")),
        "number": lambda value, places=0: write(value, lang, places),
        "said": "",
    }
    assert lang in LANGUAGES
    return HTMLResponse(_environment().get_template(name).render(about | dict(values)), status)
