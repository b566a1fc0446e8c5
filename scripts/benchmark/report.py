"""Reports of the results: text, Markdown and a figure."""

import statistics
from pathlib import Path
from typing import Any

from benchmark import marking, targets
from benchmark.rounds import ratio

Results = dict[str, Any]


def goals(results: Results) -> list[list[str]]:
    """Rows: workload, target, measured value, whether the target is met."""
    rows = []
    for target in targets.GPU if results["device"] == "gpu" else targets.CPU:
        value = target.measured(results)
        measured = "not measured" if value is None else f"{value:.3g}{target.unit}"
        met = {True: "yes", False: "no", None: ""}[target.met(results)]
        rows.append([target.workload, target.title, measured, met])
    return rows


def contests(results: Results) -> list[list[str]]:
    """Rows: workload, contestant, first, warm and least time, examples/s, relative time, accuracy, memory."""
    rows = []
    for found in results["workloads"].values():
        baseline = next((name for name in found["contestants"] if name.startswith("jaxnet")), "")
        for i, (name, result) in enumerate(found["contestants"].items()):
            relative = ratio(found, name, baseline)
            rows.append([
                found["title"] if i == 0 else "", name, f"{result['first']:.3g}", f"{result['median']:.3g}",
                f"{min(result['warm']):.3g}",
                "" if name == "product" else f"{result['examples_per_second']:,.0f}",
                "" if relative is None or name == "product" else f"{relative:.2f}",
                "" if result["accuracy"] is None else f"{result['accuracy']:.4f}",
                f"{result['peak_mb']:.0f}",
            ])  # fmt: skip
    return rows


MODES = {
    "predict": "predict, MLP 784-256-128-10: examples, seconds",
    "answer": "load a saved model and answer once, seconds",
    "search": "grid of 16 over 3 folds, digits, 20 epochs, seconds",
}
GOALS = ["workload", "target", "measured", "met"]
CONTESTS = ["workload", "contestant", "first, s", "warm, s", "least, s", "examples/s", "time, jaxnet = 1",
            "accuracy", "peak MB"]  # fmt: skip


def markdown(header: list[str], rows: list[list[str]]) -> str:
    """Format a Markdown table.

    Example:
        >>> print(markdown(["a", "b"], [["1", "2"]]))
        | a | b |
        |---|---|
        | 1 | 2 |
    """
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "|" + "|".join(cell if cell == "---" else f" {cell} " for cell in line) + "|" for line in lines
    )


def plain(header: list[str], rows: list[list[str]]) -> str:
    """Format a table for the terminal.

    Example:
        >>> print(plain(["a", "b"], [["long", "2"]]))
        a     b
        long  2
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = (
        ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
        for row in (header, *rows)
    )
    return "\n".join(line.rstrip() for line in lines)


def machine(results: Results) -> str:
    """Describe the machine, the versions and the data in one line."""
    computer = results["machine"]
    versions = {
        name if name == "jaxnet-oldest" else name.partition("-")[0]: contestant["version"]
        for found in results["workloads"].values()
        for name, contestant in found["contestants"].items()
    }
    versions.pop("product", None)
    libraries = ", ".join(f"{name} {version}" for name, version in versions.items())
    where = f"{computer['cores']} cores, {computer['processor']}, Python {computer['python']}"
    load = computer.get("load")
    busy = "" if load is None else f" load {load:.1f} before the run;"
    return f"{where};{busy} {libraries}; {results['images']}."


def page(results: Results) -> str:
    """All tables as Markdown."""
    parts = [machine(results), markdown(GOALS, goals(results)), markdown(CONTESTS, contests(results))]
    shares = {name: targets.share(results, name) for name in ("wide", "wide-bf16")}
    parts += [
        f"`{name}`: the network's matrix products reach {value:.2f} of the throughput of one large product."
        for name, value in shares.items()
        if value is not None
    ]
    for which, title in (("cold", "Whole process, seconds"), ("imports", "Import, seconds")):
        if which in results:
            rows = [[name, f"{sorted(times)[len(times) // 2]:.3g}"] for name, times in results[which].items()]
            parts += [markdown([title, ""], rows)]
    for mode, title in MODES.items():
        if mode in results:
            known = list(next(iter(results[mode].values())))
            rows = [
                [name, *(f"{statistics.median(times[what]):.3g}" for what in known)]
                for name, times in results[mode].items()
            ]
            parts += [
                markdown([title, *(f"{int(what):,}" if what.isdecimal() else what for what in known)], rows)
            ]
    if "scaling" in results:
        parts += [markdown(["scaling", "", "seconds", "examples/s"], results["scaling"])]
    if "marking" in results:
        parts += [markdown(marking.HEADS, results["marking"])]
    return "\n\n".join(parts) + "\n"


def put(results: Results, path: Path) -> None:
    """Write the tables to a Markdown file: between its markers, or as the whole file if it has none."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = {"goals": markdown(GOALS, goals(results)), "page": page(results).strip()}
    if not any(f"<!-- bench: {name} -->" in text for name in parts):
        path.write_text(page(results), encoding="utf-8")
        return
    for name, part in parts.items():
        before, mark, rest = text.partition(f"<!-- bench: {name} -->\n")
        if mark:
            text = f"{before}{mark}{part}\n<!-- end -->{rest.partition('<!-- end -->')[2]}"
    path.write_text(text, encoding="utf-8")


def picture(results: Results, path: Path) -> None:
    """Plot the time of each contestant relative to jaxnet as bars, for each workload."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    shown = {name: found for name, found in results["workloads"].items() if len(found["contestants"]) > 1}
    rows = [
        (found["title"], name, value)
        for found in shown.values()
        for name in found["contestants"]
        if (value := ratio(found, name, next(iter(found["contestants"])))) is not None and name != "product"
    ]
    figure, axes = plt.subplots(figsize=(8, 0.24 * len(rows) + 1.2), layout="constrained")
    position, ticks, labels, last = -0.9, [], [], ""
    white = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    axes.axvline(1, color="0.3", linewidth=0.8)
    for title, name, value in rows:
        if title != last:
            position += 1.4
            axes.annotate(
                title,
                (0, position - 0.75),
                xycoords=("axes fraction", "data"),
                fontsize=8,
                weight="bold",
                bbox=white,
            )
            last = title
        axes.barh(position, value, height=0.8, color="#1b6ca8" if name.startswith("jaxnet") else "#c9d6df")
        axes.annotate(
            f"{value:.2f}", (value, position), xytext=(4, 0), textcoords="offset points", va="center",
            fontsize=7, bbox=white,
        )  # fmt: skip
        ticks.append(position)
        labels.append(name)
        position += 1
    axes.set_xscale("log")
    axes.set_xticks([0.5, 1, 2, 5, 10, 20, 50], ["0.5", "1", "2", "5", "10", "20", "50"], minor=False)
    axes.set_xticks([], minor=True)
    axes.set_xlim(0.5, 1.5 * max((value for *_, value in rows), default=1))
    axes.set_yticks(ticks, labels, fontsize=7)
    axes.set_ylim(position - 0.3, -1.0)
    axes.set_xlabel("time of a warm training, jaxnet = 1 (lower is better)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
