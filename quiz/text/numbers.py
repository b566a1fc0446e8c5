"""Reads numbers that students type, by a grammar of its own and never ``eval``, and writes numbers."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from quiz.text.catalog import mark as _
from quiz.text.errors import Refusal

#: Characters in a number at most.
MAX_LENGTH = 64
#: Characters in a vector or a matrix at most.
MAX_LIST_LENGTH = 1024

_MINUS = "\N{MINUS SIGN}\N{EN DASH}-"  # the hyphen is last because this goes into character classes
_GROUP = "\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"
_FRACTION = re.compile(rf"([+{_MINUS}]?)([0-9]+)/([0-9]+)")
_DECIMAL = re.compile(
    rf"([+{_MINUS}]?)([0-9]{{1,3}}(?:[{_GROUP}][0-9]{{3}})+|[0-9]*)(?:([.,])([0-9]*))?(?:[eE]([+{_MINUS}]?[0-9]+))?"
)
_THOUSANDS = re.compile(rf"[+{_MINUS}]?[1-9][0-9]{{0,2}},[0-9]{{3}}")


class Refused(Refusal):
    """A text that cannot be read as an answer; it does not count as an attempt."""


def parse(text: str, lang: str = "en") -> Fraction:
    """Read one number exactly.

    Accepted: ``0.5``, ``0,5``, ``.5``, ``-1/3``, ``−2`` (U+2212), ``1e-3``, ``1 234,5`` with no-break or thin
    spaces in groups of three.

    Args:
        text: what was typed.
        lang: ``kk``, ``ru`` or ``en``; only in English is ``1,234`` ambiguous.

    Returns:
        The number as a fraction, without rounding.

    Raises:
        Refused: the text is not one number; the reason says why.

    Example:
        >>> parse("0,35", "kk"), parse("-1/3")
        (Fraction(7, 20), Fraction(-1, 3))
        >>> parse("1,234")
        Traceback (most recent call last):
        quiz.text.numbers.Refused: "1,234" can be read as 1.234 or as 1234; write 1.234 or 1234
    """
    text = text.strip(" \t\r\n")
    _check_length(text)
    if not text:
        raise Refused(_("the answer is empty"))
    if match := _FRACTION.fullmatch(text):
        sign, above, below = match.groups()
        if int(below) == 0:
            raise Refused(_('"%(text)s" divides by zero'), text=text)
        return _check_size(Fraction(int(above), int(below)) * _sign(sign), text)
    match = _DECIMAL.fullmatch(text)
    if match is None or not (match[2] or match[4]):
        raise Refused(_reason(text), text=text)
    sign, whole, point, decimals, exponent = match.groups(default="")
    if point == "," and lang == "en" and _THOUSANDS.fullmatch(text):
        plain = text.replace(",", "")
        raise Refused(
            _('"%(text)s" can be read as %(decimal)s or as %(whole)s; write %(decimal)s or %(whole)s'),
            text=text, decimal=text.replace(",", "."), whole=plain,
        )  # fmt: skip
    if len(exponent.lstrip("+" + _MINUS)) > 3:
        raise Refused(_('the exponent of "%(text)s" has more than three digits'), text=text)
    digits = re.sub(f"[{_GROUP}]", "", whole) + decimals
    power = (_sign(exponent[:1]) * int(exponent.lstrip("+" + _MINUS)) if exponent else 0) - len(decimals)
    return _check_size(Fraction(int(digits)) * Fraction(10) ** power * _sign(sign), text)


def parse_list(text: str, lang: str = "en") -> tuple[Fraction, ...]:
    """Read numbers separated by spaces or ``;``, or in English by a comma and a space; brackets are optional.

    Example:
        >>> parse_list("(0,5; -1)", "ru")
        (Fraction(1, 2), Fraction(-1, 1))
        >>> parse_list("[0.5 -1]") == parse_list("0.5, -1")
        True
    """
    _check_length(text, MAX_LIST_LENGTH)
    inner = _unwrap(text.strip())
    if not inner:
        raise Refused(_("the answer is empty"))
    if lang == "en":
        inner = re.sub(r",[ \t]+", "; ", inner)
    parts = inner.split(";") if ";" in inner else re.split(r"[ \t\r\n]+", inner)
    return tuple(parse(part, lang) for part in parts)


def parse_matrix(text: str, lang: str = "en") -> tuple[tuple[Fraction, ...], ...]:
    """Read a matrix: each row in brackets, or rows separated by ``|`` or a new line.

    Example:
        >>> parse_matrix("[1 2] [3 4]") == parse_matrix("[1 2 | 3 4]") == parse_matrix("[[1; 2]; [3; 4]]")
        True
    """
    _check_length(text, MAX_LIST_LENGTH)
    rows = re.findall(r"[\[(]([^\[\]()]*)[\])]", text)
    if len(rows) < 2:
        rows = re.split(r"[|\n]", _unwrap(text.strip()))
    elif re.sub(r"[\[(][^\[\]()]*[\])]", "", text).strip("[]() ;,|\t\r\n"):
        raise Refused(
            _('"%(text)s" is not a matrix; write each row in brackets, as in [1 2] [3 4]'), text=text
        )
    matrix = tuple(parse_list(row, lang) for row in rows)
    if len({len(row) for row in matrix}) != 1:
        raise Refused(_("the rows of the matrix differ in length"))
    return matrix


def write(value: float | Fraction, lang: str, places: int = 4, *, trim: bool = True) -> str:
    """Write a number in the notation of a language: ``0,5`` in Kazakh and Russian, ``0.5`` in English.

    Args:
        value: the number.
        lang: ``kk``, ``ru`` or ``en``.
        places: decimals kept; halves round away from zero.
        trim: whether trailing zeros are removed.

    Returns:
        The text, with U+2212 as the minus sign and narrow spaces between thousands from five digits on.

    Example:
        >>> write(-0.5, "kk"), write(Fraction(1, 3), "en"), write(12345.5, "ru", 2)
        ('−0,5', '0.3333', '12\u202f345,5')
    """
    with localcontext() as context:
        context.prec = 400
        exact = Fraction(value)
        number = Decimal(exact.numerator) / Decimal(exact.denominator)
        number = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{abs(number):f}"
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    whole, dot, decimals = text.partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    text = whole + ("," if dot and lang != "en" else dot) + decimals
    return ("\N{MINUS SIGN}" if number < 0 and text.strip("0.,") else "") + text


def write_value(value: object, lang: str, places: int = 4) -> str:
    """Write a number, a vector ``(1; 2)`` or a matrix ``[1; 2 | 3; 4]``; the English separator is a comma."""
    if not isinstance(value, tuple | list):
        return write(value, lang, places)  # type: ignore[arg-type]
    between = ", " if lang == "en" else "; "
    if value and isinstance(value[0], tuple | list):
        return "[" + " | ".join(between.join(write(v, lang, places) for v in row) for row in value) + "]"
    return "(" + between.join(write(v, lang, places) for v in value) + ")"


def _sign(text: str) -> int:
    return -1 if text and text in _MINUS else 1


def _check_length(text: str, most: int = MAX_LENGTH) -> None:
    if len(text) > most:
        raise Refused(
            _("the answer has %(size)d characters; at most %(most)d are allowed"), size=len(text), most=most
        )


def _unwrap(text: str) -> str:
    if len(text) > 1 and (text[0], text[-1]) in {("(", ")"), ("[", "]")}:
        return text[1:-1].strip()
    return text


def _check_size(value: Fraction, text: str) -> Fraction:
    if abs(value) > Fraction(10) ** 300:
        raise Refused(_('"%(text)s" is too large'), text=text)
    return value


_REASONS: tuple[tuple[Callable[[str], object], str], ...] = (
    (re.compile(r"(?i)[+-]?(nan|inf(inity)?)").fullmatch, _('"%(text)s" is not a number that can be marked')),
    (re.compile("_").search, _('"%(text)s" has an underscore; write the digits together')),
    (
        re.compile(r"[0-9][ \t]+[0-9]").search,
        _('"%(text)s" has a space between digits; write one number without spaces'),
    ),
    (
        lambda text: any(c.isdigit() and c not in "0123456789" for c in text),
        _('"%(text)s" has digits of another script; use 0 to 9'),
    ),
    (
        re.compile(r"[.,].*[.,]").search,
        _('"%(text)s" has more than one decimal sign; write one, without grouping'),
    ),
)


def _reason(text: str) -> str:
    """Return the message that best explains why a text is not a number."""
    for fits, reason in _REASONS:
        if fits(text):
            return reason
    return _('"%(text)s" is not a number; write for example 0.5, -1/3 or 1e-3')
