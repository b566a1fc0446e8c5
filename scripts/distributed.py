"""Two processes on this machine train one network together, and end where one process ends.

Each process is a machine of its own as far as JAX can tell; on the CPU they talk by gloo. On several real
machines start the same program once on each, with the address of the first:

    python distributed.py --coordinator HOST:PORT --processes 4 --process K
"""

import argparse
import socket
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--process", type=int, help="which one this is; left out, all are started here")
    parser.add_argument("--coordinator", help="host:port of process 0")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--examples", type=int, default=1437)
    parser.add_argument("--save", type=Path, help="where to write the parameters")
    asked = parser.parse_args()
    if asked.process is not None:
        return train(asked)
    with tempfile.TemporaryDirectory() as folder:
        return compare(asked, Path(folder))


def train(asked: argparse.Namespace) -> int:
    import jax

    import jaxnet
    from jaxnet import data, losses, metrics, sharding

    if asked.processes > 1:
        sharding.start_process(asked.coordinator, asked.processes, asked.process)
    x, y = data.digits()
    run = jaxnet.fit(
        jaxnet.mlp([64, 32, 10]),
        (x[: asked.examples], y[: asked.examples]),
        loss=losses.cross_entropy,
        metrics={"accuracy": metrics.accuracy},
        epochs=asked.epochs,
        batch_size=32,
        key=jax.random.key(0),
        mesh=sharding.data_mesh(),
    )
    print(
        f"process {jax.process_index()} of {jax.process_count()}, {len(jax.devices())} devices: "
        f"loss {run.history['loss'][-1]:.6f}, accuracy {run.history['accuracy'][-1]:.4f}",
        flush=True,
    )
    if asked.save is not None and jax.process_index() == 0:
        jaxnet.save(asked.save, run.params)
    return 0


def compare(asked: argparse.Namespace, folder: Path) -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        address = f"localhost:{free.getsockname()[1]}"
    common = [sys.executable, __file__, "--epochs", str(asked.epochs), "--examples", str(asked.examples)]

    def start(process: int, processes: int, file: str) -> subprocess.Popen:
        own = ["--process", str(process), "--processes", str(processes), "--coordinator", address]
        return subprocess.Popen([*common, *own, "--save", str(folder / file)])

    together = [start(process, asked.processes, "together") for process in range(asked.processes)]
    if any([one.wait() for one in together]):
        return 1
    if start(0, 1, "alone").wait():
        return 1
    import jax
    import numpy as np

    import jaxnet

    pairs = zip(
        jax.tree.leaves(jaxnet.load(folder / "together")),
        jax.tree.leaves(jaxnet.load(folder / "alone")),
        strict=True,
    )
    apart = max(float(np.max(np.abs(np.asarray(a) - np.asarray(b)))) for a, b in pairs)
    close = apart < 1e-4
    print(
        f"largest difference of a parameter: {apart:.2g}; {'equal within rounding' if close else 'NOT equal'}"
    )
    return 0 if close else 1


if __name__ == "__main__":
    sys.exit(main())
