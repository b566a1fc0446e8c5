"""Sequences of different lengths as one array."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from jaxnet import _validation
from jaxnet._padded import Padded


def pad(sequences: Iterable[Any], *, value: float = 0) -> Padded:
    """Put sequences of different lengths into one array, with their lengths.

    Args:
        sequences: arrays or lists (steps, ...), equal in all axes but the first: rows of features, or single
            numbers such as ids of words.
        value: what is written after the end of a sequence. No layer, loss or metric looks at it.

    Returns:
        ``Padded(values, lengths)``: values (n, longest, ...) in the common dtype, lengths (n,).

    Raises:
        TypeError: a sequence that does not hold numbers.
        ValueError: no sequence, one without a step, or sequences that differ in more than their lengths.

    Example:
        >>> from jaxnet import data
        >>> x = data.pad([[7, 8], [9]])
        >>> x.values.tolist(), x.lengths.tolist()
        ([[7, 8], [9, 0]], [2, 1])
    """
    if isinstance(sequences, Padded):
        raise TypeError("data.pad: expected a list of sequences, got a Padded, which needs no padding")
    if isinstance(sequences, str | bytes) or not isinstance(sequences, Iterable):
        raise TypeError(f"data.pad: expected a list of sequences, got {type(sequences).__name__}")
    parts = [
        np.asarray(_validation.numbers("data.pad", f"sequence {index}", part))
        for index, part in enumerate(sequences)
    ]
    if not parts:
        raise ValueError("data.pad: expected at least one sequence, got none")
    for index, part in enumerate(parts):
        if part.ndim == 0 or len(part) == 0:
            got = "a single number" if part.ndim == 0 else "no step"
            raise ValueError(
                f"data.pad: expected sequences of at least one step, got {got} in sequence {index}; leave it "
                "out"
            )
        if part.shape[1:] != parts[0].shape[1:]:
            raise ValueError(
                f"data.pad: expected sequences that differ in their lengths only, got steps of shape "
                f"{part.shape[1:]} in sequence {index} and {parts[0].shape[1:]} in sequence 0"
            )
    lengths = np.array([len(part) for part in parts], np.int32)
    dtype = np.result_type(*{part.dtype for part in parts})
    values = np.full((len(parts), lengths.max(), *parts[0].shape[1:]), value, dtype)
    for row, part in zip(values, parts, strict=True):
        row[: len(part)] = part
    return Padded(values, lengths)
