"""Earlier values that make the rest trivial earn no follow-through credit."""

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
