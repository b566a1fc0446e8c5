"""Checkpoints of a run, and how ``fit`` resumes from the last one.

The order of the examples and the dropout masks are functions of the key and the step, so a checkpoint holds
the parameters, the optimizer's state, the step and the history. On the same kind of device a run that resumes
ends with the same bits as one that was never interrupted.
"""

import ast
import hashlib
import json
import os
import re
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxnet import specs
from jaxnet._storage import describe, read, remove_leftovers, write
from jaxnet._validation import check_count, is_tree, named_arrays
from jaxnet.layers import Layer
from jaxnet.training.compiled.fingerprint import name_or_digest
from jaxnet.training.compiled.task import State, Tally
from jaxnet.training.host.journal import Journal

#: data of up to so many bytes are compared as a whole when a run resumes, larger ones by 1,024 rows
_WHOLE_BYTES = 64 << 20


class Checkpoint(NamedTuple):
    """Where and how often ``fit`` writes a run.

    Attributes:
        directory: one for each run.
        seconds: least time between two checkpoints; the end of a run is always written.
        keep: how many of the last checkpoints stay. If the last one is damaged, ``fit`` resumes from the
            one before.
    """

    directory: str | os.PathLike[str]
    seconds: float = 30.0
    keep: int = 2


class CheckpointStore:
    """Writes the checkpoints of a run and finds the last one.

    Args:
        where: what the user gave: a directory or a :class:`Checkpoint`.
        run: what identifies the run, name -> text; a checkpoint of another run is refused.
    """

    def __init__(self, where: Checkpoint | str | os.PathLike[str], run: Mapping[str, str]):
        """Make the directory, and delete what a killed process left there."""
        where = where if isinstance(where, Checkpoint) else Checkpoint(where)
        self._keep = check_count("fit", "keep of Checkpoint", where.keep)
        self._seconds = float(where.seconds)
        self.folder: Path = Path(where.directory)
        self._run = dict(run)
        if self.folder.exists() and not self.folder.is_dir():
            raise ValueError(f"fit: checkpoint must be a directory, but {self.folder} is a file")
        self.folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(self.folder, "step-")
        self._damaged: list[Path] = []
        self._last = time.monotonic()
        self._step = -1

    def find(self, start: State) -> tuple[State, Journal] | None:
        """The last checkpoint that can be read, or None where there is none.

        Args:
            start: the state of a run that begins, for the structure of the optimizer's state.

        Raises:
            ValueError: every checkpoint is damaged, or they belong to another run.
        """
        files = self._files()
        while files:
            try:
                tree, words = read(files[-1], "fit")
                break
            except ValueError as error:
                self._damaged.append(files.pop())
                if not files:
                    raise
                warnings.warn(
                    f"{error}; resuming from the checkpoint before it, {files[-1].name}", stacklevel=4
                )
        else:
            return None
        if "run" not in words:
            raise ValueError(f"fit: {files[-1]} is not the checkpoint of a run")
        for name, was, now in _compared(json.loads(words["run"]), self._run):
            if now != was:
                raise ValueError(
                    f"fit: the checkpoints in {self.folder} belong to another run ({name} was {was}, is "
                    f"{now}); give another directory, or delete it to begin anew"
                )
        kept, partial = json.loads(words["journal"]), tree["partial"]
        state = State(
            _like(start.params, tree["params"]),
            _like(start.opt_state, tree["opt_state"]),
            np.asarray(tree["step"]),
            None if start.average is None else _like(start.average, tree["average"]),
        )
        self._step = int(state.step)
        return state, Journal(
            tuple({name: float.fromhex(value) for name, value in row.items()} for row in kept["rows"]),
            None if partial is None else Tally(partial[0], tuple(partial[2:]), partial[1]),
            None if kept["best"] is None else float.fromhex(kept["best"]),
            kept["best_epoch"],
            None if tree["best"] is None else _like(start.params, tree["best"]),
            tuple(tree["statistics"]),
        )

    def __call__(self, state: State, journal: Journal, last: bool) -> None:
        """Write a checkpoint if it is time, and delete those that are too old."""
        if not last and time.monotonic() - self._last < self._seconds:
            return
        if int(state.step) == self._step or jax.process_index() != 0:
            return
        partial = journal.partial
        tree = {
            "params": _plain(state.params),
            "opt_state": jax.tree.leaves(state.opt_state),
            "step": np.asarray(state.step),
            **({} if state.average is None else {"average": _plain(state.average)}),
            "partial": None if partial is None else [partial.loss, partial.count, *partial.metrics],
            "best": None if journal.best_params is None else _plain(journal.best_params),
            "statistics": list(journal.statistics),
        }
        kept = {
            "rows": [{name: value.hex() for name, value in row.items()} for row in journal.rows],
            "best": None if journal.best is None else journal.best.hex(),
            "best_epoch": journal.best_epoch,
        }
        words = {"run": json.dumps(self._run), "journal": json.dumps(kept)}
        path = self.folder / f"step-{int(state.step):012d}.safetensors"
        write(path, tree, words)
        self._last, self._step = time.monotonic(), int(state.step)
        for damaged in self._damaged:
            if damaged != path:
                damaged.unlink(missing_ok=True)
        self._damaged = []
        for old in self._files()[: -self._keep]:
            old.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("step-*.safetensors"))


def _plain(tree: Any) -> Any:
    """The tree itself where a file can hold its structure, its leaves where it cannot."""
    try:
        describe(tree, (), {})
    except TypeError:
        return jax.tree.leaves(tree)
    return tree


def _like(template: Any, tree: Any) -> Any:
    """The leaves of the tree in the structure of the template."""
    leaves, structure = jax.tree.leaves(tree), jax.tree.structure(template)
    shapes = [np.shape(leaf) for leaf in jax.tree.leaves(template)]
    if [np.shape(leaf) for leaf in leaves] != shapes:
        raise ValueError("fit: the checkpoint holds parameters of another shape")
    return jax.tree.unflatten(structure, leaves)


def run_description(net: Any, job: Any, early: Any) -> dict[str, str]:
    """What makes a run this run, as text: network, data, numbers; not how many epochs, nor which devices.

    Functions of this library count by their name and options, so that a later version knows them again.
    """
    x, y = job.examples
    task = job.task

    def function(pure: Any) -> str:
        return "None" if pure is None else name_or_digest(pure.function)

    return {
        "format": "2",
        "network": json.dumps(_network(net)),
        "parameters": str(jax.tree.map(lambda leaf: f"{leaf.dtype}{leaf.shape}", job.state.params)),
        "loss": function(task.loss),
        "optimizer": function(task.optimizer),
        "learning_rate": str(job.hyper.learning_rate) if task.schedule is None else function(task.schedule),
        "l2": str(job.hyper.l2),
        "key": str(job.key_bits),
        "batch_size": str(job.batch_size),
        "x": _sample(x),
        "y": _sample(y),
        **{
            name: str(value)
            for name, value in (("factors", task.factors), ("clip", task.clip), ("average", task.average))
            if value is not None
        },
        **({"loss weights": str([part.weight for part in task.parts])} if task.parts else {}),
        "metrics": str([(name, function(metric)) for name, metric in task.metrics]),
        "compute_dtype": str(task.compute_dtype),
        "transform": function(task.transform),
        "weights": "None" if job.weight is None else _sample(job.weight),
        "validation": "None" if job.validation is None else _sample(job.validation.data.x),
        "early_stopping": str(early),
        "held-out rows": _held_out(job),
        "all of x": _content(x),
        "all of y": _content(y),
        "all of the weights": _content(job.weight),
        "all of the validation data": str(
            [] if job.validation is None else [_content(part) for part in job.validation.data[:2]]
        ),
    }


def _held_out(job: Any) -> str:
    """Which rows of the training data are for validation."""
    held_out = job.validation
    if held_out is None or held_out.data.x is not job.data.x or held_out.data.y is not job.data.y:
        return "None"
    return _hash(held_out.order)


def _network(net: Any) -> Any:
    """A library's layer by its name and the options that are not the default, a custom one by its code."""
    if not isinstance(net, Layer) or net.spec.name == "custom":
        return {"custom": name_or_digest(net.apply)}
    name, options, layers = net.spec
    return {
        "name": name,
        "options": {
            key: name_or_digest(value) if callable(value) else value
            for key, value in specs.chosen(name, options)
        },
        "layers": [_network(layer) for layer in layers],
    }


def _compared(was: dict[str, str], now: Mapping[str, str]) -> list[tuple[str, str | None, str | None]]:
    """What a record says of a run, beside what this run is: (name, was, is).

    A record without a format number holds digests of code, which differ from version to version. They are
    passed over; only whether there was a schedule or a transform, and the names of the metrics are compared.
    Among whole-number targets it held out other rows, on which the run would now be trained.
    """
    if "format" in was:
        return [(name, was.get(name), now.get(name)) for name in was]
    if now["held-out rows"] != "None" and not now["y"].startswith("float"):
        return [("held-out rows", "chosen by an earlier version", now["held-out rows"])]
    kinds: dict[str, Callable[[str], str]] = {
        "network": lambda _: "", "loss": lambda _: "", "optimizer": lambda _: "", "transform": _kind,
        "learning_rate": _kind, "metrics": lambda text: str([name for name, _ in ast.literal_eval(text)]),
    }  # fmt: skip
    return [(name, kinds.get(name, str)(was[name]), kinds.get(name, str)(now[name])) for name in was]


def _kind(text: str) -> str:
    """None or a number as it is; of a function only that it is one."""
    try:
        number = text == "None" or float(text) is not None
    except ValueError:
        number = False
    return text if number and not re.fullmatch("[0-9a-f]{16}", text) else "a function"


def _sample(array: Any) -> str:
    """Shape, dtype and a digest of some rows all over the array, or of each array of a tree."""
    if is_tree(array):
        return str({name: _sample(part) for name, part in named_arrays("", array)})
    rows = np.unique(np.linspace(0, len(array) - 1, 1024).astype(np.int64))
    return f"{array.dtype}{tuple(array.shape)} {_hash(array[rows])}"


def _content(array: Any) -> str:
    """A digest of the whole array, where it is small enough to be read in a moment; or of each of a tree."""
    if is_tree(array):
        return str({name: _content(part) for name, part in named_arrays("", array)})
    return "None" if array is None or array.nbytes > _WHOLE_BYTES else _hash(array)


def _hash(array: Any) -> str:
    content = np.ascontiguousarray(np.asarray(array)).reshape(-1).view(np.uint8).data
    return hashlib.sha256(content).hexdigest()[:16]
