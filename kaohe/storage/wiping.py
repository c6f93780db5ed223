"""Wipes deleted rows from the files of the database: SQLite's file and log, or PostgreSQL's tables."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from kaohe.domain.errors import TracesLeft
from kaohe.storage.database import LOCK_PATIENCE_SECONDS, is_sqlite, turn_to_write
from kaohe.storage.postgresql import rewrite_tables
from kaohe.storage.read_views import leave_read_view
from kaohe.storage.storage_faults import DatabaseBusy
from kaohe.storage.tables import db

_LOG_HEAD_LENGTH = 32
_ERASING_TRIES = 20
_ERASING_PAUSE_SECONDS = 0.25
_FOLDING_SECONDS = 4.0
_FOLDING_PAUSE_SECONDS = 0.05


def erase_traces(*tables: str) -> None:
    """Erase deleted rows from the disk: rewrite the file or tables that held them, overwrite and truncate the log.

    On PostgreSQL the tables named are rewritten; what older log segments hold stays sealed (see the ADR on the
    ballot box). Idempotent; outside any transaction.

    Raises:
        TracesLeft: another process kept reading or writing for several seconds. What was decided stays decided;
            call again to erase.
    """
    leave_read_view()
    for _ in range(_ERASING_TRIES):
        try:
            if _erase(tables):
                return
        except (OperationalError, DatabaseBusy):
            # Another process is busy with the database; the tables are unchanged.
            pass
        time.sleep(_ERASING_PAUSE_SECONDS)
    raise TracesLeft


def _erase(tables: Sequence[str]) -> bool:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not is_sqlite():
            rewrite_tables(connection, tables)
            return True
        with turn_to_write(LOCK_PATIENCE_SECONDS):
            # VACUUM cuts off the end of the file as it is on the disk, so deleted rows are overwritten there before.
            if not _soon(lambda: _fold_log(connection, "RESTART")):
                return False
            length = _page_count(connection)
            connection.exec_driver_sql("VACUUM")
            _fill_up(connection, length)
            return _soon(lambda: _overwrite_log(connection)) and _soon(lambda: _fold_log(connection, "TRUNCATE"))


def _soon(succeeds: Callable[[], bool]) -> bool:
    """Whether something succeeds within some seconds.

    Where another process takes ballots meanwhile, it folds the log that VACUUM has made long as soon as it commits, and
    whoever else wants to is turned away at once. To begin with VACUUM again would only bring about the same.
    """
    until = time.monotonic() + _FOLDING_SECONDS
    while not succeeds():
        if time.monotonic() >= until:
            return False
        time.sleep(_FOLDING_PAUSE_SECONDS)
    return True


def _fold_log(connection: Connection, how: str) -> bool:
    """Copy all of SQLite's log into the database file, durably; False where somebody still reads or writes there."""
    busy, _in_log, _moved = connection.exec_driver_sql(f"PRAGMA wal_checkpoint({how})").one()
    return not busy


def _page_count(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())


def _fill_up(connection: Connection, length: int) -> None:
    """Let the file keep its ``length`` in pages, overwriting with zeros what VACUUM would cut off as it is.

    Whatever lay there has been moved to the front, and would stay readable in the blocks that are given back.
    """
    connection.exec_driver_sql("DROP TABLE IF EXISTS filling")
    missing = length - _page_count(connection)
    if missing > 0:
        size = int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
        connection.exec_driver_sql("CREATE TABLE filling (zeros BLOB)")
        connection.exec_driver_sql("INSERT INTO filling VALUES (zeroblob(?))", (missing * size,))
        connection.exec_driver_sql("DROP TABLE filling")


def _overwrite_log(connection: Connection) -> bool:
    """Overwrite SQLite's log, whose blocks hold every commit, before they are given back; False where it is in use.

    Once all of it is folded in, nobody reads from the log any more, and the next writer begins it anew. That writer is
    this connection, which holds the lock on writing from before the first byte is overwritten until the log has a valid
    head again. The head goes first: a log without one is empty to whoever starts after a power cut.
    """
    log = Path(f"{db.engine.url.database}-wal")
    before = _log_head(log)
    if not _fold_log(connection, "RESTART"):
        return False
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        if _log_head(log) != before:
            # Another process has begun it anew since.
            connection.exec_driver_sql("ROLLBACK")
            return False
        with log.open("r+b", buffering=0) as file:
            for length in (min(_LOG_HEAD_LENGTH, log.stat().st_size), log.stat().st_size):
                file.seek(0)
                file.write(bytes(length))
                os.fsync(file.fileno())
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        connection.exec_driver_sql(f"PRAGMA user_version={version}")
        connection.exec_driver_sql("COMMIT")
    except (OSError, DBAPIError):
        with suppress(DBAPIError):
            connection.exec_driver_sql("ROLLBACK")
        return False
    return True


def _log_head(log: Path) -> bytes:
    with log.open("rb") as file:
        return file.read(_LOG_HEAD_LENGTH)
