"""Signs that look like others, or like nothing: what keyboards and messengers put into answers."""

import unicodedata

#: Spaces that group digits.
GROUP = "\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"
#: Everything that keyboards and word processors write for a minus.
DASHES = "\u2212\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u02d7\ufe58\ufe63\uff0d\u2796"
#: Cyrillic and Greek letters that look like the Latin ones of an exponent, a function or a constant.
_ALIKE = dict(zip("еЕаосрхуіѕεο", "eEaocpxyiseo", strict=True))
_PLAIN = str.maketrans(dict.fromkeys(DASHES, "-") | _ALIKE)
#: Letters that look like digits.
_DIGITS = str.maketrans(dict(zip("OoОоΟοlIІіЗзбS", "00000011113365", strict=True)))
_SOFT_HYPHEN = "\N{SOFT HYPHEN}"
#: Signs that show nothing and are not in the category of format characters.
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))


def trimmed(text: str) -> str:
    """Return a text without spaces and signs that show nothing at its ends.

    Example:
        >>> trimmed("\\ufeff 0,5\\u200b\\u00a0")
        '0,5'
    """
    first, last = 0, len(text)
    while first < last and _is_invisible(text[first]):
        first += 1
    while first < last and _is_invisible(text[last - 1]):
        last -= 1
    return text[first:last]


def plain(text: str) -> str:
    """Return a text with ``-`` for every dash, and Latin letters for those that look like them."""
    return text.translate(_PLAIN)


def hidden_sign(text: str) -> str:
    """Return the first sign within a text that shows nothing; spaces do not count."""
    return next((s for s in text if s == _SOFT_HYPHEN or (_is_invisible(s) and not s.isspace())), "")


def with_digits(text: str) -> tuple[str, str]:
    """Return the first letter that looks like a digit, and the text with digits in place of such letters.

    Example:
        >>> with_digits("1O,5")
        ('O', '10,5')
    """
    digits = text.translate(_DIGITS)
    return next((old for old, new in zip(text, digits, strict=True) if old != new), ""), digits


def _is_invisible(sign: str) -> bool:
    shows_nothing = sign.isspace() or sign in _BLANKS or unicodedata.category(sign) == "Cf"
    return shows_nothing and sign != _SOFT_HYPHEN  # which may stand for a minus
