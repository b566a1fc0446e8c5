"""Question 5, derivatives: every exercise against the module math and finite differences."""

import math
from fractions import Fraction

import bank_checks
import jax
import jax.numpy as jnp
import pytest
from by_hand import sigmoid, slope

import jaxnet
import quiz


def relu(z):
    return max(0.0, z)


def step(z):
    return float(z > 0)


def solve_derivatives(g):
    w, x, b, t = (float(g[name]) for name in ("w", "x", "b", "t"))
    z = w * x + b
    loss = {f: lambda v, f=f: (t - f(v * x + b)) ** 2 for f in (sigmoid, step)}
    return {
        "z": g["w"] * g["x"] + g["b"],
        "ds": slope(sigmoid, z),
        "dt": slope(math.tanh, z),
        "dr": slope(relu, z),
        "g": [slope(loss[sigmoid], w), slope(loss[step], w)],
    }


def solve_step(g):
    w, x, b, t, eta = (float(g[name]) for name in ("w", "x", "b", "t", "eta"))
    descended = {f: w - eta * slope(lambda v, f=f: (t - f(v * x + b)) ** 2, w) for f in (sigmoid, step)}
    y = int(g["w"] * g["x"] + g["b"] > 0)
    return {
        "a": sigmoid(w * x + b),
        "g": (w - descended[sigmoid]) / eta,
        "ws": descended[sigmoid],
        "wk": descended[step],
        "wp": g["w"] + g["eta"] * (g["t"] - y) * g["x"],
    }


def solve_difference(g):
    f = {"sigmoid": sigmoid, "tanh": math.tanh}[g["f"]]
    z, h = float(g["z"]), float(g["h"])
    low, middle, high = f(z - h), f(z), f(z + h)
    forward, backward = (high - middle) / h, (middle - low) / h
    return {"v": [low, middle, high], "p": forward, "c": (forward + backward) / 2, "d": slope(f, z)}


def solve_dead(g):
    """The gradients from the left: there ReLU is flat at 0 as its derivative has it."""
    tiny = Fraction(1, 1000)
    columns = list(zip(*g["W"], strict=True))

    def loss(j, shift):
        w, b = columns[j], g["b"][j] + shift
        return sum(g["g"][j] * max(0, x[0] * w[0] + x[1] * w[1] + b) for x in g["X"])

    active = [
        sum(x[0] * w[0] + x[1] * w[1] + b > 0 for x in g["X"]) for w, b in zip(columns, g["b"], strict=True)
    ]
    db = [(loss(j, 0) - loss(j, -tiny)) / tiny for j in range(3)]
    return {"n": active, "db": db, "dead": [j + 1 for j in range(3) if not active[j]]}


def solve_softmax(g):
    z = [float(part) for part in g["z"]]

    def answers(*z):
        powers = [math.exp(part) for part in z]
        return [power / sum(powers) for power in powers]

    return {
        "p": answers(*z),
        "j11": slope(lambda s: answers(s, z[1], z[2])[0], z[0]),
        "j12": slope(lambda s: answers(z[0], s, z[2])[0], z[1]),
        "j32": slope(lambda s: answers(z[0], s, z[2])[2], z[1]),
    }


def solve_layers(g):
    w, z = float(g["w"]), float(g["z"])
    through = {sigmoid: 1.0, relu: 1.0}
    for _layer in range(g["n"]):
        through[sigmoid] *= w * slope(sigmoid, z)
        through[relu] *= w * slope(relu, 1.0)
    return {
        "s": slope(sigmoid, z),
        "q": w * slope(sigmoid, z),
        "k": math.log10(through[sigmoid]),
        "r": math.log10(through[relu]),
    }


def solve_saturation(g):
    """Halve an interval until the slope is the one wanted."""
    found = {}
    for f in (sigmoid, math.tanh):
        low, high = 0.0, 20.0
        for _halving in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if slope(f, middle) > g["eps"] else (low, middle)
        found[f] = low
    z = found[sigmoid]
    return {"a": sigmoid(z), "z": z, "x": (z - float(g["b"])) / float(g["w"]), "zt": found[math.tanh]}


SOLVERS = {
    "q5.derivatives": solve_derivatives,
    "q5.step": solve_step,
    "q5.difference": solve_difference,
    "q5.dead": solve_dead,
    "q5.softmax": solve_softmax,
    "q5.layers": solve_layers,
    "q5.saturation": solve_saturation,
}


@pytest.mark.parametrize("seed", range(3))
def test_softmax_key_is_the_librarys_jacobian(seed):
    variant = quiz.generate("q5.softmax", seed)
    with jax.enable_x64(True):
        z = jnp.array([float(part) for part in variant.givens["z"]])
        jacobian = jaxnet.activations.derivative("softmax")(z)
    key = quiz.key(variant)
    found = [key["j11"], key["j12"], key["j32"]]
    assert found == pytest.approx([float(jacobian[i, j]) for i, j in ((0, 0), (0, 1), (2, 1))], abs=1e-9)


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)
