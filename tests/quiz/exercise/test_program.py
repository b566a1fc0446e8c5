"""The program: rows, slips, forced values, rounding, exact decimals, and unsound variants."""

import dataclasses
from fractions import Fraction

import jax
import numpy as np
import pytest
from engine import SUM, tiny  # noqa: F401

import quiz
from quiz.exercise import Ask, Exercise, Slip, Step, Stream
from quiz.exercise.program import Row, run
from quiz.exercise.soundness import why_unsound
from quiz.variants.variant import draw, generate, parse_name

GIVENS = {"a": Fraction(1), "b": Fraction(2), "c": Fraction(-1, 2)}


def test_rows():
    rows = [
        Row(),
        Row(("minus",)),
        Row(("minus", "plus-c")),
        Row(forced={"v": 10}),
        Row(("no-double",), forced={"u": 4}),
        Row(off={"u": 0.25}),
    ]
    values = run(SUM, GIVENS, rows)
    assert values["u"].tolist() == [3, -1, -1, 3, 4, 3.25]
    assert values["v"].tolist() == [6, -2, -2, 10, 4, 6.5]
    assert values["w"].tolist() == [-3, 1, -2.5, -5, -2, -3.25]
    assert values["positive"].tolist() == [0, 1, 0, 0, 0, 0]


def test_values_are_double_and_the_settings_of_jax_stay_as_they_were():
    before = jax.config.jax_enable_x64
    assert run(SUM, GIVENS)["w"].dtype == np.float64
    assert jax.config.jax_enable_x64 == before
    assert jax.numpy.zeros(1).dtype == np.float32


def test_decimals_compare_exactly():
    """0.1 + 0.2 - 0.3 is not greater than 0, in spite of binary fractions."""
    exact = dataclasses.replace(
        SUM,
        steps=(
            Step("z", lambda a, b, c: a + b + c),
            Step("y", lambda z: z > 0),
            Step("one", lambda a: a * 10),
        ),
        asks=(Ask("y", "y"),),
        slips=(),
    )
    tenths = {"a": Fraction(1, 10), "b": Fraction(2, 10), "c": Fraction(-3, 10)}
    values = run(exact, tenths)
    assert (values["z"][0], values["y"][0], values["one"][0]) == (0.0, 0.0, 1.0)


def test_the_same_program_is_compiled_once():
    run(SUM, GIVENS)
    with jax.log_compiles(False):
        from quiz.exercise.program import _compiled

        compiled = _compiled(SUM, ())
        before = compiled._cache_size()
        for n in range(1, 20):
            run(SUM, {**GIVENS, "a": Fraction(n)})
        assert compiled._cache_size() == before


def test_ancestors():
    assert SUM.ancestors == {
        "u": frozenset(),
        "v": frozenset({"u"}),
        "w": frozenset({"u", "v"}),
        "positive": frozenset({"u", "v", "w"}),
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"asks": (Ask("q", "nowhere"),)}, "names step 'nowhere'"),
        ({"slips": (Slip("s", {"nowhere": lambda: 0}, ""),)}, "names step 'nowhere'"),
        ({"asks": (Ask("u", "u"), Ask("u", "v"))}, "twice"),
        ({"asks": (Ask("u", "u", kind="essay"),)}, "'essay'"),
    ],
    ids=["ask", "slip", "twice", "kind"],
)
def test_an_exercise_that_cannot_work_is_refused(change, reason):
    with pytest.raises(ValueError, match=reason):
        dataclasses.replace(SUM, **change)


def test_a_step_that_needs_what_is_not_there_is_refused():
    broken = dataclasses.replace(SUM, steps=(Step("u", lambda nothing: nothing), *SUM.steps[1:]))
    with pytest.raises(ValueError, match="step 'u' needs 'nothing'"):
        run(broken, GIVENS)


@pytest.mark.parametrize(
    ("givens", "reason"),
    [
        (GIVENS, ""),
        ({**GIVENS, "b": Fraction(0)}, "slip minus gives the right answers"),
        ({**GIVENS, "b": Fraction(4, 1000)}, "slip minus comes too near"),
        ({**GIVENS, "c": Fraction(2)}, ""),
        ({**GIVENS, "a": Fraction(1, 3)}, "rounding moves"),  # thirds, tolerance 0.0005
    ],
    ids=["sound", "no effect", "near", "positive", "rounding"],
)
def test_why_unsound(givens, reason):
    tolerance = 0.0005 if reason.startswith("rounding") else 0.005
    asks = tuple(dataclasses.replace(ask, tolerance=tolerance) for ask in SUM.asks)
    strict = dataclasses.replace(SUM, asks=asks)
    assert why_unsound(strict, givens).startswith(reason)
    assert bool(why_unsound(strict, givens)) == bool(reason)


def test_slips_that_agree_are_unsound_unless_declared_alike():
    twin = Slip("twin", {"u": lambda a, b: a - b}, "The same again.")
    same = dataclasses.replace(SUM, slips=(*SUM.slips, twin))
    assert why_unsound(same, GIVENS) == "slips minus and twin give the same answers"
    alike = dataclasses.replace(SUM, slips=(*SUM.slips, dataclasses.replace(twin, alike=("minus",))))
    assert why_unsound(alike, GIVENS) == ""


def test_a_value_that_is_not_finite_is_unsound():
    broken = dataclasses.replace(SUM, steps=(Step("u", lambda a, b: a / (b - 2)), *SUM.steps[1:]))
    assert why_unsound(broken, GIVENS) == "a value that is not finite"


def test_generate_takes_the_first_sound_draw(tiny):  # noqa: F811
    for seed in range(40):
        variant = generate(SUM.id, seed)
        reasons = [why_unsound(SUM, draw(SUM, seed, number)) for number in range(variant.draws + 1)]
        assert all(reasons[:-1])
        assert reasons[-1] == ""
        assert variant.givens == SUM.draw(Stream(f"test.sum@{seed}#{variant.draws}"))


def test_a_seed_that_gives_nothing_sound_is_gone(monkeypatch):
    from quiz import bank

    never = Exercise(
        "test.never", 7, 1, "Never", "", lambda stream: None, (Step("u", lambda: 1),), (Ask("u", "u"),)
    )
    monkeypatch.setattr(bank, "_by_id", lambda: {never.id: never})
    with pytest.raises(quiz.Gone, match="none of 500 draws"):
        generate("test.never", 3)


def test_names():
    exercise, seed = parse_name("q2.update@7")
    assert (exercise.id, seed) == ("q2.update", 7)
    with pytest.raises(quiz.Refusal, match=r'such as q2\.update@7, got "q2"'):
        parse_name("q2")
    with pytest.raises(quiz.Unknown, match=r"similar names: .*q2\.update"):
        parse_name("q2.updaet@7")
    with pytest.raises(quiz.Refusal, match="seed of 0 or more"):
        generate("q2.update", -1)
