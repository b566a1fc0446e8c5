"""Training time as a function of the number of examples, the width and the number of devices.

Simulated devices share the cores of this machine: they show what splitting a batch costs, not what it gains.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmark.rounds import environment

DEVICES = (1, 2)


def table(folder: Path, quick: bool, say: Callable[[str], None]) -> list[list[str]]:
    """Rows: quantity, value, seconds per epoch, examples per second; medians of three epochs."""
    rows: list[list[str]] = []
    for kind in ("samples", "width", *(f"devices {count}" for count in DEVICES)):
        env = environment("jaxnet", "cpu")
        env["XLA_FLAGS"] = (
            f"--xla_force_host_platform_device_count={kind.split()[-1]}" if "dev" in kind else ""
        )
        command = [sys.executable, __file__, kind, str(folder), "quick" if quick else "full"]
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
        rows += json.loads(done.stdout)
    for row in rows:
        say("  " + ", ".join(row))
    return rows


def measure(kind: str, folder: Path, quick: bool) -> Iterator[list[str]]:
    """Measure the rows of one kind in this process."""
    import jax
    import numpy as np

    import jaxnet
    from jaxnet import sharding

    x, y = (np.load(folder / "mnist" / f"{part}.npy") for part in "xy")

    def row(
        label: str, value: int, count: int, width: int, mesh: jax.sharding.Mesh | None = None
    ) -> list[str]:
        net, seconds = jaxnet.mlp([784, width, 10]), []
        for repeat in range(4):
            start = time.perf_counter()
            jaxnet.fit(
                net, (x[:count], y[:count]), loss="cross_entropy", epochs=1, batch_size=128,
                key=jax.random.key(0), progress=False, mesh=mesh,
            )  # fmt: skip
            if repeat:  # the first one compiles
                seconds.append(time.perf_counter() - start)
        median = statistics.median(seconds)
        return [label, f"{value:,}", f"{median:.3g}", f"{count / median:,.0f}"]

    if kind == "samples":
        for parts in (8, 4, 2, 1):
            yield row("examples, 784-256-10", len(x) // parts, len(x) // parts, 256)
    elif kind == "width":
        for width in (32, 64, 128, 256, 512, 1024, 2048):
            count = len(x) // (2 if width < 512 else 8)
            yield row("width of the hidden layer", width, count, width)
    else:
        mesh = sharding.data_mesh() if len(jax.devices()) > 1 else None
        yield row("simulated devices, 784-256-10", len(jax.devices()), len(x), 256, mesh)


if __name__ == "__main__":
    print(json.dumps(list(measure(sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "quick"))))
