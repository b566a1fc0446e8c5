"""Where the examples of each chunk come from: the device's memory, a file larger than memory, an iterable.

A chunk is a stretch of steps that runs without the host. Data in memory stay on the device and only the
order of the examples changes; streamed data arrive chunk by chunk, the next one on its way while this one
trains. Both look the same to the compiled programs.
"""

import itertools
import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxnet import _validation
from jaxnet.data import memory
from jaxnet.training.compiled.plan import Plan
from jaxnet.training.compiled.task import Data
from jaxnet.training.feed import order as batches

STREAM_BYTES = 64 << 20  # a streamed chunk is at most about this large


class Chunk(NamedTuple):
    """A stretch of steps.

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
        size: examples a step.
        epochs: how many epochs.
        plan: where the steps run; a chunk of more steps than an epoch has takes all epochs at once.
        begin: steps already done.

    Yields:
        The chunks, in order.
    """
    examples = len(data.x) if rows is None else len(rows)
    steps = -(-examples // size)

    def order_of(epoch: int) -> np.ndarray:
        order = batches.epoch_order(words, epoch, examples, size)
        return order if rows is None else np.append(rows, len(data.x)).astype(np.int32)[order]

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
) -> Iterator[Chunk]:
    """Chunks of data that lie in a file: the rows of a chunk are read, in ascending order, and sent over.

    Args:
        data: arrays in a file, such as ``numpy.memmap``; only what a chunk needs is read.
        rows: the examples to train on, as indices into the data; None for all.
        words: the bits of the key; the examples come in the same order as from memory.
        size: examples a step.
        epochs: how many epochs.
        plan: where the steps run.
        begin: steps already done.

    Yields:
        The chunks, in order, on the host; the data of each hold its own rows only.
    """
    for _, order, epoch, ends in resident(data, rows, words, size, epochs, plan, begin):
        wanted = order.ravel()
        real = wanted < len(data.x)
        own = np.sort(wanted[real])
        local = np.where(real, np.searchsorted(own, wanted), wanted.size).astype(np.int32)
        block = Data(*(None if part is None else _read(part, own, wanted.size) for part in data))
        yield Chunk(block, local.reshape(order.shape), epoch, ends)


def iterated(
    first: Iterable[Any], later: Iterator[Iterable[Any]], epochs: int, size: int, chunk: int, begin: int = 0
) -> Iterator[Chunk]:
    """Chunks of the batches that an iterable gives.

    Args:
        first: the batches of the first epoch, pairs ``(x, y)``.
        later: the same for each further epoch.
        epochs: how many epochs.
        size: examples in a full batch; a smaller batch is filled up, its filling counts nothing.
        chunk: batches taken together.
        begin: steps already done; their batches are gone through, and dropped.

    Yields:
        The chunks, in order, on the host.
    """
    for epoch in range(epochs):
        stream = map(_own, first if epoch == 0 else next(later))
        dropped = sum(1 for _ in itertools.islice(stream, begin))
        begin -= dropped
        if begin:
            continue
        group = list(itertools.islice(stream, chunk))
        if not group and not dropped:
            raise ValueError(f"fit: the iterable of batches gave none in epoch {epoch + 1}")
        while group:
            following = list(itertools.islice(stream, chunk))
            yield Chunk(*_together(group, size), epoch, not following)
            group = following


def _own(batch: Any) -> Any:
    """The batch in memory of its own: several are held at once, and a loader may fill one buffer again."""
    if not isinstance(batch, tuple | list):
        return batch
    return tuple(np.array(part) if isinstance(part, np.ndarray) else part for part in batch)


def _together(group: list[Any], size: int) -> tuple[Data, Any]:
    pairs = [_validation.check_pair("fit", batch) for batch in group]
    longest = max(len(x) for x, _ in pairs)
    if longest > size:
        raise ValueError(
            f"fit: a batch of {longest} examples came after a first one of {size}; put the largest first"
        )
    order = np.full((1, len(pairs), size), len(pairs) * size, np.int32)
    for step, (x, _) in enumerate(pairs):
        order[0, step, : len(x)] = step * size + np.arange(len(x))
    x, y = (_joined([np.asarray(pair[part]) for pair in pairs], size) for part in (0, 1))
    return Data(x, y), order


def _read(source: Any, rows: np.ndarray, length: int) -> np.ndarray:
    """The rows of an array in a file, and the last of them again until there are ``length``."""
    source = np.asarray(source)  # of a memmap: a view of the file, nothing is read yet
    block = memory.empty((length, *source.shape[1:]), jax.dtypes.canonicalize_dtype(source.dtype))
    if block.dtype == source.dtype:
        np.take(source, rows, axis=0, out=block[: len(rows)], mode="clip")  # other modes copy once more
    else:
        block[: len(rows)] = source[rows]
    block[len(rows) :] = block[len(rows) - 1]
    return block


def _joined(batches: list[np.ndarray], size: int) -> np.ndarray:
    """Batches one after another, each brought to ``size`` rows by its last one."""
    block = memory.empty((len(batches) * size, *batches[0].shape[1:]), batches[0].dtype)
    for place, rows in enumerate(batches):
        own = block[place * size : (place + 1) * size]
        own[: len(rows)] = rows
        own[len(rows) :] = rows[-1]
    return block


def prefetch(chunks: Iterator[Chunk], ahead: int = 1) -> Iterator[Chunk]:
    """The same chunks, made in a thread of their own, ``ahead`` of them before they are asked for."""
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
        except BaseException as error:  # handed to the one who waits for the chunk
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
