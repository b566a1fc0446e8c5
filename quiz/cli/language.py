"""The command line in the user's language: its own help texts, and the messages of click."""

import gettext
import locale
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from quiz.cli.lazy_group import translate_help
from quiz.text import LANGUAGES
from quiz.text import mark as _
from quiz.text import mark_plural as plural
from quiz.text.errors import Refusal

#: Messages of click itself, listed here to be translated.
CLICK = (
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
    _("unknown error"),
    _("Error: invalid input"),
)
CLICK_PLURALS = (
    plural("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    plural("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    plural("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
)


def language(wanted: str | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """Choose the language: the one asked for, else ``QUIZ_LANG``, else the system locale, else English.

    Raises:
        Refusal: a language without translations.

    Example:
        >>> language("kk"), language(None, {"LANG": "ru_RU.UTF-8"}), language(None, {"LANG": "C"})
        ('kk', 'ru', 'en')
    """
    for name, source in ((wanted, "--lang"), (environ.get("QUIZ_LANG"), "QUIZ_LANG")):
        if name:
            short = name.lower().split("_")[0].split(".")[0]
            if short not in LANGUAGES:
                raise Refusal(
                    _('%(source)s: expected one of %(known)s, got "%(given)s"'),
                    source=source,
                    known=", ".join(LANGUAGES),
                    given=name,
                )
            return short
    system = next((environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG") if environ.get(k)), None)
    if system is None and environ is os.environ:
        system = locale.getlocale()[0]
    short = (system or "").lower()[:2]
    return short if short in LANGUAGES else "en"


def localise(command: click.Command, argv: Sequence[str] | None = None) -> str:
    """Translate a command and its subcommands into the language of the command line; return the language.

    Args:
        command: the command, changed in place.
        argv: the arguments; `sys.argv` if ``None``.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        lang = language(_wanted(arguments))
    except Refusal:
        lang = language(None, {})  # the command itself will report it, with its exit code
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain("quiz", str(Path(__file__).parents[1] / "text"))
    gettext.textdomain("quiz")
    translate_help(command, lang)
    return lang


def _wanted(arguments: Sequence[str]) -> str | None:
    """Return the value of ``--lang``, if there is one."""
    for number, argument in enumerate(arguments):
        if argument == "--lang" and number + 1 < len(arguments):
            return arguments[number + 1]
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
    return None
