"""Question 2, the learning rule: every exercise against exact fractions."""

import bank_checks
import pytest


def net_input(w, x, b):
    return sum(wi * xi for wi, xi in zip(w, x, strict=True)) + b


def solve_update(g):
    z = net_input(g["w"], g["x"], g["b"])
    y = int(z > g["theta"])
    e = g["t"] - y
    w1, w2 = (wi + g["eta"] * e * xi for wi, xi in zip(g["w"], g["x"], strict=True))
    return {"z": z, "y": y, "e": e, "w1": w1, "w2": w2, "b": g["b"] + g["eta"] * e}


SOLVERS = {"q2.update": solve_update}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)
