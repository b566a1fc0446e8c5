"""Division that tolerates a zero in a student's answer."""

from typing import Any

from quiz.exercise import jnp


def divide(dividend: Any, divisor: Any) -> Any:
    """Divide; 0 where the divisor is 0, as a student's wrong value may be."""
    return jnp.where(divisor == 0, 0.0, dividend / jnp.where(divisor == 0, 1.0, divisor))
