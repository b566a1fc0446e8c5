"""Which draw of a seed is sound, for the seeds that a student meets first: a question needs no JAX then.

`draws.txt` holds one line an exercise: its id, its revision and a character for each seed from 0 on, the
number of rejected draws in base 36; ``-`` where it is unknown. It is a cache and nothing more:
`python -m quiz.audit.draws` makes it, and a test makes it anew and compares.
"""

from functools import cache
from pathlib import Path

from quiz import bank

PATH = Path(__file__).parents[1] / "bank" / "draws.txt"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

#: How many seeds of each exercise are proven.
SEEDS = 1000


def draws(exercise_id: str, seed: int) -> int | None:
    """Return how many draws of a seed are rejected before a sound one, or ``None`` where nobody has tried."""
    digits = _table().get(exercise_id, "")
    return DIGITS.index(digits[seed]) if seed < len(digits) and digits[seed] != "-" else None


@cache
def _table() -> dict[str, str]:
    if not PATH.exists():
        return {}
    found = {}
    for line in PATH.read_text("utf-8").splitlines():
        name, revision, digits = line.split()
        if name in bank.ids() and bank.exercise(name).revision == int(revision):
            found[name] = digits
    return found
