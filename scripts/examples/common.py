"""What the examples share: their options, a table, a picture, the size of a network."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import jax


def options(doc: str | None, **more: dict[str, Any]) -> argparse.ArgumentParser:
    """The options of an example; its docstring is the help."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of everything random (default: 0)")
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes: does it run? The figures mean little"
    )
    parser.add_argument("--picture", metavar="PATH", help="write the picture there")
    for name, option in more.items():
        parser.add_argument(f"--{name}", **option)
    return parser


def stop(message: str) -> NoReturn:
    """End with one sentence."""
    sys.exit(f"{os.path.basename(sys.argv[0])}: {message}")


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows under a header; numbers between 0 and 1 with four places.

    Example:
        >>> table(["net", "weights", "accuracy"], [["MLP", 12730, 0.5]])
        net  weights  accuracy
        MLP    12730    0.5000
    """
    cells = [
        [f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in row] for row in (header, *rows)
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        first, *rest = (
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join([first, *rest]), flush=True)


def weights(params: Any) -> int:
    """How many numbers a network has to learn.

    Example:
        >>> weights([{"w": jax.numpy.ones((2, 3)), "b": jax.numpy.ones(3)}])
        9
    """
    return sum(leaf.size for leaf in jax.tree.leaves(params))


def save(figure: Any, path: str) -> None:
    """Write a matplotlib figure, the same bytes each time."""
    figure.savefig(path, dpi=110, metadata={"Software": None} if path.endswith(".png") else None)
    print(f"wrote {path}")
