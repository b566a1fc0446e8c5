"""jaxnet beside PyTorch, scikit-learn, Keras, Flax and Equinox: the same work, in one run, in turn.

    python -m pip install '.[bench]'
    python scripts/bench.py --data mnist.npz --json bench.json --markdown bench.md --picture bench.png

Everybody gets the same data, the same initial weights (where a library lets one set them), Adam with the same
rate and epsilon, the same batches and epochs. Each contestant is a process of its own; they train one after
another, round after round, and the figure is the median; ratios are medians of the ratios within a round. Who
is not installed is left out, and named.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmark import cold, report, rounds, scaling, works


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Measure what was asked for, tell it, give the results."""
    chosen = options().parse_args(arguments)
    names = [work.name for work in works.WORKS]
    wanted = chosen.only or [*names, "cold", "imports", "scaling"]
    for name in wanted:
        if name not in (*names, "cold", "imports", "scaling"):
            sys.exit(
                f"bench.py: there is no work {name!r}; there are {', '.join(names)}, cold, imports, scaling"
            )
    if chosen.saved:
        tell(json.loads(chosen.saved.read_text(encoding="utf-8")), chosen)
        return {}
    known = {name for work in works.WORKS for name in (*work.contestants, *work.gpu)}
    for name in chosen.who or ():
        if name not in known:
            sys.exit(f"bench.py: there is no contestant {name!r}; there are {', '.join(sorted(known))}")
    results: dict[str, Any] = {"schema": 1, "device": chosen.device, "machine": machine(), "works": {}}
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        folder = Path(place)
        results |= works.write_data(folder, chosen.data, chosen.quick)
        for work in works.WORKS:
            asked = work.gpu if chosen.device == "gpu" else work.contestants
            taking = [name for name in asked if not chosen.who or name in chosen.who]
            if work.name in wanted and taking:
                say(work.title)
                results["works"][work.name] = rounds.measure(
                    work, taking, folder, chosen.device, chosen.rounds, say
                )
                keep(results, chosen.json)
        if chosen.device == "cpu":
            if "cold" in wanted:
                say("digits, whole processes")
                results["cold"] = cold.processes(folder, chosen.rounds, say)
            if "imports" in wanted:
                say("imports")
                results["imports"] = cold.imports(chosen.rounds, say)
            if "scaling" in wanted:
                say("scaling")
                results["scaling"] = scaling.table(folder, chosen.quick, say)
    if chosen.profile:
        profile(chosen.profile)
    tell(results, chosen)
    return results


def tell(results: dict[str, Any], chosen: argparse.Namespace) -> None:
    """Tables to standard output, and whatever files were asked for."""
    print(report.plain(report.GOALS, report.goals(results)), "", sep="\n")
    print(report.plain(report.CONTESTS, report.contests(results)))
    keep(results, chosen.json)
    for file in chosen.markdown:
        report.put(results, file)
    if chosen.picture:
        report.picture(results, chosen.picture)


def keep(results: dict[str, Any], path: Path | None) -> None:
    """Write what there is; after each work, so that a run which is broken off has told what it measured."""
    if path:
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def options() -> argparse.ArgumentParser:
    """What may be asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=existing, metavar="PATH", help="your copy of mnist.npz; else images are made up"
    )
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument(
        "--rounds", type=count, default=5, help="warm trainings of each contestant (default: 5)"
    )
    parser.add_argument("--only", nargs="+", metavar="WORK", help="some of the works, cold, imports, scaling")
    parser.add_argument("--who", nargs="+", metavar="NAME", help="some of the contestants")
    parser.add_argument(
        "--quick", action="store_true", help="few images: does it run? The figures mean little"
    )
    parser.add_argument("--json", type=writable, metavar="FILE", help="write everything measured there")
    parser.add_argument(
        "--markdown",
        type=writable,
        metavar="FILE",
        nargs="+",
        default=[],
        help="write the tables there; where the file has lines <!-- bench: goals --> or <!-- bench: page --> "
        "up to <!-- end -->, between them",
    )
    parser.add_argument(
        "--from", type=existing, dest="saved", metavar="JSON", help="measure nothing: tell that file"
    )
    parser.add_argument("--picture", type=writable, metavar="FILE", help="draw the comparison there")
    parser.add_argument(
        "--profile", type=Path, metavar="FOLDER", help="write a profile of one warm fit there"
    )
    return parser


def existing(name: str) -> Path:
    """A file that is there; said at once, and not after minutes of measuring."""
    if not Path(name).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {name!r}")
    return Path(name)


def writable(name: str) -> Path:
    """A file that can be made."""
    if not Path(name).absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder for {name!r}; make it first")
    return Path(name)


def count(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)


def say(line: str) -> None:
    """What is going on, to standard error."""
    print(line, file=sys.stderr, flush=True)


def machine() -> dict[str, Any]:
    """What runs here."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": model or platform.processor() or platform.machine(), "cores": cores,
            "python": platform.python_version(), "system": platform.system()}  # fmt: skip


def profile(folder: Path) -> None:
    """A profile of one warm ``fit``, for Perfetto or XProf, made in a process of its own."""
    code = (
        "import sys, jax, numpy as np, jaxnet\n"
        "x = np.random.default_rng(0).random((60000, 784), np.float32); y = (x[:, :10]).argmax(1)\n"
        "def fit():\n"
        "    return jaxnet.fit(jaxnet.mlp([784, 256, 128, 10]), (x, y), loss='cross_entropy', epochs=2,\n"
        "                      batch_size=128, key=jax.random.key(0), progress=False)\n"
        "fit()\n"
        "with jax.profiler.trace(sys.argv[1]):\n"
        "    fit()\n"
    )
    env = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    subprocess.run([sys.executable, "-c", code, str(folder)], env=env, check=True)
    say(f"profile in {folder}: open it with https://ui.perfetto.dev or XProf")


if __name__ == "__main__":
    main()
