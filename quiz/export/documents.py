"""Whole sheets as files for people: HTML, Markdown, PDF, JSON, a notebook to fill in."""

import json
from collections.abc import Callable

from quiz.render.sheet import Sheet


def _json(sheet: Sheet) -> str:
    blank = {str(q["number"]): {ask["name"]: "" for ask in q["asks"]} for q in sheet["questions"]}
    return json.dumps(sheet | {"answers": blank}, ensure_ascii=False, indent=1) + "\n"


def _html(sheet: Sheet) -> str:
    from quiz.render import html

    return html.document(sheet)


def _markdown(sheet: Sheet) -> str:
    from quiz.render import markdown

    return markdown.document(sheet)


def _pdf(sheet: Sheet) -> bytes:
    from quiz.render import typst

    return typst.pdf(sheet)


def _notebook(sheet: Sheet) -> str:
    from quiz.export import notebook

    return notebook.paper(sheet)


#: Format to the end of its file name and what makes it.
FORMATS: dict[str, tuple[str, Callable[[Sheet], str | bytes]]] = {
    "json": (".json", _json),
    "html": (".html", _html),
    "markdown": (".md", _markdown),
    "pdf": (".pdf", _pdf),
    "notebook": (".ipynb", _notebook),
}
