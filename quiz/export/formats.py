"""All formats by name: what their files are called, who may see them, what makes them."""

from collections.abc import Callable
from dataclasses import dataclass

from quiz.export.items import Item

Maker = Callable[[list[Item], str, str, bool], str | bytes]


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        suffix: how its files end.
        keyed: whether its files hold the keys by their nature, so that they are for the teacher alone.
        make: from items, language, title and whether keys are wanted to the content of the file.
    """

    suffix: str
    keyed: bool
    make: Maker


def _moodle(items: list[Item], lang: str, title: str, key: bool) -> bytes:
    from quiz.export import moodle

    return moodle.document(items, lang, title)


def _qti21(items: list[Item], lang: str, title: str, key: bool) -> bytes:
    from quiz.export import qti21

    return qti21.package(items, lang, title)


def _qti3(items: list[Item], lang: str, title: str, key: bool) -> bytes:
    from quiz.export import qti3

    return qti3.package(items, lang, title)


def _canvas(items: list[Item], lang: str, title: str, key: bool) -> bytes:
    from quiz.export import canvas

    return canvas.package(items, lang, title)


def _anki(items: list[Item], lang: str, title: str, key: bool) -> bytes:
    from quiz.export import anki

    return anki.package(items, lang, title)


def _notebook(items: list[Item], lang: str, title: str, key: bool) -> str:
    from quiz.export import notebook

    return notebook.document(items, lang, title)


def _csv(items: list[Item], lang: str, title: str, key: bool) -> str:
    from quiz.export import spreadsheet

    return spreadsheet.document(items, lang, key=key)


def _document(kind: str) -> Maker:
    def make(items: list[Item], lang: str, title: str, key: bool) -> str | bytes:
        from quiz.export import documents
        from quiz.render import sheet

        questions = [sheet.question(i.variant, lang, n, name=i.name, key=key) for n, i in enumerate(items, 1)]
        return documents.FORMATS[kind][1](sheet.sheet(title, lang, questions))

    return make


FORMATS = {
    "moodle": Format(".xml", True, _moodle),
    "qti21": Format(".zip", True, _qti21),
    "qti3": Format(".zip", True, _qti3),
    "canvas": Format(".zip", True, _canvas),
    "notebook": Format(".ipynb", False, _notebook),
    "anki": Format(".apkg", True, _anki),
    "csv": Format(".csv", False, _csv),
    "pdf": Format(".pdf", False, _document("pdf")),
    "html": Format(".html", False, _document("html")),
    "markdown": Format(".md", False, _document("markdown")),
}
