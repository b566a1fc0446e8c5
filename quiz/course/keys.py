"""The teacher's keys: every paper with its correct answers and worked solutions."""

from collections.abc import Iterator
from typing import Any

from quiz.course import papers
from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.marking.grading import key
from quiz.text import mark as _
from quiz.text import translate


def keys(
    course: Course, ledger: Ledger, sitting: str, lang: str | None = None
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Make the key of each paper of a sitting.

    Args:
        course: whose papers they are.
        ledger: where they are recorded.
        sitting: the name of the sitting.
        lang: the language; by default that of each student.

    Yields:
        Plain data ``{schema, paper, student, questions: [{variant, key}]}``, and the sheet with key and
        solution.
    """
    blueprint = ledger.blueprint(sitting) or {"title": ""}
    for record in ledger.records(sitting):
        record = record | ({"lang": lang} if lang else {})
        drawn = papers.variants(course, record)
        sheet = papers.to_sheet(course, record, drawn, blueprint["title"] or course.title, key=True)
        sheet.pop("mac")  # it covers the key, so no student's sheet has it
        banner = translate(_("KEY, for the teacher only: %(title)s"), record["lang"])
        sheet["title"] = banner % {"title": sheet["title"]}
        data = {
            "schema": 1,
            "paper": record["paper"],
            "student": record["student"],
            "questions": [{"variant": variant.name, "key": key(variant)} for variant in drawn],
        }
        yield data, sheet
