"""A tiny exercise for the tests of the engine, small enough to calculate by hand."""

import pytest

from quiz import bank
from quiz.exercise import Ask, Exercise, Slip, Step

#: u = a + b, v = 2u, w = v c, and whether w > 0.
SUM = Exercise(
    id="test.sum",
    question=7,
    level=1,
    title="A sum",
    text="Given `a = %(a)s`, `b = %(b)s`, `c = %(c)s`.",
    draw=lambda stream: {
        "a": stream.decimal(1, 3, 1),
        "b": stream.decimal(1, 3, 1),
        "c": stream.decimal(-2, 2, 1, zero=False),
    },
    steps=(
        Step("u", lambda a, b: a + b, "`u = a + b = %(u)s`"),
        Step("v", lambda u: 2 * u, "`v = 2u = %(v)s`"),
        Step("w", lambda v, c: v * c, "`w = vc = %(w)s`"),
        Step("positive", lambda w: w > 0),
    ),
    asks=(
        Ask("u", "u"),
        Ask("v", "v"),
        Ask("w", "w"),
        Ask("positive", "positive", kind="choice", options=("no", "yes"), weight=0.5),
    ),
    slips=(
        Slip("minus", {"u": lambda a, b: a - b}, "Add, do not subtract."),
        Slip("no-double", {"v": lambda u: u}, "Twice."),
        Slip("plus-c", {"w": lambda v, c: v + c}, "Multiply by c."),
    ),
    hints=("What is asked.", "The rule."),
)


@pytest.fixture
def tiny(monkeypatch):
    """The tiny exercise, as if it were in the bank."""
    known = {**bank._by_id(), SUM.id: SUM}
    monkeypatch.setattr(bank, "_by_id", lambda: known)
    return SUM
