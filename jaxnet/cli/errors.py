"""Errors of the command: one sentence in the user's language, and an exit code that tells what went wrong."""

import errno
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from jaxnet.cli.interrupts import INTERRUPTED
from jaxnet.cli.messages import from_click, language, say
from jaxnet.cli.output import talk

USAGE, INVALID_FILE, MACHINE = 2, 3, 6

#: sentences about what was asked for, not about the file
_USAGE = {
    "no column", "no index", "one column", "model columns", "many classes", "array width", "target twice",
    "short training",
}  # fmt: skip


def guarded(command: Callable[[], Any], arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; say what went wrong.

    Args:
        command: does the work.
        arguments: of the command line, for the language of what is said.
    """
    lang = _language(arguments)
    try:
        command()
        code, sentence = 0, ""
    except (click.exceptions.Abort, KeyboardInterrupt):
        code, sentence = INTERRUPTED, ""
    except click.exceptions.NoArgsIsHelpError as error:
        code, sentence = USAGE, error.format_message()
    except click.ClickException as error:
        code, sentence = error.exit_code, f"jaxnet: {from_click(error.format_message(), lang)}"
        context = getattr(error, "ctx", None)
        if context is not None:
            sentence += "\n" + say("see help", lang, command=context.command_path)
    except (BrokenPipeError, SystemExit):
        # a reader such as `head` closed the pipe, of which click and rich make SystemExit(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        code, sentence = _of_system(error, lang)
    except (MemoryError, RecursionError):
        code, sentence = MACHINE, f"jaxnet: {say('no memory', lang)}"
    except (ValueError, TypeError, FloatingPointError, OverflowError, ImportError) as error:
        if type(error).__module__.startswith("jax."):
            raise
        code, sentence = _of_library(error, lang)
    if sentence:
        talk(sentence)
    return code


def _of_system(error: OSError, lang: str) -> tuple[int, str]:
    path, number = error.filename or "", error.errno
    names = {errno.ENOENT: "no file", errno.ENOTDIR: "no file", errno.EISDIR: "is a folder"}
    causes = {errno.ENOSPC: "no space", errno.EACCES: "no permission", errno.EPERM: "no permission"}
    name = names.get(number or 0) or causes.get(number or 0, "machine")
    detail = error.strerror or str(error)
    return USAGE if number in names else MACHINE, f"jaxnet: {say(name, lang, path=path, detail=detail)}"


def _of_library(error: Exception, lang: str) -> tuple[int, str]:
    """A refusal of the library, which speaks English where it is not one of a table."""
    from jaxnet.cli.refusals import InvalidFile, refusal  # imports JAX, which --help does without

    if isinstance(error, InvalidFile):
        code = USAGE if error.name in _USAGE else INVALID_FILE
        return code, f"jaxnet: {refusal(error.name, lang, error.values)}"
    if isinstance(error, FloatingPointError) and (epoch := getattr(error, "epoch", 0)):
        return USAGE, f"jaxnet: {say('diverged', lang, epoch=epoch)}"
    of_file = str(error).startswith(("read_", "load", "data.mnist"))
    return INVALID_FILE if of_file else USAGE, f"jaxnet: {say('failed', lang, detail=error)}"


def _language(arguments: Sequence[str]) -> str:
    """The language asked for, before click has looked at the arguments."""
    wanted = next((a.partition("=")[2] for a in arguments if a.startswith("--lang=")), None)
    if "--lang" in arguments[:-1]:
        wanted = arguments[arguments.index("--lang") + 1]
    try:
        return language(wanted)
    except ValueError:
        return language(None)
