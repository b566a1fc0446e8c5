"""Errors: one sentence in each language, with reasons that are translated as well."""

import errno

import pytest

from quiz.text.errors import InFile, Invalid, Malformed, Refusal, os_reason, sentence


def test_a_reason_is_translated_and_other_values_are_not():
    refusal = Refusal("not JSON: %(reason)s, column %(column)s", reason="a comma is missing", column=3)
    assert str(refusal) == "not JSON: a comma is missing, column 3"
    assert refusal.message("ru") == "не JSON: нет запятой, столбец 3"
    assert refusal.message("kk") == "JSON емес: үтір жоқ, 3-баған"
    assert sentence("unknown names: %(names)s", {"names": "a comma is missing"}, "ru").endswith("is missing")


def test_the_file_comes_first_in_every_language():
    inner = InFile("a.xml", Refusal("cannot be read: %(reason)s", reason="permission denied"))
    outer = InFile("b.zip", inner)
    assert str(outer) == outer.message("en") == "b.zip: a.xml: cannot be read: permission denied"
    assert outer.message("ru") == "b.zip: a.xml: не читается: нет доступа"
    assert isinstance(outer, Invalid)


def test_control_characters_and_long_texts_are_not_shown():
    assert str(Refusal("unknown names: %(names)s", names="a\x1b[2J\n")) == "unknown names: a?[2J?"
    malformed = Malformed("unknown names: %(names)s", names="a\n" + "b" * 200).at(7)
    assert str(malformed) == "unknown names: a\N{REPLACEMENT CHARACTER}" + "b" * 117 + "…"
    assert malformed.line == 7


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.EACCES, "Zugriff verweigert"), "permission denied"),
        (OSError(errno.ENOSPC, ""), "no space left on the disk"),
        (OSError(errno.EISDIR, ""), "it is a folder"),
        (OSError(errno.ENAMETOOLONG, ""), "the name is too long"),
        (OSError(errno.EIO, "Ein-/Ausgabefehler"), "EIO"),
        (OSError("no number"), "OSError"),
    ],
)
def test_reasons_of_the_system(error, reason):
    assert os_reason(error) == reason
