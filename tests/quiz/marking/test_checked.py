"""Answers of which many are correct: those of a student's own, what fails, and the slip that explains it."""

import pytest

import quiz
from quiz.export.items import collect, markable
from quiz.marking.grading import grade_many
from quiz.text.errors import Refusal


def variant(exercise, **wanted):
    made = (quiz.generate(exercise, seed) for seed in range(1000))
    return next(v for v in made if all(v.givens[name] == value for name, value in wanted.items()))


@pytest.fixture(scope="module")
def gate():
    return variant("q1.build-gate", t=(0, 0, 0, 1))


@pytest.mark.parametrize("scale", [1, 10, 250])
def test_any_weights_that_work_are_correct(gate, scale):
    part = quiz.grade(gate, {"W": [scale, scale, float(gate.givens["theta"]) - 1.5 * scale]}).parts["W"]
    assert (part.status, part.credit, part.message("en")) == ("correct", 1.0, "Correct.")


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_a_tie_is_wrong_and_is_named(gate, lang):
    typed = "2 2 " + str(float(gate.givens["theta"]) - 4)
    part = quiz.grade(gate, {"W": typed}, lang).parts["W"]
    assert (part.status, part.credit, part.slips) == ("wrong", 0.0, ("tie",))
    assert ("(1; 1)" if lang != "en" else "(1, 1)") in part.message(lang)


@pytest.mark.parametrize("typed", ["1 1", "a b c", "1 2 3 4"])
def test_what_cannot_be_read_is_no_attempt(gate, typed):
    assert quiz.grade(gate, {"W": typed}).parts["W"].status == "invalid"


def test_a_blank_answer(gate):
    assert quiz.grade(gate, {}).parts["W"].status == "blank"


def test_many_at_once_are_marked_like_one(gate):
    other = quiz.generate("q3.proof", 4)
    cases = [
        (gate, {"W": [1, 1, -99]}, "en"),
        (other, {"order": quiz.key(other)["order"][:-1]}, "en"),
        (quiz.generate("q2.update", 7), {"z": 1}, "en"),
        (gate, {"W": [4, 4, float(gate.givens["theta"]) - 6]}, "en"),
        (gate, {}, "en"),
    ]
    assert [marks.score for marks in grade_many(cases)] == [quiz.grade(*case).score for case in cases]


@pytest.mark.parametrize(
    ("typed", "status"), [("1 1", "invalid"), ("99", "invalid"), ("", "blank"), ("3", "wrong")]
)
def test_blocks_are_read_as_a_list_without_repetition(typed, status):
    assert quiz.grade(quiz.generate("q3.proof", 0), {"order": typed}).parts["order"].status == status


def test_the_key_of_blocks_leaves_some_out():
    made = quiz.generate("q3.proof", 0)
    assert len(quiz.key(made)["order"]) == 8
    assert len(made.asks[0].choices(made.givens)) == 11


def test_a_learning_system_gets_no_question_that_it_would_mark_wrongly():
    kept, left_out = markable(collect(exercises=("q1.build-gate", "q2.update", "q3.proof"), count=2))
    assert [item.ident for item in kept] == ["q2-update-0001", "q2-update-0002"]
    assert left_out == ["q1.build-gate", "q3.proof"]


def test_nothing_to_export_is_refused():
    with pytest.raises(Refusal, match=r"only quiz can mark q6\.proof"):
        markable(collect(exercises=("q6.proof",), count=1))
