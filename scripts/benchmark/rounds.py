"""Contestants side by side: each in a process of its own, one after another, round after round."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmark import works
from benchmark.works import Work

WORKER = Path(__file__).with_name("worker.py")
_BUFFERS = "--xla_gpu_enable_command_buffer=+FUSION,+CUBLAS,+CUBLASLT,+CUSTOM_CALL,+CUDNN,+CONDITIONAL,+WHILE"


def environment(name: str, device: str) -> dict[str, str]:
    """The environment of a worker: the device, and no compilation cache but its own."""
    dropped = ("JAX_", "XLA_FLAGS", "PYTHONDONTWRITEBYTECODE")  # installed packages have their bytecode
    own = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    own["PYTHONPATH"] = os.pathsep.join([str(WORKER.parents[2]), own.get("PYTHONPATH", "")])
    own["JAX_ENABLE_COMPILATION_CACHE"] = "false"
    if device == "cpu":
        own |= {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}
    if name == "jaxnet-buffers":
        own["XLA_FLAGS"] = _BUFFERS
    return own


class Worker:
    """A contestant's process."""

    def __init__(self, name: str, work: Work, folder: Path, device: str) -> None:
        self.name = name
        # a pipe that nobody reads would fill up
        self.complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115, open as long as the process
        self.process = subprocess.Popen(
            [sys.executable, WORKER, name, work.name, str(folder), device],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            text=True,
            env=environment(name, device),
        )
        self.version = self._answer()["ready"]

    def ask(self, command: str) -> dict[str, Any]:
        """Give a command and wait for the answer."""
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
            self.complaints.seek(0)
            told = self.complaints.read().strip().splitlines() or ["ended without a word"]
            self.end()
            raise Failed(self.name, told[-1])
        return json.loads(line)

    def end(self) -> None:
        """Let the process go."""
        self.process.kill()
        self.process.communicate()
        self.complaints.close()


class Failed(Exception):
    """A contestant that cannot take part: not installed, or broken down."""


def measure(
    work: Work, names: Sequence[str], folder: Path, device: str, rounds: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """One work by all contestants: the first training of each, then as many rounds as asked, in turn.

    Args:
        work: the work.
        names: who takes part.
        folder: where the data lie.
        device: ``"cpu"`` or ``"gpu"``.
        rounds: warm trainings of each.
        say: gets a line now and then.

    Returns:
        For each contestant: version, seconds of the first and of each warm training, median, samples a
        second, accuracy, peak memory, facts; and who could not take part, with the reason.
    """
    workers: list[Worker] = []
    missing: dict[str, str] = {}
    found: dict[str, dict[str, Any]] = {}
    examples = len(works.read_data(folder, work)[0])

    def lose(worker: Worker, failed: Failed) -> None:
        missing[worker.name] = failed.args[1]
        say(f"  {worker.name}: broken off, {failed.args[1]}")
        worker.end()
        workers.remove(worker)
        del found[worker.name]

    try:
        for name in names:
            try:
                worker = Worker(name, work, folder, device)
                found[name] = {"version": worker.version, "first": worker.ask("train")["seconds"], "warm": []}
                workers.append(worker)
            except Failed as failed:
                missing[name] = failed.args[1]
                say(f"  {name}: left out, {failed.args[1]}")
        for turn in range(rounds):
            # the order is turned round from round to round, so that nobody always comes after the same other
            for worker in workers[:] if turn % 2 == 0 else workers[::-1]:
                try:
                    found[worker.name]["warm"].append(worker.ask("train")["seconds"])
                except Failed as failed:
                    lose(worker, failed)
        for worker in workers[:]:
            own = found[worker.name]
            try:
                own |= worker.ask("finish")
            except Failed as failed:
                lose(worker, failed)
                continue
            scale = own["facts"].get("scale", 1.0)
            own["first"], own["warm"] = own["first"] * scale, [seconds * scale for seconds in own["warm"]]
            own["median"] = statistics.median(own["warm"])
            own["samples_per_second"] = examples * work.epochs * work.copies / own["median"]
            score = "" if own["accuracy"] is None else f", accuracy {own['accuracy']:.4f}"
            say(f"  {worker.name}: first {own['first']:.3g} s, warm {own['median']:.4g} s{score}")
    finally:
        for worker in workers:
            worker.end()
    return {
        "title": work.title,
        "examples": examples,
        "epochs": work.epochs,
        "contestants": found,
        "missing": missing,
    }


def ratio(found: dict[str, Any], slow: str, fast: str) -> float | None:
    """How many times longer ``slow`` took than ``fast``, the median over the rounds; None if one was away.

    Example:
        >>> ratio({"contestants": {"a": {"warm": [1.0, 2.0, 3.0]}, "b": {"warm": [0.5, 1.0, 0.5]}}}, "a", "b")
        2.0
    """
    there = found.get("contestants", {})
    if slow not in there or fast not in there:
        return None
    pairs = zip(there[slow]["warm"], there[fast]["warm"], strict=True)
    return statistics.median(a / b for a, b in pairs)
