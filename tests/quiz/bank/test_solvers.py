"""Every exercise of the bank has a solver of its own in these tests."""

import ast
from pathlib import Path

from quiz import bank


def solved(path):
    """The exercises in the table ``SOLVERS`` of a test file."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SOLVERS":
            yield from (ast.literal_eval(key) for key in node.value.keys)


def test_every_exercise_has_a_solver():
    assert sorted(
        name for path in Path(__file__).parent.glob("test_*.py") for name in solved(path)
    ) == sorted(bank.ids())
