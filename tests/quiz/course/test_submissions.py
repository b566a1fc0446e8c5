"""Untrusted submissions: every form is read, nothing is executed, none stops the others."""

import csv
import io
import json
import os
import signal
import stat
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from class_of_students import hand_in, issue, new_course

from quiz.course import outcomes, sitting, workers
from quiz.course.ledger import Ledger
from quiz.course.submissions.find import Entry, find
from quiz.course.submissions.parse import MAX_SUBMISSION, load, parse
from quiz.export.formats import PAPERS
from quiz.text.errors import Malformed


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return new_course(tmp_path_factory.mktemp("intake") / "ann")


@pytest.fixture(scope="module")
def issued(course):
    return issue(course, 8, places=2)


@pytest.fixture(scope="module")
def right(course, issued):
    """Everybody's correct answers."""
    from class_of_students import written

    from quiz.course import papers

    answers = []
    for record, sheet in issued:
        drawn = papers.variants(course, record)
        given = {str(p): written(v, record["lang"]) for p, v in enumerate(drawn, 1)}
        answers.append({"paper": record["paper"], "mac": sheet["mac"], "answers": given})
    return answers


def mark(course, path, **more):
    """Mark into an empty ledger that knows the papers."""
    with Ledger(course.database) as ledger:
        tables = ("marks", "submissions", "places", "results", "events")
        ledger.db.executescript("".join(f"DELETE FROM {table};" for table in tables))
        problems = list(sitting.mark(course, ledger, path, **{"jobs": 1, "sitting": "1"} | more))
        return problems, {r["paper"]: m.score for r, m in ledger.marks("1") if m is not None}


def test_lines_of_json(course, right, tmp_path):
    path = tmp_path / "all.jsonl"
    path.write_text(
        "\n".join(["", "{broken", *map(json.dumps, right), "x" * (MAX_SUBMISSION + 10), '{"paper": 1}'])
    )
    problems, scores = mark(course, path)
    assert scores == {r["paper"]: 1.0 for r in right}
    assert [(p["line"], p["kind"]) for p in problems] == [
        (2, "malformed"),
        (11, "malformed"),
        (12, "malformed"),
    ]


@pytest.mark.parametrize("long", [False, True], ids=["wide", "long"])
@pytest.mark.parametrize("between", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_tables(course, right, tmp_path, long, between):
    rows = []
    if long:
        rows.append(["Paper", "MAC", "Question", "Ask", "Answer"])
        for one in right:
            rows += [
                [one["paper"].lower(), one["mac"], place, ask, value]
                for place, given in one["answers"].items() for ask, value in given.items()
            ]  # fmt: skip
    else:
        names = sorted(
            {f"{place}.{ask}" for one in right for place, given in one["answers"].items() for ask in given}
        )
        rows.append(["paper", "mac", *names])
        for one in right:
            rows.append(
                [one["paper"], one["mac"], *(one["answers"][n.split(".")[0]][n.split(".")[1]] for n in names)]
            )
    text = io.StringIO()
    csv.writer(text, delimiter=between).writerows(rows)
    (tmp_path / "all.csv").write_text(text.getvalue(), "utf-8-sig")
    problems, scores = mark(course, tmp_path)
    assert problems == []
    assert scores == {one["paper"]: 1.0 for one in right}


def test_an_endless_cell_stops_nobody_else(course, right, tmp_path):
    one = right[0]
    rows = ["paper,mac,question,ask,answer", f"A,B,1,z,{'9' * 200_000}", ""]
    rows += [f'{one["paper"]},{one["mac"]},1,{ask},"{value}"' for ask, value in one["answers"]["1"].items()]
    (tmp_path / "all.csv").write_text("\n".join(rows), "utf-8")
    problems, scores = mark(course, tmp_path)
    assert [(p["line"], p["template"]) for p in problems] == [(2, "not a table")]
    assert scores == {one["paper"]: 0.5}


def test_an_answer_given_twice_is_said_and_the_first_counts(course, right, tmp_path):
    one = right[0]
    start = f"{one['paper']},{one['mac']},1"
    rows = ["paper,mac,question,ask,answer"]
    rows += [f'{start},{ask},"{value}"' for ask, value in one["answers"]["1"].items()]
    rows += [f"{start},{next(iter(one['answers']['1']))},12345"]
    (tmp_path / "all.csv").write_text("\n".join(rows), "utf-8")
    problems, scores = mark(course, tmp_path)
    assert [(p["line"], p["template"]) for p in problems] == [(len(rows), "this answer is given twice")]
    assert scores == {one["paper"]: 0.5}


def test_a_decimal_comma_is_never_cut_off_by_a_table(course, right, tmp_path):
    one = right[0]
    rows = ["paper,mac,question,ask,answer", f"{one['paper']},{one['mac']},1,z,0,5"]
    (tmp_path / "all.csv").write_text("\n".join(rows), "utf-8")
    problems, scores = mark(course, tmp_path)
    assert [(p["line"], p["template"]) for p in problems] == [(2, "more cells than columns")]
    assert scores == {}


def test_filled_notebooks_are_read_and_never_run(course, issued, right, tmp_path):
    trap = tmp_path / "trap"
    for number, ((_record, sheet), one) in enumerate(zip(issued, right, strict=True)):
        notebook = json.loads(PAPERS["notebook"](sheet))
        for cell in notebook["cells"]:
            source = "".join(cell["source"])
            for place, given in one["answers"].items():
                if source.startswith(f"answers[{place}]"):
                    for ask, value in given.items():
                        source = source.replace(f"\n{ask} = \n", f"\n{ask} = {value}\n")
            cell["source"] = source
        evil = f"open({str(trap)!r}, 'w').write('run')\nimport os; os.system('touch {trap}')"
        notebook["cells"].insert(1, {"cell_type": "code", "source": evil, "metadata": {}, "outputs": []})
        (tmp_path / f"{number}.ipynb").write_text(json.dumps(notebook), "utf-8")
    problems, scores = mark(course, tmp_path)
    assert problems == []
    assert scores == {one["paper"]: 1.0 for one in right}
    assert not trap.exists()


def test_archives(course, right, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number, one in enumerate(right[:4]):
            archive.writestr(f"group/{number}.json", json.dumps(one))
        archive.writestr("__MACOSX/._0.json", "junk")
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as archive:
        for number, one in enumerate(right[4:]):
            data = json.dumps(one).encode()
            about = tarfile.TarInfo(f"group/{number}.json")
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    problems, scores = mark(course, tmp_path)
    assert problems == []
    assert scores == {one["paper"]: 1.0 for one in right}


def test_malicious_archives_stop_nobody(course, right, tmp_path, monkeypatch):
    monkeypatch.setattr("quiz.course.submissions.archives.MAX_MEMBERS", 50)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../outside.json", json.dumps(right[1]))
        archive.writestr("/etc/absolute.json", json.dumps(right[1]))
        archive.writestr("C:\\drive.json", json.dumps(right[1]))
        link = zipfile.ZipInfo("link.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("nested.zip", b"PK")
        archive.writestr("fine.json", json.dumps(right[0]))
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.json", b" " * (20 * MAX_SUBMISSION))
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(60):
            archive.writestr(f"{number}.json", "{}")
    with tarfile.open(tmp_path / "c.tar", "w") as archive:
        for kind, name in (
            (tarfile.SYMTYPE, "soft.json"),
            (tarfile.LNKTYPE, "hard.json"),
            (tarfile.FIFOTYPE, "pipe.json"),
        ):
            about = tarfile.TarInfo(name)
            about.type, about.linkname = kind, "/etc/passwd"
            archive.addfile(about)
    (tmp_path / "d.zip").write_bytes(b"PK\x03\x04 not really")
    (tmp_path / "e.tar").write_bytes(b"\0" * 100)
    (tmp_path / "f.exe").write_bytes(b"MZ")
    os.symlink("/etc/passwd", tmp_path / "g.json")
    problems, scores = mark(course, tmp_path)
    assert scores == {right[0]["paper"]: 1.0}
    assert {p["kind"] for p in problems} == {"malformed"}
    named = {p["source"] for p in problems}
    assert {"many.zip", "bomb.zip/big.json", "c.tar/soft.json", "c.tar/hard.json", "c.tar/pipe.json"} <= named
    assert {"a.zip/../../outside.json", "a.zip//etc/absolute.json", "a.zip/link.json"} <= named
    assert {"a.zip/nested.zip", "d.zip", "f.exe"} <= named
    assert not [n for n in named if n.startswith("g.json")]
    assert not (tmp_path.parent / "outside.json").exists()


def test_a_zip_bomb_is_read_up_to_the_budget(tmp_path):
    """Many members with a high compression ratio: reading stops at the budget, not at the end."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(40):
            archive.writestr(f"{number:02d}.json", b" " * MAX_SUBMISSION)
    found = list(find(tmp_path / "a.zip"))
    assert sum(len(entry.data) for entry in found) <= 9 * MAX_SUBMISSION
    assert json.loads(found[-1].data)["template"] == "the archive is too large"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"nonsense", b"\xff", b"[]", b'"x"', b"{}", b'{"paper": "A", "mac": "B", "answers": []}',
        b'{"paper": "A", "mac": "B", "answers": {"1": "x"}}',
        b'{"paper": "A", "mac": "B", "answers": {"1": {"z": true}}}',
        b'{"paper": "A", "mac": "B", "answers": {"1": {"z": [[[1]]]}}}',
        b'{"paper": ["A"], "mac": "B", "answers": {}}',
        b'{"paper": "A", "mac": "B", "answers": {"1": {"z": "\\udc00"}}}', b'{"a": Infinity}', b"[" * 100_000,
        b'{"paper": "' + b"A" * 100 + b'", "mac": "B", "answers": {}}', b'{"x":' * 50_000, b"1" * 10_000,
        json.dumps({"paper": "A", "mac": "B", "answers": {"1": {str(i): "" for i in range(3000)}}}).encode(),
    ],
    ids=lambda data: data[:24].decode(errors="replace"),
)  # fmt: skip
def test_malformed_submissions_are_refused(data):
    with pytest.raises(Malformed):
        parse("json", data)


def test_one_member_never_stops_the_others(course, right, tmp_path):
    """An empty name, an unsupported compression, a damaged member, names equal in 120 letters."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number, name in enumerate([".", "foreign.json", "lzma.json"]):
            packing = zipfile.ZIP_LZMA if name == "lzma.json" else zipfile.ZIP_STORED
            archive.writestr(name, json.dumps(right[number]), packing)
        for number, one in enumerate(right):
            archive.writestr(f"{'ә' * 150}{number}.json", json.dumps(one))
    data = bytearray((tmp_path / "a.zip").read_bytes())
    for mark_of, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):  # method 9 is Deflate64
        name = data.index(b"foreign.json", data.index(mark_of))
        header = data.rindex(mark_of, 0, name)
        data[header + place : header + place + 2] = b"\x09\x00"
    packed = data.index(b"lzma.json") + len(b"lzma.json") + 4  # behind its version and size
    data[packed : packed + 5] = b"\xff" * 5  # properties that cannot be
    (tmp_path / "a.zip").write_bytes(data)
    problems, scores = mark(course, tmp_path)
    assert scores == {one["paper"]: 1.0 for one in right}
    assert [p["source"] for p in problems] == ["a.zip/.", "a.zip/foreign.json", "a.zip/lzma.json"]


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux alone")
def test_a_file_name_that_is_not_unicode(course, right, tmp_path):
    for number, one in enumerate(right[:2]):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xcf%d.json" % number)).write_text(json.dumps(one))
    problems, scores = mark(course, tmp_path)
    assert problems == []
    assert scores == {one["paper"]: 1.0 for one in right[:2]}


@pytest.mark.parametrize("cells", [None, {}, "x", [1, None, {"cell_type": "code", "source": {"a": 1}}]])
def test_malformed_notebooks_are_refused(cells):
    with pytest.raises(Malformed):
        parse("ipynb", json.dumps({"cells": cells}).encode())


def test_a_line_is_named():
    with pytest.raises(Malformed) as caught:
        parse("json", b'{\n"paper": "A",\n "mac" "B"}')
    assert caught.value.line == 3


def test_going_on_after_a_kill(course, issued, tmp_path):
    """The process is killed; what was marked stays, and the rest is marked by the next run."""
    made = new_course(tmp_path / "big")
    found = list(hand_in(made, issue(made, 480, places=1)))
    (tmp_path / "all.jsonl").write_bytes(b"\n".join(one.data().replace(b"\n", b" ") for one in found))
    code = (
        "import sys; from pathlib import Path; from quiz.course import folder, sitting\n"
        "from quiz.course.ledger import Ledger\n"
        "course = folder.open_course(Path(sys.argv[1]))\n"
        "with Ledger(course.database) as ledger:\n"
        "    show = lambda count: print(count, flush=True)\n"
        "    list(sitting.mark(course, ledger, Path(sys.argv[2]), sitting='1', jobs=1, progress=show))\n"
    )
    arguments = [sys.executable, "-c", code, str(made.path), str(tmp_path / "all.jsonl")]
    root = str(Path(sitting.__file__).parents[2])
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the first chunk is written down
        process.send_signal(signal.SIGKILL)
    with Ledger(made.database) as ledger:
        (before,) = ledger.db.execute("SELECT count(*) FROM submissions").fetchone()
        assert 0 < before < sum(one.score is not None for one in found)
        told = []
        list(sitting.mark(made, ledger, tmp_path / "all.jsonl", sitting="1", jobs=1, progress=told.append))
        scores = {r["paper"]: m.score for r, m in ledger.marks("1") if m is not None}
    assert sum(told) == len(found)
    assert told[:before].count(1) >= before  # passed over one by one, not marked again
    expected = {one.paper: pytest.approx(one.score, abs=1e-12) for one in found if one.score is not None}
    assert scores == expected


def test_two_processes_give_the_same_marks(course, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "PARALLEL_FROM", 8)
    monkeypatch.setattr(workers, "CHUNK", 4)
    made = new_course(tmp_path / "two")
    found = list(hand_in(made, issue(made, 16, places=1)))
    for number, one in enumerate(found):
        (tmp_path / f"{number:02d}.json").write_bytes(one.data())
    begun = time.monotonic()
    with Ledger(made.database) as ledger:
        problems = list(sitting.mark(made, ledger, tmp_path, sitting="1", jobs=2))
        scores = {r["paper"]: m.score for r, m in ledger.marks("1") if m is not None}
    assert time.monotonic() - begun < 60
    assert scores == {one.paper: pytest.approx(one.score) for one in found if one.score is not None}
    assert [p["source"] for p in problems if p["source"].endswith(".json") and "/" not in p["source"]] == [
        f"{i:02d}.json" for i, one in enumerate(found) if one.kind
    ]


@pytest.mark.parametrize(
    ("text", "sentence", "line"),
    [
        ("", "not JSON: a value is missing, column 1", 1),
        ("{\n  1: 2}", "not JSON: a name in double quotes is missing, column 3", 2),
        ('{"a" 1}', "not JSON: a colon is missing, column 6", 1),
        ("[1 2]", "not JSON: a comma is missing, column 4", 1),
        ("1 1", "not JSON: there is something after the end, column 3", 1),
        ('"a', "not JSON: a text without its closing quote, column 1", 1),
        ('"\t"', "not JSON: a control character inside a text, column 2", 1),
        ('"\\x"', "not JSON: an unknown escape sequence, column 2", 1),
        ("NaN", "not JSON: NaN", 0),
        ("[" * 100_000, "not JSON: nested too deeply", 0),
        ('"\\ud800"', "not JSON: half a surrogate pair", 0),
        ("9" * 9999, "not JSON: a number with too many digits", 0),
        ('{"a": 1, "a": 2}', "the name a appears twice", 0),
    ],
    ids=lambda value: str(value)[:12],
)
def test_what_is_wrong_with_json_is_said_in_our_own_words(text, sentence, line):
    with pytest.raises(Malformed) as caught:
        load(text.encode())
    assert (str(caught.value), caught.value.line) == (sentence, line)


def test_an_unexpected_error_names_its_place(course, monkeypatch):
    def fail(*_arguments):
        raise ZeroDivisionError("in any language")

    monkeypatch.setattr(outcomes, "parse", fail)
    with Ledger(course.database) as ledger:
        (outcome,) = outcomes.mark_chunk(course, ledger, [Entry("a.json", 0, "json", b"{}")])
    assert sitting.describe({"source": "a.json", "line": 0, **outcome["problem"]}, "ru").startswith(
        "a.json: не проверить: ZeroDivisionError test_submissions.py:"
    )


def test_what_the_system_refuses_is_a_problem(tmp_path, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(13, "Zugriff verweigert")

    (tmp_path / "a.json").write_text("{}")
    monkeypatch.setattr("quiz.course.submissions.find._content", refuse)
    (problem,) = [json.loads(entry.data) for entry in find(tmp_path)]
    assert (problem["template"], problem["given"]) == (
        "cannot be read: %(reason)s", {"reason": "permission denied"},
    )  # fmt: skip
