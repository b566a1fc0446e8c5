"""Several answers typed or pasted at once."""

import re
from collections.abc import Collection

from quiz.variants.variant import Variant


def split(variant: Variant, name: str, typed: str, passed: Collection[str]) -> dict[str, str]:
    """Return the answers in a text by their names; empty if it is one answer without a name.

    Args:
        variant: what is asked.
        name: the ask that is being answered.
        typed: ``z = 1.2; y = 1``, or lines: the first for ``name``, the next for the asks after it.
        passed: the asks that are already answered; lines without names leave them alone.

    Example:
        >>> import quiz
        >>> v = quiz.generate("q2.update", seed=7)
        >>> split(v, "z", "z = 1.2; y=1", ()), split(v, "y", "1\\n-1", ("z",)), split(v, "z", "1.2", ())
        ({'z': '1.2', 'y': '1'}, {'y': '1', 'e': '-1'}, {})
    """
    names = [ask.name for ask in variant.asks]
    every = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    marks = list(re.finditer(rf"(?:^|(?<=[\s;,]))({every})\s*=", typed))
    if marks and not typed[: marks[0].start()].strip():
        ends = [mark.start() for mark in marks[1:]] + [len(typed)]
        return {
            mark[1]: typed[mark.end() : end].strip(" \t\r\n;,") for mark, end in zip(marks, ends, strict=True)
        }
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    if len(lines) < 2:
        return {}
    if next(ask.kind for ask in variant.asks if ask.name == name) == "matrix":
        return {name: "; ".join(line.rstrip(";") for line in lines)}
    free = [other for other in names[names.index(name) :] if other not in passed]
    return dict(zip(free, lines, strict=False))
