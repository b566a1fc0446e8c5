"""Which examples make up which step: the order of an epoch, as a function of the key and the epoch only.

The order is drawn on the host. Sorting random numbers is slow to compile and slow to run on the device, and a
pure function of (key, epoch) is what lets a run that was killed go on with the same batches.
"""

from typing import Any

import jax
import numpy as np


def key_words(key: jax.Array) -> tuple[int, ...]:
    """The bits of a typed key as plain integers.

    Example:
        >>> key_words(jax.random.key(7))
        (0, 7)
    """
    return tuple(int(word) for word in np.asarray(jax.random.key_data(key)).ravel())


def epoch_order(
    words: tuple[int, ...], epoch: int, examples: int, batch_size: int, shuffle: bool = True
) -> Any:
    """The examples of each step of one epoch; each example comes exactly once.

    A last batch that is not full is filled with the index ``examples``, one past the end: it stands for no
    example and has weight 0.

    Args:
        words: the bits of the key, from :func:`key_words`.
        epoch: counts from 0.
        examples: how many examples there are.
        batch_size: how many of them make a step.
        shuffle: False keeps them in order.

    Returns:
        int32 array (steps, batch_size), steps = ceil(examples / batch_size).

    Example:
        >>> epoch_order((0, 7), 0, 5, 2, shuffle=False).tolist()
        [[0, 1], [2, 3], [4, 5]]
    """
    steps = -(-examples // batch_size)
    order = np.full(steps * batch_size, examples, np.int32)
    if shuffle:
        draw = np.random.Generator(np.random.Philox(np.random.SeedSequence([*words, epoch])))
        order[:examples] = draw.permutation(np.int32(examples))
    else:
        order[:examples] = np.arange(examples)
    return order.reshape(steps, batch_size)


def folds(labels: np.ndarray, count: int, words: tuple[int, ...]) -> list[np.ndarray]:
    """The examples dealt out into folds; integer labels keep their shares in each.

    Args:
        labels: targets (n, ...); one-dimensional integers are taken for classes.
        count: how many folds, at least 2 and at most n.
        words: the bits of the key.

    Returns:
        Sorted index arrays that together are all examples; their lengths differ by one at most.

    Example:
        >>> labels = np.array([0, 0, 0, 0, 1, 1])
        >>> [labels[fold].tolist() for fold in folds(labels, 2, (0, 7))]
        [[0, 0, 1], [0, 0, 1]]
    """
    dealt = _shuffled(labels, words)[0]
    return [np.sort(dealt[number::count]) for number in range(count)]


def _shuffled(labels: np.ndarray, words: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """All examples in random order, class after class, and the rank of each in its class, in (0, 1)."""
    draw = np.random.Generator(np.random.Philox(np.random.SeedSequence([*words, 0x5EED])))
    n = len(labels)
    shuffled = draw.permutation(n)
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        return shuffled, (np.arange(n) + 0.5) / n
    classes = labels[shuffled]
    by_class = np.argsort(classes, kind="stable")
    sizes = np.unique(classes, return_counts=True)[1]
    return shuffled[by_class], np.concatenate([(np.arange(size) + 0.5) / size for size in sizes])


def stratified_split(
    labels: np.ndarray, fraction: float, words: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Indices for training and for validation; integer labels keep their shares in both.

    Args:
        labels: targets (n, ...); one-dimensional integers are taken for classes.
        fraction: share of the examples for validation, in (0, 1).
        words: the bits of the key.

    Returns:
        ``(train, validation)``, sorted index arrays without overlap.

    Example:
        >>> train, held_out = stratified_split(np.array([0] * 8 + [1] * 4), 0.25, (0, 7))
        >>> len(train), (held_out < 8).sum().item(), (held_out >= 8).sum().item()
        (9, 2, 1)
    """
    shuffled, rank = _shuffled(labels, words)
    shuffled, n = shuffled[np.argsort(rank, kind="stable")], len(labels)  # the lowest ranks are held out
    held = min(max(round(n * fraction), 1), n - 1)
    return np.sort(shuffled[held:]), np.sort(shuffled[:held])
