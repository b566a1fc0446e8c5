"""All formats by name: their file names, who may see them, and the functions that make them."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from quiz.export import anki, canvas, moodle, notebook, qti3, qti21, spreadsheet
from quiz.export.archive import pack
from quiz.export.items import Item, markable
from quiz.render import html, markdown, typst
from quiz.render.sheet import Sheet, question, sheet

Maker = Callable[[list[Item], str, str, bool], str | bytes]
Document = Callable[[Sheet], str | bytes]


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        suffix: the suffix of its files.
        make: maps items, language, title and whether keys are wanted to the content of the file; ``None`` if
            it is for papers only.
        document: maps a whole sheet to the content of the file; ``None`` if it is not for papers.
        keyed: whether its files always contain the keys, so that they are for the teacher only.
        marked: whether a learning system marks the answers, by the keys in the file.
    """

    suffix: str
    make: Maker | None = None
    document: Document | None = None
    keyed: bool = False
    marked: bool = False


def _keyed(make: Callable[[list[Item], str, str], str | bytes]) -> Maker:
    return lambda items, lang, title, key: make(items, lang, title)


def _zip(files: Callable[[list[Item], str, str], Iterable[tuple[str, bytes]]]) -> Maker:
    return lambda items, lang, title, key: pack(files(items, lang, title))


def _marked(make: Callable[[list[Item], str, str], Any]) -> Callable[[list[Item], str, str], Any]:
    """Leave out what a learning system cannot mark."""
    return lambda items, lang, title: make(markable(items)[0], lang, title)


def _sheet(document: Document) -> Maker:
    def make(items: list[Item], lang: str, title: str, key: bool) -> str | bytes:
        questions = [question(i.variant, lang, n, name=i.name, key=key) for n, i in enumerate(items, 1)]
        return document(sheet(title, lang, questions))

    return make


def _json(sheet: Sheet) -> str:
    blank = {str(q["number"]): {ask["name"]: "" for ask in q["asks"]} for q in sheet["questions"]}
    return json.dumps(sheet | {"answers": blank}, ensure_ascii=False, indent=1) + "\n"


FORMATS = {
    "moodle": Format(".xml", _keyed(_marked(moodle.document)), keyed=True, marked=True),
    "qti21": Format(".zip", _zip(_marked(qti21.files)), keyed=True, marked=True),
    "qti3": Format(".zip", _zip(_marked(qti3.files)), keyed=True, marked=True),
    "canvas": Format(".zip", _zip(_marked(canvas.files)), keyed=True, marked=True),
    "anki": Format(".apkg", _keyed(anki.package), keyed=True),
    "csv": Format(".csv", lambda items, lang, title, key: spreadsheet.document(items, lang, key=key)),
    "json": Format(".json", document=_json),
    "html": Format(".html", _sheet(html.document), html.document),
    "markdown": Format(".md", _sheet(markdown.document), markdown.document),
    "pdf": Format(".pdf", _sheet(typst.pdf), typst.pdf),
    "notebook": Format(
        ".ipynb", lambda items, lang, title, key: notebook.document(items, lang, title), notebook.paper
    ),
}
#: Formats of `quiz export`.
EXPORTS = {name: form.make for name, form in FORMATS.items() if form.make}
#: Formats of papers.
PAPERS = {name: form.document for name, form in FORMATS.items() if form.document}
#: Formats of keys; a notebook is for answers.
KEYS = tuple(name for name in PAPERS if name != "notebook")
