"""The drawing of neurons and weights that a lecture shows.

Users find these functions in :mod:`jaxnet.plot`.
"""

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxnet._validation import params_of
from jaxnet.plot.style import axes_or_new, numbers, words, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: more neurons than this in a layer are drawn as the first few, dots, and the last
SHOWN = 8
#: up to this many connections each weight is written beside its line
WRITTEN = 16
#: distance between layers
ACROSS = 2.2


def network(
    net: Any,
    params: Any = None,
    *,
    x: Any = None,
    ax: "Axes | None" = None,
    lang: str = "en",
) -> "Axes":
    """The neurons of an MLP as circles and its weights as lines.

    Args:
        net: a network from ``jaxnet.mlp``, or its sizes, such as ``[2, 2, 1]``.
        params: its parameters: a positive weight is a solid line, a negative one dashed, and the larger the
            weight, the thicker the line. In a small network the weights and biases are written too.
        x: one input of shape ``(n,)``: each neuron then shows its output for it.
        ax: axes to draw into.
        lang: kk, ru or en.

    Returns:
        The matplotlib ``Axes``.

    Raises:
        TypeError: if the network is not an MLP.
        ValueError: if parameters or input do not fit it.
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> from jaxnet import plot
        >>> ax = plot.network([2, 3, 1])
        >>> len(ax.patches), len(ax.lines)  # circles, connections
        (6, 9)
    """
    say = words("network", lang)
    sizes = _sizes(net)
    params = params_of("plot.network", params)
    weights, biases = _weights(sizes, params)
    values = None if x is None else _values(net, params, x)
    places = [_places(size) for size in sizes]
    top = max(column[0][1] for column in places)
    left, right, low, high = -0.9, ACROSS * (len(sizes) - 1) + 0.9, -top - 1.6, top + 0.8
    ax = axes_or_new("network", ax, 0.8 * (right - left), 0.8 * (high - low))
    few = sum(len(a) * len(b) for a, b in itertools.pairwise(places)) <= WRITTEN
    _draw_connections(ax, places, weights, few)
    for layer, column in enumerate(places):
        for i, height in column:
            ax.add_patch(_circle((ACROSS * layer, height)))
            if values is not None:
                _text(ax, layer, height, written(values[layer][i], 2), va="center", zorder=3)
            own = biases[layer - 1] if weights and layer else None
            if own is not None and few:
                _text(ax, layer, height + 0.36, f"b = {written(own[i])}", va="bottom", fontsize="small")
        if len(column) < sizes[layer]:
            _text(ax, layer, 0.5 * (column[-2][1] + column[-1][1]), "⋮", va="center", fontsize=18)
        kind = "input layer" if layer == 0 else "output layer" if layer == len(sizes) - 1 else "hidden layer"
        _text(ax, layer, -top - 0.6, f"{say[kind]}\n{sizes[layer]}", va="top")
    ax.set_aspect("equal")
    ax.set_xlim(left, right)
    ax.set_ylim(low, high)
    ax.axis("off")
    return ax


def _draw_connections(
    ax: "Axes", places: list[list[tuple[int, float]]], weights: list[np.ndarray], few: bool
) -> None:
    """A line per weight; if there are few, with the weight beside it."""
    largest = max((float(np.abs(w).max()) for w in weights), default=1.0) or 1.0
    for layer, (before, after) in enumerate(itertools.pairwise(places)):
        for (i, start), (j, end) in itertools.product(before, after):
            weight = weights[layer][i, j] if weights else 0.0
            ax.plot(
                [ACROSS * layer, ACROSS * (layer + 1)],
                [start, end],
                color="black" if weight >= 0 else "0.4",
                linestyle="-" if weight >= 0 else "--",
                linewidth=0.4 + 3.0 * abs(weight) / largest if weights else 0.8,
                alpha=1.0 if few else 0.5,
                zorder=1,
            )
            if weights and few:
                along = 0.3  # before the lines into one neuron meet
                _label(ax, ACROSS * (layer + along), start + along * (end - start), written(weight))


def _text(ax: "Axes", layer: int, height: float, text: str, **options: Any) -> None:
    ax.text(ACROSS * layer, height, text, ha="center", **options)


def _sizes(net: Any) -> list[int]:
    spec = getattr(net, "spec", None)
    if spec is None:
        sizes = [int(size) for size in net]
        if len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(f"plot.network: expected at least two sizes of at least 1, got {sizes}")
        return sizes
    if spec.name != "mlp":
        raise TypeError(f"plot.network: expected a network from jaxnet.mlp or its sizes, got {net!r:.60}")
    return list(spec.options["sizes"])


def _weights(sizes: list[int], params: Any) -> tuple[list[np.ndarray], list[np.ndarray | None]]:
    if params is None:
        return [], []
    weights = [numbers("network", "the weights", layer["w"]) for layer in params]
    if [w.shape for w in weights] != list(itertools.pairwise(sizes)):
        raise ValueError(
            f"plot.network: expected weights of shapes {list(itertools.pairwise(sizes))}, "
            f"got {[w.shape for w in weights]}"
        )
    return weights, [
        numbers("network", "the biases", layer["b"]) if "b" in layer else None for layer in params
    ]


def _values(net: Any, params: Any, x: Any) -> list[np.ndarray]:
    """The outputs of the neurons for the input x, layer by layer."""
    if params is None or not hasattr(net, "spec"):
        raise ValueError(
            "plot.network: to show the values for x, give a network from jaxnet.mlp and its params"
        )
    a = numbers("network", "x", x)
    if a.shape != net.facts.in_shape:
        raise ValueError(f"plot.network: expected x of shape {net.facts.in_shape}, got {a.shape}")
    outputs = [a]
    inside = net.facts.inside
    for layer, own in zip(inside.layers, inside.params(params), strict=True):
        outputs.append(np.asarray(layer.apply(own, outputs[-1])))
    return outputs[::2]  # without the net inputs, which the dense layers give


def _places(size: int) -> list[tuple[int, float]]:
    """The neurons of a layer that are drawn, each with its height, from the top."""
    if size <= SHOWN:
        return [(i, (size - 1) / 2 - i) for i in range(size)]
    first = [(i, (SHOWN - 1) / 2 - i) for i in range(SHOWN - 2)]
    return [*first, (size - 1, -(SHOWN - 1) / 2)]


def _circle(centre: tuple[float, float]) -> Any:
    from matplotlib.patches import Circle

    return Circle(centre, 0.3, facecolor="white", edgecolor="black", linewidth=1.3, zorder=2)


def _label(ax: "Axes", x: float, y: float, text: str) -> None:
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    ax.text(x, y, text, ha="center", va="center", fontsize="small", bbox=box, zorder=1.5)
