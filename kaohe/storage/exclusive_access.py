"""What is done to the whole database at once is done with every server stopped."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from kaohe.domain.errors import DatabaseInUse
from kaohe.storage.backups import database_path, nobody_else
from kaohe.storage.starting import close_database
from kaohe.storage.tables import db

_PATIENCE_SECONDS = 3.0
"""A connection that has just been closed is there for a moment longer."""
_PAUSE_SECONDS = 0.1
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
)


def require_alone() -> None:
    """Let pass only where no other process has the database open; this one's own connections are closed.

    Raises:
        DatabaseInUse: another one has it open.
    """
    close_database()
    path = database_path()
    if path is not None:
        with nobody_else(path):
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
def open_for_others_to_see(database_url: str) -> Iterator[None]:
    """Have the database open until the block ends, as a server does that has nothing to ask at the moment.

    Else nobody could tell an idle server from a stopped one. The connection is never used again, so that nothing waits
    for it; one that the database has dropped is not missed.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database or "")) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield
        return
    held = create_engine(url, poolclass=NullPool).connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        held.execute(text("SELECT 1"))
        yield
    finally:
        with suppress(DBAPIError):
            held.close()
