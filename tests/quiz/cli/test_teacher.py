"""The commands for teachers: files, exit codes, and output."""

import json
import os
import shutil
import stat
import subprocess
import sys

import pytest

from quiz.cli import app

ROSTER = "id;name;lang\ns1;Әлия Құрманқызы;kk\ns2;Иван Петров;ru\ns3;=cmd|' /C calc'!A0;en\n"


def run(*arguments):
    """Run the command in this process, in English unless said otherwise; return its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUIZ_LANG", "en")
        patch.setenv("LANGUAGE", "en")  # the command sets it; afterwards it is as before
        with pytest.raises(SystemExit) as caught:
            app.main([str(a) for a in arguments])
    return caught.value.code or 0


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A course with papers."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "roster.csv").write_text(ROSTER, "utf-8-sig")
    (folder / "plan.toml").write_text('title = "Бақылау"\n[[slots]]\nexercises = ["q2.update"]\ncount = 2\n')
    assert run("course", "new", folder / "ann", "--title", "ЖНЖ", "--lang", "kk") == 0
    files = ["--roster", folder / "roster.csv", "--blueprint", folder / "plan.toml", "-o", folder / "papers"]
    code = run("paper", "--course", folder / "ann", *files, "-f", "json", "-f", "notebook", "-f", "markdown")
    assert code == 0
    return folder


@pytest.mark.skipif(os.name != "posix", reason="the mode of files is a matter of POSIX")
def test_only_the_owner_can_read_the_secret(place):
    assert stat.S_IMODE((place / "ann" / "secret").stat().st_mode) == 0o600


def test_a_course_is_not_made_twice(place, capsys):
    before = (place / "ann" / "secret").read_text()
    assert run("course", "new", place / "ann") == 2
    assert "already" in capsys.readouterr().err
    assert (place / "ann" / "secret").read_text() == before


def test_papers_are_the_same_again(place, tmp_path):
    code = run(
        "paper", "--course", place / "ann", "--roster", place / "roster.csv", "-f", "json", "-o", tmp_path
    )
    assert code == 0
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (place / "papers" / path.name).read_bytes()


def test_papers_are_in_the_student_s_language(place):
    papers = {
        p["student"]["id"]: p for p in (json.loads(f.read_text("utf-8")) for f in place.glob("papers/*.json"))
    }
    assert {i: p["lang"] for i, p in papers.items()} == {"s1": "kk", "s2": "ru", "s3": "en"}
    assert "Персептрон" not in papers["s1"]["questions"][0]["text"]
    assert "ерцептрон" in papers["s1"]["questions"][0]["text"]
    assert len({q["text"] for p in papers.values() for q in p["questions"]}) == 6


def test_another_blueprint_needs_another_sitting(place, capsys):
    arguments = ["paper", "--course", place / "ann", "--roster", place / "roster.csv", "-q", "2:1"]
    assert run(*arguments) == 2
    assert "--sitting" in capsys.readouterr().err


def test_from_the_key_to_the_gradebook(place, tmp_path, capsys):
    """Keys that are submitted as answers get 100 percent."""
    assert run("key", "--course", place / "ann", "-f", "json", "-o", tmp_path / "keys") == 0
    (tmp_path / "in").mkdir()
    for path in (place / "papers").glob("*.json"):
        files = path, tmp_path / "keys" / f"{path.stem}.key.json"
        paper, right = (json.loads(file.read_text("utf-8")) for file in files)
        paper["answers"] = {str(n): q["key"] for n, q in enumerate(right["questions"], 1)}
        (tmp_path / "in" / path.name).write_text(json.dumps(paper), "utf-8")
    capsys.readouterr()
    marks = [
        "mark",
        tmp_path / "in",
        "--course",
        place / "ann",
        "-o",
        tmp_path / "out",
        "--bom",
        "--decimal-comma",
    ]
    assert run(*marks) == 0
    out = capsys.readouterr()
    assert out.out == ""
    lines = (tmp_path / "out" / "gradebook.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(";")[4] for line in lines[1:]] == ["100", "100", "100"]
    assert "'=cmd" in lines[3]
    assert len(list((tmp_path / "out" / "feedback").iterdir())) == 3

    assert run("analyse", "--course", place / "ann", "--json", "--html", tmp_path / "report.html") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["papers"], found["marked"], found["exercises"][0]["facility"]) == (3, 3, 1.0)
    assert "<svg" in (tmp_path / "report.html").read_text("utf-8")

    assert run("remark", "--course", place / "ann", "-o", tmp_path / "out") == 0
    assert "0" in capsys.readouterr().err
    assert run("course", "show", place / "ann", "--json") == 0
    assert json.loads(capsys.readouterr().out)["sittings"] == [{"sitting": "1", "papers": 3, "marked": 3}]


@pytest.mark.parametrize(("what", "code"), [("tampered", 3), ("broken", 1), ("gone", 4)])
def test_exit_codes_of_marking(place, tmp_path, monkeypatch, what, code):
    paper = json.loads(next(place.glob("papers/*.json")).read_text("utf-8"))
    if what == "tampered":
        paper["questions"][0]["text"] = "1 + 1"
    if what == "gone":
        import dataclasses

        from quiz import bank

        old = bank.exercise("q2.update")
        monkeypatch.setattr(
            bank, "exercise", lambda _name: dataclasses.replace(old, revision=old.revision + 1)
        )
    text = "{" if what == "broken" else json.dumps(paper)
    (tmp_path / "one.json").write_text(text, "utf-8")
    shutil.copytree(place / "ann", tmp_path / "ann")
    with_course = ["--course", tmp_path / "ann", "-o", tmp_path / "out", "--no-feedback"]
    assert run("mark", tmp_path / "one.json", *with_course) == code


def test_what_is_no_course_is_refused(tmp_path, capsys):
    (tmp_path / "x.json").write_text("{}")
    assert run("mark", tmp_path / "x.json", "--course", tmp_path / "none", "--lang", "ru") == 3
    assert "не курс" in capsys.readouterr().err


def test_an_open_secret_is_refused(place, tmp_path, capsys):
    shutil.copytree(place / "ann", tmp_path / "ann")
    (tmp_path / "ann" / "secret").chmod(0o644)
    assert run("course", "show", tmp_path / "ann") == 3
    assert "chmod 600" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("roster", "complaint"),
    [
        ("id,name\na,A\na,B\n", "line 3"),
        ("id,name,lang\na,A,de\n", "line 2"),
        ("id,name\n,\n", "no students"),
        ("", "no students"),
        ("id,name\n\xff\n".encode("latin-1"), "UTF-8"),
        ("id,name\na,A\nb," + "B" * 200_000, "too long"),
    ],
    ids=["twice", "language", "nobody", "empty", "bytes", "cell"],
)
def test_rosters_are_refused_by_line(place, tmp_path, capsys, roster, complaint):
    path = tmp_path / "r.csv"
    path.write_bytes(roster if isinstance(roster, bytes) else roster.encode())
    assert (
        run(
            "paper", "--course", place / "ann", "--roster", path, "-f", "json", "-o", tmp_path, "--lang", "en"
        )
        == 3
    )
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(
    "plan",
    [
        "",
        "[[slots]]",
        "[[slots",
        "slots = 3",
        "[[slots]]\nquestion = 99",
        "[[slots]]\nquestion = 2\nlevel = 9",
        "[[slots]]\nquestion = 2\ncount = 1000000",
        "[[slots]]\nquestion = 2\nx = 1",
        '[[slots]]\nexercises = ["nope"]',
    ],
)
def test_blueprints_are_refused(place, tmp_path, capsys, plan):
    path = tmp_path / "p.toml"
    path.write_text(plan)
    arguments = ["--course", place / "ann", "--roster", place / "roster.csv", "--blueprint", path]
    assert run("paper", *arguments, "--sitting", "x", "-o", tmp_path, "--lang", "en") == 3
    assert "p.toml" in capsys.readouterr().err


def test_what_is_wrong_with_a_file_is_said_in_the_teacher_s_language(place, tmp_path, capsys):
    path = tmp_path / "p.toml"
    path.write_text("[[slots]]\nquestion = 99")
    arguments = ["--course", place / "ann", "--roster", place / "roster.csv", "--blueprint", path]
    assert run("paper", *arguments, "--sitting", "x", "-o", tmp_path, "--lang", "kk") == 3
    complaint = capsys.readouterr().err
    assert complaint == "quiz: p.toml: 99-сұрақтың жаттығуы жоқ\n"


def test_a_damaged_database_is_reported_in_one_sentence(tmp_path, capsys):
    assert run("course", "new", tmp_path / "ann") == 0
    (tmp_path / "ann" / "course.sqlite").write_bytes(b"no database" * 999)
    capsys.readouterr()
    assert run("course", "show", tmp_path / "ann") == 3
    assert capsys.readouterr().err == "quiz: course.sqlite: cannot be read: it is damaged or not a database\n"


@pytest.mark.parametrize("count", ["0", "101"])
def test_no_paper_is_empty_or_endless(place, tmp_path, capsys, count):
    arguments = [
        "--course",
        place / "ann",
        "--roster",
        place / "roster.csv",
        "--sitting",
        "y",
        "-o",
        tmp_path,
    ]
    assert run("paper", *arguments, "-q", f"2:1:{count}") == 2
    assert "1 to 100" in capsys.readouterr().err


def test_no_level_is_harder_for_some():
    """Slots with several exercises have one level of one question."""
    from quiz import bank
    from quiz.course import blueprint

    for slot in blueprint.standard().slots:
        assert len({(bank.exercise(i).question, bank.exercise(i).level) for i in slot.exercises}) == 1
    assert len(blueprint.standard().slots) == 6


def test_export_says_what_it_wrote(tmp_path, capsys):
    assert run("export", "csv", "-e", "q2.update", "-n", "2", "--lang", "all", "-o", tmp_path, "--check") == 0
    assert capsys.readouterr().out.split() == [
        str(tmp_path / f"csv-{lang}.csv") for lang in ("kk", "ru", "en")
    ]
    assert run("export", "csv", "-q", "2", "-l", "1", "-e", "q2.other", "-o", tmp_path) == 2
    assert run("export", "docx", "-o", tmp_path) == 2


def test_a_bank_with_keys_has_another_name_than_the_students_and_says_so(tmp_path):
    arguments = ["export", "html", "-e", "q2.update", "-n", "1", "--lang", "en", "-o", tmp_path]
    assert run(*arguments) == run(*arguments, "--key") == 0
    names = {path.name: "KEY, for the teacher only" in path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert names == {"html-en.html": False, "html-en-key.html": True}
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "html-en-key.html").stat().st_mode) & 0o077 == 0


def test_help_is_quick_and_needs_no_jax():
    code = (
        "import sys; before = set(sys.modules); from quiz.cli.app import cli;"  # coverage has loaded sqlite3
        "cli.main(['--help'], standalone_mode=False); heavy = set(sys.modules) - before;"
        "print({'jax', 'numpy', 'lxml', 'rich', 'sqlite3', 'quiz.cli.teacher'} & heavy)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_next_week_s_files_may_have_the_same_names(place, tmp_path, capsys):
    """Marks of a sitting do not change when files of the same names are marked for another."""
    course = tmp_path / "ann"
    assert run("course", "new", course) == 0
    for week in ("1", "2"):
        about = ["--roster", place / "roster.csv", "-q", "2:1", "--sitting", week, "-f", "json"]
        assert run("paper", "--course", course, *about, "-o", tmp_path / week) == 0
    marked = []
    for week, code in (("1", 0), ("2", 0), ("1", 1)):
        assert run("mark", tmp_path / week, "--course", course, "--sitting", week, "-j", "1") == code
        (tmp_path / "1" / "s1.json").write_text("{")  # the third time one of the first week is damaged
        capsys.readouterr()
        assert run("course", "show", course, "--json") == 0
        marked.append([row["marked"] for row in json.loads(capsys.readouterr().out)["sittings"]])
    assert marked == [[3, 0], [3, 3], [3, 3]]  # what was handed in stays


# -- what a teacher decides, and what the exit codes say


@pytest.fixture
def marked(place, tmp_path):
    """A copy of the course in which s1 has handed in everything and s2 nothing that can be read."""
    from quiz.course.ledger import Ledger

    shutil.copytree(place / "ann", tmp_path / "ann")
    with Ledger(tmp_path / "ann" / "course.sqlite") as ledger:
        tables = ("submissions", "places", "results", "marks", "trail", "events", "decisions")
        ledger.db.executescript("".join(f"DELETE FROM {table};" for table in tables))
    assert run("key", "--course", tmp_path / "ann", "-f", "json", "-o", tmp_path / "keys") == 0
    (tmp_path / "in").mkdir()
    for student, unreadable in (("s1", False), ("s2", True)):
        paper = json.loads((place / "papers" / f"{student}.json").read_text("utf-8"))
        right = json.loads((tmp_path / "keys" / f"{student}.key.json").read_text("utf-8"))
        keys = {str(n): q["key"] for n, q in enumerate(right["questions"], 1)}
        paper["answers"] = {p: dict.fromkeys(g, "about 5") for p, g in keys.items()} if unreadable else keys
        (tmp_path / "in" / f"{student}.json").write_text(json.dumps(paper), "utf-8")
    assert run("mark", tmp_path / "in", "--course", tmp_path / "ann", "--no-feedback", "-j", "1") == 1
    return tmp_path


def percents(folder):
    path = folder / "ann" / "marks" / "1" / "gradebook.csv"
    return {line.split(",")[0]: line.split(",")[4] for line in path.read_text("utf-8").splitlines()[1:]}


def test_who_handed_in_nothing_and_what_is_unreadable_is_said(marked, capsys):
    assert percents(marked) == {"s1": "100", "s2": "0", "s3": ""}
    table = (marked / "ann/marks/1/problems.csv").read_text("utf-8")
    assert table.count("unreadable") == 12
    assert "missing,s3,'=cmd" in table
    capsys.readouterr()
    assert run("course", "show", marked / "ann", "--sitting", "1", "--json") == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    assert {f["kind"] for f in found if f["student"] == "s2"} == {"unreadable"}
    assert [f["kind"] for f in found if f["student"] == "s3"] == ["missing"]
    assert run("course", "show", marked / "ann", "--sitting", "1", "--lang", "ru") == 0
    assert "about 5" in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="the mode of files is a matter of POSIX")
def test_only_the_owner_can_read_keys_and_marks(marked):
    private = [*marked.glob("keys/*"), *marked.glob("ann/marks/1/*.csv"), marked / "ann/course.sqlite"]
    assert len(private) == 6
    assert not [path for path in private if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_a_mark_by_hand_has_its_reason_and_is_undone(marked, capsys):
    arguments = ["course", "override", marked / "ann", "s3", "62.5"]
    assert run(*arguments) == 2  # no reason
    assert run(*arguments, "--reason", "oral") == 0
    assert run("course", "override", marked / "ann", "s1", "10", "--reason", "copied") == 0
    again = ["mark", marked / "in", "--course", marked / "ann", "--no-feedback"]
    assert run(*again) == 1
    assert percents(marked) == {"s1": "10", "s2": "0", "s3": "62.5"}
    capsys.readouterr()
    assert run("remark", "--course", marked / "ann", "--trail") == 0
    trail = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["old"], row["new"], row["reason"]) for row in trail] == [(1.0, 0.1, "copied")]
    assert run("course", "undo", marked / "ann", "--reason", "wrong student") == 0
    assert run(*again) == 1
    assert percents(marked)["s1"] == "100"
    capsys.readouterr()
    assert run("course", "history", marked / "ann", "--json") == 0
    events = json.loads(capsys.readouterr().out)["events"]
    assert [(e["kind"], e["undone"]) for e in events] == [
        ("mark", False),
        ("decision", False),
        ("decision", True),
    ]
    assert run("course", "history", marked / "ann") == 0
    assert "copied" in capsys.readouterr().out


def test_marking_the_wrong_folder_is_undone(marked, place):
    """The empty papers take nothing away; taking the marking itself back does."""
    assert run("mark", place / "papers", "--course", marked / "ann", "--no-feedback", "-j", "1") == 1
    assert percents(marked) == {"s1": "100", "s2": "0", "s3": "0"}
    assert run("course", "undo", marked / "ann") == 0
    assert run("mark", marked / "in", "--course", marked / "ann", "--no-feedback", "-j", "1") == 1
    assert percents(marked) == {"s1": "100", "s2": "0", "s3": ""}


def test_rules_change_marks_and_are_shown(marked, capsys):
    os.utime(marked / "in/s1.json", (10**9, 10**9))
    rule = ["course", "rule", marked / "ann"]
    assert run(*rule, "--deadline", "2001-09-08", "--late", "10%", "--reason", "as announced") == 0
    mark = ["mark", marked / "in/s1.json", "--course", marked / "ann", "--no-feedback", "-j", "1"]
    assert run(*mark) == 1
    assert percents(marked)["s1"] == "90"
    assert run(*rule, "--student", "s1", "--extra", "3000") == 0
    assert run(*mark) == 1
    assert percents(marked)["s1"] == "100"
    capsys.readouterr()
    assert run(*rule) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["extra s1: 3000", "late: 10"]
    for wrong in (["--late", "some"], ["--deadline", "soon"], ["--student", "nobody", "--extra", "5"],
                  ["--student", "s1", "--late", "refuse"]):  # fmt: skip
        assert run(*rule, *wrong) == 2


def test_a_term_is_looked_over(marked, capsys):
    capsys.readouterr()
    assert run("course", "term", marked / "ann", "--json") == 0
    students = json.loads(capsys.readouterr().out)["students"]
    assert {s["student"]: (s["mean"], s["at_risk"]) for s in students} == {
        "s1": (1.0, []), "s2": (0.0, ["low"]), "s3": (0.0, ["low"]),
    }  # fmt: skip
    assert run("course", "term", marked / "ann", "--lang", "en") == 0
    assert "at risk: the mean is below 50" in capsys.readouterr().out


def test_papers_that_were_filled_in_are_not_emptied(place, tmp_path, capsys):
    arguments = ["paper", "--course", place / "ann", "--roster", place / "roster.csv", "-f", "json"]
    assert run(*arguments, "-o", tmp_path) == 0
    filled = tmp_path / "s1.json"
    filled.write_text(filled.read_text("utf-8").replace('"z": ""', '"z": "5"') + " ", "utf-8")
    text = filled.read_text("utf-8")
    capsys.readouterr()
    assert run(*arguments, "-o", tmp_path) == 2
    assert "s1.json; --force" in capsys.readouterr().err
    assert filled.read_text("utf-8") == text
    assert run(*arguments, "-o", tmp_path, "--force") == 0
    assert filled.read_text("utf-8") != text


def test_points_weigh_the_questions_and_are_said_and_groups_are_told_apart(tmp_path, capsys):
    (tmp_path / "r.csv").write_text("id,name,group\na,A,1\nb,B,2\n")
    slots = '[[slots]]\nexercises = ["q2.update"]\n'
    (tmp_path / "p.toml").write_text(slots + "points = 3\n" + slots)
    course = ["--course", tmp_path / "ann"]
    assert run("course", "new", tmp_path / "ann") == 0
    files = ["--roster", tmp_path / "r.csv", "--blueprint", tmp_path / "p.toml", "-f", "json"]
    assert run("paper", *course, *files) == 0
    assert run("paper", *course, *files) == 0  # the same blueprint
    assert run("key", *course, "-f", "json") == 0
    for student in "ab":
        path = tmp_path / f"ann/papers/1/{student}.json"
        paper = json.loads(path.read_text("utf-8"))
        right = json.loads((tmp_path / f"ann/keys/1/{student}.key.json").read_text("utf-8"))
        assert [q["title"].endswith("(points: 3)") for q in paper["questions"]] == [True, False]
        paper["answers"] = {"1": right["questions"][0]["key"]}
        path.write_text(json.dumps(paper), "utf-8")
    assert run("mark", tmp_path / "ann/papers", *course, "--no-feedback", "--group", "2") == 0
    lines = (tmp_path / "ann/marks/1/gradebook.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == ["Student", "b"]
    assert lines[1].split(",")[4:] == ["75", "1", "0", "2"]
    assert "Papers marked: 1 of 1;" in capsys.readouterr().err
    for student in "ab":
        assert run("analyse", *course, "--group", "12"["ab".index(student)], "--json") == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["papers"], found["marked"]) == (1, 1)
    page = tmp_path / "report.html"
    assert run("analyse", *course, "--group", "2", "--html", page, "--lang", "en") == 0
    text = page.read_text("utf-8")
    assert "B (b)" in text
    assert "A (a)" not in text
    assert "<h1>ann · 1 · 2</h1>" in text
    assert run("remark", *course, "--group", "1") == 0
    lines = (tmp_path / "ann/marks/1/gradebook.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == ["Student", "a"]
    capsys.readouterr()
    commands = (
        ("analyse", *course), ("mark", tmp_path / "ann/papers", *course), ("remark", *course),
        ("course", "show", tmp_path / "ann", "--sitting", "1"), ("course", "term", tmp_path / "ann"),
    )  # fmt: skip
    for command in commands:
        assert run(*command, "--group", "3", "--lang", "en") == 2
        assert "there is no group 3; known are: 1, 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [("database is locked", 5), ("database or disk is full", 6), ("attempt to write a readonly database", 6),
     ("disk I/O error", 6), ("file is not a database", 3)],
)  # fmt: skip
def test_locked_full_and_damaged_are_told_apart(place, monkeypatch, error, code):
    import sqlite3

    def fail(*_arguments):
        raise sqlite3.OperationalError(error)

    monkeypatch.setattr("quiz.course.schema.prepare", fail)
    assert run("course", "show", place / "ann") == code


@pytest.mark.parametrize(("number", "code"), [("ENOSPC", 6), ("EACCES", 6), ("EROFS", 6), ("ENOENT", 3)])
def test_the_machine_and_the_file_are_told_apart(place, tmp_path, monkeypatch, number, code):
    import errno

    def fail(**_arguments):
        raise OSError(getattr(errno, number), "")

    monkeypatch.setattr("tempfile.mkstemp", fail)
    assert run("key", "--course", place / "ann", "-o", tmp_path, "-f", "json") == code


@pytest.mark.parametrize("debug", [False, True])
def test_an_unexpected_error_is_a_sentence_and_with_debug_its_place(
    place, tmp_path, monkeypatch, capsys, debug
):
    def fail(*_arguments, **_more):
        raise ZeroDivisionError("in any language")

    monkeypatch.setattr("quiz.course.outcomes.grade_many", fail)
    shutil.copytree(place / "ann", tmp_path / "ann")
    (tmp_path / "in").mkdir()
    for path in (place / "papers").glob("*.json"):
        paper = json.loads(path.read_text("utf-8")) | {"answers": {"1": {"z": "12.25"}}}  # not marked before
        (tmp_path / "in" / path.name).write_text(json.dumps(paper), "utf-8")
    arguments = ["mark", tmp_path / "in", "--course", tmp_path / "ann", "--no-feedback", "-j", "1"]
    assert run(*arguments, *(["--debug"] if debug else [])) == 1
    said = capsys.readouterr().err
    assert said.count("cannot be marked: ZeroDivisionError test_teacher.py:") == 3
    assert ("Traceback" in said) == debug
    monkeypatch.setattr("quiz.course.gradebook.write_gradebook", fail)
    assert run(*arguments, *(["--debug"] if debug else [])) == 1
    assert "quiz: an unexpected error occurred: ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize("sitting", ["\udcff", "", " ", "a\nb", "x" * 65])
def test_the_name_of_a_sitting_can_be_written_down(place, capsys, sitting):
    assert run("mark", place / "papers", "--course", place / "ann", "--sitting", sitting) == 2
    assert "sitting" in capsys.readouterr().err
