"""Sites and clients that the tests of the web share."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import httpx
from class_of_students import issue, new_course
from starlette.testclient import TestClient

from quiz.web import server
from quiz.web.app import application
from quiz.web.site import Site


class Browser:
    """A browser without scripts: it follows links and sends forms with all their fields."""

    def __init__(self, client: TestClient):
        self.client = client
        self.text = ""
        self.path = ""
        self.seen: list[str] = []

    def get(self, path: str, status: int = 200) -> str:
        return self._take(self.client.get(path), status)

    def send(self, do: str, status: int = 200, **typed: str) -> str:
        """Send the form that has a button with this value, with all that stands in its fields."""
        form = next(form for form in forms(self.text) if do in form.buttons or do in form.values.values())
        fields = form.values | {name.replace("__", ":"): value for name, value in typed.items()}
        if do in form.buttons:
            fields[form.buttons[do]] = do
        return self.post(form.action or self.path, status, **fields)

    def post(self, path: str, status: int = 200, **fields: str) -> str:
        fields.setdefault("token", self.token)
        return self._take(self.client.post(path, data=fields), status)

    @property
    def token(self) -> str:
        found = re.search(r'name="token" value="(\w+)"', self.text)
        return found[1] if found else ""

    def _take(self, response: httpx.Response, status: int) -> str:
        assert response.status_code == status, response.text[:2000]
        self.text, self.path = response.text, response.url.path
        self.seen.append(response.text)
        return self.text


class _Form:
    def __init__(self, action: str):
        self.action, self.values, self.buttons = action, {}, {}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(_Form(about.get("action", "")))
        elif not self.found:
            return
        form = self.found[-1]
        if tag == "button" and "name" in about:
            form.buttons.setdefault(about["value"], about["name"])
        elif tag == "input" and "name" in about and "disabled" not in about:
            if about.get("type") not in ("radio", "checkbox") or "checked" in about:
                form.values[about["name"]] = about.get("value", "")
        elif tag == "select":
            self._select = about["name"]
            form.values.setdefault(self._select, "")
        elif tag == "option" and "selected" in about:
            form.values[self._select] = about.get("value", "selected")


def forms(text: str) -> list[_Form]:
    parser = _Forms()
    parser.feed(text)
    return parser.found


@contextmanager
def browsing(site: Site) -> Iterator[Browser]:
    """A browser of its own, with its own cookies; the site stays open."""
    client = TestClient(application(site), base_url="http://127.0.0.1", raise_server_exceptions=False)
    try:
        yield Browser(client)
    finally:
        client.close()


def class_site(path: Path, students: int = 3, places: int = 6) -> tuple[Site, list[dict]]:
    """A server with a course; the records of its papers."""
    course = new_course(path / "ann")
    records = [record for record, _sheet in issue(course, students, places=places)]
    return server.for_many("en", "", path / "ann"), records
