"""Which draw of a seed is sound, for the seeds that a student meets first: a question needs no JAX then.

`draws.txt` holds one line an exercise: its id, its revision and a character for each seed from 0 on, the
number of rejected draws in base 36; ``-`` where it is unknown. It is a cache and nothing more: `write`
makes it, and a test makes it anew and compares.
"""

from functools import cache
from pathlib import Path

from quiz import bank

_PATH = Path(__file__).parent / "bank" / "draws.txt"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

#: How many seeds of each exercise are proven.
SEEDS = 1000


def draws(exercise_id: str, seed: int) -> int | None:
    """Return how many draws of a seed are rejected before a sound one, or ``None`` where nobody has tried."""
    digits = _table().get(exercise_id, "")
    return _DIGITS.index(digits[seed]) if seed < len(digits) and digits[seed] != "-" else None


@cache
def _table() -> dict[str, str]:
    if not _PATH.exists():
        return {}
    found = {}
    for line in _PATH.read_text("utf-8").splitlines():
        name, revision, digits = line.split()
        if name in bank.ids() and bank.exercise(name).revision == int(revision):
            found[name] = digits
    return found


def line(exercise_id: str, seeds: int = SEEDS) -> str:
    """Work out the line of an exercise."""
    from quiz.variant import generate

    counts = [generate(exercise_id, seed, trust=False).draws for seed in range(seeds)]
    digits = "".join(_DIGITS[count] if count < len(_DIGITS) else "-" for count in counts)
    return f"{exercise_id} {bank.exercise(exercise_id).revision} {digits}"


def write(path: Path = _PATH) -> None:
    """Work out the whole table and write it."""
    path.write_text("".join(line(exercise_id) + "\n" for exercise_id in bank.ids()), "utf-8")


if __name__ == "__main__":
    write()
