"""What the server serves, and who asks: the site, a visit with its settings, somebody who learns."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from jaxnet import __version__
from quiz import bank
from quiz.course.secret import code, keyed
from quiz.marking.marks import Marks
from quiz.practice.store import Attempt, Store
from quiz.text import LANGUAGES
from quiz.web import guard, storage
from quiz.web.desk import Desk
from quiz.web.engine import Warm
from quiz.web.guard import Form, Limit
from quiz.web.migrations import attempt, person, session, work

COOKIE, SETTINGS = "quiz", "quiz_settings"
YEAR = 365 * 24 * 3600
#: Name to the values that a setting can have, the first by default.
CHOICES = {"marks": ("each", "all"), "size": ("normal", "large"), "theme": ("auto", "light", "dark")}


@dataclass
class Site:
    """What the server serves.

    Attributes:
        storage: its database.
        lang: the language of browsers that ask for none of ours.
        store: the attempts of the terminal, if this is the server of one person.
        desk: the course, if there is one.
        key: what forms and phrases are signed with.
        warm: what compiles in the background.
        limit: requests of one address.
        guesses: wrong links and phrases of one address.
    """

    storage: storage.Storage
    lang: str = "en"
    store: Store | None = None
    desk: Desk | None = None
    key: bytes = b""
    warm: Warm = field(default_factory=Warm)
    limit: Limit = field(default_factory=lambda: Limit(200, 2000))
    guesses: Limit = field(default_factory=lambda: Limit(0.2, 20))

    def __post_init__(self) -> None:
        self.key = self.key or self.storage.secret()

    def note(self, db: sa.Connection, who: str, what: str, about: str = "") -> None:
        """Write a line of the log, which never holds an answer."""
        db.execute(storage.log_row(who, what, about))


@dataclass(frozen=True)
class Settings:
    """How somebody wants the pages; kept in a cookie.

    Attributes:
        lang: the language; empty if it was not chosen.
        marks: ``each`` answer at once, or ``all`` together.
        size: ``normal`` or ``large`` type.
        theme: ``auto``, ``light`` or ``dark``.
    """

    lang: str = ""
    marks: str = "each"
    size: str = "normal"
    theme: str = "auto"

    @classmethod
    def read(cls, text: str) -> "Settings":
        """Read the cookie; what it cannot contain is passed over."""
        given = dict(parse_qsl(text[:200]))
        known = {name: given[name] for name, values in CHOICES.items() if given.get(name) in values}
        return cls(lang=given["lang"] if given.get("lang") in LANGUAGES else "", **known)

    def write(self) -> str:
        """Return the content of the cookie."""
        return urlencode({"lang": self.lang, "marks": self.marks, "size": self.size, "theme": self.theme})


def accepted(header: str) -> str:
    """Return the first language of ours that a browser accepts, or the empty text.

    Example:
        >>> accepted("de-DE,ru;q=0.8,en;q=0.5")
        'ru'
    """
    wanted = []
    for place, part in enumerate(header[:500].split(",")):
        name, _semicolon, quality = part.strip().partition(";q=")
        if name.lower()[:2] in LANGUAGES:
            wanted.append((-_share(quality), place, name.lower()[:2]))
    return min(wanted)[2] if wanted else ""


def _share(text: str) -> float:
    try:
        return float(text or "1")
    except ValueError:
        return 0.0


class Visit:
    """One request: who sends it, in which language it is answered, the form it brings.

    Attributes:
        site: what is served.
        request: the request.
        form: the fields that were sent; none for a page that is only looked at.
        settings: how the reader wants the pages.
        lang: the language of the answer.
        session: the secret of the reader's browser.
        new: whether the browser has to be told the secret.
    """

    site: Site
    request: Request
    form: Form
    settings: Settings
    lang: str
    session: str
    new: bool

    def __init__(self, site: Site, request: Request, form: Form | None = None):
        """Read the cookies."""
        self.site, self.request, self.form = site, request, form or Form([])
        self.settings = Settings.read(request.cookies.get(SETTINGS, ""))
        wanted = accepted(request.headers.get("accept-language", ""))
        self.lang = self.settings.lang or (site.lang if site.store else wanted or site.lang)
        self.session = request.cookies.get(COOKIE, "")
        self.new = not 40 <= len(self.session) <= 64 or not self.session.isascii()
        if self.new:
            self.session = secrets.token_urlsafe(32)

    @property
    def token(self) -> str:
        """What every form of this reader contains."""
        return guard.token(self.site.key, "form", self.session)

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return self.request.client.host if self.request.client else ""

    def subject(self, kind: str) -> tuple[str, int] | None:
        """Return whom this browser stands for: a person, a student or the teacher, with a version."""
        if self.new:
            return None
        where = (session.c.hash == hashed(self.session)) & (session.c.kind == kind)
        with self.site.storage.read() as db:
            row = db.execute(sa.select(session.c.subject, session.c.version).where(where)).first()
        return (row[0], row[1]) if row else None

    def become(self, kind: str, subject: str, version: int = 0) -> None:
        """Let this browser stand for somebody, under a new secret that nobody can have planted before."""
        old, self.session, self.new = self.session, secrets.token_urlsafe(32), True
        with self.site.storage.write() as db:
            mine = session.c.hash == hashed(old)
            db.execute(session.delete().where(mine & (session.c.kind == kind)))
            db.execute(session.update().where(mine).values(hash=hashed(self.session)))
            made = {"kind": kind, "subject": subject, "version": version, "made": storage.now()}
            db.execute(session.insert().values(hash=hashed(self.session), **made))
            self.site.note(db, f"{kind} {subject}", "opened")

    def learner(self, *, make: bool = False) -> "Learner":
        """Return the person who practises; with ``make`` somebody new is remembered."""
        if self.site.store is not None:
            return Learner(self.site, "")
        found = self.subject("person")
        if found is None and make:
            with self.site.storage.write() as db:
                identifier = new_person(self.site, db)
            self.become("person", identifier)
            return Learner(self.site, identifier)
        return Learner(self.site, found[0] if found else None)

    def finish(self, response: Response) -> Response:
        """Give the browser its cookie, if it has none yet."""
        if self.new:
            self.cookie(response, COOKIE, self.session)
        return response

    def cookie(self, response: Response, name: str, value: str) -> None:
        """Set a cookie that scripts cannot read and other sites cannot send."""
        secure = self.request.url.scheme == "https"
        response.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="lax", secure=secure)

    def change(self, response: Response, **settings: str) -> None:
        """Change settings."""
        self.settings = replace(self.settings, **settings)
        self.cookie(response, SETTINGS, self.settings.write())


def hashed(secret: str) -> str:
    """Return what is stored in place of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def phrase(site: Site, identifier: str, version: int) -> str:
    """Return the recovery phrase of a person: 100 bits that only this server can work out."""
    return code(keyed(site.key, "phrase", identifier, version), 5)


def new_person(site: Site, db: sa.Connection) -> str:
    """Make somebody who practises."""
    identifier = secrets.token_hex(12)
    made = hashed(phrase(site, identifier, 0))
    db.execute(person.insert().values(id=identifier, made=storage.now(), phrase=0, phrase_hash=made))
    return identifier


class Learner:
    """Somebody who practises: the attempts, and what is being worked on.

    Attributes:
        site: the server.
        id: who it is; the empty text for the only one of `quiz web`, ``None`` for somebody not seen before.
    """

    site: Site
    id: str | None

    def __init__(self, site: Site, identifier: str | None):
        """Say who it is."""
        self.site, self.id = site, identifier

    def attempts(self) -> list[Attempt]:
        """Return all attempts, the oldest first."""
        if self.site.store is not None:
            return self.site.store.attempts()
        if self.id is None:
            return []
        columns = [attempt.c[name] for name in _ATTEMPT]
        query = sa.select(*columns).where(attempt.c.person == self.id).order_by(attempt.c.id)
        with self.site.storage.read() as db:
            return [_attempt(row) for row in db.execute(query)]

    def answered(self) -> set[str]:
        """Return the names of all variants that were answered."""
        return {made.variant for made in self.attempts()}

    def add(self, marks: Marks, lang: str, seconds: float | None) -> None:
        """Store a marked set of answers."""
        if self.site.store is not None:
            self.site.store.add(marks, lang, seconds)
            return
        variant = marks.variant
        parts = {
            name: {"status": part.status, "credit": part.credit, "slips": list(part.slips)}
            for name, part in marks.parts.items()
        }
        row = {
            "person": self.id, "time": storage.now(), "variant": variant.name,
            "revision": bank.exercise(variant.exercise).revision, "version": __version__, "lang": lang,
            "answers": storage.dump({name: p.given for name, p in marks.parts.items() if p.given}),
            "parts": storage.dump(parts), "score": marks.score, "seconds": seconds,
        }  # fmt: skip
        with self.site.storage.write() as db:
            db.execute(attempt.insert().values(**row))

    def work(self, variant: str) -> dict[str, Any] | None:
        """Return what was typed, checked and shown of a variant."""
        if self.id is None:
            return None
        where = (work.c.person == self.id) & (work.c.variant == variant)
        with self.site.storage.read() as db:
            state = db.execute(sa.select(work.c.state).where(where)).scalar()
        return json.loads(state) if state else None

    def open_work(self, most: int = 3) -> list[str]:
        """Return the variants that were worked on last and not finished."""
        if self.id is None:
            return []
        query = sa.select(work.c.variant, work.c.state).where(work.c.person == self.id)
        with self.site.storage.read() as db:
            rows = db.execute(query.order_by(work.c.changed.desc()).limit(20)).all()
        known = bank.ids()
        return [v for v, s in rows if not json.loads(s)["over"] and v.partition("@")[0] in known][:most]

    def keep(self, variant: str, state: Mapping[str, Any]) -> None:
        """Store what was typed, checked and shown of a variant."""
        with self.site.storage.write() as db:
            row = {"person": self.id, "variant": variant, "state": storage.dump(state)}
            self.site.storage.put(db, work, row | {"changed": storage.now()})


_ATTEMPT = ("time", "variant", "revision", "version", "lang", "answers", "parts", "score", "seconds")


def _attempt(row: Any) -> Attempt:
    time, variant, revision, version, lang, answers, parts, score, seconds = row
    about = (json.loads(answers), json.loads(parts))
    return Attempt(datetime.fromisoformat(time), variant, revision, version, lang, *about, score, seconds)
