"""Checks of what a user passes in: on the host, before tracing, in one sentence each."""

import difflib
import operator
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import as_array, as_float, as_own, beside, first_not_finite, is_traced
from jaxnet._arrays import numbers as numbers
from jaxnet._padded import Padded, check_padded, filled

PARTS = Padded._fields

# --- trees: inputs, targets and outputs that consist of several arrays ------------------------------------


def is_tree(value: Any) -> bool:
    """Whether it holds several arrays by name: a mapping, a NamedTuple, or another pytree of JAX.

    Lists and plain tuples are arrays of numbers.
    """
    if isinstance(value, Mapping) or (isinstance(value, tuple) and hasattr(value, "_fields")):
        return True
    if value is None or isinstance(value, (list, tuple, np.ndarray, jax.Array, jax.ShapeDtypeStruct)):
        return False
    return not jax.tree_util.all_leaves([value])


def read_tree(who: str, what: str, value: Any, read: Callable[[str, str, Any], Any] = as_array) -> Any:
    """Each array of a tree as :func:`jaxnet._arrays.as_array` reads it; also one array alone."""
    if not is_tree(value):
        return read(who, what, value)
    if isinstance(value, Padded):
        known = check_padded(
            who, Padded(*(read(who, f"{what}.{part}", getattr(value, part)) for part in PARTS))
        )
        if known.lengths.ndim != 1:
            raise ValueError(
                f"{who}: expected {what} as a Padded (batch, time, ...), got {known.values.shape}"
            )
        return known if is_traced(known.values, known.lengths) else known._replace(values=filled(known))
    if isinstance(value, Mapping):
        wrong = [name for name in value if not isinstance(name, str)]
        if wrong or not value:
            raise TypeError(
                f"{who}: expected {what} as a mapping from names to arrays, got "
                f"{f'the name {wrong[0]!r}' if wrong else 'an empty one'}; give names as text"
            )
        return {name: read_tree(who, f"{what}[{name!r}]", part, read) for name, part in value.items()}
    if isinstance(value, tuple):
        parts = zip(getattr(value, "_fields", ()), value, strict=True)
        read_parts = (
            part if part is None else read_tree(who, f"{what}.{name}", part, read) for name, part in parts
        )
        kind: Any = type(value)
        return kind(*read_parts)
    return jax.tree.map(lambda part: read(who, what, part), value)


def named_arrays(what: str, tree: Any) -> list[tuple[str, Any]]:
    """The arrays of a tree, each with what it is called in messages."""
    found = jax.tree_util.tree_leaves_with_path(tree)
    return [(what + jax.tree_util.keystr(path), leaf) for path, leaf in found]


def count_of(tree: Any) -> int:
    """The number of examples: the length of the leading axis, which all arrays share."""
    return jax.tree.leaves(tree)[0].shape[0]


def example_shape(tree: Any) -> Any:
    """The shape of one example, without the leading axis; of a tree, a tree of shapes."""

    def of_one(leaf: Any) -> tuple[int, ...]:
        return tuple((leaf.values if isinstance(leaf, Padded) else leaf).shape[1:])

    return jax.tree.map(of_one, tree, is_leaf=lambda leaf: isinstance(leaf, Padded))


def frozen_shape(shape: Any) -> Hashable:
    """A shape, or a tree of shapes, as something that can be hashed."""
    leaves, tree = jax.tree.flatten(shape, is_leaf=_is_shape)
    return tuple(map(tuple, leaves)), tree


def thawed_shape(frozen: Any) -> Any:
    """What :func:`frozen_shape` was given."""
    return jax.tree.unflatten(frozen[1], frozen[0])


def _is_shape(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and not hasattr(value, "_fields")


def described(tree: Any) -> str:
    """The shape of an array, or those of a tree by name, for messages."""
    if not is_tree(tree):
        return str(tuple(tree.shape))
    return (
        "{" + ", ".join(f"{name.lstrip('.')}: {tuple(a.shape)}" for name, a in named_arrays("", tree)) + "}"
    )


def params_of(who: str, params: Any) -> Any:
    """The parameters; of a run, its parameters.

    Raises:
        ValueError: a run of many networks.
    """
    if isinstance(params, Mapping) or not (hasattr(params, "params") and hasattr(params, "history")):
        return params
    axes = (
        {np.ndim(figures) for figures in params.history.values()}
        if isinstance(params.history, Mapping)
        else ()
    )
    if 2 in axes:
        raise ValueError(
            f"{who}: expected the parameters of one network, got a run of many; choose run.member(0)"
        )
    return params.params


# --- numbers ----------------------------------------------------------------------------------------------


def check_finite(who: str, what: str, array: Any, *, traced: bool = True) -> None:
    """Raise ValueError for NaN and infinity, naming the first place.

    Args:
        who: the function that the user called.
        what: the argument.
        array: its value.
        traced: whether a traced array, whose values cannot be seen, is accepted.
    """
    if is_traced(array):
        if traced:
            return
        raise TypeError(
            f"{who}: {what} is traced, its values cannot be checked inside jit or vmap; call net.apply there"
        )
    found = first_not_finite(array)
    if found is not None:
        where, count = found
        place = f" at index {where[0] if len(where) == 1 else where}" if where else ""
        raise ValueError(
            f"{who}: expected finite numbers in {what}, got {np.asarray(array)[where]}{place}, one of "
            f"{count} values that are NaN or infinite; remove or replace them"
        )


def holds_batches(who: str, data: Any) -> bool:
    """Whether two things are two batches ``(x, y)``, and not inputs and targets.

    Arrays are read by what is in them; nested lists of numbers that could be either are refused.
    """
    if not isinstance(data, tuple | list) or len(data) != 2:
        return False
    if not all(isinstance(part, tuple | list) and not is_tree(part) and len(part) == 2 for part in data):
        return False
    parts = [part for pair in data for part in pair]
    if any(is_tree(part) for part in parts):
        return True
    arrays = all(len(getattr(part, "shape", ())) for part in parts)
    lists = all(isinstance(part, tuple | list) for part in parts)
    if not (arrays or lists) or any(len(x) != len(y) for x, y in data):
        return False
    if arrays:
        return isinstance(data, list) or all(isinstance(pair, tuple) for pair in data)
    if isinstance(data, list):
        raise ValueError(
            f"{who}: expected data that can be read in one way, got a list of two pairs of lists, which may "
            "be (x, y) or two batches; give a tuple (x, y), or batches of arrays"
        )
    return False


def pair(who: str, data: Any) -> tuple[Any, Any]:
    """``data`` as (inputs, targets); refuses anything but two things."""
    if not isinstance(data, tuple | list) or is_tree(data) or len(data) != 2:
        counted = isinstance(data, tuple | list) and not is_tree(data)
        raise TypeError(
            f"{who}: expected data as a pair (x, y), got "
            f"{f'{len(data)} things' if counted else kind_of(data)}; give inputs and targets"
        )
    if holds_batches(who, data):
        raise TypeError(
            f"{who}: expected data as a pair (x, y), got two batches; put them into one array each"
        )
    return data[0], data[1]


def kind_of(data: Any) -> str:
    """What it is, with its names where it has some."""
    kind = type(data).__name__
    return f"a {kind} with {', '.join(map(repr, data))}"[:80] if isinstance(data, Mapping) and data else kind


def check_pair(who: str, data: Any) -> tuple[Any, Any]:
    """Inputs and targets of equal length, in dtypes of JAX and on devices that go together."""
    x, y = pair(who, data)
    x, y = read_tree(who, "x", x), read_tree(who, "y", y)
    arrays = named_arrays("x", x) + named_arrays("y", y)
    if any(array.ndim == 0 for _, array in arrays):
        raise ValueError(f"{who}: expected x and y with a leading axis of examples, got a single number")
    (first, one), *others = arrays
    for what, array in others:
        if len(array) != len(one):
            raise ValueError(
                f"{who}: {first} has {len(one)} examples and {what} has {len(array)}; give as many targets "
                "as inputs"
            )
    if len(one) == 0:
        raise ValueError(f"{who}: there is no example: {first} has shape {one.shape}; give at least one")
    for what, array in arrays:
        check_finite(who, what, array, traced=False)
    return x, jax.tree.map(lambda array: beside(array, x), y)


def read_answers(who: str, outputs: Any, targets: Any) -> tuple[jax.Array, Any]:
    """Outputs of a network as floats with a batch axis, and targets as an array, in memory of their own."""
    y = as_float(as_own(who, "outputs", outputs))
    if y.ndim == 0:
        raise ValueError(f"{who}: expected outputs of shape (batch, ...), got one number; put it in an array")
    t = beside(as_array(who, "targets", targets), y)
    # while the outputs are traced nothing runs yet, and the targets of a whole run are not copied
    return y, np.array(t) if isinstance(t, np.ndarray) and not is_traced(y) else t


def read_alike(who: str, outputs: Any, targets: Any) -> tuple[jax.Array, Any]:
    """Outputs and targets in one shape; only a last axis of size 1 may be missing from either."""
    y, t = read_answers(who, outputs, targets)
    if t.shape != y.shape and (*t.shape, 1) != y.shape and t.shape != (*y.shape, 1):
        raise ValueError(
            f"{who}: expected targets of the shape of the outputs, {y.shape}, got {t.shape}; give one target "
            f"for each output{forgotten_flatten(y.shape, t.shape)}"
        )
    return y, t.reshape(y.shape)


def forgotten_flatten(outputs: tuple[int, ...], targets: tuple[int, ...]) -> str:
    """What to do where the network has outputs for each position and there is one target per example."""
    if len(outputs) < 3 or targets not in (outputs[:1], (outputs[0], 1)):
        return ""
    return "; for one output per example put jaxnet.flatten() in front, or leave out return_sequences"


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


def check_name(
    where: str, what: str, name: Any, known: Iterable[str], elsewhere: Mapping[str, str] = {}
) -> None:
    """Refuse a name that is not among the known ones, with the one that is meant as advice."""
    known = sorted(known)
    if name in known:
        return
    lower = str(name).lower()
    alike = [one for one in known if one.lower() == lower or one == elsewhere.get(lower)]
    near = alike or difflib.get_close_matches(lower, known, n=1)
    advice = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(known)}"
    raise ValueError(f"{where}: there is no {what} {name!r}; {advice}")


def check_ending(where: str, x: Any, ending: tuple[int | str, ...], advice: str = "") -> None:
    """Refuse ``x`` unless its shape ends with ``ending``; a string there stands for any size."""
    if is_tree(x):
        raise TypeError(f"{where}: expected one array as x, got {kind_of(x)}")
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
