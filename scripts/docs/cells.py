"""Find the cells of a documentation page, run them in order, and show their outputs.

A page is plain Markdown. A fenced ``python`` block is a cell. All cells of a page share one namespace and one
temporary folder. If the last line of a cell is an expression, its value is shown, figures included. A ``sh``
block with the option ``run`` is run by the shell; without it, the block is marked as not run. Further
options: ``alt="..."``, the alternative text of a picture; ``raises=ValueError``, an expected error;
``show=file.gif``, a picture file that the cell writes; ``exit=1``, the expected exit status of the shell.
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


class CellError(Exception):
    """A failed cell: the page, the line and the error message."""


@dataclass(frozen=True)
class Cell:
    """A fenced block.

    Attributes:
        language: ``"python"``, ``"sh"`` or ``"text"``.
        options: the words after the language; the value of a word without ``=`` is "".
        code: the content of the block.
        line: line number of the first line of code, counted from 1.
        end: character offset of the end of the block.
    """

    language: str
    options: dict[str, str]
    code: str
    line: int
    end: int

    @property
    def runs(self) -> bool:
        """Whether the block is executed."""
        return self.language == "python" or (
            self.language == "sh" and "run" in self.options
        )


@dataclass(frozen=True)
class Outcome:
    """The outputs of a cell: text (printed, and the value of the last line) and pictures."""

    text: str = ""
    pictures: tuple[Any, ...] = ()


def pages(folder: Path = HERE) -> list[Path]:
    """Pages with cells that run, sorted by name."""
    return [
        path
        for path in sorted(folder.rglob("*.md"))
        if not path.name.startswith(
            "README."
        )  # their example is that of the README, which the tests run
        and any(cell.runs for cell in cells(path))
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
    """Run the cells of a page in order, in a new namespace and a temporary folder.

    Raises:
        CellError: if a cell fails, lacks the expected error, or returns a picture without ``alt``.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(contextlib.chdir(folder))
        stack.enter_context(np.printoptions())
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("error")
        # JAX's defaults; the tests use stricter settings
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
                if outcome.pictures and not cell.options.get("alt"):
                    raise ValueError('a picture needs alt="..."')
            except Exception as error:
                message = f"{type(error).__name__}: {error}"
                raise CellError(
                    f"{page.name}, cell at line {cell.line}: {message}"
                ) from error
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
    """Run a shell block; ``python``, ``jaxnet`` and ``quiz`` are those of this checkout."""
    commands = Path(".commands")
    if not commands.exists():
        commands.mkdir()
        for name, module in {
            "python": "",
            "jaxnet": "-m jaxnet.cli",
            "quiz": "-m quiz.cli",
        }.items():
            command = commands / name
            command.write_text(
                f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {module} "$@"\n'
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
        stderr=subprocess.STDOUT,  # interleaved, as in a terminal
        encoding="utf-8",
    )
    if str(done.returncode) != cell.options.get("exit", "0"):
        raise AssertionError(f"exit status {done.returncode}: {done.stdout.strip()}")
    return Outcome("\n".join(line.rstrip() for line in done.stdout.splitlines()))


def shown(page: Path, folder: Path, execute: bool = True) -> str:
    """The text of a page with the outputs below each cell; pictures are written to the folder."""
    text, chunks, position, pictures = page.read_text(encoding="utf-8"), [], 0, 0
    for cell, outcome in (
        run(page) if execute else ((cell, Outcome()) for cell in cells(page))
    ):
        chunks.append(text[position : cell.end])
        position = cell.end
        if cell.language == "sh" and not cell.runs:
            chunks.append(
                "\n\n:::{container} not-run\nThe tests do not run this block.\n:::"
            )
        outputs = []
        if outcome.text.strip():
            outputs.append(f"````text\n{outcome.text.rstrip()}\n````")
        for picture in outcome.pictures:
            pictures += 1
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{page.stem}-{pictures}"
            outputs.append(_picture(picture, path, cell.options["alt"]))
        if outputs:
            chunks.append(
                "\n\n:::{container} outcome\n" + "\n\n".join(outputs) + "\n:::"
            )
    return "".join(chunks) + text[position:]


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
