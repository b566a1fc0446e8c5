"""Equal papers: as much to do for everybody, and numbers of one's own."""

import pytest

from quiz.course import balance, folder, papers
from quiz.course.blueprint import Blueprint, Slot
from quiz.course.ledger import Ledger
from quiz.course.roster import Student
from quiz.variants.variant import generate

#: The time of q2.gate depends on the variant; the exercises of the second slot take 6, 4 and 2 minutes.
PAPER = Blueprint("", (Slot(("q2.gate",)), Slot(("q1.neuron", "q1.parameters", "q1.true"), True)))


@pytest.fixture(scope="module")
def issued(tmp_path_factory):
    course = folder.new(tmp_path_factory.mktemp("class") / "course")
    students = [Student(f"s{number}", f"Student {number}", "en") for number in range(30)]
    with Ledger(course.database) as ledger:
        return course, [record for record, _sheet in papers.issue(course, ledger, PAPER, "1", students)]


def test_a_class_has_papers_of_equal_length(issued):
    course, records = issued
    times = [sum(map(balance.minutes, papers.variants(course, record))) for record in records]
    assert balance.spread(times) <= balance.MAX_SPREAD
    alone = [balance.minutes(generate("q2.gate", seed)) for seed in range(30)]
    assert balance.spread(alone) > 0.5


def test_nobody_has_the_numbers_of_another(issued):
    course, records = issued
    gates = [repr(papers.variants(course, record)[0].givens) for record in records]
    assert len(set(gates)) == len(gates)


def test_papers_stay_as_they_were_issued(issued):
    course, records = issued
    again = [papers.variants(course, record) for record in records]
    assert [[v.name for v in made] for made in again] == [
        [v.name for v in papers.variants(course, record)] for record in records
    ]


@pytest.mark.parametrize(
    ("place", "exercise", "expected"), [(1, "q1.true", 1), (1, "q1.neuron", 1), (0, "q2.gate", 4)]
)  # fmt: skip
def test_candidates_are_drawn_only_while_a_better_one_may_come(place, exercise, expected):
    """Two minutes are too few for the second slot, and no variant of q1.true takes more."""
    drawn = []

    def candidates():
        for seed in range(4):
            drawn.append(seed)
            yield {"seed": seed}, generate(exercise, seed)

    balance.Balance(PAPER).choose(place, 100.0, candidates())
    assert len(drawn) == expected


@pytest.mark.parametrize(
    ("times", "expected"), [([5.0], 0.0), ([9, 10, 11], 0.2), ([], 0.0)], ids=["one", "three", "none"]
)
def test_the_spread_is_a_share_of_the_mean(times, expected):
    assert balance.spread(times) == pytest.approx(expected)


def test_the_usual_time_is_a_median():
    assert balance.usual("q1.neuron") == 6
    times = sorted(balance.minutes(generate("q2.gate", seed)) for seed in range(40))
    assert times[19] <= balance.usual("q2.gate") <= times[20]
