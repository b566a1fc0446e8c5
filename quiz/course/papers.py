"""Papers: the variants of each student. A paper has an identifier and a MAC, never a seed or a key."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from quiz import bank
from quiz.course.blueprint import Blueprint
from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.course.roster import Student
from quiz.course.secret import code, equal_codes
from quiz.files import write_atomic
from quiz.render import sheet
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Gone
from quiz.text.numbers import write
from quiz.variants.variant import Variant, draw, generate

Record = dict[str, Any]

#: Seeds tried per question before it is given up.
MAX_ATTEMPTS = 20


def issue(
    course: Course, ledger: Ledger, blueprint: Blueprint, sitting: str, students: Iterable[Student]
) -> Iterator[tuple[Record, sheet.Sheet]]:
    """Make the papers of a sitting; a student who already has one gets the same again.

    Args:
        course: whose secret the seeds are derived from.
        ledger: where the papers are recorded.
        blueprint: the questions of each paper.
        sitting: the name of the sitting, such as ``midterm``.
        students: the roster.

    Yields:
        The record for the ledger, and the sheet for the student.
    """
    for student in students:
        identifier = code(course.digest("paper", sitting, student.id))
        record = ledger.record(identifier)
        if record is None:
            record = _draw(course, blueprint, sitting, student, identifier)
        else:
            record |= {"name": student.name, "lang": student.lang}
            record |= {"group": student.group} if student.group or "group" in record else {}
        made = to_sheet(course, record, variants(course, record), blueprint.title or course.title)
        if made["mac"] not in record["macs"]:
            record["macs"].append(made["mac"])
        ledger.put_records([record])
        yield record, made


def put(ledger: Ledger, path: Path, content: bytes | str, *, force: bool) -> bool:
    """Write a paper unless somebody has changed the file; return whether it now has the content.

    A file that is as it was written before is replaced; any other that differs may have been filled in.
    """
    data = content.encode() if isinstance(content, str) else content
    name, digest = str(path.absolute()), hashlib.blake2b(data, digest_size=16).digest()
    if path.exists():
        old = path.read_bytes()
        before = ledger.db.execute("SELECT digest FROM written WHERE file = ?", (name,)).fetchone()
        own = before is not None and before[0] == hashlib.blake2b(old, digest_size=16).digest()
        if old != data and not own and not force:
            return False
    else:
        old = None
    with ledger.db:  # before the file: after a kill in between the file is there and as it was, or is new
        ledger.db.execute("INSERT OR REPLACE INTO written VALUES (?, ?)", (name, digest))
    if old != data:
        write_atomic(path, data, sync=False)
    return True


def _draw(course: Course, blueprint: Blueprint, sitting: str, student: Student, identifier: str) -> Record:
    questions = []
    for place, slot in enumerate(blueprint.slots, 1):
        exercise = slot.exercise(course, sitting, place, student.id)
        for attempt in range(MAX_ATTEMPTS):
            about: dict[str, Any] = {
                "exercise": exercise.id, "revision": exercise.revision, "attempt": attempt,
            }  # fmt: skip
            try:
                variant = generate(exercise.id, _seed(course, sitting, student.id, place, about))
            except Gone:
                continue
            about |= {"draw": variant.draws, "check": _check(course, identifier, place, variant)}
            questions.append(about | ({} if slot.points == 1 else {"points": slot.points}))
            break
        else:
            raise Gone(
                _("%(exercise)s: none of %(count)d seeds gives a sound variant"),
                exercise=exercise.id,
                count=MAX_ATTEMPTS,
            )
    return {
        "schema": 1, "paper": identifier, "sitting": sitting, "student": student.id, "name": student.name,
        "lang": student.lang, "macs": [], "questions": questions,
    } | ({"group": student.group} if student.group else {}) | _without(blueprint.expressions)  # fmt: skip


def _without(expressions: bool) -> dict[str, bool]:
    """Return what a paper says of expressions: nothing where they are worked out, as earlier versions did."""
    return {} if expressions else {"expressions": False}


def _seed(course: Course, sitting: str, student: str, place: int, about: dict[str, Any]) -> int:
    return course.seed(sitting, student, place, about["exercise"], about["revision"], about["attempt"])


def _check(course: Course, identifier: str, place: int, variant: Variant) -> str:
    """Return a fingerprint of the numbers drawn, to detect that another version of the bank draws others."""
    return course.digest("givens", identifier, place, repr(sorted(variant.givens.items()))).hex()[:16]


def variants(course: Course, record: Record) -> list[Variant]:
    """Draw the variants of a paper again.

    Raises:
        Gone: this version of the bank can no longer make one of them.
    """
    made = []
    for place, about in enumerate(record["questions"], 1):
        where = {"paper": record["paper"], "place": place, "exercise": about["exercise"]}
        try:
            exercise = bank.exercise(about["exercise"])
        except KeyError:
            raise Gone(
                _("%(paper)s, question %(place)s: this version has no exercise %(exercise)s"), **where
            ) from None
        seed = _seed(course, record["sitting"], record["student"], place, about)
        variant = Variant(exercise.id, seed, draw(exercise, seed, about["draw"]) or {}, about["draw"])
        if exercise.revision != about["revision"] or not equal_codes(
            about["check"], _check(course, record["paper"], place, variant)
        ):
            raise Gone(
                _("%(paper)s, question %(place)s: %(exercise)s no longer has the numbers on the paper"),
                **where,
            )
        made.append(variant)
    return made


def to_sheet(
    course: Course, record: Record, drawn: list[Variant], title: str, *, key: bool = False
) -> sheet.Sheet:
    """Return the sheet of a paper with its MAC, optionally with the key."""
    lang = record["lang"]
    questions = [sheet.question(variant, lang, place, key=key) for place, variant in enumerate(drawn, 1)]
    for question, about in zip(questions, record["questions"], strict=True):
        if "points" in about:
            given = {"title": question["title"], "points": write(about["points"], lang, 2)}
            question["title"] = translate(_("%(title)s (points: %(points)s)"), lang) % given
    made = sheet.sheet(
        title,
        lang,
        questions,
        course=course.title,
        sitting=record["sitting"],
        student={"id": record["student"], "name": record["name"]},
        paper=record["paper"],
        **_without(record.get("expressions", True)),
    )
    return made | {"mac": mac(course, made)}


def mac(course: Course, paper: dict[str, Any]) -> str:
    """Return the MAC over everything on a paper except the answers; the order of names does not matter."""
    content = {name: value for name, value in paper.items() if name not in ("mac", "answers")}
    return code(course.digest("sheet", json.dumps(content, sort_keys=True, separators=(",", ":"))), 5)
