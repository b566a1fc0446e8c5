"""Division that survives a student's own zero."""

from quiz.exercise import jnp


def divide(above, below):
    """The quotient, and 0 where there is none: a student's own value below may be 0."""
    return jnp.where(below == 0, 0.0, above / jnp.where(below == 0, 1.0, below))
