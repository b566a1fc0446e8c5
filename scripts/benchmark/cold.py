"""Whole processes, from start to exit: the first training of a day, and what an import costs."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmark.rounds import WORKER, environment
from benchmark.works import work

CACHED = {
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}
IMPORTS = {
    "jax and optax": "import jax, optax",
    "jaxnet after them": "import jaxnet",
    "its fit, mlp and losses, loaded on first use": "jaxnet.fit, jaxnet.mlp, jaxnet.losses",
}


def processes(folder: Path, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """The digits work as a whole process: import, train, exit.

    Returns:
        Seconds of each contestant: ``jaxnet empty`` and ``jaxnet filled`` (with an empty and a filled
        compilation cache), ``sklearn``, ``torch``.
    """
    found: dict[str, Any] = {}
    failed: set[str] = set()
    with tempfile.TemporaryDirectory() as caches:

        def once(name: str, cache: str | None) -> float | None:
            env = environment(name, "cpu")
            if cache is not None:
                del env["JAX_ENABLE_COMPILATION_CACHE"]
                env |= CACHED | {"JAX_COMPILATION_CACHE_DIR": f"{caches}/{cache}"}
            command = [sys.executable, WORKER, name, work("digits").name, str(folder), "cpu", "--once"]
            begin = time.perf_counter()
            done = subprocess.run(command, env=env, capture_output=True, check=False)
            return time.perf_counter() - begin if done.returncode == 0 else None

        once("jaxnet", "filled")
        for turn in range(rounds):
            runs = {
                "jaxnet empty": once("jaxnet", f"empty {turn}"),
                "jaxnet filled": once("jaxnet", "filled"),
                "sklearn": once("sklearn", None),
                "torch": once("torch", None),
            }
            for name, seconds in runs.items():
                if seconds is None:
                    found.pop(name, None)
                    failed.add(name)
                elif name not in failed:
                    found.setdefault(name, []).append(seconds)
    for name, seconds in found.items():
        say(f"  {name}: {statistics.median(seconds):.3g} s")
    return found


def imports(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Seconds that imports take, one after another in a fresh process."""
    code = "from time import perf_counter as now\n" + "\n".join(
        f"t = now()\n{line}\nprint(now() - t)" for line in IMPORTS.values()
    )
    found: dict[str, Any] = {name: [] for name in IMPORTS}
    for _ in range(rounds):
        env = environment("jaxnet", "cpu")
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        for name, seconds in zip(IMPORTS, done.stdout.split(), strict=True):
            found[name].append(float(seconds))
    for name, seconds in found.items():
        say(f"  {name}: {statistics.median(seconds):.3g} s")
    return found
