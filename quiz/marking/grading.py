"""Marks answers: right, right from the student's own earlier values, wrong and why, unreadable, missing."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from quiz import bank
from quiz.exercise import Ask, Exercise
from quiz.exercise.program import Row, run, run_many, to_array
from quiz.exercise.soundness import NOISE, asked, tolerance_of
from quiz.marking.marks import BLANK, CORRECT, FOLLOW_THROUGH, INVALID, WRONG, Marks, Part
from quiz.text import mark as _
from quiz.text import numbers
from quiz.text.errors import Unknown
from quiz.text.numbers import Refused
from quiz.variants.variant import Variant


def grade(variant: Variant, given: Mapping[str, Any], lang: str = "en") -> Marks:
    """Mark a student's answers to a variant.

    Args:
        variant: from `quiz.generate`.
        given: ask name to what was typed (a number is taken as it is); missing ones are blank.
        lang: the language whose number grammar reads the answers.

    Returns:
        The score and, for each ask, its mark.

    Raises:
        Unknown: an answer to something that was not asked.

    Example:
        >>> import quiz
        >>> v = quiz.generate("q2.update", seed=7)
        >>> m = quiz.grade(v, {name: value for name, value in quiz.key(v).items()})
        >>> m.score
        1.0
    """
    marking = _marking(variant, given, lang)
    try:
        rows = next(marking)
        while True:
            rows = marking.send(run(bank.exercise(variant.exercise), variant.givens, rows))
    except StopIteration as end:
        return end.value


def grade_many(cases: Iterable[tuple[Variant, Mapping[str, Any], str]]) -> list[Marks]:
    """Mark many students' answers at once, which costs far less than one after another.

    Args:
        cases: what `grade` takes: variant, answers, language.

    Returns:
        The marks of each case; the same as `grade` gives.

    Example:
        >>> import quiz
        >>> v = quiz.generate("q2.update", seed=7)
        >>> [m.score for m in grade_many([(v, quiz.key(v), "en"), (v, {}, "en")])]
        [1.0, 0.0]
    """
    variants, markings, results = [], [], []
    waiting: dict[int, Any] = {}
    for number, (variant, given, lang) in enumerate(cases):
        variants.append(variant)
        markings.append(_marking(variant, given, lang))
        results.append(None)
        waiting[number] = None  # what the program gave; nothing yet
    while waiting:
        asked_for: dict[str, list[tuple[int, Sequence[Row]]]] = {}
        for number, values in waiting.items():
            try:
                rows = markings[number].send(values)
                asked_for.setdefault(variants[number].exercise, []).append((number, rows))
            except StopIteration as end:
                results[number] = end.value
        waiting = {}
        for exercise, wanted in asked_for.items():
            found = run_many(bank.exercise(exercise), [(variants[n].givens, rows) for n, rows in wanted])
            waiting |= zip((number for number, _rows in wanted), found, strict=True)
    return results


#: Yields rows to run, takes their values, returns in the end.
_Running = Generator[Sequence[Row], Mapping[str, np.ndarray], Any]


def _marking(variant: Variant, given: Mapping[str, Any], lang: str) -> _Running:
    """Mark one student's answers; whoever drives this runs the program, for one or for many at once."""
    exercise = bank.exercise(variant.exercise)
    names = [ask.name for ask in exercise.asks]
    for name in given:
        if name not in names:
            raise Unknown(
                _('%(variant)s: there is no "%(name)s" to answer; asked are %(names)s'),
                variant=variant.name,
                name=name,
                names=", ".join(names),
            )
    readings = {ask.name: _read(ask, given.get(ask.name), variant, lang) for ask in exercise.asks}
    values = {name: reading.value for name, reading in readings.items() if reading.value is not None}
    verdicts = (yield from _judge(exercise, values)) if values else {}
    parts = {}
    for ask in exercise.asks:
        reading = readings[ask.name]
        verdict = verdicts.get(ask.name, _Verdict(reading.status))
        parts[ask.name] = Part(
            name=ask.name,
            given=reading.text,
            status=verdict.status,
            credit=verdict.credit,
            slip=next(iter(verdict.slips), None),
            slips=verdict.slips,
            read=reading.exact,
            _exercise=exercise.id,
            _refused=reading.refused,
            _trivial=verdict.trivial,
        )
    total = sum(ask.weight for ask in exercise.asks)
    score = sum(parts[ask.name].credit * ask.weight for ask in exercise.asks) / total
    return Marks(variant, parts, score)


def key(variant: Variant) -> dict[str, Any]:
    """Return the right answers as the library computes them: floats, lists of floats, places of options.

    Args:
        variant: from ``generate``.

    Returns:
        Ask -> answer: a float, a list of floats, the place of an option from 1 on.

    Example:
        >>> import quiz
        >>> sorted(quiz.key(quiz.generate("q2.update", seed=7)))
        ['b', 'e', 'w1', 'w2', 'y', 'z']
    """
    exercise = bank.exercise(variant.exercise)
    values = run(exercise, variant.givens)
    return {ask.name: to_answer(ask, values[ask.step][(0, *ask.index)]) for ask in exercise.asks}


def to_answer(ask: Ask, value: np.ndarray) -> Any:
    """Turn a step's value into the answer as a student would give it: options count from 1."""
    if ask.kind == "choice":
        return int(value) + 1
    if ask.kind == "several":
        return [place + 1 for place, true in enumerate(value) if true > 0.5]
    if ask.kind == "order":
        return [int(place) + 1 for place in value]
    return value.tolist()


@dataclass(frozen=True)
class _Reading:
    text: str
    status: str
    value: np.ndarray | None = None
    exact: Any = None
    refused: Refused | None = None


@dataclass(frozen=True)
class _Verdict:
    status: str
    credit: float = 0.0
    slips: tuple[str, ...] = ()
    trivial: bool = False


def _read(ask: Ask, typed: Any, variant: Variant, lang: str) -> _Reading:
    """Understand what was typed, or say why not."""
    text = _as_text(typed)
    if not text.strip():
        return _Reading(text, BLANK)
    try:
        exact = read_answer(ask, text, variant, lang)
    except Refused as refused:
        return _Reading(text, INVALID, refused=refused)
    return _Reading(text, WRONG, _as_value(ask, exact, variant), exact)


def _as_text(typed: Any) -> str:
    """An answer handed over as a number or a list, as if it had been typed."""
    if typed is None:
        return ""
    if isinstance(typed, str):
        return typed
    if isinstance(typed, np.ndarray | np.generic):
        typed = typed.tolist()
    if isinstance(typed, list | tuple):
        if typed and isinstance(typed[0], list | tuple):
            return " ".join("[" + _as_text(row) + "]" for row in typed)
        return "; ".join(_as_text(part) for part in typed) or "0"
    return repr(typed) if isinstance(typed, float) else str(typed)


def read_answer(ask: Ask, text: str, variant: Variant, lang: str) -> Any:
    """Read an answer by the grammar of its kind: exact numbers, or places of options counted from 1.

    Raises:
        Refused: it can't be read as an answer to this ask.
    """
    if ask.kind == "number":
        return numbers.parse(text, lang)
    if ask.kind == "matrix":
        matrix = numbers.parse_matrix(text, lang)
        rows, columns = _shape(ask, variant)
        if (len(matrix), len(matrix[0])) != (rows, columns):
            raise Refused(
                _("%(rows)d rows of %(columns)d numbers are asked, and %(given)d of %(width)d are given"),
                rows=rows, columns=columns, given=len(matrix), width=len(matrix[0]),
            )  # fmt: skip
        return matrix
    if ask.kind == "vector":
        vector = numbers.parse_list(text, lang)
        if len(vector) != (size := _shape(ask, variant)[0]):
            raise Refused(
                _("%(size)d numbers are asked, and %(given)d are given"), size=size, given=len(vector)
            )
        return vector
    options = len(ask.choices(variant.givens))
    if ask.kind == "several" and text.strip() in ("0", "-", "\N{MINUS SIGN}", "\N{EN DASH}"):
        return ()
    places = tuple(_place(part, options) for part in text.replace(",", " ").replace(";", " ").split())
    if ask.kind == "choice":
        if len(places) != 1:
            raise Refused(_("one option is asked, and %(given)d are given"), given=len(places))
        return places[0]
    if len(set(places)) != len(places):
        raise Refused(_("an option is named twice"))
    if ask.kind == "order" and len(places) != options:
        message = _("all %(size)d options are to be put in order, and %(given)d are given")
        raise Refused(message, size=options, given=len(places))
    return tuple(sorted(places)) if ask.kind == "several" else places


def _place(text: str, options: int) -> int:
    """The number of an option; its Latin letter will do too."""
    if len(text) == 1 and "a" <= text.lower() <= "z":
        place = ord(text.lower()) - ord("a") + 1
    elif text.isascii() and text.isdigit() and len(text) < 4:
        place = int(text)
    else:
        place = 0
    if not 1 <= place <= options:
        message = _('"%(text)s" is not an option; write a number from 1 to %(most)d')
        raise Refused(message, text=text[: numbers.LONGEST], most=options)
    return place


def _shape(ask: Ask, variant: Variant) -> tuple[int, ...]:
    from quiz.exercise.program import shapes_of, split

    return shapes_of(bank.exercise(variant.exercise), *split(variant.givens))[ask.step][len(ask.index) :]


def _as_value(ask: Ask, exact: Any, variant: Variant) -> np.ndarray:
    """An answer as the program's numbers."""
    if ask.kind == "choice":
        return np.array(exact - 1.0)
    if ask.kind == "several":
        return np.array([float(i + 1 in exact) for i in range(len(ask.choices(variant.givens)))])
    if ask.kind == "order":
        return np.array(exact, np.float64) - 1
    return to_array(exact)


class _Judge:
    """All runs that the marking of one set of answers needs, made in one call of the program."""

    def __init__(self, exercise: Exercise, given: Mapping[str, np.ndarray], right: Mapping[str, np.ndarray]):
        self.exercise, self.given = exercise, given
        self.asks = [ask for ask in exercise.asks if ask.name in given]
        self.key = {ask.name: asked(ask, right)[0] for ask in exercise.asks}
        self.forced = forced = {ask.name: self._forced(ask, right) for ask in self.asks}
        single = [(), *((slip.name,) for slip in exercise.slips)]
        pairs = [
            (a.name, b.name) for a, b in combinations(exercise.slips, 2) if not set(a.rules) & set(b.rules)
        ]
        keys = [("", slips) for slips in [*single, *pairs]]
        rows = [Row(slips) for _, slips in keys]
        for ask in self.asks:
            if forced[ask.name]:
                keys += [(ask.name, slips) for slips in single]
                rows += [Row(slips, forced[ask.name]) for slips in single]
        self.keys, self.rows = keys, rows
        self.single, self.pairs = single[1:], pairs

    def take(self, values: Mapping[str, np.ndarray]) -> None:
        """Take what the program gave for the rows."""
        self.table = {
            ask.name: dict(zip(self.keys, asked(ask, values), strict=True)) for ask in self.asks
        }  # ask -> (whose values are forced, slips) -> value

    def _forced(self, ask: Ask, right: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The student's own values of the steps that an ask rests on, where some of them is wrong."""
        found: dict[str, np.ndarray] = {}
        wrong = False
        for other in self.asks:
            if other.step in self.exercise.ancestors[ask.step]:
                value = found.setdefault(other.step, np.array(right[other.step][0]))
                value[other.index] = self.given[other.name]
                wrong = wrong or not self.near(other, self.key[other.name])
        return found if wrong else {}

    def near(self, ask: Ask, value: np.ndarray) -> bool:
        """Whether the student's answer is this value within the tolerance."""
        return same(ask, self.given[ask.name].ravel(), value)

    def follows(self, ask: Ask) -> bool:
        """Whether the answer follows from the student's own earlier values."""
        return bool(self.forced[ask.name]) and self.near(ask, self.table[ask.name][ask.name, ()])

    def is_trivial(self, ask: Ask) -> bool:
        """Whether the student's earlier values make the rest trivial: no mistake would make a difference."""
        table, who = self.table[ask.name], ask.name
        zeros = not any(value.any() for value in self.forced[who].values())
        if zeros and same(ask, 0 * table[who, ()], table[who, ()]):
            return True
        free = [
            slips
            for slips in self.single
            if not set(self._rules(slips[0])) & set(self.forced[who])
            and not same(ask, table["", slips], table["", ()])
        ]
        if free:
            return all(same(ask, table[who, slips], table[who, ()]) for slips in free)
        return same(ask, 0 * table[who, ()], table[who, ()]) and not same(
            ask, 0 * table["", ()], table["", ()]
        )

    def _rules(self, slip: str) -> Mapping[str, Any]:
        return next(s.rules for s in self.exercise.slips if s.name == slip)

    def explanations(self, ask: Ask) -> Iterator[tuple[str, ...]]:
        """The slips that give the answer: from the givens, from the student's own values, two at once."""
        table = self.table[ask.name]
        right = table["", ()]
        found = False
        for who in ("", ask.name):
            for slips in self.single:
                if (who, slips) in table and self._explains(
                    ask, table[who, slips], table.get((who, ()), right)
                ):
                    found = True
                    yield slips
            if found:
                return
        for slips in self.pairs:
            if self._explains(ask, table["", slips], right):
                yield slips

    def _explains(self, ask: Ask, value: np.ndarray, without: np.ndarray) -> bool:
        return self.near(ask, value) and not same(ask, value, without)


def same(ask: Ask, one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two values of an ask agree within its tolerance."""
    return bool((np.abs(one - other) <= tolerance_of(ask) + NOISE).all())


def _judge(exercise: Exercise, given: Mapping[str, np.ndarray]) -> _Running:
    judge = _Judge(exercise, given, (yield (Row(),)))
    if all(judge.near(ask, judge.key[ask.name]) for ask in judge.asks):
        return {ask.name: _Verdict(CORRECT, 1.0) for ask in judge.asks}
    judge.take((yield judge.rows))
    verdicts: dict[str, _Verdict] = {}
    open_asks: dict[str, list[tuple[str, ...]]] = {}
    for ask in judge.asks:
        if judge.near(ask, judge.key[ask.name]):
            verdicts[ask.name] = _Verdict(CORRECT, 1.0)
        elif judge.follows(ask):
            trivial = judge.is_trivial(ask)
            verdicts[ask.name] = _Verdict(
                WRONG if trivial else FOLLOW_THROUGH, float(not trivial), (), trivial
            )
        else:
            open_asks[ask.name] = list(dict.fromkeys(judge.explanations(ask)))
    # a slip that explains more of the answers is the likelier one
    support = [slips for found in open_asks.values() for slips in found]
    for name, found in open_asks.items():
        most = max((support.count(slips) for slips in found), default=0)
        best = tuple("+".join(slips) for slips in found if support.count(slips) == most)
        verdicts[name] = _Verdict(WRONG, 0.0, best)
    return verdicts
