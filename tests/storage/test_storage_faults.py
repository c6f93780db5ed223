"""Why nothing can be stored, told from what the drivers really say."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from databases import PostgreSQLServer
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from kaohe.storage.database import transaction
from kaohe.storage.storage_faults import STORAGE_FAULT_TEXTS, CannotStore, DatabaseBusy, StorageFault, storage_fault_of


def said_by_sqlite(path: Path, *statements: str) -> DBAPIError:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": 0})
    return said_by(engine, statements)


def said_by_postgresql(url: str, *statements: str) -> DBAPIError:
    return said_by(create_engine(url, poolclass=NullPool), statements)


def said_by(engine: Engine, statements: Sequence[str]) -> DBAPIError:
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return error
    raise AssertionError("nothing was refused")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_sqlite_says_of_its_file_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite3"
    make = "CREATE TABLE many (content BLOB)"
    fill = "INSERT INTO many VALUES (zeroblob(100000))"
    assert storage_fault_of(said_by_sqlite(path, "PRAGMA max_page_count=3", make, fill)) is StorageFault.FULL
    assert (
        storage_fault_of(said_by_sqlite(path, "PRAGMA query_only=1", "CREATE TABLE other (x)"))
        is StorageFault.READ_ONLY
    )
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert storage_fault_of(said_by_sqlite(path, "BEGIN IMMEDIATE")) is StorageFault.LOCKED
    holder.close()
    assert storage_fault_of(said_by_sqlite(tmp_path / "nowhere" / "x", "SELECT 1")) is StorageFault.DISK_FAULT
    assert storage_fault_of(said_by_sqlite(path, "SELECT nonsense")) is None


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_what_postgresql_says_is_understood(postgresql: PostgreSQLServer) -> None:
    url = postgresql.url("postgres")
    assert storage_fault_of(said_by_postgresql(url, "SET TRANSACTION READ ONLY", "CREATE TABLE x (y int)")) is (
        StorageFault.READ_ONLY
    )
    assert (
        storage_fault_of(said_by_postgresql(url, "SET statement_timeout=10", "SELECT pg_sleep(5)"))
        is StorageFault.LOCKED
    )
    assert storage_fault_of(said_by_postgresql(postgresql.url("nowhere"), "SELECT 1")) is StorageFault.UNREACHABLE
    assert storage_fault_of(said_by_postgresql(url, "SELECT pg_terminate_backend(pg_backend_pid())")) is (
        StorageFault.UNREACHABLE
    )
    assert storage_fault_of(said_by_postgresql(url, "SELECT nonsense")) is None


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_trouble_has_its_own_sentence_and_every_refusal_is_a_503() -> None:
    assert len(set(STORAGE_FAULT_TEXTS.values())) == len(StorageFault)
    for fault in StorageFault:
        refusal = CannotStore(fault)
        assert (refusal.http_code, storage_fault_of(refusal)) == (503, fault)
        assert refusal.message.startswith(STORAGE_FAULT_TEXTS[fault])
    assert DatabaseBusy().code == "database_busy"
    assert storage_fault_of(OSError(errno.ENOSPC, "no room")) is StorageFault.FULL
    assert storage_fault_of(ValueError()) is None


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_connection_that_breaks_within_a_group_of_ballots_leaves_nothing_in_the_log(
    postgresql: PostgreSQLServer, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [{"receipt": f"what was sent {number}"} for number in range(3)]

    def store() -> None:
        with transaction() as session:
            (pid,) = session.execute(text("SELECT pg_backend_pid()")).one()
            postgresql.ask(f"SELECT pg_terminate_backend({pid}, 10000)")
            session.execute(text("INSERT INTO receipts VALUES ('r', :receipt)"), rows)

    with pytest.raises(CannotStore):
        store()
    assert caplog.records == []
