"""What a user hands to ``fit``, ``predict`` and ``evaluate``: looked at once, refused in one sentence."""

import operator
from collections.abc import Mapping
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from jaxnet.training.compiled.programs import Data


def as_array(name: str, what: str, values: Any) -> Any:
    """Values as an array of numbers in the dtype JAX will use; arrays of JAX are left where they are."""
    if isinstance(values, jax.Array):
        return values
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name}: {what} has rows of different lengths; give a rectangular array") from None
    if array.dtype.kind not in "biufcV" or array.dtype.names is not None:
        raise TypeError(
            f"{name}: {what} must hold numbers, got dtype {array.dtype}; encode it as numbers first"
        )
    wanted = jax.dtypes.canonicalize_dtype(array.dtype)
    return array if array.dtype == wanted else array.astype(wanted)


def check_finite(name: str, what: str, array: Any) -> None:
    """Refuse NaN and infinite values."""
    if not jnp.issubdtype(array.dtype, jnp.inexact):
        return
    if isinstance(array, jax.core.Tracer):
        raise TypeError(
            f"{name}: {what} is traced, its values cannot be checked inside jit or vmap; call net.apply there"
        )
    # one number finds most arrays sound, without a second array of that size: the sum of the squares, since
    # that is the fastest pass over an array that NumPy has
    with np.errstate(all="ignore"):
        if isinstance(array, np.ndarray) and array.flags.c_contiguous and array.dtype.char in "fd":
            flat = array.reshape(-1)
            total = np.vdot(flat, flat)
        else:
            total = np.asarray(array.sum(), np.float64)
        if np.isfinite(total):
            return
    bad = ~np.isfinite(np.asarray(array))
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{name}: {what} holds {int(bad.sum())} values that are NaN or infinite, the first at {where}; "
            "remove or fill them first"
        )


def check_pair(name: str, data: Any) -> tuple[Any, Any]:
    """Inputs and targets as arrays of equal length."""
    if not isinstance(data, tuple | list) or len(data) != 2:
        kind = (
            f"a {type(data).__name__} of {len(data)}"
            if isinstance(data, tuple | list)
            else type(data).__name__
        )
        raise TypeError(f"{name}: expected the data as a pair (x, y), got {kind}")
    x, y = as_array(name, "x", data[0]), as_array(name, "y", data[1])
    if x.ndim == 0 or y.ndim == 0:
        raise ValueError(f"{name}: expected x and y with a leading axis of examples, got a single number")
    if len(x) == 0:
        raise ValueError(f"{name}: there is no example: x has shape {x.shape}")
    if len(x) != len(y):
        raise ValueError(f"{name}: x has {len(x)} examples and y has {len(y)}; they must be equally many")
    check_finite(name, "x", x)
    check_finite(name, "y", y)
    return x, y


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


def check_count(name: str, what: str, value: Any, least: int = 1) -> int:
    """A whole number of at least ``least``."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: {what} must be a whole number, got {value!r}") from None
    if number < least or isinstance(value, bool):
        raise ValueError(f"{name}: {what} must be at least {least}, got {value!r}")
    return number


def check_key(name: str, key: Any) -> jax.Array:
    """One typed key."""
    if not isinstance(key, jax.Array) or not jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        raise TypeError(
            f"{name}: key must be a typed key such as jax.random.key(0), got {type(key).__name__}"
        )
    if isinstance(jax.random.key_data(key), jax.core.Tracer):
        raise TypeError(
            f"{name}: it compiles the whole run and cannot be called inside jit or vmap; train many networks "
            "at once by fit_many"
        )
    if key.shape != ():
        raise ValueError(f"{name}: expected one key, got an array of keys of shape {key.shape}; see fit_many")
    return key


def check_net(name: str, net: Any) -> None:
    """Something with ``init`` and ``apply``."""
    if not callable(getattr(net, "init", None)) or not callable(getattr(net, "apply", None)):
        raise TypeError(f"{name}: expected a network such as jaxnet.mlp([2, 2, 1]), got {type(net).__name__}")


def check_labels(name: str, y: Any, outputs: tuple[int, ...]) -> None:
    """Class labels against the width of the network, where y holds one class for each row of outputs."""
    # one output for each row is a number or a yes/no, not a class
    if not jnp.issubdtype(y.dtype, jnp.integer) or len(outputs) != y.ndim + 1 or outputs[-1] == 1:
        return
    low, high = int(y.min()), int(y.max())
    if low < 0 or high >= outputs[-1]:
        raise ValueError(
            f"{name}: labels go from {low} to {high} but the network has {outputs[-1]} outputs; "
            f"expected labels from 0 to {outputs[-1] - 1}"
        )


def example_weights(
    name: str, y: Any, sample_weights: Any, class_weights: Mapping[int, float] | Any | None
) -> np.ndarray | None:
    """One weight per example with mean 1, or None where all count alike.

    Args:
        name: who asks.
        y: targets.
        sample_weights: (n,) weights of the examples, or None.
        class_weights: class -> weight (classes left out weigh 1), one weight a class, ``"balanced"`` for
            n / (classes * count of the class), or None.

    Returns:
        float32 (n,): the product of both, scaled to mean 1, so that the loss keeps its size.

    Example:
        >>> example_weights("fit", np.array([0, 0, 0, 0, 1, 1]), None, "balanced").tolist()
        [0.75, 0.75, 0.75, 0.75, 1.5, 1.5]
    """
    if sample_weights is None and class_weights is None:
        return None
    weight = np.ones(len(y))
    if sample_weights is not None:
        given = np.asarray(as_array(name, "sample_weights", sample_weights), np.float64)
        if given.shape != (len(y),):
            raise ValueError(f"{name}: expected sample_weights of shape ({len(y)},), got {given.shape}")
        weight = weight * given
    if class_weights is not None:
        labels = np.asarray(y)
        if labels.ndim != 1 or labels.dtype.kind not in "iu":
            raise ValueError(f"{name}: class_weights need y as one integer label for each example")
        weight = weight * _class_weights(name, labels, class_weights)[labels]
    if not np.isfinite(weight).all() or (weight < 0).any() or weight.sum() == 0:
        raise ValueError(f"{name}: weights must be finite, not negative and not all zero")
    return (weight / weight.mean()).astype(np.float32)


def _class_weights(name: str, labels: np.ndarray, given: Any) -> np.ndarray:
    if labels.min() < 0:
        raise ValueError(f"{name}: class_weights need labels from 0 on, got {labels.min()}")
    counts = np.bincount(labels)
    if isinstance(given, str):
        if given != "balanced":
            raise ValueError(
                f"{name}: class_weights must be a mapping, an array or 'balanced', got {given!r}"
            )
        return len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    if isinstance(given, Mapping):
        if any(int(label) < 0 for label in given):
            raise ValueError(f"{name}: class_weights need labels from 0 on, got {min(map(int, given))}")
        table = np.ones(max(len(counts), *(int(label) + 1 for label in given)))
        for label, weight in given.items():
            table[int(label)] = weight
        return table
    table = np.asarray(given, np.float64)
    if table.ndim != 1 or len(table) < len(counts):
        raise ValueError(
            f"{name}: class_weights has shape {table.shape} but labels go up to {len(counts) - 1}"
        )
    return table


def to_device(data: Data, sharding: Any = None) -> Data:
    """The data on the device, copied there once."""
    return Data(*(None if part is None else jax.device_put(part, sharding) for part in data))
