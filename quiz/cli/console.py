"""Output of the commands: results to standard output, everything else to standard error."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from quiz.text import translate


def open_streams() -> None:
    """Put something in place of standard streams that are closed, so that no other file takes their numbers.

    Nothing can be read there, and writing results is an error; messages are dropped.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)  # takes the lowest number
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", errors="replace", closefd=False))  # noqa: SIM115


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, ensure_ascii=is_ascii(), indent=2))


def is_ascii() -> bool:
    """Return whether standard output may accept only ASCII."""
    return "utf" not in (sys.stdout.encoding or "").lower()


def say(message: str, lang: str, **given: Any) -> None:
    """Print a translated message to standard error."""
    click.echo((translate(message, lang) % given).replace("`", ""), err=True)


def complain(sentence: str) -> None:
    """Print an error, in characters that the terminal can show."""
    sentence = "quiz: " + sentence.replace("`", "")
    try:
        sentence.encode(sys.stderr.encoding or "utf-8")
    except UnicodeEncodeError:
        from anyascii import anyascii

        sentence = anyascii(sentence)
    click.echo(sentence, err=True)


@contextmanager
def progress(what: str, total: int | None, lang: str) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bars:
        task = bars.add_task(translate(what, lang), total=total)
        yield lambda count: bars.advance(task, count)


def leave(code: int) -> NoReturn:
    """Exit immediately, without waiting for a compilation in the background."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
