"""The batch size, and the weights of the examples."""

import numbers
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from jaxnet._padded import Padded
from jaxnet._validation import as_array, check_count, check_name, is_tree


def check_batch_size(name: str, batch_size: int | None, examples: int) -> int:
    """The batch size; None stands for 32, or all examples where there are fewer."""
    if batch_size is None:
        return min(32, examples)
    size = check_count(name, "batch_size", batch_size)
    if size > examples:
        raise ValueError(
            f"{name}: batch_size is {size} but there are {examples} examples; give at most {examples}"
        )
    return size


def example_weights(
    name: str, y: Any, sample_weights: Any, class_weights: Mapping[int, float] | Any | None
) -> Any:
    """One weight per example with mean 1, or None where all count alike.

    Args:
        name: the function that the user called.
        y: targets.
        sample_weights: (n,) weights of the examples, or None.
        class_weights: class -> weight (classes left out weigh 1), one weight per class, ``"balanced"`` for
            n / (classes * count of the class), or None.

    Returns:
        float32 (n,): the product of both, scaled to mean 1, so that the loss keeps its size. Of several
        targets by name, weights given by name: name -> (n,).

    Example:
        >>> example_weights("fit", np.array([0, 0, 0, 0, 1, 1]), None, "balanced").tolist()
        [0.75, 0.75, 0.75, 0.75, 1.5, 1.5]
    """
    if sample_weights is None and class_weights is None:
        return None
    if isinstance(y, Padded):
        if class_weights is not None:
            raise ValueError(
                f"{name}: class_weights need one label for each example, got targets for each step; give "
                "sample_weights instead"
            )
        y = y.lengths
    if is_tree(y):
        return _by_output(name, y, sample_weights, class_weights)
    weight = np.ones(len(y))
    if sample_weights is not None:
        given = np.asarray(as_array(name, "sample_weights", sample_weights), np.float64)
        if given.shape != (len(y),):
            raise ValueError(f"{name}: expected sample_weights of shape ({len(y)},), got {given.shape}")
        weight = weight * given
    if class_weights is not None:
        labels = np.asarray(y)
        if labels.ndim != 1 or labels.dtype.kind not in "biu":
            raise ValueError(
                f"{name}: class_weights need y as one integer label for each example, got {labels.dtype} of "
                f"shape {labels.shape}; give sample_weights instead"
            )
        labels = labels.astype(np.int64)
        weight = weight * _class_weights(name, labels, class_weights)[labels]
    if not np.isfinite(weight).all() or (weight < 0).any() or weight.sum() == 0:
        raise ValueError(f"{name}: weights must be finite, not negative and not all zero")
    return (weight / weight.mean()).astype(np.float32)


def label_weights(name: str, y: np.ndarray, given: Any) -> tuple[float, ...]:
    """How much a positive target of each label counts, against 1 for a negative one.

    Args:
        name: the function that the user called.
        y: labels (n, k), 0 or 1.
        given: label -> weight, one weight per label, or "balanced": (negative / positive) of each label.

    Example:
        >>> label_weights("fit", np.array([[1, 0], [0, 0], [0, 1], [0, 0]]), "balanced")
        (3.0, 3.0)
    """
    count = y.shape[1]
    if isinstance(given, str) and given == "balanced":
        positive = (y > 0.5).sum(0)
        weights = np.where(positive > 0, (len(y) - positive) / np.maximum(positive, 1), 1.0)
    elif isinstance(given, Mapping):
        weights = np.ones(count)
        for label, weight in given.items():
            if not isinstance(label, int | np.integer) or isinstance(label, bool) or not 0 <= label < count:
                raise ValueError(
                    f"{name}: expected labels from 0 to {count - 1} in class_weights, got {label!r}"
                )
            weights[label] = weight
    else:
        weights = np.asarray(as_array(name, "class_weights", given), np.float64)
    if weights.shape != (count,) or not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError(
            f"{name}: expected {count} class_weights of at least 0, one per label, got {given!r}"
        )
    return tuple(float(weight) for weight in weights)


def _by_output(name: str, y: Any, sample_weights: Any, class_weights: Any) -> Any:
    """Weights of the examples, or where they are given by output, of the examples in the loss of each."""
    outputs = [*y] if isinstance(y, Mapping) else list(getattr(y, "_fields", ()))
    by_name = [isinstance(given, Mapping) for given in (sample_weights, class_weights)]
    if not any(by_name):
        if class_weights is not None:
            raise TypeError(
                f"{name}: expected class_weights by output, such as {{{outputs[0]!r}: 'balanced'}}, got "
                f"{class_weights!r:.60}"
            )
        return example_weights(name, jax.tree.leaves(y)[0], sample_weights, None)
    weights = {}
    for given in (sample_weights, class_weights):
        for output in given if isinstance(given, Mapping) else ():
            check_name(name, "output", output, outputs)
    for output in outputs:
        own = [
            given.get(output) if is_named else given
            for given, is_named in zip((sample_weights, class_weights), by_name, strict=True)
        ]
        found = example_weights(name, y[output] if isinstance(y, Mapping) else getattr(y, output), *own)
        if found is not None:
            weights[output] = found
    return weights


def _class_weights(name: str, labels: np.ndarray, given: Any) -> np.ndarray:
    """The weight of each class from 0 to the largest label."""
    if labels.min() < 0:
        raise ValueError(f"{name}: class_weights need labels from 0 on, got {labels.min()}")
    counts = np.bincount(labels)
    if isinstance(given, str):
        if given != "balanced":
            raise ValueError(
                f"{name}: class_weights must be a mapping, an array or 'balanced', got {given!r}"
            )
        return len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    if not isinstance(given, Mapping):
        table = np.asarray(as_array(name, "class_weights", given), np.float64)
        if table.ndim != 1 or len(table) < len(counts):
            raise ValueError(
                f"{name}: expected one weight for each class in class_weights, got shape {table.shape} for "
                f"labels up to {len(counts) - 1}"
            )
        return table
    if not given:
        raise ValueError(
            f"{name}: expected class_weights to hold a weight, got an empty mapping; leave it out"
        )
    table = np.ones(len(counts))
    for label, weight in given.items():
        if (
            isinstance(label, bool)
            or not isinstance(label, numbers.Integral)
            or not isinstance(weight, numbers.Real)
        ):
            raise TypeError(
                f"{name}: expected class_weights as class number -> weight, got {label!r}: {weight!r}"
            )
        number = int(label)
        if number < 0:
            raise ValueError(f"{name}: class_weights need labels from 0 on, got {number}")
        if number >= len(counts):
            raise ValueError(
                f"{name}: class_weights has a weight for class {number}, but the labels go from "
                f"{labels.min()} to {labels.max()}; leave it out"
            )
        table[number] = weight
    return table
