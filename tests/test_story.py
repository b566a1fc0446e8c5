"""The story that scripts/demo tells, to a pipe: its figures are the lecture's, its end is a question."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def tell(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "story.py", *arguments],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "utf-8",
            "JAX_COMPILATION_CACHE_DIR": str(ROOT / ".pytest_cache" / "compiled"),  # not the user's own
            **environment,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def story() -> str:
    """The story in English."""
    return tell("--lang", "en")


def test_the_perceptron_learns_and_or_but_not_xor(story: str):
    assert re.search(r"AND +1 3 3 2 1 0 +10 +51 +2 +1 +−2 +learned", story)
    assert re.search(r"OR +1 2 1 0 +4 +27 +1 +1 +0 +learned", story)
    assert re.search(r"XOR +2 3 4 4 4 4 4 4 4 4 … +37 +∞ +.* never learned", story)
    assert "(0.5; 0.5) lies halfway" in story


def test_a_hidden_layer_solves_xor(story: str):
    outputs = re.findall(r"^ ([01]) +([01]) +([01]) .* (\d\.?\d*) *$", story, re.MULTILINE)
    assert [(int(a) ^ int(b), int(t)) for a, b, t, _ in outputs] == [(0, 0), (1, 1), (1, 1), (0, 0)]
    assert [float(y) > 0.5 for _, _, _, y in outputs] == [False, True, True, False]


def test_the_digits_are_read(story: str):
    percent = re.search(r"classifies (\d+\.?\d*) %", story)
    assert percent
    assert float(percent[1]) >= 95


def test_it_ends_with_a_question_and_says_how_to_answer(story: str):
    assert "5. Your turn" in story
    assert re.search(r"To answer: \S.*quiz'? grade 'q\d\.[a-z-]+@1'", " ".join(story.split()))
    assert max(map(len, story.splitlines())) <= 80


def test_it_is_told_without_unicode_and_says_what_language_it_cannot():
    said = tell("--lang", "ru", PYTHONIOENCODING="ascii")
    assert said.isascii()
    assert "64-32-10" in said
    with pytest.raises(subprocess.CalledProcessError) as refused:
        tell(QUIZ_LANG="tlh")
    assert refused.value.returncode == 2
    assert refused.value.stderr.count("\n") == 1
