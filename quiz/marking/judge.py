"""Judges answers in pure functions: they list runs of the program, then compare the values of these.

An answer is correct, follows from the student's own earlier values, or is wrong; then a slip may explain it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from quiz.exercise import Ask
from quiz.exercise.program import ROUNDINGS
from quiz.marking.constancy import is_constant
from quiz.marking.credit import agree, credit, is_number, near
from quiz.marking.marks import CORRECT, FOLLOW_THROUGH, WRONG
from quiz.marking.runs import (
    Answered,
    Run,
    Values,
    first_runs,
    runs_of_constancy,
    runs_of_pairs,
)

Tables = Mapping[str, Mapping[Run, np.ndarray]]


@dataclass(frozen=True)
class Verdict:
    """The verdict on one answer; the fields are those of `quiz.Part`."""

    status: str
    credit: float = 0.0
    slips: tuple[str, ...] = ()
    trivial: bool = False
    again: bool = False
    parts: tuple[int, int] = (0, 0)
    cells: tuple[bool, ...] = ()
    failed: int | None = None


@dataclass(frozen=True)
class _Draft:
    """What is known of an answer after the first runs."""

    status: str
    right: np.ndarray
    slips: Sequence[tuple[str, ...]] = ()


def needed(answered: Answered) -> tuple[Run, ...]:
    """List the runs that the answers need first; none if every answer is correct."""
    if all(agree(ask, answered.parts(ask), answered.key(ask)) for ask in answered.asks):
        return ()
    return first_runs(answered)


def needed_next(answered: Answered, runs: Sequence[Run], values: Values) -> tuple[Run, ...]:
    """List the further runs: for answers that follow from wrong values, and for those not explained yet."""
    found: list[Run] = []
    tables = _tables(answered, runs, values)
    drafts = _drafts(answered, tables)
    for ask in answered.asks:
        draft = drafts.get(ask.name)
        if draft and draft.status == FOLLOW_THROUGH:
            found += runs_of_constancy(answered, ask, tables[ask.name][Run(ask=ask.name)])
        elif draft and draft.status == WRONG and not draft.slips:
            if any(drafts[other.name].status != CORRECT for other in answered.before(ask)):
                found += runs_of_constancy(answered, ask, tables[ask.name][Run(ask=ask.name)])
            found += runs_of_pairs(answered, ask)
    return tuple(dict.fromkeys(found))


def judge(
    answered: Answered, runs: Sequence[Run], values: Values, further: Sequence[Run], more: Values
) -> dict[str, Verdict]:
    """Judge every answer that could be read.

    Args:
        answered: what the student answered.
        runs: from `needed`.
        values: what the program gave for them.
        further: from `needed_next`.
        more: what the program gave for these.

    Returns:
        Ask name to verdict.
    """
    if not runs:
        return {ask.name: Verdict(CORRECT, 1.0) for ask in answered.asks}
    tables = _tables(answered, runs, values)
    extra = _tables(answered, further, more) if further else {ask.name: {} for ask in answered.asks}
    drafts = _drafts(answered, tables)
    verdicts: dict[str, Verdict] = {}
    explained: dict[str, Sequence[tuple[str, ...]]] = {}
    for ask in answered.asks:
        draft, table = drafts[ask.name], {**tables[ask.name], **extra[ask.name]}
        own = Run(ask=ask.name)
        constant = own._replace(right=True) in table and is_constant(answered, ask, table)
        if draft.status == CORRECT or (draft.status == FOLLOW_THROUGH and not constant):
            verdicts[ask.name] = Verdict(draft.status, 1.0)
            continue
        right = near(ask, answered.parts(ask), *_ways(table, None)) if constant else draft.right
        explained[ask.name] = found = draft.slips or _pairs(answered, ask, drafts, tables, extra)
        trivial = draft.status == FOLLOW_THROUGH
        verdicts[ask.name] = Verdict(
            WRONG,
            credit(ask, answered.parts(ask), right),
            tuple("+".join(slips) for slips in found),
            trivial,
            parts=(int(right.sum()), right.size),
            cells=tuple(right.ravel().tolist()),
        )
    return _charged(answered, verdicts, explained)


def _charged(
    answered: Answered, verdicts: dict[str, Verdict], explained: Mapping[str, Sequence[tuple[str, ...]]]
) -> dict[str, Verdict]:
    """Charge a mistake once: keep the likeliest slips, and credit later answers that repeat one of them."""
    support = [slips for found in explained.values() for slips in found]
    charged: dict[tuple[str, ...], np.ndarray] = {}
    for ask in answered.asks:
        found = explained.get(ask.name, ())
        most = max((support.count(slips) for slips in found), default=0)
        best = [slips for slips in found if support.count(slips) == most]
        answer, old = answered.parts(ask), verdicts[ask.name]
        again = any(slips in charged and not _is_copy(answer, charged[slips]) for slips in best)
        if again and is_number(ask) and answer.any() and not old.trivial:
            verdicts[ask.name] = Verdict(FOLLOW_THROUGH, 1.0, again=True)
        elif best:
            charged = {slips: answer for slips in best} | charged
            names = tuple("+".join(slips) for slips in best)
            verdicts[ask.name] = replace(old, slips=names)
    return verdicts


def _is_copy(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two answers consist of one and the same number."""
    return len(np.unique(np.concatenate([one, other]))) == 1


def _tables(answered: Answered, runs: Sequence[Run], values: Values) -> Tables:
    return {ask.name: answered.table(ask, runs, values) for ask in answered.asks}


def _ways(table: Mapping[Run, np.ndarray], ask: str | None) -> list[np.ndarray]:
    """Return the answer without slips, not rounded and rounded in every way."""
    return [table[Run(ask=ask, rounding=rounding)] for rounding in ROUNDINGS]


def _drafts(answered: Answered, tables: Tables) -> dict[str, _Draft]:
    """Find what is correct, what follows from the student's own values, and the single slips."""
    drafts: dict[str, _Draft] = {}
    for ask in answered.asks:
        answer, table = answered.parts(ask), tables[ask.name]
        by_key, before = near(ask, answer, *_ways(table, None)), answered.before(ask)
        right = by_key | near(ask, answer, *_ways(table, ask.name)) if before else by_key
        sound = all(drafts[other.name].status == CORRECT for other in before)
        status = CORRECT if by_key.all() or (sound and right.all()) else WRONG
        status = FOLLOW_THROUGH if status == WRONG and right.all() else status
        drafts[ask.name] = _Draft(status, right)
    for ask in answered.asks:
        draft = drafts[ask.name]
        if draft.status == WRONG:
            drafts[ask.name] = _Draft(WRONG, draft.right, _singles(answered, ask, drafts, tables))
    return drafts


def _singles(
    answered: Answered, ask: Ask, drafts: Mapping[str, _Draft], tables: Tables
) -> Sequence[tuple[str, ...]]:
    """Return the slips that give an answer: from the givens, else from the student's own values."""
    for name in (None, ask.name) if answered.before(ask) else (None,):
        runs = [Run((slip.name,), name) for slip in answered.exercise.slips]
        found = [
            run.slips
            for run in _giving(answered, ask, runs, tables[ask.name], tables[ask.name])
            if not any(_contradicts(answered, other, run, drafts, tables) for other in answered.asks)
        ]
        if found:
            return found
    return ()


def _pairs(
    answered: Answered, ask: Ask, drafts: Mapping[str, _Draft], tables: Tables, extra: Tables
) -> Sequence[tuple[str, ...]]:
    """Return the pairs of slips that give an answer; one of two that gives it alone needs no other."""
    runs = [run for run in extra[ask.name] if len(run.slips) == 2]
    found = []
    for run in _giving(answered, ask, runs, extra[ask.name], tables[ask.name]):
        alone = [Run((slip,), run.ask) for slip in run.slips]
        if any(agree(ask, extra[ask.name][run], tables[ask.name][one]) for one in alone):
            continue
        right = [other for other in answered.asks if drafts[other.name].status == CORRECT]
        if run.ask is None:
            refuted = any(not agree(o, extra[o.name][run], answered.parts(o)) for o in right)
        else:  # the other answers were not run with both
            refuted = any(_contradicts(answered, o, one, drafts, tables) for o in right for one in alone)
        if not refuted:
            found.append(run.slips)
    return list(dict.fromkeys(found))


def _giving(
    answered: Answered,
    ask: Ask,
    runs: Sequence[Run],
    table: Mapping[Run, np.ndarray],
    plain: Mapping[Run, np.ndarray],
) -> list[Run]:
    """Return the runs with slips that give the answer, while the same runs without them do not.

    They are compared all at once: there may be hundreds of pairs, and next to none gives the answer.
    """
    if not runs:
        return []
    values = np.array([table[run] for run in runs])
    same = near(ask, answered.parts(ask), values).all(axis=1)
    runs = [runs[place] for place in np.flatnonzero(same).tolist()]
    if not runs:
        return []
    without = np.array([plain[Run(ask=run.ask)] for run in runs])
    acts = ~near(ask, values[same], without).all(axis=1)
    return [runs[place] for place in np.flatnonzero(acts).tolist()]


def _contradicts(
    answered: Answered, other: Ask, run: Run, drafts: Mapping[str, _Draft], tables: Tables
) -> bool:
    """Return whether a correct answer would be another one if a slip had been made."""
    if drafts[other.name].status != CORRECT:
        return False
    if run.ask is not None:
        run = run._replace(ask=other.name if answered.before(other) else None)
    return not agree(other, tables[other.name][run], answered.parts(other))
