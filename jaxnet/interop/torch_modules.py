"""The parameters of one layer from the arrays of a PyTorch module, and back; see :mod:`jaxnet.interop.torch`.

A layer that has a counterpart in PyTorch needs two functions here and a line in ``MODULES``.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxnet.layers import Layer
from jaxnet.layers.base import Params

Arrays = dict[str, np.ndarray]


class Part(NamedTuple):
    """What a conversion needs to know about one module of a network.

    Attributes:
        name: of the module.
        layer: of this library.
        features: channels of the image whose flattened features are its input; None: the order is the same.
    """

    name: str
    layer: Layer
    features: int | None


class Module(NamedTuple):
    """A kind of PyTorch module that a layer corresponds to.

    Attributes:
        take: (part, arrays) -> parameters; removes from the arrays what it needs.
        give: (part, parameters) -> arrays.
        reorders: whether it can take flattened images, whose features it puts into the order of this library.
    """

    take: Callable[..., Params]
    give: Callable[..., Arrays]
    reorders: bool = True


def _pop(part: Part, arrays: Arrays, leaf: str, shape: tuple[int | None, ...]) -> np.ndarray:
    """An array of the module, of that shape; None there stands for any size."""
    if leaf not in arrays:
        raise ValueError(f"from_torch: module {part.name!r} has no {leaf}, which {part.layer!r} needs")
    array = arrays.pop(leaf)
    fits = array.ndim == len(shape) and all(
        want in (None, got) for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(
            f"from_torch: {part.name}.{leaf} has the shape {array.shape}, and {part.layer!r} needs "
            f"({wanted}); if only the order differs, give modules=[...]"
        )
    return array


def _reorder(part: Part, rows: np.ndarray, back: bool = False) -> np.ndarray:
    """Rows for (channels, height, width) as rows for (height, width, channels), or back."""
    if part.features is None:
        return rows
    if len(rows) % part.features:
        raise ValueError(
            f"from_torch, to_torch: {part.layer!r} has {len(rows)} inputs, which is not a multiple of "
            f"{part.features} channels"
        )
    places = len(rows) // part.features
    split = (places, part.features) if back else (part.features, places)
    return rows.reshape(*split, *rows.shape[1:]).swapaxes(0, 1).reshape(rows.shape)


def _with_bias(part: Part, arrays: Arrays, w: np.ndarray, size: int) -> Params:
    """The weight, and the bias where the layer has one."""
    params = {"w": jnp.asarray(w)}
    if part.layer.spec.options["use_bias"]:
        params["b"] = jnp.asarray(_pop(part, arrays, "bias", (size,)))
    return params


def _weight_and_bias(weight: np.ndarray, params: Params) -> Arrays:
    return {"weight": weight} | ({"bias": params["b"]} if "b" in params else {})


def _take_dense(part: Part, arrays: Arrays) -> Params:
    units = part.layer.spec.options["units"]
    return _with_bias(part, arrays, _reorder(part, _pop(part, arrays, "weight", (units, None)).T), units)


def _give_dense(part: Part, params: Params) -> Arrays:
    return _weight_and_bias(_reorder(part, np.asarray(params["w"]), back=True).T, params)


def _convolution(filters_axis: int) -> Module:
    """For weights with the filters in that axis and the channels in the other one of the first two."""
    axes = (1 - filters_axis, filters_axis)

    def take(part: Part, arrays: Arrays) -> Params:
        filters, kernel = part.layer.spec.options["filters"], part.layer.spec.options["kernel"]
        ends = (None, filters) if filters_axis else (filters, None)
        weight = _pop(part, arrays, "weight", (*ends, *kernel))
        return _with_bias(part, arrays, np.moveaxis(weight, axes, (-2, -1)), filters)

    def give(part: Part, params: Params) -> Arrays:
        return _weight_and_bias(np.moveaxis(np.asarray(params["w"]), (-2, -1), axes), params)

    return Module(take, give, reorders=False)


def _take_norm(part: Part, arrays: Arrays) -> Params:
    scale = _pop(part, arrays, "weight", (None,))
    shift = _pop(part, arrays, "bias", scale.shape) if "bias" in arrays else np.zeros_like(scale)
    return {"scale": jnp.asarray(_reorder(part, scale)), "b": jnp.asarray(_reorder(part, shift))}


def _give_norm(part: Part, params: Params) -> Arrays:
    scale, shift = np.asarray(params["scale"]), np.asarray(params["b"])
    return {"weight": _reorder(part, scale, back=True), "bias": _reorder(part, shift, back=True)}


def _take_embedding(part: Part, arrays: Arrays) -> Params:
    options = part.layer.spec.options
    return {"w": jnp.asarray(_pop(part, arrays, "weight", (options["vocabulary"], options["features"])))}


def _give_embedding(part: Part, params: Params) -> Arrays:
    return {"weight": params["w"]}


def _recurrent(gates: int) -> Module:
    """A recurrent module; with three gates, a GRU, the inner bias of the last one stays separate."""

    def take(part: Part, arrays: Arrays, direction: str = "") -> Params:
        units = part.layer.spec.options["units"]
        size = gates * units
        w = _pop(part, arrays, f"weight_ih_l0{direction}", (size, None))
        u = _pop(part, arrays, f"weight_hh_l0{direction}", (size, units))
        outer, inner = np.zeros((2, size), w.dtype)  # a module made with bias=False has none
        if f"bias_ih_l0{direction}" in arrays:
            outer = _pop(part, arrays, f"bias_ih_l0{direction}", (size,))
            inner = _pop(part, arrays, f"bias_hh_l0{direction}", (size,))
        params = {"w": jnp.asarray(_reorder(part, w.T)), "u": jnp.asarray(u.T)}
        if gates != 3:
            return params | {"b": jnp.asarray(outer + inner)}
        both = np.concatenate([outer[: 2 * units] + inner[: 2 * units], outer[2 * units :]])
        return params | {"b": jnp.asarray(both), "c": jnp.asarray(inner[2 * units :])}

    def give(part: Part, params: Params, direction: str = "") -> Arrays:
        outer = np.asarray(params["b"])
        inner = np.zeros_like(outer)
        if "c" in params:
            inner[2 * len(outer) // 3 :] = params["c"]
        return {
            f"weight_ih_l0{direction}": _reorder(part, np.asarray(params["w"]), back=True).T,
            f"weight_hh_l0{direction}": np.asarray(params["u"]).T,
            f"bias_ih_l0{direction}": outer,
            f"bias_hh_l0{direction}": inner,
        }

    return Module(take, give)


def _take_bidirectional(part: Part, arrays: Arrays) -> Params:
    one = part._replace(layer=part.layer.spec.layers[0])
    return [MODULES[one.layer.spec.name].take(one, arrays, direction) for direction in ("", "_reverse")]


def _give_bidirectional(part: Part, params: Params) -> Arrays:
    give = MODULES[part.layer.spec.layers[0].spec.name].give
    return give(part, params[0]) | give(part, params[1], "_reverse")


#: layer -> the module that it corresponds to
MODULES: Mapping[str, Module] = {
    "dense": Module(_take_dense, _give_dense),
    "conv": _convolution(filters_axis=0),
    "conv_transpose": _convolution(filters_axis=1),
    "layer_norm": Module(_take_norm, _give_norm),
    "embedding": Module(_take_embedding, _give_embedding, reorders=False),
    "simple_rnn": _recurrent(gates=1),
    "lstm": _recurrent(gates=4),
    "gru": _recurrent(gates=3),
    "bidirectional": Module(_take_bidirectional, _give_bidirectional),
}
