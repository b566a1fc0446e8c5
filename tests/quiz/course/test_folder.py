"""The course folder: all of it or nothing, private whatever the umask, and no other secret than its own."""

import errno
import json
import os
import sqlite3
import stat

import pytest

from quiz.course import folder, papers
from quiz.course.ledger import Ledger
from quiz.course.schema import content_digest, prepare
from quiz.files import file_name, remove_leftovers, safe_cell, write_atomic
from quiz.text.errors import Invalid, Refusal


@pytest.mark.parametrize("name", ["secret", "course.json"])
@pytest.mark.parametrize("when", ["write", "replace"])
def test_a_full_disk_leaves_no_half_course(tmp_path, monkeypatch, name, when):
    real = os.replace

    def fail(*arguments):
        if when == "write" or str(arguments[-1]).endswith(name):
            raise OSError(errno.ENOSPC, "")
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync" if when == "write" else "replace", fail)
        with pytest.raises(OSError, match="28"):
            folder.new(tmp_path / "ann")
    assert not list((tmp_path / "ann").iterdir())
    assert folder.new(tmp_path / "ann").title == "ann"
    with pytest.raises(Refusal, match="already"):
        folder.new(tmp_path / "ann")


def test_a_secret_without_a_course_is_what_a_kill_has_left(tmp_path):
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann/secret").write_text("")
    assert len(folder.new(tmp_path / "ann").secret) == 32


def test_another_secret_is_refused_until_the_right_one_is_back(tmp_path):
    made = folder.new(tmp_path / "ann")
    right = (made.path / "secret").read_text()
    (made.path / "secret").write_text("ab" * 32)
    with pytest.raises(Invalid, match="not the secret"):
        folder.open_course(made.path)
    (made.path / "secret").write_text(right)
    assert folder.open_course(made.path) == made
    about = json.loads((made.path / "course.json").read_text())
    del about["fingerprint"]  # of an earlier version
    (made.path / "course.json").write_text(json.dumps(about))
    assert folder.open_course(made.path) == made


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o000])
def test_what_is_private_is_private_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        (tmp_path / "ann").mkdir(mode=0o755)
        made = folder.new(tmp_path / "ann")
        Ledger(made.database).close()
        write_atomic(tmp_path / "keys" / "a.key.json", "{}", private=True)
    finally:
        os.umask(before)
    for path in (made.path / "secret", made.database, tmp_path / "keys", tmp_path / "keys/a.key.json"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


# -- files


def test_leftovers_of_killed_processes_are_removed_and_no_link_is_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/.new-999999999-abc").write_text("x")  # no process has this number
    (tmp_path / f"in/.new-{os.getpid()}-abc").write_text("x")
    (tmp_path / "in/.new-old").write_text("x")
    os.utime(tmp_path / "in/.new-old", (1, 1))
    (tmp_path / "in/out.csv").symlink_to(victim)
    (tmp_path / "in/.new-1-link").symlink_to(victim)
    remove_leftovers(tmp_path / "in")
    names = sorted(path.name for path in (tmp_path / "in").iterdir())
    assert names == [".new-1-link", f".new-{os.getpid()}-abc", "out.csv"]
    write_atomic(tmp_path / "in/out.csv", "new")
    assert victim.read_text() == "mine"
    assert not (tmp_path / "in/out.csv").is_symlink()


@pytest.mark.parametrize("name", ["con", "aux", "nul", "prn", "com1", "lpt9"])
def test_names_that_windows_reserves_get_another(name):
    assert file_name(name, "AB12") == f"{name}-AB12"
    assert file_name(name + "s", "AB12") == f"{name}s"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann;=1+1", "Ann;'=1+1"), ("Ann,=1+1", "Ann,'=1+1"), ("Ann\t@x", "Ann\t'@x"), ('A;"=1', "A;\"'=1"),
        ("Ann; +7", "Ann; '+7"), ("=1;-2", "'=1;'-2"), ("Ann, Lee", "Ann, Lee"), ("a-b=c", "a-b=c"),
    ],
)  # fmt: skip
def test_no_separator_makes_a_formula_of_a_name(text, expected):
    assert safe_cell(text) == expected


# -- a ledger of an earlier version

_OLD = """
CREATE TABLE sittings (sitting TEXT PRIMARY KEY, blueprint TEXT NOT NULL);
CREATE TABLE papers (
  paper TEXT PRIMARY KEY, sitting TEXT NOT NULL, student TEXT NOT NULL, record TEXT NOT NULL,
  UNIQUE (sitting, student));
CREATE TABLE entries (
  source TEXT, line INTEGER, digest BLOB NOT NULL, kind TEXT NOT NULL, paper TEXT, problem TEXT,
  PRIMARY KEY (source, line));
CREATE INDEX entries_paper ON entries (paper);
CREATE TABLE marks (
  paper TEXT PRIMARY KEY, source TEXT NOT NULL, line INTEGER NOT NULL, answers TEXT NOT NULL,
  score REAL NOT NULL, result TEXT NOT NULL);
CREATE TABLE trail (
  time TEXT NOT NULL, paper TEXT NOT NULL, old REAL NOT NULL, new REAL NOT NULL, kept REAL NOT NULL,
  version TEXT NOT NULL, reason TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL);
INSERT INTO sittings VALUES ('1', '{"title": "", "slots": []}');
INSERT INTO papers VALUES ('A', '1', 's1', '{"paper": "A", "sitting": "1", "student": "s1", "name": "S"}');
INSERT INTO papers VALUES ('B', '1', 's2', '{"paper": "B", "sitting": "1", "student": "s2", "name": "T"}');
INSERT INTO entries VALUES ('b.json', 0, x'00', 'malformed', NULL, '{}');
INSERT INTO marks VALUES ('A', 'a.json', 3, '{"1": {"z": "5"}}', 0.5,
  '{"score": 0.5, "questions": [{"exercise": "x", "score": 0.5, "parts": [{"status": "wrong"}]}]}');
INSERT INTO trail VALUES ('t', 'A', 1.0, 0.5, 0.5, '1', 'why', '{}', '{}');
"""


def test_a_course_of_an_earlier_version_keeps_its_marks_and_its_trail(tmp_path):
    path = tmp_path / "course.sqlite"
    with sqlite3.connect(path) as db:
        db.executescript(_OLD)
    db.close()
    for _again in range(2):
        with Ledger(path) as ledger:
            (first, mark), (_second, none) = ledger.marks("1")
            assert (first["student"], none) == ("s1", None)
            assert mark is not None
            assert (mark.score, mark.source, mark.line, mark.answers) == (0.5, "a.json", 3, {"1": {"z": "5"}})
            assert [(row["old"], row["new"], row["reason"]) for row in ledger.trail()] == [(1.0, 0.5, "why")]
            assert ledger.db.execute("SELECT digest FROM submissions").fetchall() == [
                (content_digest("A", {"1": {"z": 5}}),)
            ]


@pytest.mark.parametrize("change", ["version", "bytes"])
def test_a_ledger_that_cannot_be_trusted_is_refused(tmp_path, change):
    path = tmp_path / "course.sqlite"
    with Ledger(path) as ledger, ledger.db:
        for number in range(500):
            ledger.db.execute("INSERT INTO sittings VALUES (?, ?)", (f"{number}", "x" * 100))
    if change == "version":
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
    else:
        data = bytearray(path.read_bytes())
        data[8192:16384] = os.urandom(8192)
        path.write_bytes(data)
    db = sqlite3.connect(path)
    with pytest.raises(sqlite3.DatabaseError):
        prepare(db)
    db.close()


# -- papers are not emptied


def test_only_what_nobody_has_changed_is_written_again(tmp_path):
    path = tmp_path / "s1.json"
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert papers.put(ledger, path, "one", force=False)
        assert papers.put(ledger, path, "two", force=False)  # as it was written: a correction
        changed = path.stat().st_mtime_ns
        assert papers.put(ledger, path, b"two", force=False)
        assert path.stat().st_mtime_ns == changed
        path.write_text("filled in")
        assert not papers.put(ledger, path, "two", force=False)
        assert path.read_text() == "filled in"
        assert papers.put(ledger, path, "two", force=True)
        assert path.read_text() == "two"
