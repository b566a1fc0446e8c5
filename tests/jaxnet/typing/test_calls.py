"""What a type checker says of thirty right and thirty wrong calls."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CALLS = Path(__file__).with_name("calls.py")


def test_wrong_calls_are_flagged_and_right_ones_are_not():
    pytest.importorskip("basedpyright")
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--level", "error"]
    done = subprocess.run(
        [*command, "--pythonpath", sys.executable, str(CALLS)],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False,
    )  # fmt: skip
    flagged = {found["range"]["start"]["line"] for found in json.loads(done.stdout)["generalDiagnostics"]}
    lines = CALLS.read_text(encoding="utf-8").splitlines()
    right, wrong = lines.index("    # --- right"), lines.index("    # --- wrong")
    assert [lines[n] for n in range(right + 1, wrong - 1) if n in flagged] == []
    assert [lines[n] for n in range(wrong + 1, len(lines)) if n not in flagged] == []
    assert min(wrong - right - 2, len(lines) - wrong - 1) >= 30
