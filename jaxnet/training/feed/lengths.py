"""Batches of sequences of similar length, in at most four shapes.

Padding costs as much as real steps. So the examples are sorted by length and cut into at most four groups,
each padded to its own longest sequence only; an epoch visits the groups in turns, and each program is
compiled for four shapes at most. Which example belongs to which group depends on the lengths alone, the order
of the batches on the key and the epoch.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxnet._padded import Padded
from jaxnet._validation import count_of
from jaxnet.training.compiled.task import Data
from jaxnet.training.feed.chunks import Chunk
from jaxnet.training.feed.order import epoch_order
from jaxnet.training.feed.placement import Placement

SHAPES = 4
_PLACES = 64  # where a group may end
_BLOCKS = 32  # blocks of batches of one shape in an epoch, at least


class Group(NamedTuple):
    """Examples of similar length.

    Attributes:
        data: these examples alone, padded to the longest of them.
        steps: batches in an epoch.
    """

    data: Data
    steps: int


def has_lengths(tree: Any) -> bool:
    """Whether examples are sequences of different lengths."""
    return isinstance(tree, Padded)


def grouped(data: Data, rows: np.ndarray | None, size: int, placement: Placement) -> tuple[Group, ...]:
    """The examples in groups of similar length, on the devices.

    Args:
        data: examples with a Padded x, on the host.
        rows: the examples to train on; None for all.
        size: examples in a batch. All groups but the last hold a multiple of it, so that only one batch of an
            epoch is not full.
        placement: where arrays lie.
    """
    lengths = np.asarray(data.x.lengths)
    rows = np.arange(len(lengths)) if rows is None else np.asarray(rows)
    ranked = rows[np.argsort(lengths[rows], kind="stable")]
    cuts = ends(lengths[ranked], size)
    groups = []
    for begin, end in zip((0, *cuts), cuts, strict=False):
        own = np.sort(ranked[begin:end])
        part = jax.tree.map(
            lambda leaf, own=own: _cut(leaf, own, lengths),
            data,
            is_leaf=lambda leaf: isinstance(leaf, Padded),
        )
        groups.append(Group(placement.whole(part), -(-len(own) // size)))
    return tuple(groups)


def _cut(leaf: Any, rows: np.ndarray, lengths: np.ndarray) -> Any:
    """The rows of an array; of sequences, only as many steps as the longest of them has."""
    if not isinstance(leaf, Padded):
        return np.asarray(leaf)[rows]
    longest = int(np.asarray(leaf.lengths)[rows].max())
    return Padded(np.asarray(leaf.values)[rows, :longest], np.asarray(leaf.lengths)[rows])


def ends(ranked: np.ndarray, size: int) -> tuple[int, ...]:
    """Where the groups end among ascending lengths, so that there are the fewest steps in all."""
    count = len(ranked)
    batches = -(-count // size)
    places = np.unique(np.linspace(0, batches, min(batches, _PLACES) + 1).astype(int)) * size
    places = np.minimum(places, count)
    # best[k][j]: the least number of steps with k groups up to places[j]
    best = np.full((SHAPES + 1, len(places)), np.inf)
    best[0, 0] = 0
    last = np.zeros((SHAPES + 1, len(places)), int)
    for groups in range(1, SHAPES + 1):
        for j in range(1, len(places)):
            costs = best[groups - 1, :j] + (places[j] - places[:j]) * float(ranked[places[j] - 1])
            last[groups, j] = int(np.argmin(costs))
            best[groups, j] = costs[last[groups, j]]
    groups, j, found = int(np.argmin(best[:, -1])), len(places) - 1, []
    while groups:
        found.append(int(places[j]))
        groups, j = groups - 1, last[groups, j]
    return tuple(reversed(found))


def by_length(
    groups: tuple[Group, ...],
    words: tuple[int, ...],
    size: int,
    epochs: int,
    longest: int,
    placement: Placement,
    begin: int = 0,
) -> Iterator[Chunk]:
    """Chunks of batches of similar length.

    Args:
        groups: the examples.
        words: the bits of the key.
        size: examples per step.
        epochs: how many epochs.
        longest: steps without the host.
        placement: where arrays lie.
        begin: steps already done.

    Yields:
        The chunks, in order; those of a group have at most two different numbers of steps.
    """
    total = sum(group.steps for group in groups)
    block = max(1, min(longest, total // _BLOCKS))
    done = 0
    for epoch in range(epochs):
        if done + total <= begin:
            done += total
            continue
        blocks = []
        for number, (data, steps) in enumerate(groups):
            count = count_of(data.x)
            order = epoch_order((*words, number), epoch, count, size)
            blocks += [(number, order[first : first + block]) for first in range(0, steps, block)]
        draw = np.random.Generator(np.random.Philox(np.random.SeedSequence([*words, epoch, SHAPES])))
        turns = draw.permutation(len(blocks))
        for turn, place in enumerate(turns):
            number, order = blocks[place]
            skipped = min(max(begin - done, 0), len(order))
            done += len(order)
            if skipped < len(order):
                data = groups[number].data
                placed = placement.order(order[None, skipped:], count_of(data.x))
                yield Chunk(data, placed, epoch, turn == len(turns) - 1)
