"""Papers as PDF: one file for printing, names in any script, figures with letters that can be read."""

import io
import json

import pypdf
import pytest

import quiz
from quiz.render import sheet, typst

PAPER = {"paper": "ABCD-EFGH-2345", "mac": "WXYZ"}


def _sheet(name, lang="ru", count=1, **more):
    exercises = ["q3.missing-bias", "q4.batch", "q6.phases", "q2.sample"][:count]
    questions = [sheet.question(quiz.generate(e, 2), lang, n) for n, e in enumerate(exercises, 1)]
    return sheet.sheet("Желілер", lang, questions, student={"id": "s1", "name": name}, **PAPER, **more)


def _pages(data):
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]


def test_all_papers_in_one_file_each_with_its_own_page_numbers():
    sheets = [_sheet("Әлия", "kk", 3), _sheet("Иван", "ru", 1), _sheet("Ann", "en", 2)]
    pages = _pages(typst.combined(sheets))
    begins = [place for place, text in enumerate(pages) if "Желілер" in text]
    assert len(begins) == 3
    assert all(place % 2 == 0 for place in begins)  # a leaf is never shared
    for begin, name in zip(begins, ("Әлия", "Иван", "Ann"), strict=True):
        assert name in pages[begin]
        assert "1 / " in pages[begin]
    assert typst.pdf(sheets[0]) == typst.combined(sheets[:1])
    assert len(_pages(typst.pdf(sheets[1]))) == 1


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("Әлия Қанатқызы", ""), ("José Łukasz", ""), ("Nguyễn Văn Ất", ""), ("Ἀλέξανδρος", ""),
        ("李小龙", "李小龙"), ("김민준", "김민준"), ("Ann 😀", "😀"), ("さくら", "さくら"),
    ],
)  # fmt: skip
def test_letters_that_the_fonts_lack_are_known(name, missing):
    made = _sheet(name)
    assert typst.uncovered(made) == missing
    assert typst.pdf(made).startswith(b"%PDF")


def test_figures_are_as_large_as_their_letters_need():
    (question,) = typst._data(_sheet("A"))["questions"]
    assert 300 < question["width"] < 600
    assert typst._width("<svg viewBox='0 0 1 1'>") == 460


def test_nothing_in_a_name_is_markup():
    text = _pages(typst.pdf(_sheet('#panic("x") *b* $z$')))[0]
    assert '#panic("x") *b* $z$' in text
    assert json.dumps(typst._data(_sheet("A")))
