"""The runs of the program that judging needs: with slips, with a student's values, rounded or moved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

import numpy as np

from quiz.exercise import Ask, Exercise, Givens
from quiz.exercise.program import EXACT, ROUNDINGS, Row
from quiz.exercise.soundness import tolerance_of
from quiz.marking.credit import as_parts, is_number, parts_of

#: Step name to the values of all rows, as the program gives them.
Values = Mapping[str, np.ndarray]

#: Factors by which the student's wrong values are scaled down, to find out where a function is saturated.
SCALES = (0.5, 0.25, 0.12, 0.06, 0.03, 0.014, 0.005, 0.001)
#: How far wrong values are moved, as a share of their size and at least absolutely: a little, and hardly.
MOVES = ((0.1, 0.05), (-0.1, -0.05))
TINY = (1e-3, 1e-3)


class Run(NamedTuple):
    """A run of the program.

    Attributes:
        slips: the slips that are made.
        ask: the ask whose ancestors get the student's own values; ``None`` for the givens alone.
        rounding: how every step is rounded.
        added: how two slips in one step are combined.
        moved: the share and the amount by which the student's wrong values are moved.
        right: whether the ancestors get the correct values instead of the student's own, moved likewise.
    """

    slips: tuple[str, ...] = ()
    ask: str | None = None
    rounding: int = EXACT
    added: bool = False
    moved: tuple[float, float] = (0.0, 0.0)
    right: bool = False


@dataclass(frozen=True)
class Answered:
    """What a student answered to a variant.

    Attributes:
        exercise: what was answered.
        givens: the numbers of the variant.
        given: ask name to the answer as the program's numbers, of those that could be read.
        right: the values of the row without slips.
    """

    exercise: Exercise
    givens: Givens
    given: Mapping[str, np.ndarray]
    right: Values
    _own: dict[tuple[str, tuple[float, float], bool], dict[str, np.ndarray]] = field(
        default_factory=dict, repr=False
    )

    @property
    def asks(self) -> list[Ask]:
        """What was answered, in order."""
        return [ask for ask in self.exercise.asks if ask.name in self.given]

    def before(self, ask: Ask) -> list[Ask]:
        """Return the answered asks that an ask depends on."""
        return [other for other in self.asks if other.step in self.exercise.ancestors[ask.step]]

    def parts(self, ask: Ask) -> np.ndarray:
        """Return the parts of the answer."""
        return as_parts(ask, self.given[ask.name].reshape(1, -1), self.givens)[0]

    def key(self, ask: Ask) -> np.ndarray:
        """Return the parts of the correct answer."""
        return parts_of(ask, self.right, self.givens)[0]

    def table(self, ask: Ask, runs: Sequence[Run], values: Values) -> dict[Run, np.ndarray]:
        """Map each run to the parts of its answer."""
        return dict(zip(runs, parts_of(ask, values, self.givens), strict=True))

    def row(self, run: Run) -> Row:
        """Return a run as a row of the program."""
        forced = self._forced(run.ask, run.moved, run.right) if run.ask else {}
        return Row(run.slips, forced, rounding=run.rounding, added=run.added)

    def _forced(self, name: str, moved: tuple[float, float], right: bool) -> dict[str, np.ndarray]:
        """Return the values of the steps that an ask depends on: the student's own, moved where wrong."""
        if (name, moved, right) in self._own:
            return self._own[name, moved, right]
        target = next(ask for ask in self.exercise.asks if ask.name == name)
        share, amount = moved
        found: dict[str, np.ndarray] = {}
        for ask in self.before(target):
            value = found.setdefault(ask.step, np.array(self.right[ask.step][0]))
            key = value[ask.index]
            own = np.where(np.isnan(self.given[ask.name]), key, self.given[ask.name])  # blank cells are right
            wrong = np.abs(own - key) > tolerance_of(ask)
            new = key if right else own
            if is_number(ask):
                new = np.where(wrong, new * (1 + share) + np.where(new < 0, -amount, amount), new)
            value[ask.index] = new
        self._own[name, moved, right] = found
        return found


def first_runs(answered: Answered) -> tuple[Run, ...]:
    """Return the runs that every wrong answer needs: rounded in every way, and with each slip."""
    plain = [Run(rounding=rounding) for rounding in ROUNDINGS]
    plain += [Run((slip.name,)) for slip in answered.exercise.slips]
    owners = [ask.name for ask in answered.asks if answered.before(ask)]
    return (*plain, *(run._replace(ask=name) for name in owners for run in plain))


def runs_of_constancy(answered: Answered, ask: Ask, own: np.ndarray) -> Iterator[Run]:
    """Yield the runs that show whether an answer, ``own``, still depends on anything."""
    plain, key = Run(ask=ask.name), Run(ask=ask.name, right=True)
    yield from (plain, key)
    for moved in (*MOVES, TINY, *((scale - 1, 0.0) for scale in SCALES)):
        yield plain._replace(moved=moved)
    yield from (key._replace(moved=moved) for moved in MOVES)
    if is_zero(ask, own) or has_zero(answered, ask):
        for slip in answered.exercise.slips:
            yield Run((slip.name,), ask.name, moved=TINY)
            yield key._replace(slips=(slip.name,))


def is_zero(ask: Ask, value: np.ndarray) -> bool:
    """Return whether every number of an answer is 0 within its tolerance."""
    return bool((np.abs(value) <= ask.tolerance).all())


def has_zero(answered: Answered, ask: Ask) -> bool:
    """Return whether a number that an ask depends on is 0 in the student's answers."""
    return any(
        is_number(other) and is_zero(other, answered.given[other.name]) for other in answered.before(ask)
    )


def runs_of_pairs(answered: Answered, ask: Ask) -> Iterator[Run]:
    """Yield the runs with two slips, from the givens and from the student's own values."""
    names = (None, ask.name) if answered.before(ask) else (None,)
    for two, added in pairs(answered.exercise):
        yield from (Run(two, name, added=added) for name in names)


def pairs(exercise: Exercise) -> list[tuple[tuple[str, str], bool]]:
    """Return the pairs of slips that can be made at once, and whether their effects in a step are added."""
    return [
        ((one.name, other.name), one.effect == "term")
        for one, other in combinations(exercise.slips, 2)
        if not set(one.rules) & set(other.rules) or (one.effect and one.effect == other.effect)
    ]
