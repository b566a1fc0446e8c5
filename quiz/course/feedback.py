"""Feedback: one page per student."""

from html import escape
from pathlib import Path
from typing import Any

from quiz import bank
from quiz.course.folder import Course
from quiz.course.ledger import Ledger, Mark
from quiz.files import file_name, write_atomic
from quiz.render import html
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.numbers import write


def write_feedback(course: Course, ledger: Ledger, sitting: str, folder: Path) -> int:
    """Write one HTML page for each marked paper, in the student's language; return their number."""
    count = 0
    for record, mark in ledger.marks(sitting):
        if mark is not None:
            name = file_name(record["student"], record["paper"])
            write_atomic(folder / f"{name}.html", feedback(course, record, mark), sync=False)
            count += 1
    return count


def feedback(course: Course, record: dict[str, Any], mark: Mark) -> str:
    """Return the page of one student: the marks, question by question, with what helps."""
    lang = record["lang"]
    percent = translate(_("Result: %(percent)s of 100"), lang) % {"percent": write(100 * mark.score, lang, 1)}
    body = [
        f"<h1>{html.text(course.title)}</h1>",
        f"<p><b>{escape(record['name'])}</b> ({escape(record['student'])})</p>",
        f'<p class="note">{escape(record["sitting"])} · {escape(mark.paper)}</p>',
        f"<p><b>{escape(percent)}</b></p>",
    ]
    for place, q in enumerate(mark.result["questions"], 1):
        title = (
            translate(bank.exercise(q["exercise"]).title, lang)
            if q["exercise"] in bank.ids()
            else q["exercise"]
        )
        body.append(
            f"<section><h2>{place}. {html.text(title)}: {write(100 * q['score'], lang, 1)}</h2><table>"
        )
        for part in q["parts"]:
            sign = {"correct": "✓", "follow-through": "✓", "blank": "–", "invalid": "?"}.get(
                part["status"], "✗"
            )
            body.append(
                f"<tr><td>{sign}</td><th>{escape(part['name'])}</th><td>{escape(part['given'])}</td>"
                f"<td>{html.text(part['message'])}</td></tr>"
            )
        body.append("</table></section>")
    return html.page(course.title, lang, "\n".join(body))
