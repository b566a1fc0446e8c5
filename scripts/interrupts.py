"""Interrupt ``fit(checkpoint=...)``, ``save`` and ``export`` at random moments, and look at what is left.

    python scripts/interrupts.py [MOMENTS] [SECONDS]

Each moment is a process of its own, which gets SIGINT, SIGTERM or SIGKILL. It must end by that signal, by
KeyboardInterrupt or normally, never by a segmentation fault; the file it was writing must be whole, and never
older than it was before. Prints one row per action and signal; exit code 1 if anything went wrong.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np

import jaxnet

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
NET = jaxnet.mlp([8, 16, 2], activation="tanh")
#: what a process may end with: 0 and 1 normally and by KeyboardInterrupt
ALLOWED = {
    signal.SIGINT: {0, 1, -signal.SIGINT},
    signal.SIGTERM: {-signal.SIGTERM},
    signal.SIGKILL: {-signal.SIGKILL},
}


def train(folder: Path) -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(512, 8)).astype(np.float32)
    jaxnet.fit(
        NET, (x, x[:, :2]), loss="mse", epochs=1_000_000, batch_size=16, key=jax.random.key(0),
        checkpoint=jaxnet.Checkpoint(folder, seconds=0), plan="scan",
    )  # fmt: skip


def trained(folder: Path) -> int:
    """The last step on record; every file in the folder must be a whole checkpoint."""
    files = sorted(folder.glob("step-*"))
    return max((int(jaxnet.load(file)["step"]) for file in files), default=0)


def save(folder: Path) -> None:
    path, number = folder / "model.safetensors", saved(folder)
    while True:
        number += 1
        jaxnet.save(path, {"number": number, "w": np.full(200_000, number, np.float32)})


def saved(folder: Path) -> int:
    path = folder / "model.safetensors"
    if not path.exists():
        return 0
    tree = jaxnet.load(path)
    assert (np.asarray(tree["w"]) == tree["number"]).all()
    return tree["number"]


def export(folder: Path) -> None:
    params, number = NET.init(jax.random.key(0)), exported(folder)
    while True:
        number += 1
        params[-1]["b"] = np.full(2, number, np.float32)
        params[-1]["w"] = np.zeros((16, 2), np.float32)
        jaxnet.export(NET, params, folder / "net.stablehlo", in_shape=(8,))


def exported(folder: Path) -> int:
    path = folder / "net.stablehlo"
    return int(jaxnet.load_exported(path)(np.zeros((1, 8), np.float32))[0, 0]) if path.exists() else 0


ACTIONS: dict[str, tuple[Callable[[Path], None], Callable[[Path], int]]] = {
    "fit": (train, trained),
    "save": (save, saved),
    "export": (export, exported),
}


def interrupt(action: Callable[[Path], None], folder: Path, kind: signal.Signals, delay: float) -> int:
    """Fork, begin, wait and send the signal; the return code, negative for a signal."""
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ready)
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.write(tell, b".")
        action(folder)
        sys.exit(0)  # by way of everything that Python and JAX do at the end
    os.close(tell)
    os.read(ready, 1)
    os.close(ready)
    time.sleep(delay)
    os.kill(child, kind)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def look(measure: Callable[[Path], int], folder: Path) -> int:
    """What is on record, found by a process of its own: this one must not start JAX, or it could not fork."""
    give, take = os.pipe()
    if os.fork() == 0:
        try:
            os.write(take, str(measure(folder)).encode())
        finally:
            os._exit(0)
    os.close(take)
    os.wait()
    with os.fdopen(give) as file:
        return int(file.read() or -1)  # -1: it cannot be read


def main(moments: int, seconds: float, names: list[str]) -> int:
    """Interrupt so often, in the time there is; return the exit code."""
    warnings.simplefilter("ignore")
    draw, begun = random.Random(0), time.monotonic()
    counts: Counter[tuple[str, str, str]] = Counter()
    root = tempfile.mkdtemp()  # no context manager: each process would leave it, and delete the folder
    before = dict.fromkeys(names, 0)
    for moment in range(moments):
        if time.monotonic() - begun > seconds:
            break
        name, kind = names[moment % len(names)], SIGNALS[moment // len(names) % len(SIGNALS)]
        action, measure = ACTIONS[name]
        folder = Path(root) / name
        folder.mkdir(exist_ok=True)
        code = interrupt(action, folder, kind, draw.uniform(0, 2.5))
        now = look(measure, folder)
        row = (name, kind.name)
        counts[(*row, "moments")] += 1
        counts[(*row, "crashed")] += code not in ALLOWED[kind]
        counts[(*row, "worse file")] += now < before[name]
        counts[(*row, "newer file")] += now > before[name]
        before[name] = now
    left = sum(1 for name in names for file in (Path(root) / name).iterdir() if file.suffix == ".part")
    shutil.rmtree(root)
    columns = ["moments", "crashed", "worse file", "newer file"]
    print(f"{'action':8}{'signal':9}" + "".join(f"{column:>12}" for column in columns))
    for row in sorted({key[:2] for key in counts}):
        print(f"{row[0]:8}{row[1]:9}" + "".join(f"{counts[(*row, column)]:12}" for column in columns))
    print(f"unfinished files left at the end: {left} (at most one per action, deleted by the next start)")
    wrong = sum(count for (*_, column), count in counts.items() if column in ("crashed", "worse file"))
    return int(wrong > 0 or left > len(names))


if __name__ == "__main__":
    numbers = [float(argument) for argument in sys.argv[1:]]
    sys.exit(main(int(numbers[0]) if numbers else 200, numbers[1] if len(numbers) > 1 else 360, [*ACTIONS]))
