"""What is done to the whole database at once is done with every server stopped."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError


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
