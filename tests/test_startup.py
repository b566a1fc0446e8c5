"""What is imported before anything is asked for: which modules, not how many milliseconds."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import contextlib, json, sys
before = set(sys.modules)  # coverage has loaded some
sys.argv = sys.argv[1:]
with contextlib.suppress(SystemExit):
    exec("import jaxnet" if not sys.argv else f"from {sys.argv[0]}.cli import main; main()")
print(json.dumps(sorted(set(sys.modules) - before)))
"""
#: Takes tens of milliseconds to import, or needs an extra.
HEAVY = {"jax", "numpy", "scipy", "optax", "safetensors", "sklearn", "matplotlib", "lxml", "typst"}

#: command -> the packages that it may import beside the standard library, and modules of ours that it may not
BUDGET = {
    "": ({"jaxnet"}, ("jaxnet.",)),
    "jaxnet --help": ({"jaxnet", "click", "platformdirs"}, ("jaxnet.tables", "jaxnet.training")),
    "jaxnet --version": ({"jaxnet", "click", "platformdirs"}, ("jaxnet.tables", "jaxnet.training")),
    "quiz --help": (
        {"quiz", "click", "lazy_loader"},
        ("quiz.bank", "quiz.marking", "quiz.cli.student", "sqlite3"),
    ),
    "quiz --version": ({"quiz", "jaxnet", "click", "lazy_loader"}, ("quiz.bank", "quiz.marking")),
    "quiz list": (
        {"quiz", "jaxnet", "click", "lazy_loader", "platformdirs", "rich"},
        ("jaxnet.", "quiz.course", "quiz.export", "quiz.audit", "quiz.exercise.program"),
    ),
}


def imported(command: str, folder: Path) -> set[str]:
    """The modules that a command imports in a process of its own; without a command those of jaxnet."""
    environment = {**os.environ, "QUIZ_DATA_DIR": str(folder), "PYTHONIOENCODING": "utf-8", "QUIZ_LANG": "en"}
    done = subprocess.run(
        [sys.executable, "-c", CODE, *command.split()],
        env=environment, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("command", BUDGET, ids=lambda command: command or "import jaxnet")
def test_only_what_is_needed_is_imported(command: str, tmp_path: Path):
    packages, ours = BUDGET[command]
    found = imported(command, tmp_path)
    tops = {name.partition(".")[0] for name in found}
    assert tops & HEAVY == set()
    assert {name for name in tops - sys.stdlib_module_names if not name.startswith("_")} <= packages
    assert [name for name in found if name.startswith(ours)] == []
