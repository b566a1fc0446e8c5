"""Worker process: one contestant trains on one workload.

The worker reads one command per line and answers with a line of JSON: ``train`` (train from the initial
parameters; seconds) and ``finish`` (accuracy, peak memory, facts). With ``--once`` it trains once and exits,
so that the whole process can be timed.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def module_of(name: str) -> str:
    """The module of a contestant; the suffix after a hyphen is a variant in the same library.

    Example:
        >>> module_of("torch-compile"), module_of("product")
        ('on_torch', 'on_jax')
    """
    library = name.partition("-")[0]
    return f"on_{'jax' if library == 'product' else library}"


def peak_megabytes() -> float:
    """Peak memory of this process."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would include the memory of the parent at the fork
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> None:
    name, workload_name, folder, device = sys.argv[1:5]
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmark import workloads

    workload = workloads.get(workload_name)
    module: Any = importlib.import_module(f"benchmark.{module_of(name)}")
    data = workloads.read_data(Path(folder), workload, mapped=name == "jaxnet-file")
    contestant = module.Contestant(name, workload, data, device)
    if "--once" in sys.argv:
        contestant.train()
        return
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # libraries may print to stdout
    print(json.dumps({"ready": contestant.version}), file=answers)
    for line in sys.stdin:
        if line.strip() == "train":
            start = time.perf_counter()
            contestant.train()
            print(json.dumps({"seconds": time.perf_counter() - start}), file=answers)
        else:
            peak = peak_megabytes()
            score = {"peak_mb": peak, "facts": contestant.facts(), "accuracy": contestant.accuracy()}
            print(json.dumps(score), file=answers)


if __name__ == "__main__":
    main()
