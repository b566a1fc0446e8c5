"""The grammar of numbers: what a student may type, what is refused and why, how numbers are written."""

import contextlib
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quiz.text.numbers import Refused, parse, parse_list, parse_matrix, write, write_value

NBSP, THIN, NARROW = "\N{NO-BREAK SPACE}", "\N{THIN SPACE}", "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", Fraction(1, 2)),
        ("0,5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        (",5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("+5", Fraction(5)),
        ("-1/3", Fraction(-1, 3)),
        ("\N{MINUS SIGN}2", Fraction(-2)),
        ("\N{EN DASH}2", Fraction(-2)),
        ("1e-3", Fraction(1, 1000)),
        ("2E+2", Fraction(200)),
        ("1e\N{MINUS SIGN}3", Fraction(1, 1000)),
        (f"1{NBSP}234,5", Fraction(2469, 2)),
        (f"1{THIN}234{NARROW}567", Fraction(1234567)),
        ("  7 ", Fraction(7)),
        ("0,125", Fraction(1, 8)),
        ("007", Fraction(7)),
    ],
    ids=repr,
)
@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_accepted(text, value, lang):
    assert parse(text, lang) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the answer is empty"),
        ("nan", "not a number that can be marked"),
        ("-inf", "not a number that can be marked"),
        ("Infinity", "not a number that can be marked"),
        ("1_000", "underscore"),
        ("12 5", "space between digits"),
        ("1 234", "space between digits"),
        ("\N{ARABIC-INDIC DIGIT ONE}2", "another script"),
        ("\N{FULLWIDTH DIGIT FIVE}", "another script"),
        ("1/0", "divides by zero"),
        ("0/0", "divides by zero"),
        ("1e1000", "more than three digits"),
        ("1e999", "too large"),
        ("1.2.3", "more than one decimal sign"),
        ("1,234,567", "more than one decimal sign"),
        ("1.234,5", "more than one decimal sign"),
        (f"1{NBSP}23", "is not a number"),
        ("--1", "is not a number"),
        ("1/2/3", "is not a number"),
        ("0x10", "is not a number"),
        ("1+1", "is not a number"),
        ("__import__('os')", "underscore"),
        ("1" * 65, "65 characters"),
        ("\N{CYRILLIC SMALL LETTER IE}5", "is not a number"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_refused_with_a_reason(text, reason, lang):
    with pytest.raises(Refused, match=reason):
        parse(text, lang)


def test_the_comma_of_thousands_is_ambiguous_in_english_alone():
    for text in ("1,234", "-1,234", "\N{MINUS SIGN}1,234", "\N{EN DASH}1,234"):
        with pytest.raises(Refused, match=r"1\.234 or as .?1234"):
            parse(text, "en")
    assert parse("1,234", "kk") == parse("1,234", "ru") == Fraction(1234, 1000)
    assert parse("1,2345", "en") == Fraction(12345, 10000)


def test_a_refusal_speaks_three_languages_and_shows_no_control_characters():
    with pytest.raises(Refused) as refused:
        parse("\x1b[31m1", "kk")
    messages = {lang: refused.value.message(lang) for lang in ("kk", "ru", "en")}
    assert len(set(messages.values())) == 3
    assert all("\x1b" not in message and "?[31m1" in message for message in messages.values())


@pytest.mark.parametrize("text", ["1 -2,5", "(1; -2,5)", "[1 ; -2,5]", "1;-2,5", "  1   -2,5 "])
def test_lists(text):
    assert parse_list(text, "kk") == (1, Fraction(-5, 2))


def test_a_list_in_english_takes_comma_and_space():
    assert parse_list("(1, -2.5)", "en") == (1, Fraction(-5, 2))
    assert parse_list("1, -2,5", "kk") == (1, Fraction(-5, 2))
    with pytest.raises(Refused, match="the answer is empty"):
        parse_list("[]")
    with pytest.raises(Refused, match="the answer is empty"):
        parse_list("1;;2")


@pytest.mark.parametrize(
    "text",
    [
        "[1 2] [3 4]", "1 2 | 3 4", "[[1; 2]; [3; 4]]", "1 2\n3 4", "[1; 2 | 3; 4]", "((1; 2), (3; 4))",
        "1 2;\n3 4;", "[[1. 2.]\n [3. 4.]]", "[[1, 2], [3, 4]]", f"[1{NBSP}2] [3{NARROW}4]",
    ],
)  # fmt: skip
def test_matrices(text):
    assert parse_matrix(text, "ru") == ((1, 2), (3, 4))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("[[0,3],[0,5],[1,2]]", ((0, 3), (0, 5), (1, 2))),
        ("1 3; 0 0; 6 0", ((1, 3), (0, 0), (6, 0))),
        ("[1,3;0,0;6,0]", ((1, 3), (0, 0), (6, 0))),
        ("array([[1., 3.],\n       [0., 0.],\n       [6., 0.]], dtype=float32)", ((1, 3), (0, 0), (6, 0))),
        ("np.array([[1, 3], [0, 0], [6, 0]])", ((1, 3), (0, 0), (6, 0))),
        ("[0,5 3; 0 0; 6 0]", ((Fraction(1, 2), 3), (0, 0), (6, 0))),
    ],
    ids=repr,
)
def test_matrices_as_numpy_and_matlab_write_them(text, rows):
    for lang in ("kk", "ru", "en"):
        assert parse_matrix(text, lang, (3, 2)) == rows


@pytest.mark.parametrize(
    ("text", "vector"),
    [
        ("[1,2,3]", (1, 2, 3)),
        ("1,2,3", (1, 2, 3)),
        (f"1{NBSP}2 3", (1, 2, 3)),
        ("[[1],[2],[3]]", (1, 2, 3)),
        ("[1; 2; 3;]", (1, 2, 3)),
        ("1,5 2 3", (Fraction(3, 2), 2, 3)),
    ],
    ids=repr,
)
def test_vectors_as_numpy_and_matlab_write_them(text, vector):
    for lang in ("kk", "ru", "en"):
        assert parse_list(text, lang, 3) == vector


def test_the_number_of_numbers_decides_what_a_space_or_a_comma_means():
    assert parse_list(f"1{NBSP}234 5", "ru", 2) == (1234, 5)
    assert parse_list(f"1{NBSP}234 5", "ru", 3) == (1, 234, 5)
    assert parse_list("[0,3]", "kk", 1) == (Fraction(3, 10),)
    assert parse_list("[0,3]", "kk", 2) == (0, 3)
    with pytest.raises(Refused, match="expected 2 numbers, got 1"):
        parse_list("0,3", "kk", 2)  # half of an answer, not two numbers
    with pytest.raises(Refused, match="expected 2 numbers, got 4"):
        parse_list("[0,3,0,5]", "kk", 2)
    with pytest.raises(Refused, match="expected 2 rows of 3 numbers, got 3 of 2"):
        parse_matrix("1 3; 0 0; 6 0", "ru", (2, 3))


@pytest.mark.parametrize(
    "ends", ["\u200b", "\u00a0", "\ufeff", "\u2060", "\u202a", "\u3164", "\ufe0f", " \u00a0\u200d"]
)
@pytest.mark.parametrize("read", [parse, parse_list, parse_matrix])
def test_invisible_signs_at_the_ends_are_dropped(ends, read):
    assert read(f"{ends}0,5{ends}", "kk") == read("0,5", "kk")
    assert read(f"0.5{ends}") == read("0.5")


@pytest.mark.parametrize("dash", "-\u2212\u2010\u2011\u2012\u2013\u2014\u2015\ufe63\uff0d\u2796")
def test_every_dash_is_a_minus(dash):
    assert parse(f"{dash}0,5", "ru") == parse(f"{dash}1/2") == Fraction(-1, 2)
    assert parse(f"5e{dash}1") == Fraction(1, 2)
    assert parse_list(f"1 {dash}2", "en", 2) == (1, -2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1\N{CYRILLIC SMALL LETTER O},5", "the letter о; write the digit 0"),
        ("O.5", "the letter O; write the digit 0"),
        ("l,5", "the letter l; write the digit 1"),
        ("\N{CYRILLIC CAPITAL LETTER ZE},5", "the letter З; write the digit 3"),
        ("0,\u200b5", "the invisible sign U\\+200B"),
        ("\N{SOFT HYPHEN}5", r"the invisible sign U\+00AD"),
        ("0,5\udcff", "bytes that are not UTF-8"),
    ],
    ids=ascii,
)
def test_what_only_looks_right_is_named(text, reason):
    with pytest.raises(Refused, match=reason):
        parse(text, "ru")


@pytest.mark.parametrize("text", ["1\u0435-3", "1\u0415-3", "1\u03b5-3"], ids=ascii)
def test_a_letter_like_e_is_an_exponent(text):
    assert parse(text, "ru") == Fraction(1, 1000)


def test_matrices_refused():
    with pytest.raises(Refused, match="differ in length"):
        parse_matrix("[1 2] [3]")
    with pytest.raises(Refused, match="each row in brackets"):
        parse_matrix("[1 2] x [3 4]")


@pytest.mark.parametrize(
    ("value", "lang", "places", "text"),
    [
        (0.5, "kk", 4, "0,5"),
        (-0.5, "en", 4, "\N{MINUS SIGN}0.5"),
        (Fraction(1, 3), "ru", 3, "0,333"),
        (Fraction(5, 1000), "en", 2, "0.01"),  # halves away from zero
        (-0.00001, "en", 4, "0"),
        (1234, "en", 0, "1234"),
        (12345.5, "ru", 1, f"12{NARROW}345,5"),
        (2.0, "kk", 4, "2"),
    ],
)
def test_write(value, lang, places, text):
    assert write(value, lang, places) == text


def test_write_value():
    assert write_value((1, -0.5), "kk") == "(1; \N{MINUS SIGN}0,5)"
    assert write_value(((1, 2), (3, 4)), "en") == "[1, 2 | 3, 4]"


@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.sampled_from(["kk", "ru", "en"]))
@example(1234, 3, "en")
def test_what_is_written_is_read_back(digits, places, lang):
    value = Fraction(digits, 10**places)
    written = write(value, lang, places)
    assert parse(written, lang) == value


@given(st.lists(st.lists(st.integers(-99, 99), min_size=2, max_size=3), min_size=2, max_size=3))
def test_matrices_are_read_back(rows):
    rows = tuple(tuple(Fraction(n, 10) for n in row[:2]) for row in rows)
    for lang in ("kk", "ru", "en"):
        assert parse_matrix(write_value(rows, lang), lang) == rows


@given(st.text(max_size=80), st.sampled_from(["kk", "ru", "en"]))
def test_any_text_is_read_or_refused(text, lang):
    for read in (parse, parse_list, parse_matrix):
        with contextlib.suppress(Refused):
            assert read(text, lang) is not None
