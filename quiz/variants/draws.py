"""Looks up which draw of a seed is sound, for the seeds below `SEEDS`, so that a question needs no JAX.

`draws.txt` has one line per exercise: its id, its revision and one character per seed from 0, the number of
rejected draws in base 36, or ``-`` if unknown. It is only a cache: `python -m quiz.audit.draws` writes it,
and a test compares it with a fresh one.
"""

from functools import cache
from pathlib import Path

from quiz import bank

PATH = Path(__file__).parents[1] / "bank" / "draws.txt"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

#: The number of seeds per exercise in the table.
SEEDS = 1000


def draws(exercise_id: str, seed: int) -> int | None:
    """Return how many draws of a seed are rejected before a sound one, or ``None`` if unknown."""
    digits = _table().get(exercise_id, "")
    return DIGITS.index(digits[seed]) if seed < len(digits) and digits[seed] != "-" else None


@cache
def _table() -> dict[str, str]:
    if not PATH.exists():
        return {}
    lines = {}
    for line in PATH.read_text("utf-8").splitlines():
        name, revision, digits = line.split()
        if name in bank.ids() and bank.exercise(name).revision == int(revision):
            lines[name] = digits
    return lines
