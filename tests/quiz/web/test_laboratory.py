"""The pages of the labs, without scripts."""

import json
from collections.abc import Iterator

import pytest
from serving import Browser, browsing

from quiz.web import server


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    database = tmp_path_factory.mktemp("labs") / "labs.sqlite3"
    site = server.for_many("en", f"sqlite:///{database}", None)
    with browsing(site) as found:
        yield found
    site.storage.close()


def test_a_lab_is_reached_from_the_menu_and_stepped_through_by_links(browser):
    assert 'href="/labs"' in browser.get("/")
    assert "/labs/perceptron" in browser.get("/labs")
    page = browser.get("/labs/perceptron?data=xor&frame=3")
    assert "Epoch 1, point 3 of 4" in page
    assert 'href="/labs/perceptron?data=xor&amp;frame=4"' in page
    assert "✓" in page  # the task is solved


def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(browser):
    page = browser.get("/labs/perceptron?rate=%3Cb%3Efast", 400)
    assert "&#34;&lt;b&gt;fast&#34; is not a number" in page
    assert 'value="&lt;b&gt;fast"' in page
    assert "<b>fast" not in page


def test_numbers_are_read_as_the_language_writes_them(browser):
    browser.client.cookies.set("quiz_settings", "lang=kk")
    try:
        page = browser.get("/labs/perceptron?rate=0,25&frame=4")
        assert "0,25" in page
        assert "қате" in page
    finally:
        browser.client.cookies.delete("quiz_settings")


def test_a_hidden_number_is_not_on_the_page(browser):
    shown = browser.get("/labs/backprop?frame=2")
    assert "0.6341" in shown
    hidden = browser.get("/labs/backprop?frame=2&hide=1")
    assert "0.6341" not in hidden
    assert "0.634" not in hidden
    assert "Not right" in browser.get("/labs/backprop?frame=2&hide=1&answer=0.5")
    assert "Right." in browser.get("/labs/backprop?frame=2&hide=1&answer=0.634")


def test_frames_table_and_program_are_sent(browser):
    found = json.loads(browser.get("/labs/descent/frames?frame=38&steps=40"))
    assert [found["first"], found["length"], len(found["frames"])] == [38, 41, 3]
    assert "<svg" in found["frames"][0]["pictures"][0]["svg"]
    assert browser.get("/labs/descent/table.csv?steps=3").count("\n") == 5
    assert "optimizers" in browser.get("/labs/descent/program.py")


@pytest.mark.parametrize("path", ["/labs/unknown", "/labs/unknown/frames"])
def test_an_unknown_lab_is_not_found(browser, path):
    browser.get(path, 404)


@pytest.mark.parametrize(
    "query", ["frame=-1", "frame=" + "9" * 30, "frame=x", "hide=1", "hide=1&frame=3&answer=" + "(" * 90]
)
def test_odd_addresses_show_a_page(browser, query):
    browser.get(f"/labs/backprop?{query}")
