"""Measure how long very many submissions take to mark, and how much memory.

python scripts/class_scale.py                    100,000 submissions of six questions, two processes
python scripts/class_scale.py --papers 5000
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from quiz.course import folder, papers, sitting
from quiz.course.blueprint import standard
from quiz.course.ledger import Ledger
from quiz.course.roster import Student
from quiz.marking.grading import key
from quiz.render.sheet import answer


def hand_in(path: Path, count: int) -> tuple[folder.Course, Path]:
    """Make a course in which every paper is handed in, one in fifty with all the right answers."""
    course = folder.new(path / "course")
    plan, lines = standard(), path / "all.jsonl"
    with Ledger(course.database) as ledger, lines.open("w", encoding="utf-8") as file:
        ledger.set_blueprint("1", plan.to_json())
        students = [Student(f"s{n}", f"Student {n}", "en") for n in range(count)]
        for number, (record, sheet) in enumerate(papers.issue(course, ledger, plan, "1", students)):
            answers = {}
            for place, variant in enumerate(papers.variants(course, record), 1):
                right = key(variant) if number % 50 == 0 else {}
                given = {
                    ask.name: answer(ask, right[ask.name], "en") if right else "1" for ask in variant.asks
                }
                answers[str(place)] = given
            body = {"paper": record["paper"], "mac": sheet["mac"], "answers": answers}
            file.write(json.dumps(body) + "\n")
    return course, lines


def main() -> int:
    """Measure, and print the seconds and the peak of memory of this process and of its workers."""
    parser = argparse.ArgumentParser(description="Measure how long very many submissions take to mark.")
    parser.add_argument("--papers", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as top:
        begun = time.perf_counter()
        course, lines = hand_in(Path(top), options.papers)
        print(f"papers issued: {options.papers}, {time.perf_counter() - begun:.0f} s", flush=True)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.perf_counter()
        with Ledger(course.database) as ledger:
            problems = sum(1 for _p in sitting.mark(course, ledger, lines, sitting="1", jobs=options.jobs))
            seconds, marked = time.perf_counter() - begun, ledger.count("1")
        own, workers = (
            resource.getrusage(who).ru_maxrss / 1024
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
    print(f"marked: {marked} in {seconds:.0f} s, {problems} problems")
    print(f"memory: {before / 1024:.0f} MiB before, {own:.0f} MiB at most, {workers:.0f} MiB in a worker")
    return 0 if marked == options.papers else 1


if __name__ == "__main__":
    sys.exit(main())
