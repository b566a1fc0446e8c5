"""When two pure functions are the same: by what they consist of, not by their address in memory.

JAX finds a compiled program by its static arguments. ``optax.adam(1e-3)`` written twice gives two different
closures, so a second ``fit`` would compile everything anew. :class:`Pure` compares functions by their code,
defaults, closures and the globals they read. Large arrays and unknown objects are equal only to themselves,
and only while their content does not change.
"""

import dataclasses
import functools
import hashlib
import types
from collections.abc import Callable, Hashable
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

_BY_VALUE = (bool, int, float, complex, str, bytes, type(None), np.dtype, type(Ellipsis))
_HELD = (*_BY_VALUE, np.generic, np.ndarray, tuple, list, dict, set, types.SimpleNamespace)
_SMALL = 4096  # bytes: arrays up to this size are compared by content


class _Itself:
    """Equal to nothing but the same object; holds it, so that its address is not given out again."""

    __slots__ = ("held",)

    def __init__(self, held: Any):
        self.held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.held is other.held

    def __hash__(self) -> int:
        return id(self.held)


def fingerprint(thing: Any) -> Hashable:
    """A hashable value that is equal for things that compute the same.

    Args:
        thing: a function, or what a function may close over.

    Returns:
        A nest of tuples; compare it with ``==``.

    Example:
        >>> def scaled(by): return lambda x: by * x
        >>> fingerprint(scaled(2)) == fingerprint(scaled(2)), fingerprint(scaled(2)) == fingerprint(scaled(3))
        (True, False)
    """
    return _fingerprint(thing, ())


def _fingerprint(thing: Any, above: tuple[int, ...]) -> Hashable:
    if isinstance(thing, _Itself):
        return thing
    if isinstance(thing, _BY_VALUE):
        return type(thing), repr(thing) if isinstance(thing, float | complex) else thing
    if id(thing) in above:  # a function that refers to itself
        return "above", above.index(id(thing))
    inside = (*above, id(thing))
    if isinstance(thing, types.FunctionType):
        inner = thing.__dict__.get("__guards__")  # a function that only checks what it hands on
        return _function(thing, inside) if inner is None else _fingerprint(inner, inside)
    if isinstance(thing, functools.partial):
        return functools.partial, _fingerprint((thing.func, thing.args, thing.keywords), inside)
    if isinstance(thing, types.MethodType):
        return types.MethodType, _fingerprint((thing.__func__, thing.__self__), inside)
    if isinstance(thing, tuple | list):
        return type(thing), tuple(_fingerprint(part, inside) for part in thing)
    if isinstance(thing, dict):
        return dict, tuple((_fingerprint(k, inside), _fingerprint(v, inside)) for k, v in thing.items())
    if isinstance(thing, np.generic | np.ndarray) or (
        isinstance(thing, jax.Array) and not isinstance(thing, jax.core.Tracer) and _plain(thing)
    ):
        if thing.nbytes <= _SMALL and thing.dtype != object:
            return type(thing), str(thing.dtype), thing.shape, np.asarray(thing).tobytes()
        if isinstance(thing, np.ndarray) and not isinstance(thing, np.memmap) and thing.dtype != object:
            content = np.ascontiguousarray(thing).reshape(-1).view(np.uint8).data
            return _Itself(thing), hashlib.sha256(content).hexdigest()
        return _Itself(thing)
    if isinstance(thing, set | frozenset):
        return type(thing), frozenset(_fingerprint(part, inside) for part in thing)
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        parts = tuple(getattr(thing, field.name) for field in dataclasses.fields(thing))
        return type(thing), _fingerprint(parts, inside)
    if type(thing).__module__.partition(".")[0] == "optax":  # wrappers such as optax.MultiSteps
        return type(thing), _fingerprint(vars(thing), inside)
    if isinstance(thing, type | types.ModuleType):
        return _Itself(thing)
    return _Itself(thing), _fingerprint(_values(getattr(thing, "__dict__", None)), inside)


def _values(attributes: Any) -> dict[str, Any]:
    """Those attributes of an object that may change without the object becoming another one."""
    if not isinstance(attributes, dict):
        return {}
    return {
        name: value if isinstance(value, _HELD) or dataclasses.is_dataclass(value) else _Itself(value)
        for name, value in attributes.items()
        if not name.startswith("__")
    }


def _plain(array: jax.Array) -> bool:
    return not jnp.issubdtype(array.dtype, jax.dtypes.extended) and array.is_fully_addressable


def _function(function: types.FunctionType, inside: tuple[int, ...]) -> Hashable:
    cells = []
    for cell in function.__closure__ or ():
        try:
            cells.append(cell.cell_contents)
        except ValueError:  # not bound yet
            cells.append(None)
    own = _values(function.__dict__)
    parts = (tuple(cells), function.__defaults__, function.__kwdefaults__, own, _globals_read(function))
    return function.__code__, _Itself(function.__globals__), _fingerprint(parts, inside)


def _globals_read(function: types.FunctionType) -> tuple[Any, ...]:
    """What the function reads from its module, so that changing a global is seen as a change.

    Functions and values of the same module count by what they are; all else (modules, classes and
    functions of other modules) counts as itself, together with the numbers and texts read from it.
    """
    names, codes = [], [function.__code__]
    while codes:
        code = codes.pop()
        names += code.co_names
        codes += [const for const in code.co_consts if isinstance(const, types.CodeType)]
    home = function.__globals__
    values = []
    for name in sorted(set(names)):
        if name in home:
            value = home[name]
            foreign = isinstance(value, types.FunctionType) and value.__globals__ is not home
            values.append((name, _Itself(value) if foreign else value))
            if isinstance(value, type | types.ModuleType):  # settings.scale
                inside = vars(value)
                values += [
                    (name, n, inside[n]) for n in names if n in inside and isinstance(inside[n], _BY_VALUE)
                ]
    return tuple(values)


def digest(thing: Any) -> str:
    """The fingerprint as a short text that stays the same from process to process.

    Functions of this library, JAX and optax count by their name and what they close over, not by their code
    and module: a later version of them is still the same. What a fingerprint knows only by itself (modules,
    large arrays, objects) goes in by its type and name.

    Example:
        >>> def times(number): return lambda x: number * x
        >>> digest(times(2)) == digest(times(2)), digest(times(2)) == digest(times(3))
        (True, False)
    """
    return hashlib.sha256(repr(_spell(fingerprint(thing))).encode()).hexdigest()[:16]


def name_or_digest(function: Any) -> str:
    """What identifies a function in a record: its name where a library defines it, else its digest.

    Example:
        >>> from jaxnet import losses
        >>> name_or_digest(losses.mse), name_or_digest(functools.partial(losses.huber, delta=2.0))
        ('mse', 'huber(delta=2.0)')
    """
    partial = isinstance(function, functools.partial) and not function.args
    options = function.keywords if partial else {}
    inner: Any = function.func if partial else function
    named = isinstance(inner, types.FunctionType) and "<locals>" not in inner.__qualname__
    if not named or not _of_a_library(inner.__module__):
        return digest(function)
    if not all(isinstance(value, _BY_VALUE) for value in options.values()):
        return digest(function)
    written = ", ".join(f"{key}={value!r}" for key, value in options.items())
    return f"{inner.__qualname__}({written})" if options else inner.__qualname__


def _of_a_library(module: str | None) -> bool:
    return str(module).partition(".")[0] in ("jaxnet", "jax", "optax")


def _spell(part: Any) -> Any:
    match part:
        case (
            types.CodeType() as code,
            _Itself(held=dict() as home),
            (_, (cells, defaults, options, *_)),
        ) if _of_a_library(home.get("__name__")):
            nested = (defaults, options) if "<locals>" in code.co_qualname else ()
            return code.co_qualname, _spell((cells, nested))
    if isinstance(part, tuple):
        return tuple(_spell(inside) for inside in part)
    if isinstance(part, types.CodeType):
        return part.co_name, part.co_code.hex(), part.co_names, _spell(part.co_consts)
    if isinstance(part, frozenset):
        return sorted(repr(_spell(inside)) for inside in part)
    if isinstance(part, type):
        return part.__qualname__
    if isinstance(part, _Itself):
        held = part.held
        if isinstance(held, dict):  # the globals of a function
            return "globals", held.get("__name__")
        return type(held).__qualname__, getattr(held, "__qualname__", getattr(held, "__name__", ""))
    return repr(part)


class Pure:
    """A function that is equal to every function that computes the same; it may be a static argument.

    Args:
        function: a pure function.

    Example:
        >>> import optax
        >>> Pure(optax.adam(1e-3).update) == Pure(optax.adam(1e-3).update)
        True
        >>> Pure(optax.adam(1e-3).update) == Pure(optax.adam(1e-2).update)
        False
    """

    __slots__ = ("_hash", "_print", "function")

    def __init__(self, function: Callable[..., Any]):
        """Take the function and its fingerprint, once."""
        self.function: Callable[..., Any] = function
        # a layer of the library exists once for its options, and reading all of it takes milliseconds
        interned = "__interned__" in getattr(function, "__dict__", {})
        self._print: Hashable = _Itself(function) if interned else fingerprint(function)
        self._hash: int = hash(self._print)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        return self.function(*args, **kwargs)

    def __eq__(self, other: object) -> bool:
        """Whether both compute the same, as far as can be seen."""
        return isinstance(other, Pure) and self._hash == other._hash and self._print == other._print

    def __hash__(self) -> int:
        """Equal for equal functions."""
        return self._hash

    def __repr__(self) -> str:
        """The function's name."""
        return f"Pure({getattr(self.function, '__qualname__', self.function)!s})"
