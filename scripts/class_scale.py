"""Measure how long very many submissions take to mark, and how much memory.

python scripts/class_scale.py                        100,000 submissions of six questions, two processes
python scripts/class_scale.py --submissions 10000

To make papers takes longer than to mark them: by default each of 5,000 students hands in twenty times, with
other answers each time.
"""

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from quiz import bank
from quiz.course import folder, papers, sitting
from quiz.course.blueprint import standard
from quiz.course.ledger import Ledger
from quiz.course.papers import Record
from quiz.course.roster import Student
from quiz.exercise.program import Row, run_many
from quiz.marking.answers import to_answer
from quiz.render.sheet import Sheet, answer
from quiz.variants.variant import Variant


def hand_in(path: Path, count: int, each: int = 1, right: float = 0.7) -> tuple[folder.Course, Path]:
    """Make a course in which every paper is handed in; return it with the file of all submissions.

    Args:
        path: a folder.
        count: the number of papers.
        each: how often each is handed in.
        right: the share of questions answered correctly; half of the others have a slip, half are guessed.
    """
    course = folder.new(path / "course")
    plan, lines, chance = standard(), path / "all.jsonl", random.Random(1)
    with Ledger(course.database) as ledger, lines.open("w", encoding="utf-8") as file:
        ledger.set_blueprint("1", plan.to_json())
        students = [Student(f"s{n}", f"Student {n}", "en") for n in range(count)]
        issued = papers.issue(course, ledger, plan, "1", students)
        while chunk := list(islice(issued, 200)):
            drawn = [papers.variants(course, record) for record, _sheet in chunk]
            seen: set[str] = set()
            for _time in range(each):
                given = iter(_answers([variant for variants in drawn for variant in variants], right, chance))
                for (record, sheet), variants in zip(chunk, drawn, strict=True):
                    answers = {str(place): next(given) for place, _variant in enumerate(variants, 1)}
                    while (line := _line(record, sheet, answers)) in seen:  # the same would count once
                        some = chance.choice([place for place, named in answers.items() if named])
                        answers[some].popitem()
                    seen.add(line)
                    file.write(line + "\n")
    return course, lines


def _line(record: Record, sheet: Sheet, answers: dict[str, dict[str, str]]) -> str:
    return json.dumps({"paper": record["paper"], "mac": sheet["mac"], "answers": answers})


def _answers(variants: Sequence[Variant], right: float, chance: random.Random) -> list[dict[str, str]]:
    """Answer questions as students do: correctly, with a slip, or by guessing."""
    made: list[dict[str, str]] = [{}] * len(variants)
    for name in dict.fromkeys(variant.exercise for variant in variants):
        places = [place for place, variant in enumerate(variants) if variant.exercise == name]
        exercise = bank.exercise(name)
        slips = [chance.choice(exercise.slips).name for _place in places]
        runs = [(variants[n].givens, [Row(), Row((slip,))]) for n, slip in zip(places, slips, strict=True)]
        for place, values in zip(places, run_many(exercise, runs), strict=True):
            way = 0 if chance.random() < right else chance.choice((1, 2))
            answers = {a.name: to_answer(a, values[a.step][(way % 2, *a.index)]) for a in exercise.asks}
            made[place] = {
                a.name: answer(a, _guess(answers[a.name], chance) if way == 2 else answers[a.name], "en")
                for a in exercise.asks
            }
    return made


def _guess(value: Any, chance: random.Random) -> Any:
    """Return another answer of the same form."""
    if isinstance(value, list):
        return (
            [_guess(part, chance) for part in value]
            if value and isinstance(value[0], list | float)
            else value[::-1]
        )
    return round(value + chance.uniform(-2, 2), 2) if isinstance(value, float) else 1


def measure(submissions: int, papers_: int, jobs: int = 2, right: float = 0.7) -> dict[str, float]:
    """Mark submissions; return the seconds, processor time, the number of problems, and memory in MiB."""
    with tempfile.TemporaryDirectory() as top:
        course, lines = hand_in(Path(top), papers_, submissions // papers_, right)
        before = resource.getrusage(resource.RUSAGE_SELF)
        begun = time.perf_counter()
        with Ledger(course.database) as ledger:
            problems = sum(1 for _p in sitting.mark(course, ledger, lines, sitting="1", jobs=jobs))
            kept = ledger.db.execute("SELECT count(DISTINCT submission) FROM results").fetchone()[0]
        seconds = time.perf_counter() - begun
    own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    spent = [own.ru_utime - before.ru_utime, own.ru_stime - before.ru_stime]
    return {
        "submissions": kept,
        "problems": problems,
        "seconds": seconds,
        "cpu": sum(spent) + workers.ru_utime + workers.ru_stime,
        "before": before.ru_maxrss / 1024,
        "own": own.ru_maxrss / 1024,
        "worker": workers.ru_maxrss / 1024,
    }


def main() -> int:
    """Measure, and print the seconds and the peak of memory of this process and of its workers."""
    parser = argparse.ArgumentParser(description="Measure how long very many submissions take to mark.")
    parser.add_argument("--submissions", type=int, default=100_000)
    parser.add_argument("--papers", type=int, default=5_000, help="students, who hand in equally often")
    parser.add_argument("--right", type=float, default=0.7, help="share of questions answered correctly")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write what was measured to this file")
    options = parser.parse_args()
    count = min(options.papers, options.submissions)
    found = measure(options.submissions, count, options.jobs, options.right)
    if options.json:
        options.json.write_text(json.dumps(found))
    print(
        "marked: {submissions:.0f} in {seconds:.0f} s ({cpu:.0f} s of CPU time), {problems:.0f} problems\n"
        "memory: {before:.0f} MiB before, {own:.0f} MiB at most, {worker:.0f} MiB in a worker".format(**found)
    )
    return 0 if found["submissions"] == options.submissions // count * count else 1


if __name__ == "__main__":
    sys.exit(main())
