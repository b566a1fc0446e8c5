"""Marks a chunk of submissions: reads each one, then marks all of them together."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quiz.course import papers
from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.course.secret import equal_codes
from quiz.course.submissions.find import Entry
from quiz.course.submissions.parse import Submission, normal_code, parse
from quiz.marking.grading import grade_many
from quiz.marking.marks import Marks
from quiz.text import mark as _
from quiz.text.errors import Gone, Malformed, one_line, one_line_each
from quiz.variants.variant import Variant

Outcome = dict[str, Any]


@dataclass(frozen=True)
class _Case:
    """A submission that can be marked: its outcome so far, the paper's language and variants, the answers."""

    outcome: Outcome
    lang: str
    drawn: Sequence[Variant]
    answers: dict[str, dict[str, Any]]


def mark_chunk(course: Course, ledger: Ledger, entries: Sequence[Entry]) -> list[Outcome]:
    """Mark submissions, or report what is wrong with them; whatever they contain, no exception is raised.

    Returns:
        For each entry, in order, ``source``, ``line``, ``digest`` and ``paper``, and either ``answers``,
        ``score`` (all questions have equal weight) and ``result``, with messages in the paper's language, or
        ``problem``.
    """
    opened = [_open(course, ledger, entry) for entry in entries]
    marked = iter(_graded([case for case in opened if isinstance(case, _Case)]))
    return [next(marked) if isinstance(case, _Case) else case for case in opened]


def digest(entry: Entry) -> bytes:
    """Return the digest by which an unchanged submission is recognised."""
    return hashlib.blake2b(entry.data, digest_size=16).digest()


def _open(course: Course, ledger: Ledger, entry: Entry) -> "_Case | Outcome":
    """Read a submission and draw its paper's variants, or report what is wrong."""
    outcome: Outcome = {"source": entry.source, "line": entry.line, "digest": digest(entry)}
    if entry.kind == "problem":
        return outcome | {"problem": json.loads(entry.data)}
    try:
        if entry.kind == "stored":  # answers that were accepted before; the source is the paper
            submission = Submission(entry.source, "", json.loads(entry.data))
        else:
            submission = parse(entry.kind, entry.data)
        record = ledger.record(submission.paper)
        paper = {"paper": submission.paper}
        if record is None:
            return outcome | _problem("unknown", _("no paper %(paper)s was issued"), **paper)
        outcome |= paper
        if entry.kind != "stored" and not is_genuine(course, record, submission):
            return outcome | _problem("tampered", _("paper %(paper)s was tampered with"), **paper)
        drawn = papers.variants(course, record)
        _check_names(drawn, submission.answers)
        return _Case(outcome, record["lang"], drawn, submission.answers)
    except Malformed as error:
        return outcome | _problem("malformed", error.template, line=error.line, **error.given)
    except Gone as error:
        return outcome | _problem("gone", error.template, **error.given)
    except Exception as error:  # one submission must never stop the others
        return outcome | _unexpected(error)


def _unexpected(error: Exception) -> Outcome:
    """A fault of ours: its type and where it was raised; its text may be in any language."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f" {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return _problem("malformed", _("cannot be marked: %(error)s"), error=type(error).__name__ + place)


def _problem(kind: str, template: str, **given: object) -> Outcome:
    return {"problem": {"kind": kind, "template": template, "given": one_line_each(given)}}


def is_genuine(course: Course, record: dict[str, Any], submission: Submission) -> bool:
    """Return whether the MAC was issued with this paper and, if the whole paper came back, fits it."""
    if not any([equal_codes(mac, submission.mac) for mac in record["macs"]]):
        return False
    sheet = submission.sheet
    return sheet is None or equal_codes(normal_code(papers.mac(course, sheet)), submission.mac)


def _check_names(drawn: Sequence[Variant], answers: dict[str, dict[str, Any]]) -> None:
    """Raise `Malformed` for answers to something that is not asked."""
    asked = {str(place): [ask.name for ask in variant.asks] for place, variant in enumerate(drawn, 1)}
    for place, given in answers.items():
        if place not in asked:
            raise Malformed(
                _("there is no question %(place)s; the paper has %(most)s"), place=place, most=len(drawn)
            )
        for name in given:
            if name not in asked[place]:
                raise Malformed(
                    _("question %(place)s does not ask for %(name)s; it asks for %(names)s"),
                    place=place,
                    name=name,
                    names=", ".join(asked[place]),
                )


def _graded(cases: Sequence[_Case]) -> list[Outcome]:
    """Mark all cases together; if that fails, each one separately, to find the one that fails."""
    try:
        every = [
            (variant, case.answers.get(str(place), {}), case.lang)
            for case in cases
            for place, variant in enumerate(case.drawn, 1)
        ]
        marks = iter(grade_many(every))
        return [case.outcome | _result(case, [next(marks) for _variant in case.drawn]) for case in cases]
    except Exception as error:
        if len(cases) == 1:
            return [cases[0].outcome | _unexpected(error)]
        return [outcome for case in cases for outcome in _graded([case])]


def _result(case: _Case, marks: Sequence[Marks]) -> Outcome:
    questions = []
    for one in marks:
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
        questions.append({"exercise": one.variant.exercise, "score": one.score, "parts": parts})
    score = sum(question["score"] for question in questions) / len(questions)
    return {"answers": case.answers, "score": score, "result": {"score": score, "questions": questions}}
