"""Where the examples come from: arrays, a file that is streamed, or batches."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxnet._arrays import as_array, numbers
from jaxnet._validation import (
    check_finite,
    check_pair,
    count_of,
    described,
    holds_batches,
    kind_of,
    named_arrays,
    read_tree,
)
from jaxnet.training.compiled.plan import Plan
from jaxnet.training.compiled.task import Data
from jaxnet.training.feed.chunks import Check, Chunk, iterated, prefetch, resident, streamed
from jaxnet.training.feed.placement import Placement


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
        if two and name == "fit" and any(isinstance(part, np.memmap) for part in jax.tree.leaves(data[0])):
            return cls._in_file(name, *data)  # the only function that streams
        if two or (isinstance(data, tuple) and not holds_batches(name, data)):
            return cls(*check_pair(name, data), name=name)
        if not callable(data) and (not isinstance(data, Iterable) or _is_one_thing(data)):
            raise TypeError(
                f"{name}: expected the data as a pair (x, y) or as batches, got {kind_of(data)}; "
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
        x, y = jax.tree.map(np.array, check_pair(name, first))
        again = (of_epoch(epoch) for epoch in itertools.count(1))
        return cls(x, y, "batches", count_of(x), itertools.chain([(x, y)], stream), again, name)

    @classmethod
    def _in_file(cls, name: str, x: Any, y: Any) -> "Source":
        y = read_tree(name, "y", y)
        x = read_tree(
            name, "x", x, lambda *told: told[2] if isinstance(told[2], np.memmap) else as_array(*told)
        )
        arrays = [array for _, array in (*named_arrays("x", x), *named_arrays("y", y))]
        lengths = {len(array) if array.ndim else -1 for array in arrays}
        if len(lengths) > 1 or lengths & {0, -1}:
            raise ValueError(
                f"{name}: expected as many targets as examples in the file, got x of shape {described(x)} "
                f"and y of shape {described(y)}"
            )
        for what, array in named_arrays("x", x):
            numbers(name, what, array[:1])
        for what, array in named_arrays("y", y):
            check_finite(name, what, array, traced=False)
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
    placement: Placement,
    begin: int,
) -> Iterator[Chunk]:
    """The chunks that are left after ``begin`` steps, with their orders on the devices."""
    if source.stream is None:
        for chunk in resident(data, rows, words, size, epochs, chosen, begin):
            yield chunk._replace(order=placement.order(chunk.order, count_of(data.x)))
        return
    told: dict[str, Any] = {"name": source.name, "check": source.check}
    if source.stream == "rows":
        chunks = streamed(data, rows, words, size, epochs, chosen, begin, **told)
    else:
        like = jax.tree.map(lambda part: part[:1], Data(source.x, source.y))
        chunks = iterated(source.first, source.later, epochs, size, chosen.chunk, begin, like=like, **told)

    def placed() -> Iterator[Chunk]:
        for chunk in chunks:
            order = placement.order(chunk.order, count_of(chunk.data.x))
            yield chunk._replace(data=placement.whole(chunk.data), order=order)

    yield from prefetch(placed())
