"""Helpers of the examples: options, tables, figures, number of weights."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import jax


def parser(doc: str | None, **extra: dict[str, Any]) -> argparse.ArgumentParser:
    """The command-line options of an example; its docstring is the help text."""
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--seed", type=int, default=0, help="random seed (default: 0)")
    made.add_argument(
        "--seeds",
        type=int,
        default=5,
        help="how many seeds, from this one on; figures are their median with their range (default: 5)",
    )
    made.add_argument(
        "--quick",
        action="store_true",
        help="use tiny sizes, to test the script; the results are not meaningful",
    )
    made.add_argument("--picture", metavar="PATH", help="write the figure to this file")
    for name, option in extra.items():
        made.add_argument(f"--{name}", **option)
    return made


def seeds(args: argparse.Namespace) -> range:
    """The seeds of a run; a quick one has a single seed.

    Example:
        >>> list(seeds(parser("").parse_args(["--seed", "3", "--seeds", "2"])))
        [3, 4]
    """
    return range(args.seed, args.seed + (1 if args.quick else max(args.seeds, 1)))


def stop(message: str) -> NoReturn:
    """Exit with an error message."""
    sys.exit(f"{os.path.basename(sys.argv[0])}: {message}")


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table; floats are shown with four decimals.

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
    """Number of parameters of a network.

    Example:
        >>> weights([{"w": jax.numpy.ones((2, 3)), "b": jax.numpy.ones(3)}])
        9
    """
    return sum(leaf.size for leaf in jax.tree.leaves(params))


def save(figure: Any, path: str) -> None:
    """Write a matplotlib figure; the same figure always gives the same bytes."""
    figure.savefig(path, dpi=110, metadata={"Software": None} if path.endswith(".png") else None)
    print(f"wrote {path}")


def spread(values: Any, digits: int = 3) -> str:
    """The median of several seeds with their range; one value stands alone.

    Example:
        >>> spread([0.5, 0.75, 0.7]), spread([0.25])
        ('0.700 (0.500 to 0.750)', '0.250')
    """
    ordered = sorted(map(float, values))
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    if len(ordered) == 1:
        return f"{median:.{digits}f}"
    return f"{median:.{digits}f} ({ordered[0]:.{digits}f} to {ordered[-1]:.{digits}f})"
