"""Sequences of different lengths in one array, and what every layer, loss and metric does with them.

The steps of a sequence come first, then its padding. Padding never counts: where a function works on all
steps at once, it sees the first step of the sequence in place of the padding, so that NaN there is harmless
and the gradient with respect to it is exactly 0.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.core
import jax.numpy as jnp
import numpy as np


class Padded(NamedTuple):
    """Sequences of different lengths, padded to one length, in place of an array.

    Every layer takes one, and gives what it gives for each sequence alone, without its padding. Make one by
    :func:`jaxnet.data.pad`.

    Attributes:
        values: (..., time, ...), the batch axes first. What stands after the end of a sequence does not
            matter.
        lengths: (...), integers from 1 to time, the steps of each sequence; as many axes as there are batch
            axes.

    Example:
        >>> import jax, jaxnet
        >>> x = jaxnet.data.pad([[[1.0], [2.0]], [[3.0], [4.0], [5.0]]])
        >>> x.values.shape, x.lengths.tolist()
        ((2, 3, 1), [2, 3])
        >>> jaxnet.global_avg_pool(1).apply({}, x).tolist()
        [[1.5], [4.0]]
    """

    values: Any
    lengths: Any


def is_traced(value: Any) -> bool:
    """Whether the value is only known under ``jit``, ``vmap`` or ``grad``."""
    return isinstance(value, jax.core.Tracer)


def check_padded(who: str, x: Padded, features: int | None = None) -> Padded:
    """``x`` with its parts as arrays, and its lengths checked where they are known.

    Args:
        who: the function that the user called.
        x: sequences.
        features: number of axes after the time axis; None for any.

    Raises:
        TypeError: lengths that are not integers.
        ValueError: shapes that do not fit, or a length below 1 or above the number of steps.
    """
    values = x.values if isinstance(x.values, jax.Array) else np.asarray(x.values)
    lengths = x.lengths if isinstance(x.lengths, jax.Array) else np.asarray(x.lengths)
    if not jnp.issubdtype(lengths.dtype, jnp.integer):
        raise TypeError(f"{who}: expected the lengths of a Padded to be integers, got {lengths.dtype}")
    axes = lengths.ndim
    if values.ndim <= axes or values.shape[:axes] != lengths.shape:
        raise ValueError(
            f"{who}: expected a Padded with values of shape (batch, time, ...) and lengths (batch,), got "
            f"{values.shape} and {lengths.shape}"
        )
    if features is not None and values.ndim != axes + 1 + features:
        wanted = {0: "time", 1: "time, features"}[features]
        raise ValueError(f"{who}: expected a Padded with values (..., {wanted}), got {values.shape}")
    if not is_traced(lengths) and lengths.size:
        known = np.asarray(lengths)
        low, high = int(known.min()), int(known.max())
        if low < 1:
            raise ValueError(
                f"{who}: expected sequences of at least one step, got a length of {low}; leave out the empty "
                "ones"
            )
        if high > values.shape[axes]:
            raise ValueError(
                f"{who}: a length of {high} is more than the {values.shape[axes]} steps of the values, whose "
                f"shape is {values.shape}"
            )
    return Padded(values, lengths.astype(np.int32))


def refuse(who: str, x: Any, why: str) -> None:
    """Raise ValueError if ``x`` is a Padded."""
    if isinstance(x, Padded):
        raise ValueError(f"{who}: expected an array, got a Padded; {why}")


def real_steps(x: Padded) -> Any:
    """Which steps are real, (..., time) of booleans."""
    time = x.values.shape[x.lengths.ndim]
    known = isinstance(time, int)  # not while a program for any number of steps is traced
    steps = (np if known else jnp).arange(time, dtype=np.int32).reshape((1,) * x.lengths.ndim + (time,))
    return steps < x.lengths[..., None]


def filled(x: Padded, fill: Any = None) -> Any:
    """The values with another padding: a number, or the first step of each sequence."""
    values, axes = x.values, x.lengths.ndim
    mask = real_steps(x)
    mask = mask.reshape(mask.shape + (1,) * (values.ndim - axes - 1))
    if fill is not None:
        return jnp.where(mask, values, jnp.full_like(values, fill))
    if isinstance(values, np.ndarray) and isinstance(mask, np.ndarray):
        return np.where(mask, values, values[(slice(None),) * axes + (slice(0, 1),)])
    first = jax.lax.slice_in_dim(values, 0, 1, axis=axes)
    return jnp.where(mask, values, jnp.broadcast_to(first, values.shape))


def on_steps(who: str, function: Callable[[Any], Any], x: Any, *, features: bool = False) -> Any:
    """``function(x)``; of a Padded, the same at each step, with the lengths it had.

    Args:
        who: the function that the user called.
        function: array -> array; treats what comes before the last axis as batch axes.
        x: an array or a Padded.
        features: whether it works along the last axis, which must not be that of time.
    """
    if not isinstance(x, Padded):
        return function(x)
    x = check_padded(who, x)
    if features and x.values.ndim < x.lengths.ndim + 2:
        raise ValueError(
            f"{who}: expected a Padded with values (..., time, features), got {x.values.shape}; "
            "the time axis holds no features"
        )
    return Padded(function(filled(x)), x.lengths)


def last_step(x: Padded) -> jax.Array:
    """The last real step of each sequence."""
    axes = x.lengths.ndim
    index = (x.lengths - 1).reshape(x.lengths.shape + (1,) * (x.values.ndim - axes))
    index = jnp.broadcast_to(index, (*x.lengths.shape, 1, *x.values.shape[axes + 1 :]))
    return jnp.take_along_axis(x.values, index, axis=axes).squeeze(axes)


def turned(x: Padded) -> Padded:
    """The real steps of each sequence in reverse order."""
    axes, time = x.lengths.ndim, x.values.shape[x.lengths.ndim]
    steps = jnp.arange(time, dtype=jnp.int32).reshape((1,) * axes + (time,))
    index = jnp.where(steps < x.lengths[..., None], x.lengths[..., None] - 1 - steps, steps)
    return Padded(_at_steps(filled(x), index), x.lengths)


def shifted(x: Padded, by: Any, time: int, fill: float) -> jax.Array:
    """The values ``by`` steps later, one number per sequence, cut or filled up to ``time`` steps."""
    axes = x.lengths.ndim
    steps = jnp.arange(time, dtype=jnp.int32).reshape((1,) * axes + (time,)) - by[..., None]
    inside = (steps >= 0) & (steps < x.lengths[..., None])
    values = _at_steps(filled(x), jnp.clip(steps, 0, x.values.shape[axes] - 1))
    inside = inside.reshape(inside.shape + (1,) * (values.ndim - axes - 1))
    return jnp.where(inside, values, jnp.full_like(values, fill))


def _at_steps(values: Any, index: jax.Array) -> jax.Array:
    """``values[..., index, :]``, along the axis that is the last one of the index."""
    values, axes = jnp.asarray(values), index.ndim - 1
    batch = values.reshape(-1, *values.shape[axes:])
    rows = index.reshape(-1, index.shape[-1])
    taken = jax.vmap(lambda row, at: jnp.take(row, at, axis=0, mode="clip"))(batch, rows)
    return taken.reshape(*index.shape, *values.shape[axes + 1 :])


# --- losses and metrics -------------------------------------------------------------------------------


def step_means(function: Callable[..., Any], outputs: Padded, targets: Any) -> jax.Array:
    """The mean over the real steps of each sequence of a function of the outputs and targets of a step.

    Args:
        function: (outputs, targets) -> one value, or several, for each row.
        outputs: (batch, time, ...).
        targets: a Padded, or an array (batch, time, ...).
    """
    outputs, targets = _paired("losses", outputs, targets)
    steps = outputs.values.shape[1]
    values = function(_rows(filled(outputs)), _rows(filled(targets)))
    values = values.reshape(len(outputs.lengths), steps, -1).mean(axis=2)
    real = jnp.asarray(real_steps(outputs))
    total = jnp.sum(jnp.where(real, values, jnp.zeros_like(values)), axis=1)
    return total / outputs.lengths.astype(total.dtype)


def by_steps(function: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """A loss or metric of your own that takes a ``Padded`` too: then it is the mean over the real steps.

    Args:
        function: (outputs, targets) -> one value per row; of a ``Padded`` it gets all steps as rows.

    Returns:
        The function, for arrays as it was. The losses and metrics of this library need no such help.

    Example:
        >>> import jax.numpy as jnp
        >>> from jaxnet import data
        >>> absolute = by_steps(lambda outputs, targets: jnp.abs(outputs - targets)[:, 0])
        >>> outputs, targets = data.pad([[[1.0], [4.0]], [[3.0]]]), data.pad([[[0.0], [0.0]], [[1.0]]])
        >>> absolute(outputs, targets).tolist()
        [2.5, 2.0]
    """

    @functools.wraps(function)
    def either(outputs: Any, targets: Any, **options: Any) -> jax.Array:
        if isinstance(outputs, Padded):
            return step_means(functools.partial(function, **options), outputs, targets)
        return function(outputs, targets, **options)

    return either


def over_steps(function: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """A metric of a whole set that takes a Padded too: then of all real steps.

    Under ``jit``, where they cannot be picked out, the outputs of all other steps are NaN.
    """

    @functools.wraps(function)
    def either(outputs: Any, targets: Any, **options: Any) -> jax.Array:
        if not isinstance(outputs, Padded):
            return function(outputs, targets, **options)
        outputs, targets = _paired("metrics", outputs, targets)
        real = real_steps(outputs).reshape(-1)
        rows, answers = _rows(filled(outputs)), _rows(filled(targets))
        if is_traced(real) or is_traced(rows):
            known = jnp.asarray(real).reshape((-1,) + (1,) * (rows.ndim - 1))
            rows = jnp.where(known, rows, jnp.full_like(rows, jnp.nan))
        else:
            rows, answers = np.asarray(rows)[np.asarray(real)], np.asarray(answers)[np.asarray(real)]
        return function(rows, answers, **options)

    return either


def _paired(who: str, outputs: Padded, targets: Any) -> tuple[Padded, Padded]:
    outputs = check_padded(who, outputs)
    given = targets.lengths if isinstance(targets, Padded) else outputs.lengths
    targets = check_padded(who, Padded(targets.values if isinstance(targets, Padded) else targets, given))
    if outputs.lengths.ndim != 1 or targets.values.shape[:2] != outputs.values.shape[:2]:
        raise ValueError(
            f"{who}: expected outputs and targets of shape (batch, time, ...), got {outputs.values.shape} "
            f"and {targets.values.shape}"
        )
    known = not is_traced(given) and not is_traced(outputs.lengths)
    if known and not np.array_equal(np.asarray(given), np.asarray(outputs.lengths)):
        raise ValueError(f"{who}: outputs and targets have different lengths; give one target per step")
    return outputs, targets


def _rows(values: Any) -> Any:
    """Batch and time as one axis."""
    return values.reshape(-1, *values.shape[2:])
