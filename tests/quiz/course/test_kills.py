"""A few kills at random moments; ``scripts/class_kills.py`` makes many more."""

import sys

import class_kills
import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_the_next_run_ends_as_if_nothing_had_been_killed(tmp_path):
    assert class_kills.kills(tmp_path, moments=3, students=6, seed=2) == []
