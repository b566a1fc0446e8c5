"""The order of the examples in an epoch, as a function of the key and the epoch only.

It is drawn on the host: sorting random numbers on the device is slow to compile and slow to run. Because it
depends on nothing else, a run that resumes gets the same batches.
"""

from typing import Any

import jax
import numpy as np


def key_bits(key: jax.Array) -> tuple[int, ...]:
    """The bits of a typed key as plain integers.

    Example:
        >>> key_bits(jax.random.key(7))
        (0, 7)
    """
    return tuple(int(word) for word in np.asarray(jax.random.key_data(key)).ravel())


def epoch_order(
    bits: tuple[int, ...], epoch: int, examples: int, batch_size: int, shuffle: bool = True
) -> Any:
    """The examples of each step of one epoch; each example comes exactly once.

    A last batch that is not full is filled with the index ``examples``, one past the end: it stands for no
    example and has weight 0.

    Args:
        bits: of the key, from :func:`key_bits`.
        epoch: counts from 0.
        examples: number of examples.
        batch_size: examples per step.
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
        draw = np.random.Generator(np.random.Philox(np.random.SeedSequence([*bits, epoch])))
        order[:examples] = draw.permutation(np.int32(examples))
    else:
        order[:examples] = np.arange(examples)
    return order.reshape(steps, batch_size)


EVALUATION_BATCH = 1024  # examples


def in_order(examples: int, rows: np.ndarray | None, batch_size: int = EVALUATION_BATCH) -> np.ndarray:
    """All examples (or those at ``rows``) in order, (1, steps, batch), the last batch filled up."""
    count = examples if rows is None else len(rows)
    order = epoch_order((), 0, count, min(batch_size, count), shuffle=False)[None]
    return order if rows is None else np.append(rows, examples).astype(np.int32)[order]
