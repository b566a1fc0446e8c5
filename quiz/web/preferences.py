"""Settings: language, when answers are checked, type, colours; the recovery phrase."""

import hmac
from dataclasses import asdict

import sqlalchemy as sa
from starlette.responses import RedirectResponse, Response

from quiz.course.submissions.parse import normal_code
from quiz.text import LANGUAGES
from quiz.text import mark as _
from quiz.web import guard, pages
from quiz.web.migrations import person, session
from quiz.web.site import CHOICES, Visit, hashed, phrase

_SAID = ("stored", "restored", "revoked")


def back(_visit: Visit) -> Response:
    """Lead a reader who came without a form to the settings."""
    return RedirectResponse("/settings", 303)


def show(visit: Visit) -> Response:
    """Show the settings."""
    found = visit.subject("person") if visit.site.store is None else None
    said = visit.request.query_params.get("said", "")
    about = {
        "phrase": phrase(visit.site, found[0], _version(visit, found[0])) if found else "",
        "choices": CHOICES,
        "now": asdict(visit.settings),
        "said_word": said if said in _SAID else "",
    }
    return pages.show(visit, "settings.html", about)


def _version(visit: Visit, identifier: str) -> int:
    with visit.site.storage.read() as db:
        return db.execute(sa.select(person.c.phrase).where(person.c.id == identifier)).scalar_one()


def change(visit: Visit) -> Response:
    """Store the settings that the form names; return to the page it was sent from."""
    given = visit.form.values()
    known = {name: given[name] for name, values in CHOICES.items() if given.get(name) in values}
    if given.get("lang") in LANGUAGES:
        known["lang"] = given["lang"]
    where = given.get("back", "")
    own = where.startswith("/") and not where.startswith(("//", "/\\")) and where.isprintable()
    response = RedirectResponse(where if own and where.isascii() else "/settings?said=stored", 303)
    visit.change(response, **known)
    return response


def restore(visit: Visit) -> Response:
    """Open somebody's progress by the recovery phrase."""
    given = normal_code(visit.form.get("phrase")[:80])
    visit.site.guesses.check(visit.address)
    with visit.site.storage.read() as db:
        row = db.execute(
            sa.select(person.c.id, person.c.phrase).where(person.c.phrase_hash == hashed(given))
        ).first()
    if row is None or not hmac.compare_digest(phrase(visit.site, row[0], row[1]).encode(), given.encode()):
        raise guard.Denied(404, _("Nobody has this recovery phrase; check it letter by letter."))
    visit.become("person", row[0])
    return RedirectResponse("/settings?said=restored", 303)


def revoke(visit: Visit) -> Response:
    """Sign out all other browsers, and change the phrase."""
    found = visit.subject("person")
    if found is None:
        raise guard.not_found()
    version = _version(visit, found[0]) + 1
    with visit.site.storage.write() as db:
        made = hashed(phrase(visit.site, found[0], version))
        db.execute(person.update().where(person.c.id == found[0]).values(phrase=version, phrase_hash=made))
        own = (session.c.kind == "person") & (session.c.subject == found[0])
        db.execute(session.delete().where(own & (session.c.hash != hashed(visit.session))))
        visit.site.note(db, f"person {found[0]}", "sessions")
    return RedirectResponse("/settings?said=revoked", 303)
