"""Checks that layers and losses share: each refuses bad input in one sentence, before tracing."""

import difflib
import operator
from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType


def check_key(where: str, key: Any) -> jax.Array:
    """``key`` itself when it is one typed key; otherwise a TypeError."""
    if isinstance(key, jax.Array) and jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        if key.ndim:
            raise ValueError(
                f"{where}: expected one key, got an array of keys of shape {key.shape}; "
                "use jax.vmap for many networks"
            )
        return key
    raise TypeError(f"{where}: expected a key such as jax.random.key(0), got {_short(key)}")


def check_count(where: str, what: str, value: Any) -> int:
    """``value`` as an int of at least 1."""
    try:
        count = operator.index(value)
    except TypeError:
        raise TypeError(f"{where}: expected {what} to be a whole number, got {_short(value)}") from None
    if isinstance(value, bool) or count < 1:
        raise ValueError(f"{where}: expected {what} to be at least 1, got {value!r}")
    return count


def check_name(where: str, what: str, name: Any, known: Iterable[str]) -> None:
    """Refuse a name that is not among the known ones, with the nearest one as advice."""
    known = sorted(known)
    if name in known:
        return
    near = difflib.get_close_matches(str(name), known, n=1)
    advice = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(known)}"
    raise ValueError(f"{where}: there is no {what} {name!r}; {advice}")


def as_float(x: Any) -> jax.Array:
    """``x`` as an array of floating point; integers and booleans take JAX's default float type."""
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(jnp.result_type(float))


def as_dtype(x: Any, dtype: Any) -> jax.Array:
    """``x`` as an array of the given type."""
    x = jnp.asarray(x)
    return x if x.dtype == dtype else x.astype(dtype)


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


def product(x: jax.Array, w: jax.Array) -> jax.Array:
    """x w over the last axis of x; on the CPU as one product of matrices, however many axes x has.

    The gradient by w takes a third of the time then: 0.4 ms in place of 1.2 for (28, 64, 28) by (28, 256).
    Elsewhere not, nor with axes spread over devices by name: they would have to be brought together.
    """
    named = any(kind == AxisType.Explicit for kind in jax.typeof(x).sharding.mesh.axis_types)
    if x.ndim <= 2 or x.size == 0 or named or jax.default_backend() != "cpu":
        return x @ w
    return (x.reshape(-1, w.shape[0]) @ w).reshape(*x.shape[:-1], w.shape[1])


def add_bias(y: jax.Array, b: jax.Array) -> jax.Array:
    """y + b along the last axis, with the broadcast written out."""
    return y + b.reshape((1,) * (y.ndim - 1) + b.shape)


def _short(value: Any) -> str:
    if isinstance(value, (jax.Array, np.ndarray)):
        return f"an array of {value.dtype} with shape {value.shape}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
