"""The course folder, its secret key, and the seeds derived from it."""

import json
import os
import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from quiz.course.secret import keyed
from quiz.files import remove_leftovers, write_atomic, write_json
from quiz.text import LANGUAGES
from quiz.text import mark as _
from quiz.text.errors import Invalid, Refusal, one_line

SCHEMA = 1


@dataclass(frozen=True)
class Course:
    """An open course.

    Attributes:
        path: its folder.
        name: its identifier, part of every seed.
        title: what papers and reports show.
        lang: the language of students without one in the roster.
        secret: the key; never shown, never written elsewhere.
    """

    path: Path
    name: str
    title: str
    lang: str
    secret: bytes = field(repr=False)

    @property
    def database(self) -> Path:
        """The database of papers and marks."""
        return self.path / "course.sqlite"

    def digest(self, *parts: object) -> bytes:
        """Return HMAC-SHA256 of the secret over the parts; no two lists of parts collide."""
        return keyed(self.secret, self.name, *parts)

    def seed(self, *parts: object) -> int:
        """Return a seed of 128 bits that nobody can find without the secret."""
        return int.from_bytes(self.digest("seed", *parts)[:16], "big")

    @property
    def fingerprint(self) -> str:
        """What tells this secret from another one, and tells nothing else about it."""
        return self.digest("fingerprint").hex()[:16]


def new(path: Path, title: str = "", lang: str = "en") -> Course:
    """Make a course folder with a fresh secret key.

    Raises:
        Refusal: there already is a course, or the name or the language is invalid.
    """
    name = unicodedata.normalize("NFC", path.name)
    if not re.fullmatch(r"[\w.-]{1,64}", name) or name.startswith("."):
        raise Refusal(
            _('expected a name of letters, digits, "-", "_" and ".", got "%(name)s"'), name=one_line(name)
        )
    if lang not in LANGUAGES:
        raise Refusal(
            _('expected one of %(known)s, got "%(given)s"'), known=", ".join(LANGUAGES), given=one_line(lang)
        )
    if (path / "course.json").exists() or (path / "course.sqlite").exists():
        raise Refusal(
            _("%(path)s already is a course; a new key would invalidate its papers"), path=one_line(path)
        )
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    remove_leftovers(path)
    identity = f"{name}-{secrets.token_hex(4)}"  # two courses of the same name never share a seed
    secret = secrets.token_hex(32)
    made = Course(path, identity, title or name, lang, bytes.fromhex(secret))
    # the folder is a course once course.json is there; until then nothing depends on the secret
    write_atomic(path / "secret", secret + "\n", private=True)
    try:
        _check_private(path)
        write_json(
            path / "course.json",
            {"schema": SCHEMA, "course": identity, "title": made.title, "lang": lang,
             "fingerprint": made.fingerprint},
        )  # fmt: skip
    except BaseException:
        (path / "secret").unlink(missing_ok=True)
        raise
    return open_course(path)


def open_course(path: Path) -> Course:
    """Open a course folder.

    Raises:
        Invalid: there is no course, or one of its files is damaged or readable by others.
    """
    try:
        about = json.loads((path / "course.json").read_text("utf-8"))
        secret = bytes.fromhex((path / "secret").read_text("ascii").strip())
        course = Course(path, str(about["course"]), str(about["title"]), str(about["lang"]), secret)
        fingerprint = about.get("fingerprint", course.fingerprint)
    except FileNotFoundError:
        raise Invalid(
            _("%(path)s is not a course; `quiz course new %(path)s` makes one"), path=one_line(path)
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(_("%(path)s: course.json or secret is damaged"), path=one_line(path)) from error
    if len(secret) < 32 or course.lang not in LANGUAGES:
        raise Invalid(_("%(path)s: course.json or secret is damaged"), path=one_line(path))
    if fingerprint != course.fingerprint:
        raise Invalid(
            _("%(path)s/secret is not the secret that the papers were made with; put the right one back"),
            path=one_line(path),
        )
    _check_private(path)
    return course


def _check_private(path: Path) -> None:
    """Refuse a secret that others can read."""
    if os.name == "posix" and (path / "secret").stat().st_mode & 0o077:
        raise Invalid(
            _("%(path)s/secret can be read by others; 'chmod 600' fixes it, if the disk has modes"),
            path=one_line(path),
        )
