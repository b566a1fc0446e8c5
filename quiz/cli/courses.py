"""Opens a course for a command, and says what is wrong with its database."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quiz.course import folder, papers
from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.files import remove_leftovers
from quiz.text import mark as _
from quiz.text.errors import InFile, Invalid, Locked, Machine, Refusal, one_line


@contextmanager
def opened(path: Path) -> Iterator[tuple[Course, Ledger]]:
    """Open a course and its ledger.

    Raises:
        Refusal: there is no course, or its database is locked, damaged or cannot be written.
    """
    course = folder.open_course(path)
    remove_leftovers(path)
    try:
        with Ledger(course.database) as ledger:
            papers.check_secret(course, ledger)
            yield course, ledger
    except sqlite3.Error as error:
        refusal = _refusal(error)
        refused = InFile(course.database.name, refusal)
        refused.code = refusal.code
        raise refused from None


def _refusal(error: sqlite3.Error) -> Refusal:
    """Return a database's error as a sentence: locked, the machine's fault, or damaged."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return Locked(_("cannot be read: %(reason)s"), reason=_("it is in use by another program"))
    if "full" in text:
        return Machine(_("cannot be written: %(reason)s"), reason=_("no space left on the disk"))
    if "readonly" in text or "unable to open" in text:
        return Machine(_("cannot be written: %(reason)s"), reason=_("permission denied"))
    if "disk I/O" in text:
        return Machine(_("cannot be read: %(reason)s"), reason=_("the disk reports an error"))
    if isinstance(error, sqlite3.NotSupportedError):
        return Invalid(_("cannot be read: %(reason)s"), reason=_("it was made by a later version of quiz"))
    return Invalid(_("cannot be read: %(reason)s"), reason=_("it is damaged or not a database"))


def check_sitting(ledger: Ledger, sitting: str) -> None:
    """Refuse a sitting that has no papers."""
    if ledger.blueprint(sitting) is None:
        known = ", ".join(ledger.sittings()) or "-"
        raise Refusal(
            _("there is no sitting %(sitting)s; known are: %(known)s"), sitting=sitting, known=known
        )


def check_group(ledger: Ledger, group: str, sitting: str | None = None) -> None:
    """Refuse a group of which no student has a paper in a sitting, or in any; no group is everybody."""
    sittings = ledger.sittings() if sitting is None else [sitting]
    known = (
        {record.get("group", "") for own in sittings for record in ledger.records(own)} if group else set()
    )
    if group and group not in known:
        names = ", ".join(sorted(known - {""})) or "-"
        raise Refusal(
            _("there is no group %(group)s; known are: %(known)s"),
            group=one_line(group),
            known=one_line(names),
        )
