"""An Anki deck is valid, is updated by a corrected one, and keeps what Anki knows about the cards."""

import io
import sqlite3
import time
import zipfile
from contextlib import closing

import pytest

from quiz.export import anki, check_anki, items

NOW = 1_700_000_000


@pytest.fixture(scope="module")
def some():
    return list(items.collect(exercises=["q2.update", "q2.bound"], count=2))


def _base(data):
    base = sqlite3.connect(":memory:")
    base.deserialize(zipfile.ZipFile(io.BytesIO(data)).read("collection.anki2"))
    return closing(base)


def _notes(data):
    with _base(data) as base:
        return base.execute("SELECT id, guid, mod FROM notes ORDER BY id").fetchall()


def test_a_deck_is_reproducible_and_its_notes_are_stable(some):
    first, later = (anki.package(some, "ru", "Сети", modified=NOW + by) for by in (0, 60))
    assert first == anki.package(some, "ru", "Сети", modified=NOW)
    assert [note[:2] for note in _notes(first)] == [note[:2] for note in _notes(later)]
    assert {note[2] for note in _notes(later)} == {NOW + 60}


def test_time_goes_on_by_itself(some):
    begun = int(time.time())
    assert all(begun <= note[2] <= time.time() for note in _notes(anki.package(some, "en", "T")))


def test_decks_of_two_languages_courses_or_exercises_never_collide(some):
    course = list(items.collect(exercises=["q2.update"], count=2, seed_of=lambda exercise, n: 10**12 + n))
    decks = [anki.package(some, lang, "T", NOW) for lang in ("kk", "ru", "en")]
    decks.append(anki.package(course, "en", "T", NOW))
    guids = [note[1] for deck in decks for note in _notes(deck)]
    assert len(set(guids)) == len(guids) == 14


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("UPDATE notes SET id = 0 WHERE id = (SELECT min(id) FROM notes)", "no identifier"),
        ("UPDATE cards SET id = 9999999999999 WHERE id = (SELECT min(id) FROM cards)", "no identifier"),
        ("UPDATE notes SET mod = 0", "at no time"),
        ("UPDATE notes SET guid = 'same'", "name of its own"),
        ("UPDATE notes SET flds = 'one'", "does not fit its type"),
        ("UPDATE notes SET flds = char(31) || 'a' || char(31) || 'b'", "empty first field"),
        ("UPDATE notes SET csum = 0", "checksum"),
        ("UPDATE cards SET nid = 1", "no note or no deck"),
        ("UPDATE cards SET did = 2", "no note or no deck"),
        ("DELETE FROM cards", "4 notes and 0 cards"),
        ("DELETE FROM notes", "0 notes and 4 cards"),
    ],
)
def test_the_check_finds_what_anki_would_complain_about(some, change, complaint):
    data = anki.package(some, "en", "T", NOW)
    assert list(check_anki.problems(data)) == []
    with _base(data) as base:
        base.executescript(change)
        content = base.serialize()
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        archive.writestr("collection.anki2", content)
        archive.writestr("media", "{}")
    assert complaint in "\n".join(map(str, check_anki.problems(changed.getvalue())))


def test_anki_imports_updates_and_finds_nothing_to_repair(some, tmp_path):
    collection = pytest.importorskip("anki.collection", reason="the package anki is not installed")
    path = tmp_path / "deck.apkg"
    with closing(collection.Collection(str(tmp_path / "c.anki2"))) as mine:

        def load(title, modified):
            path.write_bytes(anki.package(some, "kk", title, modified))
            log = mine.import_anki_package(collection.ImportAnkiPackageRequest(package_path=str(path))).log
            return len(log.new), len(log.updated), len(log.duplicate)

        assert load("Желілер", NOW) == (4, 0, 0)
        mine.db.execute("UPDATE cards SET reps = 7, ivl = 30")
        assert load("Желілер", NOW) == (0, 0, 4)
        assert load("Желілер", NOW + 60) == (0, 4, 0)
        assert mine.db.all("SELECT DISTINCT reps, ivl FROM cards") == [[7, 30]]
        assert (mine.note_count(), mine.card_count()) == (4, 4)
        said, fine = mine.fix_integrity()
        assert fine
        assert said == "Database rebuilt and optimized."
        ours = sorted(note[:2] for note in _notes(path.read_bytes()))
        assert sorted(map(tuple, mine.db.all("SELECT id, guid FROM notes"))) == ours
