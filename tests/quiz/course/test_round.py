"""A class of 200 simulated students, some of them malicious, from the roster to the gradebook and back."""

import csv
import io
import json

import pytest
from class_of_students import hand_in, issue, new_course

from quiz.course import gradebook, sitting
from quiz.course.feedback import write_feedback
from quiz.course.ledger import Ledger

COUNT = 200
PLACES = 3


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return new_course(tmp_path_factory.mktemp("round") / "ann")


@pytest.fixture(scope="module")
def handed(course, tmp_path_factory):
    found = list(hand_in(course, issue(course, COUNT, places=PLACES)))
    where = tmp_path_factory.mktemp("submissions")
    for number, one in enumerate(found):
        (where / f"{number:03d}.json").write_bytes(one.data())
    return where, found


@pytest.fixture(scope="module")
def marked(course, handed):
    with Ledger(course.database) as ledger:
        problems = list(sitting.mark(course, ledger, handed[0], sitting="1", jobs=1))
        marks = {record["paper"]: mark for record, mark in ledger.marks("1")}
    return problems, marks


def test_every_mark_is_what_the_simulation_expected(handed, marked):
    _problems, marks = marked
    for one in handed[1]:
        mark = marks[one.paper]
        if one.score is None:
            assert mark is None
        else:
            assert mark is not None, one
            assert mark.score == pytest.approx(one.score, abs=1e-12), (one, mark)


def test_every_problem_is_reported_by_name(handed, marked):
    expected = {f"{i:03d}.json": one.kind for i, one in enumerate(handed[1]) if one.kind}
    assert {p["source"]: p["kind"] for p in marked[0]} == expected


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_problems_are_sentences(marked, lang):
    for problem in marked[0]:
        text = sitting.describe(problem, lang)
        assert text.startswith(problem["source"])
        assert "%(" not in text
        assert text.isprintable()


def test_gradebook_has_everybody_and_no_formula(course, marked, tmp_path):
    with Ledger(course.database) as ledger:
        gradebook.write_gradebook(course, ledger, "1", tmp_path / "g.csv", "kk", bom=True, comma=True)
    data = (tmp_path / "g.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == COUNT + 1
    assert not [c for row in rows for c in row if c[:1] in set("=+-@\t\r＝＋－＠")]
    percent = {row[2]: row[4] for row in rows[1:]}
    for paper, mark in marked[1].items():
        assert percent[paper] == (
            "" if mark is None else f"{100 * mark.score:.2f}".rstrip("0").rstrip(".").replace(".", ",")
        )


def test_feedback_is_one_page_a_student_and_escaped(course, marked, tmp_path):
    with Ledger(course.database) as ledger:
        count = write_feedback(course, ledger, "1", tmp_path)
    pages = sorted(tmp_path.glob("*.html"))
    assert len(pages) == count == sum(mark is not None for mark in marked[1].values())
    texts = [page.read_text("utf-8") for page in pages]
    assert not [text for text in texts if "<script>alert" in text]
    assert [text for text in texts if "&lt;script&gt;alert" in text]


def test_marking_again_changes_nothing(course, handed, marked):
    with Ledger(course.database) as ledger:
        assert list(sitting.mark(course, ledger, handed[0], sitting="1", jobs=1)) == marked[0]
        assert {r["paper"]: m for r, m in ledger.marks("1")} == marked[1]


def test_an_empty_submission_never_takes_the_place_of_answers(course, handed, marked, tmp_path):
    one = next(o for o in handed[1] if o.score == 1.0)
    (tmp_path / "again.json").write_text(json.dumps(one.body | {"answers": {}}))
    with Ledger(course.database) as ledger:
        assert list(sitting.mark(course, ledger, tmp_path, sitting="1")) == []
        assert dict((r["paper"], m) for r, m in ledger.marks("1"))[one.paper].score == 1.0
