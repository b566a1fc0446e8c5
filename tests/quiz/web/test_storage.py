"""The database: migrations step by step, transactions, several threads, what it refuses."""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from quiz.text.errors import Invalid, Refusal
from quiz.web import migrations
from quiz.web.migrations import STEPS, draft, log, migrate
from quiz.web.storage import Storage, log_row

POSTGRESQL = os.environ.get("QUIZ_TEST_POSTGRESQL")


@pytest.mark.skipif(POSTGRESQL is None, reason="QUIZ_TEST_POSTGRESQL names no empty database")
def test_two_servers_with_one_postgresql_see_each_others_rows_and_keep_the_last():
    assert POSTGRESQL is not None
    one, other = Storage(POSTGRESQL), Storage(POSTGRESQL)
    assert one.secret() == other.secret()
    for number in range(20):
        store = (one, other)[number % 2]
        with store.write() as db:
            store.put(db, draft, {"paper": "Қ", "field": "1:z", "value": f"{number}\u2212", "typed": "now"})
            db.execute(log_row("teacher", "release", "1"))
    with one.read() as db:
        mine = draft.c.paper == "Қ"
        assert db.execute(sa.select(draft.c.value).where(mine)).scalars().all() == ["19\u2212"]
        assert db.execute(sa.select(sa.func.count()).select_from(log)).scalar() >= 20
    for store in (one, other):
        store.close()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'a.sqlite3'}"


def test_a_database_goes_step_by_step_to_the_present_and_keeps_its_rows(url: str):
    first = Storage(url)
    with first.write() as db:
        first.put(db, draft, {"paper": "A", "field": "1:z", "value": "5", "typed": "now"})
    secret = first.secret()
    first.close()
    engine = sa.create_engine(url)
    steps = (*STEPS, lambda db: db.execute(sa.text("ALTER TABLE draft ADD COLUMN device TEXT")))
    migrate(engine, steps)
    migrate(engine, steps)
    with engine.connect() as db:
        assert db.execute(sa.text("SELECT value, device FROM draft")).all() == [("5", None)]
        version = db.execute(sa.text("SELECT value FROM meta WHERE name = 'version'")).scalar()
    engine.dispose()
    assert version == str(len(STEPS) + 1)
    with pytest.raises(Invalid, match="later version"):
        Storage(url)
    assert len(secret) == 32


def test_a_step_that_fails_changes_nothing(url: str):
    Storage(url).close()
    engine = sa.create_engine(url)

    def broken(db: sa.Connection) -> None:
        db.execute(sa.text("ALTER TABLE draft ADD COLUMN device TEXT"))
        raise RuntimeError

    store = Storage(url)
    with pytest.raises(RuntimeError):
        migrate(store.engine, (*STEPS, broken))
    with store.read() as db:
        assert "device" not in [row[1] for row in db.exec_driver_sql("PRAGMA table_info(draft)")]
    store.close()
    engine.dispose()


def test_every_table_has_a_step_that_makes_it(url: str):
    store = Storage(url)
    made = set(sa.inspect(store.engine).get_table_names())
    store.close()
    assert made == set(migrations.tables.tables)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "expected a database"),
        ("mysql://a:secret@b/c", "expected a database"),
        ("sqlite:////nowhere/at/all.sqlite3", "cannot be opened"),
    ],
)
def test_a_database_that_cannot_be_used_is_a_sentence_without_the_password(url: str, said: str):
    with pytest.raises(Refusal, match=said) as refused:
        Storage(url)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path):
    (tmp_path / "a.sqlite3").write_text("five years of work " * 100)
    with pytest.raises(Invalid, match="not one of the quiz"):
        Storage(f"sqlite:///{tmp_path / 'a.sqlite3'}")


def test_many_threads_lose_nothing(url: str):
    store = Storage(url)

    def type_much(thread: int) -> None:
        for number in range(10):
            with store.write() as db:
                row = {"paper": str(thread), "field": str(number % 3), "value": str(number), "typed": "now"}
                store.put(db, draft, row)

    threads = [threading.Thread(target=type_much, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as db:
        values = db.execute(sa.select(draft.c.value).where(draft.c.field == "0")).scalars().all()
        assert db.execute(sa.select(sa.func.count()).select_from(draft)).scalar() == 18
    store.close()
    assert values == ["9"] * 6


def test_a_transaction_is_whole_or_not_at_all(url: str):
    store = Storage(url)
    with contextlib.suppress(RuntimeError), store.write() as db:
        store.put(db, draft, {"paper": "A", "field": "1", "value": "5", "typed": "now"})
        raise RuntimeError
    with store.read() as db:
        assert db.execute(sa.select(draft)).all() == []
    assert store.secret() == store.secret()
    store.close()


def test_the_command_and_the_package_load_none_of_it():
    program = (
        "import sys, quiz, quiz.cli.app, quiz.practice.store; quiz.cli.app.main(['--help'])"
        " if len(sys.argv) > 1 else None; "
        "print(sorted({'jax', 'starlette', 'sqlalchemy', 'jinja2', 'uvicorn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
