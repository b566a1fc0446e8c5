"""Question 1, network and perceptron: every exercise against exact fractions."""

import bank_checks
import pytest


def net_input(w, x, b):
    return sum(wi * xi for wi, xi in zip(w, x, strict=True)) + b


def solve_two_layer(g):
    zp = net_input(g["w"], g["x"], g["b"])
    h1, h2 = (max(0, net_input(u, g["x"], d)) for u, d in zip(g["U"], g["d"], strict=True))
    zn = net_input(g["v"], (h1, h2), g["c"])
    return {"zp": zp, "yp": int(zp > 0), "h1": h1, "h2": h2, "zn": zn, "yn": int(zn > 0)}


SOLVERS = {"q1.two-layer": solve_two_layer}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)
