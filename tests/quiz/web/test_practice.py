"""Practice without scripts: from the start page to a mark, hints, the solution, progress, settings."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import Browser, browsing

import quiz
from quiz import bank
from quiz.practice.store import Store
from quiz.render import sheet
from quiz.text import LANGUAGES
from quiz.text.numbers import write
from quiz.variants.variant import Variant
from quiz.web import server

#: Every kind of ask: numbers, a matrix, a vector, an order, several, one of many.
KINDS = ("q2.update", "q4.batch", "q6.phases", "q3.true", "q3.missing-bias")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def browser(folder: Path) -> Iterator[Browser]:
    site = server.for_oneself("en", folder)
    with browsing(site) as made:
        yield made
    site.warm.close()
    site.storage.close()


def typed(variant: Variant, lang: str = "en", **other: Any) -> dict[str, str]:
    """The right answers as fields, with other values for some asks."""
    made: dict[str, str] = {}
    for name, value in (quiz.key(variant) | other).items():
        ask = next(ask for ask in variant.asks if ask.name == name)
        whole = f"1:{name}"
        if ask.kind in ("order", "blocks"):
            made |= {f"{whole}:{option}": str(place) for place, option in enumerate(value, 1)}
        elif ask.kind == "several":
            made |= {f"{whole}:{option}": str(option) for option in value or [0]}
        elif ask.kind == "choice":
            made[whole] = str(value)
        elif isinstance(value, list):
            for place, cell in enumerate(value):
                if isinstance(cell, list):
                    made |= {f"{whole}:{place}:{n}": write(v, lang, 6) for n, v in enumerate(cell)}
                else:
                    made[f"{whole}:{place}"] = write(cell, lang, 6)
        else:
            made[whole] = write(value, lang, 6)
    return made


def marks_of(text: str) -> list[str]:
    """The statuses of the answers on a page, in order."""
    return re.findall(r'<div class="ask (\S*)" id="ask-', text)


def test_the_start_page_has_the_questions_and_their_exercises(browser: Browser):
    for lang in LANGUAGES:
        text = browser.get("/") and browser.post("/settings", lang=lang, back="/")
        assert f'<html lang="{lang}"' in text
        for number in bank.QUESTIONS:
            assert f'id="q{number}"' in text
        for exercise in bank.exercises():
            assert f'action="/practise/{exercise.id}"' in text


@pytest.mark.parametrize(
    ("exercise", "lang"), [(name, LANGUAGES[place % 3]) for place, name in enumerate(KINDS)]
)
def test_right_answers_in_every_kind_of_field_are_worth_everything(
    browser: Browser, folder: Path, exercise: str, lang: str
):
    browser.get("/")
    browser.post("/settings", lang=lang, back="/")
    variant = quiz.generate(exercise, 7)
    browser.get(f"/practise/{exercise}/7")
    browser.send("check-all", **typed(variant, lang))
    assert set(marks_of(browser.text)) == {"correct"}
    (attempt,) = Store(folder / "quiz.sqlite3").attempts()
    assert (attempt.variant, attempt.score, attempt.lang) == (variant.name, 1.0, lang)
    assert 'class="key"' in browser.text


def test_a_wrong_answer_is_marked_at_once_with_its_slip_and_the_rest_follows_through(browser: Browser):
    variant = quiz.generate("q2.update", 7)
    key = quiz.key(variant)
    browser.get("/practise/q2.update/7")
    browser.send("check:e", **{"1:e": write(-key["e"], "en", 6)})
    assert marks_of(browser.text) == ["", "", "wrong", "", "", ""]
    slip = quiz.grade(variant, {"e": -key["e"]}).parts["e"].message("en")
    assert slip.replace("`", "")[:40] in re.sub("<[^>]+>", "", browser.text)
    assert "You may carry on with your own value" in browser.text
    eta, bias = float(variant.givens["eta"]), float(variant.givens["b"])
    browser.send("check:b", **{"1:b": write(bias - eta * key["e"], "en", 6)})
    assert marks_of(browser.text) == ["", "", "wrong", "", "", "follow-through"]
    assert 'name="1:e" value="' in browser.text


def test_what_was_typed_and_checked_is_there_after_a_restart(folder: Path):
    for number in range(2):
        site = server.for_oneself("en", folder)
        with browsing(site) as browser:
            browser.get("/practise/q2.update/7")
            if number == 0:
                browser.send("keep", **{"1:z": "0.123", "1:b": "abc"})
                browser.send("check:z")
            assert 'name="1:z" value="0.123"' in browser.text
            assert 'name="1:b" value="abc"' in browser.text
            assert marks_of(browser.text)[0] == "wrong"
            browser.get("/")
            assert 'href="/practise/q2.update/7"' in browser.text
        site.warm.close()
        site.storage.close()


def test_hints_come_one_by_one_and_end(browser: Browser):
    browser.get("/practise/q2.update/7")
    for count in (1, 2, 3):
        browser.send("hint:z")
        assert browser.text.count("<li>") == count
    browser.send("hint:z")
    assert "There are no more hints." in browser.text


def test_the_solution_is_recorded_once_and_closes_the_exercise(browser: Browser, folder: Path):
    browser.get("/practise/q2.update/7")
    browser.send("solution", **{"1:z": "0.123"})
    assert "Worked solution" in browser.text
    assert "readonly" in browser.text
    browser.post("/practise/q2.update/7", do="check-all", **{"1:z": "5"})
    browser.post("/practise/q2.update/7", do="solution")
    assert len(Store(folder / "quiz.sqlite3").attempts()) == 1
    assert 'value="0.123"' in browser.text


def test_an_unreadable_answer_is_no_try_and_says_why(browser: Browser):
    browser.get("/practise/q2.update/7")
    browser.send("check:z", **{"1:z": "12 5"})
    assert marks_of(browser.text)[0] == "invalid"
    browser.get("/practise/q6.phases/7")
    ask = sheet.question(quiz.generate("q6.phases", 7), "en", 1)["asks"][0]
    same = {f"1:{ask['name']}:{place}": "1" for place in range(1, len(ask["options"]) + 1)}
    browser.send("check-all", **same)
    assert marks_of(browser.text)[0] == "invalid"
    assert "twice" in browser.text


def test_another_of_the_kind_is_a_new_variant(browser: Browser, folder: Path):
    browser.get("/practise/q2.update/7")
    browser.send("another")
    assert re.fullmatch("/practise/q2.update/[0-9]+", browser.path)
    assert browser.path != "/practise/q2.update/7"
    assert Store(folder / "quiz.sqlite3").attempts() == []  # nothing was answered
    browser.send("another", **{"1:z": "5"})
    assert len(Store(folder / "quiz.sqlite3").attempts()) == 1


def test_next_and_progress_follow_the_attempts(browser: Browser):
    assert "No attempts yet" in browser.get("/progress")
    browser.get("/practise/q2.update/7")
    browser.send("check-all", **typed(quiz.generate("q2.update", 7)))
    browser.get("/progress")
    assert "Attempts: 1" in browser.text
    browser.post("/next", question="2")
    assert browser.path.startswith("/practise/q2.")
    assert not browser.path.startswith("/practise/q2.update/")
    browser.post("/next", question="x")
    browser.post("/next", question="9" * 3000)


def test_settings_are_kept_and_nonsense_is_passed_over(browser: Browser):
    browser.get("/settings")
    browser.post("/settings", lang="kk", marks="all", size="large", theme="dark")
    assert 'lang="kk" data-size="large" data-theme="dark"' in browser.text
    browser.post("/settings", lang="xx", theme="<script>", back="//elsewhere.example/")
    assert browser.path == "/settings"
    assert 'lang="kk" data-size="large" data-theme="dark"' in browser.text
    browser.get("/practise/q2.update/7")
    assert 'value="check:z"' not in browser.text


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/practise/q2.nothing", "/practise/q2.nothing/1", "/static/../app.py", "/static/app.py"],
)
def test_what_does_not_exist_is_a_page_that_says_so(browser: Browser, path: str):
    assert "<h1>" in browser.get(path, 404)


@pytest.mark.parametrize("seed", ["x", "-1", "9" * 5000, "1@2"])
def test_a_seed_that_is_none_is_refused_in_a_sentence(browser: Browser, seed: str):
    assert "expected the name of a variant" in browser.get(f"/practise/q2.update/{seed}", 400)


def test_the_page_of_one_person_answers_under_no_foreign_name(browser: Browser):
    for host, status in (("127.0.0.1:8421", 200), ("localhost", 200), ("elsewhere.example:8421", 400)):
        assert browser.client.get("/", headers={"host": host}).status_code == status
