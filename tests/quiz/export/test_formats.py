"""Exports are valid for their importers, which mark them as the quiz does."""

import io
import json
import re
import zipfile
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest

from quiz import bank
from quiz.exercise import KINDS
from quiz.export import check, check_moodle, items, moodle, notebook, qti21
from quiz.export.formats import EXPORTS, FORMATS
from quiz.export.write import export
from quiz.extras import Missing, import_extra
from quiz.marking import grading

LANGS = ("kk", "ru", "en")


def _few() -> list[str]:
    """A few exercises with every kind of ask and a picture; each one needs compilations."""
    chosen = ["q2.update"]
    for kind in KINDS:
        if not any(kind == ask.kind for i in chosen for ask in bank.exercise(i).asks):
            chosen += [e.id for e in bank.exercises() if any(kind == ask.kind for ask in e.asks)][:1]
    if not any(bank.exercise(i).figure for i in chosen):
        chosen += [e.id for e in bank.exercises() if e.figure][:1]
    return chosen


@pytest.fixture(scope="module")
def some():
    """Two variants of few exercises."""
    return list(items.collect(exercises=_few(), count=2))


@pytest.fixture(scope="module")
def made(some, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    for name in EXPORTS:
        for lang in LANGS:
            content = EXPORTS[name](some, lang, "ЖНЖ / 1", False)
            path = folder / f"{name}-{lang}{FORMATS[name].suffix}"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", EXPORTS)
def test_what_is_written_is_valid(made, name, lang):
    assert list(check.check(made / f"{name}-{lang}{FORMATS[name].suffix}")) == []


@pytest.mark.parametrize("name", ["qti21", "qti3"])
def test_packages_fit_the_schemas(made, shared, name):
    schemas = shared / "qti-schemas"
    assert list(check.check(made / f"{name}-kk.zip", schemas)) == []
    data = _changed((made / f"{name}-kk.zip").read_bytes(), b"absolute", b"about")
    assert list(check._package(data, schemas))


def _changed(package: bytes, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(old, new))
    return out.getvalue()


@pytest.mark.parametrize("name", EXPORTS)
def test_the_same_again(some, name, made):
    if name in ("anki",):  # its zip carries the time of day
        return
    content = EXPORTS[name](some, "ru", "ЖНЖ / 1", False)
    again = content if isinstance(content, bytes) else content.encode()
    assert again == (made / f"{name}-ru{FORMATS[name].suffix}").read_bytes()


def _moodle(made, lang="en"):
    return check.parse((made / f"moodle-{lang}.xml").read_bytes())


def _takes(answers, given):
    """Return what Moodle gives for a number: the first alternative whose interval contains it."""
    for fraction, value, tolerance, feedback in answers:
        if value == "*" or abs(given - float(value)) <= float(tolerance) + 1e-9:
            return fraction, feedback
    return "0", ""


def test_moodle_takes_the_key_and_knows_the_slips(made, some):
    """Checks every blank of every cloze question, with the correct number and the value of each slip."""
    questions = [q for q in _moodle(made) if q.get("type") in ("cloze", "numerical")]
    by_id = {q.findtext("idnumber"): q for q in questions}
    seen = 0
    for item in some:
        question = by_id[item.ident]
        blanks = list(check_moodle.blanks(question.findtext("questiontext/text")))
        found = items.fields(item, "en")
        if question.get("type") == "numerical":
            continue
        assert len(blanks) == len(found)
        for field, (_weight, _kind, alternatives) in zip(found, blanks, strict=True):
            if field.kind != "number":
                right = [a for f, a, _ in alternatives if float(f) > 0]
                assert right == [moodle.html(o.text) for o in field.options if o.right]
                continue
            answers = [(f, *a.split(":"), feedback) for f, a, feedback in alternatives]
            assert _takes(answers, field.value) == ("100", "")
            for value, message in field.wrong:
                assert _takes(answers, value) == ("0", moodle.html(message))
                seen += 1
    assert seen > 20


def test_moodle_weights_are_in_proportion(made, some):
    for question in _moodle(made):
        if question.get("type") == "cloze":
            item = next(i for i in some if i.ident == question.findtext("idnumber"))
            weights = [w for w, _, _ in check_moodle.blanks(question.findtext("questiontext/text"))]
            shares = [f.weight for f in items.fields(item, "en")]
            assert [Fraction(w, sum(weights)) for w in weights] == shares


def test_fields_hold_what_the_library_computes(some):
    for item in some:
        key = grading.key(item.variant)
        for field in items.fields(item, "en"):
            if field.kind == "number" and field.name in key:
                assert field.value == pytest.approx(key[field.name], abs=1e-9)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (b'fraction="100"', b'fraction="99"', "fraction"),
        (b"<idnumber>q2-update-0002", b"<idnumber>q2-update-0001", "idnumber"),
        (b"NUMERICAL:=", b"NUMERICAL:=x", "not a number and a tolerance"),
        (b"NUMERICAL:=", b"NUMERICAL:%50%", "100"),
        (b"$course$/top", b"top", "category"),
        (b"\\(", b"$", "dollar"),
        (b"</questiontext>", b"</questiontext><defaultgrade>1</defaultgrade>", "defaultgrade"),
    ],
    ids=["fraction", "idnumber", "number", "no-100", "category", "dollar", "defaultgrade"],
)  # fmt: skip
def test_the_check_finds_what_moodle_would_refuse(made, tmp_path, old, new, complaint):
    data = (made / "moodle-en.xml").read_bytes()
    assert old in data
    (tmp_path / "bad.xml").write_bytes(data.replace(old, new))
    assert complaint in "\n".join(map(str, check.check(tmp_path / "bad.xml")))


def _with(question, place, text):
    element = question.find(place)
    if element is None:
        element = check.import_extra("lxml.etree").SubElement(question, place)
    element.text = text


@pytest.mark.parametrize("kind", ["cloze", "multichoice", "numerical"])
@pytest.mark.parametrize(
    ("place", "text", "complaint"),
    [
        ("name/text", "n" * 256, "longer than 255"),
        ("idnumber", "n" * 101, "longer than 100"),
        ("hidden", "2", "expected 0, 1"),
        ("penalty", "1.5", "0 to 1"),
        ("penalty", "ten", "0 to 1"),
        ("questiontext/text", " ", "has no text"),
        ("questiontext/text", "<p>open", "not closed"),
        ("questiontext/text", "<p><b>x</p></b>", "not closed"),
        ("questiontext/text", "<p onclick='x()'>x</p>", "may run"),
        ("questiontext/text", "<script>x</script>", "may run"),
        ("questiontext/text", "<img src='https://x.org/a.png'>", "may run or load"),
        ("hint/text", "", "a hint is empty"),
        ("generalfeedback/text", "a $x$", "dollar"),
    ],
)
def test_the_lint_knows_the_settings_of_every_question_type(made, kind, place, text, complaint):
    root = _moodle(made)
    found = [q for q in root if q.get("type") == kind and (q.find("hint") is not None or "hint" not in place)]
    if not found:  # among the few exercises no question has a single number
        (found,) = ([q] for q in check.parse(_NUMERICAL) if q.get("type") == kind)
        root = found[0].getparent()
    assert list(check_moodle.problems(root)) == []
    _with(found[0], place, text)
    assert complaint in "\n".join(map(str, check_moodle.problems(root)))


_NUMERICAL = b"""<quiz><question type="numerical"><name><text>n</text></name><questiontext format="html">
<text>&lt;p&gt;1 + 1&lt;/p&gt;</text></questiontext>
<generalfeedback format="html"><text></text></generalfeedback>
<penalty>0.1</penalty><hidden>0</hidden><idnumber>n1</idnumber><answer fraction="100"><text>2</text>
<tolerance>0.1</tolerance></answer><hint format="html"><text>Count.</text></hint></question></quiz>"""


@pytest.mark.parametrize(
    ("kind", "place", "text", "complaint"),
    [
        ("numerical", "unitgradingtype", "9", "expected 0, 1, 2"),
        ("numerical", "unitpenalty", "-1", "0 to 1"),
        ("numerical", "defaultgrade", "0", "above 0"),
        ("numerical", "answer/text", "1,5", "decimal point"),
        ("numerical", "answer/tolerance", "-1", "tolerance"),
        ("multichoice", "single", "yes", "expected true, false"),
        ("multichoice", "answernumbering", "xyz", "expected abc"),
        ("multichoice", "answer/text", "", "two answers or more"),
        ("multichoice", "single", "false", ""),
        ("cloze", "questiontext/text", "{1:MULTICHOICE:=a}", "two different alternatives"),
        ("cloze", "questiontext/text", "{1:MULTICHOICE:=a~b~b}", "two different alternatives"),
        ("cloze", "questiontext/text", "{1:NUMERICAL:=a:0.1}", "not a number"),
        ("cloze", "questiontext/text", "{0:NUMERICAL:=1:0.1}", "weight"),
        ("cloze", "questiontext/text", "no blank", "no blank"),
    ],
)
def test_the_lint_knows_each_question_type(made, kind, place, text, complaint):
    root = check.parse(_NUMERICAL) if kind == "numerical" else _moodle(made)
    question = next(q for q in root if q.get("type") == kind)
    _with(question, place, text)
    assert complaint in "\n".join(map(str, check_moodle.problems(root)))


def test_xml_is_read_without_entities(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden")
    evil = f'<!DOCTYPE quiz [<!ENTITY x SYSTEM "{secret.as_uri()}">]><quiz><a>&x;</a></quiz>'
    with pytest.raises(ValueError, match="DTD"):
        check.parse(evil.encode())


def test_qti_weights_add_up(some):
    for item in some:
        tree, _figure = qti21.build(item, "en")
        values = tree.iter(f"{{{qti21.ITEM}}}baseValue")
        shares = [float(e.text) for e in values if e.getparent().tag.endswith("}sum")]
        assert sum(shares) == pytest.approx(1, abs=1e-8)


def test_a_notebook_runs_and_checks_itself(some, capsys):
    """Fill in the correct answers: every cell accepts them."""
    book = json.loads(notebook.document(some[:2], "en", "Practice"))
    space = {}
    for cell in book["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            continue
        if match := re.match(r"answers\[(\d+)\]", source):
            key = grading.key(some[int(match[1]) - 1].variant)
            source = re.sub(r"(?m)^(\w+) = $", lambda m, key=key: f"{m[1]} = {_typed(key[m[1]])}", source)
        exec(compile(source, "cell", "exec"), space)
    said = capsys.readouterr().out.splitlines()
    assert said
    assert all(line.endswith("Correct.") for line in said)


def _typed(value):
    return "; ".join(map(repr, value)) if isinstance(value, list) else repr(value)


def test_export_with_a_course_hides_the_seeds(tmp_path):
    from quiz.course import folder

    course = folder.new(tmp_path / "c")
    about = {"exercises": ["q2.update"], "count": 2, "seed_of": partial(course.seed, "export")}
    (path,) = export("html", tmp_path, ["en"], **about)
    assert not re.search(r"q2\.update@", path.read_text("utf-8"))
    again = tmp_path / "again"
    assert next(export("html", again, ["en"], **about)).read_bytes() == path.read_bytes()


def test_what_is_missing_is_named(monkeypatch):
    with pytest.raises(Missing, match=r"jaxnet-quiz\[export\]"):
        import_extra("no_such_package.inside")


@pytest.mark.parametrize(
    ("value", "text"), [(0.35, "0.35"), (-0.0, "0"), (1e-7, "0.0000001"), (120.0, "120"), (-2.5, "-2.5")]
)
def test_decimal(value, text):
    assert items.decimal(value) == text


def test_files_are_written_where_said(tmp_path):
    paths = list(export("csv", tmp_path / "deep" / "er", ["kk", "ru"], exercises=["q2.update"], count=1))
    assert [p.relative_to(tmp_path) for p in paths] == [
        Path("deep/er/csv-kk.csv"),
        Path("deep/er/csv-ru.csv"),
    ]
