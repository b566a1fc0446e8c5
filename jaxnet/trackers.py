"""Records of a run, epoch by epoch, for ``fit(on_epoch=...)``: lines of JSON, TensorBoard.

Each of these functions returns a function that takes an :class:`jaxnet.training.Epoch`. The record of an
epoch is in the file before the next one begins, so that nothing is lost when the process is killed; a run
resumed from a checkpoint overwrites the epochs that it repeats. Of several processes the first one writes.
"""

import importlib
import json
import math
import os
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax

from jaxnet._storage import replace_file
from jaxnet.training.host.journal import Epoch, stops

Tracker = Callable[[Epoch], Any]

__all__ = ["all_of", "jsonl", "tensorboard"]


def jsonl(path: str | os.PathLike[str]) -> Tracker:
    """One line of JSON per epoch: ``{"epoch": 1, "epochs": 10, "time": ..., "loss": ..., ...}``.

    ``time`` is in seconds since 1970; numbers that are not finite are written as null. With
    ``fit(statistics=True)`` there are also ``layers`` (names) and ``statistics`` (name -> number per layer).

    Args:
        path: the file, created with its folders if missing. It holds one run: lines of the epoch to be
            written and of later ones are replaced.

    Returns:
        A function for ``on_epoch``.

    Raises:
        ValueError: (when called) the file does not hold epochs.

    Example:
        >>> import tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "run.jsonl")
        >>> write = jsonl(path)
        >>> for number, loss in [(1, 0.5), (2, 0.25)]:
        ...     write(Epoch(number, 2, {"loss": loss}, None))
        >>> [json.loads(line)["loss"] for line in Path(path).read_text().splitlines()]
        [0.5, 0.25]
    """
    file = Path(path)

    def write(epoch: Epoch) -> None:
        if jax.process_index() != 0:
            return
        row = {"epoch": 0, "epochs": 0, "time": 0.0}
        row |= {name: _number(value) for name, value in epoch.figures.items()}
        row |= {"epoch": epoch.epoch, "epochs": epoch.epochs, "time": round(time.time(), 3)}
        if epoch.layers:
            tables = {name: [_number(v) for v in values] for name, values in epoch.statistics.items()}
            row |= {"layers": epoch.layers, "statistics": tables}
        file.parent.mkdir(parents=True, exist_ok=True)
        _forget_from(file, epoch.epoch)
        with file.open("ab") as out:
            out.write(json.dumps(row, allow_nan=False).encode() + b"\n")

    return write


def tensorboard(directory: str | os.PathLike[str]) -> Tracker:
    """Curves for TensorBoard: each figure as a scalar at step = epoch (extra ``tensorboard``).

    With ``fit(statistics=True)`` there is a scalar per layer too, such as ``gradient_norm/dense 1``.

    Args:
        directory: of this run; ``tensorboard --logdir`` on its parent compares runs. Points of the epoch to
            be written and of later ones, from an earlier start of the run, are hidden.

    Returns:
        A function for ``on_epoch``.

    Raises:
        ImportError: the extra is not installed.

    Example:
        >>> import tempfile, jaxnet, numpy as np
        >>> x = np.array([[0.0], [1.0]])
        >>> folder = tempfile.mkdtemp()
        >>> run = jaxnet.fit(jaxnet.dense(1), (x, 2 * x), loss="mse", epochs=3, key=jax.random.key(0),
        ...                  on_epoch=tensorboard(folder))
        >>> [name.split(".")[1] for name in os.listdir(folder)]
        ['out']
    """
    try:
        from tensorboardX.event_file_writer import EventsWriter

        events: Any = importlib.import_module("tensorboardX.proto.event_pb2")
        summaries: Any = importlib.import_module("tensorboardX.proto.summary_pb2")
    except ImportError:
        raise ImportError(
            "trackers.tensorboard: needs the extra tensorboard: pip install 'jaxnet-quiz[tensorboard]'"
        ) from None
    folder = Path(directory)
    # not tensorboardX's SummaryWriter: its flush does not wait for its queue, so epochs could be lost
    writer: EventsWriter | None = None
    last = 0

    def begin(epoch: int) -> EventsWriter:
        folder.mkdir(parents=True, exist_ok=True)
        begun = any(folder.glob("events.out.tfevents.*"))
        # file names have a resolution of seconds: of two files in the same second one would be lost
        new = EventsWriter(str(folder / "events"), f".{time.time_ns()}")
        if begun:
            log = events.SessionLog(status=events.SessionLog.START)
            new.write_event(events.Event(wall_time=time.time(), step=epoch, session_log=log))
        weakref.finalize(write, new.close)
        return new

    def write(epoch: Epoch) -> None:
        nonlocal writer, last
        if jax.process_index() != 0:
            return
        if writer is None or epoch.epoch <= last:  # another run with the same function
            writer = begin(epoch.epoch)
        points = {name: float(value) for name, value in epoch.figures.items()}
        for name, values in epoch.statistics.items():
            points |= {f"{name}/{layer}": float(v) for layer, v in zip(epoch.layers, values, strict=True)}
        value = summaries.Summary.Value
        summary = summaries.Summary(value=[value(tag=tag, simple_value=v) for tag, v in points.items()])
        writer.write_event(events.Event(wall_time=time.time(), step=epoch.epoch, summary=summary))
        writer.flush()
        last = epoch.epoch

    return write


def all_of(*hooks: Tracker) -> Tracker:
    """Several functions for ``on_epoch`` as one; all are called, and training stops if any returns True.

    Args:
        *hooks: functions of an :class:`jaxnet.training.Epoch`.

    Returns:
        A function for ``on_epoch``.

    Raises:
        TypeError: an argument is not a function.

    Example:
        >>> seen = []
        >>> hook = all_of(lambda e: seen.append(e.epoch), lambda e: e.figures["loss"] < 0.1)
        >>> hook(Epoch(1, 9, {"loss": 0.5}, None)), hook(Epoch(2, 9, {"loss": 0.05}, None)), seen
        (False, True, [1, 2])
    """
    for hook in hooks:
        if not callable(hook):
            raise TypeError(f"trackers.all_of: expected functions of an epoch, got {hook!r:.60}")

    def call(epoch: Epoch) -> bool:
        return any([stops(hook(epoch)) for hook in hooks])

    return call


def _number(value: Any) -> float | None:
    value = float(value)
    return value if math.isfinite(value) else None


def _forget_from(file: Path, epoch: int) -> None:
    """Drop the lines of this epoch and of later ones, and a last line that is incomplete."""
    if not file.exists() or not file.stat().st_size:
        return
    last = _last_line(file)
    if last is not None and _epoch_of(file, last) < epoch:
        return
    *lines, torn = file.read_bytes().split(b"\n")
    kept = [line for line in lines if _epoch_of(file, line) < epoch]
    if len(kept) < len(lines) or torn:
        replace_file(file, b"".join(line + b"\n" for line in kept))


def _last_line(file: Path) -> bytes | None:
    """The last line if it is complete and not too long."""
    with file.open("rb") as content:
        content.seek(max(file.stat().st_size - 2**16, 0))
        tail = content.read()
    if not tail.endswith(b"\n") or (len(tail) == 2**16 and tail.count(b"\n") < 2):
        return None
    return tail.splitlines()[-1]


def _epoch_of(file: Path, line: bytes) -> int:
    try:
        epoch = json.loads(line)["epoch"]
    except (ValueError, TypeError, KeyError):
        epoch = None
    if not isinstance(epoch, int):
        raise ValueError(f"trackers.jsonl: {file} holds something other than epochs; give another file")
    return epoch
