"""Question 1, network and perceptron: every exercise against exact fractions."""

import math
from fractions import Fraction

import bank_checks
import jax
import pytest
from by_hand import net_input

import jaxnet
import quiz
from quiz import bank

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


def answers(w, b, inputs):
    return [int(net_input(w, x, b) > 0) for x in inputs]


def solve_two_layer(g):
    zp = net_input(g["w"], g["x"], g["b"])
    h = [max(0, net_input(u, g["x"], d)) for u, d in zip(g["U"], g["d"], strict=True)]
    zn = net_input(g["v"], h, g["c"])
    return {"zp": zp, "yp": int(zp > 0), "h": h, "zn": zn, "yn": int(zn > 0)}


def solve_neuron(g):
    z = net_input(g["w"], g["x"], g["b"])
    sigmoid, tanh = 1 / (1 + math.exp(-z)), math.tanh(z)
    return {"z": z, "step": int(z > 0), "sigmoid": sigmoid, "tanh": tanh, "relu": max(z, 0)}


def solve_folding(g):
    (u11, u12), (u21, u22) = g["U"]
    v1, v2 = g["v"]
    w1, w2 = v1 * u11 + v2 * u21, v1 * u12 + v2 * u22
    b = v1 * g["d"][0] + v2 * g["d"][1] + g["c"]
    return {"w1": w1, "w2": w2, "b": b, "z": net_input((w1, w2), g["x"], b)}


def solve_differ(g):
    h1, h2 = (answers(u, d, CORNERS) for u, d in zip(g["U"], g["d"], strict=True))
    yp, yn = answers(g["w"], g["b"], CORNERS), answers(g["v"], g["c"], zip(h1, h2, strict=True))
    return {"yp": yp, "h1": h1, "h2": h2, "yn": yn, "count": sum(a != b for a, b in zip(yp, yn, strict=True))}


def solve_parameters(g):
    """By counting: every weight and every bias is one parameter."""
    layers = [[(i, j) for i in range(n) for j in range(m)] for n, m in zip(g["n"], g["n"][1:], strict=False)]
    biases = [list(range(m)) for m in g["n"][1:]]
    sizes = [len(weights) + len(bias) for weights, bias in zip(layers, biases, strict=True)]
    return {
        "p1": sizes[0],
        "total": sum(sizes),
        "single": g["n"][0] + 1,
        "mult": sum(len(weights) for weights in layers) * g["N"],
    }


def solve_shapes(g):
    features, hidden, outputs = g["n"]
    return {
        "W1": [features, hidden],
        "H": [g["N"], hidden],
        "W2": [hidden, outputs],
        "Y": [g["N"], outputs],
        "mult": g["N"] * features * hidden,
    }


#: The beginnings of the statements that are not true.
FALSE = (
    "A perceptron has a hidden layer",
    "A perceptron and a multi-layer network are two names",
    "The neurons of the input layer apply an activation",
    "Every neuron of the input layer has a bias",
    "A network solves XOR even if none",
    "Adding layers makes a network more powerful even when none",
    "A perceptron can learn every truth table",
    "With suitable weights the boundary of a perceptron with two inputs is a circle",
    "An artificial neural network is an exact copy",
    "To recognise cats, a network needs rules",
)


def solve_true(g):
    shown = bank.exercise("q1.true").asks[0].choices(g)
    return {"truth": [place for place, text in enumerate(shown, 1) if not text.startswith(FALSE)]}


SOLVERS = {
    "q1.neuron": solve_neuron,
    "q1.parameters": solve_parameters,
    "q1.true": solve_true,
    "q1.two-layer": solve_two_layer,
    "q1.folding": solve_folding,
    "q1.shapes": solve_shapes,
    "q1.differ": solve_differ,
}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)


@pytest.mark.parametrize("seed", range(20))
def test_the_parameters_counted_are_those_of_the_network(seed):
    variant = quiz.generate("q1.parameters", seed)
    key, sizes = quiz.key(variant), variant.givens["n"]
    layers = jax.eval_shape(jaxnet.mlp(sizes).init, jax.random.key(0))
    counts = [sum(part.size for part in layer.values()) for layer in layers]
    assert (counts[0], sum(counts)) == (key["p1"], key["total"])
    assert sum(part.size for part in jaxnet.perceptron.init(sizes[0]).values()) == key["single"]


@pytest.mark.parametrize("seed", range(20))
def test_the_shapes_asked_are_those_of_the_network(seed):
    variant = quiz.generate("q1.shapes", seed)
    key, (features, hidden, outputs), N = quiz.key(variant), variant.givens["n"], variant.givens["N"]
    net = jaxnet.mlp((features, hidden, outputs))
    first, second = jax.eval_shape(net.init, jax.random.key(0))
    assert [list(first["w"].shape), list(second["w"].shape)] == [key["W1"], key["W2"]]
    assert list(jaxnet.dense(hidden).out_shape((N, features))) == key["H"]
    assert list(net.out_shape((N, features))) == key["Y"]


@pytest.mark.parametrize("seed", range(20))
def test_the_folded_perceptron_equals_the_network_everywhere(seed):
    variant = quiz.generate("q1.folding", seed)
    g, key = variant.givens, quiz.key(variant)
    for x in ((Fraction(1, 3), -2), (5, Fraction(-7, 4))):
        hidden = [net_input(u, x, d) for u, d in zip(g["U"], g["d"], strict=True)]
        assert net_input((key["w1"], key["w2"]), x, key["b"]) == pytest.approx(
            net_input(g["v"], hidden, g["c"])
        )
