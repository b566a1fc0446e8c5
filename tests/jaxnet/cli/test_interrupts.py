"""Ctrl-C at a few moments; ``scripts/interrupts.py`` does two hundred."""

import importlib.util
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "interrupts.py"


@pytest.fixture(scope="module")
def interrupts():
    spec = importlib.util.spec_from_file_location("interrupts", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("case", ["jaxnet train", "export"])
def test_no_crash_and_no_damaged_file(interrupts, case):
    assert sum(interrupts.trial(case, "SIGINT", 2).values()) == 2  # it raises for a crash or a damaged file


PROGRAM = """
import os, signal, sys
from jaxnet.cli.interrupts import Interrupts
press = lambda: os.kill(os.getpid(), signal.SIGINT)
with Interrupts().watched(restore=True) as interrupts:
    {block}
print("not ended")
"""


@pytest.mark.parametrize(
    ("block", "code", "said"),
    [
        ("press()", 130, ""),
        ("with interrupts.on_request('stopping'): press(); print(interrupts.asked, flush=True)", 0, "True"),
        ("with interrupts.on_request('stopping'): press(); press()", 130, ""),
        ("with interrupts.later(): press(); press(); print('written')", 130, "written"),
    ],
    ids=["at once", "once", "twice", "while writing"],
)
def test_how_ctrl_c_is_answered(block, code, said):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(block=block)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code
    assert done.stdout.split("\n")[0] == (said or ("" if code else "not ended"))
    assert "Traceback" not in done.stderr


def test_where_ctrl_c_is_ignored_it_stays_ignored():
    from jaxnet.cli.interrupts import Interrupts

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupts().watched(restore=True):
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
