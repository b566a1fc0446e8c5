"""Fills messages with values: ``%(w)s`` is the whole value, ``%(w1)s`` a component.

``%(w1_)s`` puts negative numbers in brackets; ``%(w1__)s`` writes the sign too, `` + 2`` or `` − 2``.
"""

import re
from collections.abc import Mapping
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
        """Return a value by its name, or a component by its indices, counted from 1: ``w2``, ``W12``."""
        if name in self._known:
            return self._known[name]
        match = re.fullmatch(r"(.*?)([0-9]+)", name)
        if match is None or match[1] not in self._known:
            raise KeyError(name)
        value = self._known[match[1]]
        for place in match[2] if len(match[2]) == _depth(value) else (match[2],):
            value = value[int(place) - 1]
        return value

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


def strip(text: str) -> str:
    """Return a message without the backticks around its formulas."""
    return text.replace("`", "")
