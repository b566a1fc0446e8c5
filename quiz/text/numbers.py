"""Reads numbers that students type, by a grammar of its own and never ``eval``, and writes numbers."""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import product

from quiz.text.catalog import mark as _
from quiz.text.errors import Refusal
from quiz.text.signs import GROUP, hidden_sign, plain, trimmed, with_digits

#: Characters in a number at most.
MAX_LENGTH = 64
#: Characters in a vector or a matrix at most.
MAX_LIST_LENGTH = 1024
_LARGEST = 10**300

_FRACTION = re.compile(r"([+-]?)([0-9]+)/([0-9]+)")
_DECIMAL = re.compile(
    rf"([+-]?)([0-9]{{1,3}}(?:[{GROUP}][0-9]{{3}})+|[0-9]*)(?:([.,])([0-9]*))?(?:[eE]([+-]?[0-9]+))?"
)
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")


class Refused(Refusal):
    """A text that cannot be read as an answer; it does not count as an attempt."""


#: Reads one number in a language.
Reader = Callable[[str, str], Fraction]
#: A text divided into rows of cells.
Cells = Sequence[Sequence[str]]


def parse(text: str, lang: str = "en") -> Fraction:
    """Read one number exactly.

    Accepted: ``0.5``, ``0,5``, ``.5``, ``-1/3``, ``−2`` with any dash, ``1e-3``, ``1 234,5`` with no-break or
    thin spaces in groups of three. Spaces and invisible signs at the ends are dropped.

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
    text = trimmed(text)
    check_length(text)
    if not text:
        raise Refused(_("the answer is empty"))
    bare = plain(text)
    if match := _FRACTION.fullmatch(bare):
        sign, above, below = match.groups()
        if int(below) == 0:
            raise Refused(_('"%(text)s" divides by zero'), text=text)
        return check_size(Fraction(int(sign + above), int(below)), text)
    match = _DECIMAL.fullmatch(bare)
    if match is None or not (match[2] or match[4]):
        raise _refusal(text)
    sign, whole, point, decimals, exponent = match.groups(default="")
    if point == "," and lang == "en" and _THOUSANDS.fullmatch(bare):
        raise Refused(
            _('"%(text)s" can be read as %(decimal)s or as %(whole)s; write %(decimal)s or %(whole)s'),
            text=text, decimal=text.replace(",", "."), whole=text.replace(",", ""),
        )  # fmt: skip
    if len(exponent.lstrip("+-")) > 3:
        raise Refused(_('the exponent of "%(text)s" has more than three digits'), text=text)
    digits = re.sub(f"[{GROUP}]", "", whole) + decimals
    power = int(exponent or 0) - len(decimals)
    return check_size(Fraction(int(sign + digits)) * Fraction(10) ** power, text)


def parse_list(
    text: str, lang: str = "en", size: int | None = None, read: Reader = parse
) -> tuple[Fraction, ...]:
    """Read a vector: numbers separated by spaces, ``;`` or commas, brackets optional.

    A comma is a decimal sign or a separator. ``size`` decides where both are possible; a single comma without
    brackets around it is a decimal sign.

    Args:
        text: what was typed.
        lang: ``kk``, ``ru`` or ``en``.
        size: how many numbers are expected; any number if ``None``.
        read: reads one number.

    Raises:
        Refused: the text is no such vector.

    Example:
        >>> parse_list("(0,5; -1)", "ru")
        (Fraction(1, 2), Fraction(-1, 1))
        >>> parse_list("[0.5 -1]") == parse_list("0.5, -1") == parse_list("[[0.5], [-1]]")
        True
        >>> parse_list("[1,2]", size=2) == parse_list("1 2")
        True
    """

    def fits(cells: Cells) -> bool:
        flat = len(cells) == 1 or all(len(row) == 1 for row in cells)
        return flat and size in (None, sum(len(row) for row in cells))

    def refusal(cells: Cells) -> Refused:
        given = sum(len(row) for row in cells)
        return Refused(_("expected %(size)d numbers, got %(given)d"), size=size or given, given=given)

    return tuple(value for row in _first(text, lang, read, fits, refusal) for value in row)


def parse_matrix(
    text: str, lang: str = "en", shape: tuple[int, int] | None = None, read: Reader = parse
) -> tuple[tuple[Fraction, ...], ...]:
    """Read a matrix: rows in brackets, or separated by ``|``, ``;`` or new lines, as NumPy and MATLAB do.

    Args:
        text: what was typed.
        lang: ``kk``, ``ru`` or ``en``.
        shape: rows and columns expected, which decides whether a comma separates numbers; any if ``None``.
        read: reads one number.

    Raises:
        Refused: the text is no such matrix.

    Example:
        >>> parse_matrix("[1 2] [3 4]") == parse_matrix("[1 2 | 3 4]") == parse_matrix("[[1; 2]; [3; 4]]")
        True
        >>> parse_matrix("[[1,2],[3,4]]", shape=(2, 2)) == parse_matrix("1 2; 3 4", shape=(2, 2))
        True
    """

    def fits(cells: Cells) -> bool:
        widths = {len(row) for row in cells}
        return len(widths) == 1 and shape in (None, (len(cells), *widths))

    def refusal(cells: Cells) -> Refused:
        if len({len(row) for row in cells}) != 1:
            return Refused(_("the rows of the matrix differ in length"))
        rows, columns = shape or (0, 0)
        return Refused(
            _("expected %(rows)d rows of %(columns)d numbers, got %(given)d of %(width)d"),
            rows=rows, columns=columns, given=len(cells), width=len(cells[0]),
        )  # fmt: skip

    return _first(text, lang, read, fits, refusal)


def _first(
    text: str, lang: str, read: Reader, fits: Callable[[Cells], bool], refusal: Callable[[Cells], Refused]
) -> tuple[tuple[Fraction, ...], ...]:
    """Return the first way to read a text that fits, else refuse the first that can be read at all."""
    check_length(trimmed(text), MAX_LIST_LENGTH)
    layouts, reason = list(_layouts(trimmed(text))), None
    for cells in sorted(layouts, key=lambda cells: not fits(cells)):  # those that fit, in their order, first
        try:
            if not fits(cells) and sum(map(len, cells)) > MAX_LENGTH:
                raise refusal(cells)  # that many numbers are not worth reading
            grid = tuple(tuple(read(cell, lang) for cell in row) for row in cells)
        except Refused as refused:
            reason = reason or refused
            continue
        if fits(cells):
            return grid
        raise refusal(cells)
    raise reason or Refused(_("the answer is empty"))


#: ``array(…, dtype=…)`` as NumPy prints it.
_NUMPY = re.compile(r"(?:\w+\.)?(?:array|asarray|matrix)\((.*?)(?:,\s*dtype=[\w.']+)?,?\s*\)", re.DOTALL)
_SPACES = " \t\r\n"


def _layouts(text: str) -> Iterator[list[list[str]]]:
    """Yield the ways to divide a text into rows of cells."""
    if match := _NUMPY.fullmatch(text):
        text = match[1].strip()
    blocks = bracketed(text)
    if blocks is None and text.count("[") > 1:
        raise Refused(
            _('"%(text)s" is not a matrix; write each row in brackets, as in [1 2] [3 4]'), text=text
        )
    is_bracketed = blocks is not None
    while blocks is not None and len(blocks) == 1 and (inner := bracketed(blocks[0])) is not None:
        blocks = inner
    if blocks is not None and len(blocks) > 1:
        layouts = [blocks]
    else:
        whole = trimmed(blocks[0] if blocks else text).removesuffix(";")
        lines = re.split(r"[|\n]", re.sub(r";?\s*\n\s*", "\n", whole))
        layouts = [lines] + ([split(whole, ";")] if len(lines) == 1 and ";" in whole else [])
    for rows, cut in product(layouts, (_by_semicolons, _by_spaces, _by_any_space, _by_commas)):
        commas = sum(row.count(",") for row in rows)
        if cut is not _by_commas or is_bracketed or commas > 1:
            yield [cut(row) or [""] for row in rows]
    yield [[text]]


def _by_semicolons(row: str) -> list[str]:
    row = trimmed(row).removesuffix(";")
    return split(row, ";") if ";" in row else _by_spaces(row)


def _by_spaces(row: str) -> list[str]:
    return [cell for part in split(row, _SPACES) if (cell := part.removesuffix(","))]


def _by_any_space(row: str) -> list[str]:
    return _by_spaces(re.sub(f"[{GROUP}]", " ", row))


def _by_commas(row: str) -> list[str]:
    return split(trimmed(row).removesuffix(","), ",")


def split(text: str, separators: str) -> list[str]:
    """Split a text at separators that are not within brackets."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        if depth <= 0 and sign in separators:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def bracketed(text: str) -> list[str] | None:
    """Return the contents of the brackets that a text consists of; ``None`` if there is anything else."""
    opening, closing = "[]" if "[" in text else "()"
    found, depth, begun = [], 0, 0
    for place, sign in enumerate(text):
        if sign == opening:
            depth += 1
            begun = place + 1 if depth == 1 else begun
        elif sign == closing:
            depth -= 1
            if depth == 0:
                found.append(text[begun:place])
        elif depth == 0 and not (sign in ",;|" or sign.isspace()):
            return None
        if depth < 0:
            return None
    return found if found and depth == 0 else None


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
    """Write a number, a vector ``(1; 2)`` or a matrix ``[1; 2 | 3; 4]``; ``None`` is a blank cell."""
    if value is None:
        return ""
    if not isinstance(value, tuple | list):
        return write(value, lang, places)  # type: ignore[arg-type]
    between = ", " if lang == "en" else "; "
    if value and isinstance(value[0], tuple | list):
        rows = (between.join(write_value(cell, lang, places) for cell in row) for row in value)
        return "[" + " | ".join(rows) + "]"
    return "(" + between.join(write_value(cell, lang, places) for cell in value) + ")"


def check_length(text: str, most: int = MAX_LENGTH) -> None:
    """Raise `Refused` for a text that is too long."""
    if len(text) > most:
        raise Refused(
            _("the answer has %(size)d characters; at most %(most)d are allowed"), size=len(text), most=most
        )


def check_size(value: Fraction, text: str) -> Fraction:
    """Return a number, or raise `Refused` if it is too large."""
    if abs(value.numerator) > _LARGEST * value.denominator:
        raise Refused(_('"%(text)s" is too large'), text=text)
    return value


_REASONS: tuple[tuple[Callable[[str], object], str], ...] = (
    (
        re.compile("[\ud800-\udfff]").search,
        _('"%(text)s" has bytes that are not UTF-8; type the answer again'),
    ),
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


def _refusal(text: str) -> Refused:
    """Return the refusal that best explains why a text is not a number."""
    if sign := hidden_sign(text):
        message = _('"%(text)s" has the invisible sign %(sign)s; type the answer again without it')
        return Refused(message, text=text, sign=f"U+{ord(sign):04X}")
    letter, digits = with_digits(text)
    if letter and _DECIMAL.fullmatch(plain(digits)):
        message = _('"%(text)s" has the letter %(letter)s; write the digit %(digit)s')
        return Refused(message, text=text, letter=letter, digit=digits[text.index(letter)])
    for fits, reason in _REASONS:
        if fits(text):
            return Refused(reason, text=text)
    return Refused(_('"%(text)s" is not a number; write for example 0.5, -1/3 or 1e-3'), text=text)
