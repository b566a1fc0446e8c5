"""Run the contestants: each in its own process, one after another, round after round."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmark import workloads
from benchmark.workloads import Workload

WORKER = Path(__file__).with_name("worker.py")
#: ways to run PyTorch on the CPU; the fastest of them is what we are compared with
PYTORCH = ("torch", "torch-compile", "torch-channels-last")
_BUFFERS = "--xla_gpu_enable_command_buffer=+FUSION,+CUBLAS,+CUBLASLT,+CUSTOM_CALL,+CUDNN,+CONDITIONAL,+WHILE"


def environment(name: str, device: str) -> dict[str, str]:
    """The environment of a worker: it selects the device and disables the compilation cache."""
    dropped = ("JAX_", "XLA_FLAGS", "PYTHONDONTWRITEBYTECODE")  # users import cached bytecode
    env = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    env["PYTHONPATH"] = os.pathsep.join([str(WORKER.parents[2]), env.get("PYTHONPATH", "")])
    env["JAX_ENABLE_COMPILATION_CACHE"] = "false"
    if device == "cpu":
        env |= {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}
    if name == "jaxnet-buffers":
        env["XLA_FLAGS"] = _BUFFERS
    return env


class Worker:
    """The process of a contestant."""

    def __init__(
        self, name: str, workload: Workload, folder: Path, device: str, python: str = sys.executable
    ) -> None:
        self.name = name
        # a file, because a pipe that is not read fills up
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115, closed in end()
        self.process = subprocess.Popen(
            [python, WORKER, name, workload.name, str(folder), device],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=environment(name, device),
        )
        self.version = self._answer()["ready"]

    def ask(self, command: str) -> dict[str, Any]:
        """Send a command and wait for the answer."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            errors = self.errors.read().strip().splitlines() or ["exited without an error message"]
            self.end()
            raise WorkerError(errors[-1])
        return json.loads(line)

    def end(self) -> None:
        """Kill the process and close its files."""
        self.process.kill()
        self.process.communicate()
        self.errors.close()


def interpreter(name: str, chosen: Mapping[str, str]) -> str:
    """The Python of a contestant: the one chosen for it, for its library, or this one.

    Raises:
        WorkerError: for ``jaxnet-oldest`` without an interpreter of its own.

    Example:
        >>> interpreter("torch-compile", {"torch": "/opt/torch/bin/python"})
        '/opt/torch/bin/python'
    """
    if name == "jaxnet-oldest" and name not in chosen:
        raise WorkerError("no interpreter with the oldest JAX; give --python jaxnet-oldest=PATH")
    return chosen.get(name) or chosen.get(name.partition("-")[0]) or sys.executable


class WorkerError(Exception):
    """A contestant failed: it is not installed, or it crashed."""


def measure(
    workload: Workload,
    names: Sequence[str],
    folder: Path,
    device: str,
    rounds: int,
    say: Callable[[str], None],
    pythons: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Run a workload with all contestants: a first training each, then the given number of rounds.

    Args:
        workload: the workload.
        names: names of the contestants.
        folder: folder of the data.
        device: ``"cpu"`` or ``"gpu"``.
        rounds: number of warm trainings per contestant.
        say: a function that reports progress.
        pythons: the interpreters of contestants or of whole libraries, by name.

    Returns:
        For each contestant: version, seconds of the first and of each warm training, median, examples per
        second, accuracy, peak memory and facts. For each missing contestant: the reason.
    """
    workers: list[Worker] = []
    missing: dict[str, str] = {}
    found: dict[str, dict[str, Any]] = {}
    examples = len(workloads.read_data(folder, workload)[0])

    def drop(worker: Worker, error: WorkerError) -> None:
        missing[worker.name] = str(error)
        say(f"  {worker.name}: failed: {error}")
        worker.end()
        workers.remove(worker)
        del found[worker.name]

    try:
        for name in names:
            try:
                worker = Worker(name, workload, folder, device, interpreter(name, pythons))
                found[name] = {"version": worker.version, "first": worker.ask("train")["seconds"], "warm": []}
                workers.append(worker)
            except WorkerError as error:
                missing[name] = str(error)
                say(f"  {name}: skipped: {error}")
        for number in range(rounds):
            # the order is reversed in every other round, so that nobody always runs after the same contestant
            for worker in workers[:] if number % 2 == 0 else workers[::-1]:
                try:
                    found[worker.name]["warm"].append(worker.ask("train")["seconds"])
                except WorkerError as error:
                    drop(worker, error)
        for worker in workers[:]:
            result = found[worker.name]
            try:
                result |= worker.ask("finish")
            except WorkerError as error:
                drop(worker, error)
                continue
            scale = result["facts"].get("scale", 1.0)
            result["first"] *= scale
            result["warm"] = [seconds * scale for seconds in result["warm"]]
            result["median"] = statistics.median(result["warm"])
            result["examples_per_second"] = examples * workload.epochs * workload.copies / result["median"]
            score = "" if result["accuracy"] is None else f", accuracy {result['accuracy']:.4f}"
            say(f"  {worker.name}: first {result['first']:.3g} s, warm {result['median']:.4g} s{score}")
    finally:
        for worker in workers:
            worker.end()
    return {
        "title": workload.title,
        "examples": examples,
        "epochs": workload.epochs,
        "contestants": found,
        "missing": missing,
    }


def ratio(found: dict[str, Any], slow: str, fast: str) -> float | None:
    """Time of ``slow`` divided by that of ``fast``, the median over the rounds; None if one is missing.

    Of the variants of a library (``torch``, ``torch-compile``) the fastest one counts.

    Example:
        >>> rounds = {"a": {"warm": [1.0, 2.0, 3.0]}, "b": {"warm": [0.5, 1.0, 0.5]}}
        >>> ratio({"contestants": rounds}, "a", "b")
        2.0
    """
    contestants = found.get("contestants", {})
    slow = fastest(contestants, slow)
    if slow not in contestants or fast not in contestants:
        return None
    pairs = zip(contestants[slow]["warm"], contestants[fast]["warm"], strict=True)
    return statistics.median(a / b for a, b in pairs)


def fastest(contestants: dict[str, Any], library: str) -> str:
    """The contestant of PyTorch whose median is the least; any other name stands for itself.

    Example:
        >>> fastest({"torch": {"warm": [2.0]}, "torch-compile": {"warm": [1.0]}}, "torch")
        'torch-compile'
    """
    variants = [name for name in PYTORCH if name in contestants]
    if library != "torch" or not variants:
        return library
    return min(variants, key=lambda name: statistics.median(contestants[name]["warm"]))
