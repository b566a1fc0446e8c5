"""The command line in the user's language: our help texts, and the words that click itself says."""

import gettext
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from quiz.refusal import Refusal
from quiz.text import language, translate
from quiz.text import mark as _
from quiz.text import mark_plural as plural

#: What click says itself: messages of its own that only stand here to be translated.
_CLICK = (
    _("Usage:"),
    _("Options"),
    _("Commands"),
    _("Show this message and exit."),
    _("Show the version and exit."),
    _("%(prog)s, version %(version)s"),
    _("Try '{command} {option}' for help."),
    _("Error: {message}"),
    _("Aborted!"),
    _("No such command {name!r}."),
    _("No such option {name!r}."),
    _("Missing command."),
    _("Missing argument"),
    _("Missing option"),
    _("Missing parameter"),
    _("Missing parameter: {param_name}"),
    _("Missing {param_type}"),
    _("Invalid value: {message}"),
    _("Invalid value for {param_hint}: {message}"),
    _("{value!r} is not a valid {number_type}."),
    _("{value} is not in the range {range}."),
    _("default: {default}"),
    _("required"),
    _("Option {name!r} does not take a value."),
    _("Option {name!r} requires an argument."),
    _("Choose from:\n\t{choices}"),
    _("{name} {filename!r} does not exist."),
    _("{name} {filename!r} is a file."),
    _("{name} {filename!r} is a directory."),
    _("{name} {filename!r} is not readable."),
    _("{name} {filename!r} is not writable."),
    _("Could not open file {filename!r}: {message}"),
    _("file"),
    _("directory"),
    _("path"),
    _("unknown error"),
    _("Error: invalid input"),
)
_CLICK_PLURALS = (
    plural("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    plural("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    plural("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
)


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
    gettext.bindtextdomain("quiz", str(Path(__file__).parent / "text"))
    gettext.textdomain("quiz")
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
