"""Exclusive access to the database, for work that needs every server stopped, and the presence that servers show."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kaohe.domain.errors import DatabaseInUse
from kaohe.storage.backups import database_path, exclusive_file_access
from kaohe.storage.database import is_sqlite
from kaohe.storage.postgresql import connection_apart
from kaohe.storage.starting import close_database
from kaohe.storage.tables import db

if TYPE_CHECKING:
    import psycopg

_PATIENCE_SECONDS = 3.0
"""A connection that has just been closed is listed for a moment longer."""
_PAUSE_SECONDS = 0.1
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
)

_LOOK_SECONDS = 2.0
"""How often a server checks that the database still shows its presence."""
_SERVER = "kaohe server, keys "
"""How a server's presence is called in the database; the mark of its folder of keys follows."""
_SERVERS = text(
    "SELECT application_name FROM pg_stat_activity"
    " WHERE datname = current_database() AND starts_with(application_name, :called)"
)


def require_exclusive_access() -> None:
    """Return only if no other process has the database open; closes this process's own connections.

    Raises:
        DatabaseInUse: another process has it open.
    """
    close_database()
    path = database_path()
    if path is not None:
        with exclusive_file_access(path):
            return
    until = time.monotonic() + _PATIENCE_SECONDS
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.execute(_OTHERS).scalar_one():
            if time.monotonic() >= until:
                raise DatabaseInUse(
                    "数据库正在使用中。请先停止所有服务器（Ctrl+C），并断开其他连着这个数据库的程序，再试一次。"
                )
            time.sleep(_PAUSE_SECONDS)


@contextmanager
def hold_presence(database_url: str, key_folder: str) -> Iterator[None]:
    """Keep the database open until the block ends, so that ``require_exclusive_access`` sees an idle server too.

    ``key_folder`` is the mark of this server's folder of keys, for ``key_folders_present``. On PostgreSQL a connection
    that is lost is made anew, also with another primary: within ``_LOOK_SECONDS`` after that one takes writes.

    Raises:
        DatabaseInUse: another server has this SQLite database; two would show the hall different batches.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        lock = Path(url.database or "").with_name("server.lock")
        with closing(sqlite3.connect(url.database or "")) as connection, closing(_only_server(lock)):
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield
        return
    ending = threading.Event()
    _be_present(url, f"{_SERVER}{key_folder}", ending)
    try:
        yield
    finally:
        ending.set()


def _be_present(url: URL, name: str, ending: threading.Event) -> None:
    """Keep a connection of this name until ``ending``, from the return of this call on."""
    import psycopg  # noqa: PLC0415 - an installation on SQLite does without it

    engine = create_engine(url, poolclass=NullPool)
    try:
        first = connection_apart(engine, name)
    except psycopg.Error as error:
        raise OperationalError(name, None, error) from error

    def keep(connection: psycopg.Connection[Any]) -> None:
        while not ending.wait(_LOOK_SECONDS):
            try:
                if connection.closed:
                    connection = connection_apart(engine, name)
                connection.execute("SELECT 1")
            except psycopg.Error:
                # The database is away, or the connection was lost: the next turn of the loop connects again.
                connection.close()
        connection.close()

    threading.Thread(target=keep, args=(first,), name="kaohe presence", daemon=True).start()


def _only_server(lock: Path) -> sqlite3.Connection:
    """A lock that ends with its process, on every system: SQLite's own, on an empty file beside the database."""
    held = sqlite3.connect(lock, timeout=0, isolation_level=None)
    try:
        held.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        held.close()
        raise DatabaseInUse(
            "这个数据文件夹已有一个 kaohe 服务器在运行，不能再启动第二个。请使用正在运行的那个；要换端口，请先停止它。"
        ) from error
    return held


def key_folders_present(session: Session) -> set[str]:
    """The marks of the folders in which connected servers keep keys; '' for one that cannot read its own.

    On SQLite there is one server, and nothing to compare.
    """
    if is_sqlite():
        return set()
    names: Sequence[str] = session.scalars(_SERVERS, {"called": _SERVER}).all()
    return {name.removeprefix(_SERVER) for name in names}
