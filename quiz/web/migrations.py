"""The tables of the server's database, and the numbered steps that bring an older one up to date."""

from collections.abc import Callable

import sqlalchemy as sa

from quiz.text import mark as _
from quiz.text.errors import Invalid

tables: sa.MetaData = sa.MetaData()
_text, _whole = sa.Text, sa.BigInteger

meta: sa.Table = sa.Table(
    "meta", tables, sa.Column("name", _text, primary_key=True), sa.Column("value", _text, nullable=False)
)
#: Somebody who practises; `phrase` counts how often the recovery phrase was changed.
person: sa.Table = sa.Table(
    "person", tables,
    sa.Column("id", _text, primary_key=True), sa.Column("made", _text, nullable=False),
    sa.Column("phrase", _whole, nullable=False), sa.Column("phrase_hash", _text, nullable=False, unique=True),
)  # fmt: skip
#: Who a browser's cookie stands for: kind is person, student or teacher.
session: sa.Table = sa.Table(
    "session", tables,
    sa.Column("hash", _text, primary_key=True), sa.Column("kind", _text, primary_key=True),
    sa.Column("subject", _text, nullable=False), sa.Column("version", _whole, nullable=False),
    sa.Column("made", _text, nullable=False),
    sa.Index("session_subject", "kind", "subject"),
)  # fmt: skip
attempt: sa.Table = sa.Table(
    "attempt", tables,
    sa.Column("id", _whole().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("person", _text, nullable=False), sa.Column("time", _text, nullable=False),
    sa.Column("variant", _text, nullable=False), sa.Column("revision", _whole, nullable=False),
    sa.Column("version", _text, nullable=False), sa.Column("lang", _text, nullable=False),
    sa.Column("answers", _text, nullable=False), sa.Column("parts", _text, nullable=False),
    sa.Column("score", sa.Float, nullable=False), sa.Column("seconds", sa.Float),
    sa.Index("attempt_person", "person", "variant"),
)  # fmt: skip
#: What somebody has typed, checked and been shown of a variant.
work: sa.Table = sa.Table(
    "work", tables,
    sa.Column("person", _text, primary_key=True), sa.Column("variant", _text, primary_key=True),
    sa.Column("state", _text, nullable=False), sa.Column("changed", _text, nullable=False),
)  # fmt: skip
#: What was typed into a field of a paper.
draft: sa.Table = sa.Table(
    "draft", tables,
    sa.Column("paper", _text, primary_key=True), sa.Column("field", _text, primary_key=True),
    sa.Column("value", _text, nullable=False), sa.Column("typed", _text, nullable=False),
)  # fmt: skip
#: What was handed in; `state` is waiting, kept, or the reason why it was refused.
handed: sa.Table = sa.Table(
    "handed", tables,
    sa.Column("receipt", _text, primary_key=True), sa.Column("paper", _text, nullable=False, index=True),
    sa.Column("sitting", _text, nullable=False), sa.Column("student", _text, nullable=False),
    sa.Column("time", _text, nullable=False), sa.Column("body", _text, nullable=False),
    sa.Column("state", _text, nullable=False, index=True),
)  # fmt: skip
#: How often a personal link was revoked; the student "" stands for the teacher.
link: sa.Table = sa.Table(
    "link", tables,
    sa.Column("student", _text, primary_key=True), sa.Column("version", _whole, nullable=False),
)  # fmt: skip
#: Sittings whose feedback students may see, with or without worked solutions.
release: sa.Table = sa.Table(
    "release", tables,
    sa.Column("sitting", _text, primary_key=True), sa.Column("solutions", _whole, nullable=False),
    sa.Column("time", _text, nullable=False),
)  # fmt: skip
#: What was done, by whom and when; never an answer.
log: sa.Table = sa.Table(
    "log", tables,
    sa.Column("id", _whole().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("time", _text, nullable=False), sa.Column("who", _text, nullable=False),
    sa.Column("what", _text, nullable=False), sa.Column("about", _text, nullable=False),
)  # fmt: skip


def _first(db: sa.Connection) -> None:
    tables.create_all(db)


#: What leads from each version of the tables to the next; a step is never changed, only followed by another.
STEPS: tuple[Callable[[sa.Connection], None], ...] = (_first,)


def migrate(engine: sa.Engine, steps: tuple[Callable[[sa.Connection], None], ...] = STEPS) -> None:
    """Bring a database up to date, all steps or none; processes that start at once wait for each other.

    Raises:
        Invalid: a later version of the program made it.
    """
    with engine.connect().execution_options(immediate=True) as db, db.begin():
        if engine.dialect.name == "postgresql":
            db.execute(sa.text("SELECT pg_advisory_xact_lock(7116021)"))
        meta.create(db, checkfirst=True)
        found = db.execute(sa.select(meta.c.value).where(meta.c.name == "version")).scalar()
        version = int(found or 0)
        if version > len(steps):
            raise Invalid(_("the database was made by a later version of the quiz; update the quiz"))
        for step in steps[version:]:
            step(db)
        if found is None:
            db.execute(meta.insert().values(name="version", value=str(len(steps))))
        elif version < len(steps):
            db.execute(meta.update().where(meta.c.name == "version").values(value=str(len(steps))))
