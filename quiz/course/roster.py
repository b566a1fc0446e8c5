"""The roster of a class, from a CSV file as spreadsheets write it."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from quiz.text import LANGUAGES
from quiz.text import mark as _
from quiz.text.errors import Invalid, one_line

#: Accepted names of the columns.
COLUMNS = {
    "id": ("id", "student", "student id", "нөмір", "нөмірі", "номер", "логин"),
    "name": ("name", "full name", "аты-жөні", "аты", "имя", "фио", "студент"),
    "lang": ("lang", "language", "тіл", "тілі", "язык"),
}


@dataclass(frozen=True)
class Student:
    """One line of the roster: an identifier that is unique in the course, a name, a language."""

    id: str
    name: str
    lang: str


def read(path: Path, lang: str) -> list[Student]:
    """Read a roster with the columns ``id``, ``name`` and optionally ``lang``.

    Columns are separated by commas, semicolons or tabs; a byte order mark is allowed. Without a column ``id``
    the name is the identifier.

    Args:
        path: the CSV file, in UTF-8.
        lang: the language of students without one.

    Raises:
        Invalid: a line that cannot be used, with its number.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(_("%(file)s: not UTF-8 at byte %(byte)s"), file=path.name, byte=error.start) from None
    students: dict[str, Student] = {}
    table: list[tuple[int, dict[str, str]]] = []
    try:
        table += rows(text)
    except csv.Error:  # a cell beyond 128 KiB
        line = table[-1][0] + 1 if table else 1
        raise Invalid(
            _("%(file)s, line %(line)s: id or name is too long"), file=path.name, line=line
        ) from None
    for line, row in table:
        cells = {_column(name): value for name, value in row.items()}
        name = _clean(cells.get("name", ""))
        identifier = _clean(cells.get("id", "")) or name
        own = _clean(cells.get("lang", "")).lower() or lang
        if not identifier:
            raise Invalid(_("%(file)s, line %(line)s: neither id nor name"), file=path.name, line=line)
        if len(identifier) > 200 or len(name) > 400:
            raise Invalid(_("%(file)s, line %(line)s: id or name is too long"), file=path.name, line=line)
        if own not in LANGUAGES:
            raise Invalid(
                _("%(file)s, line %(line)s: expected a language of %(known)s, got %(given)s"),
                file=path.name, line=line, given=one_line(own), known=", ".join(LANGUAGES),
            )  # fmt: skip
        if identifier in students:
            raise Invalid(
                _("%(file)s, line %(line)s: %(id)s appears twice"),
                file=path.name,
                line=line,
                id=one_line(identifier),
            )
        students[identifier] = Student(identifier, name or identifier, own)
    if not students:
        raise Invalid(
            _("%(file)s: no students; the first line names the columns id, name, lang"), file=path.name
        )
    return list(students.values())


def rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows below the header of a table, each with its line number; the separator is detected."""
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=False)
    header = [name.strip() for name in next(reader, [])]
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, dict(zip(header, cells, strict=False))


def _column(name: str) -> str:
    plain = name.strip().casefold()
    return next((column for column, names in COLUMNS.items() if plain in names), plain)


def _clean(text: str) -> str:
    """Normalise Unicode; remove control characters and surrounding spaces."""
    return "".join(c for c in unicodedata.normalize("NFC", text) if c.isprintable()).strip()
