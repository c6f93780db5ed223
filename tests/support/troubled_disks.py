"""A database that really cannot store for a while: SQLite itself refuses, for the reason that is asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event

from kaohe.storage.tables import db


@contextmanager
def read_only_disk() -> Iterator[None]:
    """Nothing may be written."""

    def spoil(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only=1")

    db.engine.dispose()
    event.listen(db.engine, "connect", spoil)
    try:
        yield
    finally:
        event.remove(db.engine, "connect", spoil)
        db.engine.dispose()


@contextmanager
def locked_by_another(data: Path) -> Iterator[None]:
    """Another program is writing and does not finish."""
    other = sqlite3.connect(data / "kaohe.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()
