"""The command ``jaxnet``: train, evaluate and use a network on a table, without writing code."""

import sys
from collections.abc import Sequence

from jaxnet.cli.interrupts import Interrupts

__all__ = [
    "main",
]


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code; Ctrl-C is answered from the first moment on."""
    # a process of its own answers Ctrl-C until it is gone
    with Interrupts().watched(restore=argv is not None) as interrupts:
        from jaxnet.cli.commands import run  # takes a while, in which Ctrl-C may come

        code = run(sys.argv[1:] if argv is None else argv, interrupts)
    sys.exit(code)
