"""A self-assessment on the foundations of neural networks, marked against what `jaxnet` computes.

An exercise makes endless variants, each from a seed; `generate` makes one, `grade` marks answers to it,
`solution` shows every step. Importing this does not import JAX.
"""

from quiz.bank import exercises
from quiz.marking import Marks, Part, grade, key
from quiz.solution import Solution, solution
from quiz.variant import Gone, Unknown, Variant, generate

__all__ = [
    "Gone",
    "Marks",
    "Part",
    "Solution",
    "Unknown",
    "Variant",
    "exercises",
    "generate",
    "grade",
    "key",
    "solution",
]
