"""One reader for all ways in: what is typed, sent as JSON or given as numbers means the same."""

from fractions import Fraction

import numpy as np
import pytest

import quiz
from quiz import bank
from quiz.marking.answers import read, read_lines
from quiz.marking.marks import BLANK, INVALID
from quiz.text.expressions import understood


def _ask(kind):
    """A variant with an ask of a kind, and the ask."""
    exercise = next(e for e in bank.exercises() if any(ask.kind == kind for ask in e.asks))
    return quiz.generate(exercise.id, 3), next(ask for ask in exercise.asks if ask.kind == kind)


@pytest.fixture(scope="module")
def number():
    return _ask("number")


@pytest.mark.parametrize(
    "typed", ["-0.5", "\u20140,5", "\u200b-0,5\u00a0", -0.5, np.float64(-0.5), b"-0.5", "-1/2", "0,5-1"]
)
def test_the_same_number_in_every_form(number, typed):
    variant, ask = number
    assert float(read(ask, typed, variant, "kk").value) == -0.5


@pytest.mark.parametrize("typed", ["", " ", "\u200b", "\ufeff\u00a0", None])
def test_nothing_visible_is_blank(number, typed):
    variant, ask = number
    assert read(ask, typed, variant, "ru").status == BLANK


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (10**5000, "5001 characters"),
        (-(10**4999), "5001 characters"),
        ("7" * 5000, "5000 characters"),
        (b"0,5\xff", "not UTF-8"),
        ("0,5\udc80", "not UTF-8"),
        (b"\xff\xfe", "not UTF-8"),
    ],
    ids=["power", "negative", "text", "bytes", "surrogate", "no-text"],
)
def test_what_cannot_be_read_says_why(number, typed, reason):
    variant, ask = number
    reading = read(ask, typed, variant, "en")
    assert reading.status == INVALID
    assert reason in reading.refused.message("en")
    assert len({reading.refused.message(lang) for lang in ("kk", "ru", "en")}) == 3


@pytest.mark.parametrize("typed", ["0,3-0,2", "sigma(0)", "(1)"])
def test_expressions_can_be_switched_off(number, typed):
    variant, ask = number
    assert read(ask, typed, variant, "ru").value is not None
    assert read(ask, typed, variant, "ru", expressions=False).status == INVALID


def test_matrices_are_read_by_their_shape():
    variant, ask = _ask("matrix")
    key = quiz.key(variant)[ask.name]
    ways = [
        key,
        np.array(key),
        repr(np.array(key)),
        str(key),
        "; ".join(" ".join(map(repr, row)) for row in key),
        "\n".join(" ".join(map(repr, row)) for row in key),
    ]
    for typed in ways:
        np.testing.assert_allclose(read(ask, typed, variant, "en").value, key, rtol=1e-7)


@pytest.mark.parametrize("kind", ["several", "order", "choice"])
def test_options(kind):
    variant, ask = _ask(kind)
    key = quiz.key(variant)[ask.name]
    text = " ".join(map(str, key)) if isinstance(key, list) else str(key)
    expected = read(ask, key, variant, "en").value
    for typed in (
        text,
        f"\u200b{text}\u00a0",
        f"[{text}]",
        text.replace(" ", "\u00a0"),
        text.replace(" ", ", "),
    ):
        np.testing.assert_array_equal(read(ask, typed, variant, "ru").value, expected)
    wrong = read(ask, "\N{CYRILLIC SMALL LETTER ES}", variant, "ru")
    assert "not a Latin letter" in wrong.refused.message("en")


@pytest.mark.parametrize("dash", "-\u2212\u2013\u2014")
def test_none_of_several(dash):
    variant, ask = _ask("several")
    assert read(ask, dash, variant, "kk").exact == ()


def test_lines_lose_what_is_invisible():
    assert read_lines("1", "\ufeffw1 = 0,5\u200b\n\u00a0\nw2\u00a0=\u00a01") == {"w1": "0,5", "w2": "1"}


def test_what_was_understood_is_shown_where_it_differs(number):
    variant, ask = number
    shown = {t: understood(t, read(ask, t, variant, "ru").exact, "ru") for t in ("0,3-0,2", "-0.5", "1/4")}
    assert shown == {"0,3-0,2": "0,1", "-0.5": "", "1/4": "0,25"}
    variant, ask = _ask("choice")
    assert understood("1", read(ask, "1", variant, "ru").exact, "ru") == ""
    two = ((Fraction(1), Fraction(2)), (Fraction(3), Fraction(4)))
    assert understood("[1.0; 2.0] [3.0; 4.0]", two, "kk") == understood("[1; 2 | 3; 4]", two, "kk") == ""
    assert understood("1 2; 3 4", two, "kk") == "[1; 2 | 3; 4]"


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [("1; ; 3", (1, None, 3)), ("; 2; ", (None, 2, None)), ("[1,5; ; ]", (Fraction(3, 2), None, None)),
     ("(1;;3)", (1, None, 3)), ("1;2;3", (1, 2, 3)), ("[1, , 3]", (1, None, 3))],
)  # fmt: skip
def test_cells_of_a_vector_may_be_blank(typed, read_as):
    variant = quiz.generate("q5.softmax", 1)
    ask = next(ask for ask in variant.asks if ask.kind == "vector")
    reading = read(ask, typed, variant, "ru")
    assert reading.exact == read_as
    assert [None if np.isnan(v) else v for v in reading.value] == [v and float(v) for v in read_as]
    assert understood("1,5;;", (Fraction(3, 2), None, None), "ru") == ""


@pytest.mark.parametrize("typed", ["; ; ", "1;;", "1;;2;", "[1; ] [; 2]", "1; x; "])
def test_what_is_no_grid_with_blank_cells_is_refused(typed):
    variant = quiz.generate("q1.shapes", 1)  # vectors of two numbers
    ask = next(ask for ask in variant.asks if ask.kind == "vector")
    assert read(ask, typed, variant, "en").status == INVALID


@pytest.mark.parametrize("blank", [(0, 0), (1, 1), (2, 0)])
def test_each_cell_filled_earns_its_share(blank):
    variant = quiz.generate("q4.batch", 3)
    key = quiz.key(variant)
    cells = [[str(cell) for cell in row] for row in key["H"]]
    cells[blank[0]][blank[1]] = ""
    typed = " ".join("[" + "; ".join(row) + "]" for row in cells)
    marks = quiz.grade(variant, {"H": typed, "y": key["y"]})
    assert marks.parts["H"].credit == pytest.approx(5 / 6)
    assert marks.parts["y"].status == "correct"
    wrong = quiz.grade(variant, {"H": typed.replace("7.0", "8.0"), "y": key["y"]})
    assert wrong.parts["H"].credit == pytest.approx(4 / 6 if blank != (2, 0) else 5 / 6)


def test_one_cell_alone_earns_its_share_but_a_zero_does_not():
    variant = quiz.generate("q4.batch", 3)  # the first row of H is 1 and 0
    assert quiz.grade(variant, {"H": "[1; ] [; ] [; ]"}).parts["H"].credit == pytest.approx(1 / 6)
    assert quiz.grade(variant, {"H": "[ ;0] [; ] [; ]"}).parts["H"].credit == 0
    assert quiz.grade(variant, {"H": "[0;0] [0;0] [0; ]"}).parts["H"].credit == 0


def test_an_answer_that_is_run_as_a_whole_must_be_whole():
    exercise = next(e for e in bank.exercises() for a in e.asks if a.check and a.kind == "vector")
    variant = quiz.generate(exercise.id, 1)
    ask = next(ask for ask in exercise.asks if ask.check and ask.kind == "vector")
    size = np.size(quiz.key(variant)[ask.name])
    reading = read(ask, "1" + ";" * (size - 1), variant, "en")
    assert reading.status == INVALID
    assert f"expected {size} numbers, got 1" in str(reading.refused)
