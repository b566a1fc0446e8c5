"""What a teacher decides: deadlines, late work, marks by hand; each with its reason, and undone again."""

import pytest

from quiz.course import term
from quiz.course.decisions import Rules, decide, late_policy, moment, rules, undo
from quiz.course.derive import Candidate, choose
from quiz.course.ledger import Ledger
from quiz.text.errors import Refusal


def candidate(number, handed="", score=1.0, filled=5, event=1):
    when = f"2026-01-01T{handed}:00+00:00" if handed else None
    return Candidate(number, f"{number:02d}", event, when, f"{number}.json", 0, 1, score, filled)


def made(**found):
    """Rules; ``deadline_s1`` is that of a student."""
    rows = {}
    for name, value in found.items():
        about, _sign, who = name.partition("_")
        rows[about, who] = (value, 5)
    return Rules(rows)


NOON = "2026-01-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("about", "expected", "mark"),
    [
        ({}, 3, 0.9), ({"keep": "latest"}, 3, 0.9), ({"keep": "first"}, 1, 0.2), ({"keep": "best"}, 2, 1.0),
        ({"deadline": NOON}, 3, 0.9), ({"deadline": NOON, "late": "refuse"}, 2, 1.0),
        ({"deadline": NOON, "late": "10"}, 3, 0.81),
        ({"deadline": NOON, "late": "50", "keep": "best"}, 2, 1.0),
        ({"deadline": NOON, "late": "refuse", "extra_s": "90"}, 3, 0.9),
        ({"deadline": NOON, "late": "refuse", "extra_other": "90"}, 2, 1.0),
        ({"deadline": NOON, "late": "refuse", "deadline_s": "2026-01-01T10:30:00+00:00"}, 1, 0.2),
        ({"choice_s": "02"}, 2, 1.0), ({"mark_s": "0.55", "keep": "best"}, 2, 0.55),
        ({"deadline": NOON, "late": "refuse", "choice_s": "03"}, 3, 0.9),
    ],
    ids=lambda value: ",".join(map(str, value)) or "nothing" if isinstance(value, dict) else "",
)  # fmt: skip
def test_rules_decide_which_submission_counts(about, expected, mark):
    """Handed in at 10, 11 and 13 o'clock; the marks are 0.2, 1.0 and 0.9."""
    found = [candidate(1, "10:00", 0.2), candidate(2, "11:00", 1.0), candidate(3, "13:00", 0.9)]
    for order in (found, found[::-1], [found[1], found[2], found[0]]):
        choice = choose(order, made(**about), "s")
        assert choice is not None
        assert choice.candidate is not None
        assert (choice.candidate.submission, choice.score) == (expected, pytest.approx(mark))


def test_an_unknown_time_never_beats_a_known_one_and_is_never_late():
    found = [candidate(1, "10:00", 0.2), candidate(2, "", 1.0)]
    for keep in ("latest", "first"):
        choice = choose(found, made(keep=keep), "s")
        assert choice is not None
        assert choice.score == 0.2
    assert made(deadline=NOON).minutes_late("s", None) == 0


@pytest.mark.parametrize(
    ("minutes", "late", "share"), [(0, "10", 1), (1, "10", 0.9), (1440, "10", 0.9), (1441, "10", 0.8),
                                   (99999, "10", 0), (5, "accept", 1), (5, "100", 0)]
)  # fmt: skip
def test_each_day_begun_costs_its_percentage(minutes, late, share):
    assert made(late=late).share(minutes) == pytest.approx(share)


def test_nothing_that_comes_after_the_end_counts_unless_it_is_chosen():
    found = [candidate(1, "10:00", 0.2, event=4), candidate(2, "11:00", 1.0, event=6)]
    choice = choose(found, made(closed="yes"), "s")
    assert choice is not None
    assert (choice.score, choice.about["closed"]) == (0.2, True)
    assert choose(found[1:], made(closed="yes"), "s") is None
    chosen = choose(found, made(closed="yes", choice_s="02"), "s")
    assert chosen is not None
    assert chosen.score == 1.0


def test_a_mark_by_hand_needs_no_submission():
    choice = choose([], made(mark_s="0.7"), "s")
    assert choice is not None
    assert (choice.candidate, choice.score) == (None, 0.7)


def test_the_latest_decision_holds_until_it_is_undone(tmp_path):
    with Ledger(tmp_path / "l.sqlite") as ledger, ledger.db:
        numbers = []
        for keep in ("first", "best", ""):
            numbers.append(ledger.event("1", "decision", f"why {keep}"))
            decide(ledger, "1", {("keep", ""): keep}, numbers[-1])
        assert not rules(ledger, "1").decided
        assert undo(ledger, None) == (numbers[2], "1")
        assert rules(ledger, "1").keep == "best"
        assert undo(ledger, numbers[1]) == (numbers[1], "1")
        assert rules(ledger, "1").keep == "first"
        assert [(e["reason"], e["undone"]) for e in ledger.events()] == [
            ("why first", False), ("why best", True), ("why ", True),
        ]  # fmt: skip
        with pytest.raises(Refusal, match="nothing to undo"):
            undo(ledger, numbers[1])
        assert rules(ledger, "2").found == {}


@pytest.mark.parametrize(
    "text", ["2026-12-01T18:00Z", "01.12.2026 18:00Z", "2026-12-01 23:00+05:00", "20261201T18Z"]
)
def test_dates_are_read(text):
    assert moment(text) == "2026-12-01T18:00:00+00:00"


def test_a_day_lasts_until_its_end():
    assert moment("2026-12-01") == moment("2026-12-01 23:59:59") == moment("01.12.2026")


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "1.12.2026 x", "12/01/2026", "9" * 50])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(Refusal, match="expected a date"):
        moment(text)


@pytest.mark.parametrize("text", ["", "some", "0", "101", "-5", "10.5", "%"])
def test_what_is_no_policy_is_refused(text):
    with pytest.raises(Refusal, match="percentage"):
        late_policy(text)


# -- a term


def test_who_is_at_risk_is_said_with_the_reason():
    one = term.Course("s", "S", "", {"1": 0.9, "2": 0.6, "3": 0.4})
    assert one.reasons == ["falling"]
    assert one.mean == pytest.approx(1.9 / 3)
    assert term.Course("s", "S", "", {"1": 0.9, "2": None, "3": None}).reasons == ["low", "missing"]
    assert term.Course("s", "S", "", {"1": 0.5, "2": 0.9, "3": None}).reasons == ["low"]
    assert term.Course("s", "S", "", {"1": 0.8, "2": 0.9, "3": 0.8}).reasons == []
