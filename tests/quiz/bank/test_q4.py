"""Question 4, the hidden layer: every exercise against plain arithmetic."""

import math
from fractions import Fraction

import bank_checks
import jax
import pytest

import jaxnet
import quiz

POINTS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def relu(z):
    return max(0, z)


def eliminate(rows):
    """Solve linear equations, each its coefficients and its right side, by Gauss and Jordan in fractions."""
    rows = [[Fraction(a) for a in row] for row in rows]
    unknowns = len(rows[0]) - 1
    for column in range(unknowns):
        pivot = next(row for row in rows[column:] if row[column])
        rows.remove(pivot)
        rows.insert(column, [a / pivot[column] for a in pivot])
        for i, row in enumerate(rows):
            if i != column:
                rows[i] = [a - row[column] * p for a, p in zip(row, rows[column], strict=True)]
    assert all(not any(row) for row in rows[unknowns:]), "the equations contradict each other"
    return [row[-1] for row in rows[:unknowns]]


def solve_xor_hidden(g):
    h1, h2 = (
        [relu(w[0] * x1 + w[1] * x2 + b) for x1, x2 in POINTS]
        for w, b in ((g["p"], g["bp"]), (g["q"], g["bq"]))
    )
    v1, v2, c = eliminate([[a, b, 1, x1 ^ x2] for a, b, (x1, x2) in zip(h1, h2, POINTS, strict=True)])
    return {"h1": h1, "h2": h2, "v1": v1, "v2": v2, "c": c}


def solve_batch(g):
    columns = list(zip(*g["W"], strict=True))
    hidden = [
        [relu(x[0] * w[0] + x[1] * w[1] + b) for w, b in zip(columns, g["b"], strict=True)] for x in g["X"]
    ]
    return {"H": hidden, "y": [g["v"][0] * h1 + g["v"][1] * h2 + g["c"] for h1, h2 in hidden]}


def solve_space(g):
    h1, h2 = (
        [int(w[0] * x1 + w[1] * x2 + b > 0) for x1, x2 in POINTS]
        for w, b in ((g["p"], g["bp"]), (g["q"], g["bq"]))
    )
    right = [
        sum((v1 * a + v2 * b + c > 0) == (x1 != x2) for a, b, (x1, x2) in zip(h1, h2, POINTS, strict=True))
        for v1, v2, c in g["V"]
    ]
    return {"h1": h1, "h2": h2, "n": right, "line": right.index(4) + 1}


def solve_linear(g):
    """Any 2-5-1 network without activation through the three points will do; here one of them."""
    first, bias = [1, 0, 2, -1, 3], [1, 2, 0, 1, -1]
    second = [0, 1, 1, 2, -1]
    u1, u2, d = eliminate([[0, 0, 1, g["d"]], [1, 0, 1, g["f"]], [0, 1, 1, g["g"]]])
    out = [u1, u2, 0, 0, 0]
    # the first two hidden neurons carry x₁ + 1 and x₂ + 2, the rest is connected but does not count

    def network(x1, x2):
        hidden = [a * x1 + b * x2 + c for a, b, c in zip(first, second, bias, strict=True)]
        return sum(v * h for v, h in zip(out, hidden, strict=True)) + d - u1 - 2 * u2

    assert (network(0, 0), network(1, 0), network(0, 1)) == (g["d"], g["f"], g["g"])
    return {"u1": u1, "u2": u2, "f11": network(1, 1), "fp": network(*g["p"])}


def solve_budget(g):
    """Count the entries of the matrices of weights and of the vectors of biases."""

    def count(width):
        n, m = int(g["n"]), int(g["m"])
        return sum(math.prod(shape) for shape in ((n, width), (width,), (width, m), (m,)))

    width = max(w for w in range(200) if count(w) <= g["B"])
    return {"P": count(g["h"]), "k": count(8) - count(7), "w": width, "r": g["B"] - count(width)}


def solve_pieces(g):
    def f(x):
        return sum(v * relu(w * x + b) for v, w, b in zip(g["v"], g["w"], g["b"], strict=True)) + g["c"]

    breaks = [eliminate([[w, -b]])[0] for w, b in zip(g["w"], g["b"], strict=True)]
    low, high = sorted(breaks)
    step = Fraction(1, 100)
    slopes = [(f(x + step) - f(x)) / step for x in (low - 1, (low + high) / 2, high + 1)]
    return {"k1": breaks[0], "k2": breaks[1], "slopes": slopes, "y": f(g["x"])}


def solve_bump(g):
    w, tiny = g["w"], Fraction(1, 1000)
    b1, b2 = (eliminate([[1, -w * edge]])[0] for edge in (g["l"], g["r"]))
    places = (g["l"] - 1, (g["l"] + g["r"]) / 2, g["r"] + 1)
    rows = [[int(w * x + b1 > 0), int(w * x + b2 > 0), 1] for x in places]
    v1, v2, c = eliminate([[*row, y] for row, y in zip(rows, (g["A"], g["B"], g["A"]), strict=True)])
    for edge in (g["l"], g["r"]):
        low, high = (v1 * (w * x + b1 > 0) + v2 * (w * x + b2 > 0) + c for x in (edge - tiny, edge + tiny))
        assert {low, high} == {g["A"], g["B"]}
    s1, s2 = (1 / (1 + math.exp(-(w * g["x"] + b))) for b in (b1, b2))
    return {"b1": b1, "b2": b2, "v1": v1, "v2": v2, "y": float(v1) * s1 + float(v2) * s2 + float(c)}


SOLVERS = {
    "q4.batch": solve_batch,
    "q4.linear": solve_linear,
    "q4.xor-hidden": solve_xor_hidden,
    "q4.space": solve_space,
    "q4.budget": solve_budget,
    "q4.pieces": solve_pieces,
    "q4.bump": solve_bump,
}


@pytest.mark.parametrize("seed", range(3))
def test_parameters_are_those_of_a_real_network(seed):
    variant = quiz.generate("q4.budget", seed)
    n, h, m = (variant.givens[name] for name in ("n", "h", "m"))
    params = jaxnet.mlp([n, h, m]).init(jax.random.key(0))
    assert quiz.key(variant)["P"] == sum(leaf.size for leaf in jax.tree.leaves(params))


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)
