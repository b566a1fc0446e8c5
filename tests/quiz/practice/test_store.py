"""Attempts: round trip, concurrent use, a kill at any moment, damaged and foreign files."""

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

import quiz
from quiz.practice.session import Session, Sitting
from quiz.practice.store import Store, folder
from quiz.text.errors import Invalid

ANSWERS = {"z": "1,2", "y": "x"}


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    return Store(tmp_path / "new" / "quiz.sqlite3")


@pytest.fixture
def marks():
    """Some marks: one correct, one unreadable, the rest blank."""
    return quiz.grade(quiz.generate("q2.update", 7), ANSWERS, "kk")


def test_an_attempt_is_kept_as_it_was(store, marks):
    assert store.attempts() == []
    store.add(marks, "kk", 12.5)
    (attempt,) = store.attempts()
    assert (attempt.variant, attempt.exercise) == ("q2.update@7", "q2.update")
    assert (attempt.lang, attempt.seconds) == ("kk", 12.5)
    assert attempt.answers == ANSWERS
    assert attempt.score == marks.score
    assert attempt.parts["z"] == {"status": "correct", "credit": 1.0, "slips": []}
    assert attempt.parts["y"]["status"] == "invalid"


def test_the_open_session(store):
    assert store.session() is None
    store.save_session({"todo": ["q2.update@7"]})
    store.save_session({"todo": ["q2.update@8"], "answers": {"w1": "−0,5"}})
    assert store.session() == {"todo": ["q2.update@8"], "answers": {"w1": "−0,5"}}
    store.save_session(None)
    assert store.session() is None


def test_reset(store, marks):
    store.add(marks, "en")
    store.add(marks, "en")
    store.save_session({"todo": []})
    assert store.reset() == 2
    assert store.attempts() == []
    assert store.session() is None


def test_reading_makes_no_file(tmp_path):
    store = Store(tmp_path / "quiz.sqlite3")
    assert store.attempts() == []
    assert store.session() is None
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_file_is_refused_and_left_alone(tmp_path, marks):
    path = tmp_path / "quiz.sqlite3"
    path.write_bytes(b"not a database at all, " * 50)
    with pytest.raises(Invalid, match="is damaged or not a file of attempts"):
        Store(path).add(marks, "en")
    assert path.read_bytes().startswith(b"not a database")


def test_a_file_of_a_later_version_is_refused(store, marks):
    store.add(marks, "en")
    with closing(sqlite3.connect(store.path)) as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(Invalid, match="later version"):
        store.attempts()


def test_the_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("QUIZ_DATA_DIR", str(tmp_path))
    assert folder() == tmp_path
    monkeypatch.delenv("QUIZ_DATA_DIR")
    assert folder().name == "jaxnet-quiz"


WRITER = """
import sys
from pathlib import Path
from types import SimpleNamespace
from quiz.marking.marks import Marks, Part
from quiz.practice.store import Store
from quiz.variants.variant import Variant
store = Store(Path(sys.argv[1]))
variant = Variant("q2.update", 7, {})
part = Part("z", "1", "wrong")
for number in range(int(sys.argv[2])):
    store.add(Marks(variant, {"z": part}, 0.0), "en", float(number))
    print(number, flush=True)
"""


def test_two_terminals_at_once(tmp_path):
    path = tmp_path / "quiz.sqlite3"
    command = [sys.executable, "-c", WRITER, str(path), "40"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as first:
        assert subprocess.run(command, stdout=subprocess.DEVNULL, timeout=60).returncode == 0
        assert first.wait(60) == 0
    assert len(Store(path).attempts()) == 80


def test_kill_at_any_moment_loses_nothing_that_was_said_to_be_kept(tmp_path):
    path = tmp_path / "quiz.sqlite3"
    kept = 0
    for wait in (0.02, 0.05, 0.11):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), "100000"], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "0\n"
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        said = 1 + len(process.stdout.read().splitlines())
        process.stdout.close()
        process.wait()
        attempts = Store(path).attempts()
        assert said <= len(attempts) - kept <= said + 1
        kept = len(attempts)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


class Killed(Exception):
    """The end of the process, wherever the screen is written."""


class Screen:
    """A screen at whose ``at``-th output the process ends."""

    lang = "en"

    def __init__(self, at):
        self.left = at

    def __getattr__(self, name):
        def write(*_arguments, **_more):
            self.left -= 1
            if self.left < 0:
                raise Killed

        return write


@pytest.mark.parametrize("at", [0, 2, 6, 8, 10, 12, 15])
def test_a_kill_while_something_is_shown_stores_each_attempt_once(store, at):
    todo = ["q2.update@7", "q2.update@8"]
    for left in (at, 10**6):
        sitting = Sitting(**(store.session() or {"todo": list(todo)}))
        try:
            Session(Screen(left), store, lambda _prompt: "1", interactive=False).run(sitting)
        except Killed:
            assert left == at
    assert [attempt.variant for attempt in store.attempts()] == todo
    assert store.session() is None
