"""A student's pages: the papers, one paper with what was typed, handing in, feedback."""

from datetime import UTC, datetime
from typing import Any

from starlette.responses import JSONResponse, RedirectResponse, Response

from quiz.course.feedback import feedback, right_answers
from quiz.course.ledger import now
from quiz.course.papers import variants
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.fill import strip
from quiz.web import fields, guard, pages
from quiz.web.desk import Desk
from quiz.web.guard import Denied
from quiz.web.site import Visit

Record = dict[str, Any]

#: What the HTML pages of `quiz.course` need: their own style, no script.
OWN_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
)


def desk_of(visit: Visit) -> Desk:
    """Return the course that is served."""
    assert visit.site.desk is not None
    return visit.site.desk


def enter(visit: Visit) -> Response:
    """Open a personal link: this browser stands for the student from now on."""
    visit.site.guesses.check(visit.address, 0.0)
    found = desk_of(visit).owner(visit.request.path_params["token"])
    if found is None:
        visit.site.guesses.check(visit.address)
        raise Denied(404, _("This link is not valid, or not any more; ask your teacher for a new one."))
    visit.become("student", *found)
    return RedirectResponse("/course", 303)


def student(visit: Visit) -> str:
    """Return who asks.

    Raises:
        Denied: nobody who has opened a link that still holds.
    """
    found = visit.subject("student")
    if found is None or found[1] != desk_of(visit).version(found[0]):
        raise Denied(403, _("Open this page by the personal link that your teacher has given you."))
    return found[0]


def _own(visit: Visit) -> Record:
    """Return the paper that is asked for, if it is the student's own."""
    who = student(visit)
    with desk_of(visit).ledger() as ledger:
        record = ledger.record(visit.request.path_params["paper"])
    if record is None or record["student"] != who:
        raise guard.not_found()
    return record


def _situation(desk: Desk, record: Record) -> dict[str, Any]:
    """Return what the teacher's decisions mean for a paper now."""
    found, who = desk.rules(record["sitting"]), record["student"]
    until = found.deadline(who)
    late = found.minutes_late(who, now()) > 0
    released = desk.released(record["sitting"])
    return {
        "until": until and moment(until),
        "late": late,
        "open": found.closed is None and not (late and found.refuses_late) and released is None,
        "released": released is not None,
        "keep": found.keep,
    }


def moment(text: str) -> str:
    """Write a time in the time zone of the server."""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")


def overview(visit: Visit) -> Response:
    """Show all papers of the student."""
    who, desk = student(visit), desk_of(visit)
    rows = []
    with desk.ledger() as ledger:
        records = [ledger.record_of(sitting, who) for sitting in ledger.in_time()]
    for record in filter(None, records):
        receipts = desk.receipts(record["paper"])
        rows.append(
            {"paper": record["paper"], "sitting": record["sitting"], "name": record["name"],
             "handed": moment(receipts[0]["time"]) if receipts else ""}
            | _situation(desk, record)
        )  # fmt: skip
    return pages.show(visit, "papers.html", {"rows": rows, "heading": desk.course.title})


def show(visit: Visit) -> Response:
    """Show a paper with what was typed so far."""
    record, desk = _own(visit), desk_of(visit)
    return _page(visit, desk, record, desk.drafts(record["paper"]))


def _page(
    visit: Visit, desk: Desk, record: Record, values: dict[str, str], *, sure: bool = False
) -> Response:
    sheet = desk.sheet(record)
    questions = [
        question | {"asks": [a | {"fields": fields.names(a, question["number"])} for a in question["asks"]]}
        for question in sheet["questions"]
    ]
    missing = [
        {"place": q["number"], "ask": a["name"], "label": strip(a["label"])}
        for q in questions
        for a in q["asks"]
        if not fields.compose(a, q["number"], values)
    ]
    receipts = [{"receipt": r["receipt"], "time": moment(r["time"])} for r in desk.receipts(record["paper"])]
    about = {
        "lang": record["lang"], "sheet": sheet, "questions": questions, "values": values, "missing": missing,
        "sure": sure, "receipts": receipts, "expressions": sheet.get("expressions", True),
    } | _situation(desk, record)  # fmt: skip
    return pages.show(visit, "paper.html", about)


def _store(visit: Visit, desk: Desk, record: Record) -> dict[str, str]:
    """Keep the fields that differ from what the page had; what another device typed since stays.

    Returns:
        All values of the paper as they are kept now.
    """
    if not _situation(desk, record)["open"]:
        raise Denied(403, _("This paper is closed; what was typed before the end is kept."))
    known = {
        n for q in desk.sheet(record)["questions"] for a in q["asks"] for n in fields.names(a, q["number"])
    }
    form = visit.form.values()
    changed = {
        name: form.get(name, "")
        for name in known
        if (name in form or f"was:{name}" in form) and form.get(name, "") != form.get(f"was:{name}", "")
    }
    if changed:
        desk.keep(record["paper"], changed)
    return desk.drafts(record["paper"])


def keep(visit: Visit) -> Response:
    """Keep what a script has sent while the student types."""
    record, desk = _own(visit), desk_of(visit)
    _store(visit, desk, record)
    return JSONResponse({"kept": moment(datetime.now(UTC).isoformat())})


def work(visit: Visit) -> Response:
    """Keep what was typed; hand in, if the button says so, and nothing is missing or the student is sure."""
    record, desk = _own(visit), desk_of(visit)
    values, doing = _store(visit, desk, record), visit.form.get("do")
    if doing not in ("hand-in", "sure"):
        return RedirectResponse(f"/course/{record['paper']}", 303)
    answers = {
        str(q["number"]): {a["name"]: fields.compose(a, q["number"], values) for a in q["asks"]}
        for q in desk.sheet(record)["questions"]
    }
    blank = any(not answer for own in answers.values() for answer in own.values())
    if doing == "hand-in" and blank:
        return _page(visit, desk, record, values, sure=True)
    desk.hand_in(record, answers, now(), f"student {record['student']}")
    return RedirectResponse(f"/course/{record['paper']}#receipt", 303)


def feedback_page(visit: Visit) -> Response:
    """Show the feedback, once the teacher has released it."""
    record, desk = _own(visit), desk_of(visit)
    solutions = desk.released(record["sitting"])
    if solutions is None:
        raise Denied(403, _("The feedback is not released yet."))
    with desk.ledger() as ledger:
        record, mark = ledger.mark(record["paper"])
    if mark is None:
        raise Denied(404, translate(_("Nothing was handed in for this paper."), visit.lang))
    drawn = variants(desk.course, record)
    own = list(zip(drawn, right_answers(drawn), strict=True))
    page = feedback(desk.course, record, mark, own, solutions=solutions)
    return Response(page, media_type="text/html", headers={"content-security-policy": OWN_POLICY})
