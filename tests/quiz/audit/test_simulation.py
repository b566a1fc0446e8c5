"""Simulated students, and the diagnosis of their mistakes."""

import json

import pytest
from click.testing import CliRunner

import quiz
from quiz import bank
from quiz.audit import simulation
from quiz.audit.simulation import Outcome, Student
from quiz.cli import app
from quiz.exercise import Stream
from quiz.exercise.program import Row, run
from quiz.marking.diagnosis import diagnose, joined, narrow
from quiz.marking.marks import BLANK, CORRECT, WRONG, Marks, Part
from quiz.marking.runs import pairs

A, B, C, AB = frozenset("a"), frozenset("b"), frozenset("c"), frozenset("ab")


def marks(*parts):
    """Marks with the given slips for each answer."""
    found = {
        str(i): Part(str(i), "0", WRONG if slips else CORRECT, slips=tuple(slips))
        for i, slips in enumerate(parts)
    }
    return Marks(quiz.generate("q2.update", 0), found, 0.0)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(), ()], ()),
        ([("a",), ()], (A,)),
        ([("a", "b"), ("b",)], (B,)),
        ([("a", "b"), ("a", "b")], (A, B)),
        ([("a",), ("b",)], (AB,)),
        ([("a+b",), ("a", "c")], (AB,)),
        ([("a",), ("b",), ("c",)], (A | B | C,)),
    ],
    ids=["nothing", "one", "the one that explains both", "a tie", "two at once", "a pair", "three"],
)
def test_the_smallest_sets_that_explain_all(parts, expected):
    assert diagnose(marks(*parts)) == expected


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ((A, B), (B, C), (B,)),
        ((A,), (), (A,)),
        ((), (B,), (B,)),
        ((AB,), (A,), (AB,)),
        ((A,), (B,), (AB,)),
        ((), (), ()),
    ],
)
def test_two_attempts_together(before, now, expected):
    assert narrow(before, now) == expected


def test_every_slip_of_the_update_is_diagnosed():
    exercise, variant = bank.exercise("q2.update"), quiz.generate("q2.update", 3)
    for slip in (slip for slip in exercise.slips if slip.acts(variant.givens)):
        given = simulation.answer(variant, Student((slip.name,), 0.0), Stream("x"))
        assert frozenset({slip.name}) in diagnose(quiz.grade(variant, given))


def test_a_set_of_slips_has_one_name():
    assert joined({"b", "a"}) == "a+b"


def test_pairs_spoil_different_steps_or_are_factors_of_one():
    found = dict(pairs(bank.exercise("q2.update")))
    assert ("sign", "no-bias-in-z") in found
    assert found["no-rate", "no-input"] is False
    assert ("no-bias-in-z", "bias-for-threshold") not in found


def test_a_student_without_slips_answers_right():
    variant = quiz.generate("q6.network", 1)
    given = simulation.answer(variant, Student((), 0.0), Stream("x"))
    assert quiz.grade(variant, given).score == 1


def test_a_careless_student_goes_on_with_the_own_value():
    variant = quiz.generate("q2.update", 5)
    given = simulation.answer(variant, Student((), 1.0), Stream("x"))
    statuses = {name: part.status for name, part in quiz.grade(variant, given).parts.items()}
    assert statuses["z"] == WRONG
    assert BLANK not in statuses.values()
    assert given["z"] != quiz.key(variant)["z"]


def test_a_slip_is_made_in_every_answer_that_rests_on_it():
    variant = quiz.generate("q2.update", 5)
    given = simulation.answer(variant, Student(("no-rate",), 0.0), Stream("x"))
    values = run(bank.exercise("q2.update"), variant.givens, [Row(("no-rate",))])
    assert given["b"] == pytest.approx(float(values["b_new"][0]))
    assert given["w1"] == pytest.approx(float(values["w_new"][0, 0]))


def test_students_are_of_every_kind():
    stream = Stream("kinds")
    drawn = [simulation.student("q2.update", stream) for _ in range(300)]
    counts = [sum(len(who.slips) == n for who in drawn) / 300 for n in (0, 1, 2)]
    assert counts == pytest.approx([0.2, 0.6, 0.2], abs=0.07)
    assert {who.careless for who in drawn} == set(simulation.CARELESS)


def test_mistakes_are_found():
    outcome = simulation.simulate("q2.update", 60)
    assert outcome == simulation.simulate("q2.update", 60)
    assert outcome.misled > 30
    assert outcome.first >= 0.7
    assert outcome.second >= outcome.first
    assert outcome.named >= outcome.first
    assert outcome.alarms <= 0.2
    assert 0.1 < outcome.difficulty < 0.7


OUTCOMES = (
    Outcome("q1.x", 100, 80, 0.5, 0.75, 0.9, 0.1, 0.4),
    Outcome("q2.y", 100, 20, 1.0, 1.0, 1.0, 0.0, 0.2),
)


def test_means_are_weighted_by_those_concerned():
    mean = simulation.mean(OUTCOMES)
    assert mean["first"] == pytest.approx(0.6)
    assert mean["second"] == pytest.approx(0.8)
    assert mean["alarms"] == pytest.approx(0.02)
    assert mean["difficulty"] == pytest.approx(0.3)


def test_outcomes_as_a_table_and_as_json():
    lines = simulation.as_text(OUTCOMES).splitlines()
    assert lines[2].split() == ["q1.x", "100", "50%", "75%", "90%", "10%", "40%"]
    assert lines[-1].split() == ["Σ", "200", "60%", "80%", "92%", "2%", "30%"]
    done = CliRunner().invoke(app.cli, ["simulate", "q2.update", "-n", "5", "--json"])
    assert done.exit_code == 0
    data = json.loads(done.stdout)
    assert data["schema"] == 1
    assert data["exercises"][0]["exercise"] == "q2.update"


def test_the_command_prints_the_table():
    done = CliRunner().invoke(app.cli, ["simulate", "q2.update", "-n", "5", "--lang", "ru"])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[2].split()[:2] == ["q2.update", "5"]
    assert "трудность" in done.stdout
