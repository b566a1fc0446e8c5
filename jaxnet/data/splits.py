"""Examples dealt into parts: folds, and training against validation with the shares of the classes kept."""

import numpy as np


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
