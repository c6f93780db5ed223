from __future__ import annotations

import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from kaohe.domain.errors import TracesLeft
from kaohe.storage import database
from kaohe.storage.database import erase_traces, is_sqlite, prepare_engine, reading, transaction
from kaohe.storage.tables import db

NEAR_THE_BALLOT = {
    "tickets": {"round_id", "digest", "group_key", "is_spent", "is_void", "is_drawn", "retry_digest", "wrapped_code"},
    "envelopes": {"round_id", "id", "group_key", "tag", "box"},
    "ballots": {"round_id", "id", "group_key", "marks"},
    "comments": {"round_id", "id", "subject_key", "text"},
    "receipts": {"round_id", "receipt"},
}


def test_the_migrations_lead_exactly_to_the_tables_of_the_program() -> None:
    with db.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), db.metadata)
    assert differences == []


@pytest.mark.parametrize("table", NEAR_THE_BALLOT)
def test_nothing_near_the_ballot_box_tells_time_order_address_or_person(table: str) -> None:
    built = inspect(db.engine)
    assert {column["name"] for column in built.get_columns(table)} == NEAR_THE_BALLOT[table]
    assert built.get_foreign_keys(table) == []
    kinds = {str(column["type"]).upper() for column in built.get_columns(table)}
    assert not [kind for kind in kinds if any(word in kind for word in ("TIME", "DATE", "INT", "SERIAL"))]
    assert not [column for column in built.get_columns(table) if column.get("autoincrement") is True]
    with db.engine.connect() as connection:
        if is_sqlite():
            stored = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table})
            assert "WITHOUT ROWID" in stored
            triggers = connection.scalar(text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"))
        else:
            triggers = connection.scalar(text("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"))
    assert triggers == 0


def test_sqlite_runs_with_the_settings_that_durability_needs() -> None:
    with reading() as session:
        if not is_sqlite():
            assert session.scalar(text("SHOW fsync")) == "on"
            return
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2
        assert session.scalar(text("PRAGMA secure_delete")) == 1
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_transaction_that_fails_leaves_nothing() -> None:
    def fail() -> None:
        with transaction() as session:
            session.execute(text("INSERT INTO receipts (round_id, receipt) VALUES ('r', 'x')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with reading() as session:
        assert session.scalar(text("SELECT count(*) FROM receipts")) == 0


def test_every_migration_has_a_readable_number() -> None:
    names = sorted(path.name for path in (Path(__file__).parents[2] / "migrations" / "versions").glob("*.py"))
    assert names[0].startswith("0001_")
    assert [name[:4] for name in names] == [f"{number:04d}" for number in range(1, len(names) + 1)]


def test_nobody_else_on_the_machine_reads_the_database_file(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.sqlite3"
    prepare_engine(create_engine(f"sqlite:///{fresh}"))
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o600


def test_erasing_waits_for_a_reader_and_says_so_when_it_does_not_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_ERASING_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(database, "_ERASING_TRIES", 1)
    if not is_sqlite():
        erase_traces("envelopes")
        return
    with transaction() as session:
        session.execute(text("INSERT INTO receipts (round_id, receipt) VALUES ('r', 'x')"))
    with db.engine.connect() as reader:
        reader.execute(text("SELECT * FROM receipts")).all()
        with pytest.raises(TracesLeft):
            erase_traces("envelopes")
    erase_traces("envelopes")
