"""Checks an Anki deck by the rules that Anki's import and its check of a database rely on."""

import io
import json
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing

from quiz.export.anki import checksum
from quiz.text import mark as _
from quiz.text.errors import Refusal


def problems(data: bytes) -> Iterator[Refusal]:
    """Yield what is wrong with an ``.apkg`` file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if not {"collection.anki2", "media"} <= set(archive.namelist()):
            yield Refusal(_("collection.anki2 or media is missing"))
            return
        content = archive.read("collection.anki2")
        if not isinstance(json.loads(archive.read("media")), dict):
            yield Refusal(_("media is not an object"))
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(content)
        if base.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            yield Refusal(_("the database is damaged"))
            return
        yield from _counts(base)
        yield from _notes(base)
        yield from _cards(base)


def _counts(base: sqlite3.Connection) -> Iterator[Refusal]:
    notes, cards, whole = (
        base.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("notes", "cards", "col")
    )
    if not notes or notes != cards:
        yield Refusal(_("%(notes)d notes and %(cards)d cards"), notes=notes, cards=cards)
    if whole != 1:
        yield Refusal(_("the collection has %(count)d records; expected one"), count=whole)
    for table in ("notes", "cards"):
        for number, changed in base.execute(f"SELECT id, mod FROM {table}"):
            if not 0 < number < 1000 * (time.time() + 86_400):
                yield Refusal(_("%(number)s is no identifier: not a time in the past"), number=number)
            if not 0 < changed < time.time() + 86_400:
                yield Refusal(_("%(number)s was changed at no time in the past"), number=number)


def _notes(base: sqlite3.Connection) -> Iterator[Refusal]:
    models = json.loads(base.execute("SELECT models FROM col").fetchone()[0])
    seen = set()
    for number, guid, model, fields, csum in base.execute("SELECT id, guid, mid, flds, csum FROM notes"):
        if not guid or guid in seen:
            yield Refusal(
                _("the note %(number)s has no name of its own, so it cannot be updated"), number=number
            )
        seen.add(guid)
        known = models.get(str(model))
        if known is None or len(known["flds"]) != len(fields.split("\x1f")):
            yield Refusal(_("the note %(number)s does not fit its type"), number=number)
        if not fields.split("\x1f")[0].strip():
            yield Refusal(_("the note %(number)s has an empty first field"), number=number)
        if csum != checksum(fields):
            yield Refusal(_("the note %(number)s has a wrong checksum"), number=number)


def _cards(base: sqlite3.Connection) -> Iterator[Refusal]:
    decks = json.loads(base.execute("SELECT decks FROM col").fetchone()[0])
    query = "SELECT c.id, n.id, did FROM cards c LEFT JOIN notes n ON n.id = nid"
    for number, note, deck in base.execute(query):
        if note is None or str(deck) not in decks:
            yield Refusal(_("the card %(number)s has no note or no deck"), number=number)
