"""Feedback teaches: question, figure, the student's answer beside the right one, the slip, the solution."""

from types import SimpleNamespace

import numpy as np
import pytest

import quiz
from quiz.course.feedback import feedback, right_answers
from quiz.course.ledger import Mark
from quiz.marking import grading
from quiz.render import html, sheet
from quiz.text.errors import one_line

COURSE = SimpleNamespace(title="ANN & more")
EXERCISES = ("q2.update", "q2.sample", "q3.true", "q3.missing-bias", "q4.batch", "q6.phases")


def _marked(variants, given, lang):
    """The mark of a paper as the course stores it."""
    questions = []
    for variant, answers in zip(variants, given, strict=True):
        marks = grading.grade(variant, answers, lang)
        parts = [
            {
                "name": part.name, "given": one_line(part.given, 1100), "status": part.status,
                "slip": part.slip, "credit": part.credit, "message": part.message(lang),
            }
            for part in marks.parts.values()
        ]  # fmt: skip
        questions.append({"exercise": variant.exercise, "score": marks.score, "parts": parts})
    score = sum(q["score"] for q in questions) / len(questions)
    return Mark("ABCD", "", 0, {}, score, {"score": score, "questions": questions})


def _page(variants, given, lang, *, solutions=False, own=None):
    record = {"lang": lang, "name": "A <b>", "student": "s&1", "sitting": "1", "paper": "ABCD"}
    own = list(zip(variants, right_answers(variants), strict=True)) if own is None else own
    return feedback(COURSE, record, _marked(variants, given, lang), own, solutions=solutions)


@pytest.fixture(scope="module")
def variants():
    return [quiz.generate(exercise, 3) for exercise in EXERCISES]


def test_right_answers_worked_out_together_are_the_keys(variants):
    twice = [*variants, quiz.generate("q2.update", 8)]
    for variant, key in zip(twice, right_answers(twice), strict=True):
        for name, value in quiz.key(variant).items():
            np.testing.assert_allclose(key[name], value, atol=1e-12)


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_question_is_there_with_its_figure_and_right_answers(variants, lang):
    page = _page(variants, [{} for _variant in variants], lang)
    for place, variant in enumerate(variants, 1):
        shown = sheet.question(variant, lang, place, key=True)
        assert html.text(shown["text"]) in page
        for ask in shown["asks"]:
            assert html.text(ask["label"]) in page
            if ask["kind"] in ("number", "vector", "matrix"):
                assert shown["key"][ask["name"]] in page
        assert not any(html.text(line) in page for line in shown["steps"] if len(line) > 12)
    assert page.count("<img") == sum(bool(sheet.question(v, lang, 1)["figure"]) for v in variants)
    assert "A &lt;b&gt;" in page
    assert "%(" not in page


def test_the_solution_is_shown_on_request(variants):
    page = _page(variants[:1], [{}], "ru", solutions=True)
    for line in sheet.key_of(variants[0], "ru")["steps"]:
        assert html.text(line) in page


def test_a_slip_is_said_in_words_and_follow_through_is_said():
    variant = quiz.generate("q2.update", 7)
    key = quiz.key(variant)
    page = _page([variant], [{name: key[name] for name in ("z", "y")} | {"e": -key["e"]}], "en")
    assert "you have the wrong sign" in page
    assert "sign</" not in page  # no internal name
    result = _marked([variant], [{}], "en").result
    result["questions"][0]["parts"][0] |= {"status": "follow-through", "given": "1", "credit": 1.0}
    record = {"lang": "en", "name": "A", "student": "s", "sitting": "1", "paper": "ABCD"}
    page = feedback(COURSE, record, Mark("ABCD", "", 0, {}, 1.0, result), [(variant, key)])
    assert "right, carried forward from your own value" in page
    assert page.count("right answer") == len(key)  # beside the student's own, and where there is none


def test_what_was_taken_into_account_is_said(variants):
    record = {"lang": "en", "name": "A", "student": "s", "sitting": "1", "paper": "ABCD"}
    mark = Mark("ABCD", "", 0, {}, 0.7, {"score": 0.7, "questions": []}, {"by_hand": True})
    page = feedback(COURSE, record, mark, [])
    assert "mark given by hand" in page
    assert "70 of 100" in page


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("0,3-0,2", "0,3-0,2 = 0,1"),
        ("1/4", "1/4 = 0,25"),
        ("abc", "abc"),
        ("<i>", "&lt;i&gt;"),
        ("-0,50", "<dd>-0,50</dd>"),
    ],
)
def test_what_was_understood_stands_beside_what_was_typed(typed, shown):
    assert shown in _page([quiz.generate("q2.update", 7)], [{"z": typed}], "kk")


def test_options_are_in_words(variants):
    variant = next(v for v in variants if v.exercise == "q3.true")
    ask = variant.asks[0]
    options = sheet.question(variant, "en", 1)["asks"][0]["options"]
    page = _page([variant], [{ask.name: "1 2"}], "en")
    assert f"1. {html.text(options[0])}<br>2. {html.text(options[1])}" in page


def test_a_paper_that_can_no_longer_be_made_still_has_its_marks():
    variant = quiz.generate("q2.update", 7)
    page = _page([variant], [{"z": "1"}], "en", own=[])
    assert "<dd>1</dd>" in page
    assert "<img" not in page
