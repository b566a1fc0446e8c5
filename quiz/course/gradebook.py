"""The gradebook of a sitting, as CSV."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.files import safe_cell, write_atomic
from quiz.text import mark as _
from quiz.text import translate


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
    """Write the gradebook of a sitting: a line per paper, with the percentage and the score of each question.

    Args:
        course: whose papers they are.
        ledger: the papers and marks.
        sitting: the name of the sitting.
        path: the CSV file.
        lang: the language of the first line.
        bom: whether to start with a byte order mark, by which spreadsheets recognise UTF-8.
        comma: whether to use decimal commas and semicolons between columns, as spreadsheets in Kazakh and
            Russian do.
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
        about = [safe_cell(record["student"]), safe_cell(record["name"]), record["paper"]]
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
