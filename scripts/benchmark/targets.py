"""Targets of the benchmark; each is a ratio within one run."""

import statistics
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmark.rounds import ratio
from benchmark.workloads import flops, get

Results = dict[str, Any]


class Target(NamedTuple):
    """One row of the table.

    Attributes:
        workload: title of the workload; "" continues the row above.
        title: description of the target.
        bound: the target value.
        measured: results -> the measured value, or None if it was not measured.
        at_least: whether the bound is a lower bound.
        unit: unit of the value.
    """

    workload: str
    title: str
    bound: float
    measured: Callable[[Results], float | None]
    at_least: bool = True
    unit: str = "×"

    def met(self, results: Results) -> bool | None:
        """Whether the target is met; None if it was not measured."""
        value = self.measured(results)
        return None if value is None else (value >= self.bound) == self.at_least or value == self.bound


def _speed(name: str, slow: str, fast: str = "jaxnet") -> Callable[[Results], float | None]:
    return lambda results: ratio(results["workloads"].get(name, {}), slow, fast)


def _cold(which: str) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        times = results.get("cold", {})
        if which not in times or "sklearn" not in times:
            return None
        return statistics.median(a / b for a, b in zip(times[which], times["sklearn"], strict=True))

    return measured


def _predict(size: str, slow: str, fast: str = "jaxnet") -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        times = results.get("predict", {})
        if not {slow, fast} <= set(times):
            return None
        pairs = zip(times[fast][size], times[slow][size], strict=True)
        return statistics.median(a / b for a, b in pairs)

    return measured


def _memory(results: Results) -> float | None:
    contestants = results["workloads"].get("mnist-128", {}).get("contestants", {})
    if "torch" not in contestants or "jaxnet" not in contestants:
        return None
    return contestants["jaxnet"]["peak_mb"] / contestants["torch"]["peak_mb"]


def _compilations(results: Results) -> float | None:
    counts = [
        contestant["facts"]["compiled"]
        for workload in results["workloads"].values()
        for contestant in workload["contestants"].values()
        if "compiled" in contestant["facts"]
    ]
    return float(max(counts)) if counts else None


def _import(results: Results) -> float | None:
    times = results.get("imports", {})
    if not times:
        return None
    _, package, modules = times.values()  # modules are loaded on first use, so both count
    return statistics.median(a + b for a, b in zip(package, modules, strict=True))


def share(results: Results, name: str) -> float | None:
    """Throughput of the network's matrix products divided by that of one large product."""
    found = results["workloads"].get(name, {})
    contestants = found.get("contestants", {})
    if "product" not in contestants or "jaxnet" not in contestants:
        return None
    product = contestants["product"]
    throughput = product["facts"]["flops"] / product["median"]
    return flops(get(name), found["examples"]) / contestants["jaxnet"]["median"] / throughput


CPU = (
    Target("MNIST MLP, warm epoch, batch size 128", "2 × PyTorch's throughput", 2.0,
           _speed("mnist-128", "torch")),
    Target("", "2 × scikit-learn's throughput", 2.0, _speed("mnist-128", "sklearn")),
    Target("", "the throughput of a bare step of plain JAX", 1.0, _speed("mnist-128", "jax")),
    Target("", "0.95 × the throughput from memory, from a file", 0.95,
           _speed("mnist-128", "jaxnet", "jaxnet-file")),
    Target("", "0.95 × the throughput from memory, from a loader", 0.95,
           _speed("mnist-128", "jaxnet", "jaxnet-loader")),
    Target("MNIST MLP, warm epoch, batch size 32", "2.5 × PyTorch's throughput", 2.5,
           _speed("mnist-32", "torch")),
    Target("MNIST MLP, warm epoch, batch size 1024", "1.3 × PyTorch's throughput", 1.3,
           _speed("mnist-1024", "torch")),
    Target("digits MLP, 50 epochs, warm", "15 × scikit-learn's throughput", 15.0,
           _speed("digits", "sklearn")),
    Target("", "15 × PyTorch's throughput", 15.0, _speed("digits", "torch")),
    Target("digits MLP, whole process", "0.7 × scikit-learn's time, empty cache", 0.7,
           _cold("jaxnet empty"), False),
    Target("", "0.45 × scikit-learn's time, filled cache", 0.45, _cold("jaxnet filled"), False),
    Target("MNIST CNN, warm epoch", "1.5 × PyTorch's throughput", 1.5, _speed("cnn", "torch")),
    Target("LSTM, warm epoch", "1.15 × PyTorch's throughput", 1.15, _speed("lstm", "torch")),
    Target("GRU, warm epoch", "2.5 × PyTorch's throughput", 2.5, _speed("gru", "torch")),
    Target("LSTM, sequences of 5 to 100 steps", "PyTorch's throughput, packed sequences", 1.0,
           _speed("lstm-lengths", "torch")),
    Target("", "PyTorch's throughput, packed and sorted by length", 1.0,
           _speed("lstm-lengths", "torch-sorted")),
    Target("GRU, sequences of 5 to 100 steps", "PyTorch's throughput, packed sequences", 1.0,
           _speed("gru-lengths", "torch")),
    Target("", "PyTorch's throughput, packed and sorted by length", 1.0,
           _speed("gru-lengths", "torch-sorted")),
    Target("64 digits MLPs with fit_many", "1.8 × the throughput of one after another", 1.8,
           _speed("many", "jaxnet-sequential", "jaxnet-many")),
    Target("", "30 × scikit-learn's throughput", 30.0, _speed("many", "sklearn", "jaxnet-many")),
    Target("", "15 × scikit-learn's throughput on all cores", 15.0,
           _speed("many", "sklearn-jobs", "jaxnet-many")),
    Target("MLP with three layers of 2,048", "PyTorch's throughput", 1.0, _speed("wide", "torch")),
    Target("second fit with the same shapes", "no compilation", 0.0, _compilations, False, ""),
    Target("peak memory, MNIST MLP", "at most PyTorch's memory", 1.0, _memory, False),
    Target("import jaxnet after jax and optax", "0.1 s", 0.1, _import, False, " s"),
    Target("predict, 1 example", "1.2 × PyTorch's time", 1.2, _predict("1", "torch"), False),
    Target("predict, 100 examples", "1.2 × PyTorch's time", 1.2, _predict("100", "torch"), False),
    Target("predict, 100,000 examples", "PyTorch's time", 1.0, _predict("100000", "torch"), False),
    Target("MLPClassifier.predict, 1 example", "scikit-learn's time", 1.0,
           _predict("1", "sklearn", "jaxnet-estimator"), False),
    Target("MLPClassifier.predict, 100,000 examples", "scikit-learn's time", 1.0,
           _predict("100000", "sklearn", "jaxnet-estimator"), False),
)  # fmt: skip
GPU = (
    Target(
        "MNIST MLP, warm epoch, batch size 128",
        "throughput of PyTorch with CUDA graphs",
        1.0,
        _speed("mnist-128", "torch-graphs"),
    ),
    Target(
        "wide MLP in bfloat16",
        "0.6 × one large matrix product",
        0.6,
        lambda r: share(r, "wide-bf16"),
        unit="",
    ),
    Target("second fit with the same shapes", "no compilation", 0.0, _compilations, False, ""),
)
