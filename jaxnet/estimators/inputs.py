"""The estimators' input: its checks, classes and weights."""

import math
import numbers
from typing import Any

import jax
import numpy as np
from sklearn.utils import check_array
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_consistent_length, validate_data

from jaxnet._arrays import numbers as numbers_of
from jaxnet._padded import Padded

#: scikit-learn's names of activations -> ours
NAMES = {"identity": "linear", "logistic": "sigmoid"}

#: duplicates are merged in batches up to this size: sorting 60,000 images would take more than a second
MERGED = 10_000


def number(
    who: str,
    what: str,
    value: Any,
    *,
    least: float = -math.inf,
    above: float = -math.inf,
    below: float = math.inf,
) -> None:
    """Raise TypeError or ValueError unless the value is a number within the bounds."""
    bounds = {"of at least": least, "above": above, "below": below}
    wanted = " and ".join(f"{how} {bound:g}" for how, bound in bounds.items() if math.isfinite(bound))
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    size = float(value) if real else math.nan
    if not (least <= size < below and size > above):
        error = ValueError if real else TypeError
        raise error(
            f"{who}: expected {what} to be a {f'number {wanted}' if wanted else 'number'}, got {value!r}"
        )


def checked(estimator: Any, X: Any, *y: Any, **options: Any) -> Any:
    """The input, and the targets, validated by scikit-learn; the input in JAX's float type."""
    if isinstance(X, Padded) or _differ(X):
        got = "a Padded" if isinstance(X, Padded) else "sequences of different lengths"
        raise ValueError(
            f"{type(estimator).__name__}: expected X as one row of features per example, got {got}; train a "
            "network over time with jaxnet.fit(jaxnet.rnn(...), (jaxnet.data.pad(sequences), y), ...)"
        )
    for what, given in zip("Xy", (X, *y), strict=False):
        if np.ma.is_masked(given):
            # raises: scikit-learn would use the masked values
            numbers_of(type(estimator).__name__, what, given)
    # values beyond float32 become infinite, which scikit-learn refuses; NumPy's warning would only repeat it
    with np.errstate(over="ignore", invalid="ignore"):
        return validate_data(estimator, X, *y, dtype=float_dtype(), **options)


def _differ(X: Any) -> bool:
    """Whether these are sequences of different lengths."""
    if not isinstance(X, list | tuple):
        return False
    lengths = {len(row) if hasattr(row, "__len__") and not isinstance(row, str) else -1 for row in X}
    return len(lengths) > 1 and -1 not in lengths


def example_weight(
    who: str, x: np.ndarray, sample_weight: Any, class_weights: np.ndarray | None
) -> np.ndarray | None:
    """One weight per example, the product of sample and class weights; None without either."""
    weight: Any = class_weights
    if sample_weight is not None:
        weight = check_array(sample_weight, ensure_2d=False, dtype="float64", input_name="sample_weight")
        if weight.ndim != 1:
            raise ValueError(f"{who}: expected sample_weight of shape ({len(x)},), got {weight.shape}")
        check_consistent_length(x, weight)
        weight = weight if class_weights is None else weight * class_weights
    if weight is not None and ((weight < 0).any() or not weight.any()):
        raise ValueError(f"{who}: expected weights that are not negative and not zero for every example")
    return weight


def room_for(count: int) -> int:
    """``count`` rounded up: to a multiple of 64, and from 1024 on by at most an eighth."""
    step = max(64, 1 << (count.bit_length() - 4) if count >= 1024 else 0)
    return -(-count // step) * step


def gathered(
    x: np.ndarray, t: np.ndarray, weight: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The examples of one batch, padded with weight 0; up to ``MERGED`` of them are :func:`merged`.

    Data of nearly the same length, such as the folds of a cross-validation, then share one compiled program.

    Returns:
        x, t and the weights, padded to ``room_for(len(x))`` rows.
    """
    weight = np.ones(len(x)) if weight is None else weight
    if len(x) <= MERGED:
        x, t, weight = merged(x, t, weight)
    more = room_for(len(x)) - len(x)
    x, t = (np.concatenate([rows, np.repeat(rows[:1], more, axis=0)]) for rows in (x, t))
    return x, t, np.pad(weight, (0, more))


def merged(x: np.ndarray, t: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sort the examples and merge equal ones, adding their weights.

    A weight of 2 then equals a repetition to the last bit: a float32 sum depends on the order of its terms.
    """
    rows = np.ascontiguousarray(np.column_stack([x, t])) + 0.0  # turns -0 into 0, whose bytes differ
    words = rows.view(np.dtype((np.void, rows.strides[0]))).ravel()  # three times as fast as by numbers
    _, first, place = np.unique(words, return_index=True, return_inverse=True)
    added = np.bincount(place.ravel(), weights=weight)
    rows, added = rows[first[added > 0]], added[added > 0]
    return rows[:, : x.shape[1]], rows[:, x.shape[1] :], added


def seed_from(state: np.random.RandomState) -> int:
    """The next seed from a NumPy ``RandomState``, which scikit-learn uses."""
    return int(state.randint(np.iinfo(np.int32).max))


def float_dtype() -> Any:
    """The float type in which JAX computes: float32 unless it is configured for float64."""
    return np.dtype(jax.dtypes.canonicalize_dtype(np.float64))


def classes_of(who: str, y: Any, given: Any, known: np.ndarray | None) -> np.ndarray:
    """The classes: the known ones, else the given ones, else those of y.

    Raises:
        ValueError: y holds no labels, or labels outside the classes; the given classes differ from the known
            ones; or there are fewer than two classes.
    """
    check_classification_targets(y)
    classes = unique_labels(y if given is None else given)
    if known is not None:
        if given is not None and not np.array_equal(classes, known):
            raise ValueError(f"{who}: expected the classes of the first call, {known}, got {classes}")
        classes = known
    if len(classes) < 2:
        got = f"one class, {classes}" if len(classes) else "none"
        raise ValueError(f"{who}: expected at least two classes, got {got}")
    strange = np.setdiff1d(unique_labels(y), classes)
    if strange.size:
        raise ValueError(f"{who}: expected labels among the classes {classes}, got {strange} too")
    return classes
