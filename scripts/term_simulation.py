"""Simulate a term with the tutor: does it show everything, repeat in time, waste no time on what is known?

python scripts/term_simulation.py                  200 students of five kinds, 12 weeks, 15 minutes a day
python scripts/term_simulation.py --students 10    fewer; --write changes the table in the documentation

The students do not forget as the tutor's model (FSRS) assumes, but by a power law with a rate of their own:
after t days the chance to solve an exercise is (1 + t/s)^-r, where the strength s grows with each success,
the more the later it comes. Every attempt ends with the worked solution.
"""

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from quiz import bank
from quiz.practice.schedule import Memory, line_up
from quiz.practice.store import Attempt
from quiz.variants.variant import generate

PAGE = Path(__file__).parent / "docs" / "practice.md"
START = datetime(2026, 9, 1, 18, tzinfo=UTC)
DAYS, MINUTES, KNOWN = 84, 15.0, 0.95
#: The share of the first time that an exercise takes when it is done again.
AGAIN = 0.5


@dataclass(frozen=True)
class Kind:
    """How students of a kind learn.

    Attributes:
        first: the chance to solve an exercise of level 1 at the first attempt; less for higher levels.
        rate: the median of the rate of forgetting, r.
        strength: s after the first attempt, in days.
        growth: by how much a success makes s grow.
        days: the share of days on which they practise.
        speed: the share of the stated minutes that an exercise takes.
    """

    first: float
    rate: float
    strength: float
    growth: float
    days: float
    speed: float


KINDS = {
    "quick": Kind(0.75, 0.15, 2.5, 5.0, 1.0, 0.7),
    "average": Kind(0.55, 0.20, 2.0, 4.0, 1.0, 0.85),
    "slow": Kind(0.35, 0.20, 1.5, 3.5, 1.0, 1.0),
    "forgetful": Kind(0.55, 0.30, 1.5, 4.0, 1.0, 0.85),
    "irregular": Kind(0.55, 0.20, 2.0, 4.0, 0.7, 0.85),
}


@dataclass(frozen=True)
class Term:
    """What a simulated term shows.

    Attributes:
        met: the share of exercises met.
        twice: how often an exercise came twice in a row.
        known: the share of time on what was known.
        retention: the mean chance to solve an exercise at the end.
        attempts: the number of attempts.
    """

    met: float
    twice: int
    known: float
    retention: float
    attempts: int


def chance(strength: float, rate: float, days: float) -> float:
    """Return the chance to solve an exercise after days: (1 + t/s)^-r."""
    return (1 + days / strength) ** -rate


def student(kind: Kind, seed: int, minutes: dict[str, float]) -> Term:
    """Let one student practise for a term."""
    draw = np.random.default_rng(seed)
    rate = kind.rate * float(np.exp(0.2 * draw.standard_normal()))
    exercises = bank.exercises()
    memory, strength, last = Memory(), {}, {}
    spent = known_time = 0.0
    twice, before, count = 0, "", 0
    for day in range(DAYS):
        if draw.random() >= kind.days:
            continue
        now, left = START + timedelta(days=day), MINUTES
        while left > 0:
            skills = {e.id: memory.skill(e, now) for e in exercises}
            (name,) = line_up(exercises, skills, now, memory.last, 1)
            skill = skills[name]
            if skill.tries and (skill.due is None or skill.due > now):
                break  # nothing is new or due: the tutor says so
            level = bank.exercise(name).level
            if name in last:
                right_chance = chance(strength[name], rate, (now - last[name]) / timedelta(days=1))
            else:
                right_chance = kind.first ** (1 + 0.5 * (level - 1))
            took = minutes[name] * kind.speed * (AGAIN if name in last else 1.0)
            known_time += took * (right_chance > KNOWN)
            spent, left, count = spent + took, left - took, count + 1
            now += timedelta(minutes=took)
            right = draw.random() < right_chance
            if name not in last:
                strength[name] = kind.strength * (2.0 if right else 1.0)
            elif right:
                strength[name] *= 1 + kind.growth * (1 - right_chance) ** 0.5
            else:
                strength[name] = max(kind.strength, 0.6 * strength[name])
            twice += name == before
            before, last[name] = name, now
            score = 1.0 if right else 0.4
            memory.add(Attempt(now, f"{name}@{count}", 1, "", "en", {}, {}, score, 60 * took))
    end = START + timedelta(days=DAYS)
    held = [chance(strength[n], rate, (end - t) / timedelta(days=1)) for n, t in last.items()]
    return Term(len(last) / len(exercises), twice, known_time / spent, float(np.mean(held)), count)


def simulate(students: int, seed: int = 0) -> dict[str, Term]:
    """Return the means of each kind of student; ``met`` is the least, ``twice`` the sum."""
    minutes = {e.id: float(e.minutes_of(generate(e.id, 1).givens)) for e in bank.exercises()}
    found = {}
    for place, (name, kind) in enumerate(KINDS.items()):
        each = max(1, students // len(KINDS))
        terms = [student(kind, 1000 * (seed + place) + number, minutes) for number in range(each)]
        found[name] = Term(
            min(term.met for term in terms),
            sum(term.twice for term in terms),
            float(np.mean([term.known for term in terms])),
            float(np.mean([term.retention for term in terms])),
            round(np.mean([term.attempts for term in terms])),
        )
    return found


def table(terms: dict[str, Term]) -> str:
    """Return the results as a table in Markdown."""
    lines = [
        "| students | exercises met | twice in a row | time on what is known | retention | attempts |",
        "|---|---|---|---|---|---|",
    ]
    for name, t in terms.items():
        lines.append(
            f"| {name} | {t.met:.0%} | {t.twice} | {t.known:.1%} | {t.retention:.3f} | {t.attempts} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="change the table in the documentation")
    given = parser.parse_args()
    shown = table(simulate(given.students, given.seed))
    print(shown)
    if given.write:
        head, begin, rest = PAGE.read_text("utf-8").partition("<!-- term -->\n")
        _old, end, tail = rest.partition("<!-- end of term -->")
        PAGE.write_text(f"{head}{begin}{shown}\n{end}{tail}", "utf-8")


if __name__ == "__main__":
    main()
