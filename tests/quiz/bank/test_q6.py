"""Question 6, backpropagation: every exercise against fractions, finite differences, the trace."""

import math
from fractions import Fraction

import bank_checks
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from by_hand import sigmoid, slope

import jaxnet
import quiz
from quiz import bank


def floats(value):
    return [floats(part) for part in value] if isinstance(value, tuple) else float(value)


def solve_network(g):
    """Each δ is what a small change of that neuron's sum does to the loss."""
    x, w, b, v, c, t, eta = (floats(g[name]) for name in ("x", "W", "b", "v", "c", "t", "eta"))

    def pass_(shift=(0, 0, 0), w11=w[0][0], v1=v[0]):
        z = [w11 * x[0] + w[1][0] * x[1] + b[0] + shift[0], w[0][1] * x[0] + w[1][1] * x[1] + b[1] + shift[1]]
        h = [sigmoid(s) for s in z]
        y = sigmoid(v1 * h[0] + v[1] * h[1] + c + shift[2])
        return h, y, (t - y) ** 2

    h, y, loss = pass_()
    return {
        "h1": h[0],
        "h2": h[1],
        "y": y,
        "L": loss,
        "d": slope(lambda s: pass_((0, 0, s))[2], 0),
        "d1": slope(lambda s: pass_((s, 0, 0))[2], 0),
        "d2": slope(lambda s: pass_((0, s, 0))[2], 0),
        "gv1": (gv1 := slope(lambda s: pass_(v1=s)[2], v[0])),
        "gw11": slope(lambda s: pass_(w11=s)[2], w[0][0]),
        "v1": v[0] - eta * gv1,
    }


def exact_slope(f, p, h=Fraction(1, 1000)):
    """The derivative of a function that is quadratic near p: there the central quotient is exact."""
    return (f(p + h) - f(p - h)) / (2 * h)


def relu(z):
    return max(0, z)


def solve_forward(g):
    x, w, b, v, c, t = (floats(g[name]) for name in ("x", "W", "b", "v", "c", "t"))
    z = [w[0][j] * x[0] + w[1][j] * x[1] + b[j] for j in (0, 1)]
    h = [math.tanh(s) for s in z]
    y = v[0] * h[0] + v[1] * h[1] + c
    return {"z": z, "h": h, "y": y, "L": (t - y) ** 2}


def solve_output(g):
    h, v, c, t = (floats(g[name]) for name in ("h", "v", "c", "t"))
    f = {"sigmoid": sigmoid, "tanh": math.tanh}[g["f"]]

    def loss(v1=v[0], v2=v[1], c=c):
        return (t - f(v1 * h[0] + v2 * h[1] + c)) ** 2

    z = v[0] * h[0] + v[1] * h[1] + c
    return {
        "y": f(z),
        "d": slope(lambda s: (t - f(s)) ** 2, z),
        "g": [
            slope(lambda s, n=n: loss(**{n: s}), value) for n, value in (("v1", v[0]), ("v2", v[1]), ("c", c))
        ],
    }


def solve_phases(g):
    """What each part needs, found by the words of the text: the usual order has the loss before its use."""
    told = {
        "the values of the first hidden": ("h", set()),
        "the values of the second hidden": ("k", {"h"}),
        "the output is": ("y", {"k"}),
        "the loss is": ("L", {"y"}),
        "the error signal `δ` of the output": ("d", {"y", "L"}),
        "the error signals `δ` of the second": ("e", {"d"}),
        "the error signals `δ` of the first": ("f", {"e"}),
        "from all `δ` the gradients": ("g", {"f"}),
        "all weights are changed": ("w", {"g"}),
    }
    options = bank.exercise("q6.phases").asks[0].choices(g)
    parts = [next(name for words, (name, _) in told.items() if text.startswith(words)) for text in options]
    needs, order = {name: set(before) for name, before in told.values()}, []
    while len(order) < 9:
        ready = [part for part in needs if part not in order and needs[part] <= set(order)]
        assert len(ready) == 1
        order += ready
    return {
        "order": [parts.index(part) + 1 for part in order if part in parts],
        "forward": sorted(parts.index(part) + 1 for part in "hkyL" if part in parts),
    }


def solve_deltas(g):
    """Small changes of the hidden sums, weighed by what the outputs say they do to the loss."""
    x, h, v, d = (floats(g[name]) for name in ("x", "h", "V", "d"))
    z = [math.log(a / (1 - a)) for a in h]

    def loss(hidden):
        return sum(d[k] * sum(v[j][k] * hidden[j] for j in (0, 1)) for k in (0, 1))

    def moved(j, size, f=lambda s: s, at=h):
        return [f(at[i] + size * (i == j)) for i in (0, 1)]

    return {
        "s": [slope(lambda s, j=j: loss(moved(j, s)), 0) for j in (0, 1)],
        "e": [slope(lambda s, j=j: loss(moved(j, s, sigmoid, z)), 0) for j in (0, 1)],
        "gw": [
            [slope(lambda s, i=i, j=j: loss(moved(j, x[i] * s, sigmoid, z)), 0) for j in (0, 1)]
            for i in (0, 1)
        ],
    }


def solve_gradients(g):
    """Move each of the nine parameters and see what the loss does."""
    names = ("w11", "w12", "w21", "w22", "b1", "b2", "v1", "v2", "c")
    start = dict(zip(names, (*g["W"][0], *g["W"][1], *g["b"], *g["v"], g["c"]), strict=True))

    def answer(p):
        x1, x2 = g["x"]
        h1, h2 = (relu(p[f"w1{j}"] * x1 + p[f"w2{j}"] * x2 + p[f"b{j}"]) for j in (1, 2))
        return p["v1"] * h1 + p["v2"] * h2 + p["c"]

    grad = {
        name: exact_slope(lambda value, n=name: (g["t"] - answer(start | {n: value})) ** 2, start[name])
        for name in names
    }
    return {
        "y": answer(start),
        "gc": grad["c"],
        "gv": [grad["v1"], grad["v2"]],
        "gb": [grad["b1"], grad["b2"]],
        "gw": [[grad["w11"], grad["w12"]], [grad["w21"], grad["w22"]]],
    }


def solve_batch(g):
    """The hidden sums are known where a neuron is active; elsewhere any negative number will do."""
    sums = [[h if h > 0 else -1 for h in row] for row in g["H"]]

    def loss(v=g["v"], z=sums, shift=(0, 0, 0, 0)):
        outputs = [
            v[0] * relu(row[0]) + v[1] * relu(row[1]) + g["c"] + s for row, s in zip(z, shift, strict=True)
        ]
        return sum((t - y) ** 2 for t, y in zip(g["t"], outputs, strict=True)) * Fraction(1, 4)

    def with_sums(change):
        return [[sums[n][j] + change(n, j) for j in (0, 1)] for n in range(4)]

    return {
        "y": [g["v"][0] * h1 + g["v"][1] * h2 + g["c"] for h1, h2 in g["H"]],
        "d": [exact_slope(lambda s, n=n: loss(shift=[s * (m == n) for m in range(4)]), 0) for n in range(4)],
        "gv": [
            exact_slope(lambda s, j=j: loss(v=[v + s * (i == j) for i, v in enumerate(g["v"])]), 0)
            for j in (0, 1)
        ],
        "E": [
            [
                exact_slope(lambda s, n=n, j=j: loss(z=with_sums(lambda m, k: s * ((m, k) == (n, j)))), 0)
                for j in (0, 1)
            ]
            for n in range(4)
        ],
        "gw": [
            [
                exact_slope(
                    lambda s, i=i, j=j: loss(z=with_sums(lambda m, k: s * g["X"][m][i] * (k == j))), 0
                )
                for j in (0, 1)
            ]
            for i in (0, 1)
        ],
    }


def solve_descent(g):
    def loss(w, b):
        return (g["t"] - w * g["x"] - b) ** 2

    found, w, b = {}, g["w"], g["b"]
    for number in (1, 2):
        slopes = exact_slope(lambda s, b=b: loss(s, b), w), exact_slope(lambda s, w=w: loss(w, s), b)
        w, b = w - g["eta"] * slopes[0], b - g["eta"] * slopes[1]
        found |= {f"w{number}": w, f"b{number}": b, f"L{number}": loss(w, b)}
    return found


def solve_check(g):
    start = [*g["w"], g["b"]]

    def loss(p):
        return (g["t"] - p[0] * g["x"][0] - p[1] * g["x"][1] - p[2]) ** 2

    def moved(place, size):
        return loss([value + size * (i == place) for i, value in enumerate(start)])

    right = [exact_slope(lambda s, i=i: moved(i, s), 0) for i in range(3)]
    (wrong,) = [i for i in range(3) if right[i] != g["g"][i]]
    up, down = ([moved(i, sign * g["h"]) for i in range(3)] for sign in (1, -1))
    return {"up": up, "down": down, "n": right, "wrong": wrong + 1}


def solve_softmax(g):
    z, h = floats(g["z"]), floats(g["h"])
    right = g["t"].index(1)

    def loss(z):
        return math.log(sum(math.exp(s) for s in z)) - z[right]

    def moved(k, size):
        return [s + size * (i == k) for i, s in enumerate(z)]

    return {
        "p": [math.exp(s) / sum(math.exp(r) for r in z) for s in z],
        "L": loss(z),
        "d": [slope(lambda s, k=k: loss(moved(k, s)), 0) for k in range(3)],
        "gv": [[slope(lambda s, j=j, k=k: loss(moved(k, h[j] * s)), 0) for k in range(3)] for j in (0, 1)],
    }


SOLVERS = {
    "q6.forward": solve_forward,
    "q6.output-delta": solve_output,
    "q6.phases": solve_phases,
    "q6.hidden-deltas": solve_deltas,
    "q6.gradients": solve_gradients,
    "q6.check": solve_check,
    "q6.softmax": solve_softmax,
    "q6.network": solve_network,
    "q6.batch": solve_batch,
    "q6.descent": solve_descent,
}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)


def float64(variant):
    """The givens as arrays."""
    return {name: np.array(floats(value)) for name, value in variant.givens.items()}


def parameters(g):
    """The parameters of a 2-2-1 network as `jaxnet.mlp` has them."""
    return [
        {"w": jnp.array(g["W"]), "b": jnp.array(g["b"])},
        {"w": jnp.array(g["v"][:, None]), "b": jnp.array(g["c"][None])},
    ]


@pytest.mark.parametrize("seed", range(5))
def test_network_key_is_the_trace_and_what_jax_grad_gives(seed):
    variant = quiz.generate("q6.network", seed)
    key = quiz.key(variant)
    g = float64(variant)
    net = jaxnet.mlp("2-2-1", activation="sigmoid", output="sigmoid")
    with jax.enable_x64(True):
        params = parameters(g)
        x, t = jnp.array(g["x"]), jnp.array(g["t"][None])
        hidden, out = (trace := jaxnet.backprop.trace(net, params, x, t)).layers
        grad = jax.grad(lambda p: jnp.sum((net.apply(p, x) - t) ** 2))(params)
    values = {"h1": hidden.a[0], "h2": hidden.a[1], "y": out.a[0], "L": trace.loss, "d": out.delta[0]}
    values |= {"d1": hidden.delta[0], "d2": hidden.delta[1], "gv1": out.dw[0, 0], "gw11": hidden.dw[0, 0]}
    assert {name: key[name] for name in values} == pytest.approx(
        {name: float(value) for name, value in values.items()}, abs=1e-9
    )
    assert key["gv1"] == pytest.approx(float(grad[1]["w"][0, 0]), abs=1e-9)
    assert key["gw11"] == pytest.approx(float(grad[0]["w"][0, 0]), abs=1e-9)
    assert key["v1"] == pytest.approx(g["v"][0] - g["eta"] * float(grad[1]["w"][0, 0]), abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_gradients_key_is_the_trace(seed):
    variant = quiz.generate("q6.gradients", seed)
    g = float64(variant)
    with jax.enable_x64(True):
        net = jaxnet.mlp("2-2-1", activation="relu")
        hidden, out = jaxnet.backprop.trace(
            net, parameters(g), jnp.array(g["x"]), jnp.array(g["t"][None])
        ).layers
    key = quiz.key(variant)
    assert key["gw"] == [pytest.approx(row, abs=1e-9) for row in hidden.dw.tolist()]
    assert key["gb"] == pytest.approx(hidden.db.tolist(), abs=1e-9)
    assert key["gv"] == pytest.approx(out.dw[:, 0].tolist(), abs=1e-9)
    assert key["gc"] == pytest.approx(float(out.db[0]), abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_softmax_key_is_the_librarys_loss(seed):
    variant = quiz.generate("q6.softmax", seed)
    g = float64(variant)
    with jax.enable_x64(True):
        z, t = jnp.array(g["z"])[None], jnp.array(g["t"])[None]
        loss = float(jaxnet.losses.cross_entropy(z, t)[0])
        delta = jaxnet.losses.derivative("cross_entropy")(z, t)[0].tolist()
    key = quiz.key(variant)
    assert key["L"] == pytest.approx(loss, abs=1e-9)
    assert key["d"] == pytest.approx(delta, abs=1e-9)
