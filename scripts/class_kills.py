"""Kill `quiz mark`, `quiz remark` and `quiz paper` at random moments, and see what the next run makes of it.

    python scripts/class_kills.py                 200 moments over the three commands
    python scripts/class_kills.py --moments 6

After a kill, the same command must end as if nothing had happened: every mark as expected, every paper whole
and the same, marks changed for all or for none, each change in the trail once, and no temporary file left.
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import class_simulation

from quiz.course import folder
from quiz.course.ledger import Ledger

COMMANDS = ("mark", "remark", "paper")

_RUN = """
import dataclasses, sys
from quiz import bank
from quiz.cli import app
from quiz.course import outcomes, papers, sitting, workers
from quiz.marking import grading

workers.CHUNK = 4
if sys.argv[1] == "remark":  # a bank in which the new bias is another one
    old = bank.exercise("q2.update")
    steps = tuple(dataclasses.replace(s, rule=lambda b: b + 7) if s.name == "b_new" else s for s in old.steps)
    new, real = dataclasses.replace(old, steps=steps), bank.exercise
    bank.exercise = lambda name: new if name == "q2.update" else real(name)
grading.grade_many([])
print("ready", flush=True)
app.main(sys.argv[1:])
"""


@dataclass(frozen=True)
class Case:
    """A command, the course it starts from, the seconds it takes, and what it ends with."""

    command: str
    course: Path
    arguments: tuple[str, ...]
    seconds: float
    expected: Any


def run(case_arguments: tuple[str, ...], cache: Path, kill_after: float | None = None) -> float:
    """Run a command, and kill it some seconds after its start; return how long it ran.

    Compiled programs are kept in a folder, so that most moments fall where something is read or written.
    """
    arguments = [sys.executable, "-c", _RUN, *case_arguments]
    kept = {"JAX_COMPILATION_CACHE_DIR": str(cache), "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | kept
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        begun = time.perf_counter()
        if kill_after is not None:
            time.sleep(kill_after)
            process.send_signal(signal.SIGKILL)
        process.stdout.read()
        process.wait()
    return time.perf_counter() - begun


def state(command: str, course: Path) -> Any:
    """What a command has made: papers, or marks and the number of changes of each."""
    if command == "paper":
        return {path.name: path.read_bytes() for path in sorted((course / "papers/new").glob("*.*"))}
    with Ledger(folder.open_course(course).database) as ledger:
        marks = {record["student"]: round(mark.score, 9) for record, mark in ledger.marks("1") if mark}
        return marks, Counter(row["paper"] for row in ledger.trail("1"))


def cases(top: Path, students: int) -> list[Case]:
    """Prepare the three commands, and let each run to its end once."""
    course, made = class_simulation.issue(top / "course", students)
    work, noise = class_simulation.hand_in(made, 0, random.Random(1))
    handed = top / "in"
    handed.mkdir()
    for number, file in enumerate([file for one in work for file in one.files] + noise):
        (handed / f"{number}{file.suffix}").write_bytes(file.content)
    roster = top / "class.csv"
    roster.write_text("id,name\n" + "".join(f"n{n},Name {n}\n" for n in range(students)))
    arguments = {
        "mark": ("mark", str(handed), "--course", "COURSE", "-j", "1", "--no-feedback"),
        "remark": ("remark", "--course", "COURSE", "-j", "1"),
        "paper": (
            "paper",
            "--course",
            "COURSE",
            "--roster",
            str(roster),
            "--sitting",
            "new",
            "-q",
            "2",
            "-q",
            "5:1",
        ),
    }
    found, start = [], course.path
    for command in COMMANDS:
        here = top / f"{command}-done"
        shutil.copytree(start, here)
        filled = tuple(str(here) if word == "COURSE" else word for word in arguments[command])
        run(filled, top / "cache")
        shutil.rmtree(here)
        shutil.copytree(start, here)
        seconds = run(filled, top / "cache")
        found.append(Case(command, start, arguments[command], seconds, state(command, here)))
        if command == "mark":
            expected = {one.student: round(one.score, 9) for one in work if one.score is not None}
            assert found[-1].expected == (expected, Counter()), "marking without a kill is wrong already"
            start = here  # what is marked again
    return found


def try_once(case: Case, here: Path, moment: float) -> list[str]:
    """Kill a command at a moment, look at what is left, run it again; return what is wrong."""
    shutil.copytree(case.course, here)
    before = state(case.command, here)
    arguments = tuple(str(here) if word == "COURSE" else word for word in case.arguments)
    run(arguments, here.parent / "cache", moment)
    faults = []
    between = state(case.command, here)
    if case.command == "remark" and between not in (before, case.expected):
        faults.append("marks changed for some and not for others")
    if case.command == "paper" and any(
        case.expected.get(n) != text for n, text in between.items() if n[0] != "."
    ):
        faults.append("a paper is damaged")
    with sqlite3.connect(here / "course.sqlite") as db:
        if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            faults.append("the database is damaged")
    db.close()
    run(arguments, here.parent / "cache")
    if state(case.command, here) != case.expected:
        faults.append("the next run ends with something else")
    if left := list(here.rglob(".new-*")):
        faults.append(f"{len(left)} temporary files are left")
    shutil.rmtree(here)
    return faults


def kills(top: Path, moments: int, students: int, seed: int) -> list[str]:
    """Kill commands at random moments; return what is wrong."""
    chance, faults = random.Random(seed), []
    made = cases(top, students)
    for number in range(moments):
        case = made[number % len(made)]
        moment = chance.uniform(0, case.seconds)
        found = try_once(case, top / f"try{number}", moment)
        faults += [f"{case.command} killed after {moment:.3f} s: {fault}" for fault in found]
        print(f"{number + 1}/{moments} {case.command} {moment:.3f} s {'; '.join(found) or 'ok'}", flush=True)
    return faults


def main() -> int:
    """Kill, and return 1 if something is wrong."""
    parser = argparse.ArgumentParser(description="Kill quiz mark, remark and paper at random moments.")
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as top:
        faults = kills(Path(top), options.moments, options.students, options.seed)
    print("\n".join(faults) or "nothing is wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
