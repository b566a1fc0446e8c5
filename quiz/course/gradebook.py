"""The gradebook of a sitting, as CSV."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from quiz.course.folder import Course
from quiz.course.ledger import Ledger, Mark
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
    group: str = "",
) -> None:
    """Write the gradebook of a sitting: a line per paper, with the percentage and the score of each question.

    Args:
        course: whose papers they are.
        ledger: the papers and marks.
        sitting: the name of the sitting.
        path: the CSV file; only its owner can read it.
        lang: the language of the first line.
        bom: whether to start with a byte order mark, by which spreadsheets recognise UTF-8.
        comma: whether to use decimal commas and semicolons between columns, as spreadsheets in Kazakh and
            Russian do.
        group: only the students of this group.
    """
    lines = _lines(ledger, sitting, lang, comma, group)
    write_atomic(path, _marked(lines) if bom else lines, private=True)


def _marked(lines: Iterator[str]) -> Iterator[str]:
    yield "\N{ZERO WIDTH NO-BREAK SPACE}"
    yield from lines


def _lines(ledger: Ledger, sitting: str, lang: str, comma: bool, group: str) -> Iterator[str]:
    """The lines of the gradebook, one at a time."""
    slots = (ledger.blueprint(sitting) or {"slots": ()})["slots"]
    titles = (_("Student"), _("Name"), _("Paper"), _("State"), _("Percent"))
    places = [
        str(place) if slot.get("points", 1) == 1 else f"{place} ({_number(slot['points'], 2, comma)})"
        for place, slot in enumerate(slots, 1)
    ]
    yield _row([*(translate(title, lang) for title in titles), *places, translate(_("Group"), lang)], comma)
    for record, mark in ledger.marks(sitting):
        own = record.get("group", "")
        if group and own != group:
            continue
        cells = [safe_cell(record["student"]), safe_cell(record["name"]), record["paper"], state(mark, lang)]
        shares = [_number(q["score"], 4, comma) for q in mark.result["questions"]] if mark else []
        percent = _number(100 * mark.score, 2, comma) if mark else ""
        blank = [""] * (len(places) - len(shares))
        yield _row([*cells, percent, *shares, *blank, safe_cell(own)], comma)


def state(mark: Mark | None, lang: str) -> str:
    """Return the state of a paper: marked or not handed in, and what was taken into account."""
    if mark is None:
        return translate(_("not handed in"), lang)
    words = [_STATES[name] for name in _STATES if mark.about.get(name)]
    return ", ".join(translate(word, lang) for word in words or [_("marked")])


_STATES = {
    "by_hand": _("mark given by hand"), "blank": _("without answers"), "late": _("late"),
    "several": _("several submissions"),
}  # fmt: skip


def _row(cells: list[str], comma: bool) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=";" if comma else ",", lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _number(value: float, places: int, comma: bool) -> str:
    text = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text
