"""The database of the server: people, sessions, what was typed, what was handed in; SQLite or PostgreSQL."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from quiz.text import mark as _
from quiz.text.errors import Invalid, Machine, Refusal
from quiz.web import migrations
from quiz.web.migrations import log, meta


def now() -> str:
    """Return the time in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def dump(value: Any) -> str:
    """Write a value as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def log_row(who: str, what: str, about: str) -> sa.Insert:
    """Return the statement that adds a line to the log."""
    return log.insert().values(time=now(), who=who, what=what, about=about)


class Storage:
    """A database that several threads, processes and, with PostgreSQL, machines use at once.

    Attributes:
        engine: the connections.
    """

    engine: sa.Engine

    def __init__(self, url: str):
        """Open the database, or create it; one of an earlier version is brought up to date.

        Args:
            url: such as ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``.

        Raises:
            Refusal: it was made by a later version, or cannot be opened.
        """
        try:
            parsed = sa.make_url(url)
            if parsed.drivername in ("postgresql", "postgres"):
                parsed = parsed.set(drivername="postgresql+psycopg")
            if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
                raise ValueError
            self.engine = sa.create_engine(parsed, pool_pre_ping=True, pool_size=16, max_overflow=32)
        except ModuleNotFoundError:
            raise Refusal(
                _('PostgreSQL needs the package psycopg; install it with `pip install "psycopg[binary]"`')
            ) from None
        except (ArgumentError, ValueError):
            raise Refusal(
                _("expected a database such as sqlite:///FILE or postgresql://USER@HOST/NAME")
            ) from None
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _connected)
            event.listen(self.engine, "begin", _begun)
        try:
            migrations.migrate(self.engine)
        except OperationalError:
            self.engine.dispose()
            raise Machine(
                _("the database cannot be opened; check its place, the name, the password, the free disk")
            ) from None
        except DatabaseError:
            self.engine.dispose()
            raise Invalid(_("the database is damaged, or not one of the quiz")) from None
        except BaseException:
            self.engine.dispose()
            raise

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a transaction that only reads."""
        with self.engine.connect() as db:
            yield db

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction that is committed at the end, or rolled back by an exception."""
        with self.engine.connect().execution_options(immediate=True) as db, db.begin():
            yield db

    def put(self, db: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> None:
        """Insert a row, or replace the one with the same key."""
        insert = (sqlite if self.engine.dialect.name == "sqlite" else postgresql).insert(table).values(**row)
        keys = [column.name for column in table.primary_key]
        rest = {name: insert.excluded[name] for name in row if name not in keys}
        db.execute(
            insert.on_conflict_do_update(index_elements=keys, set_=rest)
            if rest
            else insert.on_conflict_do_nothing(index_elements=keys)
        )

    def secret(self) -> bytes:
        """Return the key of this database by which the server recognises what it has issued."""
        with self.write() as db:
            found = db.execute(sa.select(meta.c.value).where(meta.c.name == "secret")).scalar()
            if found is None:
                found = secrets.token_hex(32)
                db.execute(meta.insert().values(name="secret", value=found))
        return bytes.fromhex(found)


def _connected(connection: Any, _record: Any) -> None:
    """Prepare an SQLite connection: transactions begin where this module says so."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=20000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begun(db: sa.Connection) -> None:
    immediate = db.get_execution_options().get("immediate")
    db.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
