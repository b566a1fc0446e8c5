"""Rosters as schools have them: lines above the header, names in several columns, and what is ambiguous."""

import pytest

from quiz.course.roster import read
from quiz.text.errors import Invalid


def students(tmp_path, text, encoding="utf-8"):
    (tmp_path / "r.csv").write_bytes(text.encode(encoding))
    return [(s.id, s.name, s.lang, s.group) for s in read(tmp_path / "r.csv", "en")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sep=;\nid;name\na;A\n", ("a", "A", "en", "")),
        ("SEP=\t\r\nid\tname\r\na\tA\r\n", ("a", "A", "en", "")),
        ("Group 5\n\nid,name\na,A\n", ("a", "A", "en", "")),
        ("List of students, autumn;;\n;;\nid;name;lang\na;A;ru\n", ("a", "A", "ru", "")),
        ("№;Фамилия;Имя;Отчество\n1;Петров;Иван;Ильич\n", ("Петров Иван Ильич",) * 2 + ("en", "")),
        ("id,First name,Last name\na,Ann,Lee\n", ("a", "Lee Ann", "en", "")),
        ("Тегі;Аты;ID\nСерік;Әлия;a\n", ("a", "Серік Әлия", "en", "")),
        ("ФИО;Группа;Логин\nПетров Иван;П-1;a\n", ("a", "Петров Иван", "en", "П-1")),
        ("id,name\ra,A\r", ("a", "A", "en", "")),
    ],
    ids=["sep", "tab", "title", "long title", "three", "two", "Kazakh", "group", "returns"],
)  # fmt: skip
def test_rosters_are_read_as_schools_write_them(tmp_path, text, expected):
    assert students(tmp_path, text) == [expected]


def test_unicode_text_of_spreadsheets_is_read(tmp_path):
    assert students(tmp_path, "id\tname\r\na\tӘлия\r\n", "utf-16") == [("a", "Әлия", "en", "")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("s01,Ann,en\ns02,Bob,en\n", ["found s01, Ann, en", "id or name"]),
        ("Nr;Klasse\n1;A\n", ["found Nr, Klasse"]),
        ("id,student id,name\na,b,A\n", ["id, student id", "rename"]),
        ("имя;ФИО\nИван;Петров Иван\n", ["имя, ФИО", "rename"]),
    ],
    ids=["no header", "foreign", "two ids", "two names"],
)
def test_what_is_missing_or_ambiguous_is_named(tmp_path, text, words):
    with pytest.raises(Invalid) as caught:
        students(tmp_path, text)
    assert all(word in str(caught.value) for word in words), str(caught.value)
