"""Random parts of a set of examples, in which every class keeps its share."""

import numpy as np


def folds(labels: np.ndarray, count: int, words: tuple[int, ...]) -> list[np.ndarray]:
    """The examples dealt out into folds; integer labels keep their shares in each.

    Args:
        labels: targets (n, ...); integers (n,) or (n, 1) are taken for classes.
        count: how many folds, at least 2 and at most n.
        words: the bits of the key.

    Returns:
        Sorted index arrays that together are all examples; their lengths differ by one at most.

    Example:
        >>> labels = np.array([0, 0, 0, 0, 1, 1])
        >>> [labels[fold].tolist() for fold in folds(labels, 2, (0, 7))]
        [[0, 0, 1], [0, 0, 1]]
    """
    order, draw = _shuffled(len(labels), words)
    classes = _classes(labels)
    if classes is not None:  # class after class, the classes in random order: of numbers none favours a fold
        number = np.unique(classes[order], return_inverse=True)[1]
        order = order[np.argsort(draw.permutation(number.max() + 1)[number], kind="stable")]
    return [np.sort(order[first::count]) for first in range(count)]


def stratified_split(
    labels: np.ndarray, fraction: float, words: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Indices for training and for validation; integer labels keep their shares in both.

    Args:
        labels: targets (n, ...); integers (n,) or (n, 1) are taken for classes.
        fraction: share of the examples for validation, in (0, 1).
        words: the bits of the key.

    Returns:
        ``(train, validation)``, sorted index arrays without overlap.

    Example:
        >>> train, held_out = stratified_split(np.array([0] * 8 + [1] * 4), 0.25, (0, 7))
        >>> len(train), (held_out < 8).sum().item(), (held_out >= 8).sum().item()
        (9, 2, 1)
    """
    order, n = _shuffled(len(labels), words)[0], len(labels)
    classes = _classes(labels)
    order = order if classes is None else evenly(classes, order)
    size = min(max(round(n * fraction), 1), n - 1)
    return np.sort(order[size:]), np.sort(order[:size])


def evenly(classes: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The examples in an order in which every class is spread evenly.

    Args:
        classes: the class of each example.
        order: all examples in random order; it decides between examples that are equally far along.

    Example:
        >>> evenly(np.array([0, 0, 0, 0, 1, 1]), np.array([5, 4, 3, 2, 1, 0])).tolist()
        [3, 5, 2, 1, 4, 0]
    """
    place = np.empty(len(order))
    sizes = np.unique(classes[order], return_counts=True)[1]
    by_class = np.argsort(classes[order], kind="stable")
    place[by_class] = np.concatenate([(np.arange(size) + 0.5) / size for size in sizes])
    return order[np.argsort(place, kind="stable")]


def _shuffled(n: int, words: tuple[int, ...]) -> tuple[np.ndarray, np.random.Generator]:
    draw = np.random.Generator(np.random.Philox(np.random.SeedSequence([*words, 0x5EED])))
    return draw.permutation(n), draw


def _classes(labels: np.ndarray) -> np.ndarray | None:
    """One class for each example, where the labels may be that."""
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    return labels if labels.ndim == 1 and labels.dtype.kind in "biu" else None
