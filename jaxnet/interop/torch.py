"""Parameters from PyTorch and back: state dicts of modules that this library has a layer for.

Neither function imports torch. What differs: a Linear's weight is (out, in) there; a convolution's is
(out, in, *sizes), and images are (channels, height, width), so that the features behind a Flatten come in
another order; a recurrent layer has two biases, of which only the sum counts (in a GRU the inner bias of the
last gate stays apart, ``c``).
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet.interop.torch_modules import GIVE, TAKE, Arrays, Part
from jaxnet.layers import Layer, dense
from jaxnet.layers.base import Params
from jaxnet.layers.combinators import as_shape, check_params, known_size


def from_torch(
    net: Layer,
    state_dict: Mapping[str, Any],
    *,
    in_shape: int | Sequence[int] | None = None,
    modules: Iterable[str] | None = None,
) -> Params:
    """Parameters for a network from the state dict of a PyTorch module that is built like it.

    The modules with parameters are matched with the layers with parameters in their order: Linear with
    ``dense`` (or ``mlp``), Conv1d, Conv2d, ConvTranspose1d and 2d, LayerNorm (of the last axis), Embedding,
    RNN, LSTM, GRU (``batch_first=True``; each of their ``num_layers`` is a layer here) and their
    ``bidirectional``. Activations and other things without parameters are not in a state dict: choose the
    same in the network.

    Args:
        net: the network that takes the parameters.
        state_dict: name -> torch tensor, NumPy array or the like: ``model.state_dict()``, or what
            ``safetensors.numpy.load_file`` gives.
        in_shape: shape of one example, as for ``init``; with it all shapes are checked at once. Needed where
            the network flattens an image before its first convolution: (height, width, channels).
        modules: names of the modules in order, ["conv1", "conv2", "fc"]; None: their order in the state dict,
            with the parts of a ``torch.nn.Sequential`` by their numbers. Files keep no order of names: give
            them for a safetensors file, unless all of it is one Sequential.

    Returns:
        What ``net.init`` gives, with those numbers.

    Raises:
        ValueError: another number of modules than of layers, shapes that do not fit, or something that has no
            counterpart here, such as batch normalisation, or the features of images that were flattened side
            by side (in ``parallel``) or together with the time axis.

    Example:
        >>> import jaxnet
        >>> net = jaxnet.mlp("2-1")
        >>> params = from_torch(net, {"0.weight": np.array([[3.0, 4.0]]), "0.bias": np.array([5.0])})
        >>> net.apply(params, jnp.array([10.0, 1.0])).tolist()
        [39.0]

    Reference: A. Paszke and others, "PyTorch: An Imperative Style, High-Performance Deep Learning Library",
    2019.
    """
    groups = _groups(state_dict, modules)
    count = len(groups)
    slots = sum(1 for _ in _slots(net))
    if slots != count:
        raise ValueError(
            f"from_torch: the network has {slots} layers with parameters, the state dict {count} modules "
            f"({', '.join(group.name or 'one' for group in groups) or 'none'})"
        )
    left = iter(groups)

    def take(layer: Layer, own: Params, name: str, features: int | None) -> Params:
        group = next(left)
        arrays = dict(group.arrays)
        taken = TAKE[layer.spec.name](Part(group.name, layer, features), arrays)
        if arrays:
            raise ValueError(
                f"from_torch: module {group.name!r} has {', '.join(arrays)}, which {layer!r} has no place for"
            )
        return taken

    params = _visit(net, None, "", _layout(in_shape), take)[0]
    shape = known_size(net) if in_shape is None else as_shape("from_torch", in_shape)
    if shape is not None:
        _compare(net, shape, params)
    return params


def to_torch(
    net: Layer,
    params: Params,
    *,
    in_shape: int | Sequence[int] | None = None,
    modules: Iterable[str] | None = None,
) -> Arrays:
    """A state dict for a PyTorch module that is built like the network; the way back of ``from_torch``.

    ``model.load_state_dict({name: torch.from_numpy(a) for name, a in to_torch(net, params).items()})``. What
    comes from ``from_torch`` comes out as it went in, but for recurrent layers: there the sum of the two
    biases is in the first.

    Args:
        net: a network.
        params: its parameters.
        in_shape: as for ``from_torch``.
        modules: names of the modules in order; a name that comes again is the next of ``num_layers`` of a
            recurrent module. None: the names of a ``torch.nn.Sequential`` with one module a layer,
            activations and the like included.

    Returns:
        name -> NumPy array of its own.

    Raises:
        ValueError: another number of names than of layers, or a layer of your own that has parameters.

    Example:
        >>> import jaxnet
        >>> net = jaxnet.serial(jaxnet.relu, jaxnet.dense(1))
        >>> to_torch(net, [{}, {"w": jnp.array([[3.0], [4.0]]), "b": jnp.zeros(1)}])["1.weight"].tolist()
        [[3.0, 4.0]]
    """
    names = None if modules is None else list(modules)
    slots = sum(1 for _ in _slots(net))
    if names is not None and len(names) != slots:
        raise ValueError(
            f"to_torch: the network has {slots} layers with parameters, got {len(names)} names of modules"
        )
    found: Arrays = {}
    seen: dict[str, int] = {}

    def give(layer: Layer, own: Params, name: str, features: int | None) -> Params:
        name = name if names is None else names[sum(seen.values())]
        place = seen[name] = seen.get(name, 0) + 1
        given = GIVE[layer.spec.name](Part(name, layer, features), own)
        for key, array in given.items():
            key = f"{name}.{key.replace('_l0', f'_l{place - 1}')}".lstrip(".")
            if key in found:
                raise ValueError(f"to_torch: two layers would be {key!r}; give modules of other names")
            found[key] = np.array(array, order="C")  # a copy: what is JAX's cannot be written to
        return own

    _visit(net, params, "", _layout(in_shape), give)
    return found


# --- a walk through the network -------------------------------------------------------------------------


class _Layout(NamedTuple):
    """How an example lies in torch where it lies otherwise here.

    Attributes:
        kind: "last" (alike), "first" (channels first), "flat" (channels first, flattened), "mixed" (flattened
            in an order that a number of channels does not tell), "unclear" (not flattened, and it cannot be
            told which of the first two), or "unknown" (no in_shape).
        channels: how many, where that is known.
        axes: of one image or sequence, channels included, at the end of the shape; None: all of them.
    """

    kind: str
    channels: int | None = None
    axes: int | None = None


_ALIKE = _Layout("last")
_REORDERED = ("dense", "layer_norm", "simple_rnn", "lstm", "gru", "bidirectional")
_Act = Callable[[Layer, Params, str, int | None], Params]


def _layout(in_shape: Any) -> _Layout:
    if in_shape is None:
        return _Layout("unknown")
    shape = as_shape("from_torch", in_shape)
    if len(shape) < 3:
        return _ALIKE
    return _Layout("first", shape[-1], None if len(shape) == 3 else 3)


def _visit(layer: Layer, own: Params, path: str, layout: _Layout, act: _Act) -> tuple[Params, _Layout]:
    """Do something with each layer that has parameters, in order, and give the parameters that come of it."""
    name, options, inside = layer.spec
    if name in ("serial", "residual", "parallel"):
        if own is not None:
            check_params(name, own, len(inside))
        done, start, sums = [], layout, []
        for place, part in enumerate(inside):
            its = None if own is None else own[place]
            result, layout = _visit(part, its, _join(path, place), layout, act)
            done.append(result)
            sums.append(layout)
            layout = start if name == "parallel" else layout
        if name == "parallel":
            layout = _merged(options["merge"], sums)
        elif name == "residual" and start.kind in ("flat", "mixed"):
            layout = _merged("sum", [start, layout])
        return done, layout
    if name == "time_distributed":
        return _visit(inside[0], own, path, layout, act)
    if name == "mlp":
        done = []
        for place, units in enumerate(options["sizes"][1:]):
            part = dense(units, use_bias=options["use_bias"])
            its = None if own is None else own[place]
            result, layout = _visit(part, its, _join(path, 2 * place), layout, act)
            done.append(result)
        return done, _ALIKE
    if name in TAKE:
        features = None
        if layout.kind == "mixed" or (layout.kind == "flat" and name not in _REORDERED):
            raise ValueError(
                f"from_torch, to_torch: {layer!r} gets flattened images in an order that cannot be compared "
                "with PyTorch's; flatten behind parallel in place of in its branches, and inside "
                "time_distributed"
            )
        if layout.kind == "flat":
            features = layout.channels
            if features is None:
                raise ValueError(
                    f"from_torch, to_torch: the order of the features behind flatten depends on what is "
                    f"flattened; give in_shape, as (28, 28, 1) ({layer!r})"
                )
        return act(layer, own, path, features), _after(layer, layout)
    if name == "custom" and own:
        raise ValueError("to_torch: the parameters of a layer of your own cannot be carried over")
    return {}, _after(layer, layout)


def _after(layer: Layer, layout: _Layout) -> _Layout:
    name, options, _ = layer.spec
    if name in ("activation", "dropout", "layer_norm"):
        return layout
    if name in ("conv", "conv_transpose"):
        return _Layout("first", options["filters"], len(options["kernel"]) + 1)
    if layout.kind in ("flat", "mixed"):
        if name in _REORDERED:
            return _ALIKE
        return layout if name == "flatten" and options.get("ndim") == 1 else _Layout("mixed")
    if name in ("max_pool", "avg_pool"):
        return _Layout("first", layout.channels, len(options["window"]) + 1)
    if layout.kind == "last" or layout.channels == 1:  # one channel lies alike
        return _ALIKE
    if name == "custom":
        return _Layout("unknown" if layout.kind == "unknown" else "unclear")
    if name == "flatten":
        if layout.kind == "unknown":
            return _Layout("flat")
        wanted = (None, 3) if layout.axes is None else (layout.axes,)
        fits = layout.kind == "first" and options.get("ndim") in wanted
        return _Layout("flat", layout.channels) if fits else _Layout("mixed")
    return _ALIKE


def _merged(merge: str, layouts: list[_Layout]) -> _Layout:
    kinds = {layout.kind for layout in layouts}
    if len(layouts) == 1 or kinds == {"last"}:
        return layouts[0]
    if kinds & {"flat", "mixed"}:  # blocks side by side, each with an order of its own
        return layouts[0] if merge != "concat" and {*layouts} == {layouts[0]} else _Layout("mixed")
    if kinds <= {"first", "unknown"}:
        channels = [layout.channels for layout in layouts]
        axes = {layout.axes for layout in layouts} - {None}
        if "first" not in kinds or len(axes) > 1:
            return _Layout("unknown" if "first" not in kinds else "unclear")
        if merge == "concat":
            count = None if None in channels else sum(count or 0 for count in channels)
        else:
            count = next((count for count in channels if count is not None), None)
        return _Layout("first", count, *axes)
    return _Layout("unknown" if kinds == {"last", "unknown"} else "unclear")


def _slots(net: Layer) -> Iterator[Layer]:
    """The layers with parameters, in order."""
    if net.spec.name == "mlp":
        yield from [net] * (len(net.spec.options["sizes"]) - 1)
    elif net.spec.name in TAKE:
        yield net
    else:
        for part in net.spec.layers:
            yield from _slots(part)


def _join(path: str, place: int) -> str:
    return f"{path}.{place}" if path else str(place)


def _compare(net: Layer, shape: tuple[int, ...], params: Params) -> None:
    """Refuse parameters of other shapes than ``init`` makes."""
    want = jax.eval_shape(lambda: net.init(jax.random.key(0), shape))
    if jax.tree.structure(want) != jax.tree.structure(params):
        raise ValueError("from_torch: a layer of your own has parameters, which cannot be carried over")
    for (path, leaf), got in zip(jax.tree.leaves_with_path(want), jax.tree.leaves(params), strict=True):
        if leaf.shape != got.shape:
            name = jax.tree_util.keystr(path, simple=True, separator=".")
            raise ValueError(
                f"from_torch: {name} comes out in the shape {got.shape}, and the network needs {leaf.shape} "
                f"for in_shape {shape}"
            )


# --- the state dict -------------------------------------------------------------------------------------


class _Group(NamedTuple):
    """A module, or one of the layers of a recurrent module."""

    name: str
    arrays: Arrays


def _groups(state_dict: Mapping[str, Any], modules: Iterable[str] | None) -> list[_Group]:
    if not isinstance(state_dict, Mapping):
        raise TypeError(
            f"from_torch: expected a state dict, name -> array, got {type(state_dict).__name__}; "
            "call model.state_dict()"
        )
    found: dict[str, dict[int, Arrays]] = {}
    for key, value in state_dict.items():
        name, _, leaf = key.rpartition(".")
        if leaf in ("running_mean", "running_var", "num_batches_tracked"):
            raise ValueError(
                f"from_torch: module {name!r} is a batch normalisation, which this library does without; "
                "fold it into the layer before it"
            )
        layer = re.fullmatch(r"((?:weight|bias)_(?:ih|hh|hr)_l)(\d+)(_reverse)?", leaf)
        place = int(layer[2]) if layer else 0
        leaf = f"{layer[1]}0{layer[3] or ''}" if layer else leaf
        found.setdefault(name, {}).setdefault(place, {})[leaf] = _array(key, value)
    if modules is not None:
        wanted = list(dict.fromkeys(modules))
        if set(wanted) != set(found):
            raise ValueError(
                f"from_torch: the state dict has the modules {', '.join(found)}, and modules names "
                f"{', '.join(wanted)}"
            )
    else:
        wanted = _in_order(found)
    return [_Group(name, found[name][place]) for name in wanted for place in sorted(found[name])]


def _in_order(names: Collection[str]) -> list[str]:
    """Names as they come, but numbers under one parent as numbers: a file may have "10" before "2"."""
    children: dict[str, dict[str, int]] = {}
    for name in names:
        parent = ""
        for part in name.split("."):
            siblings = children.setdefault(parent, {})
            siblings.setdefault(part, len(siblings))
            parent += f".{part}"

    def place(name: str) -> list[int]:
        found, parent = [], ""
        for part in name.split("."):
            siblings = children[parent]
            found.append(int(part) if all(map(str.isdecimal, siblings)) else siblings[part])
            parent += f".{part}"
        return found

    return sorted(names, key=place)


def _array(key: str, value: Any) -> np.ndarray:
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":  # NumPy knows it by JAX only
            return value.float().numpy().astype(jnp.bfloat16)
    array = np.asarray(value)
    if array.dtype.kind not in "f" and array.dtype != jnp.bfloat16:
        raise ValueError(f"from_torch: expected numbers in {key!r}, got {array.dtype}")
    return array
