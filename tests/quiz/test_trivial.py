"""Follow-through is not for sale: values that make the rest trivial earn nothing."""

import quiz

VARIANT = next(v for v in (quiz.generate("q2.update", s) for s in range(50)) if quiz.key(v)["e"] == -1)


def test_zeros_that_follow_from_zeros_earn_nothing():
    right = quiz.key(VARIANT)
    marks = quiz.grade(VARIANT, dict.fromkeys(right, 0))
    assert marks.parts["z"].status == "wrong"
    assert marks.parts["y"].status == "wrong"
    assert "trivial" in marks.parts["y"].message("en")


def test_a_zero_that_follows_from_a_number_counts():
    right = quiz.key(VARIANT)
    marks = quiz.grade(VARIANT, {"z": -abs(right["z"]) - 1, "y": 0})
    assert marks.parts["y"].status == "follow-through"
