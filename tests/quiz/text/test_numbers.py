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
    "text", ["[1 2] [3 4]", "1 2 | 3 4", "[[1; 2]; [3; 4]]", "1 2\n3 4", "[1; 2 | 3; 4]"]
)
def test_matrices(text):
    assert parse_matrix(text, "ru") == ((1, 2), (3, 4))


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
