"""The command ``jaxnet``: train, evaluate and use a network on a table, without writing code."""

from jaxnet.cli.commands import main

__all__ = [
    "main",
]
