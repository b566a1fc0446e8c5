"""The numbers of one step of backpropagation, in the order in which they are worked out."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from jaxnet import activations
from quiz.exercise.figure import subscript
from quiz.web.labs.lab import Sentence, State

#: How the derivative of each activation is found from its output.
_SLOPES = {"sigmoid": "a·(1 − a)", "tanh": "1 − a²", "relu": "1, a > 0"}


class Quantity(NamedTuple):
    """One number of a step.

    Attributes:
        kind: ``z``, ``a``, ``loss``, ``delta``, ``gradient`` or ``update``.
        layer: the layer of its neuron, the inputs being 0.
        neuron: the place of its neuron, from 0.
        source: for a weight the place of the neuron it comes from; -1 for a bias.
        value: the number.
        sentence: how it is worked out.
    """

    kind: str
    layer: int
    neuron: int
    source: int
    value: float
    sentence: Sentence


def sizes_of(state: State) -> list[int]:
    """Return the number of neurons of each layer, the inputs first."""
    return [int(size) for size in state["sizes"].split("-")]


def name(state: State, layer: int, neuron: int) -> str:
    """Return the name of a neuron, as in the picture."""
    sizes = sizes_of(state)
    if layer == len(sizes) - 1:
        return "ŷ"
    return ("x" if layer == 0 else "h" + "′" * (layer - 1)) + subscript(neuron + 1)


_SUMS = {
    1: "`z(%(n)s) = %(w1_)s · %(a1_)s%(b__)s = %(v)s`",
    2: "`z(%(n)s) = %(w1_)s · %(a1_)s + %(w2_)s · %(a2_)s%(b__)s = %(v)s`",
    3: "`z(%(n)s) = %(w1_)s · %(a1_)s + %(w2_)s · %(a2_)s + %(w3_)s · %(a3_)s%(b__)s = %(v)s`",
}
_BACK = {
    1: "`δ(%(n)s) = %(w1_)s · %(d1_)s · f′ = %(v)s`, `f′ = %(slope)s = %(f)s`",
    2: "`δ(%(n)s) = (%(w1_)s · %(d1_)s + %(w2_)s · %(d2_)s) · f′ = %(v)s`, `f′ = %(slope)s = %(f)s`",
    3: "`δ(%(n)s) = (%(w1_)s · %(d1_)s + %(w2_)s · %(d2_)s + %(w3_)s · %(d3_)s) · f′ = %(v)s`, `f′ = "
    "%(slope)s = %(f)s`",
}


_OUT = "`δ(ŷ) = 2(ŷ − t) · f′ = 2 · (%(y)s − %(t_)s) · %(f_)s = %(v)s`, `f′ = %(slope)s = %(f)s`"
_GRADIENT = "`∂L/∂w(%(i)s → %(n)s) = δ(%(n)s) · %(i)s = %(d_)s · %(a_)s = %(v)s`"


def quantities(state: State, facts: Mapping[str, Any]) -> Iterator[Quantity]:
    """Yield all numbers in the order in which they are worked out."""
    yield from _forward(state, facts)
    known = {"y": float(facts["layers"][-1][1][0]), "t": facts["t"], "v": facts["loss"]}
    sentence = ("`L = (ŷ − t)² = (%(y)s − %(t_)s)² = %(v)s`", known)
    yield Quantity("loss", len(facts["layers"]), 0, -1, known["v"], sentence)
    yield from _errors(state, facts)
    yield from _gradients(state, facts)
    yield from _updates(state, facts)


def _outputs(facts: Mapping[str, Any]) -> list[np.ndarray]:
    return [facts["x"], *(layer[1] for layer in facts["layers"])]


def _forward(state: State, facts: Mapping[str, Any]) -> Iterator[Quantity]:
    """Yield net inputs and activations."""
    function = {"sigmoid": "σ", "relu": "ReLU"}.get(state["activation"], state["activation"])
    pairs = zip(facts["params"], facts["layers"], _outputs(facts), strict=False)
    for depth, (p, layer, before) in enumerate(pairs, 1):
        for j, bias in enumerate(p["b"].tolist()):
            z, a = float(layer[0][j]), float(layer[1][j])
            known = {"n": name(state, depth, j), "w": p["w"][:, j].tolist(), "a": before.tolist(), "b": bias}
            yield Quantity("z", depth, j, -1, z, (_SUMS[len(before)], known | {"v": z}))
            known = {"n": known["n"], "f": function, "z": z, "v": a}
            yield Quantity("a", depth, j, -1, a, ("`%(n)s = %(f)s(%(z)s) = %(v)s`", known))


def _errors(state: State, facts: Mapping[str, Any]) -> Iterator[Quantity]:
    """Yield the errors, from the output backward."""
    layers = facts["layers"]
    for depth in range(len(layers), 0, -1):
        z, a, _da, delta, _dw, _db = layers[depth - 1]
        slopes = np.asarray(activations.derivative(state["activation"])(z)).tolist()
        for j, value in enumerate(delta.tolist()):
            known = {"n": name(state, depth, j), "v": value, "f": slopes[j], "a": float(a[j]),
                     "slope": _SLOPES[state["activation"]]}  # fmt: skip
            if depth == len(layers):
                sentence = (_OUT, known | {"y": known["a"], "t": facts["t"]})
            else:
                later = layers[depth][3].tolist()
                weights = facts["params"][depth]["w"][j].tolist()
                sentence = (_BACK[len(later)], known | {"w": weights, "d": later})
            yield Quantity("delta", depth, j, -1, value, sentence)


def _gradients(state: State, facts: Mapping[str, Any]) -> Iterator[Quantity]:
    """Yield the gradients of weights and biases."""
    for depth, (layer, before) in enumerate(zip(facts["layers"], _outputs(facts), strict=False), 1):
        for j, delta in enumerate(layer[3].tolist()):
            n = name(state, depth, j)
            for i, a in enumerate(before.tolist()):
                v = float(layer[4][i, j])
                known = {"i": name(state, depth - 1, i), "n": n, "d": delta, "a": a, "v": v}
                yield Quantity("gradient", depth, j, i, v, (_GRADIENT, known))
            v = float(layer[5][j])
            yield Quantity(
                "gradient", depth, j, -1, v, ("`∂L/∂b(%(n)s) = δ(%(n)s) = %(v)s`", {"n": n, "v": v})
            )


def _updates(state: State, facts: Mapping[str, Any]) -> Iterator[Quantity]:
    """Yield the new weights and biases."""
    rate = state["rate"]
    for depth, (p, layer) in enumerate(zip(facts["params"], facts["layers"], strict=True), 1):
        for j in range(len(p["b"])):
            for i in (*range(len(p["w"])), -1):
                old, slope = (p["w"][i, j], layer[4][i, j]) if i >= 0 else (p["b"][j], layer[5][j])
                v = float(old - np.float32(rate) * slope)
                known = {
                    "n": name(state, depth, j),
                    "old": float(old),
                    "g": float(slope),
                    "rate": rate,
                    "v": v,
                }
                if i >= 0:
                    known["i"] = name(state, depth - 1, i)
                what = "w(%(i)s → %(n)s)" if i >= 0 else "b(%(n)s)"
                rule = f"`{what} ← %(old)s − %(rate)s · %(g_)s = %(v)s`"
                yield Quantity("update", depth, j, i, v, (rule, known))
