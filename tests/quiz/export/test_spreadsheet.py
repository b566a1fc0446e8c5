"""The CSV export opens in spreadsheets: its encoding is recognised, its numbers are numbers."""

import csv
import io

import pytest

from quiz.export import check, items, spreadsheet
from quiz.export.write import export
from quiz.marking import grading
from quiz.text.errors import Refusal


def _rows(path, delimiter):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=delimiter))


@pytest.mark.parametrize(
    ("bom", "comma", "lang"),
    [(False, False, "en"), (True, True, "ru"), (True, False, "kk"), (False, True, "kk")],
)
def test_numbers_are_numbers(tmp_path, bom, comma, lang):
    about = {"exercises": ["q2.update"], "count": 5, "key": True, "bom": bom, "comma": comma}
    (path,) = export("csv", tmp_path, [lang], **about)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") == bom
    assert list(check.check(path)) == []
    rows = _rows(path, ";" if comma else ",")
    assert any(row["key"].startswith("-") for row in rows)
    right = [grading.key(item.variant) for item in items.collect(exercises=["q2.update"], count=5)]
    for number, row in enumerate(rows):
        key = right[number // 6][row["ask"]]
        for cell, value in ((row["key"], key), (row["tolerance"], float(row["tolerance"].replace(",", ".")))):
            assert ("," in cell) == (comma and value != int(value))
            assert float(cell.replace(",", ".")) == pytest.approx(value, abs=1e-6)


def test_vectors_and_texts_start_no_formula():
    some = list(items.collect(exercises=["q4.batch", "q6.phases"], count=2))
    text = spreadsheet.document(some, "ru", key=True, comma=True)
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";"):
        assert not any(cell.startswith(("=", "+", "@")) for cell in row.values())


def test_the_options_are_for_csv_only(tmp_path):
    with pytest.raises(Refusal, match="csv only, not for moodle"):
        list(export("moodle", tmp_path, ["en"], exercises=["q2.update"], count=1, comma=True))
