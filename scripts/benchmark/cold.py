"""Times of whole processes, from start to exit, and of imports."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmark.rounds import WORKER, environment, interpreter

CACHED = {
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}
IMPORTS = {
    "jax and optax": "import jax, optax",
    "jaxnet after that": "import jaxnet",
    "fit, mlp and losses, loaded on first use": "jaxnet.fit, jaxnet.mlp, jaxnet.losses",
}


def processes(
    folder: Path,
    rounds: int,
    say: Callable[[str], None],
    pythons: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Time the digits workload as a whole process: import, train, exit.

    Returns:
        Seconds per contestant: ``jaxnet empty`` and ``jaxnet filled`` (with an empty and a filled compilation
        cache), ``sklearn``, ``torch``.
    """
    times: dict[str, Any] = {}
    failed: set[str] = set()
    with tempfile.TemporaryDirectory() as caches:

        def once(name: str, cache: str | None) -> float | None:
            env = environment(name, "cpu")
            if cache is not None:
                del env["JAX_ENABLE_COMPILATION_CACHE"]
                env |= CACHED | {"JAX_COMPILATION_CACHE_DIR": f"{caches}/{cache}"}
            command = [interpreter(name, pythons), WORKER, name, "digits", str(folder), "cpu", "--once"]
            start = time.perf_counter()
            done = subprocess.run(command, env=env, capture_output=True, check=False)
            return time.perf_counter() - start if done.returncode == 0 else None

        once("jaxnet", "filled")
        for number in range(rounds):
            runs = {
                "jaxnet empty": once("jaxnet", f"empty {number}"),
                "jaxnet filled": once("jaxnet", "filled"),
                "sklearn": once("sklearn", None),
                "torch": once("torch", None),
            }
            for name, seconds in runs.items():
                if seconds is None:
                    times.pop(name, None)
                    failed.add(name)
                elif name not in failed:
                    times.setdefault(name, []).append(seconds)
    return _report(times, say)


def imports(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Time imports, one after another in a new process; seconds."""
    code = "from time import perf_counter as now\n" + "\n".join(
        f"start = now()\n{line}\nprint(now() - start)" for line in IMPORTS.values()
    )
    times: dict[str, Any] = {name: [] for name in IMPORTS}
    for _ in range(rounds):
        env = environment("jaxnet", "cpu")
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        for name, seconds in zip(IMPORTS, done.stdout.split(), strict=True):
            times[name].append(float(seconds))
    return _report(times, say)


def _report(times: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    for name, seconds in times.items():
        say(f"  {name}: {statistics.median(seconds):.3g} s")
    return times
