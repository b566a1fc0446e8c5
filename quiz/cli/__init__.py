"""The command ``quiz``: thin, since everything it does is in the packages beside it."""

from quiz.cli.app import main

__all__ = ["main"]
