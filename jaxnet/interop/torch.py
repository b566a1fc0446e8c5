"""Parameters from PyTorch and back: state dicts of modules that this library has a layer for.

Neither function imports torch. The differences: the weight of a Linear is (out, in) there; that of a
convolution is (out, in, *sizes), and images are (channels, height, width), so that the features after a
Flatten have another order; a recurrent layer has two biases, of which only the sum counts (in a GRU the inner
bias of the last gate stays separate, ``c``).
"""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxnet._validation import params_of
from jaxnet.interop.torch_modules import MODULES, Arrays, Part
from jaxnet.interop.torch_state import groups
from jaxnet.layers import Layer
from jaxnet.layers.base import Params, same_shape
from jaxnet.layers.calls import check_entries
from jaxnet.layers.combinators import as_shape


def from_torch(
    net: Layer,
    state_dict: Mapping[str, Any],
    *,
    in_shape: int | Sequence[int] | None = None,
    modules: Iterable[str] | None = None,
) -> Params:
    """Parameters for a network from the state dict of a PyTorch module with the same architecture.

    The modules with parameters are matched with the layers with parameters in their order: Linear with
    ``dense`` (or ``mlp``), Conv1d, Conv2d, ConvTranspose1d and 2d, LayerNorm (of the last axis), Embedding,
    RNN, LSTM, GRU (``batch_first=True``; each of their ``num_layers`` is a layer here) and their
    ``bidirectional``. Activations and other modules without parameters are not in a state dict: choose the
    same ones in the network.

    Args:
        net: the network that takes the parameters.
        state_dict: name -> torch tensor, NumPy array or the like: ``model.state_dict()``, or what
            ``safetensors.numpy.load_file`` gives.
        in_shape: shape of one example, as for ``init``; with it all shapes are checked at once. Needed where
            the network flattens an image before its first convolution: (height, width, channels).
        modules: names of the modules in order, ["conv1", "conv2", "fc"]; None: their order in the state dict,
            with the parts of a ``torch.nn.Sequential`` by their numbers. Files do not keep the order of
            names: give them for a safetensors file, unless all of it is one Sequential.

    Returns:
        Parameters in the structure that ``net.init`` returns.

    Raises:
        ValueError: the numbers of modules and layers differ, shapes do not fit, or something has no
            counterpart here, such as batch normalisation, or the features of images that were flattened in
            the branches of ``parallel`` or together with the time axis.

    Example:
        >>> import jaxnet
        >>> net = jaxnet.mlp("2-1")
        >>> params = from_torch(net, {"0.weight": np.array([[3.0, 4.0]]), "0.bias": np.array([5.0])})
        >>> net.apply(params, np.array([10.0, 1.0])).tolist()
        [39.0]

    Reference: A. Paszke and others, "PyTorch: An Imperative Style, High-Performance Deep Learning Library",
    2019.
    """
    found = groups(state_dict, modules)
    count = len(found)
    slots = len(_slots(net))
    if slots != count:
        raise ValueError(
            f"from_torch: the network has {slots} layers with parameters, the state dict {count} modules "
            f"({', '.join(group.name or 'one' for group in found) or 'none'})"
        )
    left = iter(found)

    def take(layer: Layer, own: Params, name: str, features: int | None) -> Params:
        group = next(left)
        arrays = dict(group.arrays)
        taken = MODULES[layer.spec.name].take(Part(group.name, layer, features), arrays)
        if arrays:
            raise ValueError(
                f"from_torch: module {group.name!r} has {', '.join(arrays)}, which {layer!r} has no place for"
            )
        return taken

    params = _visit(net, None, "", _layout(in_shape), take)[0]
    shape = net.facts.in_shape if in_shape is None else as_shape("from_torch", in_shape)
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
    """A state dict for a PyTorch module with the architecture of the network; the inverse of ``from_torch``.

    ``model.load_state_dict({name: torch.from_numpy(a) for name, a in to_torch(net, params).items()})``.
    What ``from_torch`` took is returned unchanged, except for recurrent layers: there the first bias holds
    the sum of the two.

    Args:
        net: a network.
        params: its parameters.
        in_shape: as for ``from_torch``.
        modules: names of the modules in order; a repeated name is the next of ``num_layers`` of a recurrent
            module. None: the names of a ``torch.nn.Sequential`` with one module per layer, activations and
            the like included.

    Returns:
        name -> NumPy array, a copy.

    Raises:
        ValueError: the numbers of names and layers differ, or a layer of your own has parameters.

    Example:
        >>> import jaxnet
        >>> net = jaxnet.serial(jaxnet.relu, jaxnet.dense(1))
        >>> to_torch(net, [{}, {"w": np.array([[3.0], [4.0]]), "b": np.zeros(1)}])["1.weight"].tolist()
        [[3.0, 4.0]]
    """
    params = params_of("to_torch", params)
    names = None if modules is None else list(modules)
    slots = len(_slots(net))
    if names is not None and len(names) != slots:
        raise ValueError(
            f"to_torch: the network has {slots} layers with parameters, got {len(names)} names of modules"
        )
    found: Arrays = {}
    seen: dict[str, int] = {}

    def give(layer: Layer, own: Params, name: str, features: int | None) -> Params:
        name = name if names is None else names[sum(seen.values())]
        place = seen[name] = seen.get(name, 0) + 1
        given = MODULES[layer.spec.name].give(Part(name, layer, features), own)
        for key, array in given.items():
            key = f"{name}.{key.replace('_l0', f'_l{place - 1}')}".lstrip(".")
            if key in found:
                raise ValueError(f"to_torch: two layers would be {key!r}; give modules other names")
            found[key] = np.array(array, order="C")  # a copy, since arrays of JAX are read-only
        return own

    _visit(net, params, "", _layout(in_shape), give)
    return found


# --- a walk through the network -------------------------------------------------------------------------


class _Layout(NamedTuple):
    """How the axes of an example are ordered in PyTorch where they differ from here.

    Attributes:
        kind: "last" (the same), "first" (channels first), "flat" (channels first, flattened), "mixed"
            (flattened in an order that the number of channels does not determine), "unclear" (not flattened,
            and either of the first two), or "unknown" (no in_shape).
        channels: how many, where that is known.
        axes: of one image or sequence, channels included, at the end of the shape; None: all of them.
    """

    kind: str
    channels: int | None = None
    axes: int | None = None


_ALIKE = _Layout("last")
_Act = Callable[[Layer, Params, str, int | None], Params]


def _layout(in_shape: Any) -> _Layout:
    if in_shape is None:
        return _Layout("unknown")
    shape = as_shape("from_torch", in_shape)
    if len(shape) < 3:
        return _ALIKE
    return _Layout("first", shape[-1], None if len(shape) == 3 else 3)


def _visit(layer: Layer, own: Params, path: str, layout: _Layout, act: _Act) -> tuple[Params, _Layout]:
    """Call ``act`` on each layer that has parameters, in order, and collect the parameters it returns."""
    if layer.spec.name in MODULES:
        return act(layer, own, path, _features(layer, layout)), _after(layer, layout)
    inside = layer.facts.inside
    if not inside.layers:
        if layer.spec.name == "custom" and own:
            raise ValueError("to_torch: the parameters of a layer of your own cannot be converted")
        return {}, _after(layer, layout)
    if layer.spec.name == "time_distributed":
        return _visit(inside.layers[0], own, path, layout, act)
    if own is not None:
        check_entries(layer.spec.name, own, len(layer.spec.layers) or len(_slots(layer)))
    owns = [None] * len(inside.layers) if own is None else inside.params(own)
    done, start, branches = [], layout, []
    for place, (part, its) in enumerate(zip(inside.layers, owns, strict=True)):
        result, layout = _visit(part, its, f"{path}.{place}" if path else str(place), layout, act)
        done.append(result)
        branches.append(layout)
        layout = start if inside.order == "parallel" else layout
    if inside.order == "parallel":
        layout = _merged(layer.spec.options["merge"] or "concat", branches)
    elif inside.order == "residual" and start.kind in ("flat", "mixed"):
        layout = _merged("sum", [start, layout])
    if not layer.spec.layers:  # an mlp has entries for its dense layers alone
        done = [params for params in done if params]
    return done, layout


def _features(layer: Layer, layout: _Layout) -> int | None:
    """Channels of the image whose flattened features the layer takes; None: they are in the same order."""
    if layout.kind == "mixed" or (layout.kind == "flat" and not MODULES[layer.spec.name].reorders):
        raise ValueError(
            f"from_torch, to_torch: {layer!r} gets flattened images in an order that cannot be compared with "
            "PyTorch's; flatten after parallel instead of in its branches, and inside time_distributed"
        )
    if layout.kind == "flat" and layout.channels is None:
        raise ValueError(
            "from_torch, to_torch: the order of the features after flatten depends on what is flattened; "
            f"give in_shape, as (28, 28, 1) ({layer!r})"
        )
    return layout.channels if layout.kind == "flat" else None


def _after(layer: Layer, layout: _Layout) -> _Layout:
    name, options, _ = layer.spec
    if inspect.unwrap(layer.out_shape) is same_shape:
        return layout
    if layer.facts.image_axes and "filters" in options:
        return _Layout("first", options["filters"], layer.facts.image_axes)
    if layout.kind in ("flat", "mixed"):
        if name in MODULES and MODULES[name].reorders:
            return _ALIKE
        return layout if name == "flatten" and options.get("ndim") == 1 else _Layout("mixed")
    if layer.facts.image_axes:
        return _Layout("first", layout.channels, layer.facts.image_axes)
    if layout.kind == "last" or layout.channels == 1:  # one channel: the order is the same
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


def _slots(layer: Layer) -> list[Layer]:
    """The layers with parameters, in order."""
    if layer.spec.name in MODULES:
        return [layer]
    return [slot for part in layer.facts.inside.layers for slot in _slots(part)]


def _compare(net: Layer, shape: tuple[int, ...], params: Params) -> None:
    """Raise ValueError unless the parameters have the shapes of those that ``init`` makes."""
    want = jax.eval_shape(lambda: net.init(jax.random.key(0), shape))
    if jax.tree.structure(want) != jax.tree.structure(params):
        raise ValueError("from_torch: a layer of your own has parameters, which cannot be converted")
    for (path, leaf), got in zip(jax.tree.leaves_with_path(want), jax.tree.leaves(params), strict=True):
        if leaf.shape != got.shape:
            name = jax.tree_util.keystr(path, simple=True, separator=".")
            raise ValueError(
                f"from_torch: {name} gets the shape {got.shape}, and the network needs {leaf.shape} "
                f"for in_shape {shape}"
            )
