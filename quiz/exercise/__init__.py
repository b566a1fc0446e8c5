"""An exercise: a small pure program of named steps, with what it asks and how students go wrong.

This is what authors of exercises import: the parts of an exercise, the `Stream` that its numbers are drawn
from, and `jnp`, which stands for ``jax.numpy`` and loads JAX when it is first used. Beside it are the
pictures (`figure`), what runs the steps (`program`) and what tells sound variants from others (`soundness`).
"""

from quiz.exercise.lazy import jax, jnp
from quiz.exercise.model import KINDS, Ask, Exercise, Givens, Rule, Slip, Step
from quiz.exercise.stream import Stream

__all__ = ["KINDS", "Ask", "Exercise", "Givens", "Rule", "Slip", "Step", "Stream", "jax", "jnp"]
