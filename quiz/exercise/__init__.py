"""An exercise: a small pure program of named steps, the values it asks for and the slips it recognises.

Authors of exercises import this: the parts of an exercise, the `Stream` that its numbers are drawn from, and
`jnp`, which is ``jax.numpy`` loaded on first use. Other modules define the pictures (`figure`), run the steps
(`program`) and check that a variant is sound (`soundness`).
"""

from quiz.exercise.lazy import jax, jnp
from quiz.exercise.model import KINDS, Ask, Exercise, Givens, Rule, Slip, Step
from quiz.exercise.stream import Stream

__all__ = ["KINDS", "Ask", "Exercise", "Givens", "Rule", "Slip", "Step", "Stream", "jax", "jnp"]
