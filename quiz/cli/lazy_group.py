"""A group whose commands are imported when they are called, but not to be listed.

Reference:
    The click documentation, "Lazily Loading Subcommands".
"""

import copy
import importlib
from collections.abc import Mapping
from typing import Any

import click

from quiz.text import mark as _
from quiz.text import translate


class InOrder(click.Group):
    """Commands in the order of their definition."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of their definition."""
        return list(self.commands)


class LazyGroup(InOrder):
    """Commands by name: where each one is defined, ``module:object``, and its help.

    Attributes:
        lazy: name to place and help.
        lang: the language of the help.
    """

    lazy: Mapping[str, tuple[str, str]]
    lang: str

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any):
        """Register the commands without importing them."""
        super().__init__(*args, **kwargs)
        self.lazy, self.lang = lazy, "en"

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of their definition."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command, in the language of the group."""
        if cmd_name in self.lazy and cmd_name not in self.commands:
            path, text = self.lazy[cmd_name]
            module, _colon, name = path.partition(":")
            command = copy.deepcopy(getattr(importlib.import_module(module), name))  # to be translated
            command.help = text
            translate_help(command, self.lang)
            self.commands[cmd_name] = command
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        texts = {name: translate(text, self.lang) for name, (_path, text) in self.lazy.items()}
        stand_ins = {name: click.Command(name, help=text) for name, text in texts.items()}
        InOrder(commands=stand_ins).format_commands(ctx, formatter)


#: Names that click itself, or the placeholder of an argument, would show in English.
_PLACEHOLDERS = (
    *(_("[OPTIONS]"), _("[COMMAND] [ARGS]..."), _("COMMAND [ARGS]..."), _("EXERCISE"), _("VARIANT")),
    *(_("SUBMISSIONS"), _("NAME"), _("FORMAT"), _("NAME=VALUE"), _("QUESTION[:LEVEL[:COUNT]]")),
    *(_("integer"), _("integer range"), _("text"), _("file"), _("directory"), _("path")),
)


def translate_help(command: click.Command, lang: str) -> None:
    """Translate the help of a command and of all below it that are loaded, in place."""
    command.help = translate(command.help or "", lang)
    command.options_metavar = translate(command.options_metavar or "", lang)
    for parameter in command.params:
        _translate_parameter(parameter, lang)
    if isinstance(command, LazyGroup):
        command.lang = lang
    if isinstance(command, click.Group):
        command.subcommand_metavar = translate(command.subcommand_metavar, lang)
        for child in command.commands.values():
            translate_help(child, lang)


def _translate_parameter(parameter: click.Parameter, lang: str) -> None:
    """Translate the help of an option, the placeholder of an argument, and the name of the type."""
    parameter.type = copy.copy(parameter.type)  # click's own types are shared
    parameter.type.name = translate(_type_name(parameter.type), lang)
    if isinstance(parameter, click.Option):
        parameter.help = translate(parameter.help or "", lang)
        parameter.metavar = translate(parameter.metavar or "", lang) or None
    elif parameter.metavar:
        parameter.metavar = translate(parameter.metavar, lang)
    elif not isinstance(parameter.type, click.Choice):
        name = translate((parameter.name or "").upper(), lang)
        parameter.metavar = name if parameter.required else f"[{name}]"


def _type_name(kind: click.ParamType) -> str:
    """The English name of a type; click gives a path its name in the language of the moment of its import."""
    if isinstance(kind, click.Path):
        return "path" if kind.file_okay and kind.dir_okay else "file" if kind.file_okay else "directory"
    return kind.name
