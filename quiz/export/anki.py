"""An Anki deck: the question on the front, the key and the worked solution on the back."""

import hashlib
import json
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from html import unescape

from quiz.export.archive import pack
from quiz.export.items import Item
from quiz.extras import import_extra
from quiz.render import html, sheet

_STYLE = ".card{font-family:sans-serif;text-align:left} .math{font-family:serif;white-space:nowrap}"
#: Anki takes identifiers for times in milliseconds and repairs those in the future; these are 2010 to 2019.
_IDS = range(1_262_304_000_000, 1_577_836_800_000)


def package(items: Iterable[Item], lang: str, title: str, modified: float | None = None) -> bytes:
    """Return the deck, an ``.apkg`` file.

    A note is identified by its exercise, seed and language, so that importing a corrected deck again updates
    the notes and keeps what Anki knows about the cards.

    Args:
        items: the variants.
        lang: ``kk``, ``ru`` or ``en``.
        title: the name of the deck.
        modified: when the notes were changed, in seconds since 1970; now if ``None``. Anki updates a note
            only if this is later than before.
    """
    genanki = import_extra("genanki")
    model = genanki.Model(
        _number("model"),
        "quiz",
        fields=[{"name": "Question"}, {"name": "Answer"}, {"name": "Name"}],
        templates=[{"name": "Card", "qfmt": "{{Question}}", "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}"}],
        css=_STYLE,
        sort_field_index=2,
    )
    deck = genanki.Deck(_number(title, lang), f"{title} ({lang})")
    names: list[tuple[str, ...]] = []
    for place, item in enumerate(items, 1):
        shown = sheet.question(item.variant, lang, item.number, key=True)
        tags = [f"q{item.exercise.question}", f"level-{item.exercise.level}", item.exercise.id]
        names.append((item.exercise.id, str(item.variant.seed), lang))
        deck.add_note(
            genanki.Note(
                model=model,
                fields=[front(shown), html.key(shown, lang), f"{item.ident}-{lang}"],
                tags=tags,
                guid=genanki.guid_for(*names[-1]),
                due=place,
            )
        )
    now = int(time.time() if modified is None else modified)
    with closing(sqlite3.connect(":memory:")) as base:
        genanki.Package(deck).write_to_db(base.cursor(), now, _identifiers(names))
        base.execute("UPDATE col SET crt = ?, mod = ?, scm = ?", (_IDS[0] // 1000, 1000 * now, _IDS[0]))
        for number, fields in base.execute("SELECT id, flds FROM notes").fetchall():
            base.execute("UPDATE notes SET csum = ? WHERE id = ?", (checksum(fields), number))
        base.commit()
        content = base.serialize()
    return pack([("collection.anki2", content), ("media", json.dumps({}).encode())])


def _identifiers(names: Iterable[tuple[str, ...]]) -> Iterator[int]:
    """Yield the identifiers of each note and of its card: reproducible and different."""
    used: set[int] = set()
    for name in names:
        for what in ("note", "card"):
            place = _digest(what, *name) % len(_IDS)
            while _IDS[place] in used:
                place = (place + 1) % len(_IDS)
            used.add(_IDS[place])
            yield _IDS[place]


def checksum(fields: str) -> int:
    """Return the number by which Anki finds notes with the same first field."""
    first = fields.split("\x1f")[0]
    for found, kept in ((_IMAGE, r" \1 "), (_TAG, "")):
        first = found.sub(kept, first)
    return int(hashlib.sha1(unescape(first).encode(), usedforsecurity=False).hexdigest()[:8], 16)


# a picture counts by its source
_IMAGE = re.compile(r"<img[^>]*src=[\"']?([^\"'>]+)[\"']?[^>]*>")
_TAG = re.compile("<[^>]*>")


def front(shown: sheet.Question) -> str:
    """Return the front of a card, without the key."""
    picture = html.picture(shown["figure"], shown["alt"]) if shown["figure"] else ""
    asks = "".join(
        f"<li>{html.text(ask['label'])} = ?{_options(ask['options'])}</li>" for ask in shown["asks"]
    )
    return f"<b>{html.text(shown['title'])}</b><p>{html.text(shown['text'])}</p>{picture}<ul>{asks}</ul>"


def _options(options: list[str]) -> str:
    return (
        "<ol>" + "".join(f"<li>{html.text(option)}</li>" for option in options) + "</ol>" if options else ""
    )


def _number(*parts: str) -> int:
    """Return a reproducible identifier of a deck or a model; Anki needs one of 31 bits."""
    return _digest(*parts) % (1 << 30) + (1 << 30)


def _digest(*parts: str) -> int:
    return int.from_bytes(hashlib.blake2b("\n".join(parts).encode(), digest_size=8).digest(), "big")
