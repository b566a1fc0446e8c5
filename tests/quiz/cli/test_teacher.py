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
