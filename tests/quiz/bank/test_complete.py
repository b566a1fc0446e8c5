"""Every exercise of the bank has an independent solver in a test of this folder."""

import ast
from pathlib import Path

from quiz import bank


def solved(path: Path) -> list[str]:
    """The ids of the exercises for which a test has a solver, read from its text."""
    tables = [
        node.value
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SOLVERS"
    ]
    return [
        ast.literal_eval(key) for table in tables if isinstance(table, ast.Dict) for key in table.keys if key
    ]


def test_every_exercise_has_one_solver():
    found = [name for path in sorted(Path(__file__).parent.glob("test_*.py")) for name in solved(path)]
    assert sorted(found) == sorted(bank.ids())
