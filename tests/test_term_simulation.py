"""The simulated term: what the tutor promises holds for students who forget by another law."""

import pytest
import term_simulation as term

from quiz import bank
from quiz.variants.variant import generate


@pytest.mark.parametrize("kind", ["quick", "forgetful", "irregular"])
def test_a_term_of_one_student(kind):
    minutes = {e.id: float(e.minutes_of(generate(e.id, 1).givens)) for e in bank.exercises()}
    shown = term.student(term.KINDS[kind], 7, minutes)
    assert shown.met == 1
    assert shown.twice == 0
    assert shown.known < 0.2  # of one student; the mean of many is at most 0.15
    assert shown.retention > 0.75  # of one student, as above


def test_the_table_in_the_documentation_is_within_the_bounds():
    page = term.PAGE.read_text("utf-8")
    rows = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith("| ") and "%" in line]
    assert [row[0].strip() for row in rows] == list(term.KINDS)
    for _name, met, twice, known, retention, _attempts in rows:
        assert met.strip() == "100%"
        assert int(twice) == 0
        assert float(known.strip().rstrip("%")) <= 15
        assert float(retention) >= 0.8
