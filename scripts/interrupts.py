"""Interrupt what writes a file at random moments, and see what is left of the file.

    python scripts/interrupts.py                 200 moments over all cases and signals
    python scripts/interrupts.py --moments 12    fewer

A case writes a file; a signal comes at a random moment of the command, or of the function called.
Afterwards the file must be the old one or the new one, whole, and the process must not have crashed (a
segmentation fault is exit code -11). After Ctrl-C the command's exit code is 130; a program of one's own that
does not catch KeyboardInterrupt ends by the signal itself (-2), as Python does it.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from jaxnet import interop, load, tables

SIGNALS = ("SIGINT", "SIGTERM", "SIGKILL")

_TRAIN = """
from jaxnet.cli import main
main("train table.csv --epochs 200 --seed SEED --out model.safetensors".split())
"""
_EXPORT = """
import jax, jaxnet
net = jaxnet.mlp("4-64-2")
many = [net.init(jax.random.key(SEED + seed)) for seed in range(10)]
print("ready", flush=True)
for params in many:
    jaxnet.export(net, params, "model.stablehlo")
"""

_SAVE = """
import jaxnet, numpy as np
for number in range(40):
    jaxnet.save("params.safetensors", {"w": np.full(200_000, SEED + number, np.float32)})
"""
_FIT = """
import jax, jaxnet, numpy as np
x = np.random.default_rng(0).normal(size=(256, 8)).astype(np.float32)
jaxnet.fit(jaxnet.mlp("8-16-2"), (x, x[:, :2]), loss="mse", epochs=60 + 20 * SEED, key=jax.random.key(0),
           plan="scan", checkpoint=jaxnet.Checkpoint("run", seconds=0))
"""


def content(path: Path) -> bytes:
    """What a file holds, or all files of a folder."""
    return (
        path.read_bytes() if path.is_file() else b"".join(map(Path.read_bytes, sorted(path.glob("step-*"))))
    )


def checkpoints(folder: Path) -> None:
    """Read every checkpoint of a run."""
    assert [load(file) for file in folder.glob("step-*")]


#: name -> program, the file or folder that it writes, how that is read
CASES: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "jaxnet train": (_TRAIN, "model.safetensors", tables.load),
    "export": (_EXPORT, "model.stablehlo", interop.load_exported),
    "save": (_SAVE, "params.safetensors", load),
    "fit(checkpoint)": (_FIT, "run", checkpoints),
}
#: exit codes that are in order, with what each stands for
EXPECTED = {
    "SIGINT": {0: "finished", 130: "interrupted", -2: "ended by the signal", 1: "ended while Python starts"},
    "SIGTERM": {0: "finished", -15: "ended by the signal"},
    "SIGKILL": {0: "finished", -9: "ended by the signal"},
}


def once(program: str, folder: Path, kind: str | None, moment: float) -> tuple[int, float]:
    """Run a program, interrupted after so many seconds; its exit code and how long it ran."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "JAX_COMPILATION_CACHE_DIR": str(folder / "cache")},
    )  # fmt: skip
    assert process.stdout
    if "ready" in program:  # what comes before is the interpreter's and JAX's
        process.stdout.readline()
    begun = time.monotonic()
    if kind is not None:
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.send_signal(getattr(signal, kind))
    process.communicate(timeout=120)
    return process.returncode, time.monotonic() - begun


def trial(case: str, kind: str, moments: int, seed: int = 0) -> Counter[str]:
    """Interrupt a case at so many moments; what happened -> how often.

    Raises:
        AssertionError: the process crashed, or the file is damaged.
    """
    program, name, read = CASES[case]
    draw = random.Random(f"{case} {kind} {seed}")
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows = "".join(f"{draw.gauss(0, 1):.3f},{draw.gauss(0, 1):.3f},{k % 2}\n" for k in range(60))
        (folder / "table.csv").write_text("a,b,y\n" + rows)
        once(program.replace("SEED", "0"), folder, None, 0)  # fills the cache of compiled programs
        length = once(program.replace("SEED", "0"), folder, None, 0)[1]
        for number in range(moments):
            before = content(folder / name)
            code, lasted = once(
                program.replace("SEED", str(number + 1)), folder, kind, draw.uniform(0, length)
            )
            length = min(length, lasted) if code == 0 else length  # a busy machine becomes quicker again
            assert code in EXPECTED[kind], f"{case}, {kind}: exit code {code}"
            read(folder / name)
            whole = "old file" if content(folder / name) == before else "new file"
            found[f"{EXPECTED[kind][code]} ({code}), {whole}"] += 1
    return found


def main(arguments: list[str] | None = None) -> None:
    """Print a table of what happened."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moments", type=int, default=200, help="in all (default: 200)")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    each = max(1, chosen.moments // (len(CASES) * len(SIGNALS)))
    print(f"{'case':17}{'signal':9}{'moments':>8}  what was left")
    for case in CASES:
        for kind in SIGNALS:
            counts = trial(case, kind, each, chosen.seed)
            left = "; ".join(f"{what}: {count}" for what, count in sorted(counts.items()))
            print(f"{case:17}{kind:9}{each:8}  {left}", flush=True)


if __name__ == "__main__":
    main()
