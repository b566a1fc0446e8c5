"""What exercises share that ask for weights: any that work are correct, so the program runs them."""

from itertools import product
from typing import Any

from quiz.bank.shared.truth_tables import CORNERS
from quiz.exercise import Stream, jnp
from quiz.text import mark as _

#: The inputs of a truth table as cases in which an answer may fail.
CORNER_CASES = (
    _("the input `(0, 0)`"),
    _("the input `(0, 1)`"),
    _("the input `(1, 0)`"),
    _("the input `(1, 1)`"),
)

#: What is said of a student's weights that work only if a tie counts as 1.
TIE = _(
    "At `z = θ` exactly the answer is 0: where the answer must be 1, the sum must be greater than the "
    "threshold."
)
NO_THRESHOLD = _("Your numbers work for the threshold 0; here the sum is compared with `θ`.")
NEGATED = _("Your network gives 1 where the answer must be 0, and 0 where it must be 1.")


def gates() -> tuple[tuple[tuple[int, ...], tuple[float, float, float]], ...]:
    """Each truth table that a neuron computes, with weights and a bias for it.

    The sum is 0.5 at the nearest one and -0.5 at the nearest zero; the constant tables are left out.
    """
    found: dict[tuple[int, ...], tuple[float, float, float]] = {}
    for w1, w2, b in product((0, 1, -1), (0, 1, -1), (0.5, -0.5, 1.5, -1.5)):
        table = tuple(int(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in CORNERS)
        if len(set(table)) == 2:
            found.setdefault(table, (w1, w2, b))
    return tuple(sorted(found.items()))


def draw_threshold(stream: Stream) -> Any:
    """A threshold that is far enough from 0 to matter: 0.6 to 2.9 or the opposite."""
    return stream.choice((-1, 1)) * stream.decimal("0.6", "2.9", 1)


def fire(z: Any, theta: Any) -> Any:
    """1 where the sum is greater than the threshold, else 0."""
    return jnp.where(z - theta > 1e-9, 1.0, 0.0)


def fire_at_least(z: Any, theta: Any) -> Any:
    """The answers of a student who lets a tie count as 1."""
    return jnp.where(z - theta > -1e-9, 1.0, 0.0)


def differs(y: Any, t: Any) -> Any:
    """1 where an answer is not the one that is wanted."""
    return jnp.where(jnp.abs(y - t) > 1e-6, 1.0, 0.0)
