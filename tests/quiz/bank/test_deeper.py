"""Two hidden layers, what is kept, equal beginnings, orders, series and curves: solved by hand."""

from fractions import Fraction
from itertools import pairwise

import bank_checks
import pytest
from by_hand import net_input

from quiz import bank


def place(exercise, g, ask, beginning):
    """The number of the only option that begins so."""
    options = bank.exercise(exercise).asks[ask].choices(g)
    (found,) = [number for number, text in enumerate(options, 1) if text.startswith(beginning)]
    return found


def exact_slope(f, at):
    """The derivative of a function that is at most quadratic around a point."""
    h = Fraction(1, 1000)
    return (f(at + h) - f(at - h)) / (2 * h)


def solve_deep(g):
    """Each signal is what a small change of one sum does to the loss."""

    def run(first=(0, 0), second=(0, 0), W=g["W"]):
        h = [max(net_input([row[j] for row in W], g["x"], first[j]), 0) for j in (0, 1)]
        k = [max(net_input([row[j] for row in g["U"]], h, second[j]), 0) for j in (0, 1)]
        y = net_input(g["v"], k, 0)
        return h, k, y, (g["t"] - y) ** 2

    def one(j, s):
        return (s, 0) if j == 0 else (0, s)

    def changed(i, j, s):
        return tuple(tuple(s if (a, b) == (i, j) else g["W"][a][b] for b in (0, 1)) for a in (0, 1))

    h, k, y, _loss = run()
    return {
        "h": h,
        "k": k,
        "y": y,
        "d": exact_slope(lambda s: (g["t"] - s) ** 2, y),
        "e": [exact_slope(lambda s, j=j: run(second=one(j, s))[3], 0) for j in (0, 1)],
        "f": [exact_slope(lambda s, j=j: run(first=one(j, s))[3], 0) for j in (0, 1)],
        "g": [
            [exact_slope(lambda s, i=i, j=j: run(W=changed(i, j, s))[3], g["W"][i][j]) for j in (0, 1)]
            for i in (0, 1)
        ],
    }


def solve_keep(g):
    options = bank.exercise("q6.keep").asks[0].choices(g)
    needed = ("the inputs:", "the values of the hidden", "the outputs:", "the weights of the forward pass:")
    layers = [["neuron"] * size for size in g["n"]]
    parameters = [1 for near, far in pairwise(layers) for _ in far for _ in [*near, "bias"]]
    return {
        "needed": [number for number, text in enumerate(options, 1) if text.startswith(needed)],
        "kept": sum(len(layer) for layer in layers for _example in range(g["N"])),
        "gradients": len(parameters),
        "predicting": max(g["N"] * (len(near) + len(far)) for near, far in pairwise(layers)),
    }


def solve_symmetry(g):
    def loss(w=(g["w"],) * 2, v=g["v"]):
        h = [max(wj * g["x"] + g["b"], 0) for wj in w]
        return (g["t"] - v[0] * h[0] - v[1] * h[1]) ** 2

    def moved(pair, j, s):
        return (s, pair[1]) if j == 0 else (pair[0], s)

    w = (g["w"],) * 2
    new_w = [w[j] - g["eta"] * exact_slope(lambda s, j=j: loss(w=moved(w, j, s)), w[j]) for j in (0, 1)]
    new_v = [
        g["v"][j] - g["eta"] * exact_slope(lambda s, j=j: loss(v=moved(g["v"], j, s)), g["v"][j])
        for j in (0, 1)
    ]
    why = "yes: their output weights" if new_w[0] != new_w[1] else "never: equal weights and equal"
    return {"w": new_w, "v": new_v, "why": place("q6.symmetry", g, 2, why)}


def solve_order(g):
    def epoch(order):
        (w1, w2, b), mistakes = g["p"], 0
        for name in order:
            x, t = g["X"]["AB".index(name)], g["T"]["AB".index(name)]
            e = t - (1 if net_input((w1, w2), x, b) > g["theta"] else 0)
            w1, w2, b = w1 + g["eta"] * e * x[0], w2 + g["eta"] * e * x[1], b + g["eta"] * e
            mistakes += e != 0
        return [w1, w2, b], mistakes

    (first, m1), (second, m2) = epoch("AB"), epoch("BA")
    return {"first": first, "m1": m1, "second": second, "m2": m2}


def solve_variance(g):
    """The mean square of a sum of independent products is the number of terms times that of one."""
    square = Fraction(g["q"])
    squares = [square]
    for _layer in range(g["layers"]):
        square = sum(g["s"] * square for _input in range(g["n"]))
        square = square / 2 if g["f"] == "ReLU" else square
        squares.append(square)
    factor = squares[1] / squares[0]
    which = "`2/n`" if g["f"] == "ReLU" else "`1/n`"
    assert g["s"] / factor == Fraction(2 if g["f"] == "ReLU" else 1, g["n"])
    return {"r": factor, "after": square, "m": 1 / factor, "which": place("q5.variance", g, 3, which)}


def solve_ravine(g):
    def loss(w):
        return Fraction(1, 2) * (g["a"] * w[0] ** 2 + g["c"] * w[1] ** 2)

    def gradient(w):
        return [exact_slope(lambda s: loss((s, w[1])), w[0]), exact_slope(lambda s: loss((w[0], s)), w[1])]

    def run(beta):
        w, v = list(g["p"]), [0, 0]
        for _step in range(2):
            v = [beta * old + new for old, new in zip(v, gradient(w), strict=True)]
            w = [wi - g["eta"] * vi for wi, vi in zip(w, v, strict=True)]
        return w

    return {"gd": run(0), "mom": run(g["beta"]), "most": Fraction(2, max(g["a"], g["c"]))}


def solve_curves(g):
    T, V = g["T"], g["V"]
    ups = sum(later > before for before, later in pairwise(T))
    best = min(range(7), key=lambda k: V[k])
    if ups >= 2:
        says = "`η` is too large: both losses jump"
    elif V[-1] > V[best]:
        says = "overfitting: the training loss falls"
    elif T[-1] > T[0] / 2:
        says = "`η` is too small: both losses fall evenly"
    else:
        says = "it has learned well: both"
    return {
        "says": place("q7.curves", g, 0, says),
        "best": g["E"][best],
        "gap": V[-1] - T[-1],
        "lost": V[-1] - V[best],
    }


def solve_window(g):
    """By writing the series down for a while and counting what follows each window."""
    series, size = list(g["S"]) * 4, g["size"]

    def followers(width):
        found = {}
        for j in range(2 * size, 3 * size):
            found.setdefault(tuple(series[j - width : j]), []).append(series[j])
        return found

    def wrong(width):
        return sum(min(found.count(0), found.count(1)) for found in followers(width).values())

    return {
        "kinds": len(followers(g["k"])),
        "errors": wrong(g["k"]),
        "enough": next(width for width in range(1, size + 1) if wrong(width) == 0),
    }


SOLVERS = {
    "q2.order": solve_order,
    "q5.variance": solve_variance,
    "q7.ravine": solve_ravine,
    "q7.curves": solve_curves,
    "q7.window": solve_window,
    "q6.deep": solve_deep,
    "q6.keep": solve_keep,
    "q6.symmetry": solve_symmetry,
}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)
