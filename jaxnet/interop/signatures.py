"""A network as a function of arrays alone, as a program outside of Python takes it.

A network over arrays takes x and gives y. One over sequences of different lengths takes the lengths too. Step
by step it takes a state and gives the next one.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._padded import Padded, filled
from jaxnet.interop.inputs import by_name, found_dtype, found_shape, given_dtype, given_shape
from jaxnet.layers import Layer
from jaxnet.layers.steps import stepwise

ARRAY, PADDED, STEPS, NAMED = "array", "padded", "steps", "named"


class Signature(NamedTuple):
    """What a program takes and gives.

    Attributes:
        kind: "array", "padded", "steps", or "named" where there are several inputs or outputs by name.
        function: arrays -> a tuple of arrays, each with one batch axis first.
        inputs: name -> shape of one example, None for a size that may vary, and dtype.
        outputs: names of the outputs.
        by_name: whether the inputs, and whether the outputs, are a mapping.
    """

    kind: str
    function: Callable[..., tuple[Any, ...]]
    inputs: dict[str, tuple[tuple[int | None, ...], Any]]
    outputs: tuple[str, ...]
    by_name: tuple[bool, bool] = (False, False)


def signature(net: Layer, params: Any, in_shape: Any, dtype: Any, lengths: bool, steps: bool) -> Signature:
    """The network as a function of arrays.

    Args:
        net: a network.
        params: its parameters.
        in_shape: shape of one example, or of one step; None: found out.
        dtype: of x; None: found out.
        lengths: whether it takes the lengths of sequences.
        steps: whether it runs step by step.

    Raises:
        ValueError: both at once; no axis of time; a network that cannot run step by step.
    """
    if lengths and steps:
        raise ValueError("export: expected lengths=True or stepwise=True, got both; a step has no length")
    shape = _step_shape(net, params) if steps and in_shape is None else None
    if shape is None:
        shape = found_shape(net, params) if in_shape is None else given_shape(in_shape)
    dtype = given_dtype(found_dtype(net, params, shape) if dtype is None else dtype, shape)
    params = jax.tree.map(jnp.asarray, params)
    if steps:
        return _by_steps(net, params, shape, dtype)
    if lengths:
        return _with_lengths(net, params, shape, dtype)
    return _of_arrays(net, params, shape, dtype)


def _of_arrays(net: Layer, params: Any, shape: Any, dtype: Any) -> Signature:
    """Of whole inputs: one, or several by name; so are the outputs."""
    several = isinstance(shape, dict)
    inputs = {name: (shape[name], dtype[name]) for name in shape} if several else {"x": (shape, dtype)}
    if any(isinstance(sizes, dict) for sizes, _ in inputs.values()):
        raise TypeError(f"export: expected a mapping from names to shapes, got one of mappings, {shape}")

    def applied(*arrays: Any) -> Any:
        return by_name(net.apply(params, dict(zip(inputs, arrays, strict=True)) if several else arrays[0]))

    some = [
        jax.ShapeDtypeStruct((2, *(5 if size is None else size for size in sizes)), kind)
        for sizes, kind in inputs.values()
    ]
    try:
        found: Any = jax.eval_shape(applied, *some)
    except (TypeError, ValueError):  # said where it is traced
        found = None
    if not isinstance(found, dict):
        kind = NAMED if several else ARRAY
        return Signature(kind, lambda *arrays: (applied(*arrays),), inputs, ("y",), (several, False))
    if any(isinstance(part, dict) for part in found.values()):
        raise TypeError(
            f"export: expected outputs with one name each, got mappings inside {', '.join(found)}"
        )
    names = tuple(found)
    flat = lambda *arrays: tuple(applied(*arrays)[name] for name in names)  # noqa: E731
    return Signature(NAMED, flat, inputs, names, (several, True))


def _step_shape(net: Layer, params: Any) -> tuple[int | None, ...] | None:
    first = net
    while first.spec.layers and first.spec.name != "bidirectional":
        first = first.spec.layers[0]
    return () if first.spec.name == "embedding" else found_shape(net, params)[-1:]


def _with_lengths(net: Layer, params: Any, shape: tuple[int | None, ...], dtype: Any) -> Signature:
    if not shape:
        raise ValueError("export: expected in_shape with an axis of time, such as (None, 8), got ()")

    def function(x: Any, lengths: Any) -> tuple[Any, ...]:
        y: Any = net.apply(params, Padded(x, lengths))
        return (filled(y, 0), y.lengths) if isinstance(y, Padded) else (y,)

    inputs = {"x": (shape, dtype), "lengths": ((), jnp.dtype(np.int32))}
    time = 2 if shape[0] is None else shape[0]
    some = Padded(
        jax.ShapeDtypeStruct((1, time, *(2 if size is None else size for size in shape[1:])), dtype),
        jax.ShapeDtypeStruct((1,), np.int32),
    )
    given = jax.eval_shape(net.apply, params, some)
    return Signature(PADDED, function, inputs, ("y", "y_lengths") if isinstance(given, Padded) else ("y",))


def _by_steps(net: Layer, params: Any, shape: tuple[int | None, ...], dtype: Any) -> Signature:
    if None in shape:
        raise ValueError(
            f"export: expected the shape of one step, without the axis of time, got in_shape {shape}; give "
            "every size"
        )
    machine = stepwise(net)
    leaves, structure = jax.tree.flatten(machine.start(params, 1))
    if any(np.any(np.asarray(leaf)) for leaf in leaves):
        raise ValueError("export: stepwise=True needs a network whose first state is 0")

    def function(x: Any, *state: Any) -> tuple[Any, ...]:
        after, y = machine.step(params, jax.tree.unflatten(structure, state), x)
        return (y, *jax.tree.leaves(after))

    names = [f"state_{place}" for place in range(len(leaves))]
    inputs = {"x": (shape, dtype)}
    inputs |= {
        name: (leaf.shape[1:], jnp.dtype(leaf.dtype)) for name, leaf in zip(names, leaves, strict=True)
    }
    return Signature(STEPS, function, inputs, ("y", *(f"next_{name}" for name in names)))
