"""Question 3, XOR: every exercise against fractions and against a search over lines of our own."""

import math
import random
from fractions import Fraction
from itertools import product

import bank_checks
import pytest
from by_hand import net_input

import quiz
from jaxnet import perceptron
from quiz import bank

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


def answers(w, b, inputs):
    return tuple(int(net_input(w, x, b) > 0) for x in inputs)


#: What a perceptron can answer at the four corners: small weights and half-way biases give every table.
LINES = {
    answers(w, Fraction(b, 2), CORNERS)
    for w in product((-2, -1, 0, 1, 2), repeat=2)
    for b in (-5, -3, -1, 1, 3, 5)
}


def solve_outputs(g):
    y = answers(g["w"], g["b"] - g["theta"], CORNERS)
    right = sum(a == (x1 != x2) for a, (x1, x2) in zip(y, CORNERS, strict=True))
    can = [place for place, table in enumerate(g["tables"], 1) if table in LINES]
    return {"y": list(y), "right": right, "can": can}


def solve_inequalities(g):
    (w1, w2), theta = g["w"], g["theta"]
    bounds = [theta, theta - w2, theta - w1, theta - w1 - w2]
    lower, upper = max(bounds[1:3]), min(bounds[0], bounds[3])
    return {"bounds": bounds, "lower": lower, "upper": upper, "gap": lower - upper}


def solve_best(g):
    def right(table):
        return sum(pair[answer] for pair, answer in zip(g["C"], table, strict=True))

    line = max(right(table) for table in LINES)
    total = sum(map(sum, g["C"]))
    return {
        "any": max(right(table) for table in product((0, 1), repeat=4)),
        "line": line,
        "share": Fraction(line, total),
    }


def solve_missing(g):
    """Both bounds from the hidden values, and a proof that between them, and only there, it is XOR."""
    hidden = [answers(u, d, CORNERS) for u, d in zip(g["U"], g["d"], strict=True)]
    sums = [net_input(g["v"], h, 0) for h in zip(*hidden, strict=True)]
    lower = max(-z for z, (x1, x2) in zip(sums, CORNERS, strict=True) if x1 != x2)
    upper = min(-z for z, (x1, x2) in zip(sums, CORNERS, strict=True) if x1 == x2)
    for c, right in (
        (lower, False),
        (upper, True),
        ((lower + upper) / 2, True),
        (upper + Fraction(1, 10), False),
    ):
        assert (answers(g["v"], c, zip(*hidden, strict=True)) == (0, 1, 1, 0)) == right
    return {"h1": list(hidden[0]), "h2": list(hidden[1]), "lower": lower, "upper": upper}


def solve_cycle(g):
    """By running all 100 epochs."""
    p, ends, mistakes = tuple(g["p"]), [tuple(g["p"])], []
    for _epoch in range(100):
        mistakes.append(0)
        for x, t in zip(g["X"], g["T"], strict=True):
            assert t == (x[0] != x[1])
            e = t - int(net_input(p[:2], x, p[2]) > 0)
            p = (p[0] + g["eta"] * e * x[0], p[1] + g["eta"] * e * x[1], p[2] + g["eta"] * e)
            mistakes[-1] += abs(e)
        ends.append(p)
    again = next(k for k in range(1, 101) if ends[k] == ends[k - 1])
    return {
        "first": [*ends[1], mistakes[0]],
        "again": again,
        "stuck": list(ends[100]),
        "updates": sum(mistakes),
    }


def solve_separable(g):
    """By reading the formulas: Python's own `and`, `or`, `not`."""
    shown = bank.exercise("q3.separable").asks[0].choices(g)
    return {"can": [place for place, text in enumerate(shown, 1) if truth_table(text) in LINES]}


def truth_table(text):
    words = {
        "1 if exactly one input is 1": "x₁ != x₂",
        "1 if both inputs are equal": "x₁ == x₂",
        "always 0": "0",
        "always 1": "1",
    }
    formula = words.get(text, text.split(", whatever")[0].strip("`"))
    for mathematics, python in (
        ("XOR", "!="),
        ("AND", "and"),
        ("OR", "or"),
        ("NOT", "not"),
        ("₁", "1"),
        ("₂", "2"),
    ):
        formula = formula.replace(mathematics, python)
    return tuple(int(eval(formula, {"x1": x1, "x2": x2})) for x1, x2 in CORNERS)


#: The beginnings of the statements that are not true.
FALSE = (
    "No straight line separates the ones of OR",
    "A single perceptron cannot learn AND",
    "XOR is 1 whenever",
    "XOR is 1 at `(0, 0)`",
    "With a small learning rate and enough epochs",
    "A single perceptron fails on XOR only when",
    "To compute XOR, a network needs at least three",
    "No network of neurons can compute XOR",
    "The XOR problem was solved in the 1960s",
    "The XOR problem arose because there were too few",
)


def solve_true(g):
    shown = bank.exercise("q3.true").asks[0].choices(g)
    return {"truth": [place for place, text in enumerate(shown, 1) if not text.startswith(FALSE)]}


def solve_contradiction(g):
    """Cramer's rule for B + lam (A − B) = D + mu (C − D)."""
    A, B, C, D = g["X"]
    (a, c), (b, d) = ((A[0] - B[0], A[1] - B[1]), (D[0] - C[0], D[1] - C[1]))
    e, f = D[0] - B[0], D[1] - B[1]
    lam, mu = (e * d - b * f) / (a * d - b * c), (a * f - e * c) / (a * d - b * c)
    P = [lam * one + (1 - lam) * other for one, other in zip(A, B, strict=True)]
    assert [mu * one + (1 - mu) * other for one, other in zip(C, D, strict=True)] == P
    assert 0 < lam < 1
    assert 0 < mu < 1
    return {"lam": lam, "mu": mu, "P": P}


def cover(N, d):
    """Cover's recursion: one more point is either cut by the plane or not."""
    if N == 1 or d == 0:
        return 2
    return cover(N - 1, d) + cover(N - 1, d - 1)


def solve_count(g):
    everything, can = 2 ** g["N"], cover(g["N"], g["d"])
    return {"all": everything, "can": can, "expected": Fraction(g["M"] * can, everything)}


SOLVERS = {
    "q3.outputs": solve_outputs,
    "q3.separable": solve_separable,
    "q3.true": solve_true,
    "q3.inequalities": solve_inequalities,
    "q3.best": solve_best,
    "q3.missing-bias": solve_missing,
    "q3.cycle": solve_cycle,
    "q3.contradiction": solve_contradiction,
    "q3.count": solve_count,
}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)


def test_lines_give_all_tables_but_two():
    assert set(product((0, 1), repeat=4)) - LINES == {(0, 1, 1, 0), (1, 0, 0, 1)}


@pytest.mark.parametrize(("N", "d"), [(4, 1), (4, 2), (5, 2), (5, 3)])
def test_covers_number_is_what_the_library_counts(N, d):
    numbers = random.Random(N * 10 + d)
    points = [[numbers.random() for _coordinate in range(d)] for _point in range(N)]
    planes = [perceptron.separating_plane(points, labels) for labels in product((0, 1), repeat=N)]
    assert sum(plane is not None for plane in planes) == cover(N, d)
    assert cover(N, d) == 2 * sum(math.comb(N - 1, k) for k in range(d + 1))


@pytest.mark.parametrize("seed", range(10))
def test_the_four_points_cannot_be_separated(seed):
    points = [[float(v) for v in point] for point in quiz.generate("q3.contradiction", seed).givens["X"]]
    assert perceptron.separating_plane(points, [1, 1, 0, 0]) is None
