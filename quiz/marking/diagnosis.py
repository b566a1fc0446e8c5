"""Infers from a student's marks which slips were made."""

from collections.abc import Iterable
from itertools import combinations

from quiz.marking.marks import Marks

#: Slips made at once that are searched for.
MAX_SLIPS = 3

Suspects = tuple[frozenset[str], ...]


def diagnose(marks: Marks) -> Suspects:
    """Find the smallest sets of slips that explain every answer that some slip explains.

    Returns:
        One set if the mistake is clear, several if they explain the answers equally well, none if no wrong
        answer is explained by a slip.

    Example:
        >>> import quiz
        >>> v = quiz.generate("q2.update", seed=7)
        >>> diagnose(quiz.grade(v, {"e": -quiz.key(v)["e"]}))
        (frozenset({'sign'}),)
    """
    groups = [
        [frozenset(group.split("+")) for group in part.slips] for part in marks.parts.values() if part.slips
    ]
    named = sorted({slip for part in groups for group in part for slip in group})
    for size in range(1, min(MAX_SLIPS, len(named)) + 1):
        suspects = [
            chosen
            for chosen in map(frozenset, combinations(named, size))
            if all(any(group <= chosen for group in part) for part in groups)
        ]
        if suspects:
            return tuple(suspects)
    return ()


def narrow(before: Suspects, now: Suspects) -> Suspects:
    """Combine the diagnoses of two attempts: the smallest sets of slips that explain both.

    Example:
        >>> a, b = frozenset("a"), frozenset("b")
        >>> narrow((a, b), (b,)) == (b,), narrow((a,), ()) == (a,), narrow((a | b,), (a,)) == (a | b,)
        (True, True, True)
    """
    if not before or not now:
        return before or now
    both = {one | other for one in before for other in now}
    least = min(len(slips) for slips in both)
    return tuple(sorted((slips for slips in both if len(slips) == least), key=sorted))


def joined(slips: Iterable[str]) -> str:
    """Join slips into one name as in marks: ``a+b``."""
    return "+".join(sorted(slips))
