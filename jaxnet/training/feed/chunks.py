"""Where the examples of each chunk come from: the device's memory, a file larger than memory, an iterable.

A chunk is a number of steps that run without the host. Data in memory stay on the device, and only the order
of the examples changes; streamed data arrive chunk by chunk, the next one while this one trains. Both look
the same to the compiled programs.
"""

import itertools
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import _validation
from jaxnet._arrays import as_array, jax_dtype
from jaxnet._padded import Padded
from jaxnet._validation import count_of
from jaxnet.data import memory
from jaxnet.training.compiled.plan import Plan
from jaxnet.training.compiled.task import Data
from jaxnet.training.feed import order as batches

STREAM_BYTES = 64 << 20  # a streamed chunk is at most about this large

Check = Callable[[Any, Any], None]


class Chunk(NamedTuple):
    """A number of steps.

    Attributes:
        data: what the order points into.
        order: (epochs, steps, batch) indices; an index past the end stands for no example.
        epoch: the first epoch it belongs to, from 0.
        ends: whether its last step is the last of an epoch.
    """

    data: Data
    order: Any
    epoch: int
    ends: bool


def resident(
    data: Data,
    rows: np.ndarray | None,
    words: tuple[int, ...],
    size: int,
    epochs: int,
    plan: Plan,
    begin: int = 0,
) -> Iterator[Chunk]:
    """Chunks of data that lie on the device.

    Args:
        data: on the device.
        rows: the examples to train on, as indices into the data; None for all.
        words: the bits of the key.
        size: examples per step.
        epochs: how many epochs.
        plan: where the steps run; a chunk of more steps than an epoch has takes all epochs at once.
        begin: steps already done.

    Yields:
        The chunks, in order.
    """
    count = count_of(data.x)
    examples = count if rows is None else len(rows)
    steps = -(-examples // size)

    def order_of(epoch: int) -> np.ndarray:
        order = batches.epoch_order(words, epoch, examples, size)
        return order if rows is None else np.append(rows, count).astype(np.int32)[order]

    if plan.kind == "run":
        yield Chunk(
            data, np.stack([order_of(epoch) for epoch in range(begin // steps, epochs)]), begin // steps, True
        )
        return
    for epoch in range(begin // steps, epochs):
        order = order_of(epoch)
        for first in range(begin % steps if epoch == begin // steps else 0, steps, plan.chunk):
            part = order[None, first : first + plan.chunk]
            yield Chunk(data, part, epoch, first + plan.chunk >= steps)


def streamed(
    data: Data,
    rows: np.ndarray | None,
    words: tuple[int, ...],
    size: int,
    epochs: int,
    plan: Plan,
    begin: int = 0,
    *,
    name: str = "fit",
    check: Check | None = None,
) -> Iterator[Chunk]:
    """Chunks of data that lie in a file: the rows of a chunk are read in ascending order.

    Args:
        data: arrays in a file, such as ``numpy.memmap``; only what a chunk needs is read.
        rows: the examples to train on, as indices into the data; None for all.
        words: the bits of the key; the examples come in the same order as from memory.
        size: examples per step.
        epochs: how many epochs.
        plan: where the steps run.
        begin: steps already done.
        name: the function that the user called.
        check: refuses what the network or the loss cannot take.

    Yields:
        The chunks, in order, on the host; the data of each hold its own rows only.
    """
    for _, order, epoch, ends in resident(data, rows, words, size, epochs, plan, begin):
        wanted = order.ravel()
        real = wanted < count_of(data.x)
        own = np.sort(wanted[real])
        local = np.where(real, np.searchsorted(own, wanted), wanted.size).astype(np.int32)
        block = jax.tree.map(lambda part, own=own, wanted=wanted: _read(name, part, own, wanted.size), data)
        if check is not None:
            check(block.x, block.y)
        yield Chunk(block, local.reshape(order.shape), epoch, ends)


def iterated(
    first: Iterable[Any],
    later: Iterator[Iterable[Any]],
    epochs: int,
    size: int,
    chunk: int,
    begin: int = 0,
    *,
    like: Data | None = None,
    name: str = "fit",
    check: Check | None = None,
) -> Iterator[Chunk]:
    """Chunks of the batches that an iterable gives.

    Args:
        first: the batches of the first epoch, pairs ``(x, y)``.
        later: the same for each further epoch.
        epochs: how many epochs.
        size: examples in a full batch; a smaller batch is filled up, its filling counts nothing.
        chunk: batches taken together.
        begin: steps already done; their batches are passed over.
        like: the first batch of the run, which all others follow in dtype and shape.
        name: the function that the user called.
        check: refuses what the network or the loss cannot take.

    Yields:
        The chunks, in order, on the host.
    """
    for epoch in range(epochs):
        stream = iter(first if epoch == 0 else next(later))
        passed = sum(1 for _ in itertools.islice(stream, begin))
        begin -= passed
        if begin:
            continue
        batch = next(stream, None)
        if batch is None and not passed:
            raise ValueError(
                f"{name}: the iterable of batches gave none in epoch {epoch + 1}; give one that can be gone "
                "through again, or a function epoch -> iterable"
            )
        while batch is not None:
            block = _Block(name, size, chunk, like)
            while batch is not None and block.count < chunk:
                block.add(
                    batch
                )  # copied before the next one is asked for: a loader may fill its buffer again
                batch = next(stream, None)
            data = block.data()
            like = jax.tree.map(lambda part: part[:1], data) if like is None else like
            if check is not None:
                check(data.x, data.y)
            yield Chunk(data, block.order[:, : block.count], epoch, batch is None)


class _Block:
    """Batches one after another in one array, each brought to ``size`` rows by its last one."""

    def __init__(self, name: str, size: int, chunk: int, like: Data | None):
        self.name, self.size, self.chunk, self.like = name, size, chunk, like
        self.count, self.whole, self.parts = 0, None, []
        self.order = np.empty((1, 0, size), np.int32)

    def add(self, batch: Any) -> None:
        """Copy a batch in, after it was checked."""
        pair = Data(*_validation.check_pair(self.name, batch))
        pair = pair if self.like is None else _as_long(pair, self.like)
        length = _validation.count_of(pair.x)
        if length > self.size:
            raise ValueError(
                f"{self.name}: a batch of {length} examples came after a first one of {self.size}; put the "
                "largest first"
            )
        if not self.parts:
            self.like = pair if self.like is None else self.like
            rows = self.chunk * self.size  # memory that is not written to costs nothing
            leaves, self.whole = jax.tree.flatten(self.like)
            self.parts = [memory.empty((rows, *part.shape[1:]), part.dtype) for part in leaves]
            self.order = np.full((1, self.chunk, self.size), rows, np.int32)
        begin = self.count * self.size
        if jax.tree.structure(pair) != self.whole:
            names = [", ".join(what for what, _ in _named(data)) for data in (pair, self.like)]
            raise ValueError(f"{self.name}: a batch has the arrays {names[0]}, the first one had {names[1]}")
        for (what, rows), block in zip(_named(pair), self.parts, strict=True):
            self._check_alike(what, rows, block)
            block[begin : begin + length] = rows
            block[begin + length : begin + self.size] = block[begin + length - 1]
        self.order[0, self.count, :length] = begin + np.arange(length)
        self.count += 1

    def _check_alike(self, what: str, rows: Any, block: np.ndarray) -> None:
        """Refuse rows that would be broadcast or cut to fit the first batch."""
        if rows.shape[1:] != block.shape[1:]:
            raise ValueError(
                f"{self.name}: a batch has {what} of shape {rows.shape}, the first one had examples of shape "
                f"{block.shape[1:]}; give all batches one shape, and of sequences the longest first"
            )
        with jax.numpy_dtype_promotion("standard"):
            fits = jnp.promote_types(rows.dtype, block.dtype) == block.dtype
        if not fits:
            raise TypeError(
                f"{self.name}: a batch has {what} of {rows.dtype}, the first one had {block.dtype}, which "
                f"cannot hold them; give all batches one dtype, such as {what}.astype(numpy.float32)"
            )

    def data(self) -> Data:
        """The batches so far."""
        assert self.whole is not None, "a block has at least one batch"
        return jax.tree.unflatten(self.whole, [part[: self.count * self.size] for part in self.parts])


def _as_long(pair: Data, like: Data) -> Data:
    """The batch with its sequences padded to the length of those in the first batch."""

    def longer(part: Any, first: Any) -> Any:
        if not isinstance(part, Padded) or not isinstance(first, Padded):
            return part
        missing = max(first.values.shape[1] - part.values.shape[1], 0)
        ends = [(0, 0), (0, missing)] + [(0, 0)] * (part.values.ndim - 2)
        return part._replace(values=np.pad(np.asarray(part.values), ends, mode="edge"))

    return Data(longer(pair.x, like.x), longer(pair.y, like.y))


def _named(data: Any) -> list[tuple[str, Any]]:
    return [*_validation.named_arrays("x", data.x), *_validation.named_arrays("y", data.y)]


def _read(name: str, source: Any, rows: np.ndarray, length: int) -> np.ndarray:
    """The rows of an array in a file, and the last of them again until there are ``length``."""
    source = np.asarray(source)  # of a memmap: a view of the file, nothing is read yet
    dtype = jax_dtype(source.dtype)
    block = memory.empty((length, *source.shape[1:]), dtype)
    if dtype == source.dtype:
        np.take(source, rows, axis=0, out=block[: len(rows)], mode="clip")  # other modes copy once more
    else:
        block[: len(rows)] = as_array(name, "x", source[rows])
    block[len(rows) :] = block[len(rows) - 1]
    return block


def prefetch(chunks: Iterator[Chunk], ahead: int = 1) -> Iterator[Chunk]:
    """The same chunks, made in another thread, up to ``ahead`` of them before they are asked for."""
    ready: queue.Queue[Any] = queue.Queue(maxsize=ahead)
    enough = threading.Event()

    def offer(item: Any) -> bool:
        while not enough.is_set():
            try:
                ready.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            for chunk in chunks:
                if not offer((chunk, None)):
                    return
            offer((None, None))
        except BaseException as error:  # raised where the chunk is waited for
            offer((None, error))

    thread = threading.Thread(target=work, name="jaxnet-prefetch", daemon=True)
    thread.start()
    try:
        while True:
            chunk, error = ready.get()
            if error is not None:
                raise error
            if chunk is None:
                return
            yield chunk
    finally:
        enough.set()
        thread.join()
