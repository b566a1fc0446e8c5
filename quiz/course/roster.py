"""The roster of a class, from a CSV file as spreadsheets write it."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from quiz.course import tables
from quiz.text import LANGUAGES
from quiz.text import mark as _
from quiz.text.errors import Invalid, one_line

#: Accepted names of the columns. Where there is a surname, a column ``name`` has the first name.
COLUMNS = {
    "id": ("id", "student", "student id", "student number", "login", "username", "нөмір", "нөмірі", "жсн",
           "номер", "логин", "иин", "id студента", "студенттің id-і"),
    "name": ("name", "full name", "аты-жөні", "толық аты", "имя", "фио", "студент", "аты", "есімі"),
    "surname": ("surname", "last name", "family name", "тегі", "фамилия"),
    "first": ("first name", "given name", "forename"),
    "middle": ("middle name", "patronymic", "әкесінің аты", "отчество"),
    "lang": ("lang", "language", "тіл", "тілі", "язык"),
    "group": ("group", "section", "топ", "тобы", "группа"),
}  # fmt: skip


@dataclass(frozen=True)
class Student:
    """One line of the roster: an identifier that is unique in the course, a name, a language, a group."""

    id: str
    name: str
    lang: str
    group: str = ""


def read(path: Path, lang: str) -> list[Student]:
    """Read a roster with the columns ``id``, ``name`` and optionally ``lang`` and ``group``.

    Columns are separated by commas, semicolons or tabs; a byte order mark, a line ``sep=;`` and lines above
    the header are allowed. The name may be in several columns. Without a column ``id`` the name is the
    identifier.

    Args:
        path: the CSV file, in UTF-8, or in UTF-16 with a byte order mark.
        lang: the language of students without one.

    Raises:
        Invalid: a line that cannot be used, with its number.
    """
    try:
        text = tables.decode(path.read_bytes())
    except UnicodeDecodeError as error:
        raise Invalid(_("%(file)s: not UTF-8 at byte %(byte)s"), file=path.name, byte=error.start) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    header, first, lines = tables.read(text.splitlines(keepends=True), _is_header)
    if header is None and first:
        raise Invalid(
            _("%(file)s: no line names the columns; found %(found)s, expected id or name, lang, group"),
            file=path.name, found=one_line(", ".join(first)),
        )  # fmt: skip
    columns = [_column(cell) for cell in header.cells or ()] if header else []
    if header:
        _check_columns(path.name, header.cells or [], columns)
    students: dict[str, Student] = {}
    for line, cells in lines:
        student = _student(path.name, line, columns, cells, lang)
        if student.id in students:
            raise Invalid(
                _("%(file)s, line %(line)s: %(id)s appears twice"),
                file=path.name,
                line=line,
                id=one_line(student.id),
            )
        students[student.id] = student
    if not students:
        raise Invalid(
            _("%(file)s: no students; the first line names the columns id, name, lang"), file=path.name
        )
    return list(students.values())


def _is_header(cells: list[str]) -> bool:
    return bool({"id", "name", "surname", "first"} & {_column(cell) for cell in cells})


def _check_columns(file: str, names: list[str], columns: list[str]) -> None:
    """Refuse two columns that could be the same thing."""
    for column in COLUMNS:
        same = [name for name, own in zip(names, columns, strict=True) if own == column]
        if len(same) > 1:
            raise Invalid(
                _("%(file)s: the columns %(names)s could each be the %(column)s; rename all but one"),
                file=file, names=one_line(", ".join(same)), column=column,
            )  # fmt: skip


def _student(file: str, line: int, columns: list[str], cells: list[str] | None, lang: str) -> Student:
    """Return the student of a line."""
    row = {
        column: _clean(cell) for column, cell in zip(columns, cells or (), strict=False) if column in COLUMNS
    }
    parts = ("surname", "first", "name", "middle") if "surname" in columns else ("name", "first", "middle")
    name = " ".join(row[part] for part in parts if row.get(part))
    identifier = row.get("id") or name
    own = row.get("lang", "").lower() or lang
    if cells is None or len(identifier) > 200 or len(name) > 400:
        raise Invalid(_("%(file)s, line %(line)s: id or name is too long"), file=file, line=line)
    if not identifier:
        raise Invalid(_("%(file)s, line %(line)s: neither id nor name"), file=file, line=line)
    if own not in LANGUAGES:
        raise Invalid(
            _("%(file)s, line %(line)s: expected a language of %(known)s, got %(given)s"),
            file=file, line=line, given=one_line(own), known=", ".join(LANGUAGES),
        )  # fmt: skip
    return Student(identifier, name or identifier, own, row.get("group", "")[:100])


def _column(name: str) -> str:
    plain = " ".join(name.split()).casefold()
    return next((column for column, names in COLUMNS.items() if plain in names), plain)


def _clean(text: str) -> str:
    """Normalise Unicode; remove control characters and surrounding spaces."""
    return "".join(c for c in unicodedata.normalize("NFC", text) if c.isprintable()).strip()
