"""Train one network with two processes on this machine, and compare the result with a single process.

To JAX each process looks like a separate machine; on the CPU they communicate through Gloo. To use several
machines, start this script once on each of them, with the address of the first one:

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
    parser.add_argument("--processes", type=int, default=2, help="number of processes (default: 2)")
    parser.add_argument(
        "--process", type=int, help="index of this process (default: start all of them on this machine)"
    )
    parser.add_argument("--coordinator", help="HOST:PORT of process 0")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--examples", type=int, default=1437)
    parser.add_argument("--save", type=Path, help="write the parameters to this file")
    args = parser.parse_args()
    if args.process is not None:
        return train(args)
    with tempfile.TemporaryDirectory() as folder:
        return compare(args, Path(folder))


def train(args: argparse.Namespace) -> int:
    import jax

    import jaxnet
    from jaxnet import data, losses, metrics, sharding

    if args.processes > 1:
        sharding.start_process(args.coordinator, args.processes, args.process)
    x, y = data.digits()
    run = jaxnet.fit(
        jaxnet.mlp([64, 32, 10]),
        (x[: args.examples], y[: args.examples]),
        loss=losses.cross_entropy,
        metrics={"accuracy": metrics.accuracy},
        epochs=args.epochs,
        batch_size=32,
        key=jax.random.key(0),
        mesh=sharding.data_mesh(),
    )
    print(
        f"process {jax.process_index()} of {jax.process_count()}, {len(jax.devices())} devices: "
        f"loss {run.history['loss'][-1]:.6f}, accuracy {run.history['accuracy'][-1]:.4f}",
        flush=True,
    )
    if args.save is not None and jax.process_index() == 0:
        jaxnet.save(args.save, run.params)
    return 0


def compare(args: argparse.Namespace, folder: Path) -> int:
    with socket.socket() as unused:
        unused.bind(("localhost", 0))
        address = f"localhost:{unused.getsockname()[1]}"
    command = [sys.executable, __file__, "--epochs", str(args.epochs), "--examples", str(args.examples)]

    def start(process: int, processes: int, file: str) -> subprocess.Popen:
        options = ["--process", str(process), "--processes", str(processes), "--coordinator", address]
        return subprocess.Popen([*command, *options, "--save", str(folder / file)])

    started = [start(process, args.processes, "distributed") for process in range(args.processes)]
    if any([process.wait() for process in started]) or start(0, 1, "single").wait():
        return 1
    import jax
    import numpy as np

    import jaxnet

    params = (jaxnet.load(folder / file) for file in ("distributed", "single"))
    differences = jax.tree.map(lambda a, b: float(np.abs(np.asarray(a) - np.asarray(b)).max()), *params)
    largest = max(jax.tree.leaves(differences))
    close = largest < 1e-4
    verdict = "equal within rounding" if close else "NOT equal"
    print(f"largest difference between parameters: {largest:.2g}; {verdict}")
    return 0 if close else 1


if __name__ == "__main__":
    sys.exit(main())
