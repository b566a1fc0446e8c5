"""A simulated class: what each student submits, and the expected mark."""

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quiz.bank import exercise
from quiz.course import folder, papers
from quiz.course.blueprint import Blueprint, Slot, standard
from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.course.roster import Student
from quiz.exercise.program import Row, run
from quiz.files import write_json
from quiz.marking import grading
from quiz.render.sheet import Sheet
from quiz.text.numbers import write, write_value
from quiz.variants.variant import Variant

NAMES = (
    "Әлия Құрманқызы",
    "Иван Петров",
    "Ann O'Brien",
    "=SUM(A1:A9)",
    "李 明",
    "@Ғалым",
    "-Өмір",
    "Ұлпан\tҺ",
)


@dataclass
class Handed:
    """The submission of one student.

    Attributes:
        paper: the paper's identifier.
        body: the submission, before it is written down.
        score: the expected mark from 0 to 1; ``None`` where it must be refused.
        kind: the expected problem; empty for none.
    """

    paper: str
    body: dict[str, Any]
    score: float | None
    kind: str = ""
    raw: bytes | None = field(default=None)

    def data(self) -> bytes:
        return self.raw if self.raw is not None else json.dumps(self.body, ensure_ascii=False).encode()


def roster(count: int) -> list[Student]:
    """A class with names in all alphabets, some of which try to be formulas."""
    return [
        Student(f"s{i:05d}", f"{NAMES[i % len(NAMES)]} {i}", ("kk", "ru", "en")[i % 3]) for i in range(count)
    ]


def blueprint(places: int = 6) -> Blueprint:
    """The learning rule first, to include follow-through, then other exercises."""
    rest = [slot for slot in standard().slots if slot.exercises[0] != "q2.update"]
    slots = [Slot(("q2.update",)), *rest]
    return Blueprint("", tuple((slots * places)[:places]))


def new_course(path: Path, lang: str = "kk") -> Course:
    """A course with a fixed secret, so that tests are reproducible."""
    folder.new(path, "ЖНЖ", lang)
    (path / "secret").write_text(hashlib.sha256(b"a test's secret").hexdigest())
    about = {"schema": 1, "course": path.name, "title": "ЖНЖ", "lang": lang}
    write_json(path / "course.json", about)
    return folder.open_course(path)


def issue(course: Course, count: int, sitting: str = "1", places: int = 6) -> list[tuple[dict, Sheet]]:
    """Issue papers."""
    plan = blueprint(places)
    with Ledger(course.database) as ledger:
        ledger.set_blueprint(sitting, plan.to_json())
        return list(papers.issue(course, ledger, plan, sitting, roster(count)))


def written(variant: Variant, lang: str) -> dict[str, str]:
    """The correct answers as a student writes them."""
    answers = {}
    for ask in variant.asks:
        value = grading.key(variant)[ask.name]
        if ask.kind in ("choice", "several", "order"):
            answers[ask.name] = " ".join(map(str, value if isinstance(value, list) else [value])) or "0"
        elif isinstance(value, list):
            answers[ask.name] = write_value(_tuples(value), lang, 5)
        else:
            answers[ask.name] = write(value, lang, 5)
    return answers


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def hand_in(course: Course, issued: list[tuple[dict, Sheet]], seed: int = 1) -> Iterator[Handed]:
    """Answer every paper, each student in a different way."""
    chance = random.Random(seed)
    for number, (record, sheet) in enumerate(issued):
        drawn = papers.variants(course, record)
        answers = {str(p): written(variant, record["lang"]) for p, variant in enumerate(drawn, 1)}
        body = {"schema": 1, "paper": record["paper"], "mac": sheet["mac"], "answers": answers}
        yield WAYS[number % len(WAYS)](chance, drawn, record, sheet, body)


def _perfect(chance, drawn, record, sheet, body):
    return Handed(record["paper"], body, 1.0)


def _whole_paper(chance, drawn, record, sheet, body):
    return Handed(record["paper"], {**sheet, "answers": body["answers"]}, 1.0)


def _some_blank(chance, drawn, record, sheet, body):
    """Leave half of the answers blank."""
    score = 0.0
    for place, variant in enumerate(drawn, 1):
        asks = variant.asks
        total = sum(ask.weight for ask in asks)
        for ask in asks:
            if chance.random() < 0.5:
                body["answers"][str(place)][ask.name] = chance.choice(["", "  ", None])
            else:
                score += ask.weight / total
    return Handed(record["paper"], body, score / len(drawn))


def _unreadable(chance, drawn, record, sheet, body):
    """Write something unreadable or executable in place of one answer to each question."""
    score = 0.0
    for place, variant in enumerate(drawn, 1):
        ask = chance.choice(variant.asks)
        text = [
            "__import__('os').system('touch /tmp/pwned')", "=cmd|' /C calc'!A0", "<script>alert(1)</script>",
                "nan", "1_000", "9" * 65, "{{7*7}}", "1e99999", "'; DROP TABLE marks; --"]  # fmt: skip
        body["answers"][str(place)][ask.name] = chance.choice(text)
        score += 1 - ask.weight / sum(a.weight for a in variant.asks)
    return Handed(record["paper"], body, score / len(drawn))


def _follows_through(chance, drawn, record, sheet, body):
    """Use the wrong sign of the error in the first question, and continue correctly from there."""
    variant = drawn[0]
    assert variant.exercise == "q2.update"
    values = run(exercise("q2.update"), variant.givens, [Row(), Row(("sign",))])
    body["answers"]["1"] |= {ask.name: repr(float(values[ask.step][(1, *ask.index)])) for ask in variant.asks}
    lost = 0.0
    if abs(values["e"][0] - values["e"][1]) > 0.1:  # no difference where the error is 0
        lost = next(a.weight for a in variant.asks if a.name == "e") / sum(a.weight for a in variant.asks)
    return Handed(record["paper"], body, 1 - lost / len(drawn))


def _nothing(chance, drawn, record, sheet, body):
    return Handed(record["paper"], body | {"answers": {}}, 0.0)


def _wrong_mac(chance, drawn, record, sheet, body):
    return Handed(record["paper"], body | {"mac": "AAAA-AAAA-AAAA-AAAA-AAAA"}, None, "tampered")


def _changed_paper(chance, drawn, record, sheet, body):
    """Make the question easier and keep the MAC."""
    changed = json.loads(json.dumps(sheet))
    changed["questions"][0]["text"] = "0 + 0 = ?"
    return Handed(record["paper"], {**changed, "answers": body["answers"]}, None, "tampered")


def _unknown_paper(chance, drawn, record, sheet, body):
    return Handed(record["paper"], body | {"paper": "ZZZZ-ZZZZ-ZZZZ"}, None, "unknown")


def _broken(chance, drawn, record, sheet, body):
    raw = chance.choice(
        [b"{", b"[" * 5000, b"\xff\xfe{}", b'{"paper": NaN}', b"[1, 2]", b'{"paper": "A", "paper": "B"}',
         b'{"paper": "A", "mac": "B", "answers": {"1": {"z": {"a": 1}}}}', b'{"a": "\\ud800"}', b"null",
         b'{"paper": 1' + b"0" * 5000 + b"}"]
    )  # fmt: skip
    return Handed(record["paper"], body, None, "malformed", raw)


def _unasked(chance, drawn, record, sheet, body):
    body["answers"]["1"]["__class__"] = "1"  # passed over and reported
    return Handed(record["paper"], body, 1.0)


WAYS = (
    _perfect, _some_blank, _follows_through, _unreadable, _whole_paper, _perfect, _nothing, _wrong_mac,
    _changed_paper, _follows_through, _some_blank, _unknown_paper, _broken, _unasked, _perfect, _unreadable,
)  # fmt: skip
