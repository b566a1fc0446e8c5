"""The cells of a page of the documentation: found, run in order, and shown with what they gave.

A page is plain Markdown. A fenced block ``python`` is a cell: all cells of a page share one namespace and
one empty folder, and the value of a last line that is an expression is shown under it, a picture too. A
block ``sh`` with the word ``run`` behind it is run by the shell; another one is only shown, and marked so.
What else may stand behind the language: ``alt="..."``, what a picture shows, for who cannot see it;
``raises=ValueError``, an error that is meant; ``show=file.gif``, a picture that the cell has written;
``exit=1``, the shell's status.
"""

import ast
import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FENCE = re.compile(
    r"^```(\w+)[ \t]*([^\n]*)\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL
)


class Broken(Exception):
    """A cell that went wrong: which page, which line, what it said."""


@dataclass(frozen=True)
class Cell:
    """A fenced block.

    Attributes:
        language: what stands behind the fence, "python", "sh", "text".
        options: the further words; one without a value is "".
        code: what is inside.
        line: where the code begins in the page, from 1.
        end: where the block ends in the text, in characters.
    """

    language: str
    options: dict[str, str]
    code: str
    line: int
    end: int

    @property
    def runs(self) -> bool:
        """Whether it is executed, and not only shown."""
        return self.language == "python" or (
            self.language == "sh" and "run" in self.options
        )


@dataclass(frozen=True)
class Outcome:
    """What a cell gave: printed text and the value of its last line, and pictures."""

    text: str = ""
    pictures: tuple[Any, ...] = ()


def pages(folder: Path = HERE) -> list[Path]:
    """The pages with cells, in the order of their names."""
    return [
        path
        for path in sorted(folder.rglob("*.md"))
        if any(cell.runs for cell in cells(path))
    ]


def cells(page: Path) -> list[Cell]:
    """All fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        words = [word.partition("=") for word in shlex.split(match[2])]
        options = {name: value for name, _, value in words}
        line = text.count("\n", 0, match.start(3)) + 1
        found.append(Cell(match[1], options, match[3], line, match.end()))
    return found


def run(page: Path) -> Iterator[tuple[Cell, Outcome]]:
    """Run the cells of a page, one after the other, in a namespace and an empty folder of their own.

    Raises:
        Broken: if a cell raises, does not raise what it should, or draws without saying what.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(contextlib.chdir(folder))
        stack.enter_context(np.printoptions())
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("error")
        # JAX as its users have it; the tests set it stricter
        stack.enter_context(jax.numpy_dtype_promotion("standard"))
        stack.enter_context(jax.numpy_rank_promotion("allow"))
        for cell in cells(page):
            if not cell.runs:
                yield cell, Outcome()
                continue
            try:
                outcome = (
                    _python(cell, page, namespace)
                    if cell.language == "python"
                    else _shell(cell)
                )
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
                raise Broken(
                    f"{page.name}, cell at line {cell.line}: {said}"
                ) from error
            if outcome.pictures and not cell.options.get("alt"):
                raise Broken(
                    f'{page.name}, cell at line {cell.line}: a picture needs alt="..."'
                )
            yield cell, outcome


def _python(cell: Cell, page: Path, namespace: dict[str, Any]) -> Outcome:
    tree = ast.increment_lineno(ast.parse(cell.code), cell.line - 1)
    last = (
        tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    )
    value, expected, printed = None, cell.options.get("raises"), io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(tree, str(page), "exec"), namespace)
            if isinstance(last, ast.Expr):
                value = eval(
                    compile(ast.Expression(last.value), str(page), "eval"), namespace
                )
        except Exception as error:
            if type(error).__name__ != expected:
                raise
            printed.write(f"{expected}: {error}\n")
            expected = None
    if expected:
        raise AssertionError(f"did not raise {expected}")
    pictures: list[Any] = []
    if hasattr(value, "savefig"):
        pictures.append(value)
    elif value is not None:
        printed.write(f"{value!r}\n")
    if name := cell.options.get("show"):
        pictures.append(Path(name).read_bytes())
    return Outcome(printed.getvalue(), tuple(pictures))


def _shell(cell: Cell) -> Outcome:
    """Run a block with ``python``, ``jaxnet`` and ``quiz`` being those of this checkout."""
    commands = Path(".commands")
    if not commands.exists():
        commands.mkdir()
        for name, start in {
            "python": "",
            "jaxnet": "-m jaxnet.cli",
            "quiz": "-m quiz.cli",
        }.items():
            command = commands / name
            command.write_text(
                f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {start} "$@"\n'
            )
            command.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{commands.resolve()}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "QUIZ_DATA_DIR": str(Path(".answers").resolve()),
        "QUIZ_LANG": "en",
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": "80",
        "CHECKOUT": str(ROOT),
    }
    done = subprocess.run(
        ["sh", "-e", "-c", cell.code],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # both, in order, as in a terminal
        encoding="utf-8",
    )
    if str(done.returncode) != cell.options.get("exit", "0"):
        raise AssertionError(f"exit status {done.returncode}: {done.stdout.strip()}")
    return Outcome("\n".join(line.rstrip() for line in done.stdout.splitlines()))


def shown(page: Path, folder: Path, execute: bool = True) -> str:
    """The text of a page with what each cell gave under it; pictures are written to the folder."""
    text, kept, at, count = page.read_text(encoding="utf-8"), [], 0, 0
    for cell, outcome in (
        run(page) if execute else ((cell, Outcome()) for cell in cells(page))
    ):
        kept.append(text[at : cell.end])
        at = cell.end
        if cell.language == "sh" and not cell.runs:
            kept.append(
                "\n\n:::{container} not-run\nShown, not run: the tests do not execute this block.\n:::"
            )
        parts = []
        if outcome.text.strip():
            parts.append(f"````text\n{outcome.text.rstrip()}\n````")
        for picture in outcome.pictures:
            count += 1
            folder.mkdir(parents=True, exist_ok=True)
            parts.append(
                _picture(picture, folder / f"{page.stem}-{count}", cell.options["alt"])
            )
        if parts:
            kept.append("\n\n:::{container} outcome\n" + "\n\n".join(parts) + "\n:::")
    return "".join(kept) + text[at:]


def _picture(picture: Any, path: Path, alt: str) -> str:
    if isinstance(picture, bytes):
        path = path.with_suffix(".gif")
        path.write_bytes(picture)
        width = 400
    else:
        path = path.with_suffix(".png")
        picture.savefig(path, dpi=192)
        width = round(picture.get_figwidth() * 96)
    return f"![{alt}]({path.name}){{width={width}px}}"
