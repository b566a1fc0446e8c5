"""Looks messages up in the catalogs beside this file; English is the source itself."""

import gettext
from functools import lru_cache
from pathlib import Path

#: The languages, the lecture's own first.
LANGUAGES = ("kk", "ru", "en")

_HERE = Path(__file__).parent


def mark(message: str) -> str:
    """Mark a message for translation where it is written; it is translated where it is shown."""
    return message


def mark_plural(one: str, many: str) -> tuple[str, str]:
    """Mark a message with its plural for translation."""
    return one, many


@lru_cache
def catalog(lang: str) -> gettext.NullTranslations:
    """Return the messages of a language from all its catalogs; English is the source itself."""
    first = gettext.NullTranslations()
    if lang == "en":
        return first
    for path in sorted((_HERE / lang / "LC_MESSAGES").glob("*.mo")):
        with path.open("rb") as file:
            first.add_fallback(gettext.GNUTranslations(file))
    return first


def translate(message: str, lang: str) -> str:
    """Return a marked message in a language.

    Example:
        >>> translate("Correct.", "en")
        'Correct.'
    """
    return catalog(lang).gettext(message) if message else ""


def plural(one: str, many: str, count: int, lang: str) -> str:
    """Return the form of a message that fits a count."""
    return catalog(lang).ngettext(one, many, count)
