"""Benchmark jaxnet against PyTorch, scikit-learn, Keras, Flax and Equinox.

    python -m pip install '.[bench]'
    python scripts/bench.py --data mnist.npz --json bench.json --markdown bench.md --picture bench.png

All contestants get the same data, the same initial weights (if the library allows it), Adam with the same
learning rate and epsilon, the same batch size and the same number of epochs. Each contestant runs in its own
process. They train one after another, round after round. Times are medians over the rounds; ratios are
medians of the ratios within a round. The targets compare with the fastest way to run PyTorch. Libraries that
are not installed are skipped and reported. Each may have a Python of its own, and jaxnet a second one with
the oldest JAX it supports:

    python3.13 scripts/bench.py --python torch=torch/bin/python jaxnet-oldest=oldest/bin/python
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmark import cold, marking, predicting, report, rounds, scaling, workloads

#: from here on other programs disturb the measurements: PyTorch's threads wait actively
MOST_LOAD = 0.5
PARTS = (
    *(workload.name for workload in workloads.WORKLOADS),
    "cold",
    "imports",
    *predicting.CONTESTANTS,
    "scaling",
    "marking",
)


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run the benchmark, write the reports and return the results."""
    args = options().parse_args(arguments)
    wanted = args.only or PARTS
    check("workload", wanted, PARTS)
    if args.saved:
        write_reports(json.loads(args.saved.read_text(encoding="utf-8")), args)
        return {}
    pythons = dict(args.python)
    known = {name for workload in workloads.WORKLOADS for name in (*workload.contestants, *workload.gpu)}
    check("contestant", args.who or (), sorted(known))
    check("contestant", pythons, sorted(known))
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load > MOST_LOAD and not (args.busy or args.quick):
        sys.exit(f"bench.py: the machine is busy (load {load:.1f}, at most {MOST_LOAD}); wait, or add --busy")
    results: dict[str, Any] = {"schema": 2, "device": args.device, "machine": machine(), "workloads": {}}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        results |= workloads.write_data(folder, args.data, args.quick)
        for workload in workloads.WORKLOADS:
            contestants = workload.gpu if args.device == "gpu" else workload.contestants
            chosen = [name for name in contestants if not args.who or name in args.who]
            if workload.name in wanted and chosen:
                say(workload.title)
                results["workloads"][workload.name] = rounds.measure(
                    workload, chosen, folder, args.device, args.rounds, say, pythons
                )
                save(results, args.json)
        if args.device == "cpu":
            if "cold" in wanted:
                say("digits, whole process")
                results["cold"] = cold.processes(folder, args.rounds, say, pythons)
            if "imports" in wanted:
                say("imports")
                results["imports"] = cold.imports(args.rounds, say)
            for mode in predicting.CONTESTANTS:
                if mode in wanted:
                    say(mode)
                    results[mode] = predicting.measure(mode, folder, args.rounds, say, pythons)
                    save(results, args.json)
            if "scaling" in wanted:
                say("scaling")
                results["scaling"] = scaling.table(folder, args.quick, say)
            if "marking" in wanted:
                say("marking")
                results["marking"] = marking.table(folder, args.quick, say)
    if args.profile:
        profile(args.profile)
    write_reports(results, args)
    return results


def check(kind: str, names: Iterable[str], known: Sequence[str]) -> None:
    """Exit with an error message if a name is unknown."""
    for name in names:
        if name not in known:
            sys.exit(f"bench.py: unknown {kind} {name!r}; choose from {', '.join(known)}")


def write_reports(results: dict[str, Any], args: argparse.Namespace) -> None:
    """Print the tables and write the files that were asked for."""
    print(report.plain(report.GOALS, report.goals(results)), "", sep="\n")
    print(report.plain(report.CONTESTS, report.contests(results)))
    save(results, args.json)
    for file in args.markdown:
        report.put(results, file)
    if args.picture:
        report.picture(results, args.picture)


def save(results: dict[str, Any], path: Path | None) -> None:
    """Write the results; called after each workload, so that an interrupted run keeps its measurements."""
    if path:
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def options() -> argparse.ArgumentParser:
    """The command-line options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=existing, metavar="PATH", help="your copy of mnist.npz (default: synthetic images)"
    )
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument("--rounds", type=count, default=5, help="warm trainings per contestant (default: 5)")
    parser.add_argument("--only", nargs="+", metavar="WORKLOAD", help="run only these workloads")
    parser.add_argument("--who", nargs="+", metavar="NAME", help="run only these contestants")
    parser.add_argument(
        "--python",
        type=interpreter,
        nargs="+",
        default=[],
        metavar="NAME=PATH",
        help="run this library or contestant with an interpreter of its own",
    )
    parser.add_argument("--busy", action="store_true", help="measure even though the machine is busy")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="use few images, to test the script; the results are not meaningful",
    )
    parser.add_argument("--json", type=writable, metavar="FILE", help="write all measurements to this file")
    parser.add_argument(
        "--markdown",
        type=writable,
        metavar="FILE",
        nargs="+",
        default=[],
        help="write the tables to these files; in a file with the lines <!-- bench: goals --> or "
        "<!-- bench: page -->, replace the text from there to <!-- end -->",
    )
    parser.add_argument(
        "--from",
        type=existing,
        dest="saved",
        metavar="JSON",
        help="report saved results instead of measuring",
    )
    parser.add_argument("--picture", type=writable, metavar="FILE", help="plot the comparison to this file")
    parser.add_argument(
        "--profile", type=Path, metavar="FOLDER", help="write a profile of one warm fit to this folder"
    )
    return parser


def interpreter(text: str) -> tuple[str, str]:
    """The name of a contestant and the path of its Python."""
    name, _, path = text.partition("=")
    if not shutil.which(path):
        raise argparse.ArgumentTypeError(f"expected NAME=PATH with the path of a Python, got {text!r}")
    return name, path


def existing(name: str) -> Path:
    """The path of an existing file; checked before anything is measured."""
    if not Path(name).is_file():
        raise argparse.ArgumentTypeError(f"no such file: {name!r}")
    return Path(name)


def writable(name: str) -> Path:
    """The path of a file whose folder exists."""
    if not Path(name).absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"the folder of {name!r} does not exist")
    return Path(name)


def count(text: str) -> int:
    """An integer that is at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected an integer that is at least 1, got {text!r}")
    return int(text)


def say(line: str) -> None:
    """Report progress on standard error."""
    print(line, file=sys.stderr, flush=True)


def machine() -> dict[str, Any]:
    """The processor and the Python version."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": model or platform.processor() or platform.machine(), "cores": cores,
            "python": platform.python_version(), "system": platform.system(),
            "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None}  # fmt: skip


def profile(folder: Path) -> None:
    """Profile one warm ``fit`` in a new process, for Perfetto or XProf."""
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
    say(f"wrote a profile to {folder}; open it with https://ui.perfetto.dev or XProf")


if __name__ == "__main__":
    main()
