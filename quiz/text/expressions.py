"""Works out expressions of numbers that students type, such as ``(1-0,5)*0,2`` and ``sigma(-1,8)``.

A parser of our own, never ``eval``; bounded in length, depth and size. Rational arithmetic is exact.
"""

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from quiz.text.catalog import mark as _
from quiz.text.numbers import Refused, check_length, check_size, parse, write_value
from quiz.text.signs import GROUP, plain, trimmed

#: Characters in an expression, and brackets within brackets, at most.
MAX_LENGTH, MAX_DEPTH = 256, 20
#: Fractions with more bits are rounded to double precision.
MAX_BITS = 2048


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


#: name -> function of one number
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "sigma": _sigmoid, "sigmoid": _sigmoid, "σ": _sigmoid, "tanh": math.tanh, "th": math.tanh,
    "relu": lambda x: max(x, 0.0), "step": lambda x: float(x > 0),
    "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
    "exp": math.exp, "ln": math.log, "lg": math.log10, "log10": math.log10, "log2": math.log2,
    "sqrt": math.sqrt, "√": math.sqrt, "abs": abs, "sin": math.sin, "cos": math.cos,
}  # fmt: skip
#: name -> function of two numbers or more
CHOICES: dict[str, Callable[..., Fraction]] = {"max": max, "min": min}
CONSTANTS = {"e": Fraction(math.e), "pi": Fraction(math.pi), "π": Fraction(math.pi)}

_SIGNS = str.maketrans({"×": "*", "·": "*", "⋅": "*", "∙": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/"})
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_TOKEN = re.compile(
    rf"(?P<number>(?:[0-9]{{1,3}}(?:[{GROUP}][0-9]{{3}})+(?![0-9])|[0-9]+)(?:[.,][0-9]+|\.)?(?:[eE][+-]?[0-9]+)?"
    r"|[.,][0-9]+(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z]+[0-9]*|[σπ√])|(?P<power>\^|\*\*|[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<sign>[-+*/();,])|(?P<space>\s+)"
)


def evaluate(text: str, lang: str = "en") -> Fraction:
    """Read one number, or work out an expression of numbers.

    ``+ - * / ^`` with every sign people write for them, brackets, the names in `FUNCTIONS` and `CHOICES`, and
    ``e`` and ``pi``. A power binds first, then a sign, then products, then sums; products need their sign.

    Args:
        text: what was typed.
        lang: ``kk``, ``ru`` or ``en``, as for `quiz.text.numbers.parse`.

    Returns:
        The value: exact for rational operations, in double precision for the others.

    Raises:
        Refused: the text is neither a number nor an expression of numbers; the reason says why.

    Example:
        >>> evaluate("0,3-0,2", "ru"), evaluate("−(1 − 0.5)×2^-1"), float(evaluate("sigma(0)"))
        (Fraction(1, 10), Fraction(-1, 4), 0.5)
    """
    text = trimmed(text)
    try:
        return parse(text, lang)
    except Refused as refused:
        if not _looks_like_one(text):
            raise refused from None
    check_length(text, MAX_LENGTH)
    return check_size(_Parser(text, lang).whole(), text)


def understood(typed: str, read: Any, lang: str) -> str:
    """Return how an answer of numbers was read, if that is not what was typed; else the empty text.

    Example:
        >>> understood("0,3-0,2", Fraction(1, 10), "kk"), understood(" -0,5", Fraction(-1, 2), "kk")
        ('0,1', '')
        >>> understood("[[0,3],[1,2]]", ((Fraction(0), Fraction(3)), (Fraction(1), Fraction(2))), "ru")
        '[0; 3 | 1; 2]'
    """
    first = read
    while isinstance(first, tuple) and first:
        first = next((part for part in first if part is not None), None)
    if not isinstance(first, Fraction):  # places of options are integers
        return ""
    shown = write_value(read, lang, 6)
    return "" if _bare(shown) == _bare(typed) else shown


def _bare(text: str) -> list[float | str]:
    """Return the numbers of an answer, without what may differ between two ways to write the same."""
    rows = re.sub(r"[\])][\s,;]*[\[(]", " | ", plain(text).replace("|", " | "))
    parts = re.sub(r"[\s()\[\];]+", " ", rows).replace(",", ".").split()
    return [float(part) if re.fullmatch(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", part) else part for part in parts]


def _looks_like_one(text: str) -> bool:
    """Return whether a text has the signs of an expression: more than one number with a sign before it."""
    found = [(match.lastgroup, match[0]) for match in _TOKEN.finditer(_unified(text))]
    if "".join(token for _kind, token in found) != _unified(text):
        return False
    kinds = [(kind, token) for kind, token in found if kind != "space"]
    body = kinds[1:] if kinds and kinds[0][1] in ("+", "-") else kinds
    joined = any(kind == "power" or (kind == "sign" and token in "+-*/()") for kind, token in body)
    named = any(token in (*FUNCTIONS, *CHOICES, *CONSTANTS) for kind, token in body if kind == "name")
    return any(kind in ("number", "name") for kind, _token in body) and (joined or named)


def _unified(text: str) -> str:
    return plain(text).translate(_SIGNS)


class _Parser:
    """Recursive descent over the tokens of an expression."""

    def __init__(self, text: str, lang: str):
        self._text, self._lang = text, lang
        matches = [match for match in _TOKEN.finditer(_unified(text)) if match.lastgroup != "space"]
        self._tokens = [(match.lastgroup or "", match[0]) for match in matches]
        self._place = self._depth = 0

    def whole(self) -> Fraction:
        """Return the value of the whole text."""
        value = self._sum()
        if self._next():
            raise self._wrong()
        return value

    def _next(self) -> str:
        return self._tokens[self._place][1] if self._place < len(self._tokens) else ""

    def _kind(self) -> str:
        return self._tokens[self._place][0] if self._place < len(self._tokens) else ""

    def _take(self, *tokens: str) -> str:
        """Return the next token and go on if it is one of these, else the empty text."""
        token = self._next()
        if token not in tokens:
            return ""
        self._place += 1
        return token

    def _wrong(self) -> Refused:
        """Return what is wrong at the present place."""
        before = self._tokens[self._place - 1] if self._place else ("", "")
        ends = before[0] in ("number", "name") or before[1] == ")"
        if ends and (self._kind() in ("number", "name") or self._next() == "("):
            message = _('"%(text)s": a sign is missing before "%(token)s"; write * for a product')
        elif not self._next():
            message = _('"%(text)s" ends too early; a number or a closing bracket is missing')
        else:
            message = _('"%(text)s" cannot be worked out: "%(token)s" is not expected there')
        return Refused(message, text=self._text, token=self._next())

    def _sum(self) -> Fraction:
        self._go_deeper()
        value = self._product()
        while sign := self._take("+", "-"):
            other = self._product()
            value = self._checked(value + other if sign == "+" else value - other)
        self._depth -= 1
        return value

    def _go_deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Refused(_('"%(text)s" has too many brackets within brackets'), text=self._text)

    def _product(self) -> Fraction:
        value = self._signed()
        while sign := self._take("*", "/"):
            other = self._signed()
            if sign == "/" and other == 0:
                raise Refused(_('"%(text)s" divides by zero'), text=self._text)
            value = self._checked(value * other if sign == "*" else value / other)
        return value

    def _signed(self) -> Fraction:
        sign = self._take("+", "-")
        value = self._power()
        return -value if sign == "-" else value

    def _power(self) -> Fraction:
        base = self._atom()
        if self._kind() != "power":
            return base
        token = self._take(self._next())
        if token in ("^", "**"):
            minus = self._take("+", "-") == "-"
            exponent = -self._atom() if minus else self._atom()
        else:
            exponent = Fraction(int(token.translate(_POWERS)[:4]))
        if self._kind() == "power":
            message = _('"%(text)s" has a power of a power; put brackets around one of them')
            raise Refused(message, text=self._text)
        return self._raised(base, exponent)

    def _raised(self, base: Fraction, exponent: Fraction) -> Fraction:
        if base == 0 and exponent < 0:
            raise Refused(_('"%(text)s" divides by zero'), text=self._text)
        bits = base.numerator.bit_length() + base.denominator.bit_length()
        if exponent.denominator == 1 and bits * abs(exponent) <= 8 * MAX_BITS:
            return self._checked(base ** int(exponent))
        return self._float(lambda: float(base) ** float(exponent))

    def _atom(self) -> Fraction:
        kind, token = self._kind(), self._next()
        if kind == "number":
            self._place += 1
            return parse(token, self._lang)
        if token == "(":
            self._place += 1
            return self._closed(self._sum())
        if kind != "name":
            raise self._wrong()
        self._place += 1
        name = token if token in CONSTANTS else token.lower()
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name == "log":
            message = _('"%(text)s": log is ambiguous; write ln for base e, lg for base 10')
            raise Refused(message, text=self._text)
        if name == "√" and self._next() != "(":
            self._go_deeper()
            value = self._called(name, [self._atom()])
            self._depth -= 1
            return value
        if name not in FUNCTIONS and name not in CHOICES:
            names = ", ".join(sorted(name for name in (*FUNCTIONS, *CHOICES) if name.isascii()))
            message = _('"%(text)s": there is no function %(name)s; those known are %(names)s')
            raise Refused(message, text=self._text, name=token, names=names)
        if not self._take("("):
            message = _('"%(text)s": put the value of %(name)s in brackets')
            raise Refused(message, text=self._text, name=token)
        given = [self._sum()]
        while self._take(";", ","):
            given.append(self._sum())
        self._closed(given[0])
        return self._called(name, given)

    def _closed(self, value: Fraction) -> Fraction:
        if not self._take(")"):
            raise self._wrong()
        return value

    def _called(self, name: str, given: list[Fraction]) -> Fraction:
        if name in CHOICES and len(given) > 1:
            return CHOICES[name](*given)
        if name in CHOICES:
            message = _('"%(text)s": separate the values of %(name)s by semicolons')
            raise Refused(message, text=self._text, name=name)
        if len(given) > 1:
            raise Refused(_('"%(text)s": %(name)s takes one value'), text=self._text, name=name)
        if name == "relu" or name == "abs":
            return max(given[0], Fraction(0)) if name == "relu" else abs(given[0])
        return self._float(lambda: FUNCTIONS[name](float(given[0])))

    def _float(self, work: Callable[[], float]) -> Fraction:
        """Return a result of double precision, or refuse one that does not exist or is too large."""
        try:
            value = work()
        except OverflowError:
            raise Refused(_('"%(text)s" is too large'), text=self._text) from None
        except ValueError:
            value = math.nan
        if isinstance(value, complex) or math.isnan(value):
            raise Refused(_('"%(text)s" has no value: a root or a logarithm does not exist'), text=self._text)
        return self._checked(Fraction(value))

    def _checked(self, value: Fraction) -> Fraction:
        if value.denominator.bit_length() + value.numerator.bit_length() > MAX_BITS:
            value = Fraction(float(check_size(value, self._text)))
        return check_size(value, self._text)
