"""An Anki deck: the question on the front, the key and the worked solution on the back."""

import hashlib
import io
from collections.abc import Iterable

from quiz.export.items import Item
from quiz.extras import import_extra
from quiz.render import html, sheet

_STYLE = ".card{font-family:sans-serif;text-align:left} .math{font-family:serif;white-space:nowrap}"


def package(items: Iterable[Item], lang: str, title: str) -> bytes:
    """Return the deck, an ``.apkg`` file."""
    genanki = import_extra("genanki")
    model = genanki.Model(
        _number("model"),
        "quiz",
        fields=[{"name": "Question"}, {"name": "Answer"}, {"name": "Name"}],
        templates=[{"name": "Card", "qfmt": "{{Question}}", "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}"}],
        css=_STYLE,
    )
    deck = genanki.Deck(_number(title, lang), f"{title} ({lang})")
    for item in items:
        shown = sheet.question(item.variant, lang, item.number, key=True)
        tags = [f"q{item.exercise.question}", f"level-{item.exercise.level}", item.exercise.id]
        deck.add_note(
            genanki.Note(
                model=model,
                fields=[front(shown), html.key(shown, lang), f"{item.ident}-{lang}"],
                tags=tags,
                guid=genanki.guid_for(item.ident, lang),
            )
        )
    content = io.BytesIO()
    genanki.Package(deck).write_to_file(content, timestamp=0.0)
    return content.getvalue()


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
    """Return a reproducible identifier; Anki needs one of 31 bits."""
    digest = hashlib.blake2b("\n".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % (1 << 30) + (1 << 30)
