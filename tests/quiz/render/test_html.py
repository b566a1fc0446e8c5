"""HTML papers: a field for every kind of answer, nothing that can run but our own script, nothing missing."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from importlib.resources import files

import pytest

import quiz
from quiz.render import html, sheet
from quiz.text.expressions import evaluate
from quiz.text.numbers import Refused

EXERCISES = ("q2.update", "q4.batch", "q6.phases", "q2.sample", "q3.true", "q3.missing-bias")
LANGS = ("kk", "ru", "en")


class Elements(HTMLParser):
    """The elements of a page, with their attributes; it must be well formed."""

    EMPTY = ("meta", "input", "img", "br", "rect", "line", "circle")

    def __init__(self, page):
        super().__init__()
        self.found, self.open = [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag, **wanted):
        return [
            a
            for t, a in self.found
            if t == tag and all(a.get(k.replace("_", "-")) == v for k, v in wanted.items())
        ]


@pytest.fixture(scope="module")
def pages():
    """Language to the page of a paper with every kind of ask, for a student with a hostile name."""
    made = {}
    for lang in LANGS:
        questions = [sheet.question(quiz.generate(e, 3), lang, n) for n, e in enumerate(EXERCISES, 1)]
        student = {"id": "s1", "name": '</script><script>alert(1)</script> & "x"'}
        about = {"student": student, "paper": "ABCD-EFGH", "mac": "M&<", "send": "Send to a@b.kz <now>"}
        made[lang] = html.document(sheet.sheet("Title", lang, questions, **about))
    return made


@pytest.mark.parametrize("lang", LANGS)
def test_every_answer_has_a_field_and_every_field_a_label(pages, lang):
    found = Elements(pages[lang])
    asked = {(str(n), ask.name) for n, e in enumerate(EXERCISES, 1) for ask in quiz.generate(e, 3).asks}
    fields = found.all("input")
    assert {(f["data-question"], f["data-ask"]) for f in fields if "data-ask" in f} == asked
    labels = {label.get("for") for label in found.all("label")}
    for field in fields:
        named = field.get("aria-label") or field.get("id") in labels
        assert named or field["type"] in ("hidden", "radio", "checkbox")
    ids = [a["id"] for _tag, a in found.found if "id" in a]
    assert len(set(ids)) == len(ids)
    assert [a["lang"] for a in found.all("html")] == [lang]
    assert len(found.all("main")) == len(found.all("h1")) == 1
    assert all(image["alt"] for image in found.all("img"))


def test_kinds_have_their_fields(pages):
    found = Elements(pages["en"])
    key = quiz.generate("q4.batch", 3)
    rows, columns = sheet.question(key, "en", 2)["asks"][0]["shape"]
    cells = [a for a in found.all("input", **{"class": "cell"}) if "row" in a["aria-label"]]
    assert len(cells) == rows * columns
    assert len(found.all("input", type="radio")) == 4
    assert found.all("input", type="checkbox", value="0")
    options = [a["data-option"] for a in found.all("li") if "data-option" in a]
    assert options == [str(n) for n in range(1, len(options) + 1)]
    moves = [a["aria-label"] for a in found.all("button") if a.get("class") in ("up", "down")]
    assert len(moves) == len(set(moves)) == 2 * len(options)


def test_only_our_own_script_may_run(pages):
    page = pages["ru"]
    assert "<script>alert" not in page
    found = Elements(page)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    policy = found.all("meta", http_equiv="Content-Security-Policy")[0]["content"]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy.partition("script-src")[2]
    assert not re.search(r"https?://|//cdn|@import|url\(", page)
    assert "a@b.kz &lt;now&gt;" in page
    data = [json.loads(text) for text in re.findall(r'json" id="\w+">(.*?)</script>', page)]
    assert data[0] == {"schema": 1, "paper": "ABCD-EFGH", "mac": "M&<"}
    assert "noscript" in data[1]["words"]
    assert len(found.all("noscript")) == 1


def test_pages_without_a_paper_run_nothing():
    page = html.document(
        sheet.sheet("T", "en", [sheet.question(quiz.generate("q2.update", 1), "en", 1, key=True)])
    )
    assert "<script" not in page
    assert "script-src" not in page


def test_a_key_is_never_on_a_paper(pages):
    for lang, page in pages.items():
        for exercise in EXERCISES:
            for line in sheet.key_of(quiz.generate(exercise, 3), lang)["steps"]:
                assert html.text(line) not in page


@pytest.mark.parametrize("expressions", [True, False])
def test_a_teacher_can_switch_expressions_off(expressions):
    questions = [sheet.question(quiz.generate("q2.update", 1), "en", 1)]
    page = html.document(sheet.sheet("T", "en", questions, paper="P", mac="M", expressions=expressions))
    assert f'"expressions": {str(expressions).lower()}' in page


@pytest.mark.skipif(
    shutil.which("node") is None, reason="no JavaScript outside a browser; scripts/browser has one"
)
def test_the_page_reads_numbers_as_the_program_does():
    texts = [
        "0,5",
        "-1/3",
        "1,234",
        "1 234",
        "\N{EM DASH}2",
        "0,3-0,2",
        "sigma(-1,8)",
        "2(3)",
        "2^3^2",
        "log(2)",
        "\u200b1\u00a0",
        "nan",
        "1e1000",
    ]
    code = files("quiz.render").joinpath("numbers.js").read_text("utf-8")
    asked = (
        f"const t = {json.dumps(texts)}; console.log(JSON.stringify(t.map(x => readNumber(x, 'en', true))))"
    )
    done = subprocess.run(["node", "-e", code + asked], capture_output=True, encoding="utf-8", check=True)
    for text, read in zip(texts, json.loads(done.stdout), strict=True):
        try:
            expected = float(evaluate(text, "en"))
        except Refused:
            expected = None
        assert (read and read["value"]) == (expected and pytest.approx(expected)), text
