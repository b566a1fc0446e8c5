"""Writes the table of draws, ``draws.txt`` of the bank: ``python -m quiz.audit.draws`` after a change."""

from pathlib import Path

from quiz import bank
from quiz.files import write_atomic
from quiz.variants.draws import DIGITS, PATH, SEEDS
from quiz.variants.variant import generate


def line(exercise_id: str, seeds: int = SEEDS) -> str:
    """Compute the line of an exercise."""
    counts = [generate(exercise_id, seed, trust=False).draws for seed in range(seeds)]
    digits = "".join(DIGITS[count] if count < len(DIGITS) else "-" for count in counts)
    return f"{exercise_id} {bank.exercise(exercise_id).revision} {digits}"


def write(path: Path = PATH) -> None:
    """Compute the whole table and write it."""
    write_atomic(path, "".join(line(exercise_id) + "\n" for exercise_id in bank.ids()))


if __name__ == "__main__":
    write()
