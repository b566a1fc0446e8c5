"""Where the examples come from: arrays, a file that is streamed, or batches that are given."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from jaxnet._validation import as_array, check_pair
from jaxnet.training.compiled.plan import Plan
from jaxnet.training.compiled.task import Data
from jaxnet.training.feed.chunks import Chunk, iterated, prefetch, resident, streamed
from jaxnet.training.feed.placement import Placing


class Source(NamedTuple):
    """The data: arrays in memory, arrays in a file, or batches."""

    x: Any
    y: Any
    stream: str | None = None  # None, "rows" or "batches"
    size: int = 0
    first: Iterable[Any] = ()
    later: Iterator[Iterable[Any]] = iter(())

    @classmethod
    def of(cls, data: Any, batch_size: int | None, epochs: int) -> "Source":
        """Check what the user gave as data."""
        if (
            isinstance(data, tuple)
            or (isinstance(data, list) and len(data) == 2)
            or isinstance(data, np.ndarray)
        ):
            if isinstance(data, tuple | list) and len(data) == 2 and isinstance(data[0], np.memmap):
                x, y = data[0], as_array("fit", "y", data[1])
                if len(x) == 0 or len(x) != len(y):
                    raise ValueError(
                        f"fit: x has {len(x)} examples and y has {len(y)}; they must be equally many"
                    )
                return cls(x, y, "rows")
            return cls(*check_pair("fit", data))
        if not callable(data) and not isinstance(data, Iterable):
            raise TypeError(
                f"fit: expected the data as a pair (x, y) or as batches, got {type(data).__name__}"
            )
        of_epoch: Callable[[int], Any] = data if callable(data) else lambda epoch: data
        if batch_size is not None:
            raise ValueError("fit: batches that are given come in their own size; leave out batch_size")
        if isinstance(data, Iterator) and epochs > 1:
            raise ValueError(
                f"fit: an iterator can be gone through once, not for {epochs} epochs; give a data loader, or "
                "a function epoch -> iterable"
            )
        stream = iter(of_epoch(0))
        first = next(stream, None)
        if first is None:
            raise ValueError("fit: there is no batch in the data")
        x, y = check_pair("fit", first)
        again = (of_epoch(epoch) for epoch in itertools.count(1))
        return cls(x, y, "batches", len(x), itertools.chain([first], stream), again)


def remaining_chunks(
    source: Source,
    data: Data,
    rows: np.ndarray | None,
    words: tuple[int, ...],
    size: int,
    epochs: int,
    chosen: Plan,
    placing: Placing,
    begin: int,
) -> Iterator[Chunk]:
    """The chunks that are left after ``begin`` steps, with their orders on the devices."""
    if source.stream is None:
        for chunk in resident(data, rows, words, size, epochs, chosen, begin):
            yield chunk._replace(order=placing.order(chunk.order, len(data.x)))
        return
    if source.stream == "rows":
        chunks = streamed(data, rows, words, size, epochs, chosen, begin)
    else:
        chunks = iterated(source.first, source.later, epochs, size, chosen.chunk, begin)

    def placed() -> Iterator[Chunk]:
        for chunk in chunks:
            order = placing.order(chunk.order, len(chunk.data.x))
            yield chunk._replace(data=placing.whole(chunk.data), order=order)

    yield from prefetch(placed())
