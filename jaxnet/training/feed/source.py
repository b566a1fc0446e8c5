"""Where the examples come from: arrays, a file that is streamed, or batches."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from jaxnet._arrays import as_array, numbers
from jaxnet._validation import check_finite, check_pair, holds_batches
from jaxnet.training.compiled.plan import Plan
from jaxnet.training.compiled.task import Data
from jaxnet.training.feed.chunks import Check, Chunk, iterated, prefetch, resident, streamed
from jaxnet.training.feed.placement import Placing


class Source(NamedTuple):
    """The data: arrays in memory, arrays in a file, or batches, of which ``x``, ``y`` are the first one."""

    x: Any
    y: Any
    stream: str | None = None  # None, "rows" or "batches"
    size: int = 0
    first: Iterable[Any] = ()
    later: Iterator[Iterable[Any]] = iter(())
    name: str = "fit"
    check: Check | None = None

    @classmethod
    def of(cls, data: Any, batch_size: int | None, epochs: int, name: str = "fit") -> "Source":
        """Check what the user gave as data."""
        two = isinstance(data, tuple | list) and len(data) == 2 and not holds_batches(name, data)
        if two and isinstance(data[0], np.memmap) and name == "fit":  # the only one that streams
            return cls._in_file(name, *data)
        if two or (isinstance(data, tuple) and not holds_batches(name, data)):
            return cls(*check_pair(name, data), name=name)
        if not callable(data) and (not isinstance(data, Iterable) or _is_one_thing(data)):
            raise TypeError(
                f"{name}: expected the data as a pair (x, y) or as batches, got {type(data).__name__}; "
                "give a tuple of inputs and targets"
            )
        of_epoch: Callable[[int], Any] = data if callable(data) else lambda epoch: data
        if batch_size is not None:
            raise ValueError(f"{name}: batches that are given come in their own size; leave out batch_size")
        if isinstance(data, Iterator) and epochs > 1:
            raise ValueError(
                f"{name}: an iterator can be gone through once, not for {epochs} epochs; give a data loader, "
                "or a function epoch -> iterable"
            )
        stream = iter(of_epoch(0))
        first = next(stream, None)
        if first is None:
            raise ValueError(f"{name}: there is no batch in the data; give at least one pair (x, y)")
        # copies: the loader may fill its buffer again while the network is traced
        x, y = (np.array(part) for part in check_pair(name, first))
        again = (of_epoch(epoch) for epoch in itertools.count(1))
        return cls(x, y, "batches", len(x), itertools.chain([(x, y)], stream), again, name)

    @classmethod
    def _in_file(cls, name: str, x: np.memmap, y: Any) -> "Source":
        y = as_array(name, "y", y)
        if x.ndim == 0 or y.ndim == 0 or len(x) == 0 or len(x) != len(y):
            raise ValueError(
                f"{name}: expected as many targets as examples in the file, got x of shape {x.shape} and y "
                f"of shape {y.shape}"
            )
        numbers(name, "x", x[:1])
        check_finite(name, "y", y, traced=False)
        return cls(x, y, "rows", name=name)


def _is_one_thing(data: Any) -> bool:
    """Whether ``data`` can be gone through, but not batch by batch: an array, a table, a mapping, text."""
    return isinstance(data, Mapping | str | bytes) or hasattr(data, "shape")


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
    told: dict[str, Any] = {"name": source.name, "check": source.check}
    if source.stream == "rows":
        chunks = streamed(data, rows, words, size, epochs, chosen, begin, **told)
    else:
        like = Data(source.x[:1], source.y[:1])
        chunks = iterated(source.first, source.later, epochs, size, chosen.chunk, begin, like=like, **told)

    def placed() -> Iterator[Chunk]:
        for chunk in chunks:
            order = placing.order(chunk.order, len(chunk.data.x))
            yield chunk._replace(data=placing.whole(chunk.data), order=order)

    yield from prefetch(placed())
