"""The layers of a network as a table: output shapes, parameters, floating-point operations."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax

from jaxnet._arrays import html_table
from jaxnet.layers.base import Layer, Shape
from jaxnet.layers.combinators import as_shape
from jaxnet.layers.costs import operations_of, shapes_as_text


class Row(NamedTuple):
    """One layer of the table.

    Attributes:
        layer: its name, indented by its depth in the network.
        out_shape: shape of its output for one example.
        parameters: how many numbers it learns.
        forward: floating-point operations for one example: a multiplication and an addition for each term of
            a product, and one for each bias. Activations, normalisation, pooling and gates are left out: they
            are few compared with the products. Zeros of a padding count like the rest.
        backward: the same for the gradients with respect to its parameters and its input.
    """

    layer: str
    out_shape: Shape
    parameters: int
    forward: int
    backward: int


class Summary(NamedTuple):
    """A network as a table; ``str`` formats it within 80 columns.

    Attributes:
        rows: one per layer, outermost first.
        parameters: of the whole network.
        forward: floating-point operations of the whole network for one example.
        backward: those of the gradients with respect to all parameters.
    """

    rows: tuple[Row, ...]
    parameters: int
    forward: int
    backward: int

    def __str__(self) -> str:
        """The table."""
        head = ("layer", "output", "parameters", "FLOPs forward", "backward")
        body = [(row.layer, shapes_as_text(row.out_shape), *map(_digits, row[2:])) for row in self.rows]
        foot = ("total", "", *map(_digits, self[1:]))
        columns = list(zip(head, *body, foot, strict=True))
        widths = [max(map(len, column)) for column in columns]
        widths[0] = min(widths[0], 80 - sum(widths[1:]) - 2 * (len(widths) - 1))
        rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
        lines = [_line(row, widths) for row in (head, *body, foot)]
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The table as a notebook shows it."""
        cells = [(row.layer, shapes_as_text(row.out_shape), *map(_digits, row[2:])) for row in self.rows]
        return html_table(
            ("layer", "output", "parameters", "FLOPs forward", "backward"),
            [*cells, ("total", "", *map(_digits, self[1:]))],
        )


def summary(net: Layer, in_shape: int | Sequence[int] | Mapping[str, Any] | None = None) -> Summary:
    """The layers of a network with their output shapes, parameters and floating-point operations.

    Args:
        net: a network.
        in_shape: shape of one example, without batch axes; not needed where the network knows it (``mlp``).
            Of a network with several inputs name -> shape.

    Returns:
        The table; print it, or read its rows. Everything is for one example. The operations of layers of your
        own are counted in their traced programs.

    Raises:
        TypeError: in_shape is missing, and the network does not know it.
        ValueError: in_shape does not fit the network.

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
    shape: Any = net.facts.in_shape if in_shape is None else as_shape("summary", in_shape)
    if shape is None:
        raise TypeError("summary: this network needs in_shape, the shape of one example, e.g. (28, 28, 1)")
    rows = tuple(_rows(net, shape, 0, first=True))
    return Summary(rows, rows[0].parameters, rows[0].forward, rows[0].backward)


def _rows(layer: Layer, in_shape: Any, depth: int, first: bool) -> list[Row]:
    """The layer's own row, then those of the layers inside it.

    Args:
        layer: the layer.
        in_shape: shape of one example of its input.
        depth: how deep inside the network it is.
        first: whether its input is the data, with respect to which no gradient is computed.
    """
    out_shape = layer.out_shape(in_shape)
    inside = layer.facts.inside
    custom = layer.spec.name == "custom" and not inside.layers
    own = operations_of(layer, in_shape) if custom else layer.facts.operations(in_shape, out_shape)
    forward = own.input + own.state + own.bias
    backward = (1 if first else 2) * own.input + 2 * own.state + own.bias
    rows: list[Row] = []
    shape: Any
    shape, times = inside.in_shape(in_shape), inside.times(in_shape)
    for index, part in enumerate(inside.layers):
        several = inside.names and isinstance(shape, Mapping)
        part_rows = _rows(part, shape[inside.names[index]] if several else shape, depth + 1, first)
        if inside.names:
            label = f"{'  ' * (depth + 1)}{inside.names[index]}: {part_rows[0].layer.strip()}"
            part_rows[0] = part_rows[0]._replace(layer=label)
        forward += times * part_rows[0].forward
        backward += times * part_rows[0].backward
        if inside.order != "parallel":
            own_shape: Any = shape
            shape, first = part.out_shape(own_shape), first and part_rows[0].parameters == 0
        if layer.spec.layers or part_rows[0].parameters:  # of an mlp the dense layers alone
            rows += part_rows
    label = layer.facts.label or layer.spec.name
    return [Row("  " * depth + label, out_shape, _count(layer, in_shape), forward, backward), *rows]


def _count(layer: Layer, in_shape: Any) -> int:
    """How many numbers the layer learns."""
    params = jax.eval_shape(lambda key: layer.init(key, in_shape), jax.random.key(0))
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(params))


def _digits(number: int) -> str:
    return f"{number:,}" if number < 10**9 else f"{number:.3e}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Cells side by side: names to the left, numbers to the right."""
    name = cells[0] if len(cells[0]) <= widths[0] else cells[0][: widths[0] - 1] + "~"
    left = [name.ljust(widths[0]), cells[1].ljust(widths[1])]
    right = [cell.rjust(width) for cell, width in zip(cells[2:], widths[2:], strict=True)]
    return "  ".join(left + right).rstrip()
