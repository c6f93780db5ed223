"""Connections and transactions on both databases.

SQLite: WAL, ``synchronous=FULL``, ``secure_delete=ON``, and every writing transaction takes the write lock at its
beginning: a read that later turns into a write fails at once in WAL mode, whatever the busy timeout.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from kaohe.storage.change_feed import notify_change
from kaohe.storage.migrating import require_this_revision
from kaohe.storage.postgresql import commit_confirmed, prepare_connections, while_standby_is_there
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
        turn_to_write(patience),
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


def prepare_engine(engine: Engine) -> None:
    """Set what every connection of ``engine`` must have. Call once, before the first connection."""
    if engine.dialect.name != "sqlite":
        prepare_connections(engine)
        return

    @event.listens_for(engine, "do_connect")
    def make_unreadable_by_others(*_: object) -> None:
        # SQLite gives its log the same permissions: nobody else on this machine reads along. Where the file cannot be
        # made, connecting says why. Nothing is made before the first connection.
        if engine.url.database:
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
def turn_to_write(patience_seconds: float) -> Iterator[None]:
    """The turn of one of this process's writers of SQLite; others wait for it, but no longer than they are patient.

    Raises:
        DatabaseBusy: another writer has kept the turn for so long.
    """
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
