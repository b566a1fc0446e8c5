"""Checks of the HTML pages in a real browser; scripts/browser runs this file with pytest."""

# pyright: reportMissingImports=false

import contextlib
import itertools
import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect, sync_playwright

import quiz
from quiz.cli import main
from quiz.course import folder, papers
from quiz.course.ledger import Ledger
from quiz.text.expressions import evaluate
from quiz.text.numbers import Refused

LANGS = ("kk", "ru", "en")
#: Every kind of ask, and a picture.
EXERCISES = ("q2.update", "q4.batch", "q6.phases", "q2.sample", "q3.true", "q3.missing-bias")
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
AXE = (Path(str(axe_playwright_python.__file__)).parent / "axe.min.js").read_text("utf-8")


def run(*arguments: object) -> int:
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of three, one for each language, with papers."""
    place = tmp_path_factory.mktemp("class")
    (place / "class.csv").write_text("id,name,lang\ns0,Әсем,kk\ns1,Иван,ru\ns2,Ann,en\n", "utf-8")
    slots = "".join(f'[[slots]]\nexercises = ["{name}"]\n' for name in EXERCISES)
    (place / "bp.toml").write_text(slots)
    assert len(tomllib.loads(slots)["slots"]) == len(EXERCISES)
    assert run("course", "new", place / "ann", "--lang", "kk") == 0
    about = ("--course", place / "ann", "--roster", place / "class.csv", "--blueprint", place / "bp.toml")
    assert run("paper", *about, "-o", place / "papers") == 0
    return place


@pytest.fixture(scope="session")
def keys(course: Path) -> dict[str, list[dict[str, Any]]]:
    """Language to the right answers of its paper, question by question."""
    opened = folder.open_course(course / "ann")
    with Ledger(opened.database) as ledger:
        records = list(ledger.records("1"))
        return {r["lang"]: [quiz.key(v) for v in papers.variants(opened, r)] for r in records}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 390, "height": 844}, accept_downloads=True)
    asked: list[str] = []
    made.on("request", lambda request: asked.append(request.url))
    yield made
    made.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def opened(context: BrowserContext, path: Path) -> Page:
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(path.as_uri())
    return page


def paper(course: Path, lang: str) -> Path:
    return course / "papers" / f"s{LANGS.index(lang)}.html"


def fill(page: Page, key: list[dict[str, Any]], lang: str) -> None:
    """Answer everything correctly, by the fields."""
    for place, answers in enumerate(key, 1):
        for name, value in answers.items():
            ask = page.locator(f"#ask-{name.replace('.', chr(92) + '.')}-{place}")
            kind = ask.get_attribute("data-kind")
            if kind == "number":
                ask.locator("input").fill(written(value, lang))
            elif kind in ("choice", "several"):
                for option in value or [0] if isinstance(value, list) else [value]:
                    ask.locator(f'input[value="{option}"]').check()
            elif kind == "order":
                for target, option in enumerate(value):
                    line = ask.locator(f'li[data-option="{option}"]')
                    while line.evaluate("e => [...e.parentNode.children].indexOf(e)") > target:
                        line.locator(".up").press("Enter")
                ask.locator(".taken input").check()
            else:
                cells = [cell for row in value for cell in (row if isinstance(row, list) else [row])]
                for field, cell in zip(ask.locator("input.cell").all(), cells, strict=True):
                    field.fill(written(cell, lang))


def written(value: float, lang: str) -> str:
    text = f"{value:.6f}".replace("-", "\N{MINUS SIGN}")
    return text if lang == "en" else text.replace(".", ",")


def saved(page: Page, path: Path) -> dict[str, Any]:
    with page.expect_download() as download:
        page.locator("#save").click()
    download.value.save_as(path)
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("lang", LANGS)
def test_right_answers_typed_into_the_page_are_worth_everything(course, keys, context, tmp_path, lang):
    page = opened(context, paper(course, lang))
    fill(page, keys[lang], lang)
    assert page.locator('[aria-invalid="true"]').count() == 0
    made = saved(page, tmp_path / "in" / "answers.json")
    assert set(made) == {"schema", "paper", "mac", "answers"}
    out = tmp_path / "out"
    run("mark", tmp_path / "in", "--course", course / "ann", "-o", out, "--lang", "en")
    line = next(
        row for row in (out / "gradebook.csv").read_text("utf-8").splitlines() if made["paper"] in row
    )
    assert ",100," in line + ","


def test_answers_survive_a_reload_and_a_saved_file_is_loaded_again(course, keys, context, browser, tmp_path):
    page = opened(context, paper(course, "ru"))
    fill(page, keys["ru"], "ru")
    before = page.evaluate("document.querySelectorAll('input[data-ask]').length")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    assert page.locator("#missing li").count() == 0
    assert "браузер" in page.locator("#kept").inner_text()
    assert page.evaluate("document.querySelectorAll('input[data-ask]').length") == before
    first = saved(page, tmp_path / "first.json")
    elsewhere = browser.new_context(accept_downloads=True)
    with contextlib.closing(elsewhere):
        other = opened(elsewhere, paper(course, "ru"))
        other.locator("#load").set_input_files(tmp_path / "first.json")
        expect(other.locator("#kept")).to_contain_text("файл")
        assert saved(other, tmp_path / "second.json") == first
        other.locator("#load").set_input_files(course / "papers" / "s0.json")
        expect(other.locator("#kept")).to_contain_text("не")


def test_closing_warns_until_the_answers_are_saved(course, context, tmp_path):
    asked: list[str] = []
    page = opened(context, paper(course, "en"))

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.reload()
    assert asked == []
    page.locator(".ask input").first.fill("1")
    page.reload()
    assert asked == ["beforeunload"]
    page.locator("#save").click()
    expect(page.locator("#missing")).to_be_visible()
    saved(page, tmp_path / "a.json")
    page.reload()
    assert asked == ["beforeunload"]


def test_what_is_not_answered_is_listed_before_it_is_saved(course, context):
    page = opened(context, paper(course, "en"))
    asks = page.locator(".ask").count()
    page.locator("#save").click()
    assert page.locator("#missing li").count() == asks
    page.locator("#missing a").first.click()
    assert page.evaluate("document.activeElement.closest('.ask').id") == page.locator(
        ".ask"
    ).first.get_attribute("id")
    page.keyboard.type("1")
    assert page.locator("#missing li").count() == asks - 1


def test_the_format_is_checked_while_one_types(course, context):
    page = opened(context, paper(course, "kk"))
    ask = page.locator(".ask[data-kind=number]").first
    for typed, said, odd in (
        ("0,5", "", False),
        ("x", "сан", True),
        ("0,3-0,2", "0,1", False),
        ("1e", "сан", True),
    ):
        ask.locator("input").fill(typed)
        page.wait_for_timeout(600)
        assert said in ask.locator(".said").inner_text()
        assert (ask.locator("input").get_attribute("aria-invalid") == "true") == odd


def test_an_order_is_sorted_by_keyboard(course, context):
    page = opened(context, paper(course, "en"))
    ask = page.locator(".ask[data-kind=order]").first
    button = ask.locator("li").nth(1).locator(".up")
    button.focus()
    page.keyboard.press("Enter")
    assert [line.get_attribute("data-option") for line in ask.locator("li").all()][:2] == ["2", "1"]
    assert ask.locator(".taken input").is_checked()
    assert "place 1 of" in ask.locator(".said").inner_text()
    assert page.evaluate("document.activeElement.className") == "up"


def test_none_excludes_the_others(course, context):
    ask = opened(context, paper(course, "en")).locator(".ask[data-kind=several]").first
    ask.locator('input[value="1"]').check()
    ask.locator('input[value="0"]').check()
    assert not ask.locator('input[value="1"]').is_checked()
    ask.locator('input[value="2"]').check()
    assert not ask.locator('input[value="0"]').is_checked()


def test_without_javascript_the_page_says_what_to_do(course, browser):
    with contextlib.closing(browser.new_context(java_script_enabled=False)) as context:
        page = context.new_page()
        page.goto(paper(course, "ru").as_uri())
        assert "JavaScript" in page.locator("noscript, .warning").first.inner_text()


def test_a_page_that_the_browser_saved_has_the_answers(course, keys, context, tmp_path):
    page = opened(context, paper(course, "kk"))
    fill(page, keys["kk"], "kk")
    copy = tmp_path / "copy.html"
    copy.write_text(page.content(), "utf-8")
    values = opened(context, copy).evaluate(
        "[...document.querySelectorAll('input[type=hidden][data-ask]')].every(e => e.value)"
    )
    assert values


NUMBERS = [
    "0.5", "0,5", ".5", ",5", "5.", "+5", "-1/3", "\u22122", "\u20132", "\u20142", "1e-3", "2E+2",
    "1\u00a0234,5", "1\u202f234\u202f567", "1,234", "1,2345", "007", "nan", "inf", "1_000", "12 5", "1/0",
    "1e1000", "1e999", "1.2.3", "--1", "1--1", "1/2/3", "0x10", "1+1", "0,3-0,2", "(1-0,5)*0,2", "2(3)",
    "sigma(-1,8)", "\u03c3(1)", "tanh(0.5)", "max(1,5; 2)", "max(1,5)", "min(2, -1)", "2^3^2", "-2^2", "2^-1",
    "2**3", "3\u00b2", "\u221a4", "\u221a(2+2)", "sqrt(-1)", "ln(0)", "log(2)", "lg(100)", "exp(710)", "e^2",
    "2*pi", "foo(1)", "sigma", "(5", "5)", "1+", "5-", "\u200b0,5\u00a0", "0,\u200b5", "1\u0435-3",
    "\u041e,5", "1" * 65, "(" * 30 + "1" + ")" * 30, "2\u00b73", "6\u00f74", "(9^99)^99", "0^-1",
    "(-8)^(1/3)", "relu(-1)", "abs(-2)", "5e", "e5", "1 2/3", "%", "1,234+1", "\u00ad5", "",
]  # fmt: skip


@pytest.mark.parametrize("expressions", [True, False])
@pytest.mark.parametrize("lang", LANGS)
def test_the_page_reads_numbers_as_the_program_does(course, context, lang, expressions):
    from quiz.text.numbers import parse

    page = opened(context, paper(course, lang))
    for text in NUMBERS:
        try:
            expected = float((evaluate if expressions else parse)(text, lang))
        except Refused:
            expected = None
        read = page.evaluate("([t, l, e]) => readNumber(t, l, e)", [text, lang, expressions])
        assert (read is None) == (expected is None), text
        assert read is None or read["value"] == pytest.approx(expected, rel=1e-12), text


@pytest.fixture(scope="session")
def pages(course: Path, keys: dict[str, list[dict[str, Any]]]) -> dict[str, Path]:
    """Papers, feedback with solutions and reports, in all languages."""
    made = {f"paper-{lang}": paper(course, lang) for lang in LANGS}
    (course / "answers").mkdir()
    for number, lang in enumerate(LANGS):
        sheet = json.loads((course / "papers" / f"s{number}.json").read_text("utf-8"))
        for place, answers in enumerate(keys[lang], 1):
            wrong = {name: -v - 1 for name, v in answers.items() if isinstance(v, float)} if place % 2 else {}
            given = {name: v for name, v in (answers | wrong).items() if name not in ("b", "c")}
            sheet["answers"][str(place)] = given
        (course / "answers" / f"s{number}.json").write_text(json.dumps(sheet), "utf-8")
    run("mark", course / "answers", "--course", course / "ann", "-o", course / "marks", "--solutions")
    for number, lang in enumerate(LANGS):
        made[f"feedback-{lang}"] = course / "marks" / "feedback" / f"s{number}.html"
        made[f"report-{lang}"] = course / f"report-{lang}.html"
        assert (
            run("analyse", "--course", course / "ann", "--html", made[f"report-{lang}"], "--lang", lang) == 0
        )
    return made


@pytest.mark.parametrize(("size", "scheme"), itertools.product(SIZES, ("light", "dark")))
@pytest.mark.parametrize(
    "name", [f"{kind}-{lang}" for kind in ("paper", "feedback", "report") for lang in LANGS]
)
def test_pages_fit_and_axe_finds_nothing(pages, browser, name, size, scheme):
    width, height = SIZES[size]
    about = {"viewport": {"width": width, "height": height}, "color_scheme": scheme, "bypass_csp": True}
    with contextlib.closing(browser.new_context(**about)) as context:
        page = opened(context, pages[name])
        page.locator("#save").click() if name.startswith("paper") else None
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate(AXE)
        found = page.evaluate("axe.run(document)")["violations"]
        assert [(f["id"], [node["html"][:120] for node in f["nodes"]]) for f in found] == []
        if target := os.environ.get("PICTURES"):
            page.screenshot(path=Path(target) / f"{name}-{size}-{scheme}.png", full_page=True)
