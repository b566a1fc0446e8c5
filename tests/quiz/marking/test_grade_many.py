"""Marking many at once gives the same as marking one after another."""

import random

import pytest

from quiz import bank
from quiz.exercise.program import Row, run, run_many
from quiz.marking.grading import grade, grade_many, key
from quiz.text.errors import Unknown
from quiz.variants.variant import generate


def _answers(variant, chance):
    """A mix of correct answers, slips, random and blank answers."""
    exercise = bank.exercise(variant.exercise)
    right = key(variant)
    slip = chance.choice(exercise.slips)
    made = run(exercise, variant.givens, [Row((slip.name,))])
    answers = {}
    for ask in exercise.asks:
        way = chance.random()
        if way < 0.4 or ask.kind not in ("number", "vector", "matrix"):
            answers[ask.name] = right[ask.name]
        elif way < 0.8:
            answers[ask.name] = made[ask.step][(0, *ask.index)].tolist()
        elif way < 0.9:
            answers[ask.name] = "1"
    return answers


def test_the_same_marks():
    chance = random.Random(3)
    few = [bank.exercises()[0].id, "q2.update", bank.exercises()[-1].id]
    variants = [generate(i, seed) for seed in range(14) for i in few]
    cases = [(v, _answers(v, chance), "en") for v in variants]
    chance.shuffle(cases)
    for case, marks in zip(cases, grade_many(cases), strict=True):
        assert marks == grade(*case)


def test_more_than_fit_in_one_call():
    exercise = bank.exercise("q2.update")
    variants = [generate("q2.update", seed) for seed in range(70)]
    rows = [[Row(), Row(("sign",))][: 1 + seed % 2] for seed in range(70)]
    found = run_many(exercise, [(v.givens, r) for v, r in zip(variants, rows, strict=True)])
    for variant, own, values in zip(variants, rows, found, strict=True):
        alone = run(exercise, variant.givens, own)
        assert {n: v.tolist() for n, v in values.items()} == {n: v.tolist() for n, v in alone.items()}


def test_nobody_and_nothing():
    assert grade_many([]) == []
    variant = generate("q2.update", 1)
    assert grade_many([(variant, {}, "kk")])[0].score == 0
    with pytest.raises(Unknown):
        grade_many([(variant, {"nothing": 1}, "kk")])
