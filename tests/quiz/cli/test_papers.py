"""Papers for printing, papers of question 7, previews, and what the pages say about where answers go."""

import json

import pypdf
import pytest

from quiz.cli import app

ROSTER = "id,name,lang\ns1,Әлия,kk\ns2,李小龙,ru\ns3,Ann,en\n"


def run(*arguments):
    """Run the command in this process, in English; return its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUIZ_LANG", "en")
        patch.setenv("LANGUAGE", "en")
        with pytest.raises(SystemExit) as caught:
            app.main([str(a) for a in arguments])
    return caught.value.code or 0


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    place = tmp_path_factory.mktemp("papers")
    (place / "class.csv").write_text(ROSTER, "utf-8")
    assert run("course", "new", place / "ann") == 0
    return place


def _paper(place, *more):
    return run("paper", "--course", place / "ann", "--roster", place / "class.csv", *more)


def test_one_file_for_printing_names_the_student_whose_letters_may_lack(course, tmp_path, capsys):
    assert _paper(course, "-q", "2:2", "-f", "html", "--combined", "--send", "a@b.kz", "-o", tmp_path) == 0
    said = capsys.readouterr().err
    assert "李小龙" in said
    assert "Әлия" not in said
    texts = [page.extract_text() for page in pypdf.PdfReader(tmp_path / "combined.pdf").pages]
    assert sum("1 / " in text for text in texts) == 3
    assert all("a@b.kz" in path.read_text("utf-8") for path in tmp_path.glob("*.html"))


def test_question_7_is_in_papers_on_request(course, tmp_path):
    assert _paper(course, "-q", "7", "-q", "7:3", "--sitting", "ahead", "-f", "json", "-o", tmp_path) == 0
    made = json.loads((tmp_path / "s1.json").read_text("utf-8"))
    assert [question["question"] for question in made["questions"]] == [7, 7]
    assert _paper(course, "--sitting", "all", "-f", "json", "-o", tmp_path / "all") == 0
    made = json.loads((tmp_path / "all" / "s1.json").read_text("utf-8"))
    assert [question["question"] for question in made["questions"]] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("kind", ["html", "markdown", "pdf", "json"])
def test_a_preview_needs_no_course(tmp_path, kind):
    path = tmp_path / "p"
    assert run("preview", "-q", "2:1:2", "-f", kind, "-o", path, "--lang", "ru") == 0
    assert path.stat().st_size > 1000
    again = path.read_bytes()
    assert run("preview", "-q", "2:1:2", "-f", kind, "-o", path, "--lang", "ru", "--seed", "2") == 0
    assert path.read_bytes() != again


def test_a_preview_has_the_key_only_if_asked(tmp_path):
    (tmp_path / "bp.toml").write_text('[[slots]]\nexercises = ["q2.update"]\n')
    for more in ((), ("--key",)):
        assert run("preview", "--blueprint", tmp_path / "bp.toml", "-o", tmp_path / "p.html", *more) == 0
        page = (tmp_path / "p.html").read_text("utf-8")
        assert ("Worked solution" in page) == bool(more)
        assert "@1" not in page
    assert run("preview", "-q", "2", "--blueprint", tmp_path / "bp.toml", "-o", tmp_path / "p.html") == 2


@pytest.mark.parametrize("allowed", [True, False])
def test_a_teacher_can_switch_expressions_off(tmp_path, allowed):
    (tmp_path / "class.csv").write_text("id,name,lang\ns1,A,ru\n")
    (tmp_path / "bp.toml").write_text(
        f'expressions = {str(allowed).lower()}\n[[slots]]\nexercises = ["q2.update"]\n'
    )
    assert run("course", "new", tmp_path / "ann") == 0
    assert _paper(tmp_path, "--blueprint", tmp_path / "bp.toml", "-o", tmp_path / "papers") == 0
    assert f'"expressions": {str(allowed).lower()}' in (tmp_path / "papers" / "s1.html").read_text("utf-8")
    made = json.loads((tmp_path / "papers" / "s1.json").read_text("utf-8"))
    made["answers"] = {"1": {"z": "0,3-0,2"}}
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_text(json.dumps(made))
    run("mark", tmp_path / "in", "--course", tmp_path / "ann", "-o", tmp_path / "out")
    page = (tmp_path / "out" / "feedback" / "s1.html").read_text("utf-8")
    assert ('answer wrong"' in page) == allowed
    assert ('answer invalid"' in page) != allowed
