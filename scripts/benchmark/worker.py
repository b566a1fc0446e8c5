"""A process in which one contestant does one work, whenever it is told to.

It reads commands, a line each, and answers each with a line of JSON: ``train`` (from the beginning; seconds)
and ``finish`` (accuracy, peak memory, facts). With ``--once`` it trains once and ends: the whole process is
timed then.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def module_of(name: str) -> str:
    """Where a contestant stands; what follows a dash is a way to use the same library.

    Example:
        >>> module_of("torch-compile"), module_of("product")
        ('on_torch', 'on_jax')
    """
    library = name.partition("-")[0]
    return f"on_{'jax' if library == 'product' else library}"


def peak_megabytes() -> float:
    """The most memory this process has held."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the parent held when it made this process
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> None:
    name, work_name, folder, device = sys.argv[1:5]
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmark import works

    work = works.work(work_name)
    module: Any = importlib.import_module(f"benchmark.{module_of(name)}")
    contestant = module.Contestant(name, work, works.read_data(Path(folder), work), device)
    if "--once" in sys.argv:
        contestant.train()
        return
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what the libraries print is not an answer
    print(json.dumps({"ready": contestant.version}), file=answers)
    for line in sys.stdin:
        if line.strip() == "train":
            begin = time.perf_counter()
            contestant.train()
            print(json.dumps({"seconds": time.perf_counter() - begin}), file=answers)
        else:
            peak = peak_megabytes()
            score = {"peak_mb": peak, "facts": contestant.facts(), "accuracy": contestant.accuracy()}
            print(json.dumps(score), file=answers)


if __name__ == "__main__":
    main()
