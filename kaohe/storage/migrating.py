"""Bring the database to the schema of this version."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, inspect, text

from kaohe.config import program_folder
from kaohe.domain.errors import KaoheError
from kaohe.storage.database import reading
from kaohe.storage.tables import db

_FOLDER: Final = program_folder() / "migrations"
_REVISIONS: Final = tuple(sorted(path.stem for path in (_FOLDER / "versions").glob("*.py")))
"""All revisions, the oldest first: each is named like its file."""
_TURN = 0x6B616F6865
"""The lock that says who migrates: "kaohe" in ASCII, so that nobody else's number is met by chance."""


class DatabaseOfOtherVersion(KaoheError):
    """Another version of the program has made the database; nothing in it was changed."""

    http_code = 500
    text = "数据库是由另一个版本的程序建立的，没有改动它。请使用建立它的版本，或用 KAOHE_DATA 换一个数据目录。"


def migrate_database() -> None:
    """Run every migration that is still to come. Idempotent; needs an application context.

    Where several servers begin at the same moment, one migrates and the others wait for it.

    Raises:
        DatabaseOfOtherVersion: its revision is none of this version's.
    """
    with _alone():
        with db.engine.connect() as connection:
            revision = _revision_of(connection)
        if revision == _REVISIONS[-1]:
            return
        if revision is not None and revision not in _REVISIONS:
            raise DatabaseOfOtherVersion
        # Most commands find nothing to migrate, and Alembic takes a sixth of a second to load.
        from alembic.command import upgrade  # noqa: PLC0415
        from alembic.config import Config  # noqa: PLC0415

        logging.getLogger("alembic").setLevel(logging.WARNING)
        upgrade(Config(_FOLDER / "alembic.ini"), "head")


def is_up_to_date() -> bool:
    """Whether no migration is still to come; needs an application context and a database that answers."""
    with reading() as session:
        return is_of_this_version(session.connection())


def is_of_this_version(connection: Connection) -> bool:
    """Whether a database has the schema of this version."""
    return _revision_of(connection) == _REVISIONS[-1]


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


@contextmanager
def _alone() -> Iterator[None]:
    if db.engine.dialect.name != "postgresql":
        # One laptop; two processes that meet there are told apart by SQLite's own lock.
        yield
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_TURN})")
        try:
            yield
        finally:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_TURN})")
