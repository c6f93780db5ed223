"""Connections and transactions on both databases.

SQLite: WAL, ``synchronous=FULL``, ``secure_delete=ON``, and every writing transaction takes the write lock at its
beginning: a read that later turns into a write fails at once in WAL mode, whatever the busy timeout.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from kaohe.domain.errors import TracesLeft
from kaohe.storage.change_feed import notify_change
from kaohe.storage.migrating import require_this_revision
from kaohe.storage.postgresql import commit_confirmed, prepare_connections, rewrite_tables, while_standby_is_there
from kaohe.storage.read_views import Transaction as Transaction
from kaohe.storage.read_views import apart_from_read_view, as_current, leave_read_view
from kaohe.storage.read_views import reading as reading
from kaohe.storage.storage_faults import CannotStore, DatabaseBusy, StorageFault, storage_fault_of
from kaohe.storage.tables import db
from kaohe.storage.witness import keep_acts

LOCK_PATIENCE_SECONDS = 4.0
"""How long a writer waits for another process that holds the database."""
_LOCK_PAUSE_SECONDS = 0.02
_BUSY_TIMEOUT = "busy_timeout=5000"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "temp_store=MEMORY",
    "foreign_keys=ON",
    _BUSY_TIMEOUT,
)
_LOG_HEAD_LENGTH = 32

_ERASING_TRIES = 20
_ERASING_PAUSE_SECONDS = 0.25

# Within one process SQLite's writers take turns here rather than in SQLite's busy handler, which would stop every
# greenlet of the process while it waits.
_writing = threading.Lock()
_commits = count(1)
_commit_number = 0


@contextmanager
def transaction(patience_seconds: float | None = None, *, is_told: bool = True) -> Iterator[Transaction]:
    """One writing transaction: committed durably at the end, undone whole on any error.

    It never waits for anything but the database while it is open. Where several servers share the database, the others
    are told afterwards that something has changed, unless ``is_told`` is off.

    Raises:
        RuntimeError: another transaction is open, or the request only reads. What was read would be old as soon as this
            one is committed: leave ``reading()`` first, and read again afterwards.
        DatabaseBusy: another process has held SQLite for longer than ``patience_seconds``
            (``LOCK_PATIENCE_SECONDS`` where none are given).
        CannotStore: the disk or the database cannot store at the moment; nothing was changed.
        Unconfirmed: the database has stored it on one machine only.
        DatabaseOfOtherVersion: another version of the program has taken the database over meanwhile.
    """
    leave_read_view()
    patience = LOCK_PATIENCE_SECONDS if patience_seconds is None else patience_seconds
    with (
        _turn(patience),
        while_standby_is_there(),
        Transaction(db.engine, expire_on_commit=False) as session,
        as_current(session),
    ):
        try:
            if is_sqlite():
                session.connection(execution_options={"kaohe_writes": patience})
            require_this_revision(session.connection())
            yield session
            commit_confirmed(session, patience_seconds)
            keep_acts(session)
        except BaseException as error:
            session.rollback()
            if isinstance(error, DBAPIError) and (fault := storage_fault_of(error)) is not None:
                _start_afresh(fault)
                raise CannotStore(fault) from error
            raise
        finally:
            global _commit_number  # noqa: PLW0603 - one number for the process, which all its applications share
            _commit_number = next(_commits)
    if is_told:
        notify_change()


def undo(session: Session) -> None:
    """Take back what a transaction has done so far; it goes on from where it began."""
    session.rollback()


def commit_number() -> int:
    """Changes with every transaction that this process ends: what was read under another number may be old."""
    return _commit_number


def _start_afresh(fault: StorageFault) -> None:
    if fault is not StorageFault.LOCKED:
        # A connection may hold a stale view of a file that has failed it, so none is used again.
        db.engine.dispose()


def is_sqlite() -> bool:
    """Whether the embedded database serves this process."""
    return db.engine.dialect.name == "sqlite"


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
        with _turn(LOCK_PATIENCE_SECONDS):
            # VACUUM cuts off the end of the file as it is on the disk, so deleted rows are overwritten there before.
            if not _fold_log(connection, "RESTART"):
                return False
            length = _page_count(connection)
            connection.exec_driver_sql("VACUUM")
            _fill_up(connection, length)
            return _overwrite_log(connection) and _fold_log(connection, "TRUNCATE")


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


def prepare_engine(engine: Engine) -> None:
    """Set what every connection of ``engine`` must have. Call once, before the first connection."""
    if engine.dialect.name != "sqlite":
        prepare_connections(engine)
        return
    if engine.url.database:
        # SQLite gives its log the same permissions: nobody else on this machine reads along. Where the file cannot be
        # made, connecting says why.
        with suppress(OSError):
            Path(engine.url.database).touch(mode=0o600)

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: SQLiteConnection, _record: object) -> None:
        # The driver's own transaction handling would begin a plain transaction behind our back.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options: dict[str, Any] = dict(connection.get_execution_options())
        if options.get("isolation_level") != "AUTOCOMMIT":
            driver: SQLiteConnection = connection.connection.driver_connection  # type: ignore[assignment] # SQLite's own
            patience: float | None = options.get("kaohe_writes")
            if patience is not None:
                _begin_writing(driver, patience)
            else:
                driver.execute("BEGIN")


def database_answers() -> bool:
    """Whether the database answers at all."""
    try:
        with reading() as session:
            session.execute(text("SELECT 1"))
    except OperationalError:
        return False
    return True


def try_to_store(patience_seconds: float) -> StorageFault | None:
    """Write durably something that is there already; returns the fault that prevents it.

    Nothing of a meeting is read or changed, so that it may be tried while a page is being read. On SQLite the page that
    describes the file is written again.
    """
    try:
        with apart_from_read_view(), transaction(patience_seconds) as session:
            if is_sqlite():
                version = int(session.execute(text("PRAGMA user_version")).scalar_one())
                session.execute(text(f"PRAGMA user_version={version}"))
            else:
                session.execute(text(f"SET LOCAL lock_timeout='{int(patience_seconds * 1000)}ms'"))
                if session.execute(text("SHOW transaction_read_only")).scalar_one() == "on":
                    return StorageFault.READ_ONLY
                session.execute(text("SELECT pg_logical_emit_message(true, 'kaohe', '')"))
    except CannotStore as refusal:
        return refusal.fault or StorageFault.DISK_FAULT
    except OperationalError as error:
        return storage_fault_of(error) or StorageFault.UNREACHABLE
    return None


def _begin_writing(connection: SQLiteConnection, patience_seconds: float) -> None:
    # SQLite's busy handler sleeps inside the library and would stop an event loop; Python's sleep lets others go on.
    until = time.monotonic() + patience_seconds
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise OperationalError("BEGIN IMMEDIATE", None, error) from error
                if time.monotonic() >= until:
                    raise DatabaseBusy from error
                time.sleep(_LOCK_PAUSE_SECONDS)
            else:
                return
    finally:
        connection.execute(f"PRAGMA {_BUSY_TIMEOUT}")


@contextmanager
def _turn(patience_seconds: float) -> Iterator[None]:
    if not is_sqlite():
        yield
        return
    # The second attempt is for an event loop that was itself held up: the lock may be free although the time is over.
    if not _writing.acquire(timeout=patience_seconds) and not _writing.acquire(blocking=False):
        raise DatabaseBusy
    try:
        yield
    finally:
        _writing.release()
