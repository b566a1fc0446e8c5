"""How long very many submissions take to mark, and how much memory: `class_scale.py` in a new process."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

#: Submissions of six questions each, and the students who hand them in.
SIZES = ((10_000, 1_000), (100_000, 5_000))
QUICK = ((40, 20),)
HEADS = ["submissions marked by two processes", "seconds", "CPU seconds", "MiB at most", "MiB in a worker"]


def table(folder: Path, quick: bool, say: Callable[[str], None]) -> list[list[str]]:
    """Return a row for each number of submissions."""
    rows, file = [], folder / "marking.json"
    for submissions, students in QUICK if quick else SIZES:
        script = Path(__file__).resolve().parents[1] / "class_scale.py"
        command = [sys.executable, script, "--submissions", submissions, "--papers", students, "--json", file]
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
        found = json.loads(file.read_text(encoding="utf-8"))
        rows.append([f"{found[name]:,.0f}" for name in ("submissions", "seconds", "cpu", "own", "worker")])
        say("  " + ", ".join(rows[-1]))
    return rows
