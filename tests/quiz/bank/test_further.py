"""Gradients through shared weights, learning rates, losses, classes, measures and layers: solved by hand."""

import math
from fractions import Fraction

import bank_checks
import pytest
from by_hand import net_input, sigmoid

from quiz import bank


def place(exercise, g, ask, beginning):
    """The number of the only option that begins so."""
    options = bank.exercise(exercise).asks[ask].choices(g)
    (found,) = [number for number, text in enumerate(options, 1) if text.startswith(beginning)]
    return found


def derivative(f, x):
    """Of a polynomial up to the fourth degree: an exact difference of the fourth order."""
    return (8 * (f(x + 1) - f(x - 1)) - (f(x + 2) - f(x - 2))) / 12


def solve_shared(g):
    """Two weights at first, then one: the derivative with respect to each is that of a parabola."""
    w, x, b, t = g["w"], g["x"], g["b"], g["t"]

    def loss(first, second):
        return (t - second * (first * x + b)) ** 2

    return {
        "y": w * (w * x + b),
        "first": derivative(lambda v: loss(v, w), w),
        "second": derivative(lambda v: loss(w, v), w),
        "g": derivative(lambda v: loss(v, v), w),
    }


def solve_time(g):
    def last(weights):
        h = g["h0"]
        for w, x in zip(weights, g["x"], strict=True):
            h = w * h + x
        return h

    def loss(weights):
        return (last(weights) - g["t"]) ** 2

    def part(step):
        def changed(v):
            weights = [g["w"]] * 3
            weights[step] = v
            return loss(weights)

        return derivative(changed, g["w"])

    parts = [part(step) for step in range(3)]
    return {"h3": last([g["w"]] * 3), "c1": parts[0], "c2": parts[1], "c3": parts[2], "g": sum(parts)}


def solve_pool(g):
    (k1, k2), x, v, t = g["k"], g["x"], g["v"], g["t"]
    z = [k1 * x[i] + k2 * x[i + 1] for i in range(4)]
    kept = [max((0, 1), key=lambda i: z[i]), max((2, 3), key=lambda i: z[i])]
    y = sum(vj * z[i] for vj, i in zip(v, kept, strict=True))
    e = [2 * (y - t) * v[kept.index(i)] if i in kept else 0 for i in range(4)]
    return {
        "z": z,
        "y": y,
        "e": e,
        "g": [sum(e[i] * x[i + shift] for i in range(4)) for shift in (0, 1)],
    }


def solve_parabola(g):
    """By running it for a while."""
    a, eta, w = g["a"], g["eta"], [g["w"]]
    for _step in range(3):
        w.append(w[-1] - eta * 2 * a * w[-1])
    approaches, turns = abs(w[1]) < abs(w[0]), w[1] * w[0] < 0
    why = (
        "`w` approaches 0 from one side" if approaches and not turns
        else "`w` approaches 0 and changes" if approaches
        else "`w` moves away from 0 and"
    )  # fmt: skip
    return {
        "r": w[1] / w[0],
        "w2": w[2],
        "why": place("q6.parabola", g, 2, why),
        "most": Fraction(1, a),
    }


def solve_updates(g):
    sizes = []
    left = g["N"]
    while left > 0:
        sizes.append(min(left, g["B"]))
        left -= g["B"]
    return {"single": g["N"] * g["E"], "mini": len(sizes) * g["E"], "last": sizes[-1], "full": g["E"]}


def solve_losses(g):
    z, t = float(g["z"]), g["t"]
    y = sigmoid(z)

    def signal(loss, h=1e-5):
        return (loss(sigmoid(z + h)) - loss(sigmoid(z - h))) / (2 * h)

    squared = signal(lambda a: (t - a) ** 2)
    entropy = signal(lambda a: -t * math.log(a) - (1 - t) * math.log(1 - a))
    assert math.isclose(squared, 2 * (y - t) * y * (1 - y), rel_tol=1e-6)
    assert math.isclose(entropy, y - t, rel_tol=1e-6)
    assert abs(entropy) > abs(squared)
    why = place("q5.losses", g, 3, "from the cross-entropy")
    return {"y": y, "m": 2 * (y - t) * y * (1 - y), "c": y - t, "why": why}


def solve_classes(g):
    scores = [net_input(row, g["x"], 0) for row in g["W"]]
    answered, right = scores.index(max(scores)), g["t"] - 1
    new = [list(row) for row in g["W"]]
    for i, x in enumerate(g["x"]):
        new[right][i] += g["eta"] * x
        new[answered][i] -= g["eta"] * x
    return {"s": scores, "y": answered + 1, "new": new}


def solve_confusion(g):
    ill = [True] * g["tp"] + [True] * g["fn"] + [False] * g["fp"] + [False] * g["tn"]
    called = [True] * g["tp"] + [False] * g["fn"] + [True] * g["fp"] + [False] * g["tn"]
    people = list(zip(ill, called, strict=True))

    def share(of, among):
        chosen = [person for person in people if among(*person)]
        return Fraction(sum(of(*person) for person in chosen), len(chosen))

    return {
        "acc": share(lambda i, c: i == c, lambda i, c: True),
        "p": share(lambda i, c: i, lambda i, c: c),
        "r": share(lambda i, c: c, lambda i, c: i),
        "spec": share(lambda i, c: not c, lambda i, c: not i),
    }


def solve_temperature(g):
    def probabilities(z):
        return [1 / sum(math.exp(float(other - one)) for other in z) for one in z]

    return {
        "p": probabilities(g["z"]),
        "q": probabilities([z / g["T"] for z in g["z"]]),
        "first": probabilities([z + g["c"] for z in g["z"]])[0],
    }


def solve_cells(g):
    """By counting the weights of each unit."""
    one = sum(len(["bias", *range(g["n"]), *range(g["m"])]) for _unit in range(g["m"]))
    out = sum(g["m"] + 1 for _neuron in range(g["k"]))
    return {"rnn": one, "lstm": one + one + one + one, "gru": one + one + one, "out": out}


def solve_field(g):
    """By following the pixels backwards."""
    seen = {0}
    for _layer in range(g["L"]):
        seen = {pixel + shift for pixel in seen for shift in range(g["k"])}
    conv = sum(1 + g["c"] * g["k"] ** 2 for _channel in range(g["d"]))
    dense = sum(1 + g["c"] * g["s"] ** 2 for _neuron in range(g["d"]))
    return {"field": len(seen), "conv": conv, "dense": dense}


def solve_norm(g):
    mean = sum(g["x"]) / 4
    var = sum(x * x for x in g["x"]) / 4 - mean**2
    hat = float(g["x"][0] - mean) / math.sqrt(var)
    return {"mu": mean, "var": var, "hat": hat, "y": float(g["gamma"]) * hat + float(g["beta"])}


def solve_clip(g):
    norm = math.hypot(*g["g"])
    short = [float(v * g["c"]) / norm for v in g["g"]]
    new = [float(w) - float(g["eta"]) * v for w, v in zip(g["w"], short, strict=True)]
    return {"norm": norm, "short": short, "new": new}


def solve_padded(g):
    h, states = Fraction(0), []
    for x in g["x"]:
        h = g["a"] * h + x
        states.append(h)
    last = states[g["n"] - 1]
    assert not any(g["x"][g["n"] :])
    return {"last": last, "y": g["v"] * last + g["c"], "end": states[-1]}


SOLVERS = {
    "q2.classes": solve_classes,
    "q5.losses": solve_losses,
    "q6.shared-weight": solve_shared,
    "q6.through-time": solve_time,
    "q6.max-pooling": solve_pool,
    "q6.parabola": solve_parabola,
    "q6.updates": solve_updates,
    "q7.confusion": solve_confusion,
    "q7.temperature": solve_temperature,
    "q7.cells": solve_cells,
    "q7.receptive-field": solve_field,
    "q7.batch-norm": solve_norm,
    "q7.clipping": solve_clip,
    "q7.padded": solve_padded,
}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)
