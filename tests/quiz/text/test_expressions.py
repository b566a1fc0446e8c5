"""Expressions of numbers: what is worked out, what is refused, and that nothing is too large to try."""

import contextlib
import math
import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.text.expressions import FUNCTIONS, evaluate
from quiz.text.numbers import Refused, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0,3-0,2", Fraction(1, 10)),
        ("(1-0,5)*0,2", Fraction(1, 10)),
        ("(1 \u2212 0,5) \u00d7 0,2", Fraction(1, 10)),
        ("2\u00b73 \u2013 1", 5),
        ("1\u00f74", Fraction(1, 4)),
        ("1/2+1/3", Fraction(5, 6)),
        ("-2^2", -4),
        ("(-2)^2", 4),
        ("2^-1", Fraction(1, 2)),
        ("2**3", 8),
        ("3\u00b2 + 1", 10),
        ("2*-3", -6),
        ("12/2/3", 2),
        ("1 - 2 - 3", -4),
        ("1e-3*2", Fraction(1, 500)),
        ("max(0; 1,5)", Fraction(3, 2)),
        ("min(2, -1)", -1),
        ("relu(-3)", 0),
        ("abs(-0,1)", Fraction(1, 10)),
        ("\u200b1+1\u00a0", 2),
    ],
    ids=ascii,
)
def test_rational_expressions_are_exact(text, value):
    for lang in ("kk", "ru", "en"):
        assert evaluate(text, lang) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sigma(-1.8)", 1 / (1 + math.exp(1.8))),
        ("\u03c3(-1,8)", 1 / (1 + math.exp(1.8))),
        ("1/(1+e^-1,8)", 1 / (1 + math.exp(-1.8))),
        ("1/(1+exp(-1,8))", 1 / (1 + math.exp(-1.8))),
        ("tanh(0,5)", math.tanh(0.5)),
        ("ln(2)", math.log(2)),
        ("lg(2)", math.log10(2)),
        ("sqrt(2)", math.sqrt(2)),
        ("\u221a2", math.sqrt(2)),
        ("2^0,5", math.sqrt(2)),
        ("\u0435\u0445\u0440(2)", math.exp(2)),
        ("2*pi", 2 * math.pi),
        ("softplus(800)", 800),
        ("sigma(-800)", 0),
    ],
    ids=ascii,
)
def test_functions(text, value):
    assert float(evaluate(text, "ru")) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2(3)", "a sign is missing before"),
        ("(1+2)(3)", "a sign is missing before"),
        ("2 sigma(1)", "a sign is missing before"),
        ("(5", "ends too early"),
        ("1+", "ends too early"),
        ("5)+1", "is not expected there"),
        ("--1", "is not expected there"),
        ("1/(2-2)", "divides by zero"),
        ("0^-1", "divides by zero"),
        ("2^3^2", "a power of a power"),
        ("log(2)", "log is ambiguous"),
        ("foo(2)+1", "there is no function foo"),
        ("sigma", "put the value of sigma in brackets"),
        ("sigma(1;2)", "takes one value"),
        ("max(1,5)", "separate the values"),
        ("sqrt(-1)", "does not exist"),
        ("ln(0)", "does not exist"),
        ("(-1)^0.5", "does not exist"),
        ("exp(800)", "too large"),
        ("9^999^9", "a power of a power"),
        ("(9^999)^999", "too large"),
        ("(" * 30 + "1" + ")" * 30, "too many brackets"),
        ("1+" * 200 + "1", "at most 256"),
        ("1" * 65 + "+1", "at most 64"),
        ("__import__(1)+1", "underscore"),
        ("w1+1", "there is no function w1"),
        ("1,234+1", "can be read as"),
        ("12 5", "space between digits"),
        ("1" * 5000, "at most 64"),
    ],
    ids=lambda text: text[:24],
)
def test_refused_with_a_reason(text, reason):
    with pytest.raises(Refused, match=reason):
        evaluate(text, "en")


@given(st.text("0123456789.,+-*/^()e \u00b2\u2212", max_size=40))
def test_any_text_is_worked_out_or_refused_at_once(text):
    begun = time.perf_counter()
    with contextlib.suppress(Refused):
        assert isinstance(evaluate(text, "ru"), Fraction)
    assert time.perf_counter() - begun < 1


@given(st.text(max_size=40), st.sampled_from(["kk", "ru", "en"]))
def test_a_number_is_read_as_before(text, lang):
    with contextlib.suppress(Refused):
        assert parse(text, lang) == evaluate(text, lang)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in ("ln", "lg", "log10", "log2")])
def test_every_function_has_a_value_at_zero(name):
    assert isinstance(evaluate(f"{name}(0)"), Fraction)
