"""Statistics of a class: difficulty, discrimination and slips of each exercise, in one pass."""

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt
from statistics import median
from typing import Any

from quiz.course.ledger import Mark
from quiz.marking.marks import STATUSES

#: Papers below which a discrimination is not shown: its 95 % interval would be wider than 0.7.
FEW = 30


@dataclass
class Moments:
    """Running means and central moments of two quantities, by Welford's algorithm."""

    count: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    yy: float = 0.0
    xy: float = 0.0

    def add(self, x: float, y: float) -> None:
        """Add one pair."""
        self.count += 1
        dx, dy = x - self.x, y - self.y
        self.x += dx / self.count
        self.y += dy / self.count
        self.xx += dx * (x - self.x)
        self.yy += dy * (y - self.y)
        self.xy += dx * (y - self.y)

    @property
    def correlation(self) -> float | None:
        """Pearson's correlation; ``None`` if one of the two is constant.

        Example:
            >>> m = Moments()
            >>> for pair in ((0, 1), (1, 3), (2, 5)): m.add(*pair)
            >>> round(m.correlation, 12)
            1.0
        """
        if self.xx < 1e-12 or self.yy < 1e-12:
            return None
        return self.xy / sqrt(self.xx * self.yy)


@dataclass
class AskStatistics:
    """How an ask was answered: the number of each status and of each slip."""

    statuses: Counter[str] = field(default_factory=Counter)
    slips: Counter[str] = field(default_factory=Counter)


@dataclass
class ExerciseStatistics:
    """The results of a class in an exercise.

    Attributes:
        moments: its score against the score of the rest of the paper.
        asks: ask name to its statistics.
        slips: the number of students who made each slip.
    """

    moments: Moments = field(default_factory=Moments)
    asks: dict[str, AskStatistics] = field(default_factory=dict)
    slips: Counter[str] = field(default_factory=Counter)

    @property
    def facility(self) -> float:
        """The mean score, 0 to 1; the difficulty is 1 minus it."""
        return self.moments.x

    @property
    def discrimination(self) -> float | None:
        """The correlation with the score of the rest of the paper."""
        return self.moments.correlation

    @property
    def shown_discrimination(self) -> float | None:
        """The discrimination, if there are papers enough to show it."""
        return self.discrimination if self.moments.count >= FEW else None


@dataclass
class Analysis:
    """The results of a class in a sitting.

    Attributes:
        papers: the number of papers issued.
        marked: the number of papers marked.
        scores: the number of papers per tenth of the score, a histogram of ten bars.
        missing: the students who handed in nothing.
        percents: the marks, 0 to 100, in the order of the roster.
        exercises: id to statistics.
    """

    papers: int = 0
    marked: int = 0
    scores: list[int] = field(default_factory=lambda: [0] * 10)
    missing: list[str] = field(default_factory=list)
    percents: "array[float]" = field(default_factory=lambda: array("d"))
    exercises: dict[str, ExerciseStatistics] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "schema": 1,
            "papers": self.papers,
            "marked": self.marked,
            "scores": self.scores,
            "median": median(self.percents) if self.percents else None,
            "missing": self.missing,
            "exercises": [
                {
                    "id": name,
                    "answers": e.moments.count,
                    "facility": e.facility,
                    "difficulty": 1 - e.facility,
                    "discrimination": e.shown_discrimination,
                    "slips": dict(e.slips.most_common()),
                    "asks": {
                        ask: {"statuses": dict(a.statuses), "slips": dict(a.slips.most_common())}
                        for ask, a in e.asks.items()
                    },
                }
                for name, e in sorted(self.exercises.items())
            ],
        }


def analyse(marks: Iterable[tuple[Any, Mark | None]]) -> Analysis:
    """Analyse the marks of a sitting, from `Ledger.marks`."""
    analysis = Analysis()
    for record, mark in marks:
        analysis.papers += 1
        if mark is None:
            analysis.missing.append(record.get("student", ""))
            continue
        analysis.marked += 1
        analysis.percents.append(100 * mark.score)
        analysis.scores[min(9, int(10 * mark.score + 1e-9))] += 1
        questions = mark.result["questions"]
        for question in questions:
            _count(
                analysis.exercises.setdefault(question["exercise"], ExerciseStatistics()), question, questions
            )
    return analysis


def _count(statistics: ExerciseStatistics, question: dict[str, Any], questions: list[dict[str, Any]]) -> None:
    rest = [other["score"] for other in questions if other is not question]
    statistics.moments.add(question["score"], sum(rest) / len(rest) if rest else 0.0)
    made = set()
    for part in question["parts"]:
        ask = statistics.asks.setdefault(part["name"], AskStatistics(Counter(dict.fromkeys(STATUSES, 0))))
        ask.statuses[part["status"]] += 1
        if part["slip"]:
            ask.slips[part["slip"]] += 1
            made.update(part["slip"].split("+"))
    statistics.slips.update(made)
