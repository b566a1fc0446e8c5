"""Checks of what a user passes in: on the host, before tracing, in one sentence each."""

import difflib
import operator
from collections.abc import Iterable
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
import numpy as np


def is_traced(*values: Any) -> bool:
    """Whether any value is only known under ``jit``, ``vmap`` or ``grad``, so that it cannot be looked at."""
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(values))


def numbers(who: str, what: str, value: Any) -> Any:
    """``value`` as an array of numbers (a traced one as it is); refuses text, objects and ragged lists."""
    if isinstance(value, jax.Array):
        return value
    if is_traced(value):  # a list or tuple with traced numbers in it
        return jax.numpy.stack([jax.numpy.asarray(part) for part in value])
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{who}: expected {what} as an array of numbers, got rows of different lengths"
        ) from None
    if array.dtype.kind not in "biuf" and not jax.numpy.issubdtype(array.dtype, jax.numpy.floating):
        raise TypeError(f"{who}: expected {what} as an array of numbers, got {_kind(value, array)}")
    return array


def _kind(value: Any, array: np.ndarray) -> str:
    return f"an array of dtype {array.dtype}" if isinstance(value, np.ndarray) else f"{type(value).__name__}"


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


def check_finite(who: str, what: str, array: Any, *, traced: bool = True) -> None:
    """Raise ValueError for NaN and infinity, naming the first place.

    Args:
        who: the function that the user called.
        what: the argument.
        array: its value.
        traced: whether a traced array, whose values cannot be seen, is let through.
    """
    if is_traced(array):
        if traced:
            return
        raise TypeError(
            f"{who}: {what} is traced, its values cannot be checked inside jit or vmap; call net.apply there"
        )
    if not jnp.issubdtype(array.dtype, jnp.inexact) or _is_finite_sum(array):
        return
    host = np.asarray(array)
    bad = ~np.isfinite(host)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        place = f" at index {where[0] if len(where) == 1 else where}" if where else ""
        raise ValueError(
            f"{who}: expected finite numbers in {what}, got {host[where]}{place}, one of {int(bad.sum())} "
            "values that are NaN or infinite; remove or replace them"
        )


def _is_finite_sum(array: Any) -> bool:
    """Whether a sum over the array is finite: most arrays pass by it, without a second array of that size.

    The sum of the squares is the fastest pass over an array that NumPy has.
    """
    with np.errstate(all="ignore"):
        if isinstance(array, np.ndarray) and array.flags.c_contiguous and array.dtype.char in "fd":
            flat = array.reshape(-1)
            return bool(np.isfinite(np.vdot(flat, flat)))
        total = array.sum()  # inside a traced function even a known array of JAX gives a traced sum
        return not is_traced(total) and bool(np.isfinite(np.asarray(total, np.complex128)))


def pair(who: str, data: Any) -> tuple[Any, Any]:
    """``data`` as (inputs, targets); refuses anything but two things."""
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        got = f"{len(data)} things" if isinstance(data, (tuple, list)) else type(data).__name__
        raise TypeError(f"{who}: expected data as a pair (x, y), got {got}")
    return data[0], data[1]


def check_pair(name: str, data: Any) -> tuple[Any, Any]:
    """Inputs and targets as arrays of equal length."""
    x, y = pair(name, data)
    x, y = as_array(name, "x", x), as_array(name, "y", y)
    if x.ndim == 0 or y.ndim == 0:
        raise ValueError(f"{name}: expected x and y with a leading axis of examples, got a single number")
    if len(x) == 0:
        raise ValueError(f"{name}: there is no example: x has shape {x.shape}")
    if len(x) != len(y):
        raise ValueError(f"{name}: x has {len(x)} examples and y has {len(y)}; they must be equally many")
    check_finite(name, "x", x, traced=False)
    check_finite(name, "y", y, traced=False)
    return x, y


def check_binary(who: str, t: Any) -> None:
    """Refuse targets other than 0 and 1; traced ones pass unseen."""
    if is_traced(t):
        return
    host = np.asarray(t)
    check_finite(who, "t", host)
    wrong = host[(host != 0) & (host != 1)]
    if wrong.size:
        raise ValueError(f"{who}: expected labels 0 and 1, got {wrong.flat[0]}")


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


def check_count(where: str, what: str, value: Any, least: int = 1) -> int:
    """``value`` as an int of at least ``least``."""
    try:
        count = operator.index(value)
    except TypeError:
        raise TypeError(f"{where}: expected {what} to be a whole number, got {_short(value)}") from None
    if isinstance(value, bool) or count < least:
        raise ValueError(f"{where}: expected {what} to be at least {least}, got {value!r}")
    return count


def check_key(where: str, key: Any, *, many: str = "use jax.vmap for many networks") -> jax.Array:
    """``key`` itself when it is one typed key; ``many`` says what to do with several."""
    if not isinstance(key, jax.Array) or not jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        raise TypeError(f"{where}: expected a typed key such as jax.random.key(0), got {_short(key)}")
    if key.ndim:
        raise ValueError(f"{where}: expected one key, got an array of keys of shape {key.shape}; {many}")
    return key


def check_run_key(where: str, key: Any) -> jax.Array:
    """One typed key whose bits can be read: the order of the examples is drawn on the host."""
    check_key(where, key, many="see fit_many")
    if isinstance(jax.random.key_data(key), jax.core.Tracer):
        raise TypeError(
            f"{where}: it compiles the whole run and cannot be called inside jit or vmap; train many "
            "networks at once by fit_many"
        )
    return key


def check_net(name: str, net: Any) -> None:
    """Something with ``init`` and ``apply``."""
    if not callable(getattr(net, "init", None)) or not callable(getattr(net, "apply", None)):
        raise TypeError(f"{name}: expected a network such as jaxnet.mlp([2, 2, 1]), got {type(net).__name__}")


def check_name(where: str, what: str, name: Any, known: Iterable[str]) -> None:
    """Refuse a name that is not among the known ones, with the nearest one as advice."""
    known = sorted(known)
    if name in known:
        return
    near = difflib.get_close_matches(str(name), known, n=1)
    advice = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(known)}"
    raise ValueError(f"{where}: there is no {what} {name!r}; {advice}")


def check_ending(where: str, x: Any, ending: tuple[int | str, ...], advice: str = "") -> None:
    """Refuse ``x`` unless its shape ends with ``ending``; a string there stands for any size."""
    shape = np.shape(x)
    tail = shape[len(shape) - len(ending) :]
    fits = len(shape) >= len(ending) and all(
        isinstance(want, str) or want == got for want, got in zip(ending, tail, strict=True)
    )
    if not fits:
        wanted = ", ".join(str(size) for size in ("...", *ending))
        raise ValueError(
            f"{where}: expected x of shape ({wanted}), got {shape}{'; ' + advice if advice else ''}"
        )


def _short(value: Any) -> str:
    if isinstance(value, (jax.Array, np.ndarray)):
        return f"an array of {value.dtype} with shape {value.shape}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
