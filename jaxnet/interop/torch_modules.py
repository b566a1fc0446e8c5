"""One layer's parameters from the arrays of a PyTorch module, and back; see :mod:`jaxnet.interop.torch`."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxnet.layers import Layer
from jaxnet.layers.base import Params

_GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}
Arrays = dict[str, np.ndarray]


class Part(NamedTuple):
    """What a conversion needs to know of its place.

    Attributes:
        name: of the module.
        layer: of this library.
        features: channels of an image whose flattened features come in; None: the order is the same.
    """

    name: str
    layer: Layer
    features: int | None


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
            f"({wanted}); if only the order is another, give modules=[...]"
        )
    return array


def _reorder(part: Part, rows: np.ndarray, back: bool = False) -> np.ndarray:
    """Rows for (channels, height, width) as rows for (height, width, channels), or back."""
    if part.features is None:
        return rows
    if len(rows) % part.features:
        raise ValueError(
            f"from_torch, to_torch: {part.layer!r} has {len(rows)} inputs, which is not a number of places "
            f"with {part.features} channels each"
        )
    places = len(rows) // part.features
    split = (places, part.features) if back else (part.features, places)
    return rows.reshape(*split, *rows.shape[1:]).swapaxes(0, 1).reshape(rows.shape)


def _take_weight(part: Part, arrays: Arrays, shape: tuple[int | None, ...], bias: int) -> Params:
    weight = _pop(part, arrays, "weight", shape)
    if part.layer.spec.name == "dense":
        weight = _reorder(part, weight.T)
    elif part.layer.spec.name == "conv":
        weight = np.moveaxis(weight, (1, 0), (-2, -1))
    else:
        weight = np.moveaxis(weight, (0, 1), (-2, -1))
    params = {"w": jnp.asarray(weight)}
    if part.layer.spec.options["use_bias"]:
        params["b"] = jnp.asarray(_pop(part, arrays, "bias", (bias,)))
    return params


def _take_dense(part: Part, arrays: Arrays) -> Params:
    units = part.layer.spec.options["units"]
    return _take_weight(part, arrays, (units, None), units)


def _take_conv(part: Part, arrays: Arrays) -> Params:
    filters, kernel = part.layer.spec.options["filters"], part.layer.spec.options["kernel"]
    ends = (filters, None) if part.layer.spec.name == "conv" else (None, filters)
    return _take_weight(part, arrays, (*ends, *kernel), filters)


def _take_norm(part: Part, arrays: Arrays) -> Params:
    scale = _pop(part, arrays, "weight", (None,))
    shift = _pop(part, arrays, "bias", scale.shape) if "bias" in arrays else np.zeros_like(scale)
    return {"scale": jnp.asarray(_reorder(part, scale)), "b": jnp.asarray(_reorder(part, shift))}


def _take_embedding(part: Part, arrays: Arrays) -> Params:
    options = part.layer.spec.options
    return {"w": jnp.asarray(_pop(part, arrays, "weight", (options["vocabulary"], options["features"])))}


def _take_recurrent(part: Part, arrays: Arrays, way: str = "") -> Params:
    name, units = part.layer.spec.name, part.layer.spec.options["units"]
    size = _GATES[name] * units
    w = _pop(part, arrays, f"weight_ih_l0{way}", (size, None))
    u = _pop(part, arrays, f"weight_hh_l0{way}", (size, units))
    outer, inner = np.zeros((2, size), w.dtype)  # a module made with bias=False has none
    if f"bias_ih_l0{way}" in arrays:
        outer = _pop(part, arrays, f"bias_ih_l0{way}", (size,))
        inner = _pop(part, arrays, f"bias_hh_l0{way}", (size,))
    params = {"w": jnp.asarray(_reorder(part, w.T)), "u": jnp.asarray(u.T)}
    if name != "gru":
        return params | {"b": jnp.asarray(outer + inner)}
    both = np.concatenate([outer[: 2 * units] + inner[: 2 * units], outer[2 * units :]])
    return params | {"b": jnp.asarray(both), "c": jnp.asarray(inner[2 * units :])}


def _take_bidirectional(part: Part, arrays: Arrays) -> Params:
    inner = part._replace(layer=part.layer.spec.layers[0])
    return [_take_recurrent(inner, arrays, way) for way in ("", "_reverse")]


def _give_weight(part: Part, params: Params) -> Arrays:
    w, name = np.asarray(params["w"]), part.layer.spec.name
    if name == "dense":
        weight = _reorder(part, w, back=True).T
    else:
        weight = np.moveaxis(w, (-2, -1), (1, 0) if name == "conv" else (0, 1))
    return {"weight": weight} | ({"bias": params["b"]} if "b" in params else {})


def _give_norm(part: Part, params: Params) -> Arrays:
    scale, shift = np.asarray(params["scale"]), np.asarray(params["b"])
    return {"weight": _reorder(part, scale, back=True), "bias": _reorder(part, shift, back=True)}


def _give_embedding(part: Part, params: Params) -> Arrays:
    return {"weight": params["w"]}


def _give_recurrent(part: Part, params: Params, way: str = "") -> Arrays:
    outer = np.asarray(params["b"])
    inner = np.zeros_like(outer)
    if "c" in params:
        inner[2 * len(outer) // 3 :] = params["c"]
    return {
        f"weight_ih_l0{way}": _reorder(part, np.asarray(params["w"]), back=True).T,
        f"weight_hh_l0{way}": np.asarray(params["u"]).T,
        f"bias_ih_l0{way}": outer,
        f"bias_hh_l0{way}": inner,
    }


def _give_bidirectional(part: Part, params: Params) -> Arrays:
    return _give_recurrent(part, params[0]) | _give_recurrent(part, params[1], "_reverse")


#: layer -> function of (part, arrays) that takes what it needs out of the arrays and gives parameters
TAKE: Mapping[str, Callable[..., Params]] = {
    "dense": _take_dense, "conv": _take_conv, "conv_transpose": _take_conv, "layer_norm": _take_norm,
    "embedding": _take_embedding, "simple_rnn": _take_recurrent, "lstm": _take_recurrent,
    "gru": _take_recurrent, "bidirectional": _take_bidirectional,
}  # fmt: skip
#: layer -> function of (part, params) that gives the arrays
GIVE: Mapping[str, Callable[..., Arrays]] = {
    "dense": _give_weight, "conv": _give_weight, "conv_transpose": _give_weight, "layer_norm": _give_norm,
    "embedding": _give_embedding, "simple_rnn": _give_recurrent, "lstm": _give_recurrent,
    "gru": _give_recurrent, "bidirectional": _give_bidirectional,
}  # fmt: skip
