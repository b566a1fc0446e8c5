"""Whatever a teacher hands over and however often: nothing is lost, misread or silently worth nothing."""

import gzip
import json
import os
import random
import shutil

import class_simulation
import pytest

from quiz.course import decisions, folder, kept, sitting, status
from quiz.course.derive import derive
from quiz.course.ledger import Ledger
from quiz.text.errors import Refusal


@pytest.fixture(scope="module")
def issued(tmp_path_factory):
    """A course of four, with papers in two sittings."""
    return class_simulation.issue(tmp_path_factory.mktemp("handing") / "ann", 4)


@pytest.fixture
def course(issued, tmp_path):
    shutil.copytree(issued[0].path, tmp_path / "ann")
    return folder.open_course(tmp_path / "ann")


@pytest.fixture
def papers(issued):
    return issued[1][:4]


def put(path, content, when=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if when is not None:
        os.utime(path, (when, when))
    return path


def mark(course, path, **more):
    """Mark; return the problems, the student's marks in percent, and the kinds of findings."""
    with Ledger(course.database) as ledger:
        problems = list(sitting.mark(course, ledger, path, **{"sitting": "1", "jobs": 1} | more))
        found = {r["student"]: round(100 * m.score) for r, m in ledger.marks("1") if m}
        return problems, found, [(f["kind"], f["student"]) for f in status.findings(ledger, "1")]


# -- what a student may do to a notebook


@pytest.mark.parametrize("line", ["# my working", "no idea", "w1 + w2", "=5", '"""x'], ids=str)
def test_a_line_that_is_no_answer_is_reported_and_all_others_are_marked(course, papers, tmp_path, line):
    change = lambda text: text.replace('"""\n', f'"""\n{line}\n', 1)  # noqa: E731
    put(tmp_path / "in/a.ipynb", papers[0].notebook(change))
    put(tmp_path / "in/b.json", papers[1].body(papers[1].right))
    problems, found, kinds = mark(course, tmp_path / "in")
    assert not problems
    assert found["s0001"] == 100
    assert found["s0000"] == (100 if '"""' not in line else found["s0000"])
    assert ("note", "s0000") in kinds


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('\n"""', '"""'),
        lambda text: text.replace('"""', "'''"),
        lambda text: text.replace('"""', 'r"""', 1),
        lambda text: text.replace(' = """', '="""', 1),
        lambda text: text.replace("answers[1]", "answers['1']").replace("answers[2]", "answers[ 2 ]"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "%time\n" + text,
        lambda text: text.rstrip('"').rstrip(),
        lambda text: "if True:\n    pass\n" + text,
        lambda text: text.replace(' = """', ' = ("""', 1) + ")",
        lambda text: text.replace("=", ": str =", 1) if text.startswith("answers") else text,
        lambda text: text.replace('"""', 'f"""', 1),
    ],
    ids=[
        "end",
        "quotes",
        "raw",
        "close",
        "keys",
        "returns",
        "magic",
        "open",
        "more",
        "bracket",
        "typed",
        "f",
    ],
)
def test_a_cell_may_be_rewritten_as_long_as_it_means_the_same(course, papers, tmp_path, change):
    put(tmp_path / "a.ipynb", papers[0].notebook(change))
    assert mark(course, tmp_path / "a.ipynb")[:2] == ([], {"s0000": 100})


def test_answers_may_be_a_dict(course, papers, tmp_path):
    right = papers[0].right
    cells = [f'paper, mac = "{papers[0].record["paper"]}", "{papers[0].sheet["mac"]}"']
    cells += [f"answers[{p}] = {json.dumps(g, ensure_ascii=False)}" for p, g in right.items()]
    notebook = {"cells": [{"cell_type": "code", "source": text} for text in cells]}
    put(tmp_path / "a.ipynb", json.dumps(notebook).encode())
    assert mark(course, tmp_path / "a.ipynb")[:2] == ([], {"s0000": 100})


@pytest.mark.parametrize("new", ["", "x = 1", "answers = 5"], ids=["empty", "other", "variable"])
def test_a_question_without_its_cell_is_reported(course, papers, tmp_path, new):
    change = lambda text: new if text.startswith("answers[2]") else text  # noqa: E731
    put(tmp_path / "a.ipynb", papers[0].notebook(change))
    problems, found, kinds = mark(course, tmp_path / "a.ipynb")
    assert problems == []
    assert found == {"s0000": 50}
    assert ("note", "s0000") in kinds


# -- tables


def table(path, papers, head=lambda place, name: f"{place}.{name}", extra=(), above=""):
    one = papers[0].right
    names = [(p, n) for p, g in one.items() for n in g]
    rows = [["paper", "mac", *(head(p, n) for p, n in names), *extra]]
    for paper in papers:
        row = [paper.record["paper"], paper.sheet["mac"], *(paper.right[p][n] for p, n in names)]
        rows.append([*row, *("Ann" for _name in extra)])
    put(path, (above + "\n".join(";".join(row) for row in rows)).encode())


@pytest.mark.parametrize(
    "way",
    [
        {"extra": ("Name",)}, {"extra": ("Name", "E-mail", "")}, {"head": lambda p, n: f"{p}:{n}"},
        {"head": lambda p, n: f"Q{p} - {n}"}, {"above": "sep=;\n"}, {"above": "Group 1\n\n"},
        {"head": lambda p, n: f"{p}.{n.upper()}"},
    ],
    ids=["name", "three", "colon", "question", "sep", "title", "capitals"],
)  # fmt: skip
def test_tables_are_read_as_people_write_them(course, papers, tmp_path, way):
    table(tmp_path / "all.csv", papers, **way)
    problems, found, _kinds = mark(course, tmp_path / "all.csv")
    assert set(found.values()) == {100}
    assert len(found) == 4
    assert [p["kind"] for p in problems] == (["note"] if "extra" in way else [])


def test_names_are_enough_where_one_question_asks_for_them(course, papers, tmp_path):
    unique = [n for g in papers[0].right.values() for n in g]
    head = lambda p, n: n if unique.count(n) == 1 else f"{p}.{n}"  # noqa: E731
    table(tmp_path / "all.csv", papers, head)
    assert mark(course, tmp_path / "all.csv")[:2] == ([], dict.fromkeys((f"s{i:04d}" for i in range(4)), 100))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.csv", lambda text: "\n\n" + text),
        ("a.csv", lambda text: "\r\n;;;\r\n" + text.replace("\n", "\r\n")),
        ("a.csv", lambda text: text.replace(";", "|")),
        ("a.tsv", lambda text: text.replace(";", "\t")),
        ("A.TSV", lambda text: text),
    ],
    ids=["blank lines", "empty cells", "pipes", "tabs", "semicolons"],
)
def test_other_forms_of_tables_are_read(course, papers, tmp_path, name, write):
    files, _score = class_simulation.WAYS["a column with the name"](papers[0], random.Random(1), 0)
    put(tmp_path / "in" / name, write(files[0].content.decode()).encode())
    _problems, found, _kinds = mark(course, tmp_path / "in")
    assert found == {"s0000": 100}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("suffix", [".json", ".ipynb", ".html"])
def test_every_byte_order_mark_is_understood(course, papers, tmp_path, suffix, encoding):
    one = papers[0]
    page, _score = class_simulation.WAYS["the page itself"](one, random.Random(1), 0)
    content = {".json": one.body(one.right), ".ipynb": one.notebook(), ".html": page[0].content}[suffix]
    put(tmp_path / f"in/a{suffix}", content.decode().encode(encoding))
    problems, found, _kinds = mark(course, tmp_path / "in")
    assert (problems, found) == ([], {"s0000": 100})


@pytest.mark.parametrize("name", ["a.zip", "a.json.gz", "a.tar"])
def test_an_archive_without_files_is_said(course, papers, tmp_path, name):
    content = {
        "a.zip": b"PK\5\6" + bytes(18),
        "a.json.gz": gzip.compress(papers[0].body(papers[0].right)),
        "a.tar": bytes(10_240),
    }
    put(tmp_path / "in" / name, content[name])
    problems, found, _kinds = mark(course, tmp_path / "in")
    assert found == {}
    assert "hand over the files themselves" in sitting.describe(problems[0], "en")


@pytest.mark.parametrize("text", ["paper;mac;Name\nA;B;C\n", "Name;Mark\nAnn;5\n", "paper;mac\nA;B\n"])
def test_a_table_without_answers_is_refused(course, tmp_path, text):
    put(tmp_path / "all.csv", text.encode())
    problems, found, _kinds = mark(course, tmp_path / "all.csv")
    assert len(problems) == 1
    assert "found" in problems[0]["given"]
    assert found == {}


def test_a_row_that_is_deleted_takes_no_mark_away(course, papers, tmp_path):
    table(tmp_path / "all.csv", papers)
    before = mark(course, tmp_path / "all.csv")
    table(tmp_path / "all.csv", papers[1:])
    assert mark(course, tmp_path / "all.csv") == before
    table(tmp_path / "all.csv", papers[::-1])
    assert mark(course, tmp_path / "all.csv") == before


# -- which submission counts


@pytest.mark.parametrize(
    ("keep", "expected"), [("latest", 50), ("first", 0), ("best", 100)], ids=["latest", "first", "best"]
)
def test_the_teacher_chooses_which_submission_counts(course, papers, tmp_path, keep, expected):
    one = papers[0]
    wrong = {p: dict.fromkeys(g, "99") for p, g in one.right.items()}
    for name, answers, when in (("b", wrong, 100), ("c", one.right, 200), ("a", {"1": one.right["1"]}, 300)):
        put(tmp_path / f"in/{name}.json", one.body(answers), 10**9 + when)
    with Ledger(course.database) as ledger, ledger.db:
        decisions.decide(ledger, "1", {("keep", ""): keep}, ledger.event("1", "decision"))
    _problems, found, kinds = mark(course, tmp_path / "in")
    assert abs(found["s0000"] - expected) <= 15  # a choice may be right by chance
    assert ("several", "s0000") in kinds


def test_a_blank_paper_never_takes_the_place_of_answers(course, papers, tmp_path):
    """Neither the teacher's mistake nor a classmate who has read the codes takes a mark away."""
    one = papers[0]
    put(tmp_path / "0.json", one.body({"1": dict.fromkeys(one.right["1"], " ")}), 10**9)
    assert mark(course, tmp_path / "0.json")[1:][0] == {"s0000": 0}
    put(tmp_path / "1.json", one.body(one.right), 10**9 - 5)
    assert mark(course, tmp_path / "1.json")[1] == {"s0000": 100}
    put(tmp_path / "2.json", one.body({}), 10**9 + 5)
    assert mark(course, tmp_path / "2.json")[1] == {"s0000": 100}


def test_replace_lets_another_submission_count_and_undo_takes_it_back(course, papers, tmp_path):
    one = papers[0]
    put(tmp_path / "late.json", one.body(one.right), 10**9 + 9)
    put(tmp_path / "early.json", one.body({"1": one.right["1"]}), 10**9)
    assert mark(course, tmp_path / "late.json")[1] == {"s0000": 100}
    assert mark(course, tmp_path / "early.json", replace={"s0000": ""})[1] == {"s0000": 50}
    with Ledger(course.database) as ledger:
        (change,) = ledger.trail("1")
        assert (change["old"], change["new"]) == (1.0, 0.5)
        with ledger.db:
            number, _sitting = decisions.undo(ledger, None)
            derive(ledger, "1", number, "a mistake")
        assert [m.score for _r, m in ledger.marks("1") if m] == [1.0]
        assert [c["reason"] for c in ledger.trail("1")][1:] == ["a mistake"]
    with pytest.raises(Refusal, match="found 0"):
        mark(course, tmp_path / "early.json", replace={"s0001": ""})
    with pytest.raises(Refusal, match="no paper of nobody"):
        mark(course, tmp_path / "early.json", replace={"nobody": ""})


def test_the_same_content_is_one_submission(course, papers, tmp_path):
    """A zip and the folder it was unpacked to, another file name, another form."""
    one = papers[0]
    put(tmp_path / "in/a.json", one.body(one.right))
    shutil.make_archive(str(tmp_path / "in"), "zip", tmp_path / "in")
    put(tmp_path / "in/c.ipynb", one.notebook())
    table(tmp_path / "in/d.csv", papers[:1])
    for path in (tmp_path / "in.zip", tmp_path / "in", tmp_path / "in.zip"):
        problems, found, kinds = mark(course, path)
        assert (problems, found) == ([], {"s0000": 100})
        assert [kind for kind, _student in kinds if kind != "missing"] == []
    with Ledger(course.database) as ledger:
        assert len(list(kept.stored(ledger, "1"))) == 1


def test_two_files_of_one_name_are_two_submissions(course, papers, tmp_path):
    for part, paper in zip("ab", papers, strict=False):
        put(tmp_path / part / "answers.json", paper.body(paper.right))
        mark(course, tmp_path / part)
    assert mark(course, tmp_path / "a")[1] == {"s0000": 100, "s0001": 100}


def test_a_problem_goes_when_its_cause_goes(course, papers, tmp_path):
    one = papers[0]
    put(tmp_path / "in/a.json", b"{")
    put(tmp_path / "in/b.ipynb", papers[1].notebook(lambda text: text.replace('"""\n', '"""\n# x\n', 1)))
    problems, _found, kinds = mark(course, tmp_path / "in")
    assert [p["source"] for p in problems] == ["a.json"]
    assert ("note", "s0001") in kinds
    put(tmp_path / "in/a.json", one.body(one.right))
    put(tmp_path / "in/b.ipynb", papers[1].notebook())
    problems, found, kinds = mark(course, tmp_path / "in")
    assert problems == []
    assert found == {"s0000": 100, "s0001": 100}
    assert {kind for kind, _student in kinds} == {"missing"}


def test_a_failure_of_the_machine_is_not_remembered(course, papers, tmp_path, monkeypatch):
    """Marks come with the next run: nothing is marked unread, or skipped, because it failed before."""
    put(tmp_path / "a.json", papers[0].body(papers[0].right))

    def fail(_cases):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("quiz.course.outcomes.grade_many", fail)
        problems, found, _kinds = mark(course, tmp_path / "a.json")
        assert [p["template"] for p in problems] == ["cannot be marked: %(error)s"]
        assert "ZeroDivisionError" in problems[0]["trace"]
        assert found == {}
        assert len(mark(course, tmp_path / "a.json")[0]) == 1
    assert mark(course, tmp_path / "a.json")[:2] == ([], {"s0000": 100})


@pytest.mark.parametrize("closed", [False, True])
def test_last_week_s_paper_in_this_week_s_folder_is_said(course, issued, tmp_path, closed):
    other = issued[1][4]
    put(tmp_path / "a.json", other.body(other.right))
    with Ledger(course.database) as ledger, ledger.db:
        if closed:
            event = ledger.event("last week", "decision")
            decisions.decide(ledger, "last week", {("closed", ""): "yes"}, event)
    for _again in range(2):
        problems, found, _kinds = mark(course, tmp_path / "a.json")
        assert [p["kind"] for p in problems] == ["elsewhere"]
        assert ("closed" in sitting.describe(problems[0], "en")) == closed
        assert found == {}
        with Ledger(course.database) as ledger:
            assert ledger.count("last week") == (0 if closed else 1)


@pytest.mark.parametrize(
    ("place", "kind"), [(0, "mistyped"), (7, "mistyped"), (-1, "mistyped"), (None, "tampered")]
)
def test_a_typing_error_in_a_code_is_called_so(course, papers, tmp_path, place, kind):
    code = list(papers[0].sheet["mac"])
    if place is None:
        code[:14] = "B" * 14
    else:
        code[place] = "B" if code[place] == "A" else "A"
    put(tmp_path / "a.json", papers[0].body(papers[0].right, mac="".join(code)))
    problems, found, _kinds = mark(course, tmp_path / "a.json")
    assert [p["kind"] for p in problems] == [kind]
    assert found == {}


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: f" {text}\N{NO-BREAK SPACE}",
        lambda text: text.replace("-", "\N{EN DASH}"),
        lambda text: text.translate(str.maketrans("ABEKMHPCTYX", "АВЕКМНРСТУХ")),
    ],
    ids=["small", "spaces", "dashes", "Cyrillic"],
)
def test_codes_may_be_typed_in_any_way(course, papers, tmp_path, change):
    about = {"paper": change(papers[0].record["paper"]), "mac": change(papers[0].sheet["mac"])}
    put(tmp_path / "a.json", papers[0].body(papers[0].right, **about))
    assert mark(course, tmp_path / "a.json")[:2] == ([], {"s0000": 100})


def test_who_handed_in_nothing_and_what_is_unreadable_is_listed_with_name_and_place(course, papers, tmp_path):
    nonsense = {place: dict.fromkeys(given, "about 5") for place, given in papers[0].right.items()}
    put(tmp_path / "in/a.json", papers[0].body(nonsense))
    put(tmp_path / "in/b.json", papers[1].body({}))
    mark(course, tmp_path / "in")
    with Ledger(course.database) as ledger:
        found = list(status.findings(ledger, "1"))
        lines = list(status.lines(found, "en"))
        count = status.write_table(tmp_path / "t.csv", [], found, "en")
    unreadable = [f for f in found if f["kind"] == "unreadable"]
    assert len(unreadable) == sum(map(len, papers[0].right.values()))
    assert lines[0].startswith("s0000 Student 0, a.json: question 1, ")
    assert f"s0000: {len(unreadable) - 3} more of the same" in lines
    assert "s0001 Student 1, b.json: the paper was handed in without any answer" in lines
    assert lines[-2:] == [f"s000{n} Student {n}: nothing was handed in" for n in (2, 3)]
    assert count == len(found) == len((tmp_path / "t.csv").read_text("utf-8").splitlines()) - 1


@pytest.mark.parametrize("sign", ["\N{NO-BREAK SPACE}", "\N{ZERO WIDTH SPACE}", "\N{WORD JOINER}"], ids=ascii)
@pytest.mark.parametrize("form", ["json", "ipynb", "csv", "html"])
def test_invisible_signs_at_the_ends_mean_nothing_in_any_form(course, papers, tmp_path, sign, form):
    one = papers[0]
    right = {p: {n: f"{sign}{v}{sign}" for n, v in g.items()} for p, g in one.right.items()}
    changed = class_simulation.Paper(one.record, one.sheet, right, one.weights)
    if form == "csv":
        table(tmp_path / "a.csv", [changed])
    elif form == "html":
        files, _score = class_simulation.WAYS["the page itself"](changed, random.Random(1), 0)
        put(tmp_path / "a.html", files[0].content)
    else:
        put(tmp_path / f"a.{form}", changed.body(right) if form == "json" else changed.notebook())
    assert mark(course, tmp_path / f"a.{form}")[:2] == ([], {"s0000": 100})
