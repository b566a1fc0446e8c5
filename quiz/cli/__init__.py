"""The command ``quiz``: parses arguments, calls the other packages and prints the results."""

from quiz.cli.app import main

__all__ = ["main"]
