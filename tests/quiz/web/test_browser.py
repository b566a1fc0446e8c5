"""In Chromium: what scripts add, keyboard, screen readers (axe-core), phone and desk, light and dark.

With ``PICTURES=FOLDER`` pictures of the pages are saved, to be looked at.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from serving import class_site

import quiz
from quiz.text.numbers import write
from quiz.web import server
from quiz.web.app import application
from quiz.web.site import Site

playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on the PATH")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
SIZES = {"phone": (390, 844), "desk": (1280, 900)}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, list[dict], str]]:
    """A course on a real port."""
    site, records = class_site(tmp_path_factory.mktemp("class"), 3, 2)
    listener = server.bind("127.0.0.1", None)
    running = uvicorn.Server(uvicorn.Config(application(site), log_level="error", lifespan="on"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    yield site, records, f"http://127.0.0.1:{listener.getsockname()[1]}"
    running.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def page_of(chromium: Any, base: str, **about: Any) -> Iterator[Any]:
    """A page with cookies of its own; it asks nothing of other servers, and no script fails."""
    context = chromium.new_context(base_url=base, **about)
    context.set_default_timeout(60_000)
    asked: list[str] = []
    failed: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("console", lambda said: failed.append(said.text) if "Content Security" in said.text else None)
    yield page
    context.close()
    assert [url for url in asked if not url.startswith((base, "data:"))] == []
    assert failed == []


def test_a_first_time_student_answers_a_question_on_backpropagation_in_kazakh_by_keyboard(served, chromium):
    _site, _records, base = served
    width, height = SIZES["phone"]
    with page_of(chromium, base, viewport={"width": width, "height": height}, locale="kk") as page:
        page.goto("/")
        assert page.locator("html").get_attribute("lang") == "kk"
        page.locator("section", has=page.locator("#q6")).locator("summary").press("Enter")
        page.locator('form[action="/practise/q6.output-delta"] button').press("Enter")
        page.wait_for_url("**/practise/q6.output-delta/*")
        variant = quiz.generate("q6.output-delta", int(page.url.rpartition("/")[2]))
        key = quiz.key(variant)
        first, *_others = [ask.name for ask in variant.asks if ask.kind == "number"]
        box = page.locator(f'[name="1:{first}"]')
        box.focus()
        page.keyboard.type("abc")
        page.locator(f"#said-{first}-1", has_text="сан").wait_for()
        assert box.get_attribute("aria-invalid") == "true"
        box.fill("")
        page.keyboard.type(write(key[first], "kk", 6))
        page.keyboard.press("Enter")
        page.locator(f"#ask-{first}.correct").wait_for()
        assert "Дұрыс" in page.locator("#live").inner_text()
        assert page.evaluate("document.activeElement.name") == f"1:{first}"
        assert page.locator(".key").count() == 0


def test_an_order_is_moved_by_keys_and_checked(served, chromium):
    with page_of(chromium, served[2], locale="en") as page:
        page.goto("/practise/q6.phases/3")
        variant = quiz.generate("q6.phases", 3)
        ask = next(ask for ask in variant.asks if ask.kind == "order")
        own = page.locator(f"#ask-{ask.name}")
        own.locator(".moves").first.wait_for()
        for target, option in enumerate(quiz.key(variant)[ask.name]):
            line = own.locator("li", has=page.locator(f'select[name="1:{ask.name}:{option}"]'))
            while line.evaluate("e => [...e.parentNode.children].indexOf(e)") > target:
                line.locator("button").first.press("Enter")
        assert "place" in page.locator("#live").inner_text()
        own.locator('button[value^="check:"]').press("Enter")
        page.locator(f"#ask-{ask.name}.correct").wait_for()


def test_a_paper_is_kept_while_it_is_typed_also_after_the_server_was_away(served, chromium):
    site, records, base = served
    record = records[0]
    assert site.desk is not None
    with page_of(chromium, base) as page:
        page.goto(f"/s/{site.desk.token(record['student'], 0)}")
        page.goto(f"/course/{record['paper']}")
        page.locator('[name="1:z"]').press_sequentially("1,5")
        page.locator("#kept", has_text=":").wait_for()
        assert site.desk.drafts(record["paper"])["1:z"] == "1,5"
        page.route("**/keep", lambda route: route.abort())
        page.locator('[name="1:y"]').press_sequentially("1")
        page.locator("#kept.late").wait_for()
        assert "1:y" not in site.desk.drafts(record["paper"])
        page.unroute("**/keep")
        page.locator("#kept:not(.late)").wait_for()
        assert site.desk.drafts(record["paper"])["1:y"] == "1"
        page.reload()
        assert page.locator('[name="1:z"]').input_value() == "1,5"


def pages(site: Site, record: dict) -> list[tuple[str, str]]:
    assert site.desk is not None
    return [
        ("start", "/"), ("exercise", "/practise/q2.update/7"), ("matrix", "/practise/q6.gradients/5"),
        ("order", "/practise/q6.phases/3"), ("several", "/practise/q3.true/3"), ("progress", "/progress"),
        ("settings", "/settings"), ("papers", f"/s/{site.desk.token(record['student'], 0)}"),
        ("paper", f"/course/{record['paper']}"), ("class", "/" + server.teacher_path(site)),
        ("sitting", "/teacher/1"), ("missing", "/nothing"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("size", "scheme", "lang", "script"),
    [("phone", "light", "kk", True), ("desk", "dark", "ru", True), ("phone", "dark", "en", False)],
    ids=["phone", "desk", "without-scripts"],
)
def test_pages_fit_and_axe_finds_nothing(served, chromium, size, scheme, lang, script):
    site, records, base = served
    axe = pytest.importorskip("axe_playwright_python", reason="the package axe-playwright-python is missing")
    source = (Path(str(axe.__file__)).parent / "axe.min.js").read_text("utf-8")
    width, height = SIZES[size]
    about = {"viewport": {"width": width, "height": height}, "color_scheme": scheme, "locale": lang}
    about |= {"bypass_csp": True} if script else {"java_script_enabled": False}
    with page_of(chromium, base, **about) as page:
        for name, path in pages(site, records[("kk", "ru", "en").index(lang)]):
            page.goto(path)
            if name == "exercise":
                page.locator('[name="1:z"]').fill("0.123")
                page.locator('button[value="hint:z"]').click()
                page.locator(".hints").wait_for()
                page.locator('button[value="solution"]').click()
                page.locator(".key").wait_for()
            if script:
                assert page.evaluate("document.documentElement.scrollWidth") <= width, name
                page.evaluate(source)
                found = page.evaluate("axe.run(document)")["violations"]
                assert [(f["id"], [n["html"][:120] for n in f["nodes"]]) for f in found] == [], name
            if target := os.environ.get("PICTURES"):
                page.screenshot(path=Path(target) / f"{name}-{size}-{scheme}.png", full_page=True)
