"""The command line in the user's language: our help texts, and the words that click itself says."""

import gettext
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from quiz.refusal import Refusal
from quiz.text import language, translate


def localise(command: click.Command, argv: Sequence[str] | None = None) -> str:
    """Translate a command and all below it into the language asked for on the command line; return it.

    Args:
        command: the command, changed in place; it is this process's own.
        argv: the arguments; those of the process if ``None``.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        lang = language(_wanted(arguments))
    except Refusal:
        lang = language(None, {})  # the command itself will refuse it, with its exit code
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain("click", str(Path(__file__).parent / "text"))
    gettext.textdomain("click")
    _translate(command, lang)
    return lang


def _wanted(arguments: Sequence[str]) -> str | None:
    """The value of ``--lang``, if there is one."""
    for number, argument in enumerate(arguments):
        if argument == "--lang" and number + 1 < len(arguments):
            return arguments[number + 1]
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
    return None


def _translate(command: click.Command, lang: str) -> None:
    command.help = translate(command.help or "", lang)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = translate(parameter.help, lang)
    if isinstance(command, click.Group):
        for child in command.commands.values():
            _translate(child, lang)
