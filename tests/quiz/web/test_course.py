"""A class: the whole path of a student and of the teacher, without scripts."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from class_of_students import written
from serving import browsing, class_site

from quiz.course import papers
from quiz.course.decisions import decide
from quiz.course.ledger import Ledger
from quiz.text import LANGUAGES
from quiz.web import fields, server
from quiz.web.desk import KEPT, WAITING
from quiz.web.migrations import draft
from quiz.web.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made, _records = class_site(tmp_path, 3, 2)
    yield made
    made.warm.close()
    made.storage.close()


def records(site: Site) -> list[dict]:
    with desk(site).ledger() as ledger:
        return list(ledger.records("1"))


def desk(site: Site):
    assert site.desk is not None
    return site.desk


def link(site: Site, student: str) -> str:
    return f"/s/{desk(site).token(student, desk(site).version(student))}"


def right(site: Site, record: dict) -> dict[str, str]:
    """The right answers to a paper, as the values of its fields."""
    drawn = papers.variants(desk(site).course, record)
    made: dict[str, str] = {}
    for question, variant in zip(desk(site).sheet(record)["questions"], drawn, strict=True):
        answers = written(variant, record["lang"])
        for ask in question["asks"]:
            names = fields.names(ask, question["number"])
            answer = answers[ask["name"]]
            if ask["kind"] in ("vector", "matrix"):
                parts = answer.replace("[", " ").replace("]", " ").replace("|", " ").replace(";", " ").split()
                parts = [part.strip("()") for part in parts if part.strip("()")]
                made |= dict(zip(names, parts, strict=True))
            elif ask["kind"] == "several":
                made |= {name: str(o) for o, name in enumerate(names) if str(o) in answer.split()}
            elif ask["kind"] == "order":
                made |= {f"{question['number']}:{ask['name']}:{o}": str(p)
                         for p, o in enumerate(answer.split(), 1)}  # fmt: skip
            else:
                made[names[0]] = answer
    return made


def decided(site: Site, **made: str) -> None:
    """Decide for the sitting as ``quiz course rule`` does."""
    with Ledger(desk(site).course.database) as ledger, ledger.db:
        about = {(name, ""): value for name, value in made.items()}
        decide(ledger, "1", about, ledger.event("1", "decision"))


@pytest.mark.parametrize("place", range(3), ids=LANGUAGES)
def test_a_student_answers_hands_in_and_reads_the_feedback(site: Site, place: int):
    record = records(site)[place]
    with browsing(site) as student, browsing(site) as teacher:
        student.get(link(site, record["student"]))
        assert student.path == "/course"
        student.get(f"/course/{record['paper']}")
        assert f'<html lang="{record["lang"]}"' in student.text
        student.send("keep", **right(site, record))
        student.send("hand-in")
        (receipt,) = desk(site).receipts(record["paper"])
        assert receipt["receipt"] in student.text
        assert receipt["state"] == WAITING
        assert desk(site).mark_waiting() == 1
        assert desk(site).receipts(record["paper"])[0]["state"] == KEPT
        student.get(f"/course/{record['paper']}/feedback", 403)
        teacher.get("/" + server.teacher_path(site))
        teacher.get("/teacher/1")
        assert "<td>100</td>" in teacher.text
        teacher.send("release", solutions="1")
        student.get(f"/course/{record['paper']}/feedback")
        assert "100" in student.text
        student.get(f"/course/{record['paper']}")
        assert 'value="hand-in"' not in student.text
        student.post(f"/course/{record['paper']}/keep", 403, **{"1:z": "5"})
    with Ledger(desk(site).course.database) as ledger:
        _record, mark = ledger.mark(record["paper"])
        assert mark is not None
        assert mark.score == 1.0
        assert mark.handed == receipt["time"]
        assert mark.source == f"{receipt['receipt']}.json"


def test_what_is_typed_survives_a_restart_and_two_devices_do_not_overwrite_each_other(tmp_path: Path):
    site, (record, *_rest) = class_site(tmp_path, 1, 1)
    path = f"/course/{record['paper']}"
    with browsing(site) as phone, browsing(site) as desk_top:
        for browser in (phone, desk_top):
            browser.get(link(site, record["student"]))
            browser.get(path)
        phone.send("keep", **{"1:z": "0,5", "1:y": "1"})
        desk_top.send("keep", **{"1:e": "-1"})  # its page shows z and y still empty
        assert 'name="1:z" value="0,5"' in desk_top.text
        assert 'name="1:y" value="1"' in desk_top.text
        phone.client.post(path + "/keep", data={"token": phone.token, "1:z": "", "was:1:z": "0,5"})
    site.warm.close()
    site.storage.close()
    again = server.for_many("en", "", tmp_path / "ann")
    with browsing(again) as browser:
        browser.get(link(again, record["student"]))
        browser.get(path)
        assert 'name="1:z" value=""' in browser.text
        assert 'name="1:e" value="-1"' in browser.text
    again.warm.close()
    again.storage.close()


def test_handing_in_names_what_is_missing_and_takes_it_when_confirmed(site: Site):
    record = records(site)[2]
    with browsing(site) as student:
        student.get(link(site, record["student"]))
        student.get(f"/course/{record['paper']}")
        student.send("hand-in", **{"1:z": "5"})
        assert 'id="missing"' in student.text
        assert desk(site).receipts(record["paper"]) == []
        student.send("sure")
        assert len(desk(site).receipts(record["paper"])) == 1
        desk(site).mark_waiting()
    (kept,) = (desk(site).course.path / "handed-in").iterdir()
    assert json.loads(kept.read_text("utf-8"))["answers"]["1"]["z"] == "5"
    assert kept.stat().st_mode & 0o077 == 0


def test_deadlines_extra_time_and_late_work_hold(site: Site):
    record = records(site)[0]
    with browsing(site) as student:
        student.get(link(site, record["student"]))
        decided(site, deadline="2020-01-01T00:00:00+00:00", late="10")
        assert 'class="late"' in student.get(f"/course/{record['paper']}")
        student.send("keep", **{"1:z": "5"})
        decided(site, late="refuse")
        student.post(f"/course/{record['paper']}", 403, do="keep", **{"1:z": "6"})
        decided(site, extra=str(60 * 24 * 365 * 100))
        student.get(f"/course/{record['paper']}")
        student.send("keep", **{"1:z": "6"})
        assert 'name="1:z" value="6"' in student.text
        decided(site, closed="yes")
        student.post(f"/course/{record['paper']}", 403, do="hand-in")


def test_a_revoked_link_and_its_browsers_are_shut_out(site: Site):
    record = records(site)[0]
    old = link(site, record["student"])
    with browsing(site) as student, browsing(site) as teacher:
        student.get(old)
        teacher.get("/" + server.teacher_path(site))
        teacher.get("/teacher/1")
        teacher.send(f"revoke:{record['student']}")
        student.get("/course", 403)
        student.get(old, 404)
        student.get(link(site, record["student"]))
        desk(site).revoke("")
        teacher.get("/teacher", 404)


def test_a_teacher_sees_who_is_where_collects_and_downloads(site: Site):
    first, second, _third = records(site)
    desk(site).keep(first["paper"], {"1:z": "1,5"})
    with site.storage.write() as db:
        db.execute(draft.update().values(typed="2020-01-01T00:00:00.000+00:00"))
    desk(site).keep(second["paper"], {"1:z": "2,5"})
    with browsing(site) as teacher:
        teacher.get("/" + server.teacher_path(site))
        teacher.get("/teacher/1")
        for state in ("perhaps stuck", "working", "not started"):
            assert f"<td>{state}" in teacher.text
        teacher.send("collect")
        assert teacher.text.count("<td>handed in") == 2
        desk(site).mark_waiting()
        teacher.send("regrade")
        files = {name: teacher.client.get(f"/teacher/1/{name}").content
                 for name in ("gradebook.csv", "links.csv", "report.html", "course.zip")}  # fmt: skip
        assert first["paper"].encode() in files["gradebook.csv"]
        assert link(site, first["student"]).encode() in files["links.csv"]
        assert "ЖНЖ".encode() in files["report.html"]
        with zipfile.ZipFile(io.BytesIO(files["course.zip"])) as archive:
            assert len([name for name in archive.namelist() if name.startswith("handed-in/")]) == 2
            whole = b"".join(archive.read(name) for name in archive.namelist())
        assert desk(site).course.secret.hex().encode() not in whole
        teacher.get("/teacher/1/secret", 404)
        teacher.get("/teacher/nothing", 404)
        teacher.get("/teacher")
        assert "opened the link" in teacher.text
    with Ledger(desk(site).course.database) as ledger:
        assert ledger.mark(first["paper"])[1].handed == "2020-01-01T00:00:00+00:00"
