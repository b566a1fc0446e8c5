"""A reader that closes the pipe early, such as ``head``, is no error; 1 would mean unreadable answers."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("command", [["list"], ["take", "q2.update", "--seed", "7"], ["stats"]], ids=" ".join)
def test_a_closed_pipe_is_no_error(tmp_path, command):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "quiz.cli", *command],
            stdout=writing,
            stderr=subprocess.PIPE,
            env={**os.environ, "QUIZ_DATA_DIR": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
