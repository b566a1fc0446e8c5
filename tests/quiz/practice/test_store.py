"""Attempts: round trip, concurrent use, a kill at any moment, damaged and foreign files."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

import quiz
from quiz.practice.session import Session
from quiz.practice.sitting import Sitting
from quiz.practice.store import Store, folder
from quiz.text.errors import Invalid, Locked, Machine

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


def test_open_sittings(store):
    assert store.sittings() == {}
    first = store.open_sitting({"todo": ["q2.update@7"]})
    second = store.open_sitting({"todo": ["q2.rate@1"]})
    store.save_sitting(first, {"todo": ["q2.update@8"], "answers": {"w1": "−0,5"}})
    assert store.sittings() == {
        first.id: {"todo": ["q2.update@8"], "answers": {"w1": "−0,5"}},
        second.id: {"todo": ["q2.rate@1"]},
    }
    assert next(iter(store.sittings())) == first.id  # the last changed
    store.save_sitting(first, None)
    assert list(store.sittings()) == [second.id]


def test_a_sitting_that_another_terminal_resumed_is_not_overwritten(store, marks):
    first = store.open_sitting({"todo": ["q2.update@7"]})
    second = store.take_over(first.id)
    store.save_sitting(second, {"todo": ["q2.update@7"], "answers": {"z": "1"}})
    for state in ({"todo": []}, None):
        with pytest.raises(Locked, match="another terminal"):
            store.save_sitting(first, state)
    with pytest.raises(Locked):
        store.add(marks, "en", held=first)
    assert store.attempts() == []  # the attempt belongs to the same transaction
    assert store.sittings() == {first.id: {"todo": ["q2.update@7"], "answers": {"z": "1"}}}


def test_a_file_of_version_1_is_read_and_brought_up_to_date(tmp_path, marks):
    path = tmp_path / "quiz.sqlite3"
    Store(path).add(marks, "en", 1.0)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            """DROP TABLE sitting; PRAGMA user_version=1;
            CREATE TABLE session (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL);
            INSERT INTO session VALUES (1, '{"todo": ["q2.update@7"]}');"""
        )
    assert Store(path).sittings() == {1: {"todo": ["q2.update@7"]}}
    assert len(Store(path).attempts()) == 1
    Store(path).add(marks, "en", 1.0)
    assert Store(path).sittings() == {1: {"todo": ["q2.update@7"]}}
    assert len(Store(path).attempts()) == 2


def test_what_an_answer_took_is_kept(store, marks):
    store.add(marks, "kk", effort={"z": {"tries": 2, "hints": 1}, "b": {"given_up": True}})
    (attempt,) = store.attempts()
    assert (attempt.hints, attempt.wrong_tries, attempt.given_up) == (1, 2, True)
    assert attempt.parts["z"]["status"] == "correct"


def test_a_folder_that_may_not_be_written_is_read(store, marks, monkeypatch):
    store.add(marks, "kk")
    held = store.open_sitting({"todo": ["q2.update@7"]})
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    before = sorted(store.path.parent.iterdir())
    assert len(store.attempts()) == 1
    assert list(store.sittings()) == [held.id]
    assert sorted(store.path.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("attempt to write a readonly database", "the file itself is all right"),
        ("database or disk is full", "is full; make room"),
        ("disk I/O error", "does not work now"),
        ("unable to open database file", "permissions of its folder"),
    ],
)
def test_a_disk_that_refuses_is_not_called_a_damaged_file(store, marks, monkeypatch, reason, said):
    store.add(marks, "kk")

    def refuse(*_arguments, **_more):
        raise sqlite3.OperationalError(reason)

    monkeypatch.setattr(sqlite3, "connect", refuse)
    with pytest.raises(Machine, match=said) as refused:
        store.add(marks, "kk")
    assert refused.value.code == 6
    assert "move it away" not in str(refused.value)


def test_reset(store, marks):
    store.add(marks, "en")
    store.add(marks, "en")
    store.open_sitting({"todo": []})
    assert store.reset() == 2
    assert store.attempts() == []
    assert store.sittings() == {}


def test_reading_makes_no_file(tmp_path):
    store = Store(tmp_path / "quiz.sqlite3")
    assert store.attempts() == []
    assert store.sittings() == {}
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


def test_the_history_of_the_line_editor_begins_with_each_exercise(store):
    forgotten: list[int] = []
    sitting = Sitting(todo=["q2.update@7", "q2.update@8"])
    screen = Screen(10**6)
    Session(screen, store, lambda _prompt: "1", False, lambda: forgotten.append(len(sitting.todo))).run(
        sitting
    )
    assert forgotten == [2, 1]


@pytest.mark.parametrize("at", [0, 2, 6, 8, 10, 12, 15])
def test_a_kill_while_something_is_shown_stores_each_attempt_once(store, at):
    todo = ["q2.update@7", "q2.update@8"]
    for left in (at, 10**6):
        ((number, state),) = store.sittings().items() or [(0, {"todo": list(todo)})]
        held = store.take_over(number) if number else None
        try:
            Session(Screen(left), store, lambda _prompt: "1", interactive=False).run(Sitting(**state), held)
        except Killed:
            assert left == at
    assert [attempt.variant for attempt in store.attempts()] == todo
    assert store.sittings() == {}
