"""A course on the server: personal links, papers, and the hand-over of answers to `quiz.course`.

Papers, marks and decisions stay in the course's ledger; this module only reads them, and hands in through
`quiz.course.sitting.mark`, as the command does.
"""

import base64
import hmac
import json
import logging
import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from quiz.course import folder, papers
from quiz.course import sitting as sittings
from quiz.course.decisions import Rules, rules
from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.course.secret import code
from quiz.files import write_atomic
from quiz.text.errors import Refusal
from quiz.web import storage
from quiz.web.migrations import draft, handed, link, log, release
from quiz.web.storage import Storage

#: The name under which the teacher's link is counted.
TEACHER = ""
#: Seconds between two looks at what waits to be marked.
PAUSE = 5.0
WAITING, KEPT = "waiting", "kept"


class Desk:
    """A course that students and a teacher reach by links.

    Attributes:
        course: the course, with its secret.
        storage: the server's database.
    """

    course: Course
    storage: Storage

    def __init__(self, path: Path, store: Storage):
        """Open a course folder.

        Raises:
            Refusal: there is no course, or its secret is another one.
        """
        self.course, self.storage = folder.open_course(path), store
        with Ledger(self.course.database) as ledger:  # brings an older ledger up to date
            papers.check_secret(self.course, ledger)
        self._wake, self._ended = threading.Event(), threading.Event()
        self._sheet = lru_cache(maxsize=1024)(self._made)

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the ledger for reading."""
        with Ledger(self.course.database, readonly=True) as ledger:
            yield ledger

    # -- links

    def version(self, student: str) -> int:
        """Return how often a link was revoked."""
        with self.storage.read() as db:
            return db.execute(sa.select(link.c.version).where(link.c.student == student)).scalar() or 0

    def token(self, student: str, version: int) -> str:
        """Return the secret part of a personal link: 128 bits that only the course's secret gives."""
        kind = "teacher link" if student == TEACHER else "student link"
        return base64.b32encode(self.course.digest(kind, student, version)[:16]).decode().rstrip("=").lower()

    def owner(self, token: str) -> tuple[str, int] | None:
        """Return whose personal link it is, with its version; each is compared in constant time."""
        with self.ledger() as ledger, self.storage.read() as db:
            students = [row[0] for row in ledger.db.execute("SELECT DISTINCT student FROM papers")]
            versions = {row.student: row.version for row in db.execute(sa.select(link))}
        found = None
        for student in students:
            own = self.token(student, versions.get(student, 0))
            if hmac.compare_digest(own.encode(), token.encode("utf-8", "replace")):
                found = (student, versions.get(student, 0))
        return found

    def is_teacher(self, token: str) -> bool:
        """Return whether it is the teacher's link."""
        own = self.token(TEACHER, self.version(TEACHER))
        return hmac.compare_digest(own.encode(), token.encode("utf-8", "replace"))

    def revoke(self, student: str) -> None:
        """Make a link invalid, with all browsers that it opened; there is a new one."""
        with self.storage.write() as db:
            found = db.execute(sa.select(link.c.version).where(link.c.student == student)).scalar() or 0
            self.storage.put(db, link, {"student": student, "version": found + 1})
            db.execute(storage.log_row("teacher", "revoke", student))

    # -- papers

    def sheet(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return the sheet of a paper: what is printed, without seeds and keys."""
        return self._sheet(json.dumps(record, sort_keys=True))

    def _made(self, text: str) -> dict[str, Any]:
        record = json.loads(text)
        with self.ledger() as ledger:
            title = (ledger.blueprint(record["sitting"]) or {"title": ""})["title"]
        return papers.to_sheet(
            self.course, record, papers.variants(self.course, record), title or self.course.title
        )

    def rules(self, sitting: str) -> Rules:
        """Return the teacher's decisions for a sitting."""
        with self.ledger() as ledger:
            return rules(ledger, sitting)

    # -- what students type and hand in

    def drafts(self, paper: str) -> dict[str, str]:
        """Return what was typed into the fields of a paper."""
        with self.storage.read() as db:
            rows = db.execute(sa.select(draft.c.field, draft.c.value).where(draft.c.paper == paper))
            return {row[0]: row[1] for row in rows}

    def keep(self, paper: str, values: dict[str, str]) -> None:
        """Keep what was typed, all or nothing."""
        with self.storage.write() as db:
            for field, value in values.items():
                row = {"paper": paper, "field": field, "value": value, "typed": storage.now()}
                self.storage.put(db, draft, row)

    def hand_in(self, record: dict[str, Any], answers: dict[str, dict[str, str]], time: str, who: str) -> str:
        """Take answers as handed in; return the receipt. They are marked soon after, by `quiz.course`."""
        body = storage.dump(
            {"schema": 1, "paper": record["paper"], "mac": record["macs"][-1], "answers": answers}
        )
        receipt = receipt_of(self.course, record["paper"], time, body)
        row = {
            "receipt": receipt, "paper": record["paper"], "sitting": record["sitting"],
            "student": record["student"], "time": time, "body": body, "state": WAITING,
        }  # fmt: skip
        with self.storage.write() as db:
            self.storage.put(db, handed, row)
            db.execute(storage.log_row(who, "handed", record["paper"]))
        self._wake.set()
        return receipt

    def receipts(self, paper: str) -> list[dict[str, Any]]:
        """Return what was handed in for a paper, the latest first."""
        query = sa.select(handed.c.receipt, handed.c.time, handed.c.state).where(handed.c.paper == paper)
        with self.storage.read() as db:
            return [dict(row._mapping) for row in db.execute(query.order_by(handed.c.time.desc()))]

    def released(self, sitting: str) -> bool | None:
        """Return whether feedback is released, with solutions or not; ``None`` if it is not."""
        with self.storage.read() as db:
            found = db.execute(sa.select(release.c.solutions).where(release.c.sitting == sitting)).scalar()
        return None if found is None else bool(found)

    def history(self, most: int = 100) -> list[dict[str, Any]]:
        """Return the last lines of the log, the latest first."""
        with self.storage.read() as db:
            query = sa.select(log.c.time, log.c.who, log.c.what, log.c.about).order_by(log.c.id.desc())
            return [dict(row._mapping) for row in db.execute(query.limit(most))]

    # -- marking

    def start(self) -> None:
        """Begin to hand over what was handed in, also what waits from before."""
        threading.Thread(target=self._hand_over, name="quiz-warm", daemon=True).start()

    def stop(self) -> None:
        """End the thread; what waits is handed over after the next start."""
        self._ended.set()
        self._wake.set()

    def _hand_over(self) -> None:
        while not self._ended.is_set():
            try:
                self.mark_waiting()
            except (Refusal, sqlite3.Error, SQLAlchemyError, OSError) as error:
                logging.getLogger("quiz.web").warning("not marked yet: %s", error)
            self._wake.wait(PAUSE)
            self._wake.clear()

    def mark_waiting(self) -> int:
        """Hand over what waits to `quiz.course.sitting.mark`; return how many there were."""
        query = sa.select(handed).where(handed.c.state == WAITING).order_by(handed.c.time)
        with self.storage.read() as db:
            rows = [dict(row._mapping) for row in db.execute(query)]
        for sitting in dict.fromkeys(row["sitting"] for row in rows):
            own = [row for row in rows if row["sitting"] == sitting]
            problems = self._mark(sitting, own)
            with self.storage.write() as db:
                for row in own:
                    state = problems.get(f"{row['receipt']}.json", KEPT)
                    db.execute(handed.update().where(handed.c.receipt == row["receipt"]).values(state=state))
        return len(rows)

    def _mark(self, sitting: str, rows: list[dict[str, Any]]) -> dict[str, str]:
        """Write files as students would hand them in, and mark them; return the problems by file."""
        for row in rows:
            write_atomic(self.course.path / "handed-in" / f"{row['receipt']}.json", row["body"], private=True)
        with tempfile.TemporaryDirectory() as place, Ledger(self.course.database) as ledger:
            for row in rows:
                path = Path(place) / f"{row['receipt']}.json"
                path.write_text(row["body"], "utf-8")
                moment = datetime.fromisoformat(row["time"]).timestamp()
                os.utime(path, (moment, moment))
            found = list(sittings.mark(self.course, ledger, Path(place), sitting=sitting, jobs=1))
        return {problem["source"]: sittings.describe(problem, "en") for problem in found}


def receipt_of(course: Course, *parts: str) -> str:
    """Return a receipt: what only the course can make of a paper, a time and the answers."""
    return code(course.digest("receipt", *parts), 4)
