"""What a teacher must know about a sitting: who handed in nothing, what could not be read, what to decide."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from quiz.course import kept
from quiz.course.decisions import rules
from quiz.course.derive import several
from quiz.course.ledger import Ledger, Mark
from quiz.files import safe_cell, write_atomic
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import one_line, sentence
from quiz.text.numbers import write

#: Lines of one kind that are shown; all are in the table.
MOST_SHOWN = 40

Finding = dict[str, Any]


def findings(ledger: Ledger, sitting: str, group: str = "") -> Iterator[Finding]:
    """Yield what should be known about each paper of a sitting, in the order of the roster.

    Args:
        ledger: the papers and marks.
        sitting: the name of the sitting.
        group: only the students of this group.

    Yields:
        ``kind`` (``missing``, ``blank``, ``note``, ``unreadable``, ``several``, ``late``, ``refused``,
        ``closed``, ``by hand``), ``todo`` (whether it asks for a decision), ``student``, ``name``, ``group``,
        ``source``, ``line``, and ``template`` with ``given``.
    """
    decided = rules(ledger, sitting).decided
    for record, mark in ledger.marks(sitting):
        if group and record.get("group", "") != group:
            continue
        about = {
            "student": record["student"], "name": record["name"], "group": record.get("group", ""),
            "source": mark.source if mark else "", "line": mark.line if mark else 0,
        }  # fmt: skip
        made = _without_mark(ledger, record) if mark is None else _with_mark(ledger, record, mark, decided)
        yield from (about | finding for finding in made)


def _finding(kind: str, template: str, *, todo: bool = False, **given: object) -> Finding:
    return {"kind": kind, "todo": todo, "template": template, "given": given}


def _without_mark(ledger: Ledger, record: Mapping[str, Any]) -> Iterator[Finding]:
    if any(several(ledger, record["paper"], record["sitting"])):
        yield _finding("refused", _("what was handed in came too late and does not count"))
    else:
        yield _finding("missing", _("nothing was handed in"))


def _with_mark(ledger: Ledger, record: Mapping[str, Any], mark: Mark, decided: bool) -> Iterator[Finding]:
    about, lang = mark.about, record["lang"]
    if about.get("by_hand"):
        percent = write(100 * mark.score, lang, 2)
        yield _finding("by hand", _("the mark is given by hand: %(mark)s of 100"), mark=percent)
    if about.get("blank"):
        yield _finding("blank", _("the paper was handed in without any answer"))
    if about.get("late"):
        yield _finding(
            "late", _("handed in late by %(minutes)s minutes"), minutes=write(about["late"], lang, 0)
        )
    if about.get("refused"):
        yield _finding("refused", _("another submission came too late and does not count"))
    if about.get("closed"):
        yield _finding("closed", _("another submission came after the sitting was closed and does not count"))
    if about.get("several") and not about.get("chosen"):
        files = [f"{c.source} ({c.handed or '?'})" for c in several(ledger, mark.paper, record["sitting"])]
        message = _("%(count)s different submissions: %(files)s; the one that counts is %(own)s")
        files = one_line(", ".join(files), 400)
        yield _finding(
            "several", message, todo=not decided, count=about["several"], files=files, own=mark.source
        )
    for note in kept.notes(ledger, mark.submission) if mark.submission else ():
        yield {"kind": "note", "todo": True, **note}
    for place, question in enumerate(mark.result["questions"], 1):
        for part in question["parts"]:
            if part["status"] == "invalid":
                given = {"place": place, "ask": part["name"], "typed": one_line(part["given"], 80)}
                message = _("question %(place)s, %(ask)s: %(typed)s cannot be read")
                yield _finding("unreadable", message, todo=True, **given)


def describe(finding: Finding, lang: str) -> str:
    """Return a finding as one line: the student, the file, what is to be known."""
    name = "" if finding["name"] == finding["student"] else f" {finding['name']}"
    where = f", {finding['source']}" if finding["source"] else ""
    where += f":{finding['line']}" if finding["source"] and finding["line"] else ""
    return one_line(f"{finding['student']}{name}{where}", 200) + ": " + _text(finding, lang)


def _text(finding: Finding, lang: str) -> str:
    return sentence(finding["template"], finding["given"], lang)


def lines(found: Iterable[Finding], lang: str) -> Iterator[str]:
    """Yield what to show of the findings: few lines of each kind, three of a student."""
    shown: dict[str, int] = {}
    own: dict[tuple[str, str], int] = {}
    last = None
    for finding in found:
        kind, student = finding["kind"], finding["student"]
        if last != student:
            yield from _more(own, lang)
            own, last = {}, student
        own[kind, student] = own.get((kind, student), 0) + 1
        if own[kind, student] <= 3:
            shown[kind] = shown.get(kind, 0) + 1
            if shown[kind] <= MOST_SHOWN:
                yield describe(finding, lang)
    yield from _more(own, lang)
    if hidden := sum(max(0, count - MOST_SHOWN) for count in shown.values()):
        yield translate(_("%(count)d more lines are in the table of problems"), lang) % {"count": hidden}


def _more(own: Mapping[tuple[str, str], int], lang: str) -> Iterator[str]:
    for (_kind, student), count in own.items():
        if count > 3:
            yield translate(_("%(student)s: %(count)d more of the same"), lang) % {
                "student": one_line(student), "count": count - 3,
            }  # fmt: skip


def write_table(path: Path, problems: Iterable[Finding], found: Iterable[Finding], lang: str) -> int:
    """Write all problems of files and all findings as CSV, for the teacher only; return their number."""
    count = 0

    def rows() -> Iterator[str]:
        nonlocal count
        titles = (_("Kind"), _("Student"), _("Name"), _("Group"), _("File"), _("Line"), _("What"))
        yield _row([translate(title, lang) for title in titles])
        for each in problems:
            count += 1
            yield _row(
                [
                    each["kind"],
                    "",
                    "",
                    "",
                    each["source"],
                    each["line"] or each.get("at", 0),
                    _text(each, lang),
                ]
            )
        for each in found:
            count += 1
            yield _row(
                [
                    *(each[name] for name in ("kind", "student", "name", "group", "source", "line")),
                    _text(each, lang),
                ]
            )

    write_atomic(path, rows(), private=True)
    return count


def _row(cells: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([safe_cell(str(cell)) for cell in cells])
    return line.getvalue()
