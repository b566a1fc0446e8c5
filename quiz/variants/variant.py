"""A variant: an exercise with numbers drawn from a seed; unsound draws are rejected and repeated."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from quiz import bank
from quiz.exercise import Ask, Exercise, Givens, Stream
from quiz.text import mark as _
from quiz.text.errors import Gone, Refusal, Unknown
from quiz.variants import draws, statement

#: Draws tried per seed before it is given up.
MAX_DRAWS = 500


@dataclass(frozen=True)
class Variant:
    """Pure data: the same on every machine and version for the same exercise and seed.

    Attributes:
        exercise: the exercise's id.
        seed: the number it was drawn from.
        givens: names to fractions, vectors, matrices or texts.
        draws: the number of draws rejected before this one.
    """

    exercise: str
    seed: int
    givens: Givens
    draws: int = 0

    @property
    def name(self) -> str:
        """``EXERCISE@SEED``."""
        return f"{self.exercise}@{self.seed}"

    @property
    def asks(self) -> tuple[Ask, ...]:
        """The asks of the exercise."""
        return bank.exercise(self.exercise).asks

    def text(self, lang: str = "en") -> str:
        """Return the question in a language, as plain text."""
        return statement.question(bank.exercise(self.exercise), self.givens, lang)


def parse_name(name: str) -> tuple[Exercise, int]:
    """Split ``EXERCISE@SEED``.

    Raises:
        Refusal: the name is not of that form.
        Unknown: there is no such exercise.
    """
    match = re.fullmatch(r"([A-Za-z0-9_.-]+)@([0-9]{1,40})", name)
    if match is None:
        raise Refusal(_('expected the name of a variant such as q2.update@7, got "%(name)s"'), name=name)
    return find(match[1]), int(match[2])


def find(exercise_id: str) -> Exercise:
    """Return an exercise by its id, or raise `Unknown` with similar ids."""
    try:
        return bank.exercise(exercise_id)
    except KeyError:
        near = ", ".join(get_close_matches(exercise_id, bank.ids(), 3, 0.4))
        if near:
            message = _('there is no exercise "%(name)s"; similar names: %(near)s')
        else:
            message = _('there is no exercise "%(name)s"; `quiz list` shows them all')
        raise Unknown(message, name=exercise_id, near=near) from None


def generate(exercise_id: str, seed: int = 0, *, trust: bool = True) -> Variant:
    """Make a variant of an exercise.

    Args:
        exercise_id: such as ``q2.update``.
        seed: an integer, at least 0; the same seed gives the same variant everywhere.
        trust: whether to take the number of the first sound draw from `quiz.variants.draws` if it is there.

    Returns:
        The first draw of the seed's stream that is sound.

    Raises:
        Unknown: there is no such exercise.
        Gone: no draw of this seed is sound.
        Refusal: a negative seed.

    Example:
        >>> generate("q2.update", seed=7).name
        'q2.update@7'
    """
    exercise = find(exercise_id)
    if seed < 0:
        raise Refusal(_("expected a seed of 0 or more, got %(seed)d"), seed=seed)
    if trust and (known := draws.draws(exercise.id, seed)) is not None:
        givens = draw(exercise, seed, known)
        if givens is not None:
            return Variant(exercise.id, seed, givens, known)
    from quiz.exercise.soundness import why_unsound  # loads NumPy, which a seed of the table does not need

    for number in range(MAX_DRAWS):
        givens = draw(exercise, seed, number)
        if givens is not None and not why_unsound(exercise, givens):
            return Variant(exercise.id, seed, givens, number)
    raise Gone(
        _("%(name)s: none of %(tries)d draws gives a sound variant; use another seed"),
        name=f"{exercise.id}@{seed}",
        tries=MAX_DRAWS,
    )


def draw(exercise: Exercise, seed: int, number: int) -> Givens | None:
    """Return the givens of one draw of a seed, before any check of the values."""
    return exercise.draw(Stream(f"{exercise.id}@{seed}#{number}"))
