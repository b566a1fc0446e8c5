"""Question 4, the hidden layer: every exercise against plain arithmetic."""

from fractions import Fraction

import bank_checks
import pytest

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


SOLVERS = {"q4.xor-hidden": solve_xor_hidden}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)
