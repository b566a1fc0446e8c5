"""What is aimed at, each a ratio within one run, and what was measured."""

import statistics
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmark.rounds import ratio
from benchmark.works import flops, work

Results = dict[str, Any]


class Target(NamedTuple):
    """One line of the table.

    Attributes:
        what: the work, for people.
        wanted: what is aimed at, for people.
        bound: the number aimed at.
        measured: results -> the number, or None where it was not measured.
        at_least: whether more is better.
        unit: after the number.
    """

    what: str
    wanted: str
    bound: float
    measured: Callable[[Results], float | None]
    at_least: bool = True
    unit: str = "×"

    def met(self, results: Results) -> bool | None:
        """Whether it is reached; None where it was not measured."""
        value = self.measured(results)
        return None if value is None else (value >= self.bound) == self.at_least or value == self.bound


def _speed(name: str, slow: str, fast: str = "jaxnet") -> Callable[[Results], float | None]:
    return lambda results: ratio(results["works"].get(name, {}), slow, fast)


def _cold(which: str) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        found = results.get("cold", {})
        if which not in found or "sklearn" not in found:
            return None
        return statistics.median(a / b for a, b in zip(found[which], found["sklearn"], strict=True))

    return measured


def _memory(results: Results) -> float | None:
    there = results["works"].get("mnist-128", {}).get("contestants", {})
    if "torch" not in there or "jaxnet" not in there:
        return None
    return there["jaxnet"]["peak_mb"] / there["torch"]["peak_mb"]


def _compilations(results: Results) -> float | None:
    counts = [
        own["facts"]["compiled"]
        for found in results["works"].values()
        for own in found["contestants"].values()
        if "compiled" in own["facts"]
    ]
    return float(max(counts)) if counts else None


def _import(results: Results) -> float | None:
    found = results.get("imports", {})
    if not found:
        return None
    _, itself, used = found.values()  # modules load on first use: both count
    return statistics.median(a + b for a, b in zip(itself, used, strict=True))


def share(results: Results, name: str) -> float | None:
    """Which share of the rate of one large product the network's own products reach."""
    found = results["works"].get(name, {})
    there = found.get("contestants", {})
    if "product" not in there or "jaxnet" not in there:
        return None
    product = there["product"]
    rate = product["facts"]["flops"] / product["median"]
    return flops(work(name), found["examples"]) / there["jaxnet"]["median"] / rate


CPU = (
    Target("MNIST MLP, warm epoch, batch 128", "1.4 × PyTorch's rate", 1.4, _speed("mnist-128", "torch")),
    Target("", "2 × scikit-learn's", 2.0, _speed("mnist-128", "sklearn")),
    Target("", "0.95 of a bare step on a fixed batch", 0.95, _speed("mnist-128", "jax")),
    Target("digits MLP, 50 epochs, warm", "15 × scikit-learn", 15.0, _speed("digits", "sklearn")),
    Target("", "15 × PyTorch", 15.0, _speed("digits", "torch")),
    Target("digits MLP, whole process", "0.7 of scikit-learn's, empty cache", 0.7,
           _cold("jaxnet empty"), False),
    Target("", "0.45, filled cache", 0.45, _cold("jaxnet filled"), False),
    Target("MNIST CNN, warm epoch", "1 × PyTorch's rate", 1.0, _speed("cnn", "torch")),
    Target("LSTM, warm epoch", "1 × PyTorch's rate", 1.0, _speed("lstm", "torch")),
    Target("GRU, warm epoch", "1 × PyTorch's rate", 1.0, _speed("gru", "torch")),
    Target("64 digits MLPs by fit_many", "1.8 × faster than in turn", 1.8,
           _speed("many", "jaxnet-turn", "jaxnet-many")),
    Target("", "25 × scikit-learn's in turn", 25.0, _speed("many", "sklearn", "jaxnet-many")),
    Target("second fit of the same shapes", "no compilation", 0.0, _compilations, False, ""),
    Target("peak memory, MNIST MLP", "at most PyTorch's", 1.0, _memory, False),
    Target("import jaxnet after jax and optax", "0.1 s", 0.1, _import, False, " s"),
)  # fmt: skip
GPU = (
    Target(
        "MNIST MLP, warm epoch, batch 128",
        "PyTorch with CUDA graphs",
        1.0,
        _speed("mnist-128", "torch-graphs"),
    ),
    Target(
        "wide MLP in bfloat16", "0.6 of the card's matrix rate", 0.6, lambda r: share(r, "wide-bf16"), unit=""
    ),
    Target("second fit of the same shapes", "no compilation", 0.0, _compilations, False, ""),
)
