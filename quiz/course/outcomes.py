"""Marks a chunk of submissions: reads each one, then marks all of them together."""

import hashlib
import json
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quiz.course import papers
from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.course.limits import time_limit
from quiz.course.matching import match
from quiz.course.secret import equal_codes
from quiz.course.submissions.find import Entry
from quiz.course.submissions.notes import note
from quiz.course.submissions.parse import Submission, normal_code, parse
from quiz.marking.grading import grade_many
from quiz.marking.marks import Marks
from quiz.text import mark as _
from quiz.text.errors import Gone, Machine, Malformed, one_line, one_line_each
from quiz.variants.variant import Variant

Outcome = dict[str, Any]


@dataclass(frozen=True)
class _Case:
    """A submission that can be marked: its outcome so far, and what marking needs of its paper."""

    outcome: Outcome
    lang: str
    drawn: Sequence[Variant]
    points: Sequence[float]
    expressions: bool

    @property
    def answers(self) -> dict[str, dict[str, Any]]:
        """Number of the question to ask name to answer."""
        return self.outcome["answers"]


def mark_chunk(course: Course, ledger: Ledger, entries: Sequence[Entry]) -> list[Outcome]:
    """Mark submissions, or report what is wrong with them; whatever they contain, no exception is raised.

    Returns:
        For each entry, in order, ``source``, ``line``, ``raw`` (the digest of its content) and ``handed``; if
        it belongs to a paper, ``paper``, ``answers`` and ``notes``; if it could be marked, ``result``, with
        messages in the paper's language; otherwise ``problem``.

    Raises:
        Machine: nothing can be marked on this machine now, whatever is handed in.
    """
    opened = [_open(course, ledger, entry) for entry in entries]
    marked = iter(_graded([case for case in opened if isinstance(case, _Case)]))
    return [next(marked) if isinstance(case, _Case) else case for case in opened]


def digest(entry: Entry) -> bytes:
    """Return the digest by which the same content is recognised."""
    return hashlib.blake2b(entry.kind.encode() + b" " + entry.data, digest_size=16).digest()


def _open(course: Course, ledger: Ledger, entry: Entry) -> "_Case | Outcome":
    """Read a submission and draw its paper's variants, or report what is wrong."""
    outcome: Outcome = {
        "source": entry.source, "line": entry.line, "raw": digest(entry), "handed": entry.handed,
    }  # fmt: skip
    if entry.kind == "problem":
        return outcome | {"problem": json.loads(entry.data)}
    if entry.kind == "note":
        return outcome | {"problem": {"kind": "note", **json.loads(entry.data)}}
    try:
        return _identified(course, ledger, entry, outcome)
    except Malformed as error:
        return outcome | _problem("malformed", error.template, error.given, error.line)
    except Gone as error:
        return outcome | _problem("gone", error.template, error.given)
    except MemoryError:
        raise Machine(_("there is not enough memory; fewer processes (-j 1) need less")) from None
    except Exception as error:  # one submission must never stop the others
        return outcome | _unexpected(error)


def _identified(course: Course, ledger: Ledger, entry: Entry, outcome: Outcome) -> "_Case | Outcome":
    """Find the paper of a submission; ``outcome`` learns what is known even where marking fails later."""
    if entry.kind == "stored":  # what was accepted before
        kept = json.loads(entry.data)
        submission = Submission(kept["paper"], "", kept["answers"])
    else:
        with time_limit():
            submission = parse(entry.kind, entry.data)
    paper = {"paper": submission.paper}
    record = ledger.record(submission.paper)
    if record is None:
        return outcome | _problem("unknown", _("no paper %(paper)s was issued"), paper)
    outcome |= {"sitting": record["sitting"], "student": record["student"]}
    if entry.kind != "stored" and (fault := why_not_genuine(course, record, submission)):
        return outcome | paper | _problem(fault[0], fault[1], paper)
    outcome |= {**paper, "answers": submission.answers, "notes": list(submission.notes)}
    drawn = papers.variants(course, record)
    asked = {str(place): [ask.name for ask in variant.asks] for place, variant in enumerate(drawn, 1)}
    answers, notes = match(submission.answers, asked)
    if submission.cells:
        missing = [place for place in asked if place not in submission.answers]
        notes += [note(_("question %(place)s: no cell with its answers was found"), place=p) for p in missing]
    if notes and not answers and any(map(len, submission.answers.values())):
        del outcome["answers"]
        return outcome | _problem("malformed", notes[0]["template"], notes[0]["given"])
    outcome |= {"answers": answers, "notes": [*submission.notes, *notes]}
    points, expressions = [q.get("points", 1) for q in record["questions"]], record.get("expressions", True)
    return _Case(outcome, record["lang"], drawn, points, expressions)


def _unexpected(error: Exception) -> Outcome:
    """A fault of ours: its type and where it was raised; its text may be in any language."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f" {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    made = _problem("malformed", _("cannot be marked: %(error)s"), {"error": type(error).__name__ + place})
    made["problem"]["trace"] = "".join(traceback.format_exception(error))[-10_000:]
    return made


def _problem(kind: str, template: str, given: dict[str, Any], at: int = 0) -> Outcome:
    return {"problem": {"kind": kind, "template": template, "given": one_line_each(given), "at": at}}


#: Characters that a typing error changes in a code at most; more is no slip of the finger.
_SLIPS = 2


def why_not_genuine(course: Course, record: dict[str, Any], submission: Submission) -> tuple[str, str] | None:
    """Return what is wrong with the code of a submission, ``None`` if it was issued with its paper.

    If the whole paper came back, it must be the one that the code was made for.
    """
    codes = list(record["macs"])
    if submission.sheet is not None:
        own = normal_code(papers.mac(course, submission.sheet))
        return None if any([equal_codes(own, code) for code in codes]) else ("tampered", _TAMPERED)
    if any([equal_codes(code, submission.mac) for code in codes]):
        return None
    close = any(_differences(code, submission.mac) <= _SLIPS for code in codes)
    return ("mistyped", _MISTYPED) if close else ("tampered", _TAMPERED)


_TAMPERED = _("paper %(paper)s was tampered with")
_MISTYPED = _("the check code does not fit paper %(paper)s; was it typed wrongly?")


def _differences(one: str, other: str) -> int:
    """Return how many characters differ, a missing one at the end included."""
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def _graded(cases: Sequence[_Case]) -> list[Outcome]:
    """Mark all cases together; if that fails, each one separately, to find the one that fails."""
    try:
        every = [
            (variant, case.answers.get(str(place), {}), case.lang, case.expressions)
            for case in cases
            for place, variant in enumerate(case.drawn, 1)
        ]
        marks = iter(grade_many(every))
        return [case.outcome | _result(case, [next(marks) for _variant in case.drawn]) for case in cases]
    except Exception as error:
        _check_machine(error)
        if len(cases) == 1:
            return [cases[0].outcome | _unexpected(error)]
        return [outcome for case in cases for outcome in _graded([case])]


def _check_machine(error: Exception) -> None:
    """Raise `Machine` if not the submission is at fault but the machine, on which nothing can be computed."""
    if isinstance(error, MemoryError):
        raise Machine(_("there is not enough memory; fewer processes (-j 1) need less")) from error
    try:
        import jax.numpy as jnp  # only after something went wrong

        jnp.zeros(()).block_until_ready()
    except Exception as broken:
        reason = type(broken).__name__
        raise Machine(_("JAX cannot compute on this machine: %(error)s"), error=reason) from error


def _result(case: _Case, marks: Sequence[Marks]) -> Outcome:
    questions = []
    for one, points in zip(marks, case.points, strict=True):
        parts = [
            {
                "name": part.name,
                "given": one_line(part.given, 1100),
                "status": part.status,
                "credit": part.credit,
                "slip": part.slip,
                "message": part.message(case.lang),
            }
            for part in one.parts.values()
        ]
        question = {"exercise": one.variant.exercise, "score": one.score, "parts": parts}
        questions.append(question if points == 1 else question | {"points": points})
    total = sum(case.points)
    score = sum(q["score"] * points for q, points in zip(questions, case.points, strict=True)) / total
    return {"score": score, "result": {"score": score, "questions": questions}}
