"""Attackers: other people's papers, keys, forged forms, markup, floods, nonsense."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving import Browser, browsing, class_site
from starlette.testclient import TestClient

import quiz
from quiz.course import papers
from quiz.text.fill import strip
from quiz.text.numbers import write
from quiz.variants.solution import solution
from quiz.web import guard, server
from quiz.web.app import COURSE, PRACTICE, application
from quiz.web.desk import Desk
from quiz.web.guard import Limit
from quiz.web.site import Settings, Site, accepted


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, list[dict]]]:
    made, records = class_site(tmp_path_factory.mktemp("class"), 3, 6)
    yield made, records
    made.warm.close()
    made.storage.close()


@pytest.fixture
def site(served: tuple[Site, list[dict]]) -> Site:
    return served[0]


@pytest.fixture
def papers_made(served: tuple[Site, list[dict]]) -> list[dict]:
    return served[1]


def desk(site: Site) -> Desk:
    assert site.desk is not None
    return site.desk


def entered(browser: Browser, site: Site, record: dict) -> str:
    student = record["student"]
    browser.get(f"/s/{desk(site).token(student, desk(site).version(student))}")
    return f"/course/{record['paper']}"


def telling(value: object, lang: str) -> set[str]:
    """A number as it would be written, if it has so many digits that it stands nowhere by chance."""
    numbers = value if isinstance(value, list) else [value]
    found: set[str] = set()
    for number in numbers:
        if isinstance(number, list):
            found |= telling(number, lang)
        elif isinstance(number, float):
            texts = {write(number, lang, places) for places in (4, 6)}
            found |= {text for text in texts if len(re.sub("[^0-9]", "", text)) >= 3}
    return found


@pytest.mark.parametrize("name", ["q6.gradients@5", "q6.forward@5", "q5.saturation@3"])
def test_practice_shows_no_key_of_a_blank_before_the_solution(site: Site, name: str):
    exercise, _at, seed = name.partition("@")
    variant = quiz.generate(exercise, int(seed))
    key = quiz.key(variant)
    first = next(ask for ask in variant.asks if ask.kind == "number")
    with browsing(site) as browser:
        browser.get(f"/practise/{exercise}/{seed}")
        text = browser.text
        for ask in variant.asks:
            browser.send(f"hint:{ask.name}")
        browser.send(f"check:{first.name}", **{f"1:{first.name}": "0.1234"})
        for other in ("/", "/progress", "/settings"):
            browser.get(other)
        seen = "\n".join(browser.seen)
        hidden = set().union(*(telling(value, "en") for value in key.values()))
        hidden = {text for text in hidden if text not in variant.text("en")}
        assert [text for text in hidden if text in seen] == []
        lines = [strip(step.text("en")) for step in solution(variant).steps if len(step.text("en")) > 20]
        plain = re.sub("<[^>]+>", "", seen)
        assert [line for line in lines if line in plain] == []
        browser.get(f"/practise/{exercise}/{seed}")
        browser.send("solution")
        assert "Worked solution" in browser.text != text
        assert [text for text in hidden if text in browser.text] != []  # so they can be found


def test_no_response_about_a_paper_holds_a_seed_or_a_key(site: Site, papers_made: list[dict]):
    record = papers_made[2]
    drawn = papers.variants(desk(site).course, record)
    with browsing(site) as browser:
        path = entered(browser, site, record)
        browser.get(path)
        browser.send("keep", **{"1:z": "5"})
        browser.send("hand-in")
        browser.post(path + "/keep", **{"1:z": "6"})
        browser.get(path + "/feedback", 403)
        seen = "\n".join(browser.seen)
    assert any(telling(value, "en") for variant in drawn for value in quiz.key(variant).values())
    for variant in drawn:
        for value in quiz.key(variant).values():
            assert [text for text in telling(value, "en") if text in seen] == []
        assert str(variant.seed) not in seen
        assert f"{variant.seed:x}" not in seen
        assert f"{variant.exercise}@" not in seen
    assert desk(site).course.secret.hex() not in seen


def test_a_student_sees_nobody_elses_pages(site: Site, papers_made: list[dict]):
    mine, other = papers_made[0], papers_made[1]
    with browsing(site) as browser:
        for path in (f"/course/{mine['paper']}", "/course"):
            browser.get(path, 403)
        entered(browser, site, mine)
        token = browser.token
        for path in ("", "/keep", "/feedback"):
            browser.get(f"/course/{other['paper']}{path}", 404)
        for path in ("", "/keep"):
            browser.post(f"/course/{other['paper']}{path}", 404, token=token, **{"1:z": "666"})
        for path in ("/teacher", "/teacher/1", "/teacher/1/gradebook.csv", "/teacher/1/course.zip"):
            browser.get(path, 404)
        browser.post("/teacher/1", 404, token=token, do="release")
        assert other["name"] not in "".join(browser.seen)
    assert "666" not in desk(site).drafts(other["paper"]).values()
    assert desk(site).released("1") is None


def test_links_cannot_be_guessed_without_end(tmp_path: Path, site: Site):
    site.guesses = Limit(0.0, 5)
    with browsing(site) as browser:
        for number in range(5):
            browser.get(f"/{'st'[number % 2]}/{'a' * 26}", 404)
        browser.get(f"/s/{'b' * 26}", 429)
        browser.get("/settings")
        browser.post("/settings/restore", 429, phrase="ABCD")
    site.guesses = Limit(0.2, 20)


POSTS = [path for path, _get, post in (*PRACTICE, *COURSE) if post is not None]


@pytest.mark.parametrize("path", POSTS)
def test_no_form_is_taken_without_its_token(site: Site, papers_made: list[dict], path: str):
    values = {"exercise": "q2.update", "seed": "7", "paper": papers_made[0]["paper"], "sitting": "1"}
    for name, value in values.items():
        path = path.replace("{" + name + "}", value)
    with browsing(site) as browser, browsing(site) as other:
        entered(browser, site, papers_made[0])
        foreign = other.get("/") and other.token
        for token in ("", "x", foreign, "ж" * 40):
            browser.post(path, 403, token=token or " ")
        good = browser.get("/") and browser.token
        answer = browser.client.post(path, data={"token": good}, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403


def test_markup_stays_text(site: Site, papers_made: list[dict]):
    nasty = '"><script>alert(1)</script>{{7*7}}'
    with browsing(site) as browser:
        browser.get("/practise/q2.update/9")
        browser.send("check:z", **{"1:z": nasty, "1:y": nasty})
        path = entered(browser, site, papers_made[0])
        browser.get(path)
        browser.send("keep", **{"1:z": nasty, "1:nothing": nasty})
        browser.get(f"/practise/{nasty.replace('/', '')}/1", 400)
        browser.get(f"/s/{nasty.replace('/', '')}", 404)
        for text in browser.seen:
            assert "<script>alert" not in text
            assert "49" not in re.findall(r'name="1:z" value="([^"]*)"', text)
        assert "&#34;&gt;&lt;script&gt;" in browser.get(path)
    assert "1:nothing" not in desk(site).drafts(papers_made[0]["paper"])


def test_every_response_has_the_headers(site: Site, papers_made: list[dict]):
    with browsing(site) as browser:
        path = entered(browser, site, papers_made[0])
        for where in ("/", path, "/nothing", "/static/web.css", "/practise/q2.update/7", "/teacher"):
            headers = browser.client.get(where).headers
            assert "script-src 'self'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
        style = re.search('href="(/static/web.css[^"]*)"', browser.get("/"))
        assert style
        assert "immutable" in browser.client.get(style[1]).headers["cache-control"]
        assert browser.client.get("/static/order.js").headers["cache-control"] == "no-cache"
        assert "no-store" in browser.client.get(path).headers["cache-control"]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(site: Site):
    for base, secure in (("http://127.0.0.1", False), ("https://quiz.example", True)):
        client = TestClient(application(site), base_url=base)
        cookie = client.get("/").headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert ("secure" in cookie) is secure
        client.close()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=" + b"1" * 300_000, "application/x-www-form-urlencoded", 413),
        (b"a=" + b"1" * 5_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a%d=1" % n for n in range(2000)), "application/x-www-form-urlencoded", 413),
        (b'{"a": 1}', "application/json", 415),
        (b"", "", 415),
        (b"\xff\xfe%ff%00=%00", "application/x-www-form-urlencoded", 403),
    ],
    ids=["large", "long value", "many fields", "json", "nothing", "bytes"],
)
def test_what_is_no_form_is_refused(site: Site, body: bytes, kind: str, status: int):
    with browsing(site) as browser:
        answer = browser.client.post("/settings", content=body, headers={"content-type": kind})
        assert answer.status_code == status


def test_a_recovery_phrase_opens_the_progress_elsewhere_until_it_is_changed(site: Site):
    with browsing(site) as one, browsing(site) as other, browsing(site) as third:
        one.get("/practise/q2.update/13")
        one.send("solution")
        phrase = re.search(r"<code>([A-Z0-9-]+)</code>", one.get("/settings"))
        assert phrase
        assert len(phrase[1].replace("-", "")) == 20
        other.get("/settings")
        other.post("/settings/restore", 404, phrase="ABCD-ABCD-ABCD-ABCD-ABCD")
        other.get("/settings")
        other.post("/settings/restore", phrase=phrase[1].lower().replace("-", " "))
        assert "Attempts: 1" in other.get("/progress")
        one.get("/settings")
        one.post("/settings/revoke")
        assert "Attempts: 0" in other.get("/progress")
        third.get("/settings")
        third.post("/settings/restore", 404, phrase=phrase[1])


def test_opening_a_link_changes_the_secret_of_the_browser(site: Site, papers_made: list[dict]):
    with browsing(site) as browser:
        browser.get("/")
        planted = browser.client.cookies["quiz"]
        entered(browser, site, papers_made[0])
        assert browser.client.cookies["quiz"] != planted
        with browsing(site) as thief:
            thief.client.cookies.set("quiz", planted)
            thief.get("/course", 403)


def test_too_many_requests_of_one_address_wait(site: Site):
    limit = site.limit
    site.limit = Limit(0.0, 3)
    with browsing(site) as browser:
        for status in (200, 200, 200, 429):
            browser.get("/", status)
    site.limit = limit


def test_limits_recover_and_forget():
    limit = Limit(1e9, 1)
    for number in range(30_000):
        limit.check(f"client {number % 21_000}")
    slow = Limit(0.0, 1)
    slow.check("a")
    slow.check("b")
    with pytest.raises(guard.Denied):
        slow.check("a")


nasty_text = st.text(max_size=60) | st.sampled_from(
    ["..", "\0", "%00", "٣", "‮", "q2.update", "1", "-1", "🙂" * 20]
)


NAMES = ["do", "question", "lang", "back", "phrase", "1:z", "was:1:z", "1:w1", "solutions"]
VALUES = [
    *("check:z", "hint:z", "check-all", "another", "solution", "keep", "hand-in", "sure", "regrade"),
    *("revoke:x", "//x", "/a", "hint:x", "collect", "withdraw"),
]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_route_fails_whatever_is_sent(site: Site, papers_made: list[dict], data: st.DataObject):
    """Every route, as the student and as the teacher, with paths and forms of any kind."""
    path, _get, post = data.draw(st.sampled_from([*PRACTICE, *COURSE]))
    known = {"exercise": "q2.update", "seed": "7", "paper": papers_made[0]["paper"], "sitting": "1"}
    for name in re.findall(r"\{(\w+)\}", path):
        good = known.get(name, "x")
        path = path.replace("{" + name + "}", _quoted(data.draw(st.just(good) | nasty_text)))
    fields = data.draw(
        st.dictionaries(st.sampled_from(NAMES) | nasty_text, st.sampled_from(VALUES) | nasty_text, max_size=6)
    )
    with browsing(site) as browser:
        entered(browser, site, papers_made[0])
        if data.draw(st.booleans()):
            browser.get("/" + server.teacher_path(site))
        token = browser.token or (browser.get("/settings") and browser.token)
        method = "POST" if post and data.draw(st.booleans()) else "GET"
        form = {
            key.encode("utf-8", "replace"): value.encode("utf-8", "replace") for key, value in fields.items()
        }
        answer = browser.client.request(
            method, path, data={**form, "token": token} if method == "POST" else None
        )
        assert answer.status_code < 500, (method, path, fields, answer.text[:500])


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="")


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300))
def test_any_cookie_and_header_can_be_read(text: str):
    assert Settings.read(text) == Settings.read(Settings.read(text).write())
    assert accepted(text) in ("", "kk", "ru", "en")
