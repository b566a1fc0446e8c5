"""Fair marks on exercises of the bank: follow-through, parts, rounding, honest diagnoses."""

import numpy as np
import pytest

import quiz
from quiz import bank
from quiz.audit import proofs
from quiz.exercise.program import Row, run
from quiz.marking.answers import to_answer
from quiz.marking.grading import grade_many


def consistent(name, seed, slips=(), rounded=6, **wrong):
    """The answers of a student who goes on from wrong values of some asks, or makes slips."""
    variant, exercise = quiz.generate(name, seed), bank.exercise(name)
    right, forced = run(exercise, variant.givens), {}
    for ask in exercise.asks:
        if ask.name in wrong:
            value = forced.setdefault(ask.step, np.array(right[ask.step][0]))
            value[ask.index] = wrong[ask.name]
    made = run(exercise, variant.givens, [Row(slips, forced)])
    return {
        ask.name: np.round(to_answer(ask, made[ask.step][(0, *ask.index)]), rounded).tolist()
        for ask in exercise.asks
    }


def scores(name, seed, given):
    return quiz.grade(quiz.generate(name, seed), given)


@pytest.mark.parametrize("seed", [12, 3, 40])
def test_the_loss_follows_from_a_wrong_output(seed):
    marks = scores("q6.network", seed, consistent("q6.network", seed, y=0.3192))
    assert marks.score == pytest.approx(0.9)
    assert marks.parts["L"].credit == 1


@pytest.mark.parametrize("seed", [12, 3, 40])
def test_losses_follow_from_wrong_weights(seed):
    marks = scores("q6.descent", seed, consistent("q6.descent", seed, w1=1.5))
    assert {name for name, part in marks.parts.items() if part.credit < 1} == {"w1"}


@pytest.mark.parametrize("seed", [12, 3, 40])
def test_one_mistake_made_twice_costs_one_step(seed):
    marks = scores("q6.descent", seed, consistent("q6.descent", seed, ("no-two",)))
    assert marks.score == pytest.approx(0.9)
    assert marks.parts["w1"].slip == "no-two"
    assert "costs only once" in marks.parts["b1"].message("en")


def test_a_step_without_a_change_follows():
    given = {"after1": [0.6, 1, 0.2], "after2": [0.6, 1, 0.2], "after3": [0.6, 1, 0.2], "mistakes": 1}
    marks = scores("q2.epoch", 1, given)
    assert [part.status for part in marks.parts.values()] == ["wrong"] + ["follow-through"] * 3


@pytest.mark.parametrize("z", [0.1, -0.2, 1.3])
def test_activations_follow_from_a_wrong_sum(z):
    marks = scores("q1.neuron", 10, consistent("q1.neuron", 10, z=z))
    assert {name for name, part in marks.parts.items() if part.credit < 1} == {"z"}


@pytest.mark.parametrize("z", [10, -12, 1000])
def test_saturated_values_earn_nothing(z):
    marks = scores("q1.neuron", 10, consistent("q1.neuron", 10, z=z))
    assert marks.parts["sigmoid"].credit == marks.parts["tanh"].credit == 0
    assert marks.parts["tanh"].constant
    assert marks.score < 0.2


@pytest.mark.parametrize("wrong", [{"d": 0}, {"d": 0.0001}, {"y": 1, "d": 0}])
def test_a_factor_0_earns_nothing_after_it(wrong):
    marks = scores("q6.network", 12, consistent("q6.network", 12, **wrong))
    assert [marks.parts[name].credit for name in ("d1", "d2", "gv1", "gw11", "v1")] == [0] * 5


def test_a_sum_that_happens_to_be_0_follows():
    variant = next(v for v in (quiz.generate("q2.update", s) for s in range(99)) if quiz.key(v)["b"])
    given = consistent("q2.update", variant.seed, e=float(-variant.givens["b"] / variant.givens["eta"]))
    assert given["b"] == 0
    assert quiz.grade(variant, given).parts["b"].status == "follow-through"


def test_one_number_everywhere_earns_nothing():
    marks = scores("q2.bound", 16, {"R2": 1, "m": 1, "gamma": 1, "bound": 1})
    assert marks.parts["bound"].credit == 0


@pytest.mark.parametrize(("gamma", "bound"), [("0.2673", "461.87"), ("0.27", "452.67"), ("0.267261", "462")])
def test_what_follows_from_a_rounded_right_value_is_right(gamma, bound):
    marks = scores("q2.bound", 16, {"R2": "33", "m": "1", "gamma": gamma, "bound": bound})
    assert [part.status for part in marks.parts.values()] == ["correct"] * 4


@pytest.mark.parametrize(("entries", "expected"), [(1, 5 / 6), (2, 4 / 6), (3, 3 / 6)])
def test_each_entry_of_a_matrix_counts(entries, expected):
    given = quiz.key(quiz.generate("q4.batch", 12))
    for place in range(entries):
        given["H"][place][1] += 3 + place
    part = scores("q4.batch", 12, given).parts["H"]
    assert part.credit == pytest.approx(expected)
    assert f"{6 - entries} of 6 parts are right." in part.message("en")


@pytest.mark.parametrize("turned", [1, 2, 5])
def test_each_judgement_counts_but_guessing_does_not(turned):
    key = set(quiz.key(quiz.generate("q1.true", 11))["truth"])
    one = scores("q1.true", 11, {"truth": sorted(key ^ {turned})})
    assert one.score == pytest.approx(0.6)
    assert scores("q1.true", 11, {"truth": [1, 2, 3, 4, 5]}).score == 0
    assert scores("q1.true", 11, {"truth": "0"}).score == 0


@pytest.mark.parametrize("factor", [-1, 0.5, 2])
def test_a_slip_whose_step_is_right_is_not_named(factor):
    variant = quiz.generate("q2.update", 12)
    key, x, w, eta = quiz.key(variant), *(variant.givens[name] for name in ("x", "w", "eta"))
    wrong = {f"w{i}": float(w[i - 1] + factor * eta * int(key["e"]) * x[i - 1]) for i in (1, 2)}
    marks = quiz.grade(variant, {**key, **wrong})
    assert "sign" not in {name for part in marks.parts.values() for name in part.slips}


def test_only_the_slip_that_fits_all_answers_is_named():
    key = quiz.key(quiz.generate("q2.gate", 1))
    part = scores("q2.gate", 1, {**key, "epochs": key["epochs"] - 1}).parts["epochs"]
    assert part.slips == ("last-epoch-forgotten",)


@pytest.mark.parametrize(
    ("name", "slips", "ask"),
    [
        ("q6.output-delta", ("sign", "no-two"), "d"),
        ("q6.network", ("sign", "no-two"), "d"),
        ("q6.network", ("uphill", "no-rate"), "v1"),
        ("q2.update", ("no-rate", "no-input"), "w1"),
    ],
)
def test_two_slips_in_one_step_are_recognised(name, slips, ask):
    for seed in (3, 8):
        variant, exercise = quiz.generate(name, seed), bank.exercise(name)
        made = run(exercise, variant.givens, [Row(slips)])
        given = {a.name: to_answer(a, made[a.step][(0, *a.index)]) for a in exercise.asks}
        assert "+".join(slips) in quiz.grade(variant, given).parts[ask].slips


def test_two_slips_in_one_update_are_what_a_student_would_answer():
    variant = quiz.generate("q2.update", 5)
    made = run(bank.exercise("q2.update"), variant.givens, [Row(("no-rate", "no-input"))])
    expected = [float(w) + made["e"][0] for w in variant.givens["w"]]
    assert made["w_new"][0] == pytest.approx(expected)


def parts_in_order(variant, move=None):
    """The numbers of the parts in the usual order, after a change of the list of phases."""
    shown = list(variant.givens["shown"])
    usual = sorted(shown)
    return [shown.index(phase) + 1 for phase in (move(usual) if move else usual)]


def loss_moved(count):
    def move(usual):
        place = usual.index(3)
        usual.insert(place + count, usual.pop(place))
        return usual

    return move


@pytest.mark.parametrize("seed", [12, 3, 40])
@pytest.mark.parametrize("later", [0, 1, 2, 3])
def test_an_order_is_right_if_everything_it_needs_comes_before(seed, later):
    variant = quiz.generate("q6.phases", seed)
    typed = parts_in_order(variant, loss_moved(later))
    assert quiz.grade(variant, {"order": typed}).parts["order"].status == "correct"


@pytest.mark.parametrize("seed", [12, 3, 40])
def test_a_wrong_order_earns_its_pairs(seed):
    variant = quiz.generate("q6.phases", seed)

    def hidden_first(usual):
        hidden = [phase for phase in usual if phase in (5, 6)]
        rest = [phase for phase in usual if phase not in hidden]
        return [*rest[: rest.index(4)], *reversed(hidden), *rest[rest.index(4) :]]

    part = quiz.grade(variant, {"order": parts_in_order(variant, hidden_first)}).parts["order"]
    assert 0.5 < part.credit < 1
    assert part.slip == "hidden-first"


def test_guessing_an_order_earns_little():
    variants = [quiz.generate("q6.phases", seed) for seed in range(60)]
    marks = grade_many([(v, {"order": [1, 2, 3, 4, 5, 6, 7]}, "en") for v in variants])
    assert np.mean([m.parts["order"].credit for m in marks]) < 0.1


@pytest.mark.parametrize("name", ["q2.bound", "q6.output-delta", "q5.saturation"])
def test_the_proofs_find_nothing(name):
    variants = [quiz.generate(name, seed) for seed in range(8)]
    assert list(proofs.faults(bank.exercise(name), variants)) == []
