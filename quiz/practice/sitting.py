"""A sitting as data: what is still to be asked and what was answered, kept in the store at every change."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from quiz.marking.seeds import fresh_seed
from quiz.practice import schedule
from quiz.practice.store import Store
from quiz.text import mark as _
from quiz.text.errors import Gone, Refusal, Unknown
from quiz.variants.variant import parse_name


@dataclass
class Sitting:
    """What is still to be asked and what was answered.

    Attributes:
        todo: names of the variants still to be asked, the current one first.
        answers: ask name to the last readable answer to the current variant.
        tried: ask name to the number of wrong answers so far.
        scores: the scores of finished variants.
        passed: the asks of the current variant that are behind the student, skipped ones among them.
        hints: ask name to the number of hints shown.
        done: the names of finished variants.
        seconds: the time spent on the current variant before the last pause.
        endless: whether another exercise follows after the last of ``todo``.
        question: only exercises of this question follow; of all, if ``None``.
        level: only exercises of this level follow; of all, if ``None``.
    """

    todo: list[str]
    answers: dict[str, str] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)
    scores: list[float] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    hints: dict[str, int] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    seconds: float = 0.0
    endless: bool = False
    question: int | None = None
    level: int | None = None

    @property
    def place(self) -> str:
        """Which variant of the sitting this is, for the head of a question."""
        number, total = len(self.scores) + 1, len(self.scores) + len(self.todo)
        if self.endless:
            return f"{number} · " if number > 1 else ""
        return f"{number}/{total} · " if total > 1 else ""

    def finish(self, score: float) -> None:
        """Record the score of the current variant and go on to the next."""
        self.done.append(self.todo.pop(0))
        self.scores.append(score)
        self.answers, self.tried, self.passed, self.hints, self.seconds = {}, {}, [], {}, 0.0

    def effort(self, given_up: bool) -> dict[str, dict[str, Any]]:
        """Return what each answer to the current variant took, as `quiz.practice.store.Attempt` holds it."""
        names = {*self.tried, *self.hints}
        found: dict[str, dict[str, Any]] = {name: {} for name in names}
        for name in names:
            if self.tried.get(name):
                found[name]["tries"] = self.tried[name]
            if self.hints.get(name):
                found[name]["hints"] = self.hints[name]
        if given_up:
            asks = parse_name(self.todo[0])[0].asks
            for ask in (ask for ask in asks if ask.name not in self.passed):
                found.setdefault(ask.name, {})["given_up"] = True
        return found


def new_sitting(
    store: Store,
    question: int | None = None,
    level: int | None = None,
    count: int | None = None,
    seed: int | None = None,
    exercise: str | None = None,
    *,
    endless: bool = False,
) -> Sitting:
    """Choose what to ask: an exercise by name, or those that most need practice.

    Args:
        store: the student's attempts.
        question: only this question.
        level: only this level.
        count: how many variants; one if ``None``.
        seed: the seed of the first variant, the next ones for the others; new ones if ``None``.
        exercise: only this exercise.
        endless: whether more follow when no ``count`` is given.

    Raises:
        Refusal: there is no exercise of that question and level.
    """
    attempts, many = store.attempts(), count or 1
    chosen = [exercise] * many if exercise else schedule.pick(attempts, question, level, many)
    if not chosen:
        raise Refusal(_("there is no exercise of that question and level; `quiz list` shows them all"))
    salt, answered = time.time_ns(), {a.variant for a in attempts}
    names = [
        f"{name}@{fresh_seed(name, answered, salt + number) if seed is None else seed + number}"
        for number, name in enumerate(chosen)
    ]
    parse_name(names[0])  # a seed too long for a name is refused before anything is saved
    return Sitting(names, endless=endless and count is None, question=question, level=level)


def resume(state: Mapping[str, Any]) -> Sitting:
    """Return the unfinished sitting.

    Raises:
        Gone: one of its variants belongs to an exercise that no longer exists, or a later version saved it.
    """
    try:
        known = {f.name for f in fields(Sitting)}
        if unknown := set(state) - known:
            raise TypeError(f"unknown: {unknown}")
        # before there was ``passed``, whatever had an answer was behind the student
        sitting = Sitting(**{"passed": list(state.get("answers", ())), **state})
        for name in sitting.todo:
            parse_name(name)
    except (TypeError, Unknown) as error:
        other_version = isinstance(error, TypeError)
        reason = (
            _("saved by another version") if other_version else _("one of its exercises no longer exists")
        )
        raise Gone(
            _("the unfinished session cannot be resumed (%(reason)s); `quiz take` starts a new one"),
            reason=reason,
        ) from None
    return sitting
