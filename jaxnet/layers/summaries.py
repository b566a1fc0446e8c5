"""What a network is made of, as a table: output shapes, parameters, arithmetic."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax

from jaxnet.layers.base import Layer, Shape
from jaxnet.layers.basic import dense
from jaxnet.layers.combinators import as_shape, known_size


class Row(NamedTuple):
    """One layer of the table.

    Attributes:
        layer: what it is, indented by its depth in the network.
        out_shape: shape of its output for one example.
        parameters: how many numbers it learns.
        forward: floating-point operations for one example: a multiplication and an addition for each
            pair that a product takes, and one for each bias. Activations, normalisation, pooling and gates
            are left out: next to the products they do not count. Zeros of a padding count like the rest.
        backward: the same for the gradients by its parameters and its input.
    """

    layer: str
    out_shape: Shape
    parameters: int
    forward: int
    backward: int


class Summary(NamedTuple):
    """A network as a table; ``str`` lays it out within 80 columns.

    Attributes:
        rows: one for each layer, outermost first.
        parameters: of the whole network.
        forward: floating-point operations of the whole network for one example.
        backward: those of the gradients by all parameters.
    """

    rows: tuple[Row, ...]
    parameters: int
    forward: int
    backward: int

    def __str__(self) -> str:
        """The table."""
        head = ("layer", "output", "parameters", "FLOPs forward", "backward")
        body = [
            (row.layer, "x".join(map(str, row.out_shape)) or "()", *map(_digits, row[2:]))
            for row in self.rows
        ]
        foot = ("total", "", *map(_digits, self[1:]))
        columns = list(zip(head, *body, foot, strict=True))
        widths = [max(map(len, column)) for column in columns]
        widths[0] = min(widths[0], 80 - sum(widths[1:]) - 2 * (len(widths) - 1))
        rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
        lines = [_line(row, widths) for row in (head, *body, foot)]
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def summary(net: Layer, in_shape: Sequence[int] | None = None) -> Summary:
    """The layers of a network with their output shapes, parameters and arithmetic.

    Args:
        net: a network.
        in_shape: shape of one example, without batch axes; not needed where the network knows it (``mlp``).

    Returns:
        The table; print it, or read its rows. Everything is for one example. Layers of your own count their
        parameters but no operations.

    Raises:
        TypeError: no in_shape, and the network does not know it.
        ValueError: an in_shape that does not fit.

    Example:
        >>> from jaxnet.networks import mlp
        >>> print(summary(mlp("784-32-10")))
        layer    output  parameters  FLOPs forward  backward
        ----------------------------------------------------
        mlp      10          25,450         50,858    51,498
          dense  32          25,120         50,208    50,208
          dense  10             330            650     1,290
        ----------------------------------------------------
        total                25,450         50,858    51,498
    """
    if not isinstance(net, Layer):
        raise TypeError(
            f"summary: expected a network such as jaxnet.mlp([2, 2, 1]), got {type(net).__name__}"
        )
    shape = known_size(net) if in_shape is None else as_shape("summary", in_shape)
    if shape is None:
        raise TypeError("summary: this network needs in_shape, the shape of one example, e.g. (28, 28, 1)")
    rows = tuple(_rows(net, shape, 0, first=True))
    return Summary(rows, rows[0].parameters, rows[0].forward, rows[0].backward)


def _rows(layer: Layer, in_shape: Shape, depth: int, first: bool) -> list[Row]:
    """The layer's own row and behind it those of the layers inside it.

    Args:
        layer: the layer.
        in_shape: shape of one example as it comes in.
        depth: how deep inside the network it is.
        first: whether it sees the data themselves, whose gradient nobody wants.
    """
    out_shape = layer.out_shape(in_shape)
    name = layer.spec.name
    parts = _inside(layer, in_shape, depth + 1, first)
    forward, backward = _operations(layer, in_shape, out_shape, first)
    times = {"time_distributed": in_shape[:1], "bidirectional": (2,)}.get(name, ())
    forward += math.prod(times) * sum(rows[0].forward for rows in parts)
    backward += math.prod(times) * sum(rows[0].backward for rows in parts)
    own = Row("  " * depth + _label(layer), out_shape, _count(layer, in_shape), forward, backward)
    return [own, *(row for rows in parts for row in rows)]


def _inside(layer: Layer, in_shape: Shape, depth: int, first: bool) -> list[list[Row]]:
    """For each layer inside a combinator or a network its rows."""
    name, options, layers = layer.spec
    if name == "mlp":
        layers = [dense(size, use_bias=options["use_bias"]) for size in options["sizes"][1:]]
    if name == "time_distributed":
        in_shape = in_shape[1:]
    parts = []
    for part in layers:
        parts.append(_rows(part, in_shape, depth, first))
        if name in ("mlp", "serial", "residual"):  # one after another; otherwise side by side
            in_shape, first = part.out_shape(in_shape), first and parts[-1][0].parameters == 0
    return parts


def _operations(layer: Layer, in_shape: Shape, out_shape: Shape, first: bool) -> tuple[int, int]:
    """Floating-point operations of one layer for one example, forward and backward."""
    name, options, _ = layer.spec
    sides = 1 if first else 2  # gradients by the parameters, and by the input where someone wants them
    if name == "dense":
        product, bias = 2 * in_shape[-1] * math.prod(out_shape), math.prod(out_shape) * options["use_bias"]
        return product + bias, sides * product + bias
    if name in ("conv", "conv_transpose"):
        # a kernel for each output; transposed, a kernel for each input
        places = math.prod(out_shape if name == "conv" else (*in_shape[:-1], out_shape[-1]))
        product = 2 * math.prod(options["kernel"]) * in_shape[-1] * places
        bias = math.prod(out_shape) * options["use_bias"]
        return product + bias, sides * product + bias
    if name in ("simple_rnn", "lstm", "gru"):
        gates = {"simple_rnn": 1, "lstm": 4, "gru": 3}[name]
        steps, features, units = math.prod(in_shape[:-1]), in_shape[-1], options["units"]
        from_x, from_h, bias = (steps * gates * units * size for size in (2 * features, 2 * units, 1))
        return from_x + from_h + bias, sides * from_x + 2 * from_h + bias
    return 0, 0


def _count(layer: Layer, in_shape: Shape) -> int:
    """How many numbers the layer learns."""
    params = jax.eval_shape(lambda key: layer.init(key, in_shape), jax.random.key(0))
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(params))


def _label(layer: Layer) -> str:
    """The layer's name with what tells it from others of its kind."""
    name, options, _ = layer.spec
    if name == "activation":
        return str(
            options["name"]
            if isinstance(options["name"], str)
            else getattr(options["name"], "__name__", name)
        )
    if name in ("conv", "conv_transpose"):
        return f"{name} {'x'.join(map(str, options['kernel']))}"
    if name in ("max_pool", "avg_pool"):
        return f"{name} {'x'.join(map(str, options['window']))}"
    if name == "dropout":
        return f"dropout {options['rate']:g}" if isinstance(options["rate"], float) else name
    return name


def _digits(number: int) -> str:
    return f"{number:,}" if number < 10**9 else f"{number:.3e}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Cells side by side: names to the left, numbers to the right."""
    name = cells[0] if len(cells[0]) <= widths[0] else cells[0][: widths[0] - 1] + "~"
    left = [name.ljust(widths[0]), cells[1].ljust(widths[1])]
    right = [cell.rjust(width) for cell, width in zip(cells[2:], widths[2:], strict=True)]
    return "  ".join(left + right).rstrip()
