"""What a teacher decides: which submission counts, deadlines, marks by hand; and how to undo it.

A decision is stored with the event in which it was made. The latest one that is not undone holds.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from quiz.course.ledger import Ledger
from quiz.text import mark as _
from quiz.text.errors import Refusal, one_line

#: Which of several submissions of a student counts.
KEEP = ("latest", "first", "best")
#: What can be decided: for a sitting, or for one student.
NAMES = ("keep", "late", "closed", "deadline", "extra", "choice", "mark")


@dataclass(frozen=True)
class Rules:
    """The decisions for a sitting that hold.

    Attributes:
        found: name and student ("" for everybody) to value and the number of the event.
    """

    found: dict[tuple[str, str], tuple[str, int]]

    @property
    def keep(self) -> str:
        """Which submission counts, the latest if nothing is decided."""
        return self.found.get(("keep", ""), ("latest", 0))[0]

    @property
    def decided(self) -> bool:
        """Whether the teacher has decided which submission counts."""
        return ("keep", "") in self.found

    @property
    def closed(self) -> int | None:
        """The event after which nothing counts any more."""
        return self.found["closed", ""][1] if ("closed", "") in self.found else None

    def choice(self, student: str) -> str | None:
        """Return the digest of the submission chosen for a student."""
        return self.found.get(("choice", student), (None, 0))[0]

    def by_hand(self, student: str) -> float | None:
        """Return the mark given by hand, 0 to 1."""
        found = self.found.get(("mark", student))
        return float(found[0]) if found else None

    def deadline(self, student: str) -> str | None:
        """Return until when a student may hand in, in UTC."""
        found = self.found.get(("deadline", student)) or self.found.get(("deadline", ""))
        extra = self.found.get(("extra", student)) or self.found.get(("extra", ""))
        if not found:
            return None
        until = datetime.fromisoformat(found[0]) + timedelta(minutes=int(extra[0]) if extra else 0)
        return until.isoformat(timespec="seconds")

    def minutes_late(self, student: str, handed: str | None) -> float:
        """Return by how many minutes a student's deadline was missed; 0 where the time is not known."""
        until = self.deadline(student)
        if until is None or handed is None or handed <= until:
            return 0.0
        return (datetime.fromisoformat(handed) - datetime.fromisoformat(until)).total_seconds() / 60

    @property
    def refuses_late(self) -> bool:
        """Whether late work does not count."""
        return self.found.get(("late", ""), ("accept", 0))[0] == "refuse"

    def share(self, minutes: float) -> float:
        """Return the share of the mark that is left after a delay: less for each day begun."""
        late = self.found.get(("late", ""), ("accept", 0))[0]
        if not minutes or late in ("accept", "refuse"):
            return 1.0
        return max(0.0, 1 - float(late) / 100 * -(-minutes // 1440))


def rules(ledger: Ledger, sitting: str) -> Rules:
    """Return the decisions for a sitting that hold; an empty value takes an earlier one back."""
    query = """
    SELECT d.name, d.who, d.value, d.event FROM decisions d JOIN events e ON e.id = d.event
    WHERE d.sitting = ? AND NOT e.undone ORDER BY d.event, d.rowid
    """
    latest = {(name, who): (value, event) for name, who, value, event in ledger.db.execute(query, (sitting,))}
    return Rules({about: found for about, found in latest.items() if found[0]})


def decide(ledger: Ledger, sitting: str, made: dict[tuple[str, str], str], event: int) -> None:
    """Store decisions, in the transaction that is open; those that hold already are passed over."""
    held = rules(ledger, sitting).found
    for (name, who), value in made.items():
        if held.get((name, who), ("", 0))[0] != value:
            ledger.db.execute(
                "INSERT INTO decisions VALUES (?, ?, ?, ?, ?)", (event, sitting, name, who, value)
            )


def undo(ledger: Ledger, number: int | None) -> tuple[int, str]:
    """Declare an event undone, by default the last; return its number and sitting.

    Raises:
        Refusal: there is no such event, or it is undone already.
    """
    query = (
        "SELECT id, sitting FROM events WHERE NOT undone AND (? IS NULL OR id = ?) ORDER BY id DESC LIMIT 1"
    )
    row = ledger.db.execute(query, (number, number)).fetchone()
    if row is None:
        raise Refusal(_("there is nothing to undo; `quiz course history` shows what was done"))
    ledger.db.execute("UPDATE events SET undone = 1 WHERE id = ?", (row[0],))
    return row[0], row[1]


def moment(text: str) -> str:
    """Read a date with a time, of this machine's time zone unless it names another; return it in UTC.

    Raises:
        Refusal: it is not a date.

    Example:
        >>> moment("2026-12-01T18:00+05:00"), moment("01.12.2026 18:00Z")
        ('2026-12-01T13:00:00+00:00', '2026-12-01T18:00:00+00:00')
    """
    plain = re.sub(r"^([0-9]{2})\.([0-9]{2})\.([0-9]{4})", r"\3-\2-\1", text.strip())
    try:
        made = datetime.fromisoformat(plain)
        if re.fullmatch(r"[0-9-]{8,10}", plain):  # a day lasts until its end
            made = made.replace(hour=23, minute=59, second=59)
        return made.astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        raise Refusal(
            _('expected a date such as 2026-12-01 or "2026-12-01 18:00", got "%(given)s"'),
            given=one_line(text),
        ) from None


def late_policy(text: str) -> str:
    """Check what happens to late work: ``accept``, ``refuse``, or the percentage lost for each day begun.

    Raises:
        Refusal: it is none of these.

    Example:
        >>> late_policy("10%"), late_policy("refuse")
        ('10', 'refuse')
    """
    plain = text.strip().removesuffix("%").strip()
    if plain in ("accept", "refuse"):
        return plain
    if re.fullmatch(r"[0-9]{1,3}", plain) and 0 < int(plain) <= 100:
        return str(int(plain))
    raise Refusal(
        _('expected accept, refuse or the percentage lost per day such as 10, got "%(given)s"'),
        given=one_line(text),
    )
