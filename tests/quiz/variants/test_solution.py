"""The worked solution."""

import pytest

import quiz
from quiz.exercise import Step
from quiz.variants.solution import WorkedStep


def test_the_line_that_fits_the_value_is_shown():
    step = Step(
        "e", lambda e: e, text=("nothing changes", "change by %(e)s"), case=lambda known: known["e"] != 0
    )
    lines = [WorkedStep("e", e, step, {"e": e}).text("en") for e in (0, 2)]
    assert lines == ["nothing changes", "change by 2"]


@pytest.mark.parametrize(
    ("value", "line"),
    [(0.5, "`z = 1/2 = 0.5`"), (1 / 3, "`z = 1/2 ≈ 0.3333`"), (0.33333, "`z = 1/2 ≈ 0.3333`")],
    ids=["exact", "rounded", "nearly"],
)
def test_an_equals_sign_stands_before_exact_numbers_only(value, line):
    for sign in "=≈":
        step = Step("z", lambda z: z, text=f"`z = 1/2 {sign} %(z)s`")
        assert WorkedStep("z", value, step, {"z": value}).text("en") == line


def test_the_table_of_every_epoch_is_shown():
    text = quiz.solution(quiz.generate("q2.gate", 3)).text("en")
    epochs = int(quiz.key(quiz.generate("q2.gate", 3))["epochs"])
    assert [f"Epoch {number}." in text for number in range(1, 8)] == [n <= epochs for n in range(1, 8)]
    assert text.count("`" if "`" in text else "e = ") >= 4 * epochs


def test_the_precision_names_each_tolerance():
    assert quiz.generate("q2.bound", 1).text("en").endswith("within ±0.005 (bound: ±0.3).")
    assert quiz.generate("q6.network", 1).text("kk").count("±") == 1
    assert "±" not in quiz.generate("q7.conv-size", 1).text("ru")
