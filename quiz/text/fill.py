"""Fills messages with values: ``%(w)s`` is the whole value, ``%(w1)s`` a component.

``%(w1_)s`` puts negative numbers in brackets; ``%(w1__)s`` writes the sign too, `` + 2`` or `` − 2``.
"""

import re
from collections.abc import Mapping
from itertools import pairwise, zip_longest
from typing import Any

from quiz.text.catalog import translate
from quiz.text.numbers import write, write_value


class _Filler(Mapping[str, str]):
    """The values of a message's placeholders, written in a language."""

    def __init__(self, known: Mapping[str, Any], lang: str, places: int):
        self._known, self._lang, self._places = known, lang, places

    def __getitem__(self, name: str) -> str:
        plain = name.removesuffix("_").removesuffix("_")
        value = self._find(plain)
        if isinstance(value, str):
            return translate(value, self._lang)
        if isinstance(value, list | tuple):
            return write_value(value, self._lang, self._places)
        text = write(value, self._lang, self._places)
        if name.endswith("__"):
            return f" {text[0]} {text[1:]}" if text.startswith("\N{MINUS SIGN}") else f" + {text}"
        return f"({text})" if name.endswith("_") and text.startswith("\N{MINUS SIGN}") else text

    def _find(self, name: str) -> Any:
        """Return a value by its name, or a part by its indices from 1: ``w2``, ``W12``, the row ``W1``."""
        if name in self._known:
            return self._known[name]
        digits = len(name) - len(name.rstrip("0123456789"))
        for count in range(digits, 0, -1):
            head, places = name[:-count], name[-count:]
            if head in self._known:
                value = self._known[head]
                for place in places if count <= _depth(value) else (places,):
                    value = value[int(place) - 1]
                return value
        raise KeyError(name)

    def is_exact(self, name: str) -> bool:
        """Return whether the numbers of a placeholder are shown with all their decimals."""

        def shown(value: Any) -> bool:
            if isinstance(value, list | tuple):
                return all(map(shown, value))
            return isinstance(value, str) or abs(value - round(value, self._places)) < 1e-9

        return shown(self._find(name.removesuffix("_").removesuffix("_")))

    def __iter__(self):
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def _depth(value: Any) -> int:
    return 1 + _depth(value[0]) if isinstance(value, list | tuple) else 0


def fill(message: str, known: Mapping[str, Any], lang: str, places: int = 4) -> str:
    """Translate a message and put values in it, written as the language writes numbers.

    Example:
        >>> fill("`w = %(w)s, w₂ = %(w2)s, 3·%(w2_)s`", {"w": (1, -0.5)}, "ru")
        '`w = (1; −0,5), w₂ = −0,5, 3·(−0,5)`'
        >>> fill("`%(w1)s·x₁%(w2__)s·x₂`", {"w": (1, -0.5)}, "en")
        '`1·x₁ − 0.5·x₂`'
    """
    return translate(message, lang) % _Filler(known, lang, places)


def fill_exactly(message: str, known: Mapping[str, Any], lang: str, places: int = 4) -> str:
    """Fill a message, with ``=`` where the numbers on both sides are shown exactly, and ``≈`` elsewhere.

    Example:
        >>> fill_exactly("`z = %(a)s·%(b)s ≈ %(c)s ≈ %(d)s`", {"a": 0.5, "b": 3, "c": 1.5, "d": 2 / 3}, "en")
        '`z = 0.5·3 = 1.5 ≈ 0.6667`'
    """
    values = _Filler(known, lang, places)

    def formula(match: re.Match[str]) -> str:
        parts = re.split(" [=≈] ", match[0])
        exact = [all(values.is_exact(name) for name in re.findall(r"%\((\w+)\)s", part)) for part in parts]
        between = [" = " if one and other else " ≈ " for one, other in pairwise(exact)]
        return "".join(text for pair in zip_longest(parts, between, fillvalue="") for text in pair)

    return re.sub("`[^`]*`", formula, translate(message, lang)) % values


def strip(text: str) -> str:
    """Return a message without the backticks around its formulas."""
    return text.replace("`", "")
