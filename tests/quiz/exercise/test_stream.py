"""The stream of random numbers: fixed values, uniform and unbiased."""

from collections import Counter
from fractions import Fraction

import pytest

from quiz.exercise import Stream


def test_the_stream_is_the_same_for_ever():
    """These numbers must never change: every seed of every exercise depends on them."""
    stream = Stream("q2.update@7#0")
    assert [stream.bits() for _ in range(3)] == [3769547235498182138, 810948127713928035, 3221316676444199998]
    stream = Stream("жаттығу")
    assert [stream.integer(-5, 5) for _ in range(10)] == [3, -4, 0, 0, -5, 3, -2, 5, 0, -3]


def test_splitmix_reference_vector():
    """The published first outputs of SplitMix64 from the state 1234567."""
    stream = Stream("")
    stream._state = 1234567
    assert [stream.bits() for _ in range(3)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_integers_are_even():
    stream = Stream("even")
    counts = Counter(stream.integer(1, 6) for _ in range(12_000))
    assert sorted(counts) == [1, 2, 3, 4, 5, 6]
    assert (
        sum((count - 2000) ** 2 / 2000 for count in counts.values()) < 20.5
    )  # chi-square, 5 degrees, p = 0.001


def test_shuffle_reaches_every_order():
    stream = Stream("orders")
    orders = Counter(stream.shuffle("abc") for _ in range(6000))
    assert len(orders) == 6
    assert min(orders.values()) > 850


def test_decimals():
    stream = Stream("decimals")
    drawn = {stream.decimal("-0.3", "0.3", 1, zero=False) for _ in range(200)}
    assert drawn == {Fraction(n, 10) for n in (-3, -2, -1, 1, 2, 3)}
    matrix = stream.matrix(2, 3, -1, 1, 2)
    assert [len(row) for row in matrix] == [3, 3]
    assert all((value * 100).denominator == 1 and abs(value) <= 1 for row in matrix for value in row)


def test_an_empty_range_is_refused():
    with pytest.raises(ValueError, match="low <= high"):
        Stream("x").integer(2, 1)
