"""What the command ``jaxnet`` says besides figures, in Kazakh, Russian and English."""

import os
from collections.abc import Mapping
from typing import Any

LANGUAGES = ("kk", "ru", "en")

#: name -> Kazakh, Russian, English
SENTENCES: Mapping[str, tuple[str, str, str]] = {
    "classification": (
        "%(target)s бағанында %(classes)s класс: жіктеу; жол саны: %(rows)s, белгі саны: %(features)s",
        "в столбце %(target)s классы (%(classes)s): классификация; строк: %(rows)s, признаков: %(features)s",
        "%(target)s holds %(classes)s classes: classification; %(rows)s rows, %(features)s features",
    ),
    "regression": (
        "%(target)s бағанында сандық мәндер: регрессия; жол саны: %(rows)s, белгі саны: %(features)s",
        "в столбце %(target)s числовые значения: регрессия; строк: %(rows)s, признаков: %(features)s",
        "%(target)s holds values: regression; %(rows)s rows, %(features)s features",
    ),
    "written": ("%(path)s жазылды", "записано: %(path)s", "written: %(path)s"),
}


def language(wanted: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """Choose the language: what was asked for, then ``QUIZ_LANG``, then the system's locale, else English.

    Raises:
        ValueError: a language that there are no texts for.

    Example:
        >>> language("kk"), language(None, {"LANG": "ru_RU.UTF-8"}), language(None, {})
        ('kk', 'ru', 'en')
    """
    if wanted is not None and wanted not in LANGUAGES:
        raise ValueError(f"--lang: expected one of {', '.join(LANGUAGES)}, got {wanted!r}")
    system = next((environ[k] for k in ("QUIZ_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if environ.get(k)), "")
    short = wanted or system.lower()[:2]
    return short if short in LANGUAGES else "en"


def say(name: str, lang: str, **values: Any) -> str:
    """Return a sentence in a language, filled.

    Example:
        >>> say("written", "en", path="model.safetensors")
        'written: model.safetensors'
    """
    return SENTENCES[name][LANGUAGES.index(lang)] % values
