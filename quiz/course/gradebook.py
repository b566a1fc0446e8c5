"""What comes out of marking: the gradebook as CSV, and one page of feedback for each student."""

import csv
import io
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from quiz import bank
from quiz.course.folder import Course, file_name, write_atomic
from quiz.course.ledger import Ledger, Mark
from quiz.render import html
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.numbers import write

#: What a spreadsheet takes for the beginning of a formula, full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
            "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    Example:
        >>> cell("=HYPERLINK(1)"), cell("Әлия")
        ("'=HYPERLINK(1)", 'Әлия')
    """
    return "'" + text if text.lstrip(" \N{NO-BREAK SPACE}").startswith(_FORMULA) else text


def write_gradebook(
    course: Course,
    ledger: Ledger,
    sitting: str,
    path: Path,
    lang: str,
    *,
    bom: bool = False,
    comma: bool = False,
) -> None:
    """Write the gradebook of a sitting: a line for each paper, with its percentage and the questions' shares.

    Args:
        course: its papers.
        ledger: its marks.
        sitting: which papers.
        path: the CSV file.
        lang: the language of the first line.
        bom: begin with a byte order mark, by which spreadsheets know UTF-8.
        comma: decimal commas, and semicolons between the columns, as spreadsheets in Kazakh and Russian have.
    """
    write_atomic(
        path, "".join(_lines(course, ledger, sitting, lang, comma)).encode("utf-8-sig" if bom else "utf-8")
    )


def _lines(course: Course, ledger: Ledger, sitting: str, lang: str, comma: bool) -> Iterator[str]:
    """The lines of the gradebook, one at a time."""
    places = len((ledger.blueprint(sitting) or {"slots": ()})["slots"])
    titles = (_("Student"), _("Name"), _("Paper"), _("State"), _("Percent"))
    yield _row(
        [*(translate(title, lang) for title in titles), *(f"{place}" for place in range(1, places + 1))],
        comma,
    )
    for record, mark in ledger.marks(sitting):
        about = [cell(record["student"]), cell(record["name"]), record["paper"]]
        if mark is None:
            yield _row([*about, translate(_("not handed in"), lang), *[""] * (places + 1)], comma)
            continue
        shares = [_number(q["score"], 4, comma) for q in mark.result["questions"]]
        yield _row(
            [*about, translate(_("marked"), lang), _number(100 * mark.score, 2, comma), *shares], comma
        )


def _row(cells: list[str], comma: bool) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=";" if comma else ",", lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _number(value: float, places: int, comma: bool) -> str:
    text = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text


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
    """One student's marks, question by question, with what helps."""
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
