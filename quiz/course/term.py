"""A view over all sittings of a term: each student's course, who is at risk, slips that recur."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from quiz.course.ledger import Ledger

#: A mean below this, of sittings that are over, puts a student at risk.
AT_RISK = 0.5
#: A slip recurs when it was made in this many sittings.
RECURS = 2


@dataclass
class Course:
    """A student's marks through a term.

    Attributes:
        student: the identifier.
        name: the name.
        group: the group.
        marks: sitting to mark, ``None`` where nothing was handed in.
        slips: slip to the number of sittings in which it was made.
    """

    student: str
    name: str
    group: str
    marks: dict[str, float | None] = field(default_factory=dict)
    slips: Counter[str] = field(default_factory=Counter)

    @property
    def mean(self) -> float:
        """The mean of all marks; what was not handed in counts as 0."""
        return sum(mark or 0.0 for mark in self.marks.values()) / len(self.marks)

    @property
    def reasons(self) -> list[str]:
        """Why the student is at risk: ``low``, ``missing`` (two or more), ``falling``; empty if not."""
        made = [mark for mark in self.marks.values() if mark is not None]
        missing = len(self.marks) - len(made)
        found = {
            "low": self.mean < AT_RISK,
            "missing": missing >= RECURS,
            "falling": len(made) >= 3 and made[-1] < made[-2] < made[-3] and made[-3] - made[-1] > 0.2,
        }
        return [reason for reason, holds in found.items() if holds]

    @property
    def recurring(self) -> dict[str, int]:
        """The slips made in several sittings, the most frequent first."""
        return {slip: count for slip, count in self.slips.most_common() if count >= RECURS}

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "student": self.student, "name": self.name, "group": self.group, "marks": self.marks,
            "mean": self.mean, "at_risk": self.reasons, "slips": self.recurring,
        }  # fmt: skip


def courses(ledger: Ledger, group: str = "") -> Iterator[Course]:
    """Yield every student's marks over all sittings in which anything was marked, by identifier.

    Args:
        ledger: the papers and marks.
        group: only the students of this group.
    """
    sittings = [sitting for sitting in ledger.in_time() if ledger.count(sitting)]
    students: dict[str, Course] = {}
    for sitting in sittings:
        for record, mark in ledger.marks(sitting):
            if group and record.get("group", "") != group:
                continue
            one = students.setdefault(record["student"], Course(record["student"], "", ""))
            one.name, one.group = record["name"], record.get("group", "")
            one.marks[sitting] = mark.score if mark else None
            if mark:
                parts = [part for q in mark.result["questions"] for part in q["parts"] if part["slip"]]
                one.slips.update({slip for part in parts for slip in part["slip"].split("+")})
    yield from (students[student] for student in sorted(students))
