"""Earlier values that make the rest trivial earn no follow-through credit."""

import pytest

import quiz

VARIANT = next(v for v in (quiz.generate("q2.update", s) for s in range(50)) if quiz.key(v)["e"] == -1)


def test_zeros_that_follow_from_zeros_earn_nothing():
    right = quiz.key(VARIANT)
    marks = quiz.grade(VARIANT, dict.fromkeys(right, 0))
    assert marks.parts["z"].status == "wrong"
    assert marks.parts["y"].status == "wrong"
    assert "trivial" in marks.parts["y"].message("en")


def test_what_follows_from_a_number_counts():
    g = VARIANT.givens
    marks = quiz.grade(VARIANT, {"e": 1, "w1": float(g["w"][0] + g["eta"] * g["x"][0])})
    assert marks.parts["e"].status == "wrong"
    assert marks.parts["w1"].status == "follow-through"


@pytest.mark.parametrize("seed", [81, 221])
def test_ones_that_were_calculated_are_no_copies(seed):
    """The sum, the answer and an error with the wrong sign are all 1, and the rest follows from them."""
    variant = quiz.generate("q2.update", seed)
    g = variant.givens
    assert {name: quiz.key(variant)[name] for name in "zye"} == {"z": 1, "y": 1, "e": -1}
    new = [float(w + g["eta"] * x) for w, x in zip((*g["w"], g["b"]), (*g["x"], 1), strict=True)]
    marks = quiz.grade(variant, {"z": 1.0, "y": 1.0, "e": 1.0, "w1": new[0], "w2": new[1], "b": new[2]})
    assert marks.parts["e"].slip == "sign"
    assert [marks.parts[name].status for name in ("w1", "w2", "b")] == ["follow-through"] * 3


@pytest.mark.parametrize("number", [10, 1, -3])
def test_one_number_everywhere_is_a_copy(number):
    variant = quiz.generate("q3.inequalities", 4)
    given = {"bounds": [number] * 4, "lower": number, "upper": number}
    marks = quiz.grade(variant, given)
    assert [marks.parts[name].status for name in ("lower", "upper")] == ["wrong"] * 2
    assert "trivial" in marks.parts["lower"].message("en")
