"""The course's ledger, an SQLite file: papers, submissions read, marks, problems, and the audit trail."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

_TABLES = """
CREATE TABLE IF NOT EXISTS sittings (sitting TEXT PRIMARY KEY, blueprint TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS papers (
  paper TEXT PRIMARY KEY, sitting TEXT NOT NULL, student TEXT NOT NULL, record TEXT NOT NULL,
  UNIQUE (sitting, student));
CREATE TABLE IF NOT EXISTS entries (
  source TEXT, line INTEGER, digest BLOB NOT NULL, kind TEXT NOT NULL, paper TEXT, problem TEXT,
  PRIMARY KEY (source, line));
CREATE INDEX IF NOT EXISTS entries_paper ON entries (paper);
CREATE TABLE IF NOT EXISTS marks (
  paper TEXT PRIMARY KEY, source TEXT NOT NULL, line INTEGER NOT NULL, answers TEXT NOT NULL,
  score REAL NOT NULL, result TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS trail (
  time TEXT NOT NULL, paper TEXT NOT NULL, old REAL NOT NULL, new REAL NOT NULL, kept REAL NOT NULL,
  version TEXT NOT NULL, reason TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL);
"""


class Mark(NamedTuple):
    """One marked paper: where it was read, its answers, its score and result."""

    paper: str
    source: str
    line: int
    answers: dict[str, dict[str, Any]]
    score: float
    result: dict[str, Any]


class Ledger:
    """The ledger; every change is one transaction, so that a kill cannot damage it."""

    def __init__(self, path: Path, *, readonly: bool = False):
        """Open the ledger, or create it."""
        if readonly:
            self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        else:
            self._db = sqlite3.connect(path)
            try:
                # a kill loses nothing; a power cut may lose the last marks, which can be made again
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._db.executescript(_TABLES)
            except sqlite3.Error:  # not a database
                self._db.close()
                raise

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # -- papers

    def blueprint(self, sitting: str) -> dict[str, Any] | None:
        """Return the blueprint of a sitting, or ``None``."""
        row = self._db.execute("SELECT blueprint FROM sittings WHERE sitting = ?", (sitting,)).fetchone()
        return json.loads(row[0]) if row else None

    def sittings(self) -> list[str]:
        """Return the names of all sittings."""
        return [row[0] for row in self._db.execute("SELECT sitting FROM sittings ORDER BY sitting")]

    def set_blueprint(self, sitting: str, blueprint: dict[str, Any]) -> None:
        """Store the blueprint of a sitting."""
        with self._db:
            self._db.execute("INSERT INTO sittings VALUES (?, ?)", (sitting, _dump(blueprint)))

    def record(self, paper: str) -> dict[str, Any] | None:
        """Return the record of a paper, or ``None``."""
        row = self._db.execute("SELECT record FROM papers WHERE paper = ?", (paper,)).fetchone()
        return json.loads(row[0]) if row else None

    def put_records(self, records: Iterable[dict[str, Any]]) -> None:
        """Store records of papers."""
        with self._db:
            self._db.executemany(
                "INSERT OR REPLACE INTO papers VALUES (?, ?, ?, ?)",
                ((r["paper"], r["sitting"], r["student"], _dump(r)) for r in records),
            )

    def records(self, sitting: str) -> Iterator[dict[str, Any]]:
        """Yield the records of a sitting, in the order of the roster."""
        for (record,) in self._db.execute(
            "SELECT record FROM papers WHERE sitting = ? ORDER BY rowid", (sitting,)
        ):
            yield json.loads(record)

    # -- marks

    def seen(self, source: str, line: int) -> bytes | None:
        """Return the digest of what was read there before."""
        row = self._db.execute(
            "SELECT digest FROM entries WHERE source = ? AND line = ?", (source, line)
        ).fetchone()
        return row[0] if row else None

    def put(self, outcomes: Iterable[dict[str, Any]], sitting: str | None = None) -> list[dict[str, Any]]:
        """Store outcomes of marking, all or none; return the problems among them.

        A second submission for a paper does not replace the first; it is a problem of kind ``twice``. A file
        whose content has changed loses its earlier mark, but only within a sitting: files of another sitting
        may have the same names.

        Args:
            outcomes: from `mark_chunk`.
            sitting: the sitting of a file that names no known paper.
        """
        problems = []
        with self._db:
            for outcome in outcomes:
                problem, place = outcome.get("problem"), (outcome["source"], outcome["line"])
                if problem is None:
                    first = self._db.execute(
                        "SELECT source, line FROM marks WHERE paper = ?", (outcome["paper"],)
                    ).fetchone()
                    if first is not None and first != place:
                        problem = {"kind": "twice", "given": {"source": first[0], "line": first[1]}}
                if problem is None:
                    self._forget(place, outcome["paper"], sitting, keep=True)
                    self._db.execute(
                        "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?, ?)",
                        (
                            outcome["paper"],
                            *place,
                            _dump(outcome["answers"]),
                            outcome["score"],
                            _dump(outcome["result"]),
                        ),
                    )
                else:
                    self._forget(place, outcome.get("paper"), sitting)
                    problems.append({"source": place[0], "line": place[1], **problem})
                self._db.execute(
                    "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)",
                    (*place, outcome["digest"], problem["kind"] if problem else "marked",
                     outcome.get("paper"),
                     _dump(problem) if problem else None),
                )  # fmt: skip
        return problems

    def _forget(
        self, place: tuple[str, int], paper: str | None, sitting: str | None, *, keep: bool = False
    ) -> None:
        """Delete the mark that was read from this place before in the sitting: the content has changed."""
        row = self._db.execute("SELECT sitting FROM papers WHERE paper = ?", (paper,)).fetchone()
        sitting = row[0] if row else sitting
        self._db.execute(
            "DELETE FROM marks WHERE source = ? AND line = ? AND paper IS NOT ? AND (? IS NULL OR paper IN "
            "(SELECT paper FROM papers WHERE sitting = ?))",
            (*place, paper if keep else None, sitting, sitting),
        )

    def problems(self) -> Iterator[dict[str, Any]]:
        """Yield all problems, by file and line."""
        query = "SELECT source, line, problem FROM entries WHERE problem IS NOT NULL ORDER BY source, line"
        for source, line, problem in self._db.execute(query):
            yield {"source": source, "line": line, **json.loads(problem)}

    def marks(self, sitting: str) -> Iterator[tuple[dict[str, Any], Mark | None]]:
        """Yield the papers of a sitting, each with its mark or ``None``."""
        query = (
            "SELECT record, m.paper, source, line, answers, score, result FROM papers p LEFT JOIN marks m ON "
            "m.paper = p.paper WHERE sitting = ? ORDER BY p.rowid"
        )
        for record, *row in self._db.execute(query, (sitting,)):
            found = None
            if row[0] is not None:
                found = Mark(row[0], row[1], row[2], json.loads(row[3]), row[4], json.loads(row[5]))
            yield json.loads(record), found

    def mark(self, paper: str) -> tuple[dict[str, Any], Mark]:
        """Return a marked paper and its mark."""
        query = "SELECT source, line, answers, score, result FROM marks WHERE paper = ?"
        source, line, answers, score, result = self._db.execute(query, (paper,)).fetchone()
        record = self.record(paper)
        assert record is not None
        return record, Mark(paper, source, line, json.loads(answers), score, json.loads(result))

    def count(self) -> int:
        """Return the number of marked papers."""
        return self._db.execute("SELECT count(*) FROM marks").fetchone()[0]

    def change(
        self, changes: Iterable[tuple[Mark, float, dict[str, Any], bool]], about: tuple[str, str, str]
    ) -> None:
        """Replace marks and extend the audit trail, in one transaction.

        Args:
            changes: the old mark, the new score and result, and whether the new one counts.
            about: the time, the version of the program, the reason.
        """
        with self._db:
            for old, score, result, counts in changes:
                time, version, reason = about
                self._db.execute(
                    "INSERT INTO trail VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (time, old.paper, old.score, score, score if counts else old.score, version, reason,
                     _dump(old.result), _dump(result)),
                )  # fmt: skip
                if counts:
                    self._db.execute(
                        "UPDATE marks SET score = ?, result = ? WHERE paper = ?",
                        (score, _dump(result), old.paper),
                    )

    def trail(self) -> Iterator[dict[str, Any]]:
        """Yield every change of a mark, in order."""
        columns = ("time", "paper", "old", "new", "kept", "version", "reason")
        for row in self._db.execute(f"SELECT {', '.join(columns)} FROM trail ORDER BY rowid"):
            yield dict(zip(columns, row, strict=True))


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
