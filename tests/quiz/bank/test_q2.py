"""Question 2, the learning rule: every exercise against exact fractions."""

import math

import bank_checks
import pytest
from by_hand import net_input

import quiz
from jaxnet import perceptron


def learn(p, examples, eta, theta=0):
    """One pass over the examples: the parameters (w1, w2, b) after each, and its error."""
    history = []
    for x, t in examples:
        e = t - int(net_input(p[:2], x, p[2]) > theta)
        p = (p[0] + eta * e * x[0], p[1] + eta * e * x[1], p[2] + eta * e)
        history.append((p, e))
    return history


def solve_update(g):
    z = net_input(g["w"], g["x"], g["b"])
    y = int(z > g["theta"])
    e = g["t"] - y
    w1, w2 = (wi + g["eta"] * e * xi for wi, xi in zip(g["w"], g["x"], strict=True))
    return {"z": z, "y": y, "e": e, "w1": w1, "w2": w2, "b": g["b"] + g["eta"] * e}


def solve_rate(g):
    z = net_input(g["w"], g["x"], g["b"])
    e = g["t"] - int(z > g["theta"])
    eta = (g["moved"][1] - g["w"][1]) / (e * g["x"][1])  # the other weight than the exercise looks at
    return {"z": z, "e": e, "eta": eta, "b": g["b"] + eta * e}


def solve_sample(g):
    """By trying all four: only the one shown leads from the old parameters to the new ones."""
    examples = list(zip(g["X"], g["T"], strict=True))
    after = [learn((*g["w"], g["b"]), [example], g["eta"])[0] for example in examples]
    found = [place for place, (p, _e) in enumerate(after) if p == (*g["moved"], g["c"])]
    assert len(found) == 1
    return {"e": after[found[0]][1], "x": list(examples[found[0]][0]), "which": found[0] + 1}


def solve_boundary(g):
    (w1, w2), b = g["w"], g["b"]
    z = net_input(g["w"], g["p"], b)
    # the foot of the perpendicular, in fractions: p − z·w/|w|²
    foot = [pi - z * wi / (w1**2 + w2**2) for pi, wi in zip(g["p"], g["w"], strict=True)]
    distance = math.dist([float(v) for v in g["p"]], [float(v) for v in foot])
    return {"a1": -b / w1, "a2": -b / w2, "z": z, "y": int(z > 0), "distance": distance}


def solve_epoch(g):
    history = learn(g["p"], zip(g["X"], g["T"], strict=True), g["eta"], g["theta"])
    found = {f"after{k}": list(p) for k, (p, _e) in enumerate(history, 1)}
    return {**found, "mistakes": sum(e != 0 for _p, e in history)}


def solve_gate(g):
    p, mistakes = (0, 0, 0), []
    while not mistakes or mistakes[-1]:
        history = learn(p, zip(g["X"], g["T"], strict=True), g["eta"])
        p = history[-1][0]
        mistakes.append(sum(e != 0 for _p, e in history))
    return {"first": mistakes[0], "updates": sum(mistakes), "epochs": len(mistakes), "final": list(p)}


def solve_bound(g):
    sums = [net_input(g["w"], x, g["b"]) for x in g["X"]]
    assert [int(z > 0) for z in sums] == list(g["T"])
    R2, m = max(x1**2 + x2**2 + 1 for x1, x2 in g["X"]), min(abs(z) for z in sums)
    length2 = net_input(g["w"], g["w"], g["b"] ** 2)
    return {"R2": R2, "m": m, "gamma": m / math.sqrt(length2), "bound": R2 * length2 / m**2}


SOLVERS = {
    "q2.update": solve_update,
    "q2.boundary": solve_boundary,
    "q2.rate": solve_rate,
    "q2.sample": solve_sample,
    "q2.epoch": solve_epoch,
    "q2.gate": solve_gate,
    "q2.bound": solve_bound,
}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)


@pytest.mark.parametrize("seed", range(20))
def test_the_bound_holds(seed):
    variant = quiz.generate("q2.bound", seed)
    g, bound = variant.givens, quiz.key(variant)["bound"]
    X, t = [[float(v) for v in x] for x in g["X"]], list(g["T"])
    run = perceptron.fit(perceptron.init(2), X, t, max_epochs=1000)
    assert run.converged
    assert run.updates <= bound + 1e-6
    assert perceptron.mistake_bound(X, t) <= bound + 1e-6
