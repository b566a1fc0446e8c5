"""The teacher's pages: who has begun, handed in, is stuck; marks, feedback, report, links, files."""

import io
import sqlite3
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from starlette.responses import RedirectResponse, Response

from quiz.course import analysis, gradebook, report
from quiz.course import sitting as sittings
from quiz.course.ledger import Ledger, now
from quiz.files import file_name, safe_cell
from quiz.text import mark as _
from quiz.text.errors import Locked
from quiz.web import fields, guard, pages, storage
from quiz.web.desk import KEPT, TEACHER, WAITING, Desk
from quiz.web.guard import Denied
from quiz.web.migrations import draft, handed, link, release
from quiz.web.papers import OWN_POLICY, desk_of, moment
from quiz.web.site import Visit

#: Minutes without a change after which somebody who has begun seems stuck.
STUCK = 10


def enter(visit: Visit) -> Response:
    """Open the teacher's link: this browser stands for the teacher from now on."""
    desk = desk_of(visit)
    if not desk.is_teacher(visit.request.path_params["token"]):
        visit.site.guesses.check(visit.address)
        raise Denied(404, _("This link is not valid, or not any more; `quiz serve` shows the present one."))
    visit.become("teacher", TEACHER, desk.version(TEACHER))
    return RedirectResponse("/teacher", 303)


def _desk(visit: Visit) -> Desk:
    """Return the course, for the teacher only."""
    found, desk = visit.subject("teacher"), desk_of(visit)
    if found is None or found[1] != desk.version(TEACHER):
        raise guard.not_found()
    return desk


def _sitting(visit: Visit, desk: Desk) -> str:
    name = visit.request.path_params["sitting"]
    with desk.ledger() as ledger:
        if ledger.blueprint(name) is None:
            raise guard.not_found()
    return name


def overview(visit: Visit) -> Response:
    """Show the sittings, and what was done lately."""
    desk = _desk(visit)
    with desk.ledger() as ledger:
        rows = [
            {"sitting": own, "papers": ledger.papers(own), "marked": ledger.count(own)}
            for own in ledger.in_time()
        ]
    lines = [
        row | {"time": moment(row["time"]), "kind": row["who"].partition(" ")[0]} for row in desk.history()
    ]
    about = {"rows": rows, "heading": desk.course.title, "lines": lines}
    return pages.show(visit, "class.html", about)


def show(visit: Visit) -> Response:
    """Show a sitting, student by student."""
    desk = _desk(visit)
    sitting = _sitting(visit, desk)
    rows = students(desk, sitting, str(visit.request.base_url))
    counts = {
        state: sum(row["state"] == state for row in rows) for state in ("none", "begun", "stuck", "handed")
    }
    about = {"sitting": sitting, "rows": rows, "counts": counts, "released": desk.released(sitting)}
    return pages.show(visit, "sitting.html", about)


def students(desk: Desk, sitting: str, base: str) -> list[dict[str, Any]]:
    """Return what is known about each student of a sitting."""
    with desk.ledger() as ledger:
        marks = list(ledger.marks(sitting))
    with desk.storage.read() as db:
        versions = {row.student: row.version for row in db.execute(sa.select(link))}
        typed: dict[str, list[Any]] = {}
        for row in db.execute(sa.select(draft.c.paper, draft.c.field, draft.c.value, draft.c.typed)):
            typed.setdefault(row.paper, []).append(row)
        given: dict[str, list[Any]] = {}
        query = sa.select(handed.c.paper, handed.c.time, handed.c.state).where(handed.c.sitting == sitting)
        for row in db.execute(query.order_by(handed.c.time)):
            given.setdefault(row.paper, []).append(row)
    rows = []
    for record, mark in marks:
        own, paper = typed.get(record["paper"], []), record["paper"]
        last = max((row.typed for row in own), default="")
        times = given.get(paper, [])
        refused = [row.state for row in times if row.state not in (WAITING, KEPT)]
        token = desk.token(record["student"], versions.get(record["student"], 0))
        rows.append(
            {
                "student": record["student"], "name": record["name"], "group": record.get("group", ""),
                "paper": paper, "state": _state(bool(times), bool(own), last),
                "typed": moment(last) if last else "", "fields": sum(bool(row.value) for row in own),
                "handed": moment(times[-1].time) if times else "", "refused": "; ".join(refused),
                "percent": None if mark is None else 100 * mark.score, "link": f"{base}s/{token}",
            }
        )  # fmt: skip
    return rows


def _state(handed_in: bool, begun: bool, last: str) -> str:
    if handed_in:
        return "handed"
    if not begun:
        return "none"
    quiet = datetime.now(UTC) - datetime.fromisoformat(last)
    return "stuck" if quiet.total_seconds() > 60 * STUCK else "begun"


def act(visit: Visit) -> Response:
    """Release or withdraw feedback, mark again, hand in what is kept, give somebody a new link."""
    desk = _desk(visit)
    sitting = _sitting(visit, desk)
    doing, _colon, who = visit.form.get("do").partition(":")
    if doing in ("release", "withdraw"):
        _release(desk, sitting, doing, visit.form.get("solutions") == "1")
    elif doing == "regrade":
        _regrade(desk, sitting)
    elif doing == "collect":
        _collect(desk, sitting)
    elif doing == "revoke":
        with desk.ledger() as ledger:
            if ledger.record_of(sitting, who) is None:
                raise guard.not_found()
        desk.revoke(who)
    return RedirectResponse(visit.request.url.path, 303)


def _release(desk: Desk, sitting: str, doing: str, solutions: bool) -> None:
    with desk.storage.write() as db:
        if doing == "release":
            row = {"sitting": sitting, "solutions": int(solutions), "time": storage.now()}
            desk.storage.put(db, release, row)
        else:
            db.execute(release.delete().where(release.c.sitting == sitting))
        db.execute(storage.log_row("teacher", doing, sitting))


def _regrade(desk: Desk, sitting: str) -> None:
    desk.mark_waiting()
    try:
        with Ledger(desk.course.database) as ledger:
            changes = list(sittings.remark(desk.course, ledger, sitting, reason="web", jobs=1))
    except sqlite3.OperationalError:
        raise Locked(_("the course is in use by another program; try again in a minute")) from None
    with desk.storage.write() as db:
        db.execute(storage.log_row("teacher", "regrade", f"{sitting}: {len(changes)}"))


def _collect(desk: Desk, sitting: str) -> None:
    """Hand in what is kept of those who have typed something and not handed in, as of their last change."""
    with desk.ledger() as ledger:
        records = list(ledger.records(sitting))
    for record in records:
        values = desk.drafts(record["paper"])
        if not any(values.values()) or desk.receipts(record["paper"]):
            continue
        with desk.storage.read() as db:
            last = db.execute(
                sa.select(sa.func.max(draft.c.typed)).where(draft.c.paper == record["paper"])
            ).scalar_one()
        answers = {
            str(q["number"]): {a["name"]: fields.compose(a, q["number"], values) for a in q["asks"]}
            for q in desk.sheet(record)["questions"]
        }
        desk.hand_in(record, answers, min(last[:19] + "+00:00", now()), "teacher")


def download(visit: Visit) -> Response:
    """Return a file of a sitting: the gradebook, the links, the report, or everything as an archive."""
    desk = _desk(visit)
    sitting, wanted = _sitting(visit, desk), visit.request.path_params["file"]
    makers = {
        "gradebook.csv": (lambda: _gradebook(desk, sitting, visit.lang), "text/csv"),
        "links.csv": (lambda: _links(desk, sitting, str(visit.request.base_url)), "text/csv"),
        "report.html": (lambda: _report(desk, sitting, visit.lang), "text/html"),
        "course.zip": (lambda: _archive(desk, sitting, visit.lang), "application/zip"),
    }
    if wanted not in makers:
        raise guard.not_found()
    make, kind = makers[wanted]
    name = f"{file_name(sitting, 'sitting')}-{wanted}"
    how = (
        "inline"
        if wanted == "report.html"
        else f'attachment; filename="{name.encode("ascii", "replace").decode()}"'
    )
    headers = {"content-disposition": how, "content-security-policy": OWN_POLICY}
    return Response(make(), media_type=kind, headers=headers)


def _gradebook(desk: Desk, sitting: str, lang: str) -> bytes:
    with tempfile.TemporaryDirectory() as place, desk.ledger() as ledger:
        path = Path(place) / "gradebook.csv"
        gradebook.write_gradebook(desk.course, ledger, sitting, path, lang, bom=True)
        return path.read_bytes()


def _links(desk: Desk, sitting: str, base: str) -> bytes:
    rows = students(desk, sitting, base)
    cells = [[safe_cell(row["student"]), safe_cell(row["name"]), row["link"]] for row in rows]
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells]
    return (
        "\N{ZERO WIDTH NO-BREAK SPACE}id,name,link\r\n" + "".join(f"{line}\r\n" for line in lines)
    ).encode()


def _report(desk: Desk, sitting: str, lang: str) -> bytes:
    with desk.ledger() as ledger:
        marks = list(ledger.marks(sitting))
    title = f"{desk.course.title} · {sitting}"
    return report.page(analysis.analyse(marks), title, lang, marks).encode()


def _archive(desk: Desk, sitting: str, lang: str) -> bytes:
    """Return the gradebook, the report and what was handed in; never the secret."""
    with desk.storage.read() as db:
        query = sa.select(handed.c.receipt, handed.c.body).where(handed.c.sitting == sitting)
        rows = db.execute(query.order_by(handed.c.time)).all()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("gradebook.csv", _gradebook(desk, sitting, lang))
        archive.writestr("report.html", _report(desk, sitting, lang))
        for receipt, body in rows:
            archive.writestr(f"handed-in/{receipt}.json", body)
    return made.getvalue()
