"""Every text that a person reads, in Kazakh, Russian and English (gettext catalogs beside this file)."""

import gettext
import locale
import os
from collections.abc import Mapping
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
    """Return the messages of a language, all rooms of the house together; English is the source itself."""
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


def language(wanted: str | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """Choose the language: what was asked for, then ``QUIZ_LANG``, then the system's locale, else English.

    Raises:
        Refusal: a language that there are no texts for.

    Example:
        >>> language("kk"), language(None, {"LANG": "ru_RU.UTF-8"}), language(None, {"LANG": "C"})
        ('kk', 'ru', 'en')
    """
    for name, source in ((wanted, "--lang"), (environ.get("QUIZ_LANG"), "QUIZ_LANG")):
        if name:
            short = name.lower().split("_")[0].split(".")[0]
            if short not in LANGUAGES:
                from quiz.refusal import Refusal

                raise Refusal(
                    mark('%(source)s: expected one of %(known)s, got "%(given)s"'),
                    source=source,
                    known=", ".join(LANGUAGES),
                    given=name,
                )
            return short
    system = next((environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG") if environ.get(k)), None)
    if system is None and environ is os.environ:
        system = locale.getlocale()[0]
    short = (system or "").lower()[:2]
    return short if short in LANGUAGES else "en"
