"""The stress test: its statistics, its faults and its output."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from click.testing import CliRunner

import quiz
from quiz import bank
from quiz.audit import guessing, stress, wording
from quiz.audit.table import table
from quiz.cli import quality

UPDATE = bank.exercise("q2.update")


def report(**changes):
    """A sound report with changes."""
    sound = stress.Report("q1.x", 1000, 1000, 900, 2.0, 0.5, 800.0)
    return replace(sound, **changes)


@pytest.fixture(scope="module")
def found():
    return stress.stress(UPDATE, 60)


def test_a_report_counts_what_generate_makes(found):
    variants = [quiz.generate("q2.update", seed) for seed in range(60)]
    keys = [quiz.key(variant) for variant in variants]
    assert found.made == 60
    assert found.draws * 60 == pytest.approx(sum(variant.draws + 1 for variant in variants))
    assert sum(found.rejected.values()) == sum(variant.draws for variant in variants)
    z, y = found.answers[0], found.answers[1]
    assert (z.low, z.high) == (min(key["z"] for key in keys), max(key["z"] for key in keys))
    common, count = Counter(key["y"] for key in keys).most_common(1)[0]
    assert (y.common, y.share, y.distinct) == (common, count / 60, 2)
    assert found.rate > 0
    assert found.gaps == found.faults == ()


def test_rejected_draws_are_counted_by_reason(found):
    # where the answer is right, e = 0 either way round: half of all draws
    assert 20 < found.rejected["sign=key"] < 120


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ("slip no-rate gives the right answers", "no-rate=key"),
        ("slip sign comes too near a right answer", "sign~key"),
        ("slips a and b-c give the same answers", "a=b-c"),
        ("rounding moves answer 2 out of its tolerance", "rounding"),
        ("a value that is not finite", "finite"),
        ("draw", "draw"),
    ],
)
def test_reasons_in_short(why, expected):
    assert stress.code(why) == expected


def test_an_exercise_that_never_draws_has_no_variant():
    found = stress.stress(replace(UPDATE, draw=lambda stream: None), 2)
    assert found.made == 0
    assert found.rejected == {"draw": 1000}
    assert found.faults[0] == "2 of 2 seeds give no variant"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"made": 990}, "10 of 1000 seeds give no variant"),
        ({"distinct": 199}, "only 199 different variants"),
        ({"distinct": 200}, None),
        ({"seeds": 100, "made": 100, "distinct": 69}, "only 69 different variants"),
        ({"seeds": 100, "made": 100, "distinct": 71}, None),
        ({"draws": 20.5}, "20.5 draws for a variant"),
        ({"answers": (stress.Answers("y", 0, 1, 2, 0, 0.8),)}, "y is 0 in 80% of all variants"),
        ({"answers": (stress.Answers("y", 0, 1, 2, 0, 0.7),)}, None),
        ({"gaps": ("kk: not translated: 'x'",)}, "kk: not translated: 'x'"),
    ],
)
def test_what_is_a_fault(changes, fault):
    assert list(stress._faults(report(**changes))) == ([fault] if fault else [])


def test_texts_with_gaps_are_found():
    variant = quiz.generate("q2.update", 1)
    assert list(wording.text_faults(UPDATE, variant)) == []
    slip = replace(UPDATE.slips[0], text="What is %(nothing)s here?")
    broken = replace(UPDATE, title="A title nobody translated", slips=(slip, *UPDATE.slips[1:]))
    assert list(wording.text_faults(broken, variant)) == [
        "kk: slip sign cannot be made: KeyError 'nothing'",
        "kk: not translated: 'A title nobody translated'",
        "kk: not translated: 'What is %(nothing)s here?'",
        "ru: slip sign cannot be made: KeyError 'nothing'",
        "ru: not translated: 'A title nobody translated'",
        "ru: not translated: 'What is %(nothing)s here?'",
        "en: slip sign cannot be made: KeyError 'nothing'",
    ]


def test_names_need_no_translation():
    broken = replace(
        UPDATE, title="ReLU, tanh and `tanh(%(z)s)`", asks=(replace(UPDATE.asks[0], label="XOR"),)
    )
    found = list(wording.text_faults(broken, quiz.generate("q2.update", 1)))
    assert [gap for gap in found if "not translated" in gap] == [
        "kk: not translated: 'ReLU, tanh and `tanh(%(z)s)`'",
        "ru: not translated: 'ReLU, tanh and `tanh(%(z)s)`'",
    ]


def test_guesses_have_the_form_of_an_answer():
    variant = quiz.generate("q2.update", 7)
    assert guessing.guess(variant, "zeros") == dict.fromkeys(quiz.key(variant), 0.0)
    givens = {float(value) for value in (*variant.givens["x"], *variant.givens["w"])}
    givens |= {float(variant.givens[name]) for name in ("b", "theta", "t", "eta")}
    assert set(guessing.guess(variant, "givens").values()) <= givens
    assert guessing.guess(variant, "random") == guessing.guess(variant, "random")
    for way in guessing.STRATEGIES:
        statuses = {part.status for part in quiz.grade(variant, guessing.guess(variant, way)).parts.values()}
        assert "invalid" not in statuses


def test_the_audit_is_the_mean_of_the_marks():
    variants = [quiz.generate("q2.update", seed) for seed in range(10)]
    marks = [quiz.grade(variant, dict.fromkeys(quiz.key(variant), 0)) for variant in variants]
    scores, asks = guessing.audit(variants)
    assert set(scores) == set(guessing.NAMES)
    assert scores["zeros"] == pytest.approx(sum(each.score for each in marks) / 10)
    zero = sum(each.parts["w1"].credit for each in marks) / 10
    assert 1 >= asks["w1"] >= zero


def test_the_easiest_to_guess_come_first():
    scores = {"a": {"zeros": 0.1, "ones": 0.0}, "b": {"zeros": 0.0, "ones": 0.4}, "c": {"zeros": 0.0}}
    assert guessing.easiest(scores, 2) == [("b", "ones", 0.4), ("a", "zeros", 0.1)]


def test_an_audit_in_words_and_as_json(monkeypatch):
    monkeypatch.setattr(guessing, "MAX_SCORE", 1)
    done = CliRunner().invoke(quality.stress, ["q2.update", "-n", "10", "--lang", "en"])
    text = done.stdout
    assert done.exit_code == 0
    assert text.splitlines()[2].split()[:2] == ["q2.update", "10"]
    assert "Every variant is sound." in text
    done = CliRunner().invoke(quality.stress, ["q2.update", "-n", "10", "--json"])
    assert done.exit_code == 0
    data = json.loads(done.stdout)
    assert data["schema"] == 1
    assert data["ok"] is True
    assert data["reports"][0]["made"] == 10


def test_faults_make_the_command_fail(monkeypatch):
    monkeypatch.setattr(stress, "MAX_DRAWS", 1)
    done = CliRunner().invoke(quality.stress, ["q2.update", "-n", "10", "--lang", "en"])
    assert done.exit_code == 1
    assert "draws for a variant" in done.stdout


def test_done_is_told_of_each_report():
    seen = []
    audit = stress.run(["q2.update"], 5, seen.append)
    assert seen == list(audit.reports)


def test_tables_are_aligned():
    assert table(["a", "long"], [["x", "1"], ["yy", "22"]]).splitlines() == [
        "a   long",
        "--  ----",
        "x      1",
        "yy    22",
    ]
