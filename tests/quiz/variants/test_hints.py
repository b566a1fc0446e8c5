"""Hints of three rungs, none of which is the answer."""

import pytest

import quiz
from quiz import bank
from quiz.variants.hints import hints


@pytest.mark.parametrize("exercise_id", ["q2.update", "q5.softmax", "q7.pool", "q1.true", "q6.phases"])
@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_there_are_three_rungs(exercise_id, lang):
    found = list(hints(quiz.generate(exercise_id, 4), lang))
    assert len(set(found)) == 3
    assert not any("%(" in text for text in found)


@pytest.mark.parametrize("name", ["z", "e", "w1", "b"])
def test_the_next_step_is_shown_with_other_numbers(name):
    variant = quiz.generate("q2.update", 4)
    _look, example, rule = hints(variant, "en", name)
    own = [step.text("en") for step in quiz.solution(variant).steps]
    assert example.startswith("With other numbers: A perceptron has the weights")
    assert not any(line in example for line in own)
    step = next(ask.step for ask in variant.asks if ask.name == name)
    heads = {"z": "`z = w₁x₁", "e": "`e = t − y", "w_new": "`w₁ ← w₁ + η·e·x₁", "b_new": "`b ← b + η·e"}
    assert heads[step] in example
    assert "`e = t − y`" in rule


def test_every_exercise_has_three():
    assert all(len(exercise.hints) in (2, 3) for exercise in bank.exercises())
