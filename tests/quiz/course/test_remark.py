"""Marking again after a correction, with an audit trail; the analysis of a class."""

import dataclasses
import json
import math

import pytest
from class_of_students import hand_in, issue, new_course

from quiz import bank
from quiz.course import analysis, report, sitting
from quiz.course.ledger import Ledger, Mark
from quiz.course.sitting import remark


@pytest.fixture
def course(tmp_path):
    made = new_course(tmp_path / "ann")
    issued = issue(made, 16, places=1)
    handed = list(hand_in(made, issued))
    lines = b"\n".join(one.data().replace(b"\n", b" ") for one in handed)
    (tmp_path / "all.jsonl").write_bytes(lines)
    with Ledger(made.database) as ledger:
        list(sitting.mark(made, ledger, tmp_path / "all.jsonl", sitting="1", jobs=1))
    return made


@pytest.fixture
def corrected(monkeypatch):
    """A bank in which the new bias is different, so that correct answers become wrong."""
    old = bank.exercise("q2.update")
    steps = tuple(dataclasses.replace(s, rule=lambda b: b + 7) if s.name == "b_new" else s for s in old.steps)
    new = dataclasses.replace(old, steps=steps)
    real = bank.exercise
    monkeypatch.setattr(bank, "exercise", lambda name: new if name == "q2.update" else real(name))


def scores(course):
    with Ledger(course.database) as ledger:
        return {r["paper"]: m.score for r, m in ledger.marks("1") if m is not None}


def test_nothing_changes_without_a_correction(course):
    with Ledger(course.database) as ledger:
        assert list(remark(course, ledger, "1", jobs=1)) == []
        assert list(ledger.trail()) == []


def test_a_correction_changes_marks_and_leaves_a_trail(course, corrected):
    before = scores(course)
    with Ledger(course.database) as ledger:
        changes = list(remark(course, ledger, "1", reason="bias", jobs=1))
        trail = list(ledger.trail())
    perfect = [paper for paper, score in before.items() if score == 1]
    assert perfect
    after = scores(course)
    asks = bank.exercise("q2.update").asks
    left = 1 - next(a.weight for a in asks if a.name == "b") / sum(a.weight for a in asks)
    for paper in perfect:  # one of six answers is wrong now
        assert after[paper] == pytest.approx(left)
    assert [(c["paper"], c["old"], c["new"], c["kept"]) for c in changes] == [
        (t["paper"], t["old"], t["new"], t["kept"]) for t in trail
    ]
    assert {t["reason"] for t in trail} == {"bias"}
    assert next(c for c in changes if c["paper"] == perfect[0])["questions"] == [
        {"question": 1, "exercise": "q2.update", "old": 1.0, "new": pytest.approx(left)}
    ]


def test_the_better_mark_is_kept_where_wanted(course, corrected):
    before = scores(course)
    with Ledger(course.database) as ledger:
        changes = list(remark(course, ledger, "1", keep_better=True, jobs=1))
        assert changes
        assert len(list(ledger.trail())) == len(changes)
    assert all(after >= before[paper] for paper, after in scores(course).items())
    assert all(c["kept"] == max(c["old"], c["new"]) for c in changes)


def test_a_dry_run_changes_nothing(course, corrected):
    before = scores(course)
    with Ledger(course.database) as ledger:
        assert list(remark(course, ledger, "1", dry=True, jobs=1))
        assert list(ledger.trail()) == []
    assert scores(course) == before


@pytest.mark.parametrize("change", ["revision", "gone"])
def test_what_can_no_longer_be_made_keeps_its_mark(course, monkeypatch, change):
    before, old = scores(course), bank.exercise("q2.update")

    def exercise(name):
        if change == "gone":
            raise KeyError(name)
        return dataclasses.replace(old, revision=old.revision + 1)

    monkeypatch.setattr(bank, "exercise", exercise)
    with Ledger(course.database) as ledger:
        changes = list(remark(course, ledger, "1", jobs=1))
    assert {c["problem"]["kind"] for c in changes} == {"gone"}
    assert len(changes) == len(before)
    assert scores(course) == before


# -- analysis


def _mark(first, second, slip=None):
    parts = [{"name": "z", "status": "wrong" if slip else "correct", "slip": slip}]
    questions = [
        {"exercise": "a", "score": first, "parts": parts},
        {"exercise": "b", "score": second, "parts": [{"name": "y", "status": "correct", "slip": None}]},
    ]
    score = (first + second) / 2
    return {}, Mark("p", "s", 0, {}, score, {"score": score, "questions": questions})


def test_analysis_counts_what_one_counts_by_hand():
    """Pearson by hand: x = 0 1 1, y = 0 0.5 1 have covariance 1/2 and variances 2/3, 1/2 (times three)."""
    marks = [_mark(0, 0, "sign"), _mark(1, 0.5), _mark(1, 1, "sign+rate"), ({}, None)]
    found = analysis.analyse(marks)
    assert (found.papers, found.marked) == (4, 3)
    a, b = found.exercises["a"], found.exercises["b"]
    assert a.facility == pytest.approx(2 / 3)
    assert b.facility == pytest.approx(1 / 2)
    assert a.discrimination == pytest.approx((1 / 2) / math.sqrt(2 / 3 * 1 / 2))
    assert b.discrimination == pytest.approx(a.discrimination)
    assert a.slips == {"sign": 2, "rate": 1}
    assert a.asks["z"].slips == {"sign": 1, "sign+rate": 1}
    assert a.asks["z"].statuses["wrong"] == 2
    assert found.scores == [1, 0, 0, 0, 0, 0, 0, 1, 0, 1]


def test_an_exercise_that_all_get_right_tells_nothing():
    found = analysis.analyse([_mark(1, 1), _mark(1, 0)])
    assert found.exercises["a"].discrimination is None
    assert json.loads(json.dumps(found.to_json()))["exercises"][0]["difficulty"] == 0


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_report_is_one_page_of_its_own(course, lang):
    with Ledger(course.database) as ledger:
        found = analysis.analyse(ledger.marks("1"))
    page = report.page(found, "A & <b>", lang)
    assert "<b>" not in page.replace("<b>", "", page.count("<p><b>") + page.count("<li><b>"))
    assert "A &amp; &lt;b&gt;" in page
    assert page.count("<svg") >= 1
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert found.exercises["q2.update"].slips["sign"] >= 1
