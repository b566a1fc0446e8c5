"""What to practise: due exercises first, then new ones by level; slips that recur."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from quiz import bank
from quiz.marking.seeds import SEEDS, distinguishing_seed, fresh_seed
from quiz.practice import schedule
from quiz.practice.store import Attempt

START = datetime(2026, 1, 1, tzinfo=UTC)


def attempt(exercise, score, days=0.0, slips=(), seed=1):
    parts = {"z": {"status": "correct" if score == 1 else "wrong", "credit": score, "slips": list(slips)}}
    return Attempt(START + timedelta(days=days), f"{exercise}@{seed}", 1, "0", "en", {}, parts, score, None)


def test_a_new_student_begins_with_the_first_easy_exercise():
    easiest = min(bank.exercises(), key=lambda e: (e.level, e.question))
    assert schedule.pick([]) == [easiest.id]
    assert schedule.pick([], question=2, level=1)[0].startswith("q2.")


def test_nothing_to_pick():
    assert schedule.pick([], question=2, level=9) == []


def test_each_exercise_has_its_turn_before_one_comes_again():
    count = len(bank.exercises())
    picked = schedule.pick([], count=count + 1)
    assert sorted(picked[:count]) == sorted(bank.ids())
    assert picked[count] == picked[0]


def test_recall_fades_and_returns():
    once = [attempt("q2.update", 1.0)]
    soon = schedule.skills(once, START + timedelta(hours=1))["q2.update"]
    late = schedule.skills(once, START + timedelta(days=60))["q2.update"]
    again = schedule.skills([*once, attempt("q2.update", 1.0, 30)], START + timedelta(days=60))["q2.update"]
    assert 0.9 < soon.recall <= 1
    assert late.recall < again.recall < soon.recall
    assert (soon.tries, again.tries, soon.best) == (1, 2, 1.0)


def test_what_was_wrong_is_due_before_what_was_right():
    wrong = schedule.skills([attempt("q2.update", 0.2)])["q2.update"]
    right = schedule.skills([attempt("q2.update", 1.0)])["q2.update"]
    assert wrong.due < right.due


def test_what_is_due_comes_before_what_is_new():
    assert schedule.pick([attempt("q2.update", 0.2)], now=START + timedelta(days=3)) == ["q2.update"]


def test_what_is_known_comes_last():
    made = [attempt("q2.update", 1.0, days) for days in (0, 0.1, 3, 10)]
    picked = schedule.pick(made, count=len(bank.exercises()), now=START + timedelta(days=10, hours=1))
    assert picked[-1] == "q2.update"


def test_a_slip_is_remembered_until_it_stays_away():
    made = [attempt("q2.update", 0.5, 0, ["sign"]), attempt("q2.update", 0.5, 0.01, ["sign+no-rate"])]
    now = START + timedelta(days=20)
    skill = schedule.skills(made, now)["q2.update"]
    assert set(skill.slips) == {"sign", "no-rate"}
    better = schedule.skills([*made, attempt("q2.update", 1.0, 1), attempt("q2.update", 1.0, 5)], now)[
        "q2.update"
    ]
    assert better.slips["sign"] < skill.slips["sign"]


@pytest.mark.parametrize("right", [0.9, 1.0, 0.5, 0.0])
def test_nothing_comes_again_on_the_same_day(right):
    """Sixteen picks at five minutes' distance bring sixteen exercises, whatever is answered."""
    made = []
    for number in range(16):
        now = START + timedelta(minutes=5 * number)
        (name,) = schedule.pick(made, now=now)
        score = 1.0 if (number + 1) * (1 - right) % 1 < right else 0.3
        made.append(attempt(name, score, 5 * number / 1440))
    assert len({a.exercise for a in made}) == 16
    questions = [bank.exercise(a.exercise).question for a in made]
    assert all(one != other for one, other in itertools.pairwise(questions))


def test_due_and_new_take_turns():
    made = [attempt(name, 0.2, number / 100) for number, name in enumerate(bank.ids()[:6])]
    picked = schedule.pick(made, count=6, now=START + timedelta(days=4))
    tried = [name in bank.ids()[:6] for name in picked]
    assert tried == [True, False, True, False, True, False]


@pytest.mark.parametrize(
    ("extra", "sooner"),
    [({"hints": 1}, True), ({"tries": 2}, True), ({"given_up": True}, True), ({}, False)],
)
def test_help_counts_as_what_it_is(extra, sooner):
    alone = attempt("q2.update", 1.0)
    helped = attempt("q2.update", 1.0)
    helped.parts["z"].update(extra)
    due = [schedule.skills([a], START + timedelta(hours=1))["q2.update"].due for a in (helped, alone)]
    assert (due[0] < due[1]) is sooner
    assert schedule.unaided(alone)
    assert schedule.unaided(helped) is not sooner


def test_fresh_seeds():
    answered = [f"q2.update@{seed}" for seed in range(1, SEEDS)]
    assert fresh_seed("q2.update", answered, 5) == SEEDS
    seed = fresh_seed("q2.update", answered[:500], 5)
    assert 500 < seed < SEEDS


def test_a_variant_that_tells_two_slips_apart():
    from quiz.exercise.program import Row, run
    from quiz.variants.variant import generate

    seed = distinguishing_seed("q2.update", ("sign", "no-rate", "sign+no-bias-in-z"), [], 5)
    rows = [Row(("sign",)), Row(("no-rate",)), Row(("sign", "no-bias-in-z"))]
    values = run(bank.exercise("q2.update"), generate("q2.update", seed).givens, rows)
    answered = [tuple(values[step][i].round(2).tolist() for step in ("z", "e", "b_new")) for i in range(3)]
    assert len(set(answered)) == 3


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_stats_name_the_slips_that_recur(lang):
    import io

    from quiz.cli.listing import overview, progress
    from quiz.render.terminal import Screen

    out = io.StringIO()
    progress(Screen(lang, out), [attempt("q2.update", 0.5, slips=["sign"])] * 2, START + timedelta(days=1))
    overview(Screen(lang, out), [attempt("q2.update", 0.5)])
    text = out.getvalue()
    assert "q2.update" in text
    assert "50 %" in text
    assert {"kk": "Қайталанатын қателер", "ru": "Повторяющиеся ошибки", "en": "Most frequent slips"}[
        lang
    ] in text
