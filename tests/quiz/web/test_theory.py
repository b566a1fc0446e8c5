"""The lessons in the browser."""

from collections.abc import Iterator

import pytest
from serving import Browser, browsing

from quiz.lessons import book
from quiz.web import server


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    site = server.for_many("en", f"sqlite:///{tmp_path_factory.mktemp('theory') / 'a.sqlite3'}", None)
    with browsing(site) as found:
        yield found
    site.storage.close()


def test_a_lesson_is_reached_from_the_start_page_and_leads_to_its_exercises(browser):
    assert 'href="/learn/2"' in browser.get("/")
    page = browser.get("/learn/2")
    assert '<h1 id="lesson-2">' in page
    assert 'href="/practise/q2.update"' in page


def test_an_exercise_leads_to_the_lesson_that_explains_it(browser):
    assert 'href="/learn/optimizers"' in browser.get("/practise/q7.adam/7")


@pytest.mark.parametrize("name", book.LESSONS)
def test_every_lesson_can_be_opened(browser, name):
    assert "<h1" in browser.get(f"/learn/{name}")


def test_an_unknown_lesson_is_not_found(browser):
    assert "there is no lesson" in browser.get("/learn/nothing", 404)
