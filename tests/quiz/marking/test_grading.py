"""Marks: correct, follow-through, slips, pairs of slips, invalid and trivial answers."""

from fractions import Fraction

import pytest
from engine import SUM, tiny  # noqa: F401
from hypothesis import given
from hypothesis import strategies as st

import quiz
from quiz.marking.grading import grade, key
from quiz.variants.variant import Variant

pytestmark = pytest.mark.usefixtures("tiny")
#: a + b = 3, v = 6, w = -3
VARIANT = Variant(SUM.id, 1, {"a": Fraction(1), "b": Fraction(2), "c": Fraction(-1, 2)})
RIGHT = {"u": "3", "v": "6", "w": "-3", "positive": "1"}


def statuses(given, lang="en"):
    return {name: part.status for name, part in grade(VARIANT, given, lang).parts.items()}


def test_the_key_worked_by_hand():
    assert key(VARIANT) == {"u": 3.0, "v": 6.0, "w": -3.0, "positive": 1}


def test_all_right():
    marks = grade(VARIANT, RIGHT)
    assert marks.score == 1
    assert {part.status for part in marks.parts.values()} == {"correct"}


def test_weights_share_the_score():
    assert grade(VARIANT, {"u": "3"}).score == pytest.approx(1 / 3.5)
    assert grade(VARIANT, {"positive": "1"}).score == pytest.approx(0.5 / 3.5)


@pytest.mark.parametrize("far", ["3.005", "2.995"])
def test_the_tolerance_includes_its_ends(far):
    assert statuses({"u": far})["u"] == "correct"


@pytest.mark.parametrize("far", ["3.0051", "2.9949"])
def test_beyond_the_tolerance(far):
    assert statuses({"u": far})["u"] == "wrong"


def test_follow_through_earns_the_rest():
    marks = grade(VARIANT, {"u": "4", "v": "8", "w": "-4", "positive": "1"})
    assert {n: p.status for n, p in marks.parts.items()} == {
        "u": "wrong",
        "v": "follow-through",
        "w": "follow-through",
        "positive": "correct",
    }
    assert marks.score == pytest.approx(2.5 / 3.5)
    assert "your own earlier value" in marks.parts["v"].message("en")


def test_follow_through_breaks_where_a_new_mistake_is_made():
    assert statuses({"u": "4", "v": "9", "w": "-4.5"}) == {
        "u": "wrong",
        "v": "wrong",
        "w": "follow-through",
        "positive": "blank",
    }


def test_a_slip_is_named_and_the_rest_follows_from_it():
    parts = grade(VARIANT, {"u": "-1", "v": "-2", "w": "1", "positive": "2"}).parts
    assert (parts["u"].status, parts["u"].slip) == ("wrong", "minus")
    assert "Add, do not subtract." in parts["u"].message("en")
    assert [parts[n].status for n in ("v", "w", "positive")] == ["follow-through"] * 3


def test_a_slip_is_named_where_only_its_effect_is_seen():
    part = grade(VARIANT, {"w": "1"}).parts["w"]  # (1 - 2) * 2 * -1/2
    assert (part.status, part.slip) == ("wrong", "minus")


def test_a_slip_on_top_of_a_wrong_value():
    parts = grade(VARIANT, {"u": "4", "v": "4"}).parts  # u is wrong, and v is not doubled
    assert parts["u"].slip is None
    assert (parts["v"].status, parts["v"].slip) == ("wrong", "no-double")


def test_two_slips_at_once():
    part = grade(VARIANT, {"w": "0.5"}).parts["w"]  # (1 - 2) not doubled, times -1/2
    assert part.slip == "minus+no-double"
    assert "Add, do not subtract. Twice." in part.message("en")


def test_a_value_that_makes_the_rest_trivial_earns_nothing():
    parts = grade(VARIANT, {"u": "0", "v": "0"}).parts
    assert (parts["v"].status, parts["v"].credit) == ("wrong", 0)
    assert "trivial" in parts["v"].message("en")


def test_what_cannot_be_read_is_invalid_and_stops_nothing():
    parts = grade(VARIANT, {"u": "1_0", "v": "6"}).parts
    assert (parts["u"].status, parts["u"].credit) == ("invalid", 0)
    assert "underscore" in parts["u"].message("en")
    assert parts["v"].status == "correct"


def test_blank_is_not_wrong():
    assert statuses({"u": "  "}) == dict.fromkeys(RIGHT, "blank")


def test_what_was_not_asked_is_refused():
    with pytest.raises(quiz.Unknown, match='does not ask for "x"; it asks for u, v, w, positive'):
        grade(VARIANT, {"x": "1"})


@pytest.mark.parametrize("typed", ["1", "a", " A "])
def test_options_by_number_or_letter(typed):
    assert statuses({"positive": typed})["positive"] == "correct"


@pytest.mark.parametrize("typed", ["0", "3", "c", "yes", "-1", "1 2", "1.5"])
def test_what_is_no_option_is_invalid(typed):
    assert statuses({"positive": typed})["positive"] == "invalid"


@pytest.mark.parametrize("given", [3, 3.0, Fraction(3), "3", "3,0"])
def test_numbers_may_be_handed_over_as_they_are(given):
    assert statuses({"u": given}, "kk")["u"] == "correct"


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_message_in_every_language(lang):
    parts = grade(VARIANT, {"u": "4", "v": "8", "w": "x"}, lang).parts
    said = {name: part.message(lang) for name, part in parts.items()}
    assert len(set(said.values())) == 4
    assert not any("%(" in text for text in said.values())


@given(st.dictionaries(st.sampled_from(list(RIGHT)), st.text(max_size=20)))
def test_any_answers_are_marked(given):
    marks = grade(VARIANT, given, "kk")
    assert 0 <= marks.score <= 1
    assert list(marks.parts) == list(RIGHT)


@given(st.sampled_from(["u", "v", "w"]), st.fractions(-20, 20))
def test_credit_is_never_lost_by_answering_more(name, value):
    less = {n: a for n, a in RIGHT.items() if n != name}
    assert grade(VARIANT, {**less, name: value}).score >= grade(VARIANT, less).score - 1e-12
