"""A self-assessment on the foundations of neural networks, marked against what `jaxnet` computes.

An exercise makes endless variants, each from a seed; `generate` makes one, `grade` marks answers to it,
`solution` shows every step. Importing this imports neither JAX nor NumPy.
"""

import importlib
from typing import TYPE_CHECKING, Any

#: public name -> module that defines it
_HOME = {
    "Gone": "refusal",
    "Marks": "marks",
    "Part": "marks",
    "Refusal": "refusal",
    "Solution": "worked",
    "Unknown": "refusal",
    "Variant": "variant",
    "exercises": "bank",
    "generate": "variant",
    "grade": "marking",
    "key": "marking",
    "solution": "worked",
}

if TYPE_CHECKING:
    from quiz.bank import exercises as exercises
    from quiz.marking import grade as grade
    from quiz.marking import key as key
    from quiz.marks import Marks as Marks
    from quiz.marks import Part as Part
    from quiz.refusal import Gone as Gone
    from quiz.refusal import Refusal as Refusal
    from quiz.refusal import Unknown as Unknown
    from quiz.variant import Variant as Variant
    from quiz.variant import generate as generate
    from quiz.worked import Solution as Solution
    from quiz.worked import solution as solution

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'quiz' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"quiz.{_HOME[name]}"), name)
    globals()[name] = value
    return value
